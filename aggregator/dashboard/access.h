/*
 * access.h - who may see the dashboard: whoever knows the token, as a bearer
 * or signed in by a cookie, and whom a trusted proxy has signed in. The token
 * is compared in constant time and stands in no address, cookie or log.
 */
#ifndef AGGREGATOR_DASHBOARD_ACCESS_H
#define AGGREGATOR_DASHBOARD_ACCESS_H

#include "aggregator/settings.h"
#include "common/arena.h"
#include "common/error.h"
#include "common/server.h"

struct access;

/* What SET says, whose texts have to live on. */
struct access *access_new(const struct aggregator_settings *set,
    struct arena *arena, struct error *err) MUST_CHECK;

/* Whether the request of X may be answered, now. */
bool access_granted(const struct access *a, struct exchange *x);
/* Whether there is a token, and so a form to sign in with. */
bool access_has_token(const struct access *a);
/*
 * The form's POST: true and the cookie set when its token is right. False
 * and the status to answer with otherwise: 401, 429 after too many wrong ones
 * a minute, 400.
 */
bool access_sign_in(struct access *a, struct exchange *x, int *status);
/* Makes the browser forget. */
void access_sign_out(const struct access *a, struct exchange *x);

#endif

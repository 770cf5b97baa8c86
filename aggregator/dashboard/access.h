/*
 * access.h - who may see the dashboard: whoever knows the token, as a bearer
 * or signed in by a cookie, and whom a trusted proxy has signed in. The token
 * is compared in constant time and stands in no address, cookie or log. Who
 * has guessed wrong ten times, counted by address, waits: from there not even
 * the right one is looked at, but who is signed in stays so.
 */
#ifndef AGGREGATOR_DASHBOARD_ACCESS_H
#define AGGREGATOR_DASHBOARD_ACCESS_H

#include "aggregator/settings.h"
#include "common/arena.h"
#include "common/error.h"
#include "common/server.h"

struct access;

/* What SET says, whose texts have to live on, as ARENA has to. */
struct access *access_new(const struct aggregator_settings *set,
    struct arena *arena, struct error *err) MUST_CHECK;
void access_free(struct access *a); /* NULL is allowed */

/* 200 when the request of X may be answered, now; else 401, or 429 with
 * Retry-After set. */
int access_status(struct access *a, struct exchange *x);
/* Whether there is a token, and so a form to sign in with. */
bool access_has_token(const struct access *a);
/* The form's POST, likewise: 200 and the cookie set when its token is right. */
int access_sign_in(struct access *a, struct exchange *x);
/* Makes the browser forget. */
void access_sign_out(const struct access *a, struct exchange *x);

#endif

#include "aggregator/dashboard/access.h"

#include <string.h>

#include "common/digest.h"
#include "common/forwarded.h"
#include "common/metrics.h"

#define COOKIE "ac_dashboard"
#define DAYS 7
#define MINUTE_MS 60000
#define WRONG_MOST 10 /* a minute, from everywhere together */

struct access {
	const struct aggregator_settings *set;
	struct forwarded proxies;
	uint8_t
	    key[SHA256_BYTES]; /* signs cookies: another token, another key */
	int64_t minute;
	int wrong; /* in it */
};

struct access *
access_new(const struct aggregator_settings *set, struct arena *arena,
    struct error *err)
{
	struct access *a = arena_alloc(arena, sizeof(*a));

	memset(a, 0, sizeof(*a));
	a->set = set;
	if (!forwarded_parse(
		&a->proxies, &set->dashboard.trusted_proxies, arena, err))
		return NULL;
	digest_hmac_sha256(str_of(set->dashboard.token),
	    STR("afterclick dashboard cookie 1"), a->key);
	return a;
}

bool
access_has_token(const struct access *a)
{
	return a->set->dashboard.token[0] != '\0';
}

/* Through hashes, so that the time tells nothing of the length either. */
static bool
right(const struct access *a, struct str token)
{
	uint8_t got[SHA256_BYTES], want[SHA256_BYTES];

	digest_hmac_sha256(
	    str_make((const char *)a->key, sizeof(a->key)), token, got);
	digest_hmac_sha256(str_make((const char *)a->key, sizeof(a->key)),
	    str_of(a->set->dashboard.token), want);
	return digest_equal(got, want, sizeof(got)) && access_has_token(a);
}

static void
sign(const struct access *a, struct str until, char out[2 * SHA256_BYTES + 1])
{
	uint8_t mac[SHA256_BYTES];

	digest_hmac_sha256(
	    str_make((const char *)a->key, sizeof(a->key)), until, mac);
	digest_hex(mac, sizeof(mac), out);
}

/* UNTIL.SIGNATURE, both of our own making. */
static bool
cookie_good(const struct access *a, struct str cookie, int64_t now_ms)
{
	char want[2 * SHA256_BYTES + 1];
	struct str until;
	int64_t end;

	if (!str_cut(&cookie, '.', &until) ||
	    cookie.len != 2 * (size_t)SHA256_BYTES)
		return false;
	sign(a, until, want);
	return digest_equal(cookie.data, want, cookie.len) &&
	       str_int(until, 0, INT64_MAX, &end) && now_ms < end;
}

static bool
by_proxy(const struct access *a, struct exchange *x)
{
	const struct http_request *req = exchange_request(x);
	const char *header = a->set->dashboard.user_header;

	return header[0] != '\0' &&
	       forwarded_trusts(&a->proxies, exchange_peer(x)) &&
	       http_header_times(req, header) == 1 &&
	       http_header(req, header).len > 0;
}

bool
access_granted(const struct access *a, struct exchange *x)
{
	const struct http_request *req = exchange_request(x);
	struct str bearer = http_header(req, "Authorization");

	if (by_proxy(a, x))
		return true;
	if (!access_has_token(a))
		return false;
	if (bearer.len > 7 && memcmp(bearer.data, "Bearer ", 7) == 0)
		return right(a, str_from(bearer, 7));
	return cookie_good(a, http_cookie(req, COOKIE), exchange_now_ms(x));
}

/* Whether one more wrong token is too many. */
static bool
too_many(struct access *a, int64_t now_ms)
{
	if (now_ms / MINUTE_MS != a->minute) {
		a->minute = now_ms / MINUTE_MS;
		a->wrong = 0;
	}
	return a->wrong >= WRONG_MOST;
}

static void
set_cookie(const struct access *a, struct exchange *x, struct str value,
    int64_t seconds)
{
	bool secure =
	    forwarded_https(&a->proxies, exchange_peer(x), exchange_request(x));

	exchange_header(x, "Set-Cookie",
	    arena_printf(exchange_arena(x),
		COOKIE "=%.*s; Path=/; Max-Age=%lld; HttpOnly; "
		       "SameSite=Strict%s",
		STR_ARG(value), (long long)seconds, secure ? "; Secure" : ""));
}

bool
access_sign_in(struct access *a, struct exchange *x, int *status)
{
	struct str rest = exchange_request(x)->body, name, value, token = { 0 };
	int64_t now_ms = exchange_now_ms(x);
	char mac[2 * SHA256_BYTES + 1];
	struct str until;

	*status = 429;
	if (too_many(a, now_ms))
		return false;
	while (http_next_param(&rest, exchange_arena(x), &name, &value)) {
		if (str_is(name, "token"))
			token = value;
	}
	*status = 401;
	if (!right(a, token)) {
		a->wrong++;
		metrics_add(METRIC_DASHBOARD_REFUSED, 1);
		return false;
	}
	until = arena_printf(exchange_arena(x), "%lld",
	    (long long)(now_ms + (int64_t)DAYS * 86400000));
	sign(a, until, mac);
	set_cookie(a, x,
	    arena_printf(exchange_arena(x), "%.*s.%s", STR_ARG(until), mac),
	    (int64_t)DAYS * 86400);
	return true;
}

void
access_sign_out(const struct access *a, struct exchange *x)
{
	set_cookie(a, x, STR_EMPTY, 0);
}

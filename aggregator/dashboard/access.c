#include "aggregator/dashboard/access.h"

#include <string.h>

#include "common/clock.h"
#include "common/digest.h"
#include "common/forwarded.h"
#include "common/limits.h"
#include "common/metrics.h"

#define COOKIE "ac_dashboard"
#define DAYS 7
#define ADDRESSES 4096 /* that have guessed wrong of late: 64 KiB */

struct access {
	const struct aggregator_settings *set;
	struct forwarded proxies;
	uint8_t
	    key[SHA256_BYTES]; /* signs cookies: another token, another key */
	struct limits *wrong;
};

static const struct limit guesses = { .rate = 10, .burst = 10, .seconds = 60 };

struct access *
access_new(const struct aggregator_settings *set, struct arena *arena,
    struct error *err)
{
	struct access *a = arena_alloc(arena, sizeof(*a));
	uint64_t seed;

	memset(a, 0, sizeof(*a));
	a->set = set;
	if (!forwarded_parse(
		&a->proxies, &set->dashboard.trusted_proxies, arena, err))
		return NULL;
	digest_hmac_sha256(str_of(set->dashboard.token),
	    STR("afterclick dashboard cookie 1"), a->key);
	digest_random(&seed, sizeof(seed));
	a->wrong = limits_new(ADDRESSES, seed);
	return a;
}

void
access_free(struct access *a)
{
	if (a != NULL)
		limits_free(a->wrong);
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

/* TOKEN, as X came with it. */
static int
status_of(struct access *a, struct exchange *x, struct str token)
{
	char client[FORWARDED_ADDRESS_MAX], bytes[LIMITS_KEY_BYTES];
	int64_t now_us = clock_mono_ms() * 1000, wait_us;
	struct str key;

	forwarded_client(
	    &a->proxies, exchange_peer(x), exchange_request(x), client);
	key = limits_address(str_of(client), true, bytes);
	wait_us = limits_wait(a->wrong, key, guesses, now_us);
	if (wait_us > 0) {
		metrics_inc(METRIC_DASHBOARD_LIMITED);
		exchange_header(x, "Retry-After",
		    arena_printf(exchange_arena(x), "%lld",
			(long long)(wait_us + 999999) / 1000000));
		return 429;
	}
	if (right(a, token))
		return 200;
	(void)limits_take(a->wrong, key, guesses, now_us);
	metrics_inc(METRIC_DASHBOARD_REFUSED);
	return 401;
}

int
access_status(struct access *a, struct exchange *x)
{
	const struct http_request *req = exchange_request(x);
	struct str bearer = http_header(req, "Authorization");

	if (by_proxy(a, x))
		return 200;
	if (!access_has_token(a))
		return 401;
	if (bearer.len >= 7 && memcmp(bearer.data, "Bearer ", 7) == 0)
		return status_of(a, x, str_from(bearer, 7));
	return cookie_good(a, http_cookie(req, COOKIE), exchange_now_ms(x))
		   ? 200
		   : 401;
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

int
access_sign_in(struct access *a, struct exchange *x)
{
	struct str rest = exchange_request(x)->body, name, value, token = { 0 };
	int64_t now_ms = exchange_now_ms(x);
	char mac[2 * SHA256_BYTES + 1];
	struct str until;
	int status;

	while (http_next_param(&rest, exchange_arena(x), &name, &value)) {
		if (str_is(name, "token"))
			token = value;
	}
	status = status_of(a, x, token);
	if (status != 200)
		return status;
	until = arena_printf(exchange_arena(x), "%lld",
	    (long long)(now_ms + (int64_t)DAYS * 86400000));
	sign(a, until, mac);
	set_cookie(a, x,
	    arena_printf(exchange_arena(x), "%.*s.%s", STR_ARG(until), mac),
	    (int64_t)DAYS * 86400);
	return 200;
}

void
access_sign_out(const struct access *a, struct exchange *x)
{
	set_cookie(a, x, STR_EMPTY, 0);
}

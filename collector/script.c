/*
 * script.c - one file out of memory.
 */
#include "collector/script.h"

#include <pthread.h>

#include "collector/tracker/tracker_js.h" /* made from tracker.js by make */
#include "common/digest.h"

#define HASH_BYTES 4

static char hash[2 * HASH_BYTES + 1];
static char etag[2 * HASH_BYTES + 3];
static pthread_once_t hashed = PTHREAD_ONCE_INIT;

static struct str
tracker(void)
{
	return str_make(tracker_js, sizeof(tracker_js) - 1);
}

static void
make_hash(void)
{
	uint8_t sum[SHA256_BYTES];

	digest_sha256(tracker(), sum);
	digest_hex(sum, HASH_BYTES, hash);
	etag[0] = '"';
	memcpy(etag + 1, hash, 2 * HASH_BYTES);
	etag[2 * HASH_BYTES + 1] = '"';
}

struct str
script_immutable_path(struct arena *arena, struct str plain)
{
	struct str stem = plain, end = STR_EMPTY;

	pthread_once(&hashed, make_hash);
	if (str_ends(plain, STR(".js"))) {
		stem = str_head(plain, plain.len - 3);
		end = STR(".js");
	}
	return arena_printf(
	    arena, "%.*s-%s%.*s", STR_ARG(stem), hash, STR_ARG(end));
}

static void
serve(struct request *r, struct str cache)
{
	struct str theirs = http_header(r->http, "If-None-Match"), one;
	bool same = str_is(theirs, "*");

	pthread_once(&hashed, make_hash);
	while (!same && str_cut(&theirs, ',', &one)) {
		one = str_trim(one);
		if (str_starts(one, STR("W/")))
			one = str_from(one, 2);
		same = str_is(one, etag);
	}
	exchange_header(r->exchange, "ETag", str_of(etag));
	exchange_header(r->exchange, "Cache-Control", cache);
	/* The same bytes for everybody: any page may check and run them. */
	exchange_header(r->exchange, "Access-Control-Allow-Origin", STR("*"));
	exchange_header(
	    r->exchange, "Cross-Origin-Resource-Policy", STR("cross-origin"));
	if (same) {
		request_answer(r, 304, STR_EMPTY);
		return;
	}
	exchange_header(
	    r->exchange, "Content-Type", STR("text/javascript; charset=utf-8"));
	exchange_header(r->exchange, "X-Content-Type-Options", STR("nosniff"));
	request_answer(r, 200, tracker());
}

void
script_handle(struct request *r)
{
	serve(r, STR("public, max-age=3600"));
}

void
script_handle_immutable(struct request *r)
{
	serve(r, STR("public, max-age=31536000, immutable"));
}

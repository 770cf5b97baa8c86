/*
 * dashboard.c - routes, headers and the hand-over to the threads that ask.
 *
 * The loop's thread knows who is asking and for what; it never waits.
 */
#include "aggregator/dashboard/dashboard.h"

#include <pthread.h>
#include <stdlib.h>

#include "aggregator/dashboard/access.h"
#include "aggregator/dashboard/page.h" /* made from page/dist/ by make */
#include "aggregator/dashboard/queries.h"
#include "common/calendar.h"
#include "common/clock.h"
#include "common/digest.h"
#include "common/json.h"
#include "common/metrics.h"
#include "common/server.h"

#define WAIT_TEXT "too many wrong tokens from this address; wait"

struct dashboard {
	struct access *access;
	struct arena *arena;
	struct server *server;
	struct queries *queries;
	pthread_t thread;
};

static void
secure(struct exchange *x)
{
	static const char *const headers[][2] = {
		{ "Content-Security-Policy",
		    "default-src 'none'; script-src 'self'; style-src 'self'; "
		    "connect-src 'self'; form-action 'self'; base-uri 'none'; "
		    "frame-ancestors 'none'" },
		{ "X-Content-Type-Options", "nosniff" },
		{ "X-Frame-Options", "DENY" },
		{ "Referrer-Policy", "no-referrer" },
		{ "Cross-Origin-Opener-Policy", "same-origin" },
		{ "Cross-Origin-Resource-Policy", "same-origin" },
		{ "Permissions-Policy",
		    "camera=(), geolocation=(), microphone=()" },
	};

	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		exchange_header(x, headers[i][0], str_of(headers[i][1]));
}

static void
give(struct exchange *x, int status, const char *type, struct str body)
{
	secure(x);
	exchange_header(x, "Content-Type", str_of(type));
	exchange_header(x, "Cache-Control", STR("no-store"));
	exchange_answer(x, status, body);
}

static void
give_error(struct exchange *x, int status, const char *text)
{
	struct buf out = { 0 };
	struct json_writer w = json_write(&out);

	json_begin_object(&w);
	json_key(&w, STR("error"));
	json_string(&w, str_of(text));
	json_end_object(&w);
	give(x, status, "application/json", buf_str(&out));
	buf_free(&out);
}

static void
go_to(struct exchange *x, const char *where)
{
	exchange_header(x, "Location", str_of(where));
	give(x, 303, "text/plain", STR_EMPTY);
}

/* --- files ---------------------------------------------------------------- */

static const struct {
	const char *path, *type, *text;
	bool open; /* to whoever has not signed in */
} files[] = {
	{ "/", "text/html; charset=utf-8", page_index, false },
	{ "/login", "text/html; charset=utf-8", page_login, true },
	{ "/app.js", "text/javascript; charset=utf-8", page_app, false },
	{ "/style.css", "text/css; charset=utf-8", page_style, true },
};

/* May be kept, but is asked for again: an upgrade changes it. */
static void
give_file(struct exchange *x, const char *type, const char *text)
{
	char tag[2 + 16 + 1];
	uint64_t hash = digest_hash64(str_of(text), 0);

	tag[0] = '"';
	digest_hex(&hash, sizeof(hash), tag + 1);
	tag[17] = '"';
	secure(x);
	exchange_header(x, "Content-Type", str_of(type));
	exchange_header(x, "Cache-Control", STR("private, no-cache"));
	exchange_header(x, "ETag", str_make(tag, 18));
	if (str_eq(http_header(exchange_request(x), "If-None-Match"),
		str_make(tag, 18)))
		exchange_answer(x, 304, STR_EMPTY);
	else
		exchange_answer(x, 200, str_of(text));
}

static bool
serve_file(struct dashboard *d, struct exchange *x, struct str path)
{
	int status;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (!str_is(path, files[i].path))
			continue;
		status = files[i].open ? 200 : access_status(d->access, x);
		if (status == 200)
			give_file(x, files[i].type, files[i].text);
		else if (status == 429)
			give(x, 429, "text/plain", STR(WAIT_TEXT "\n"));
		else if (access_has_token(d->access))
			go_to(x, "/login");
		else
			give(x, 403, "text/plain",
			    STR("the proxy in front has signed nobody in\n"));
		return true;
	}
	return false;
}

/* --- the API -------------------------------------------------------------- */

static const struct {
	const char *path;
	enum question question;
	bool bare; /* takes no parameters */
} api[] = {
	{ "/api/about", ASK_ABOUT, true },
	{ "/api/overview", ASK_OVERVIEW, false },
	{ "/api/campaigns", ASK_CAMPAIGNS, false },
	{ "/api/campaigns.csv", ASK_CAMPAIGNS_CSV, false },
	{ "/api/models", ASK_MODELS, false },
	{ "/api/paths", ASK_PATHS, false },
	{ "/api/quality", ASK_QUALITY, false },
	{ "/api/experiments", ASK_EXPERIMENTS, false },
	{ "/api/quality-days", ASK_QUALITY_DAYS, false },
	{ "/api/tag-health", ASK_TAG_HEALTH, false },
};

static void
ask(struct dashboard *d, struct exchange *x, enum question question, bool bare)
{
	const struct http_request *req = exchange_request(x);
	struct params p = { .from = 0 };
	uint64_t ticket;
	struct error err;

	if (bare && req->query.len > 0) {
		give_error(x, 400, "this takes no parameters");
		return;
	}
	if (!bare &&
	    !params_read(&p, req->query, (int32_t)(exchange_now_ms(x) / DAY_MS),
		exchange_arena(x), &err)) {
		give_error(x, 400, err.text);
		return;
	}
	if (queries_full(d->queries)) {
		exchange_header(x, "Retry-After", STR("1"));
		give_error(x, 503, "too much is asked at once");
		return;
	}
	ticket = exchange_later(x);
	queries_ask(d->queries, question, &p, ticket);
}

static bool
serve_api(struct dashboard *d, struct exchange *x, struct str path)
{
	int status;

	if (path.len < 5 || memcmp(path.data, "/api/", 5) != 0)
		return false;
	status = access_status(d->access, x);
	if (status == 429) {
		give_error(x, 429, WAIT_TEXT);
		return true;
	}
	if (status != 200) {
		exchange_header(x, "WWW-Authenticate",
		    STR("Bearer realm=\"afterclick dashboard\""));
		give_error(x, 401, "sign in first");
		return true;
	}
	for (size_t i = 0; i < sizeof(api) / sizeof(api[0]); i++) {
		if (!str_is(path, api[i].path))
			continue;
		ask(d, x, api[i].question, api[i].bare);
		return true;
	}
	return false;
}

/* --- signing in ----------------------------------------------------------- */

static void
post(struct dashboard *d, struct exchange *x, struct str path)
{
	int status;

	if (str_is(path, "/login") && access_has_token(d->access)) {
		status = access_sign_in(d->access, x);
		if (status == 200)
			go_to(x, "/");
		else
			give(x, status, "text/html; charset=utf-8",
			    str_of(status == 429 ? page_login_wait
						 : page_login_wrong));
	} else if (str_is(path, "/logout")) {
		access_sign_out(d->access, x);
		go_to(x, "/login");
	} else {
		exchange_header(x, "Allow", STR("GET, HEAD"));
		give_error(x, 405, "GET or HEAD");
	}
}

static void
handle(struct exchange *x, void *ctx)
{
	struct dashboard *d = ctx;
	const struct http_request *req = exchange_request(x);

	if (req->method == HTTP_POST) {
		post(d, x, req->path);
	} else if (req->method != HTTP_GET && req->method != HTTP_HEAD) {
		exchange_header(x, "Allow", STR("GET, HEAD, POST"));
		give_error(x, 405, "GET, HEAD or POST");
	} else if (!serve_file(d, x, req->path) &&
		   !serve_api(d, x, req->path)) {
		give_error(x, 404, "there is no such page");
	}
}

/* --- the threads' answers --------------------------------------------------
 */

static void
give_answer(struct exchange *x, void *ctx)
{
	const struct answer *a = ctx;

	if (a->csv)
		exchange_header(x, "Content-Disposition",
		    STR("attachment; filename=\"campaigns.csv\""));
	if (a->status == 503)
		exchange_header(x, "Retry-After", STR("1"));
	give(x, a->status,
	    a->csv ? "text/csv; charset=utf-8" : "application/json",
	    buf_str(&a->body));
}

static void
hand_out(void *ctx)
{
	struct dashboard *d = ctx;
	struct answer *a;

	while ((a = queries_take(d->queries)) != NULL) {
		/* Whoever asked may have gone; nobody misses the answer. */
		(void)server_resume(d->server, a->ticket, give_answer, a);
		answer_free(a);
	}
}

static void
wake(void *ctx)
{
	struct dashboard *d = ctx;

	server_wake(d->server);
}

static void *
serve(void *arg)
{
	struct dashboard *d = arg;

	server_run(d->server);
	return NULL;
}

bool
dashboard_start(struct world *w, struct dashboard **out, struct error *err)
{
	struct server_settings set = server_defaults;
	struct dashboard *d;

	*out = NULL;
	if (w->set->dashboard.listen[0] == '\0')
		return true;
	d = mem_zero(1, sizeof(*d));
	d->arena = arena_new(4096);
	d->access = access_new(w->set, d->arena, err);
	if (d->access == NULL)
		goto fail;
	set.connections = 256;
	set.limits.body_bytes = 4096;
	d->server = server_open(w->set->dashboard.listen, &set, handle, d, err);
	if (d->server == NULL)
		goto fail;
	d->queries = queries_start(w->set, wake, d);
	server_on_wake(d->server, hand_out, d);
	if (pthread_create(&d->thread, NULL, serve, d) != 0)
		abort();
	*out = d;
	return true;
fail:
	access_free(d->access);
	arena_free(d->arena);
	free(d);
	return false;
}

uint16_t
dashboard_port(const struct dashboard *d)
{
	return server_port(d->server);
}

void
dashboard_stop(struct dashboard *d)
{
	if (d == NULL)
		return;
	server_stop(d->server, 1000);
	pthread_join(d->thread, NULL);
	queries_stop(d->queries);
	server_close(d->server);
	access_free(d->access);
	arena_free(d->arena);
	free(d);
}

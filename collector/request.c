/*
 * request.c - the steps that the lanes share: context, spool, answer.
 */
#include "collector/request.h"

#include <stdatomic.h>

#include "common/clock.h"
#include "common/json.h"
#include "common/log.h"

void
request_context(struct request *r, enum hit_lane lane)
{
	const struct http_request *http = r->http;
	struct hit_context *ctx = &r->context;
	char client[FORWARDED_ADDRESS_MAX];

	ctx->lane = lane;
	ctx->sites = r->shared->sites;
	ctx->arena = r->arena;
	ctx->now_ms = exchange_now_ms(r->exchange);
	ctx->host = http->host;
	if (lane == HIT_SERVER)
		return;
	forwarded_client(
	    r->shared->proxies, exchange_peer(r->exchange), http, client);
	if (forwarded_truncate(str_of(client), r->ip))
		ctx->ip = str_of(r->ip);
	ctx->user_agent = http_header(http, "User-Agent");
	ctx->referer = http_header(http, "Referer");
	ctx->language = http_header(http, "Accept-Language");
	ctx->purpose = http_header(http, "Sec-Purpose");
	if (ctx->purpose.len == 0)
		ctx->purpose = http_header(http, "Purpose");
	ctx->gpc = str_is(http_header(http, "Sec-GPC"), "1");
	ctx->cookies = &r->cookies;
	r->cookies.key = r->shared->cookie_key;
	r->cookies.ignored_referrers = &r->shared->set->ignored_referrers;
	r->cookies.visitor = http_cookie(http, VISITOR_COOKIE);
	r->cookies.session = http_cookie(http, VISITOR_SESSION_COOKIE);
}

bool
request_take(
    struct request *r, const struct record *rec, struct hit_refusal *no)
{
	static struct log_cause full, odd;
	struct error err;
	uint64_t seq;

	r->shared->scratch.len = 0;
	if (!record_encode(rec, &r->shared->scratch, &err)) {
		log_limited(&odd, LOG_WARNING, "hit", "%s", err.text);
		*no = (struct hit_refusal){ "", "the hit is too large",
			METRIC_REJECTED_SIZE };
		return false;
	}
	atomic_store_explicit(&r->shared->highest_seq, r->shared->last_seq + 1,
	    memory_order_relaxed); /* the spool's lock orders it */
	seq = spool_append(
	    r->shared->spool, hit_key(rec), buf_str(&r->shared->scratch), &err);
	if (seq == 0 && err.kind == ERROR_REJECT) {
		*no = (struct hit_refusal){ "", "the hit is too large",
			METRIC_REJECTED_SIZE };
		return false;
	}
	if (seq == 0) {
		atomic_store(&r->shared->refused_ms, clock_mono_ms());
		log_limited(&full, LOG_ERROR, "hit", "%s", err.text);
		*no = (struct hit_refusal){ "",
			"cannot be stored now, send it again",
			METRIC_REJECTED_SPOOL };
		return false;
	}
	r->last_seq = r->shared->last_seq = seq;
	r->accepted++;
	metrics_inc(METRIC_HITS_ACCEPTED);
	return true;
}

static void
set_cookie(struct request *r, const char *name, struct str value,
    const struct cookie_attributes *how)
{
	exchange_header(r->exchange, "Set-Cookie",
	    visitor_set_cookie(r->arena, name, value, how));
}

void
request_cookies(struct request *r)
{
	struct hit_cookies *c = &r->cookies;
	char text[VISITOR_COOKIE_MAX];
	struct cookie_attributes how = { 0 };

	if (c->site == NULL)
		return;
	how.domain = c->site->cookie_domain;
	how.secure = r->shared->set->cookie_secure == COOKIE_SECURE_ALWAYS ||
		     forwarded_https(r->shared->proxies,
			 exchange_peer(r->exchange), r->http);
	how.cross_site =
	    str_is(http_header(r->http, "Sec-Fetch-Site"), "cross-site");
	if (c->clear) {
		if (c->visitor.len > 0)
			set_cookie(r, VISITOR_COOKIE, STR_EMPTY, &how);
		if (c->session.len > 0)
			set_cookie(r, VISITOR_SESSION_COOKIE, STR_EMPTY, &how);
		return;
	}
	if (c->visitor_new) {
		how.max_age_s = VISITOR_LIFE_S;
		set_cookie(r, VISITOR_COOKIE,
		    visitor_write(&c->who, c->key, text), &how);
	}
	if (c->session_changed) {
		how.max_age_s = VISITOR_SESSION_MS / 1000;
		set_cookie(r, VISITOR_SESSION_COOKIE,
		    visitor_session_write(&c->visit, c->key, text), &how);
	}
}

void
request_answer(struct request *r, int status, struct str body)
{
	if (r->last_seq > 0 && r->shared->set->durability != DURABILITY_MEMORY)
		exchange_hold(r->exchange, r->last_seq);
	exchange_answer(r->exchange, status, body);
}

void
request_refuse(struct request *r, int status, const char *why)
{
	struct json_writer w;

	r->shared->scratch.len = 0;
	w = json_write(&r->shared->scratch);
	json_begin_object(&w);
	json_key(&w, STR("error"));
	json_string(&w, str_of(why));
	json_end_object(&w);
	exchange_header(r->exchange, "Content-Type", STR("application/json"));
	if (status == 503)
		exchange_header(r->exchange, "Retry-After", STR("1"));
	request_answer(r, status, buf_str(&r->shared->scratch));
}

int
request_status(const struct hit_refusal *no)
{
	if (no->metric == METRIC_REJECTED_SPOOL)
		return 503;
	return no->metric == METRIC_REJECTED_SIZE ? 413 : 400;
}

/* Beacons without preflight are text/plain; a missing type is none too. */
bool
request_is_json(struct request *r)
{
	struct str type = http_header(r->http, "Content-Type");
	ptrdiff_t at = str_find_char(type, ';');

	if (at >= 0)
		type = str_head(type, (size_t)at);
	type = str_trim(type);
	if (type.len == 0 || str_ieq(type, STR("text/plain")) ||
	    str_ieq(type, STR("application/json")))
		return true;
	request_refuse(
	    r, 415, "the body must be text/plain or application/json");
	return false;
}

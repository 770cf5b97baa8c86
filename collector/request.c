/*
 * request.c - the steps that the lanes share: context, spool, answer.
 */
#include "collector/request.h"

#include <stdatomic.h>
#include <stdio.h>

#include "common/clock.h"
#include "common/json.h"
#include "common/log.h"

#define MS_PER_S 1000

struct str
request_client(struct request *r)
{
	if (r->client[0] == '\0')
		forwarded_client(r->shared->proxies, exchange_peer(r->exchange),
		    r->http, r->client);
	return str_of(r->client);
}

/* Notes how long a refused client should wait. */
static void
come_back(struct request *r, int64_t wait_us)
{
	int64_t wait_s = (wait_us + 999999) / 1000000;

	if (wait_s > r->retry_after_s)
		r->retry_after_s = wait_s;
}

void
request_refused(
    struct request *r, const struct site *site, enum metric why, uint64_t hits)
{
	metrics_add(why, hits);
	if (site == NULL)
		site = sites_by_host(r->shared->sites, r->http->host);
	if (site != NULL)
		refusals_add(r->shared->refusals, site, why, hits,
		    exchange_now_ms(r->exchange));
}

bool
request_admit(struct request *r)
{
	const struct collector_limits *set = r->shared->limits;
	char bytes[LIMITS_KEY_BYTES];
	struct str key;
	int64_t wait_us;

	if (set->address.rate == 0)
		return true;
	key = limits_address(request_client(r), set->private_addresses, bytes);
	if (key.len == 0)
		return true;
	wait_us = limits_take(r->shared->addresses, key, set->address,
	    clock_mono_ms() * MS_PER_S);
	if (wait_us == 0)
		return true;
	request_refused(r, NULL, METRIC_LIMITED, 1);
	come_back(r, wait_us);
	request_refuse(r, 429, "too many requests from this address");
	return false;
}

static bool
body_refused(struct request *r, int status, enum metric metric, const char *why)
{
	request_refused(r, NULL, metric, 1);
	if (status == 415)
		exchange_header(
		    r->exchange, "Accept-Encoding", STR("gzip, deflate"));
	request_refuse(r, status, why);
	return false;
}

bool
request_body(struct request *r, struct str *body)
{
	struct str coding = http_header(r->http, "Content-Encoding");
	enum inflate_format format = INFLATE_GZIP;

	*body = r->http->body;
	if (http_header_times(r->http, "Content-Encoding") > 1)
		return body_refused(r, 415, METRIC_REJECTED_ENCODING,
		    "one Content-Encoding at most is taken");
	if (coding.len == 0 || str_ieq(coding, STR("identity")))
		return true;
	if (str_ieq(coding, STR("deflate")))
		format = INFLATE_ZLIB;
	else if (!str_ieq(coding, STR("gzip")) &&
		 !str_ieq(coding, STR("x-gzip")))
		return body_refused(r, 415, METRIC_REJECTED_ENCODING,
		    "Content-Encoding may be gzip or deflate");
	switch (inflate_all(r->shared->inflate, format, r->http->body,
	    (size_t)r->shared->set->http.max_inflated, &r->shared->inflated)) {
	case INFLATE_OK:
		break;
	case INFLATE_DAMAGED:
		return body_refused(r, 400, METRIC_REJECTED_ENCODING,
		    "the body is not what its Content-Encoding says");
	case INFLATE_LARGE:
		return body_refused(r, 413, METRIC_REJECTED_SIZE,
		    "the body is too long once it is inflated");
	}
	metrics_inc(METRIC_INFLATED);
	*body = buf_str(&r->shared->inflated);
	return true;
}

void
request_context(struct request *r, enum hit_lane lane)
{
	const struct http_request *http = r->http;
	struct hit_context *ctx = &r->context;

	ctx->lane = lane;
	ctx->sites = r->shared->sites;
	ctx->erased = r->shared->erased;
	ctx->arena = r->arena;
	ctx->now_ms = exchange_now_ms(r->exchange);
	ctx->host = http->host;
	if (lane == HIT_SERVER)
		return;
	if (forwarded_truncate(request_client(r), r->ip))
		ctx->ip = str_of(r->ip);
	ctx->user_agent = http_header(http, "User-Agent");
	ctx->referer = http_header(http, "Referer");
	ctx->language = http_header(http, "Accept-Language");
	ctx->purpose = http_header(http, "Sec-Purpose");
	if (ctx->purpose.len == 0)
		ctx->purpose = http_header(http, "Purpose");
	if (ctx->purpose.len == 0)
		ctx->purpose = http_header(http, "X-Purpose");
	if (ctx->purpose.len == 0)
		ctx->purpose = http_header(http, "X-Moz");
	ctx->address = request_client(r);
	ctx->salt = r->shared->salt;
	ctx->dnt = str_is(http_header(http, "DNT"), "1");
	ctx->opted_out = str_is(http_cookie(http, VISITOR_OPT_OUT_COOKIE), "1");
	ctx->gpc = str_is(http_header(http, "Sec-GPC"), "1");
	/* So that the page can show that it was honoured. */
	if (ctx->gpc)
		exchange_header(r->exchange, "X-Opt-Out", STR("gpc"));
	ctx->cookies = &r->cookies;
	r->cookies.key = r->shared->cookie_key;
	r->cookies.ignored_referrers = &r->shared->set->ignored_referrers;
	r->cookies.visitor = http_cookie(http, VISITOR_COOKIE);
	r->cookies.session = http_cookie(http, VISITOR_SESSION_COOKIE);
}

static const char *
lane_name(enum hit_lane lane)
{
	switch (lane) {
	case HIT_BROWSER:
		return "browser";
	case HIT_PIXEL:
		return "pixel";
	case HIT_SERVER:
		return "server";
	case HIT_REDIRECT:
		return "redirect";
	case HIT_COMPATIBLE:
		return "compatible";
	}
	return "";
}

/* Keeps a verdict for /debug/hits. */
static void
note(struct request *r, const struct site *site, const struct record *rec,
    int status, const char *field, const char *why)
{
	struct recent_hit *hit = recent_begin(r->shared->recent);

	hit->time_ms = r->context.now_ms;
	hit->status = status;
	r->noted = true;
	if (site != NULL)
		recent_text(hit->site, sizeof(hit->site), str_of(site->id));
	recent_text(
	    hit->lane, sizeof(hit->lane), str_of(lane_name(r->context.lane)));
	recent_text(hit->ip, sizeof(hit->ip), r->context.ip);
	if (r->dropped != NULL)
		recent_text(
		    hit->dropped, sizeof(hit->dropped), str_of(r->dropped));
	if (rec != NULL) {
		recent_text(hit->type, sizeof(hit->type), rec->type);
		recent_text(
		    hit->event_id, sizeof(hit->event_id), rec->event_id);
		recent_text(
		    hit->visitor_id, sizeof(hit->visitor_id), rec->visitor_id);
		recent_text(
		    hit->order_id, sizeof(hit->order_id), rec->order_id);
	}
	if (why != NULL)
		snprintf(hit->reason, sizeof(hit->reason), "%s%s%s", field,
		    field[0] != '\0' ? " " : "", why);
	recent_end(r->shared->recent);
}

void
request_verdict(struct request *r, const struct site *site,
    const struct record *rec, const struct hit_refusal *no)
{
	if (no == NULL) {
		metrics_inc(METRIC_HITS_ACCEPTED);
		note(r, site, rec, 0, "", NULL);
	} else {
		request_refused(r, site, no->metric, 1);
		note(r, site, rec, request_status(no), no->field, no->why);
	}
}

/* The server lane is signed by the site itself. */
static bool
within_limit(struct request *r, const struct site *site)
{
	struct limit limit =
	    limits_share((struct limit){ site->hit_rate, site->hit_burst, 1 },
		r->shared->set->workers);
	int64_t wait_us;

	if (limit.rate == 0 || r->context.lane == HIT_SERVER)
		return true;
	wait_us = limits_take(r->shared->site_hits, str_of(site->id), limit,
	    clock_mono_ms() * MS_PER_S);
	come_back(r, wait_us);
	return wait_us == 0;
}

uint64_t
request_spool(struct request_shared *s, struct str key, struct str value,
    struct error *err)
{
	uint64_t seq;

	atomic_store_explicit(&s->highest_seq, s->last_seq + 1,
	    memory_order_relaxed); /* the spool's lock orders it */
	seq = spool_append(s->spool, key, value, err);
	if (seq > 0)
		s->last_seq = seq;
	return seq;
}

bool
request_take(struct request *r, const struct site *site,
    const struct record *rec, struct hit_refusal *no)
{
	static struct log_cause full, odd;
	struct record nobodys;
	struct error err;
	uint64_t seq;

	if (!within_limit(r, site)) {
		*no = (struct hit_refusal){ "",
			"the site's limit is reached, send it later",
			METRIC_REJECTED_RATE };
		return false;
	}
	if (erased_names(r->shared->erased, rec)) {
		nobodys = *rec;
		nobodys.user_agent = STR_EMPTY;
		erased_strip(r->shared->erased, &nobodys, r->arena);
		metrics_inc(METRIC_RECORDS_ERASED);
		rec = &nobodys;
	}
	r->shared->scratch.len = 0;
	if (!record_encode(rec, &r->shared->scratch, &err)) {
		log_limited(&odd, LOG_WARNING, "hit", "%s", err.text);
		*no = (struct hit_refusal){ "", "the hit is too large",
			METRIC_REJECTED_SIZE };
		return false;
	}
	seq = request_spool(
	    r->shared, record_key(rec), buf_str(&r->shared->scratch), &err);
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
	r->last_seq = seq;
	r->accepted++;
	request_verdict(r, site, rec, NULL);
	return true;
}

static void
set_cookie(struct request *r, const char *name, struct str value,
    const struct cookie_attributes *how)
{
	exchange_header(r->exchange, "Set-Cookie",
	    visitor_set_cookie(r->arena, name, value, how));
}

static bool
is_secure(struct request *r)
{
	return r->shared->set->cookie_secure == COOKIE_SECURE_ALWAYS ||
	       forwarded_https(
		   r->shared->proxies, exchange_peer(r->exchange), r->http);
}

/* Deletes what the browser has shown of our cookies and the tracker's. */
static void
clear_cookies(struct request *r, struct cookie_attributes how)
{
	how.max_age_s = 0;
	if (r->cookies.visitor.len > 0)
		set_cookie(r, VISITOR_COOKIE, STR_EMPTY, &how);
	if (r->cookies.session.len > 0)
		set_cookie(r, VISITOR_SESSION_COOKIE, STR_EMPTY, &how);
	how.domain = ""; /* of the page's host alone */
	if (http_cookie(r->http, VISITOR_MARK_COOKIE).len > 0)
		set_cookie(r, VISITOR_MARK_COOKIE, STR_EMPTY, &how);
}

void
request_opt_out(struct request *r, bool out)
{
	const struct site *site =
	    sites_by_host(r->shared->sites, r->http->host);
	struct cookie_attributes how = { .secure = is_secure(r) };

	how.domain = site == NULL ? "" : site->cookie_domain;
	if (out)
		clear_cookies(r, how);
	/* The tracker looks for it, as it may store nothing then either. */
	how.readable = true;
	how.max_age_s = out ? VISITOR_LIFE_S : 0;
	set_cookie(r, VISITOR_OPT_OUT_COOKIE, out ? STR("1") : STR_EMPTY, &how);
}

void
request_cookies(struct request *r)
{
	struct hit_cookies *c = &r->cookies;
	char text[VISITOR_COOKIE_MAX];
	struct cookie_attributes how = { 0 };

	if (c->site == NULL ||
	    (!c->clear && !c->visitor_new && !c->session_changed))
		return;
	how.domain = c->site->cookie_domain;
	how.secure = is_secure(r);
	/* Whoever follows a link comes to us: that is no third party. */
	how.cross_site =
	    r->context.lane != HIT_REDIRECT &&
	    str_is(http_header(r->http, "Sec-Fetch-Site"), "cross-site");
	if (c->clear) {
		clear_cookies(r, how);
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
request_retry_after(struct request *r, int status)
{
	char text[24];
	int len;

	if (status != 429 && status != 503)
		return;
	len = snprintf(text, sizeof(text), "%lld",
	    r->retry_after_s > 0 ? (long long)r->retry_after_s : 1LL);
	exchange_header(
	    r->exchange, "Retry-After", str_make(text, (size_t)len));
}

void
request_refuse(struct request *r, int status, const char *why)
{
	struct json_writer w;

	/* What is no hit on any lane is nothing to look for. */
	if (!r->noted && r->context.lane != 0)
		note(r, NULL, NULL, status, "", why);
	r->shared->scratch.len = 0;
	w = json_write(&r->shared->scratch);
	json_begin_object(&w);
	json_key(&w, STR("error"));
	json_string(&w, str_of(why));
	json_end_object(&w);
	exchange_header(r->exchange, "Content-Type", STR("application/json"));
	request_retry_after(r, status);
	request_answer(r, status, buf_str(&r->shared->scratch));
}

int
request_status(const struct hit_refusal *no)
{
	if (no->metric == METRIC_REJECTED_SPOOL)
		return 503;
	if (no->metric == METRIC_REJECTED_RATE)
		return 429;
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

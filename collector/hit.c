/*
 * hit.c - from all inputs to the record: what the request shows is added,
 * what belongs together is checked, consent and identity come last.
 */
#include "collector/hit.h"

#include <stddef.h>

#include "collector/hit_inputs.h"
#include "common/address.h"
#include "common/calendar.h"
#include "common/digest.h"
#include "common/http.h"

#define PAST_MS (400 * DAY_MS) /* how old a stated time may be */
#define AHEAD_MS INT64_C(300000)

/*
 * A header as text for the record: it is the only input that nobody has
 * checked for UTF-8 yet, and every bad byte becomes U+FFFD here, before the
 * limit is applied.
 */
static struct str
header_text(struct arena *arena, struct str raw, size_t max)
{
	char *out;
	size_t len = 0;

	raw = str_head(raw, max);
	if (str_utf8(raw))
		return raw;
	out = arena_alloc(arena, 3 * raw.len);
	for (size_t i = 0; i < raw.len;) {
		size_t n = 1;

		while (n < 4 && i + n < raw.len &&
		       !str_utf8(str_make(raw.data + i, n)))
			n++;
		if (str_utf8(str_make(raw.data + i, n))) {
			memcpy(out + len, raw.data + i, n);
			len += n;
			i += n;
		} else {
			memcpy(out + len, "\xef\xbf\xbd", 3);
			len += 3;
			i++;
		}
	}
	return hit_cut_text(str_make(out, len), max);
}

/* The first language of an Accept-Language field: "de-AT,de;q=0.9". */
static struct str
first_language(struct str field)
{
	size_t len = 0;

	while (
	    len < field.len && field.data[len] != ',' && field.data[len] != ';')
		len++;
	field = str_trim(str_head(field, len));
	return field.len <= record_fields[RECORD_language].max &&
		       hit_is_id(field)
		   ? field
		   : STR_EMPTY;
}

/* What the request itself shows, where a browser is at the other end. */
static void
add_request(struct hit_draft *d)
{
	const struct hit_context *ctx = d->ctx;
	struct record *r = d->r;

	r->user_agent = header_text(
	    ctx->arena, ctx->user_agent, record_fields[RECORD_user_agent].max);
	r->purpose = header_text(
	    ctx->arena, ctx->purpose, record_fields[RECORD_purpose].max);
	r->ip = ctx->ip;
	if (r->language.len == 0)
		r->language = first_language(ctx->language);
	/* The page that holds the pixel or sent the beacon. */
	if (r->url.len == 0) {
		r->url = header_text(ctx->arena, ctx->referer, SIZE_MAX);
		r->url = hit_cut_url(r->url, record_fields[RECORD_url].max);
	}
}

/* Platforms differ in what they hash, and only here is the text known. */
static void
hash_contacts(struct hit_draft *d)
{
	struct arena *arena = d->ctx->arena;
	struct str google;

	if (d->email.len > 0) {
		d->r->email_sha256 = address_hash(d->email, arena);
		google = address_google_email(d->email, arena);
		if (google.len > 0)
			d->r->email_google_sha256 = address_hash(google, arena);
	}
	if (d->phone.len > 0) {
		d->r->phone_sha256 = address_hash(d->phone, arena);
		d->r->phone_digits_sha256 =
		    address_hash(str_from(d->phone, 1), arena);
	}
}

static bool
check_browser_value(struct hit_draft *d, const struct site *site)
{
	if (site->browser_value_cap > 0 &&
	    d->value_micros > site->browser_value_cap)
		return hit_refuse(d, METRIC_REJECTED_CAP, "value",
		    "is above the site's cap for browsers");
	return true;
}

static bool
check_server_time(struct hit_draft *d)
{
	int64_t now = d->ctx->now_ms;

	if (d->r->time == 0)
		return true;
	if (d->r->time < now - PAST_MS)
		return hit_refuse(d, METRIC_REJECTED_TIME, "time",
		    "is more than 400 days ago");
	if (d->r->time > now + AHEAD_MS)
		return hit_refuse(d, METRIC_REJECTED_TIME, "time",
		    "is more than 5 minutes ahead");
	return true;
}

/* What each type cannot do without. */
static bool
check_type(struct hit_draft *d)
{
	const struct record *r = d->r;

	if (str_is(r->type, "event") && r->name.len == 0)
		return hit_refuse(
		    d, METRIC_REJECTED_FIELD, "name", "is needed in an event");
	if (str_is(r->type, "refund")) {
		if (r->order_id.len == 0)
			return hit_refuse(d, METRIC_REJECTED_FIELD, "order_id",
			    "is needed in a refund");
		if (r->value.len > 0 && d->value_micros == 0)
			return hit_refuse(d, METRIC_REJECTED_VALUE, "value",
			    "must be positive in a refund");
	}
	if (str_is(r->type, "exposure")) {
		if (r->experiment.len == 0)
			return hit_refuse(d, METRIC_REJECTED_FIELD,
			    "experiment", "is needed in an exposure");
		if (r->variant.len == 0)
			return hit_refuse(d, METRIC_REJECTED_FIELD, "variant",
			    "is needed in an exposure");
	}
	return true;
}

static void
read_cookies(struct hit_cookies *c, int64_t now_ms)
{
	if (c->read)
		return;
	c->read = true;
	c->visitor_known = c->visitor.len > 0 &&
			   visitor_read(&c->who, c->key, c->visitor, now_ms);
	c->session_known = c->session.len > 0 &&
			   visitor_session_read(&c->visit, c->key, c->session);
}

/*
 * The visitor is the cookie's; a browser without one may name itself, and
 * then keeps that name: a cookie given now would split it in two.
 */
static void
add_identity(struct hit_draft *d, const struct site *site)
{
	struct hit_cookies *c = d->ctx->cookies;
	struct record *r = d->r;

	read_cookies(c, d->ctx->now_ms);
	c->site = site;
	/* Who was erased and comes again is somebody new. */
	if (c->visitor_known && !c->visitor_new &&
	    erased_has(d->ctx->erased,
		person_key(PERSON_VISITOR, r->site, str_of(c->who.id))))
		c->visitor_known = c->session_known = false;
	if (!c->visitor_known && r->visitor_id.len > 0) {
		if (r->session_id.len > 0)
			return;
	} else {
		if (!c->visitor_known) {
			visitor_mint(&c->who, d->ctx->now_ms);
			c->visitor_known = c->visitor_new = true;
		}
		r->visitor_id = str_make(c->who.id, VISITOR_ID_LEN);
	}
	visitor_session_hit(&c->visit, c->session_known,
	    visitor_arrival(r, d->ctx->sites, site, c->ignored_referrers),
	    d->ctx->now_ms);
	c->session_known = c->session_changed = true;
	r->session_id = str_make(c->visit.id, VISITOR_ID_LEN);
	r->session_start = c->visit.start_ms;
}

/*
 * What was stated, then what the page's platform has noted; then what the
 * browser and the visitor object to, which no page can overrule; the site's
 * presumption where nobody has spoken.
 */
static void
settle_consent(struct hit_draft *d, const struct site *site)
{
	const struct hit_context *ctx = d->ctx;
	bool out = ctx->opted_out || (ctx->dnt && site->dnt == SITE_DNT_DENY);
	char presumed = site->consent == SITE_CONSENT_UNKNOWN   ? 'u'
			: site->consent == SITE_CONSENT_GRANTED ? 'g'
								: 'd';

	for (int i = 0; i < CONSENT_PURPOSES; i++) {
		if (d->consent.letter[i] == 'u')
			d->consent.letter[i] = d->tcf.letter[i];
	}
	if (ctx->gpc || d->gpc)
		consent_gpc(&d->consent);
	for (int i = 0; i < CONSENT_PURPOSES; i++) {
		if (out)
			d->consent.letter[i] = 'd';
		/* A server knows its customers, and says what they said. */
		else if (d->consent.letter[i] == 'u' && ctx->lane != HIT_SERVER)
			d->consent.letter[i] = presumed;
	}
}

/* The sign of another domain in R's address, decoded; it stays nowhere. */
static struct str
take_link(struct record *r, struct arena *arena)
{
	struct str rest, name, text, link = STR_EMPTY;
	ptrdiff_t at = str_find(r->url, STR(VISITOR_LINK_PARAM "="));

	if (at >= 0) {
		rest = str_from(r->url, (size_t)at);
		at = str_find_char(rest, '#');
		if (at >= 0)
			rest = str_head(rest, (size_t)at);
		if (http_next_param(&rest, arena, &name, &text) &&
		    str_is(name, VISITOR_LINK_PARAM))
			link = text;
		r->url = consent_strip_link(r->url, arena);
	}
	if (str_find(r->referrer, STR(VISITOR_LINK_PARAM "=")) >= 0)
		r->referrer = consent_strip_link(r->referrer, arena);
	return link;
}

/* The visitor of LINK, which the page's address carried, is this one. */
static void
adopt(struct hit_draft *d, struct str link)
{
	struct hit_cookies *c = d->ctx->cookies;
	struct visitor who;
	struct session visit;
	bool in_visit;

	read_cookies(c, d->ctx->now_ms);
	if (link.len == 0 || !visitor_link_read(&who, &visit, &in_visit, c->key,
				 link, d->ctx->user_agent, d->ctx->now_ms))
		return;
	if (!c->visitor_known || strcmp(who.id, c->who.id) != 0)
		c->visitor_new = true;
	c->who = who;
	c->visitor_known = true;
	if (in_visit) {
		c->visit = visit;
		c->session_known = true;
	}
}

/* Without cookies: who it is, as far as one day goes. */
static void
add_daily(struct hit_draft *d, const struct site *site)
{
	const struct hit_context *ctx = d->ctx;
	char *visitor = arena_alloc(ctx->arena, SALT_ID_LEN + 1);
	char *visit = arena_alloc(ctx->arena, SALT_ID_LEN + 1);

	salt_ids(ctx->salt, ctx->now_ms, str_of(site->id), ctx->address,
	    ctx->user_agent, visitor, visit);
	d->r->visitor_id = str_make(visitor, SALT_ID_LEN);
	d->r->session_id = str_make(visit, SALT_ID_LEN);
}

static bool
finish(struct hit_draft *d, const struct site *site)
{
	const struct hit_context *ctx = d->ctx;
	struct hit_cookies *cookies = ctx->cookies;
	struct record *r = d->r;
	struct str link;

	r->v = RECORD_VERSION;
	r->received_at = ctx->now_ms;
	r->site = str_of(site->id);
	if (r->type.len == 0)
		r->type = STR("page");
	if (r->event_id.len == 0) {
		char *id = arena_alloc(ctx->arena, VISITOR_ID_LEN + 1);

		visitor_mint_id(id);
		r->event_id = str_make(id, VISITOR_ID_LEN);
	}
	if (!check_type(d))
		return false;
	if (ctx->lane == HIT_SERVER) {
		if (!check_server_time(d))
			return false;
		r->lane = STR("server");
	} else {
		if (!check_browser_value(d, site))
			return false;
		r->lane = ctx->lane == HIT_PIXEL        ? STR("pixel")
			  : ctx->lane == HIT_REDIRECT   ? STR("redirect")
			  : ctx->lane == HIT_COMPATIBLE ? STR("compatible")
							: STR("browser");
		if (ctx->lane != HIT_COMPATIBLE)
			add_request(d);
	}
	hash_contacts(d);
	settle_consent(d, site);
	link = take_link(r, ctx->arena);
	if (!site->keep_network)
		r->ip = STR_EMPTY;
	consent_apply(&d->consent, r, ctx->arena);
	if (site->cookies == SITE_COOKIES_DAILY && ctx->salt != NULL &&
	    (ctx->lane & (HIT_SERVER | HIT_COMPATIBLE)) == 0 &&
	    r->visitor_id.len == 0 &&
	    !consent_denies(&d->consent, CONSENT_ANALYTICS_STORAGE))
		add_daily(d, site);
	if (cookies != NULL && site->cookies == SITE_COOKIES_ON) {
		cookies->clear =
		    consent_denies(&d->consent, CONSENT_ANALYTICS_STORAGE);
		cookies->site = site;
		if (!cookies->clear) {
			adopt(d, link);
			add_identity(d, site);
		}
	}
	return true;
}

static struct hit_draft
begin(const struct hit_context *ctx, struct record *r, struct hit_refusal *no)
{
	memset(r, 0, sizeof(*r));
	return (struct hit_draft){ .ctx = ctx,
		.r = r,
		.consent = consent_unknown,
		.tcf = consent_unknown,
		.no = no };
}

/* The site called ID; without an ID, the one the request was sent to. */
static const struct site *
site_of(const struct hit_context *ctx, struct str id)
{
	return id.len > 0 ? sites_find(ctx->sites, id)
			  : sites_by_host(ctx->sites, ctx->host);
}

static bool
no_site(struct hit_draft *d, struct str id)
{
	return hit_refuse(d, METRIC_REJECTED_SITE, "site",
	    id.len > 0 ? "is not one of ours" : "is missing");
}

static struct str
json_site(const struct json *event)
{
	const struct json *site = json_find(event, "site");

	return site != NULL ? site->text : STR_EMPTY;
}

const struct site *
hit_site(const struct hit_context *ctx, const struct json *event)
{
	return site_of(ctx, json_site(event));
}

bool
hit_from_json(const struct hit_context *ctx, const struct json *event,
    struct record *r, const struct site **site, struct hit_refusal *no)
{
	struct hit_draft d = begin(ctx, r, no);

	*site = NULL;
	if (event->type != JSON_OBJECT)
		return hit_refuse(
		    &d, METRIC_REJECTED_JSON, "", "an event is an object");
	*site = hit_site(ctx, event);
	if (*site == NULL)
		return no_site(&d, json_site(event));
	for (const struct json *m = event->child; m != NULL; m = m->next) {
		struct hit_stated value = { m->type, m->text, m };

		if (!hit_input(&d, m->key, &value))
			return false;
	}
	return finish(&d, *site);
}

bool
hit_from_query(const struct hit_context *ctx, struct str query,
    struct record *r, const struct site **site, struct hit_refusal *no)
{
	struct hit_draft d = begin(ctx, r, no);
	struct str rest = query, id = STR_EMPTY, name, text;

	*site = NULL;
	while (http_next_param(&rest, ctx->arena, &name, &text)) {
		struct hit_stated value = { JSON_STRING, text, NULL };

		if (id.len == 0 && str_is(name, "site"))
			id = text;
		if (!hit_input(&d, name, &value))
			return false;
	}
	*site = site_of(ctx, id);
	if (*site == NULL)
		return no_site(&d, id);
	return finish(&d, *site);
}

/*
 * The landing page is told the same referrer, as a redirect keeps it: with
 * that, and the visit's cookie, click and landing are one visit.
 */
bool
hit_from_click(const struct hit_context *ctx, const struct site *site,
    struct str query, struct str target, struct record *r,
    struct hit_refusal *no)
{
	struct hit_draft d = begin(ctx, r, no);
	struct str rest = query, name, text;

	while (http_next_param(&rest, ctx->arena, &name, &text)) {
		struct hit_stated value = { JSON_STRING, text, NULL };

		if (!hit_input(&d, name, &value))
			return false;
	}
	r->url = hit_cut_url(target, record_fields[RECORD_url].max);
	r->referrer = header_text(ctx->arena, ctx->referer, SIZE_MAX);
	r->referrer =
	    hit_cut_url(r->referrer, record_fields[RECORD_referrer].max);
	return finish(&d, site);
}

bool
hit_from_pairs(const struct hit_context *ctx, const struct site *site,
    const struct hit_pair *pair, size_t count, struct record *r,
    struct hit_refusal *no)
{
	struct hit_draft d = begin(ctx, r, no);

	for (size_t i = 0; i < count; i++) {
		if (!hit_input(&d, pair[i].name, &pair[i].value))
			return false;
	}
	return finish(&d, site);
}

/*
 * redirect.c - the target is settled first: what is wrong with the click
 * itself never decides where somebody is sent.
 */
#include "collector/redirect.h"

#include "common/experiment.h"
#include "common/link.h"

/* What of a link decides on the target; decoded. The first of each counts. */
struct click {
	struct str to, site, campaign, signature;
};

static void
read_click(struct request *r, struct click *c)
{
	struct str rest = r->http->query, name, text;

	*c = (struct click){ 0 };
	while (http_next_param(&rest, r->arena, &name, &text)) {
		struct str *at = str_is(name, "to")         ? &c->to
				 : str_is(name, "site")     ? &c->site
				 : str_is(name, "campaign") ? &c->campaign
				 : str_is(name, "sig")      ? &c->signature
							    : NULL;

		if (at != NULL && at->data == NULL)
			*at = text;
	}
}

static void
refuse(struct request *r, int status, const char *why)
{
	request_refused(r, NULL, METRIC_REJECTED_REDIRECT, 1);
	request_refuse(r, status, why);
}

/* The site of C, if C may lead to *TARGET; else an error was answered. */
static const struct site *
permit(struct request *r, const struct click *c, struct link_target *target)
{
	const struct site *site =
	    c->site.len > 0 ? sites_find(r->shared->sites, c->site)
			    : sites_by_host(r->shared->sites, r->http->host);
	struct str key;

	if (site == NULL) {
		refuse(r, 400, "site is missing or not one of ours");
		return NULL;
	}
	key = str_of(site->redirect_key);
	if (site->redirect_hosts.count == 0 && key.len == 0) {
		refuse(r, 404, "this site has no redirects");
		return NULL;
	}
	if (!link_parse(c->to, site->redirect_http, target)) {
		refuse(r, 400, "to is missing or no plain https address");
		return NULL;
	}
	if (!link_listed(target, &site->redirect_hosts) &&
	    !link_signed(
		key, str_of(site->id), c->campaign, c->to, c->signature)) {
		refuse(r, 403, "to is not permitted: list its host or sign it");
		return NULL;
	}
	return site;
}

static bool
has_word(struct str text, struct str word)
{
	for (size_t i = 0; i + word.len <= text.len; i++) {
		if (str_istarts(str_from(text, i), word))
			return true;
	}
	return false;
}

/* True when nobody has clicked: a browser looks what is behind a link. */
static bool
fetched_ahead(struct request *r)
{
	return has_word(r->context.purpose, STR("prefetch")) ||
	       has_word(r->context.purpose, STR("prerender")) ||
	       has_word(r->context.purpose, STR("preview"));
}

/* The campaign of a click: as the link says, else as its target does. */
static struct str
campaign_of(struct request *r, const struct record *rec)
{
	ptrdiff_t at = str_find_char(rec->url, '?');
	struct str rest, name, text;

	if (rec->campaign.len > 0 || at < 0)
		return rec->campaign;
	rest = str_from(rec->url, (size_t)at + 1);
	while (http_next_param(&rest, r->arena, &name, &text)) {
		if (str_is(name, "utm_campaign"))
			return text;
	}
	return STR_EMPTY;
}

/* Notes in REC which arm of the campaign's holdout the visitor is in. The
 * address that those held out are led to, else NULL. */
static const char *
split(struct request *r, const struct site *site, struct record *rec)
{
	const struct items *all = &site->experiments;
	const struct experiment *e =
	    experiments_of_campaign(all, campaign_of(r, rec));
	const struct variant *v;

	if (e == NULL || rec->visitor_id.len == 0 ||
	    !experiment_runs(e, r->context.now_ms))
		return NULL;
	v = experiment_assign(all, e, rec->visitor_id);
	if (v == NULL)
		return NULL;
	rec->experiment = str_of(e->name);
	rec->variant = str_of(v->name);
	return strcmp(v->name, EXPERIMENT_HOLDOUT) == 0 ? e->holdout_to : NULL;
}

/* Takes the click; TARGET changes for those held out. */
static void
take(struct request *r, const struct site *site, const struct click *c,
    struct link_target *target)
{
	struct link_target other;
	const char *instead = NULL;
	struct hit_refusal no;
	struct record rec;
	bool ok =
	    hit_from_click(&r->context, site, r->http->query, c->to, &rec, &no);

	if (ok)
		instead = split(r, site, &rec);
	if (instead != NULL && link_parse(str_of(instead), true, &other))
		*target = other;
	if (!ok || !request_take(r, site, &rec, &no))
		request_verdict(r, site, &rec, &no);
	else
		request_cookies(r);
}

static void
serve(struct request *r, struct click c)
{
	struct link_target target;
	const struct site *site;
	struct buf location = { 0 };

	exchange_header(r->exchange, "Cache-Control", STR("no-store"));
	site = permit(r, &c, &target);
	if (site == NULL)
		return;
	if (r->http->method == HTTP_GET && !fetched_ahead(r))
		take(r, site, &c, &target);
	link_write(&target, &location);
	exchange_header(r->exchange, "Location", buf_str(&location));
	buf_free(&location);
	metrics_inc(METRIC_REDIRECTS);
	request_answer(r, 302, STR_EMPTY);
}

void
redirect_handle(struct request *r)
{
	struct click c;

	request_context(r, HIT_REDIRECT);
	read_click(r, &c);
	serve(r, c);
}

void
redirect_handle_snowplow(struct request *r)
{
	struct str rest = r->http->query, name, text;
	struct click c = { 0 };

	request_context(r, HIT_REDIRECT);
	while (http_next_param(&rest, r->arena, &name, &text)) {
		const struct site *site;

		if (str_is(name, "u") && c.to.data == NULL) {
			c.to = text;
		} else if (str_is(name, "sig") && c.signature.data == NULL) {
			c.signature = text;
		} else if (str_is(name, "aid") && c.site.data == NULL) {
			site = sites_by_name(
			    r->shared->sites, COMPATIBLE_SNOWPLOW, text);
			c.site = site != NULL ? str_of(site->id) : text;
		}
	}
	serve(r, c);
}

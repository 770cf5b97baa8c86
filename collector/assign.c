/*
 * assign.c - the arm is computed anew for each request, from the visitor's
 * cookie: nothing is kept, and it never changes.
 */
#include "collector/assign.h"

#include "collector/cors.h"
#include "common/experiment.h"
#include "common/json.h"

bool
assign_is_script(struct str setting, struct str path)
{
	return str_starts(path, setting) &&
	       str_is(str_from(path, setting.len), ".js");
}

/* Whether SITE may know the visitors of R that it has not met before. */
static bool
may_meet(const struct request *r, const struct site *site)
{
	return site->cookies == SITE_COOKIES_ON &&
	       site->consent != SITE_CONSENT_DENIED &&
	       site->consent != SITE_CONSENT_WAIT &&
	       r->context.purpose.len == 0;
}

/* The visitor's id; empty when there is none to be had. A new one is minted
 * as for a first hit. */
static struct str
identify(struct request *r, const struct site *site)
{
	struct hit_cookies *c = &r->cookies;
	int64_t now_ms = r->context.now_ms;

	if (r->context.opted_out ||
	    (r->context.dnt && site->dnt == SITE_DNT_DENY) ||
	    site->cookies != SITE_COOKIES_ON)
		return STR_EMPTY;
	c->read = true;
	c->visitor_known = visitor_read(&c->who, c->key, c->visitor, now_ms);
	if (!c->visitor_known && may_meet(r, site)) {
		visitor_mint(&c->who, now_ms);
		c->visitor_known = c->visitor_new = true;
		c->site = site;
	}
	return c->visitor_known ? str_make(c->who.id, VISITOR_ID_LEN)
				: STR_EMPTY;
}

/* The arms of VISITOR in the experiments called NAME; empty: in all. */
static void
write_arms(struct json_writer *w, const struct site *site, struct str visitor,
    struct str name, int64_t now_ms)
{
	const struct experiment *e = site->experiments.at;

	json_begin_object(w);
	for (size_t i = 0; i < site->experiments.count; i++) {
		const struct variant *v;

		/* Where clicks are split the redirect decides. */
		if (e[i].assign != EXPERIMENT_BY_COLLECTOR ||
		    *e[i].holdout_to != '\0' || visitor.len == 0 ||
		    !experiment_runs(&e[i], now_ms) ||
		    (name.len > 0 && !str_is(name, e[i].name)))
			continue;
		v = experiment_assign(&site->experiments, &e[i], visitor);
		if (v == NULL)
			continue;
		json_key(w, str_of(e[i].name));
		json_string(w, str_of(v->name));
	}
	json_end_object(w);
}

void
assign_handle(struct request *r)
{
	bool script = !str_is(r->http->path, r->shared->set->paths.assign);
	struct str rest = r->http->query, name, text, id = STR_EMPTY;
	struct str only = STR_EMPTY;
	const struct site *site;
	struct buf out = { 0 };
	struct json_writer w;

	while (http_next_param(&rest, r->arena, &name, &text)) {
		if (id.len == 0 && str_is(name, "site"))
			id = text;
		else if (only.len == 0 && str_is(name, "experiment"))
			only = text;
	}
	request_context(r, HIT_BROWSER);
	site = id.len > 0 ? sites_find(r->shared->sites, id)
			  : sites_by_host(r->shared->sites, r->http->host);
	if (site == NULL) {
		request_refuse(r, 404, "site is missing or not one of ours");
		return;
	}
	if (script)
		buf_add_str(&out,
		    STR("(function(w,d,v){var a=w.afterclick=w.afterclick||"
			"function(){(a.q=a.q||[]).push(arguments)},k;"
			"w.afterclickVariants=v;for(k in v){"
			"d.documentElement.className+=' ac-'+k+'-'+v[k];"
			"a('exposure',{experiment:k,variant:v[k]})}})"
			"(window,document,"));
	w = json_write(&out);
	write_arms(&w, site, identify(r, site), only, r->context.now_ms);
	buf_add_str(&out, script ? STR(");\n") : STR("\n"));
	cors_apply(r, site);
	request_cookies(r);
	/* One visitor's: of no use to another. */
	exchange_header(r->exchange, "Cache-Control", STR("private, no-store"));
	exchange_header(r->exchange, "Content-Type",
	    script ? STR("text/javascript; charset=utf-8")
		   : STR("application/json"));
	exchange_header(r->exchange, "X-Content-Type-Options", STR("nosniff"));
	if (script)
		exchange_header(r->exchange, "Cross-Origin-Resource-Policy",
		    STR("cross-origin"));
	request_answer(r, 200, arena_str(r->arena, buf_str(&out)));
	buf_free(&out);
}

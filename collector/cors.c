/*
 * cors.c - the fields of the Fetch standard, with credentials.
 */
#include "collector/cors.h"

static bool
site_lists(const struct site *site, struct str origin)
{
	for (size_t i = 0; i < site->origins.count; i++) {
		if (str_ieq(str_of(site->origins.at[i]), origin))
			return true;
	}
	return false;
}

bool
cors_listed(
    const struct sites *sites, const struct site *site, struct str origin)
{
	const struct site *all = sites->list.at;

	/* What sandboxed frames and local files call themselves. */
	if (origin.len == 0 || str_ieq(origin, STR("null")))
		return false;
	if (site != NULL)
		return site_lists(site, origin);
	for (size_t i = 0; i < sites->list.count; i++) {
		if (site_lists(&all[i], origin))
			return true;
	}
	return false;
}

/* True when the fields that admit R's Origin were added. */
static bool
admit(struct request *r, const struct site *site)
{
	struct str origin = http_header(r->http, "Origin");

	exchange_header(r->exchange, "Vary", STR("Origin"));
	if (!cors_listed(r->shared->sites, site, origin))
		return false;
	exchange_header(r->exchange, "Access-Control-Allow-Origin", origin);
	exchange_header(
	    r->exchange, "Access-Control-Allow-Credentials", STR("true"));
	return true;
}

void
cors_apply(struct request *r, const struct site *site)
{
	admit(r, site);
}

void
cors_preflight(struct request *r, const char *methods)
{
	exchange_header(r->exchange, "Allow", str_of(methods));
	if (admit(r, NULL)) {
		exchange_header(r->exchange, "Access-Control-Allow-Methods",
		    str_of(methods));
		exchange_header(r->exchange, "Access-Control-Allow-Headers",
		    STR("Content-Type, Content-Encoding, Authorization, "
			"SP-Anonymous, AnonymousId"));
		exchange_header(
		    r->exchange, "Access-Control-Max-Age", STR("86400"));
	}
	request_answer(r, 204, STR_EMPTY);
}

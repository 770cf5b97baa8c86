/*
 * crosslink.c - the tracker asks for the sign, as the cookies are out of its
 * reach; only pages of listed origins can read the answer.
 */
#include "collector/crosslink.h"

#include "collector/cors.h"

void
crosslink_handle(struct request *r)
{
	struct hit_context *ctx = &r->context;
	struct str rest = r->http->query, name, text, id = STR_EMPTY;
	const struct site *site;
	char sign[VISITOR_LINK_MAX];

	while (http_next_param(&rest, r->arena, &name, &text)) {
		if (id.len == 0 && str_is(name, "site"))
			id = text;
	}
	request_context(r, HIT_BROWSER);
	site = id.len > 0 ? sites_find(r->shared->sites, id)
			  : sites_by_host(r->shared->sites, r->http->host);
	if (site == NULL || site->link_hosts.count == 0 ||
	    site->cookies != SITE_COOKIES_ON) {
		request_refuse(r, 404, "this site has no link_hosts");
		return;
	}
	cors_apply(r, site);
	exchange_header(r->exchange, "Cache-Control", STR("no-store"));
	if (ctx->opted_out || (ctx->dnt && site->dnt == SITE_DNT_DENY)) {
		request_answer(r, 204, STR_EMPTY);
		return;
	}
	text = visitor_link_write(r->cookies.key, r->cookies.visitor,
	    r->cookies.session, ctx->user_agent, ctx->now_ms, sign);
	if (text.len == 0) {
		request_answer(r, 204, STR_EMPTY);
		return;
	}
	exchange_header(
	    r->exchange, "Content-Type", STR("text/plain; charset=utf-8"));
	exchange_header(r->exchange, "X-Content-Type-Options", STR("nosniff"));
	request_answer(r, 200, arena_str(r->arena, text));
}

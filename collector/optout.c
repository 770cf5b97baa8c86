/*
 * optout.c - no script, no other file: works wherever a form does.
 */
#include "collector/optout.h"

#define PAGE                                                                   \
	"<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"    \
	"<meta name=\"viewport\" content=\"width=device-width\">"              \
	"<meta name=\"robots\" content=\"noindex\">"                           \
	"<title>Your visits</title><style>"                                    \
	"body{font:16px/1.5 sans-serif;max-width:32em;margin:3em auto;"        \
	"padding:0 1em}button{font:inherit;padding:.5em 1em}"                  \
	"</style></head>\n<body><h1>Your visits</h1>\n"
#define FORM(value, label)                                                     \
	"<form method=\"post\"><button name=\"counted\" value=\"" value        \
	"\">" label "</button></form>\n</body></html>\n"

static const char counted[] =
    PAGE "<p>Your visits to this site are counted, as far as you have agreed "
	 "to it. If you object, a cookie will say so, no other will be set, "
	 "and nothing that is recorded will tell you from others.</p>\n" FORM(
	     "no", "Do not count my visits");
static const char not_counted[] =
    PAGE "<p>Your visits to this site are not counted. This browser keeps a "
	 "cookie that says so; if you delete it, please come back.</p>\n" FORM(
	     "yes", "Count my visits again");

static void
show(struct request *r, bool out)
{
	exchange_header(
	    r->exchange, "Content-Type", STR("text/html; charset=utf-8"));
	exchange_header(r->exchange, "Content-Security-Policy",
	    STR("default-src 'none'; style-src 'unsafe-inline'; "
		"form-action 'self'; frame-ancestors 'none'; "
		"base-uri 'none'"));
	exchange_header(r->exchange, "X-Content-Type-Options", STR("nosniff"));
	exchange_header(r->exchange, "Cache-Control", STR("no-store"));
	request_answer(r, 200, str_of(out ? not_counted : counted));
}

void
optout_handle(struct request *r)
{
	struct str body = r->http->body, name, text, choice = STR_EMPTY;

	request_context(r, HIT_BROWSER);
	if (r->http->method != HTTP_POST) {
		show(r, r->context.opted_out);
		return;
	}
	while (http_next_param(&body, r->arena, &name, &text)) {
		if (str_is(name, "counted"))
			choice = text;
	}
	if (!str_is(choice, "no") && !str_is(choice, "yes")) {
		request_refuse(r, 400, "counted must be no or yes");
		return;
	}
	request_opt_out(r, str_is(choice, "no"));
	show(r, str_is(choice, "no"));
}

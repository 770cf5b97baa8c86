/*
 * pixel.c - one hit, one transparent GIF of one pixel.
 */
#include "collector/pixel.h"

#include "collector/cors.h"

static const char gif[] = "GIF89a\1\0\1\0\200\0\0\0\0\0\377\377\377"
			  "!\371\4\1\0\0\0\0,\0\0\0\0\1\0\1\0\0"
			  "\2\2D\1\0;";
#define GIF_BYTES (sizeof(gif) - 1)
_Static_assert(GIF_BYTES == 43, "the smallest transparent GIF");

struct str
pixel_image(void)
{
	return str_make(gif, GIF_BYTES);
}

static void
answer_image(struct request *r)
{
	exchange_lines(
	    r->exchange, STR("Content-Type: image/gif\r\n"
			     "Cache-Control: no-store\r\n"
			     "Cross-Origin-Resource-Policy: cross-origin\r\n"));
	request_answer(r, 200, pixel_image());
}

void
pixel_handle(struct request *r)
{
	struct record rec;
	struct hit_refusal no;
	const struct site *site;

	if (r->http->method == HTTP_HEAD) {
		answer_image(r);
		return;
	}
	request_context(r, HIT_PIXEL);
	if (!hit_from_query(&r->context, r->http->query, &rec, &site, &no) ||
	    !request_take(r, site, &rec, &no)) {
		struct str why = arena_printf(r->arena, "%s%s%s", no.field,
		    no.field[0] ? " " : "", no.why);

		request_verdict(r, site, &rec, &no);
		request_refuse(r, request_status(&no), why.data);
		return;
	}
	if (http_header(r->http, "Origin").len > 0)
		cors_apply(r, site);
	request_cookies(r);
	answer_image(r);
}

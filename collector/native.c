/*
 * native.c - the browser lane.
 */
#include "collector/native.h"

#include "collector/batch.h"
#include "collector/cors.h"

void
native_handle(struct request *r)
{
	struct batch b;
	const struct site *site = NULL;
	size_t index = 0;

	if (r->http->method == HTTP_OPTIONS) {
		cors_preflight(r, "POST, OPTIONS");
		return;
	}
	request_context(r, HIT_BROWSER);
	if (!batch_read(r, NATIVE_EVENTS_MAX, &b))
		return;
	for (const struct json *e = b.first; e != NULL && index < b.count;
	     e = e->next)
		batch_take(r, &b, index++, e);
	site = hit_site(&r->context, b.first);
	cors_apply(r, site);
	if (r->accepted > 0)
		request_cookies(r);
	batch_answer(r, &b, 204);
	buf_free(&b.report);
}

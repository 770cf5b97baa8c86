/*
 * redirect.h - GET /r: a click on a link in a mail, a post or another's
 * page, counted on its way to the target.
 *
 * ?to=URL&site=ID[&source=&medium=&campaign=&term=&content=&click_id=]
 * [&sig=HEX]. Off for a site that has neither redirect_hosts nor a
 * redirect_key. The target's host must be listed, or the link be signed (see
 * common/link.h); anything else is answered with an error and never with a
 * redirect. A click that cannot be stored is lost and counted, but the
 * visitor arrives all the same. HEAD, and what a browser fetches ahead, is
 * no click.
 */
#ifndef COLLECTOR_REDIRECT_H
#define COLLECTOR_REDIRECT_H

#include "collector/request.h"

/* 302; 400 when malformed; 403 when the target is not permitted; 404 when
 * the site has no redirects. */
request_handler redirect_handle;
/* The same for a link of Snowplow: ?u=URL&aid=APP[&sig=HEX]. */
request_handler redirect_handle_snowplow;

#endif

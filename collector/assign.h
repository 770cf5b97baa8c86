/*
 * assign.h - which arms of the site's experiments the visitor is in, for the
 * page to know before it is drawn.
 */
#ifndef COLLECTOR_ASSIGN_H
#define COLLECTOR_ASSIGN_H

#include "collector/request.h"

/*
 * GET of the path: {"checkout":"b"}; of the path with .js: a script that
 * marks the page with it and has the tracker send the exposures. Whoever has
 * not consented is in no experiment, and gets no cookie.
 */
request_handler assign_handle;
/* True for PATH when it is SETTING with .js. */
bool assign_is_script(struct str setting, struct str path);

#endif

/*
 * crosslink.h - a sign for links to the site's other domains: cookies do not
 * go there, but the visitor should be the same one.
 */
#ifndef COLLECTOR_CROSSLINK_H
#define COLLECTOR_CROSSLINK_H

#include "collector/request.h"

/* GET: the sign of the visitor whose cookies came, as text; 204: none. */
request_handler crosslink_handle;

#endif

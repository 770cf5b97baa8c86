/*
 * pixel.h - GET of one event in the query, answered by an invisible image:
 * for mails, AMP and pages without scripts.
 */
#ifndef COLLECTOR_PIXEL_H
#define COLLECTOR_PIXEL_H

#include "collector/request.h"

/* HEAD gets the same fields and is not a hit: link checkers send it. */
request_handler pixel_handle;

/* The transparent GIF. */
struct str pixel_image(void);

#endif

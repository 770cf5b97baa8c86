/*
 * optout.h - a page where visitors say that they are not to be counted, and
 * the cookie that says so with every hit.
 */
#ifndef COLLECTOR_OPTOUT_H
#define COLLECTOR_OPTOUT_H

#include "collector/request.h"

/* GET: the page. POST: the visitor's choice, `counted=no` or `counted=yes`. */
request_handler optout_handle;

#endif

/*
 * plausible.h - Plausible's events API, POST /api/event.
 */
#ifndef COLLECTOR_PLAUSIBLE_H
#define COLLECTOR_PLAUSIBLE_H

#include "collector/foreign.h"

/* One event without who it is: its clients have no ids. */
void plausible_read(struct foreign *f, const struct json *event);

/* 202 and "ok". */
request_handler plausible_handle;

#endif

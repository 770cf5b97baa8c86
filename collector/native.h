/*
 * native.h - POST of our own events by browsers: one object, or
 * {"events":[...]} with at most NATIVE_EVENTS_MAX.
 */
#ifndef COLLECTOR_NATIVE_H
#define COLLECTOR_NATIVE_H

#include "collector/request.h"

#define NATIVE_EVENTS_MAX 100

/* 204 when all were taken, 200 and a report when some were, else 4xx. */
request_handler native_handle;

#endif

/*
 * umami.h - Umami's POST /api/send.
 */
#ifndef COLLECTOR_UMAMI_H
#define COLLECTOR_UMAMI_H

#include "collector/foreign.h"

/* One body; its payload says what happened, never who it was. */
void umami_read(struct foreign *f, const struct json *root);

/* 200 and an object. */
request_handler umami_handle;

#endif

/*
 * script.h - the tracker, embedded when the collector was built, served
 * under its plain name and under one that holds its hash and never changes.
 */
#ifndef COLLECTOR_SCRIPT_H
#define COLLECTOR_SCRIPT_H

#include "collector/request.h"

/* GET and HEAD; 304 when the client has it already. */
request_handler script_handle;
/* The same, to be kept for good. */
request_handler script_handle_immutable;

/* The immutable name for PLAIN: "/t.js" becomes "/t-1a2b3c4d.js". */
struct str script_immutable_path(struct arena *arena, struct str plain);

#endif

/*
 * script.h - the tracker, embedded when the collector was built: the core and
 * its extension, each under a plain name or one that holds its hash.
 */
#ifndef COLLECTOR_SCRIPT_H
#define COLLECTOR_SCRIPT_H

#include "collector/request.h"

enum script_name { SCRIPT_NONE, SCRIPT_TRACKER, SCRIPT_EXTENSION };

/*
 * Which file PATH names where the tracker is at PLAIN: "/t.js" itself,
 * "/t-1a2b3c4d.js" (*HASH is 1a2b3c4d, else empty) or "/t-x1a2b3c4d.js".
 */
enum script_name script_name(
    struct str plain, struct str path, struct str *hash);

/* The core for SITE (NULL: any), with what its pages must know before it. */
struct str script_tracker(struct arena *arena, const struct site *site);

/*
 * GET and HEAD of any of them; 304 when the client has it already. Under the
 * name with its very hash it may be kept for good; under that of an older
 * hash today's file is served, for an hour.
 */
request_handler script_handle;

#endif

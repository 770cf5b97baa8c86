/*
 * segment.h - Segment's HTTP API as their clients and RudderStack's speak it:
 * /v1/track and the others, their one-letter forms, batches, and the settings
 * that a page asks for first.
 */
#ifndef COLLECTOR_SEGMENT_H
#define COLLECTOR_SEGMENT_H

#include "collector/foreign.h"

/*
 * One event; KIND ("track") where it does not say its type. SENT_AT of the
 * batch where it has none.
 */
void segment_read(struct foreign *f, const struct json *event, struct str kind,
    struct str sent_at);

/* All below the path of the setting. 200, but for a body that is no JSON. */
request_handler segment_handle;

#endif

/*
 * snowplow.h - Snowplow's tracker protocol 2: POST of batches, GET of one
 * event, and its click redirect.
 */
#ifndef COLLECTOR_SNOWPLOW_H
#define COLLECTOR_SNOWPLOW_H

#include "collector/foreign.h"

/* One event of the payload P. F has its lane from snowplow_lane(). */
void snowplow_read(struct foreign *f, const struct params *p);
/* Browsers are what they say in their header; others name it in `ua`. */
enum hit_lane snowplow_lane(const struct params *p);

/* Always 200, except for a lack of room: their clients send all else again. */
request_handler snowplow_handle;

#endif

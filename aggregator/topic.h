/*
 * topic.h - whether the topic is the one that was read before.
 */
#ifndef AGGREGATOR_TOPIC_H
#define AGGREGATOR_TOPIC_H

#include "aggregator/world.h"

/*
 * Looks at the last records before each position: those have been read, as
 * the position's state of spools tells. False and ERROR_FATAL when the topic
 * is shorter than what was read of it, or none of these records was read: it
 * was made anew, and to read on would leave out its beginning. What retention
 * has removed cannot be looked at, and is believed.
 */
bool topic_is_the_one(struct world *w, struct error *err) MUST_CHECK;

#endif

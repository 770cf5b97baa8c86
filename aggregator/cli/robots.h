/* robots.h - what robots.txt lets a program fetch, by RFC 9309. */
#ifndef AGGREGATOR_CLI_ROBOTS_H
#define AGGREGATOR_CLI_ROBOTS_H

#include "common/str.h"

/* Whether TEXT lets the program AGENT (its product token) fetch PATH, which
 * has its query. */
bool robots_allow(struct str text, struct str agent, struct str path);

#endif

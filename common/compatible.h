/*
 * compatible.h - by which ids and keys the clients of other systems name a
 * site of ours; the part of sites.yaml called `compatible`.
 *
 * What stands in a page can be read by everybody: only what is called a
 * secret or token here makes a hit a verified one.
 */
#ifndef COMMON_COMPATIBLE_H
#define COMMON_COMPATIBLE_H

#include "common/config.h"

struct compatible {
	struct texts snowplow_app_ids;
	struct texts matomo_ids;
	struct texts matomo_tokens; /* secrets */
	struct texts ga4_ids;
	struct texts ga4_secrets;
	struct texts segment_keys;
	struct texts segment_secrets; /* write keys that only servers know */
	struct texts plausible_domains;
	struct texts umami_ids;
};

/* The fields of `compatible`; offsets count from its start. */
extern const struct setting compatible_settings[];

/* How a client names its site. */
enum compatible_name {
	COMPATIBLE_SNOWPLOW,
	COMPATIBLE_MATOMO,
	COMPATIBLE_GA4,
	COMPATIBLE_SEGMENT,
	COMPATIBLE_SEGMENT_SECRET,
	COMPATIBLE_PLAUSIBLE,
	COMPATIBLE_UMAMI,
	COMPATIBLE_NAMES
};

/* The list that holds the names of kind NAME in C, and its key. */
const struct texts *compatible_list(
    const struct compatible *c, enum compatible_name name);
const char *compatible_key(enum compatible_name name);

/* True when TEXT is in LIST, found in a time that does not tell how much of
 * it is right: for secrets. */
bool compatible_secret(const struct texts *list, struct str text) MUST_CHECK;

#endif

/*
 * compatible.c - the settings of `compatible`, one row a list.
 */
#include "common/compatible.h"

#include <stdio.h>

#include "common/digest.h"

#define ID_MAX 256
#define SECRET_LEAST 8 /* bytes; a Matomo token has 32, GA4's secrets 22 */

static void
check_ids(const void *value, struct config_place *place)
{
	const struct texts *ids = value;
	char sub[32];

	for (size_t i = 0; i < ids->count; i++) {
		snprintf(sub, sizeof(sub), "[%zu]", i);
		if (ids->at[i][0] == '\0' || strlen(ids->at[i]) > ID_MAX)
			config_complain(
			    place, sub, "must have 1 to %d bytes", ID_MAX);
	}
}

static void
check_secrets(const void *value, struct config_place *place)
{
	const struct texts *keys = value;
	char sub[32];

	for (size_t i = 0; i < keys->count; i++) {
		snprintf(sub, sizeof(sub), "[%zu]", i);
		if (strlen(keys->at[i]) < SECRET_LEAST)
			config_complain(place, sub, "needs at least %d bytes",
			    SECRET_LEAST);
	}
}

#define LIST(name, about)                                                      \
	{                                                                      \
		.key = #name, .kind = SETTING_TEXTS, .fallback = "",           \
		.offset = offsetof(struct compatible, name),                   \
		.check = check_ids, .help = about                              \
	}
#define SECRETS(name, about)                                                   \
	{                                                                      \
		.key = #name, .kind = SETTING_SECRETS, .fallback = "",         \
		.offset = offsetof(struct compatible, name),                   \
		.check = check_secrets, .help = about                          \
	}

const struct setting compatible_settings[] = {
	LIST(snowplow_app_ids, "app ids of Snowplow trackers (aid)"),
	LIST(matomo_ids, "site ids of Matomo clients (idsite)"),
	SECRETS(matomo_tokens, "token_auth of Matomo clients that are servers"),
	LIST(ga4_ids, "measurement ids of GA4 clients (G-...)"),
	SECRETS(ga4_secrets, "api_secret of GA4's Measurement Protocol"),
	LIST(segment_keys, "write keys of Segment clients; anyone may know"),
	SECRETS(segment_secrets, "write keys that only servers of yours know"),
	LIST(plausible_domains, "domains of Plausible clients"),
	LIST(umami_ids, "website ids of Umami clients"), { 0 }
};

static const struct {
	size_t offset;
	const char *key;
} names[COMPATIBLE_NAMES] = {
#define NAME(id, member) [id] = { offsetof(struct compatible, member), #member }
	NAME(COMPATIBLE_SNOWPLOW, snowplow_app_ids),
	NAME(COMPATIBLE_MATOMO, matomo_ids),
	NAME(COMPATIBLE_GA4, ga4_ids),
	NAME(COMPATIBLE_SEGMENT, segment_keys),
	NAME(COMPATIBLE_SEGMENT_SECRET, segment_secrets),
	NAME(COMPATIBLE_PLAUSIBLE, plausible_domains),
	NAME(COMPATIBLE_UMAMI, umami_ids),
#undef NAME
};

const struct texts *
compatible_list(const struct compatible *c, enum compatible_name name)
{
	return (const struct texts *)((const char *)c + names[name].offset);
}

const char *
compatible_key(enum compatible_name name)
{
	return names[name].key;
}

bool
compatible_secret(const struct texts *list, struct str text)
{
	uint8_t given[SHA256_BYTES], known[SHA256_BYTES];
	bool found = false;

	digest_sha256(text, given);
	for (size_t i = 0; i < list->count; i++) {
		digest_sha256(str_of(list->at[i]), known);
		found |= digest_equal(given, known, sizeof(known));
	}
	return found;
}

/*
 * campaign.h - what an address says of the campaign it was reached by: utm_*
 * parameters and the click ids of ad networks.
 */
#ifndef AGGREGATOR_JOURNEY_CAMPAIGN_H
#define AGGREGATOR_JOURNEY_CAMPAIGN_H

#include "common/arena.h"
#include "common/str.h"

/* A network that marks its clicks. */
struct click {
	const char *param;  /* "gclid"; as it is stored */
	const char *source; /* what its click stands for when nothing */
	const char *medium; /* else is said */
};

/* The click id called NAME (case ignored), or NULL. */
const struct click *campaign_click(struct str name);

struct campaign {
	struct str source, medium, name, term, content; /* normalised */
	struct str id;             /* utm_id, else gad_campaignid */
	const struct click *click; /* NULL: no network known */
	struct str click_id;       /* "gclid=..." with its case kept */
};

/*
 * Reads QUERY into OUT; the first of repeated parameters counts, empty ones
 * do not. Of several click ids a paid network's wins, in the order of
 * DEFINITIONS.
 */
void campaign_read(struct str query, bool keep_case, struct arena *arena,
    struct campaign *out);

#endif

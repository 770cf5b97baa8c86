/*
 * quality.h - what hits say about how well they were tracked: counts per site
 * and day, refusals, and bots that came by a campaign.
 *
 * Each is a sum over records, a latest time or a list, so that order and
 * batches leave no trace.
 */
#ifndef AGGREGATOR_JOURNEY_QUALITY_H
#define AGGREGATOR_JOURNEY_QUALITY_H

#include "common/error.h"
#include "common/record.h"
#include "common/site.h"

struct facts;
struct rules;

/* The counts of the table quality_daily, in its order. */
#define QUALITY_COUNTS(X)                                                      \
	X(DUPLICATES)                                                          \
	X(LATE_MINUTES)                                                        \
	X(LATE_HOURS)                                                          \
	X(LATE_DAYS)                                                           \
	X(LATE_OLDER)                                                          \
	X(CLOCK_CORRECTED)                                                     \
	X(CLOCK_MISTRUSTED)                                                    \
	X(CLOCK_AHEAD)                                                         \
	X(COOKIELESS_DAILY)                                                    \
	X(COOKIELESS_NONE)                                                     \
	X(AD_STORAGE_GRANTED)                                                  \
	X(AD_STORAGE_DENIED)                                                   \
	X(ANALYTICS_STORAGE_GRANTED)                                           \
	X(ANALYTICS_STORAGE_DENIED)                                            \
	X(AD_USER_DATA_GRANTED)                                                \
	X(AD_USER_DATA_DENIED)                                                 \
	X(AD_PERSONALIZATION_GRANTED)                                          \
	X(AD_PERSONALIZATION_DENIED)

#define QUALITY_ID(name) QUALITY_##name,
enum quality_count { QUALITY_COUNTS(QUALITY_ID) QUALITY_COUNT };
#undef QUALITY_ID

struct quality_fact {
	const struct site *site;
	int32_t day;
	int64_t last_received_ms; /* 0: no hit, repeats alone */
	int64_t count[QUALITY_COUNT];
};

/* Hits that were refused. */
struct refusal_fact {
	const struct site *site;
	int32_t day;
	struct str reason;
	int64_t hits;
};

/* A bot came by a campaign. */
struct bot_landing_fact {
	int32_t day;
	struct str bot;
	uint32_t origin_no; /* its place in facts.origins */
	bool redirect;      /* by a redirect link, else a page view */
};

/* Where the quality_fact of a site and day is in a list, found quickly. */
enum { QUALITY_SLOTS = 64 };

/* Counts the hit R of SITE on DAY; BOT is empty for people. */
void quality_hit(struct facts *f, const struct site *site,
    const struct record *r, int32_t day, int64_t ts_ms, struct str bot);

/* Notes the hit R of BOT if a campaign brought it. */
void quality_bot(struct facts *f, const struct rules *rules,
    const struct site *site, const struct record *r, int32_t day,
    struct str bot);

/* R tells how many hits of SITE a collector refused, by reason. */
bool quality_refused(struct facts *f, const struct site *site,
    const struct record *r, int64_t ts_ms, struct error *err) MUST_CHECK;

/* R came once more, or was of no use: counted where its site is known. */
void quality_repeat(
    struct facts *f, const struct sites *sites, const struct record *r);
void quality_dead(
    struct facts *f, const struct sites *sites, const struct record *r);

#endif

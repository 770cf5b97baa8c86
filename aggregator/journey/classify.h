/*
 * classify.h - from a hit's raw facts to where it came from.
 *
 * Pure: rules are data (config/channels.yaml and the tables it names), no
 * clock, no network, no state between calls. Source, medium and campaign are
 * normalised here (trimmed, NFC, lower-cased), costs by the same function.
 */
#ifndef AGGREGATOR_JOURNEY_CLASSIFY_H
#define AGGREGATOR_JOURNEY_CLASSIFY_H

#include "aggregator/journey/hosts.h"
#include "common/arena.h"
#include "common/record.h"
#include "common/site.h"

struct rules; /* channels, hosts, bots; immutable, shared by threads */

/* Loads channels.yaml (its data tables are compiled in or beside it). */
struct rules *rules_load(const char *file, struct buf *problems) MUST_CHECK;
void rules_free(struct rules *r);
/* Adds the names that campaigns.yaml gives to campaigns; before R is shared.
 * FILE may be "": there is none. */
bool rules_name_campaigns(
    struct rules *r, const char *file, struct buf *problems) MUST_CHECK;

/* The I-th name that it gives; empty beyond the last. */
struct str rules_campaign(const struct rules *r, size_t i);

/*
 * Compiles the url_regex of the goals of SITES, which are lent until R is
 * freed or this is called again. False and a line in PROBLEMS for each that is
 * none.
 */
bool rules_add_goals(struct rules *r, const struct sites *sites,
    struct buf *problems) MUST_CHECK;
/* True when TEXT matches the url_regex of G, one of those sites' goals. */
bool rules_goal_matches(
    const struct rules *r, const struct goal *g, struct str text);

/* Where a touch came from. Strs live in the arena, the rules or the record. */
struct origin {
	bool tagged; /* campaign parameters, click id or external referrer */
	struct str channel, source, medium, campaign;
	struct str term, content;
	struct str click_id; /* "gclid=..." with its case kept; may be empty */
	struct str campaign_id; /* utm_id or gad_campaignid; may be empty */
	struct str rule;        /* name of the channel rule that matched */
};

/*
 * The origin of R on SITE, which may be NULL: no site in particular. Not
 * tagged: (direct)/(none)/(direct), channel Direct. Explicit fields win over
 * the url's, those over the click id, that over the referrer. Own hosts and
 * payment providers are no referrers.
 */
void classify_hit(const struct rules *r, const struct site *site,
    const struct record *record, struct arena *arena, struct origin *out);

/* Who sent a visitor, as the referrer has it. */
struct referrer {
	struct str host; /* without "www."; empty: none, or none that is one */
	struct str name; /* the source it is shown as */
	enum host_category category;
	bool own;      /* a host of the site or of the page itself */
	bool external; /* it makes a touch: not own, no payment provider */
};
/* What RECORD's referrer is to SITE. Strs live as those of an origin. */
void classify_referrer(const struct rules *r, const struct site *site,
    const struct record *record, struct arena *arena, struct referrer *out);

/* The origin of a cost row: normalised like a hit's, with its channel. */
void classify_names(const struct rules *r, const struct site *site,
    struct str source, struct str medium, struct str campaign,
    struct arena *arena, struct origin *out);
/* The same of one whose campaign has an id, which is normalised too. */
void classify_cost(const struct rules *r, const struct site *site,
    struct str source, struct str medium, struct str campaign, struct str id,
    struct arena *arena, struct origin *out);

/* The name of the bot rule that USER_AGENT or PURPOSE matches; empty: human
 * (a missing user agent on the browser lanes is a bot, rule "no-user-agent").
 */
struct str classify_bot(const struct rules *r, const struct record *record);

#endif

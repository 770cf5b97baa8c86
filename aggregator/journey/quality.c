/*
 * quality.c - counts how well hits were tracked while they are read.
 */
#include "aggregator/journey/quality.h"

#include <string.h>

#include "aggregator/journey/classify.h"
#include "aggregator/journey/facts.h"
#include "common/calendar.h"
#include "common/erased.h"
#include "common/json.h"

#define REASONS_MAX 32
#define REASON_BYTES 32
#define MINUTE_MS INT64_C(60000)
#define HOUR_MS (60 * MINUTE_MS)

/* A reload within a batch makes a new description of the same site. */
static bool
same_site(const struct site *a, const struct site *b)
{
	return a == b || strcmp(a->id, b->id) == 0;
}

static struct quality_fact *
counts_of(struct facts *f, const struct site *site, int32_t day)
{
	uint32_t *slot =
	    &f->quality_slot[((uint32_t)day +
				 (uint32_t)((uintptr_t)site >> 5)) %
			     QUALITY_SLOTS];
	struct quality_fact *q;
	size_t i = *slot;

	if (i < f->quality.count && f->quality.at[i].day == day &&
	    f->quality.at[i].site == site)
		return &f->quality.at[i];
	for (i = f->quality.count; i-- > 0;) {
		q = &f->quality.at[i];
		if (q->day == day && same_site(q->site, site)) {
			*slot = (uint32_t)i;
			return q;
		}
	}
	*slot = (uint32_t)f->quality.count;
	q = FACTS_ADD(f, quality);
	*q = (struct quality_fact){ .site = site, .day = day };
	return q;
}

/* How much later than it happened the collector heard of it. */
static void
count_late(struct quality_fact *q, int64_t late_ms)
{
	if (late_ms <= MINUTE_MS)
		return;
	q->count[late_ms <= HOUR_MS      ? QUALITY_LATE_MINUTES
		 : late_ms <= DAY_MS     ? QUALITY_LATE_HOURS
		 : late_ms <= 5 * DAY_MS ? QUALITY_LATE_DAYS
					 : QUALITY_LATE_OLDER]++;
}

/* What was made of the sender's clock: see facts_event_time_ms(). */
static void
count_clock(
    struct quality_fact *q, const struct record *r, bool browser, int64_t ts_ms)
{
	int64_t off = r->received_at - r->sent_at;

	if (!browser) {
		q->count[QUALITY_CLOCK_AHEAD] +=
		    ts_ms - r->received_at > MINUTE_MS;
	} else if (r->time > 0 && r->sent_at > 0) {
		if (!facts_wait_is_possible(r))
			q->count[QUALITY_CLOCK_MISTRUSTED]++;
		else if (off > MINUTE_MS || off < -MINUTE_MS)
			q->count[QUALITY_CLOCK_CORRECTED]++;
	}
}

static void
count_consent(struct quality_fact *q, struct str consent)
{
	int64_t *count = &q->count[QUALITY_AD_STORAGE_GRANTED];

	for (size_t i = 0; i < consent.len && i < 4; i++, count += 2) {
		count[0] += consent.data[i] == 'g';
		count[1] += consent.data[i] == 'd';
	}
}
_Static_assert(
    QUALITY_AD_STORAGE_GRANTED + 8 == QUALITY_COUNT &&
	QUALITY_ANALYTICS_STORAGE_GRANTED == QUALITY_AD_STORAGE_GRANTED + 2 &&
	QUALITY_AD_USER_DATA_GRANTED == QUALITY_AD_STORAGE_GRANTED + 4,
    "in the order of the record's letters, granted before denied");

void
quality_hit(struct facts *f, const struct site *site, const struct record *r,
    int32_t day, int64_t ts_ms, struct str bot)
{
	struct quality_fact *q = counts_of(f, site, day);
	bool browser = facts_is_of_browser(r);

	if (r->received_at > q->last_received_ms)
		q->last_received_ms = r->received_at;
	count_late(q, r->received_at - ts_ms);
	count_clock(q, r, browser, ts_ms);
	if (bot.len > 0)
		return;
	count_consent(q, r->consent);
	/* An erased visitor's had one. */
	if (browser && r->visitor_id.len == 0 && !erased_is_alias(r->event_id))
		q->count[QUALITY_COOKIELESS_NONE]++;
	else if (browser && str_starts(r->visitor_id, STR("d.")))
		q->count[QUALITY_COOKIELESS_DAILY]++;
}

void
quality_bot(struct facts *f, const struct rules *rules, const struct site *site,
    const struct record *r, int32_t day, struct str bot)
{
	bool redirect = str_is(r->lane, "redirect");
	struct record own;
	struct origin origin;
	struct bot_landing_fact *b;

	if (!redirect &&
	    (!str_is(r->type, "page") ||
		(r->source.len == 0 && r->campaign.len == 0 &&
		    r->click_id.len == 0 && str_find_char(r->url, '?') < 0)))
		return;
	/* Who links to us is not paid for it. */
	own = *r;
	own.referrer = STR_EMPTY;
	classify_hit(rules, site, &own, f->arena, &origin);
	if (!origin.tagged)
		return;
	b = FACTS_ADD(f, bot_landings);
	*b = (struct bot_landing_fact){ .day = day,
		.bot = arena_str(f->arena, bot),
		.origin_no = facts_origin_no(f, site, &origin),
		.redirect = redirect };
}

static void
add_refusals(struct facts *f, const struct site *site, int32_t day,
    struct str reason, int64_t hits)
{
	struct refusal_fact *x;

	for (size_t i = f->refusals.count; i-- > 0;) {
		x = &f->refusals.at[i];
		if (x->day == day && same_site(x->site, site) &&
		    str_eq(x->reason, reason)) {
			x->hits += hits;
			return;
		}
	}
	x = FACTS_ADD(f, refusals);
	*x = (struct refusal_fact){ site, day, arena_str(f->arena, reason),
		hits };
}

/* A name as ours are: what newer collectors call a reason has a row too. */
static bool
is_reason(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if ((s.data[i] < 'a' || s.data[i] > 'z') && s.data[i] != '_')
			return false;
	}
	return s.len > 0 && s.len <= REASON_BYTES;
}

bool
quality_refused(struct facts *f, const struct site *site,
    const struct record *r, int64_t ts_ms, struct error *err)
{
	struct json_flat flat = json_flat_start(r->props, f->arena);
	struct str reason[REASONS_MAX], key, value;
	int64_t hits[REASONS_MAX];
	enum json_type type;
	size_t n = 0;

	/* All of it before any: a record counts whole or is a dead letter. */
	while (json_flat_next(&flat, &key, &type, &value, err)) {
		if (n == REASONS_MAX || !is_reason(key) ||
		    type != JSON_NUMBER ||
		    !str_int(value, 1, INT64_C(1) << 53, &hits[n]))
			return error_set(err, ERROR_REJECT,
			    "props of a record of refusals are no counts by "
			    "reason");
		reason[n++] = key;
	}
	if (!flat.ended)
		return error_wrap(err, "props");
	for (size_t i = 0; i < n; i++)
		add_refusals(
		    f, site, zone_day(site->zone, ts_ms), reason[i], hits[i]);
	return true;
}

/* The site and day that R is of, if it says. */
static const struct site *
place_of(const struct sites *sites, const struct record *r, int32_t *day)
{
	const struct site *site = sites_find(sites, r->site);
	int64_t ts_ms = facts_event_time_ms(r);

	if (site == NULL || !facts_time_is_possible(ts_ms))
		return NULL;
	*day = zone_day(site->zone, ts_ms);
	return site;
}

void
quality_repeat(
    struct facts *f, const struct sites *sites, const struct record *r)
{
	int32_t day;
	const struct site *site = place_of(sites, r, &day);

	if (site != NULL)
		counts_of(f, site, day)->count[QUALITY_DUPLICATES]++;
}

void
quality_dead(struct facts *f, const struct sites *sites, const struct record *r)
{
	int32_t day;
	const struct site *site = place_of(sites, r, &day);

	if (site != NULL)
		add_refusals(f, site, day, STR("dead_letter"), 1);
}

/*
 * offline.c - gathering: events to facts, facts to what must be remembered.
 */
#include "aggregator/report/offline_internal.h"

#include <stdlib.h>

#define TOGETHER 64 /* events whose facts are taken over at once */
#define RATE_DAYS 7 /* how old a rate may be */

struct offline *
offline_new(const struct sites *sites, const struct rules *rules)
{
	struct offline *o = mem_zero(1, sizeof(*o));

	o->sites = sites;
	o->rules = rules;
	o->facts = facts_new();
	o->kept = arena_new(1 << 16);
	o->packed = packed_new();
	o->parties = parties_new();
	o->dim_names = names_new();
	o->channels = names_new();
	o->cost_names = names_new();
	o->path_names = names_new();
	o->daily = daily_new();
	return o;
}

void
offline_free(struct offline *o)
{
	if (o == NULL)
		return;
	facts_free(o->facts);
	arena_free(o->kept);
	packed_free(o->packed);
	parties_free(o->parties);
	names_free(o->dim_names);
	names_free(o->channels);
	names_free(o->cost_names);
	names_free(o->path_names);
	daily_free(o->daily);
	free(o->dims.at);
	free(o->conversions.at);
	free(o->refunds.at);
	free(o->links.at);
	free(o->rates.at);
	free(o->costs.at);
	free(o->paths.at);
	free(o->handles.at);
	free(o->link_of.at);
	free(o->handle_of.at);
	buf_free(&o->scratch);
	buf_free(&o->origin_dim);
	free(o);
}

void *
offline_room(void *at, size_t count, size_t *cap, size_t size)
{
	if (count < *cap)
		return at;
	*cap = *cap == 0 ? 64 : *cap * 2;
	return mem_grow(at, *cap * size);
}

/* --- names ---------------------------------------------------------------- */

int32_t
offline_dim_of(
    struct offline *o, const struct site *site, const struct origin *names)
{
	uint32_t place = (uint32_t)(site - (struct site *)o->sites->list.at);
	struct buf *key = &o->scratch;
	struct offline_dim *d;
	uint32_t dim;
	bool fresh;

	key->len = 0;
	buf_add(key, &place, sizeof(place));
	buf_add_str(key, names->source);
	buf_add_char(key, '\0');
	buf_add_str(key, names->medium);
	buf_add_char(key, '\0');
	buf_add_str(key, names->campaign);
	dim = names_put(o->dim_names, buf_str(key), &fresh);
	if (!fresh)
		return (int32_t)dim;
	d = OFFLINE_PUSH(o->dims);
	*d = (struct offline_dim){
		.site = site,
		.source = arena_str(o->kept, names->source),
		.medium = arena_str(o->kept, names->medium),
		.campaign = arena_str(o->kept, names->campaign),
		.channel_no = names_put(o->channels, names->channel, &fresh),
	};
	d->channel = names_at(o->channels, d->channel_no);
	return (int32_t)dim;
}

int32_t
offline_unattributed(struct offline *o, const struct site *site)
{
	struct origin nothing = { .source = STR("(none)"),
		.medium = STR("(none)"),
		.campaign = STR("(unattributed)"),
		.channel = STR("Unattributed") };

	return offline_dim_of(o, site, &nothing);
}

const struct offline_dim *
offline_dim(const struct offline *o, int32_t dim)
{
	return &o->dims.at[dim];
}

/* --- events --------------------------------------------------------------- */

/* The number of the names of T's origin. */
static int32_t
dim_of_touch(struct offline *o, const struct touch_fact *t)
{
	int32_t *dim = (int32_t *)(void *)o->origin_dim.data + t->origin_no;

	if (*dim < 0)
		*dim = offline_dim_of(o, t->site, t->origin);
	return *dim;
}

static void
take_touch(struct offline *o, const struct touch_fact *t)
{
	struct packed_hit hit = {
		.visitor = t->visitor,
		.dim = (uint32_t)dim_of_touch(o, t),
		.session = t->session,
		.signature = t->signature,
		.ts_ms = t->ts_ms,
		.start_day = t->in_visit
				 ? zone_day(t->site->zone, t->session_start_ms)
				 : 0,
		.in_visit = t->in_visit,
		.event_id = t->event_id,
	};

	packed_add(o->packed, &hit);
}

static void
take_conversion(struct offline *o, const struct conversion_fact *c)
{
	struct offline_conversion *k = OFFLINE_PUSH(o->conversions);

	*k = (struct offline_conversion){
		.fact = *c,
		.visitor = c->has_visitor ? parties_no(o->parties, c->visitor)
					  : PARTIES_NOBODY,
		.user = c->has_user ? parties_no(o->parties, c->user)
				    : PARTIES_NOBODY,
		.at_ms = c->ts_ms,
		.seq = (uint32_t)o->conversions.count,
	};
	for (int i = 0; i < FACTS_HANDLES; i++)
		k->handle[i] = (c->handle[i].hi | c->handle[i].lo) != 0
				   ? parties_no(o->parties, c->handle[i])
				   : PARTIES_NOBODY;
	k->fact.event_id = arena_str(o->kept, c->event_id);
	k->fact.goal = arena_str(o->kept, c->goal);
	k->fact.order_id = arena_str(o->kept, c->order_id);
	k->fact.dedup_key = arena_str(o->kept, c->dedup_key);
	k->fact.currency = arena_str(o->kept, c->currency);
	k->fact.lane = arena_str(o->kept, c->lane);
	/* No number depends on them. */
	k->fact.click_id = k->fact.email_sha256 = k->fact.phone_sha256 =
	    STR_EMPTY;
}

static void
take_refund(struct offline *o, const struct refund_fact *r)
{
	struct offline_refund *k = OFFLINE_PUSH(o->refunds);

	*k = (struct offline_refund){ *r, (uint32_t)o->refunds.count, false };
	k->fact.refund_id = arena_str(o->kept, r->refund_id);
	k->fact.order_id = arena_str(o->kept, r->order_id);
	k->fact.event_id = arena_str(o->kept, r->event_id);
	k->fact.currency = arena_str(o->kept, r->currency);
}

/* The slot of PARTY in INDEX. */
static uint32_t *
slot_of(struct offline_index *index, uint32_t party)
{
	if (party >= index->cap) {
		size_t cap = index->cap == 0 ? 1024 : index->cap;

		while (cap <= party)
			cap *= 2;
		index->at = mem_grow(index->at, cap * sizeof(*index->at));
		memset(index->at + index->cap, 0,
		    (cap - index->cap) * sizeof(*index->at));
		index->cap = cap;
	}
	return &index->at[party];
}

uint32_t
offline_find(const struct offline_index *index, uint32_t party)
{
	return party < index->cap ? index->at[party] : 0;
}

/* Ids mostly have one length: the room of the OLD one is used again. */
static void
replace_id(struct offline *o, struct str *old, struct str id)
{
	if (id.len <= old->len) {
		memcpy((char *)old->data, id.data, id.len);
		old->len = id.len;
	} else {
		*old = arena_str(o->kept, id);
	}
}

/* The order of (time, event id). */
static int
compare(int64_t a_ms, struct str a, int64_t b_ms, struct str b)
{
	return a_ms != b_ms ? (a_ms > b_ms) - (a_ms < b_ms) : str_cmp(a, b);
}

/* Of a click id the earliest touch says whose it is, else the latest hit. */
static void
take_handle(struct offline *o, const struct handle_fact *f)
{
	uint32_t party = parties_no(o->parties, f->handle);
	uint32_t *slot = slot_of(&o->handle_of, party);
	struct offline_handle *h;
	int order;

	if (*slot == 0) {
		*OFFLINE_PUSH(o->handles) =
		    (struct offline_handle){ .visitor = PARTIES_NOBODY,
			    .user = PARTIES_NOBODY };
		*slot = (uint32_t)o->handles.count;
	}
	h = &o->handles.at[*slot - 1];
	order = compare(f->ts_ms, f->event_id, h->visitor_ms, h->visitor_event);
	if (f->has_visitor && (h->visitor == PARTIES_NOBODY ||
				  (f->click ? order < 0 : order > 0))) {
		h->visitor = parties_no(o->parties, f->party);
		h->visitor_ms = f->ts_ms;
		replace_id(o, &h->visitor_event, f->event_id);
	}
	order = compare(f->ts_ms, f->event_id, h->user_ms, h->user_event);
	if (f->has_user && (h->user == PARTIES_NOBODY || order > 0)) {
		h->user = parties_no(o->parties, f->party);
		h->user_ms = f->ts_ms;
		replace_id(o, &h->user_event, f->event_id);
	}
}

/* The latest link of a visitor wins. */
static void
take_link(struct offline *o, const struct link_fact *l)
{
	uint32_t visitor = parties_no(o->parties, l->visitor);
	uint32_t user = parties_no(o->parties, l->user);
	uint32_t *slot = slot_of(&o->link_of, visitor);
	struct offline_link *k;

	if (*slot == 0) {
		k = OFFLINE_PUSH(o->links);
		*k = (struct offline_link){ .visitor = visitor };
		*slot = (uint32_t)o->links.count;
	} else {
		k = &o->links.at[*slot - 1];
		if (compare(l->ts_ms, l->event_id, k->ts_ms, k->event_id) <= 0)
			return;
	}
	k->user = user;
	k->ts_ms = l->ts_ms;
	replace_id(o, &k->event_id, l->event_id);
}

void
offline_absorb(struct offline *o)
{
	const struct facts *f = o->facts;

	o->origin_dim.len = 0;
	buf_reserve(&o->origin_dim, f->origins.count * sizeof(int32_t));
	if (f->origins.count > 0)
		memset(o->origin_dim.data, 0xff,
		    f->origins.count * sizeof(int32_t));
	for (size_t i = 0; i < f->touches.count; i++)
		take_touch(o, &f->touches.at[i]);
	for (size_t i = 0; i < f->conversions.count; i++)
		take_conversion(o, &f->conversions.at[i]);
	for (size_t i = 0; i < f->refunds.count; i++)
		take_refund(o, &f->refunds.at[i]);
	for (size_t i = 0; i < f->links.count; i++)
		take_link(o, &f->links.at[i]);
	for (size_t i = 0; i < f->handles.count; i++)
		take_handle(o, &f->handles.at[i]);
	for (size_t i = 0; i < f->hits.count; i++) {
		if (f->hits.at[i].bot.len > 0)
			o->counts.bots += f->hits.at[i].hits;
	}
	facts_reset(o->facts);
	o->pending = 0;
}

static bool
in_range(int64_t ms)
{
	return ms >= 2 * DAY_MS && ms < PACKED_TIME_MAX - 2 * DAY_MS;
}

bool
offline_add(struct offline *o, const struct record *record, struct error *err)
{
	int64_t ms = facts_event_time_ms(record);

	if (!in_range(ms))
		return error_set(
		    err, ERROR_REJECT, "time: is not between 1970 and 2109");
	if (record->session_start != 0 && !in_range(record->session_start))
		return error_set(err, ERROR_REJECT,
		    "session_start: is not between 1970 and 2109");
	if (!facts_add(o->facts, o->sites, o->rules, record, 0, err))
		return false;
	o->counts.events++;
	if (ms > o->newest_ms)
		o->newest_ms = ms;
	if (++o->pending == TOGETHER)
		offline_absorb(o);
	return true;
}

/* --- rates and costs ------------------------------------------------------ */

void
offline_rate(struct offline *o, struct str base, struct str currency,
    int32_t day, int64_t micros)
{
	struct offline_rate *r = OFFLINE_PUSH(o->rates);

	*r = (struct offline_rate){ arena_str(o->kept, base),
		arena_str(o->kept, currency), day, micros, o->rates.count };
	o->rates_sorted = false;
}

/* Of one day the last given comes last. */
static int
rate_order(const void *va, const void *vb)
{
	const struct offline_rate *a = va, *b = vb;
	int order = str_cmp(a->base, b->base);

	if (order == 0)
		order = str_cmp(a->currency, b->currency);
	if (order == 0)
		order = (a->day > b->day) - (a->day < b->day);
	return order != 0 ? order : (a->seq > b->seq) - (a->seq < b->seq);
}

const struct offline_rate *
offline_find_rate(
    struct offline *o, struct str base, struct str currency, int32_t day)
{
	struct offline_rate key = { base, currency, day, 0, SIZE_MAX };
	size_t low = 0, high = o->rates.count;
	const struct offline_rate *r;

	if (high == 0)
		return NULL;
	if (!o->rates_sorted)
		qsort(o->rates.at, high, sizeof(*o->rates.at), rate_order);
	o->rates_sorted = true;
	while (low < high) { /* the first beyond the day */
		size_t mid = low + (high - low) / 2;

		if (rate_order(&o->rates.at[mid], &key) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == 0)
		return NULL;
	r = &o->rates.at[low - 1];
	return str_eq(r->base, base) && str_eq(r->currency, currency) &&
		       r->day >= day - RATE_DAYS
		   ? r
		   : NULL;
}

bool
offline_cost(struct offline *o, const struct offline_cost *c)
{
	int32_t dim = offline_dim_of(o, c->site, &c->origin);
	bool foreign = !str_is(c->currency, c->site->currency), fresh;
	struct buf *key = &o->scratch;
	struct offline_spent *s;

	key->len = 0;
	buf_add(key, &c->day, sizeof(c->day));
	buf_add(key, &dim, sizeof(dim));
	buf_add_str(key, c->campaign_id);
	names_put(o->cost_names, buf_str(key), &fresh);
	if (!fresh)
		return false;
	s = OFFLINE_PUSH(o->costs);
	*s = (struct offline_spent){ c->day, dim, false, c->micros, c->clicks,
		c->impressions };
	o->counts.costs++;
	if (foreign) {
		const struct offline_rate *r = offline_find_rate(
		    o, str_of(c->site->currency), c->currency, c->day);

		s->waiting = r == NULL;
		s->micros =
		    r == NULL ? 0 : attribute_convert(c->micros, r->micros);
		o->counts.costs_waiting += r == NULL;
	}
	return true;
}

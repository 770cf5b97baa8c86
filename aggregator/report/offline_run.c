/*
 * offline_run.c - computing: customer by customer what the touches get.
 */
#include "aggregator/report/offline_internal.h"

#include <stdlib.h>

/* The touches of a party that waits for others', or for its conversions. */
struct rows {
	bool wanted;
	struct packed_row *at;
	size_t count;
};

/* What one run works with. */
struct run {
	struct offline *o;
	const struct offline_sink *sink;
	struct arena *arena;        /* of a customer */
	struct offline_link **pair; /* links by user */
	size_t pairs;
	struct rows *rows; /* of each party that is met more than once */
	struct arena *kept;
	struct touch *touch; /* of a customer */
	size_t touches, touch_cap;
	int64_t last_ms; /* of a customer's touches */
	int64_t null_before_ms;
};

/* --- whose they are ------------------------------------------------------- */

static int
by_user(const void *va, const void *vb)
{
	const struct offline_link *a = *(const struct offline_link *const *)va;
	const struct offline_link *b = *(const struct offline_link *const *)vb;

	uint32_t x = a->user, y = b->user;

	if (x == y) {
		x = a->visitor;
		y = b->visitor;
	}
	return (x > y) - (x < y);
}

static void
pair_up(struct run *r)
{
	struct offline *o = r->o;

	r->pairs = o->links.count;
	r->pair = mem_alloc((r->pairs + 1) * sizeof(*r->pair));
	for (size_t i = 0; i < r->pairs; i++)
		r->pair[i] = &o->links.at[i];
	if (r->pairs > 0)
		qsort(r->pair, r->pairs, sizeof(*r->pair), by_user);
}

/* --- touches -------------------------------------------------------------- */

static void
keep_touch(struct run *r, const struct packed_row *row)
{
	r->touch = offline_room(
	    r->touch, r->touches, &r->touch_cap, sizeof(*r->touch));
	r->touch[r->touches++] = (struct touch){ packed_time(row),
		packed_event_id(r->o->packed, row), (int32_t)row->dim,
		!packed_tagged(row), -1 };
}

/* What is done with a visit: its touches are kept for a path, or it is
 * counted. Event ids are far away in memory: nearly no customer needs them. */
enum { COUNT = 1, KEEP = 2 };

/* Counts the touch AT, and its VISITS. */
static void
count_touch(struct run *r, const struct packed_row *at, int64_t visits,
    int32_t start_day)
{
	struct daily *d = r->o->daily;
	int64_t ms = packed_time(at);
	int32_t dim = (int32_t)at->dim;
	int32_t day = zone_day(r->o->dims.at[dim].site->zone, ms);

	if (visits > 0 && start_day != day) {
		daily_add_traffic(d, start_day, dim, visits, 0);
		visits = 0;
	}
	daily_add_traffic(d, day, dim, visits, 1);
	r->o->counts.touches++;
	if (ms > r->last_ms)
		r->last_ms = ms;
}

/* The visit of the COUNT rows AT. */
static void
one_visit(struct run *r, const struct packed_row *at, size_t count, int what)
{
	struct offline *o = r->o;
	bool visit = packed_in_visit(at);
	size_t first = 0;

	for (size_t i = 1; i < count; i++) {
		if (packed_order(o->packed, &at[i], &at[first]) < 0)
			first = i;
	}
	if (what & COUNT)
		o->counts.visits += visit;
	for (size_t i = 0; i < count; i++) {
		if (!packed_tagged(&at[i]) && i != first)
			continue;
		if (what & COUNT)
			count_touch(r, &at[i], visit && i == first,
			    packed_start_day(&at[i]));
		if (what & KEEP)
			keep_touch(r, &at[i]);
	}
}

static void
one_visitor(struct run *r, const struct packed_row *at, size_t count, int what)
{
	for (size_t first = 0, i = 0; i < count; i++) {
		if (i + 1 == count || !packed_same_visit(&at[i], &at[i + 1])) {
			one_visit(r, at + first, i + 1 - first, what);
			first = i + 1;
		}
	}
}

/* The visits of party P and of the visitors linked to it. */
static void
one_party(struct run *r, uint32_t p, size_t from, size_t to, int what)
{
	one_visitor(r, r->rows[p].at, r->rows[p].count, what);
	for (; from < to; from++) {
		const struct rows *rows = &r->rows[r->pair[from]->visitor];

		one_visitor(r, rows->at, rows->count, what);
	}
}

static int
touch_order(const void *va, const void *vb)
{
	const struct touch *a = va, *b = vb;

	if (a->ts_ms != b->ts_ms)
		return a->ts_ms < b->ts_ms ? -1 : 1;
	return str_cmp(a->event_id, b->event_id);
}

static void
sort_touches(struct run *r)
{
	struct touch *t = r->touch;

	if (r->touches > 32) {
		qsort(t, r->touches, sizeof(*t), touch_order);
		return;
	}
	for (size_t i = 1; i < r->touches; i++) {
		struct touch one = t[i];
		size_t to = i;

		for (; to > 0 && touch_order(&one, &t[to - 1]) < 0; to--)
			t[to] = t[to - 1];
		t[to] = one;
	}
}

/* --- paths ---------------------------------------------------------------- */

static struct attribute_path
path_rules(const struct site *site)
{
	return (struct attribute_path){ site->exclude_direct, site->exposure,
		site->reset_after_conversion };
}

/* The numbers for the path of channels of the touches AT. */
static struct offline_sum *
path_of(struct offline *o, const struct site *site, const struct touch *at,
    size_t count)
{
	uint32_t place = (uint32_t)(site - (struct site *)o->sites->list.at);
	struct buf *key = &o->scratch;
	uint32_t path;
	bool fresh;

	key->len = 0;
	buf_add(key, &place, sizeof(place));
	for (size_t i = 0; i < count; i++)
		buf_add(
		    key, &o->dims.at[at[i].dim].channel_no, sizeof(uint32_t));
	path = names_put(o->path_names, buf_str(key), &fresh);
	if (fresh) {
		struct offline_sum *s = OFFLINE_PUSH(o->paths);

		*s = (struct offline_sum){ 0, 0, 0 };
	}
	return &o->paths.at[path];
}

static void
count_path(struct run *r, const struct site *site, const struct conversion *c)
{
	struct offline_sum *path;
	struct touch *at;

	/* Its credits are one each of the touches of its path. */
	at = arena_alloc(r->arena, c->credit_count * sizeof(*at));
	for (size_t i = 0; i < c->credit_count; i++)
		at[i].dim = c->credits[i].dim;
	path = path_of(r->o, site, at, c->credit_count);
	path->conversions++;
	path->value += c->reporting_micros - c->refunded_micros;
}

/* The path of a customer who did not convert, once the look-back is over. */
static void
count_null(struct run *r)
{
	const struct site *site = r->o->dims.at[r->touch[0].dim].site;
	const struct attribute_path rules = path_rules(site);
	size_t from = 0;

	sort_touches(r);
	if (r->last_ms >= r->o->newest_ms - site->lookback_ms)
		return;
	while (r->touch[from].ts_ms < r->last_ms - site->lookback_ms)
		from++;
	path_of(r->o, site, r->touch + from,
	    attribute_thin(&rules, r->touch + from, r->touches - from))
	    ->nulls++;
}

/* --- credits -------------------------------------------------------------- */

/* Puts the refunds of C's order into OUT. */
static void
find_refunds(
    struct run *r, const struct offline_conversion *c, struct conversion *out)
{
	struct offline *o = r->o;
	struct offline_refund key = { .fact = { .site = c->fact.site,
					  .order_id = c->fact.order_id,
					  .ts_ms = INT64_MIN } };
	size_t low = 0, high = o->refunds.count, end;

	if (c->fact.order_id.len == 0)
		return;
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (offline_refund_order(&o->refunds.at[mid], &key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (end = low; end < o->refunds.count; end++) {
		const struct refund_fact *f = &o->refunds.at[end].fact;

		if (f->site != c->fact.site ||
		    !str_eq(f->order_id, c->fact.order_id))
			break;
	}
	out->refunds =
	    arena_alloc(r->arena, (end - low) * sizeof(*out->refunds));
	for (; low < end; low++) {
		struct refund_fact *f = &o->refunds.at[low].fact;

		/* In another currency than its order it has no rate to be
		 * trusted: it waits. */
		if (!str_eq(f->currency, c->fact.currency))
			continue;
		o->refunds.at[low].used = true;
		out->refunds[out->refund_count++] =
		    (struct refund){ f->ts_ms, f->refund_id, f->value_micros };
	}
}

static struct conversion
prepare(struct run *r, const struct offline_conversion *c)
{
	const struct conversion_fact *f = &c->fact;
	struct conversion v = {
		.site = str_of(f->site->id),
		.event_id = f->event_id,
		.goal = f->goal,
		.path = path_rules(f->site),
		.zone = f->site->zone,
		.ts_ms = c->at_ms,
		.lookback_ms = f->lookback_ms,
		.value_micros = f->value_micros,
		.foreign = !str_is(f->currency, f->site->currency),
		.purchase = f->purchase,
		.duplicate = c->duplicate,
		.unattributed_dim = offline_unattributed(r->o, f->site),
	};

	if (v.foreign) {
		const struct offline_rate *rate =
		    offline_find_rate(r->o, str_of(f->site->currency),
			f->currency, zone_day(f->site->zone, c->at_ms));

		v.has_rate = rate != NULL;
		if (rate != NULL) {
			v.rate_micros = rate->micros;
			v.rate_day = rate->day;
		}
	}
	find_refunds(r, c, &v);
	return v;
}

static void
tell(struct run *r, uint32_t customer, const struct offline_conversion *from,
    const struct conversion *c)
{
	struct offline_counts *n = &r->o->counts;

	switch (c->state) {
	case OUTCOME_DUPLICATE:
		n->duplicates++;
		return;
	case OUTCOME_WAITING:
		n->waiting++;
		if (r->sink->waits != NULL)
			r->sink->waits(r->sink->ctx, &from->fact, c);
		return;
	case OUTCOME_COUNTED:
		break;
	}
	n->conversions++;
	daily_add(r->o->daily, 1, c);
	if (c->credits[0].has_touch)
		count_path(r, from->fact.site, c);
	else
		n->unattributed++;
	if (r->sink->counted != NULL)
		r->sink->counted(r->sink->ctx,
		    parties_key(r->o->parties, customer), &from->fact, c);
}

static void
credit(struct run *r, uint32_t customer, const struct offline_conversion *from,
    size_t count)
{
	struct conversion *c;

	arena_reset(r->arena);
	c = arena_alloc(r->arena, count * sizeof(*c));
	for (size_t i = 0; i < count; i++)
		c[i] = prepare(r, &from[i]);
	sort_touches(r);
	attribute(r->touch, r->touches, c, count, r->arena);
	for (size_t i = 0; i < count; i++)
		tell(r, customer, &from[i], &c[i]);
}

/* Marks the parties whose rows are looked at with others' or with their
 * conversions. */
static void
want_rows(struct run *r)
{
	const struct offline *o = r->o;

	r->rows = mem_zero(parties_count(o->parties) + 1, sizeof(*r->rows));
	for (size_t i = 0; i < o->links.count; i++) {
		r->rows[o->links.at[i].visitor].wanted = true;
		r->rows[o->links.at[i].user].wanted = true;
	}
	for (size_t i = 0; i < o->conversions.count; i++)
		r->rows[o->conversions.at[i].customer].wanted = true;
}

/* Nearly all visitors are customers of their own who bought nothing: they are
 * done with at once. */
static void
sweep(void *ctx, struct hash128 visitor, const struct packed_row *at,
    size_t count)
{
	struct run *r = ctx;
	struct offline *o = r->o;
	uint32_t party = parties_find(o->parties, visitor);

	if (party != PARTIES_NOBODY && r->rows[party].wanted) {
		struct rows *rows = &r->rows[party];

		rows->at = arena_alloc(r->kept, count * sizeof(*at));
		memcpy(rows->at, at, count * sizeof(*at));
		rows->count = count;
		return;
	}
	r->touches = 0;
	r->last_ms = 0;
	one_visitor(r, at, count, COUNT);
	if (r->last_ms > 0 && r->last_ms < r->null_before_ms) {
		one_visitor(r, at, count, KEEP);
		count_null(r);
	}
	o->counts.customers++; /* a visit has a touch at least */
}

/*
 * Party after party: a linked visitor's rows are read with its user, so that
 * each visitor's are read once.
 */
static void
go_round(struct run *r)
{
	struct offline *o = r->o;
	size_t parties = parties_count(o->parties), c = 0, l = 0;

	for (uint32_t p = 0; p < parties; p++) {
		size_t first = c, linked = l;
		int64_t before = o->counts.touches;

		if (!r->rows[p].wanted || offline_link_of(o, p) != NULL)
			continue;
		while (c < o->conversions.count &&
		       o->conversions.at[c].customer == p)
			c++;
		while (l < r->pairs && r->pair[l]->user == p)
			l++;
		r->touches = 0;
		r->last_ms = 0;
		one_party(r, p, linked, l, c > first ? COUNT | KEEP : COUNT);
		if (c > first) {
			credit(r, p, &o->conversions.at[first], c - first);
		} else if (r->last_ms > 0 && r->last_ms < r->null_before_ms) {
			one_party(r, p, linked, l, KEEP);
			count_null(r);
		}
		if (c > first || o->counts.touches > before)
			o->counts.customers++;
	}
}

/* No look-back that began later can be over. */
static int64_t
newest_null(const struct offline *o)
{
	const struct site *site = o->sites->list.at;
	int64_t shortest = INT64_MAX;

	for (size_t i = 0; i < o->sites->list.count; i++) {
		if (site[i].lookback_ms < shortest)
			shortest = site[i].lookback_ms;
	}
	return o->newest_ms - shortest;
}

static int
by_day(const void *va, const void *vb)
{
	const struct offline_spent *a = va, *b = vb;

	if (a->day != b->day)
		return a->day < b->day ? -1 : 1;
	return a->dim < b->dim ? -1 : a->dim > b->dim;
}

static int64_t
sum_given(int64_t a, int64_t b)
{
	return a < 0 ? b : b < 0 ? a : a + b;
}

/* One row per day and campaign: an upload may have several ids of it. */
static void
sum_costs(struct offline *o)
{
	struct offline_spent *s = o->costs.at;
	size_t n = 0;

	if (o->costs.count > 0)
		qsort(s, o->costs.count, sizeof(*s), by_day);
	for (size_t i = 0; i < o->costs.count; i++) {
		if (n == 0 || by_day(&s[n - 1], &s[i]) != 0) {
			s[n++] = s[i];
			continue;
		}
		s[n - 1].waiting |= s[i].waiting;
		s[n - 1].micros += s[i].micros;
		s[n - 1].clicks = sum_given(s[n - 1].clicks, s[i].clicks);
		s[n - 1].impressions =
		    sum_given(s[n - 1].impressions, s[i].impressions);
	}
	o->costs.count = n;
}

void
offline_run(struct offline *o, const struct offline_sink *sink)
{
	struct run r = { .o = o, .sink = sink };

	offline_absorb(o);
	offline_distinct(o);
	offline_join(o);
	pair_up(&r);
	r.arena = arena_new(1 << 16);
	r.kept = arena_new(1 << 20);
	r.null_before_ms = o->sites->list.count > 0 ? newest_null(o) : 0;
	want_rows(&r);
	packed_each(o->packed, sweep, &r);
	go_round(&r);
	o->counts.candidates = (int64_t)packed_count(o->packed);
	o->counts.row_bytes = (int64_t)packed_row_bytes(o->packed);
	o->counts.party_bytes = (int64_t)parties_bytes(o->parties);
	o->counts.refunds = (int64_t)o->refunds.count;
	for (size_t i = 0; i < o->refunds.count; i++)
		o->counts.refunds_waiting += !o->refunds.at[i].used;
	sum_costs(o);
	arena_free(r.arena);
	arena_free(r.kept);
	free(r.pair);
	free(r.rows);
	free(r.touch);
}

/* --- reading out ---------------------------------------------------------- */

const struct offline_counts *
offline_counts(const struct offline *o)
{
	return &o->counts;
}

struct daily *
offline_daily(struct offline *o)
{
	return o->daily;
}

const struct offline_spent *
offline_spent(const struct offline *o, size_t *n)
{
	*n = o->costs.count;
	return o->costs.at;
}

bool
offline_path(struct offline *o, size_t n, struct offline_path_row *row)
{
	const struct site *sites = o->sites->list.at;
	struct str key, *channel;
	uint32_t number;

	if (n >= o->paths.count)
		return false;
	key = names_at(o->path_names, (uint32_t)n);
	memcpy(&number, key.data, sizeof(number));
	*row = (struct offline_path_row){ .site = &sites[number],
		.count = key.len / sizeof(number) - 1,
		.conversions = o->paths.at[n].conversions,
		.value_micros = o->paths.at[n].value,
		.nulls = o->paths.at[n].nulls };
	o->scratch.len = 0;
	buf_reserve(&o->scratch, row->count * sizeof(*channel));
	channel = (struct str *)(void *)o->scratch.data;
	for (size_t i = 0; i < row->count; i++) {
		memcpy(&number, key.data + (i + 1) * sizeof(number),
		    sizeof(number));
		channel[i] = names_at(o->channels, number);
	}
	row->channel = channel;
	return true;
}

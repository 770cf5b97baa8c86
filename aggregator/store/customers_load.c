/*
 * customers_load.c - everything about some customers, in five queries.
 */
#include "aggregator/journey/visit.h"
#include "aggregator/store/customers_internal.h"

#include <stdlib.h>

#include "aggregator/store/sql.h" /* made from store/sql/ by make */

static int
by_key(const void *va, const void *vb)
{
	const struct customer *a = va, *b = vb;

	if (a->key.hi != b->key.hi)
		return a->key.hi < b->key.hi ? -1 : 1;
	return a->key.lo < b->key.lo ? -1 : a->key.lo > b->key.lo;
}

static bool
take_dirty(
    struct customers *c, struct postgres *pg, int64_t limit, struct error *err)
{
	struct postgres_args args = { 0 };
	struct postgres_rows *rows;
	size_t n;

	postgres_arg_int8(&args, limit);
	do {
		rows = postgres_query(pg, sql_dirty_take, &args, err);
		if (rows == NULL)
			break;
		n = postgres_rows_count(rows);
		c->count = 0;
		c->at = arena_zero(c->arena, n, sizeof(*c->at));
		for (size_t i = 0; i < n; i++) {
			if (!postgres_bool(rows, i, 1))
				c->at[c->count++].key =
				    postgres_uuid(rows, i, 0);
		}
		postgres_rows_free(rows);
	} while (n > 0 && c->count == 0);
	postgres_args_free(&args);
	if (rows == NULL)
		return false;
	if (c->count > 0)
		qsort(c->at, c->count, sizeof(*c->at), by_key);
	return true;
}

struct hash128 *
customers_keys(struct customers *c)
{
	struct hash128 *keys = arena_alloc(c->arena, c->count * sizeof(*keys));

	for (size_t i = 0; i < c->count; i++)
		keys[i] = c->at[i].key;
	return keys;
}

static bool
load_visitors(struct customers *c, struct postgres *pg, struct error *err)
{
	struct postgres_args args = { 0 };
	struct postgres_rows *rows;

	postgres_arg_uuids(&args, customers_keys(c), c->count);
	rows = postgres_query(pg, sql_customer_visitors, &args, err);
	postgres_args_free(&args);
	if (rows == NULL)
		return false;
	c->visitor_count = postgres_rows_count(rows);
	c->visitor = arena_alloc(c->arena, c->visitor_count * 16);
	c->owner = arena_alloc(c->arena, c->visitor_count * 16);
	for (size_t i = 0; i < c->visitor_count; i++) {
		c->owner[i] = postgres_uuid(rows, i, 0);
		c->visitor[i] = postgres_uuid(rows, i, 1);
	}
	postgres_rows_free(rows);
	return true;
}

static int
by_time(const void *va, const void *vb)
{
	const struct touch *a = va, *b = vb;

	if (a->ts_ms != b->ts_ms)
		return a->ts_ms < b->ts_ms ? -1 : 1;
	return str_cmp(a->event_id, b->event_id);
}

static void
add_touch(struct customers *c, struct customer *to,
    const struct candidate *from, bool direct)
{
	if (to->touch_count == to->touch_cap) {
		size_t cap = to->touch_cap == 0 ? 8 : to->touch_cap * 2;
		struct touch *larger =
		    arena_alloc(c->arena, cap * sizeof(*larger));

		if (to->touch_count > 0)
			memcpy(larger, to->touches,
			    to->touch_count * sizeof(*larger));
		to->touches = larger;
		to->touch_cap = cap;
	}
	to->touches[to->touch_count++] = (struct touch){ from->ts_ms,
		arena_str(c->arena, from->event_id), from->dim, direct, -1 };
}

/* The touches among the candidates AT[0..COUNT) of one visit. */
static void
add_visit(struct customers *c, struct customer *to, const struct candidate *at,
    size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (visit_is_touch(at, count, i))
			add_touch(c, to, &at[i], at[i].signature == 0);
	}
}

static bool
load_touches(struct customers *c, struct postgres *pg, struct error *err)
{
	struct postgres_args args = { 0 };
	struct postgres_rows *rows;
	struct candidate *at = NULL;
	size_t n, count = 0, cap = 0, first = 0;

	postgres_arg_uuids(&args, c->visitor, c->visitor_count);
	postgres_arg_uuids(&args, c->owner, c->visitor_count);
	rows = postgres_query(pg, sql_customer_touches, &args, err);
	postgres_args_free(&args);
	if (rows == NULL)
		return false;
	n = postgres_rows_count(rows);
	for (size_t i = 0; i < n; i++) {
		struct hash128 key = postgres_uuid(rows, i, 0);
		struct hash128 visitor = postgres_uuid(rows, i, 1);
		bool last;

		if (count == cap) {
			cap = cap == 0 ? 16 : cap * 2;
			at = mem_grow(at, cap * sizeof(*at));
		}
		at[count++] = (struct candidate){
			.signature = postgres_int(rows, i, 3),
			.ts_ms = postgres_time(rows, i, 4),
			.event_id = postgres_text(rows, i, 5),
			.start_ms = postgres_time(rows, i, 6),
			.in_visit = !postgres_null(rows, i, 6),
			.dim = (int32_t)postgres_int(rows, i, 7),
		};
		last = i + 1 == n;
		if (!last) {
			struct hash128 next = postgres_uuid(rows, i + 1, 1);

			last = next.hi != visitor.hi || next.lo != visitor.lo ||
			       postgres_int(rows, i + 1, 2) !=
				   postgres_int(rows, first, 2);
		}
		if (!last)
			continue;
		add_visit(c, customers_find(c, key), at, count);
		count = 0;
		first = i + 1;
	}
	free(at);
	postgres_rows_free(rows);
	for (size_t i = 0; i < c->count; i++) {
		if (c->at[i].touch_count > 0)
			qsort(c->at[i].touches, c->at[i].touch_count,
			    sizeof(struct touch), by_time);
	}
	return true;
}

/* Row I of the query into OUT; false when its site is not configured. */
static bool
read_conversion(struct customers *c, const struct postgres_rows *rows, size_t i,
    const struct sites *sites, struct conversion *out)
{
	const struct site *site = sites_find(sites, postgres_text(rows, i, 1));
	struct str currency = postgres_text(rows, i, 6);

	if (site == NULL)
		return false;
	*out = (struct conversion){
		.site = str_of(site->id),
		.event_id = arena_str(c->arena, postgres_text(rows, i, 2)),
		.goal = arena_str(c->arena, postgres_text(rows, i, 12)),
		.path = { site->exclude_direct, site->exposure,
		    site->reset_after_conversion },
		.zone = site->zone,
		.ts_ms = postgres_time(rows, i, 3),
		.lookback_ms = postgres_int(rows, i, 4),
		.value_micros = postgres_int(rows, i, 5),
		.foreign = !str_is(currency, site->currency),
		.has_rate = !postgres_null(rows, i, 10),
		.rate_micros = postgres_int(rows, i, 10),
		.rate_day = postgres_day(rows, i, 11),
		.purchase = postgres_bool(rows, i, 7),
		.duplicate = postgres_bool(rows, i, 8),
		.unattributed_dim =
		    c->unattributed[site - (struct site *)sites->list.at],
		.pins = &c->pins[site - (struct site *)sites->list.at],
	};
	return true;
}

/* The refunds of the conversions OF[0..COUNT) with ORDER ids of SITE. */
static bool
load_refunds(struct customers *c, struct postgres *pg, struct conversion **of,
    const struct str *site, const struct str *order, const struct str *currency,
    size_t count, struct error *err)
{
	struct postgres_args args = { 0 };
	struct postgres_rows *rows;
	size_t n;

	postgres_arg_texts(&args, site, count);
	postgres_arg_texts(&args, order, count);
	rows = postgres_query(pg, sql_customer_refunds, &args, err);
	postgres_args_free(&args);
	if (rows == NULL)
		return false;
	n = postgres_rows_count(rows);
	for (size_t i = 0; i < n;) {
		int64_t which = postgres_int(rows, i, 0);
		struct conversion *to = of[which - 1];
		size_t end = i;

		while (end < n && postgres_int(rows, end, 0) == which)
			end++;
		to->refunds =
		    arena_alloc(c->arena, (end - i) * sizeof(*to->refunds));
		for (; i < end; i++) {
			/* A refund in another currency than its order has no
			 * rate of its own to be trusted: it waits. */
			if (!str_eq(
				postgres_text(rows, i, 4), currency[which - 1]))
				continue;
			to->refunds[to->refund_count++] = (struct refund){
				.ts_ms = postgres_time(rows, i, 1),
				.refund_id = arena_str(
				    c->arena, postgres_text(rows, i, 2)),
				.value_micros = postgres_int(rows, i, 3),
			};
		}
	}
	postgres_rows_free(rows);
	return true;
}

/* Marks whose the FORWARD turned out to be, and the users of linked visitors
 * among the customers. */
static bool
pass_on(struct customers *c, struct postgres *pg, const struct hash128 *forward,
    size_t count, struct error *err)
{
	struct postgres_args args = { 0 };
	bool ok;

	postgres_arg_uuids(&args, customers_keys(c), c->count);
	postgres_arg_uuids(&args, forward, count);
	ok = postgres_exec(pg, sql_dirty_forward, &args, NULL, err);
	postgres_args_free(&args);
	return ok;
}

/* Conversion rows, ordered by customer and time, to their customers. */
static bool
load_conversions(struct customers *c, struct postgres *pg,
    const struct sites *sites, struct error *err)
{
	struct postgres_args args = { 0 };
	struct postgres_rows *rows;
	struct conversion *all, **of;
	struct str *text[3];
	struct hash128 *forward;
	size_t n, used = 0, orders = 0, forwards = 0;
	bool ok;

	postgres_arg_uuids(&args, c->visitor, c->visitor_count);
	postgres_arg_uuids(&args, c->owner, c->visitor_count);
	postgres_arg_uuids(&args, customers_keys(c), c->count);
	rows = postgres_query(pg, sql_customer_conversions, &args, err);
	postgres_args_free(&args);
	if (rows == NULL)
		return false;
	n = postgres_rows_count(rows);
	all = arena_alloc(c->arena, n * sizeof(*all));
	of = arena_alloc(c->arena, n * sizeof(*of));
	forward = arena_alloc(c->arena, n * sizeof(*forward));
	for (int k = 0; k < 3; k++)
		text[k] = arena_alloc(c->arena, n * sizeof(struct str));
	for (size_t i = 0; i < n; i++) {
		struct customer *to =
		    customers_find(c, postgres_uuid(rows, i, 0));

		if (to == NULL) {
			/* Another's: it is told, unless it knows. */
			if (!postgres_bool(rows, i, 13))
				forward[forwards++] = postgres_uuid(rows, i, 0);
			continue;
		}
		if (!read_conversion(c, rows, i, sites, &all[used]))
			continue;
		if (to->conversion_count++ == 0)
			to->conversions = &all[used];
		if (!postgres_null(rows, i, 9)) {
			of[orders] = &all[used];
			text[0][orders] = all[used].site;
			text[1][orders] =
			    arena_str(c->arena, postgres_text(rows, i, 9));
			text[2][orders++] =
			    arena_str(c->arena, postgres_text(rows, i, 6));
		}
		used++;
	}
	postgres_rows_free(rows);
	ok = orders == 0 ||
	     load_refunds(c, pg, of, text[0], text[1], text[2], orders, err);
	return ok && pass_on(c, pg, forward, forwards, err);
}

bool
customers_load(struct customers *c, struct postgres *pg,
    const struct sites *sites, int64_t limit, struct error *err)
{
	if (!take_dirty(c, pg, limit, err))
		return error_wrap(err, "taking customers");
	if (c->count == 0)
		return true;
	if (!learnt_load(c, pg, sites, err))
		return false;
	if (!load_visitors(c, pg, err))
		return error_wrap(err, "reading visitors");
	if (!load_conversions(c, pg, sites, err))
		return error_wrap(err, "reading conversions");
	if (!load_touches(c, pg, err))
		return error_wrap(err, "reading touches");
	return learnt_channels(c, pg, err);
}

/*
 * batch.c - the statements of a batch, in the order that keeps two writers
 * from waiting for each other in a circle: positions, visits, links, orders,
 * conversions, dirty customers, then the daily counts in key order, last the
 * campaign ids.
 */
#include "aggregator/store/batch.h"

#include <stdlib.h>

#include "aggregator/report/daily.h"
#include "aggregator/store/campaign_ids.h"
#include "aggregator/store/dims.h"
#include "aggregator/store/experiments.h"
#include "aggregator/store/handles.h"
#include "aggregator/store/order_keys.h"
#include "aggregator/store/quality_rows.h"
#include "aggregator/store/sql.h" /* made from store/sql/ by make */
#include "aggregator/store/visits.h"
#include "common/log.h"

struct batch_store {
	const char *topic;
	struct dims *dims;
	struct visits *visits;
	struct daily *daily;
	struct arena *arena; /* of the batch */
	struct handles handles;
	int32_t *origin_dim; /* of the batch's origins */
};

struct batch_store *
batch_store_new(const char *topic, size_t remembered_touches)
{
	struct batch_store *s = mem_zero(1, sizeof(*s));

	s->topic = topic;
	s->dims = dims_new();
	s->visits = visits_new(remembered_touches);
	s->daily = daily_new();
	s->arena = arena_new(1 << 18);
	return s;
}

void
batch_store_free(struct batch_store *s)
{
	if (s == NULL)
		return;
	dims_free(s->dims);
	visits_free(s->visits);
	daily_free(s->daily);
	arena_free(s->arena);
	free(s);
}

void
batch_store_forget(struct batch_store *s)
{
	visits_forget(s->visits);
}

bool
batch_claim(struct batch_store *s, struct postgres *pg, int32_t partition,
    int64_t first, const char *owner, struct batch_position *out,
    struct buf *dedup, struct error *err)
{
	struct postgres_args args = { 0 };
	struct postgres_rows *rows;

	postgres_arg_text(&args, str_of(s->topic));
	postgres_arg_int4(&args, partition);
	postgres_arg_int8(&args, first);
	postgres_arg_text(&args, str_of(owner));
	rows = postgres_query(pg, sql_position_claim, &args, err);
	postgres_args_free(&args);
	if (rows == NULL)
		return false;
	*out = (struct batch_position){ .partition = partition,
		.epoch = postgres_int(rows, 0, 0),
		.old_offset = postgres_int(rows, 0, 1),
		.next_offset = postgres_int(rows, 0, 1) };
	dedup->len = 0;
	buf_add_str(dedup, postgres_bytes(rows, 0, 2));
	postgres_rows_free(rows);
	return true;
}

/* --- the statements ---------------------------------------------------------
 */

static bool
advance(struct batch_store *s, struct postgres *pg,
    const struct batch_position *p, bool *fenced, struct error *err)
{
	struct postgres_args args = { 0 };
	int64_t affected = 0;
	bool ok;

	postgres_arg_text(&args, str_of(s->topic));
	postgres_arg_int4(&args, p->partition);
	postgres_arg_int8(&args, p->epoch);
	postgres_arg_int8(&args, p->old_offset);
	postgres_arg_int8(&args, p->next_offset);
	postgres_arg_bytes(&args, p->dedup);
	if (p->watermark_ms > 0)
		postgres_arg_time(&args, p->watermark_ms);
	else
		postgres_arg_null(&args);
	ok = postgres_exec(pg, sql_position_advance, &args, &affected, err);
	postgres_args_free(&args);
	*fenced = ok && affected == 0;
	return ok && affected == 1;
}

static bool
write_hits(struct batch_store *s, struct postgres *pg, const struct facts *f,
    struct error *err)
{
	size_t n = f->hits.count;
	struct postgres_args args = { 0 };
	int32_t *day = arena_alloc(s->arena, n * sizeof(*day));
	int64_t *hits = arena_alloc(s->arena, n * sizeof(*hits));
	struct str *text[4];
	bool ok;

	for (int k = 0; k < 4; k++)
		text[k] = arena_alloc(s->arena, n * sizeof(struct str));
	for (size_t i = 0; i < n; i++) {
		const struct hits_fact *h = &f->hits.at[i];

		day[i] = h->day;
		text[0][i] = str_of(h->site->id);
		text[1][i] = h->type;
		text[2][i] = h->lane;
		text[3][i] = h->bot;
		hits[i] = h->hits;
	}
	postgres_arg_days(&args, day, n);
	for (int k = 0; k < 4; k++)
		postgres_arg_texts(&args, text[k], n);
	postgres_arg_int8s(&args, hits, n);
	ok = postgres_exec(pg, sql_hits_add, &args, NULL, err);
	postgres_args_free(&args);
	return ok;
}

static int
by_visitor_latest_first(const void *va, const void *vb)
{
	const struct link_fact *a = *(const struct link_fact *const *)va;
	const struct link_fact *b = *(const struct link_fact *const *)vb;

	if (a->visitor.hi != b->visitor.hi)
		return a->visitor.hi < b->visitor.hi ? -1 : 1;
	if (a->visitor.lo != b->visitor.lo)
		return a->visitor.lo < b->visitor.lo ? -1 : 1;
	if (a->ts_ms != b->ts_ms)
		return a->ts_ms > b->ts_ms ? -1 : 1;
	return -str_cmp(a->event_id, b->event_id);
}

static bool
write_links(struct batch_store *s, struct postgres *pg, const struct facts *f,
    struct error *err)
{
	size_t count = f->links.count, n = 0;
	struct postgres_args args = { 0 };
	const struct link_fact **sorted =
	    arena_alloc(s->arena, count * sizeof(*sorted));
	struct hash128 *visitor = arena_alloc(s->arena, count * 16);
	struct hash128 *user = arena_alloc(s->arena, count * 16);
	int64_t *ts = arena_alloc(s->arena, count * 8);
	struct str *id = arena_alloc(s->arena, count * sizeof(*id));
	bool ok;

	for (size_t i = 0; i < count; i++)
		sorted[i] = &f->links.at[i];
	qsort(sorted, count, sizeof(*sorted), by_visitor_latest_first);
	for (size_t i = 0; i < count; i++) {
		const struct link_fact *l = sorted[i];

		/* The first of a visitor is its latest. */
		if (n > 0 && visitor[n - 1].hi == l->visitor.hi &&
		    visitor[n - 1].lo == l->visitor.lo)
			continue;
		visitor[n] = l->visitor;
		user[n] = l->user;
		ts[n] = l->ts_ms;
		id[n++] = l->event_id;
	}
	postgres_arg_uuids(&args, visitor, n);
	postgres_arg_uuids(&args, user, n);
	ok = postgres_exec(pg, sql_link_dirty, &args, NULL, err);
	postgres_arg_times(&args, ts, n);
	postgres_arg_texts(&args, id, n);
	ok = ok && postgres_exec(pg, sql_link_put, &args, NULL, err);
	postgres_args_free(&args);
	return ok;
}

static bool
mark_conversions(struct batch_store *s, struct postgres *pg,
    const struct facts *f, const struct order_keys *k, struct error *err)
{
	size_t n = f->conversions.count;
	struct postgres_args args = { 0 };
	struct str *site = arena_alloc(s->arena, n * sizeof(*site));
	struct str *id = arena_alloc(s->arena, n * sizeof(*id));
	bool ok;

	for (size_t i = 0; i < n; i++) {
		site[i] = str_of(f->conversions.at[i].site->id);
		id[i] = f->conversions.at[i].event_id;
	}
	postgres_arg_texts(&args, site, n);
	postgres_arg_texts(&args, id, n);
	postgres_arg_texts(&args, k->site, k->count);
	postgres_arg_texts(&args, k->key, k->count);
	postgres_arg_uuids(&args, s->handles.handle, s->handles.count);
	ok = postgres_exec(pg, sql_conversion_dirty, &args, NULL, err);
	postgres_args_free(&args);
	return ok;
}

static int
by_event_earliest_first(const void *va, const void *vb)
{
	const struct conversion_fact *a =
	    *(const struct conversion_fact *const *)va;
	const struct conversion_fact *b =
	    *(const struct conversion_fact *const *)vb;
	int order = strcmp(a->site->id, b->site->id);

	if (order == 0)
		order = str_cmp(a->event_id, b->event_id);
	if (order == 0)
		order = a->ts_ms < b->ts_ms ? -1 : a->ts_ms > b->ts_ms;
	return order;
}

/* The earliest of each event id. */
static size_t
distinct_conversions(struct batch_store *s, const struct facts *f,
    const struct conversion_fact ***out)
{
	size_t count = f->conversions.count, n = 0;
	const struct conversion_fact **sorted =
	    arena_alloc(s->arena, count * sizeof(*sorted));

	for (size_t i = 0; i < count; i++)
		sorted[i] = &f->conversions.at[i];
	qsort(sorted, count, sizeof(*sorted), by_event_earliest_first);
	for (size_t i = 0; i < count; i++) {
		if (n == 0 || sorted[n - 1]->site != sorted[i]->site ||
		    !str_eq(sorted[n - 1]->event_id, sorted[i]->event_id))
			sorted[n++] = sorted[i];
	}
	*out = sorted;
	return n;
}

static bool
put_conversions(struct batch_store *s, struct postgres *pg,
    const struct facts *f, const struct order_keys *keys, struct error *err)
{
	const struct conversion_fact **c;
	size_t n = distinct_conversions(s, f, &c);
	struct postgres_args args = { 0 };
	struct str *text[15];
	int64_t *number[3];
	struct hash128 *who[2 + FACTS_HANDLES];
	bool *flag[2], ok;

	for (int k = 0; k < 15; k++)
		text[k] = arena_alloc(s->arena, n * sizeof(struct str));
	for (int k = 0; k < 3; k++)
		number[k] = arena_alloc(s->arena, n * 8);
	for (int k = 0; k < 2 + FACTS_HANDLES; k++)
		who[k] = arena_zero(s->arena, n, 16);
	for (int k = 0; k < 2; k++)
		flag[k] = arena_alloc(s->arena, n);
	for (size_t i = 0; i < n; i++) {
		text[0][i] = str_of(c[i]->site->id);
		text[1][i] = c[i]->event_id;
		text[2][i] = c[i]->goal;
		number[0][i] = c[i]->ts_ms;
		if (c[i]->has_visitor)
			who[0][i] = c[i]->visitor;
		if (c[i]->has_user)
			who[1][i] = c[i]->user;
		text[3][i] = order_keys_name(keys, text[0][i], c[i]->order_id);
		text[4][i] = order_keys_name(keys, text[0][i], c[i]->dedup_key);
		number[1][i] = c[i]->value_micros;
		text[5][i] = c[i]->currency;
		flag[0][i] = c[i]->verified;
		text[6][i] = c[i]->lane;
		flag[1][i] = c[i]->purchase;
		number[2][i] = c[i]->lookback_ms;
		text[7][i] = c[i]->click_id;
		text[8][i] = c[i]->email_sha256;
		text[9][i] = c[i]->phone_sha256;
		text[10][i] = c[i]->email_google_sha256;
		text[11][i] = c[i]->phone_digits_sha256;
		text[12][i] = c[i]->consent;
		text[13][i] = c[i]->page_url;
		text[14][i] = c[i]->user_agent;
		for (int k = 0; k < FACTS_HANDLES; k++)
			who[2 + k][i] = c[i]->handle[k];
	}
	postgres_arg_texts(&args, text[0], n);
	postgres_arg_texts(&args, text[1], n);
	postgres_arg_texts(&args, text[2], n);
	postgres_arg_times(&args, number[0], n);
	postgres_arg_uuids(&args, who[0], n);
	postgres_arg_uuids(&args, who[1], n);
	postgres_arg_texts(&args, text[3], n);
	postgres_arg_texts(&args, text[4], n);
	postgres_arg_int8s(&args, number[1], n);
	postgres_arg_texts(&args, text[5], n);
	postgres_arg_bools(&args, flag[0], n);
	postgres_arg_texts(&args, text[6], n);
	postgres_arg_bools(&args, flag[1], n);
	postgres_arg_int8s(&args, number[2], n);
	for (int k = 7; k < 15; k++)
		postgres_arg_texts(&args, text[k], n);
	for (int k = 0; k < FACTS_HANDLES; k++)
		postgres_arg_uuids(&args, who[2 + k], n);
	ok = postgres_exec(pg, sql_conversion_put, &args, NULL, err);
	postgres_args_free(&args);
	return ok;
}

static int
by_refund_earliest_first(const void *va, const void *vb)
{
	const struct refund_fact *a = *(const struct refund_fact *const *)va;
	const struct refund_fact *b = *(const struct refund_fact *const *)vb;
	int order = strcmp(a->site->id, b->site->id);

	if (order == 0)
		order = str_cmp(a->refund_id, b->refund_id);
	if (order == 0)
		order = a->ts_ms < b->ts_ms ? -1 : a->ts_ms > b->ts_ms;
	return order != 0 ? order : str_cmp(a->event_id, b->event_id);
}

static bool
put_refunds(struct batch_store *s, struct postgres *pg, const struct facts *f,
    const struct order_keys *keys, struct error *err)
{
	size_t count = f->refunds.count, n = 0;
	struct postgres_args args = { 0 };
	const struct refund_fact **r =
	    arena_alloc(s->arena, count * sizeof(*r));
	struct str *text[5];
	int64_t *number[2];
	bool ok;

	for (int k = 0; k < 5; k++)
		text[k] = arena_alloc(s->arena, count * sizeof(struct str));
	for (int k = 0; k < 2; k++)
		number[k] = arena_alloc(s->arena, count * 8);
	for (size_t i = 0; i < count; i++)
		r[i] = &f->refunds.at[i];
	qsort(r, count, sizeof(*r), by_refund_earliest_first);
	for (size_t i = 0; i < count; i++) {
		if (n > 0 && str_is(text[0][n - 1], r[i]->site->id) &&
		    str_eq(text[1][n - 1], r[i]->refund_id))
			continue;
		text[0][n] = str_of(r[i]->site->id);
		text[1][n] = r[i]->refund_id;
		text[2][n] = order_keys_name(keys, text[0][n], r[i]->order_id);
		number[0][n] = r[i]->ts_ms;
		text[3][n] = r[i]->event_id;
		number[1][n] = r[i]->value_micros;
		text[4][n++] = r[i]->currency;
	}
	for (int k = 0; k < 3; k++)
		postgres_arg_texts(&args, text[k], n);
	postgres_arg_times(&args, number[0], n);
	postgres_arg_texts(&args, text[3], n);
	postgres_arg_int8s(&args, number[1], n);
	postgres_arg_texts(&args, text[4], n);
	ok = postgres_exec(pg, sql_refund_put, &args, NULL, err);
	postgres_args_free(&args);
	return ok;
}

static bool
write_conversions(struct batch_store *s, struct postgres *pg,
    const struct facts *f, struct error *err)
{
	struct order_keys k;

	return order_keys_lock(&k, pg, f, s->arena, err) &&
	       mark_conversions(s, pg, f, &k, err) &&
	       handles_put(&s->handles, pg, err) &&
	       (f->conversions.count == 0 ||
		   put_conversions(s, pg, f, &k, err)) &&
	       (f->refunds.count == 0 || put_refunds(s, pg, f, &k, err)) &&
	       mark_conversions(s, pg, f, &k, err);
}

static bool
write_traffic(struct batch_store *s, struct postgres *pg, struct error *err)
{
	struct postgres_args args = { 0 };
	size_t n;
	const struct daily_traffic *t = daily_traffic(s->daily, &n);
	int32_t *day = arena_alloc(s->arena, n * 4);
	int32_t *dim = arena_alloc(s->arena, n * 4);
	int64_t *visits = arena_alloc(s->arena, n * 8);
	int64_t *touches = arena_alloc(s->arena, n * 8);
	bool ok;

	if (n == 0)
		return true;
	for (size_t i = 0; i < n; i++) {
		day[i] = t[i].day;
		dim[i] = t[i].dim;
		visits[i] = t[i].visits;
		touches[i] = t[i].touches;
	}
	postgres_arg_days(&args, day, n);
	postgres_arg_int4s(&args, dim, n);
	postgres_arg_int8s(&args, visits, n);
	postgres_arg_int8s(&args, touches, n);
	ok = postgres_exec(pg, sql_traffic_add, &args, NULL, err);
	postgres_args_free(&args);
	return ok;
}

static bool
write_dead(struct batch_store *s, struct postgres *pg, const struct facts *f,
    struct error *err)
{
	struct postgres_args args = { 0 };
	bool ok = true;

	for (size_t i = 0; ok && i < f->dead.count; i++) {
		const struct dead_fact *d = &f->dead.at[i];

		postgres_args_reset(&args);
		postgres_arg_text(&args, str_of(s->topic));
		postgres_arg_int4(&args, d->partition);
		postgres_arg_int8(&args, d->offset);
		postgres_arg_text(&args, d->reason);
		postgres_arg_bytes(&args, d->record);
		ok = postgres_exec(pg, sql_dead_add, &args, NULL, err);
	}
	postgres_args_free(&args);
	return ok;
}

/* --- the transaction
 * ----------------------------------------------------------- */

static bool
resolve(struct batch_store *s, struct postgres *pg, const struct facts *f,
    int32_t **dim, struct error *err)
{
	size_t n = f->origins.count;
	struct dim_name *names = arena_alloc(s->arena, n * sizeof(*names));
	int32_t *of = arena_alloc(s->arena, n * sizeof(*of));

	for (size_t i = 0; i < n; i++) {
		const struct origin *o = f->origins.at[i].origin;

		names[i] = (struct dim_name){ str_of(f->origins.at[i].site->id),
			o->source, o->medium, o->campaign, o->channel };
	}
	if (!dims_resolve(s->dims, pg, names, n, of, err))
		return false;
	s->origin_dim = of;
	*dim = arena_alloc(s->arena, f->touches.count * sizeof(**dim));
	for (size_t i = 0; i < f->touches.count; i++)
		(*dim)[i] = of[f->touches.at[i].origin_no];
	return true;
}

static bool
write_all(struct batch_store *s, struct postgres *pg, const struct facts *f,
    const int32_t *dim, struct error *err)
{
	if (!handles_lock(&s->handles, pg, f, s->arena, err))
		return error_wrap(err, "locking handles");
	if (!visits_write(s->visits, pg, f, dim, s->daily, err))
		return error_wrap(err, "writing touches");
	if (f->links.count > 0 && !write_links(s, pg, f, err))
		return error_wrap(err, "writing links");
	if (f->conversions.count + f->refunds.count + f->handles.count > 0 &&
	    !write_conversions(s, pg, f, err))
		return error_wrap(err, "writing conversions");
	if (!experiments_expose(pg, f, s->arena, err))
		return error_wrap(err, "writing exposures");
	if (!write_dead(s, pg, f, err))
		return error_wrap(err, "writing dead letters");
	if (f->hits.count > 0 && !write_hits(s, pg, f, err))
		return error_wrap(err, "counting hits");
	if (!quality_write(pg, f, s->origin_dim, s->arena, err))
		return error_wrap(err, "counting quality");
	if (!write_traffic(s, pg, err))
		return error_wrap(err, "counting visits");
	if (!campaign_ids_write(pg, f, dim, s->arena, err))
		return error_wrap(err, "matching costs");
	return true;
}

/* OWNER, if not NULL: whether the partition stands in that name; *OWNED. */
static bool
read_position(struct batch_store *s, struct postgres *pg, int32_t partition,
    int64_t *epoch, int64_t *next_offset, const char *owner, bool *owned,
    struct error *err)
{
	struct postgres_args args = { 0 };
	struct postgres_rows *rows;

	postgres_arg_text(&args, str_of(s->topic));
	postgres_arg_int4(&args, partition);
	rows = postgres_query(pg, sql_position_read, &args, err);
	postgres_args_free(&args);
	if (rows == NULL)
		return false;
	*epoch = *next_offset = -1;
	if (postgres_rows_count(rows) == 1) {
		*epoch = postgres_int(rows, 0, 0);
		*next_offset = postgres_int(rows, 0, 1);
		if (owner != NULL)
			*owned = str_is(postgres_text(rows, 0, 2), owner);
	}
	postgres_rows_free(rows);
	return true;
}

bool
batch_stands(struct batch_store *s, struct postgres *pg,
    const struct batch_position *p, const char *owner, bool *ours,
    bool *unmoved, struct error *err)
{
	int64_t epoch, next_offset;

	*ours = false;
	if (!read_position(
		s, pg, p->partition, &epoch, &next_offset, owner, ours, err))
		return false;
	*unmoved = epoch == p->epoch && next_offset == p->old_offset;
	return true;
}

/*
 * What became of a batch whose COMMIT was not answered, now or in an earlier
 * try: all positions moved together, so one that is still ours and stands
 * where we put it tells of all.
 */
static enum batch_result
settle(struct batch_store *s, struct postgres *pg,
    const struct batch_position *p, size_t count, struct error *err)
{
	bool fenced = false;

	for (size_t i = 0; i < count; i++) {
		int64_t epoch, at;

		if (!read_position(
			s, pg, p[i].partition, &epoch, &at, NULL, NULL, err))
			return BATCH_FAILED;
		if (epoch != p[i].epoch)
			at = -1;
		if (at == p[i].next_offset && at != p[i].old_offset)
			return BATCH_WRITTEN;
		fenced = fenced || at != p[i].old_offset;
	}
	if (fenced)
		return BATCH_FENCED;
	error_set(err, ERROR_RETRY, "the commit was lost with its connection");
	return BATCH_FAILED;
}

static enum batch_result
try_write(struct batch_store *s, struct postgres *pg, const struct facts *facts,
    const struct batch_position *positions, size_t count, bool *unknown,
    struct error *err)
{
	int32_t *dim;
	bool fenced = false;

	arena_reset(s->arena);
	daily_reset(s->daily);
	if (!resolve(s, pg, facts, &dim, err) || !postgres_begin(pg, err))
		return BATCH_FAILED;
	for (size_t i = 0; i < count; i++) {
		if (!advance(s, pg, &positions[i], &fenced, err))
			return fenced ? BATCH_FENCED : BATCH_FAILED;
	}
	if (!write_all(s, pg, facts, dim, err))
		return BATCH_FAILED;
	switch (postgres_commit(pg, err)) {
	case POSTGRES_COMMITTED:
		return BATCH_WRITTEN;
	case POSTGRES_UNKNOWN:
		*unknown = true;
		return BATCH_FAILED;
	case POSTGRES_NOT_COMMITTED:
		break;
	}
	return BATCH_FAILED;
}

enum batch_result
batch_write(struct batch_store *s, struct postgres **pg,
    struct postgres *(*reconnect)(void *ctx, struct error *err), void *ctx,
    const struct facts *facts, const struct batch_position *positions,
    size_t count, struct error *err)
{
	enum batch_result result;
	bool unknown = false;

	result = try_write(s, *pg, facts, positions, count, &unknown, err);
	if (result != BATCH_WRITTEN)
		postgres_rollback(*pg);
	if (unknown) {
		log_warning(
		    "batch", "the answer to COMMIT was lost; reading back");
		postgres_close(*pg);
		*pg = reconnect(ctx, err);
	}
	if (*pg == NULL)
		result = BATCH_FAILED;
	else if (unknown || result == BATCH_FENCED)
		result = settle(s, *pg, positions, count, err);
	if (result == BATCH_WRITTEN) {
		visits_keep(s->visits);
	} else {
		visits_drop(s->visits);
		visits_forget(s->visits);
	}
	return result;
}

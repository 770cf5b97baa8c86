/*
 * rebuild_read.c - a stretch of the topic, one COPY for each kind of fact.
 */
#include "aggregator/store/rebuild_read.h"

#include <stdlib.h>

#include "aggregator/store/dims.h"
#include "aggregator/store/quality_rows.h"
#include "aggregator/store/sql.h" /* made from store/sql/ by make */

struct rebuild_read {
	const char *topic;
	struct dims *dims;
	struct arena *arena;
	/* The touches of the stretch that stay. */
	const struct touch_fact **touch;
	int32_t *dim; /* of these, then of the bot landings */
	size_t count;
};

struct rebuild_read *
rebuild_read_new(const char *topic)
{
	struct rebuild_read *r = mem_zero(1, sizeof(*r));

	r->topic = topic;
	r->dims = dims_new();
	r->arena = arena_new(1 << 20);
	return r;
}

void
rebuild_read_free(struct rebuild_read *r)
{
	if (r == NULL)
		return;
	dims_free(r->dims);
	arena_free(r->arena);
	free(r);
}

static bool
same_touch(const struct touch_fact *a, const struct touch_fact *b)
{
	return a->visitor.hi == b->visitor.hi &&
	       a->visitor.lo == b->visitor.lo && a->session == b->session &&
	       a->signature == b->signature;
}

static bool
is_earlier(const struct touch_fact *a, const struct touch_fact *b)
{
	if (a->ts_ms != b->ts_ms)
		return a->ts_ms < b->ts_ms;
	return str_cmp(a->event_id, b->event_id) < 0;
}

/* Of each visitor, visit and origin the earliest hit, into R. */
static void
pick_touches(struct rebuild_read *r, const struct facts *f)
{
	size_t slots = 1024;
	uint32_t *slot; /* place in r->touch + 1 */

	while (slots < f->touches.count * 2)
		slots *= 2;
	slot = arena_zero(r->arena, slots, sizeof(*slot));
	r->touch = arena_alloc(r->arena, f->touches.count * sizeof(*r->touch));
	r->count = 0;
	for (size_t i = 0; i < f->touches.count; i++) {
		const struct touch_fact *t = &f->touches.at[i];
		size_t at = (size_t)(t->visitor.lo ^ (uint64_t)t->session ^
				     (uint64_t)t->signature) &
			    (slots - 1);

		while (slot[at] != 0 && !same_touch(r->touch[slot[at] - 1], t))
			at = (at + 1) & (slots - 1);
		if (slot[at] == 0) {
			r->touch[r->count++] = t;
			slot[at] = (uint32_t)r->count;
		} else if (is_earlier(t, r->touch[slot[at] - 1])) {
			r->touch[slot[at] - 1] = t;
		}
	}
}

static bool
resolve(struct rebuild_read *r, struct postgres *pg, const struct facts *f,
    struct error *err)
{
	size_t all = r->count + f->bot_landings.count;
	struct dim_name *names = arena_alloc(r->arena, all * sizeof(*names));

	r->dim = arena_alloc(r->arena, all * sizeof(*r->dim));
	for (size_t i = 0; i < r->count; i++) {
		const struct origin *o = r->touch[i]->origin;

		names[i] = (struct dim_name){ str_of(r->touch[i]->site->id),
			o->source, o->medium, o->campaign, o->channel };
	}
	for (size_t i = r->count; i < all; i++) {
		const struct origin_fact *o =
		    &f->origins.at[f->bot_landings.at[i - r->count].origin_no];

		names[i] = (struct dim_name){ str_of(o->site->id),
			o->origin->source, o->origin->medium,
			o->origin->campaign, o->origin->channel };
	}
	return dims_resolve(r->dims, pg, names, all, r->dim, err);
}

/* --- rows ----------------------------------------------------------------- */

static void
optional(struct postgres_copy *c, struct str s)
{
	if (s.len > 0)
		postgres_copy_text(c, s);
	else
		postgres_copy_null(c);
}

static void
key(struct postgres_copy *c, struct hash128 k)
{
	if ((k.hi | k.lo) != 0)
		postgres_copy_uuid(c, k);
	else
		postgres_copy_null(c);
}

static bool
copy_touches(struct rebuild_read *r, struct postgres *pg, struct error *err)
{
	struct postgres_copy *c =
	    postgres_copy_open(pg, sql_rebuild_copy_touch, err);

	for (size_t i = 0; c != NULL && i < r->count; i++) {
		const struct touch_fact *t = r->touch[i];

		postgres_copy_row(c, 13);
		postgres_copy_uuid(c, t->visitor);
		postgres_copy_int8(c, t->session);
		postgres_copy_int8(c, t->signature);
		postgres_copy_time(c, t->ts_ms);
		postgres_copy_text(c, t->event_id);
		if (t->in_visit)
			postgres_copy_time(c, t->session_start_ms);
		else
			postgres_copy_null(c);
		postgres_copy_int4(c, r->dim[i]);
		postgres_copy_bool(c, t->origin->tagged);
		optional(c, t->origin->term);
		optional(c, t->origin->content);
		optional(c, t->origin->click_id);
		optional(c, t->origin->campaign_id);
		postgres_copy_int4(c, t->partition);
	}
	return c != NULL && postgres_copy_close(c, err);
}

static bool
copy_conversions(const struct facts *f, struct postgres *pg, struct error *err)
{
	struct postgres_copy *c =
	    postgres_copy_open(pg, sql_rebuild_copy_conversion, err);

	for (size_t i = 0; c != NULL && i < f->conversions.count; i++) {
		const struct conversion_fact *v = &f->conversions.at[i];

		postgres_copy_row(c, 25);
		postgres_copy_text(c, str_of(v->site->id));
		postgres_copy_text(c, v->event_id);
		postgres_copy_text(c, v->goal);
		postgres_copy_time(c, v->ts_ms);
		key(c, v->has_visitor ? v->visitor : (struct hash128){ 0 });
		key(c, v->has_user ? v->user : (struct hash128){ 0 });
		optional(c, v->order_id);
		optional(c, v->dedup_key);
		postgres_copy_int8(c, v->value_micros);
		postgres_copy_text(c, v->currency);
		postgres_copy_bool(c, v->verified);
		postgres_copy_text(c, v->lane);
		postgres_copy_bool(c, v->purchase);
		postgres_copy_int8(c, v->lookback_ms);
		optional(c, v->click_id);
		optional(c, v->email_sha256);
		optional(c, v->phone_sha256);
		optional(c, v->email_google_sha256);
		optional(c, v->phone_digits_sha256);
		optional(c, v->consent);
		optional(c, v->page_url);
		optional(c, v->user_agent);
		for (int k = 0; k < FACTS_HANDLES; k++)
			key(c, v->handle[k]);
	}
	return c != NULL && postgres_copy_close(c, err);
}

static bool
copy_refunds(const struct facts *f, struct postgres *pg, struct error *err)
{
	struct postgres_copy *c =
	    postgres_copy_open(pg, sql_rebuild_copy_refund, err);

	for (size_t i = 0; c != NULL && i < f->refunds.count; i++) {
		const struct refund_fact *r = &f->refunds.at[i];

		postgres_copy_row(c, 7);
		postgres_copy_text(c, str_of(r->site->id));
		postgres_copy_text(c, r->refund_id);
		postgres_copy_text(c, r->order_id);
		postgres_copy_time(c, r->ts_ms);
		postgres_copy_text(c, r->event_id);
		postgres_copy_int8(c, r->value_micros);
		postgres_copy_text(c, r->currency);
	}
	return c != NULL && postgres_copy_close(c, err);
}

static bool
copy_links(const struct facts *f, struct postgres *pg, struct error *err)
{
	struct postgres_copy *c =
	    postgres_copy_open(pg, sql_rebuild_copy_identity, err);

	for (size_t i = 0; c != NULL && i < f->links.count; i++) {
		const struct link_fact *l = &f->links.at[i];

		postgres_copy_row(c, 4);
		postgres_copy_uuid(c, l->visitor);
		postgres_copy_uuid(c, l->user);
		postgres_copy_time(c, l->ts_ms);
		postgres_copy_text(c, l->event_id);
	}
	return c != NULL && postgres_copy_close(c, err);
}

/* PARTY with when and by which event, or three times nothing. */
static void
party(struct postgres_copy *c, bool has, const struct handle_fact *h)
{
	if (has) {
		postgres_copy_uuid(c, h->party);
		postgres_copy_time(c, h->ts_ms);
		postgres_copy_text(c, h->event_id);
		return;
	}
	for (int i = 0; i < 3; i++)
		postgres_copy_null(c);
}

static bool
copy_handles(const struct facts *f, struct postgres *pg, struct error *err)
{
	struct postgres_copy *c =
	    postgres_copy_open(pg, sql_rebuild_copy_handle, err);

	for (size_t i = 0; c != NULL && i < f->handles.count; i++) {
		const struct handle_fact *h = &f->handles.at[i];

		postgres_copy_row(c, 8);
		postgres_copy_uuid(c, h->handle);
		postgres_copy_bool(c, h->click);
		party(c, h->has_visitor, h);
		party(c, h->has_user, h);
	}
	return c != NULL && postgres_copy_close(c, err);
}

static bool
copy_hits(const struct facts *f, struct postgres *pg, struct error *err)
{
	struct postgres_copy *c =
	    postgres_copy_open(pg, sql_rebuild_copy_hits, err);

	for (size_t i = 0; c != NULL && i < f->hits.count; i++) {
		const struct hits_fact *h = &f->hits.at[i];

		postgres_copy_row(c, 6);
		postgres_copy_day(c, h->day);
		postgres_copy_text(c, str_of(h->site->id));
		postgres_copy_text(c, h->type);
		postgres_copy_text(c, h->lane);
		postgres_copy_text(c, h->bot);
		postgres_copy_int8(c, h->hits);
	}
	return c != NULL && postgres_copy_close(c, err);
}

static bool
copy_dead(const struct rebuild_read *r, const struct facts *f,
    struct postgres *pg, struct error *err)
{
	struct postgres_copy *c =
	    postgres_copy_open(pg, sql_rebuild_copy_dead, err);

	for (size_t i = 0; c != NULL && i < f->dead.count; i++) {
		const struct dead_fact *d = &f->dead.at[i];

		postgres_copy_row(c, 5);
		postgres_copy_text(c, str_of(r->topic));
		postgres_copy_int4(c, d->partition);
		postgres_copy_int8(c, d->offset);
		postgres_copy_text(c, d->reason);
		postgres_copy_bytes(c, d->record);
	}
	return c != NULL && postgres_copy_close(c, err);
}

/* --- the transaction ------------------------------------------------------ */

static bool
advance(struct postgres *pg, const struct rebuild_step *s, struct error *err)
{
	struct postgres_args args = { 0 };
	int64_t moved = 0;
	bool ok;

	postgres_arg_int4(&args, s->partition);
	postgres_arg_int8(&args, s->old_offset);
	postgres_arg_int8(&args, s->next_offset);
	postgres_arg_bytes(&args, s->dedup);
	ok = postgres_exec(pg, sql_rebuild_advance, &args, &moved, err);
	postgres_args_free(&args);
	if (ok && moved != 1)
		ok = error_set(err, ERROR_FATAL,
		    "partition %d of the rebuild is not where it was: is "
		    "another rebuild running?",
		    (int)s->partition);
	return ok;
}

static bool
copy_all(struct rebuild_read *r, struct postgres *pg, const struct facts *f,
    struct error *err)
{
	return (r->count == 0 || copy_touches(r, pg, err)) &&
	       (f->conversions.count == 0 || copy_conversions(f, pg, err)) &&
	       (f->refunds.count == 0 || copy_refunds(f, pg, err)) &&
	       (f->links.count == 0 || copy_links(f, pg, err)) &&
	       (f->handles.count == 0 || copy_handles(f, pg, err)) &&
	       (f->hits.count == 0 || copy_hits(f, pg, err)) &&
	       quality_copy(pg, f, r->dim + r->count, err) &&
	       (f->dead.count == 0 || copy_dead(r, f, pg, err));
}

bool
rebuild_read_write(struct rebuild_read *r, struct postgres *pg,
    const struct facts *facts, const struct rebuild_step *step, size_t count,
    struct error *err)
{
	bool ok = true;

	arena_reset(r->arena);
	pick_touches(r, facts);
	if (!resolve(r, pg, facts, err) || !postgres_begin(pg, err))
		return false;
	for (size_t i = 0; ok && i < count; i++)
		ok = advance(pg, &step[i], err);
	if (ok && copy_all(r, pg, facts, err) &&
	    postgres_commit(pg, err) == POSTGRES_COMMITTED)
		return true;
	postgres_rollback(pg);
	return false;
}

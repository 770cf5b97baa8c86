/*
 * rebuild.c - the phases of a rebuild, each a transaction.
 */
#include "aggregator/store/rebuild.h"

#include <stdlib.h>
#include <time.h>

#include "aggregator/store/customers.h"
#include "aggregator/store/dims.h"
#include "aggregator/store/sql.h" /* made from store/sql/ by make */
#include "common/clock.h"

/* The lock of a rebuild that has just ended is there until PostgreSQL has
 * seen its connection close. */
#define LOCK_WAIT_MS 3000

/* The tables that are rebuilt; rebuild_begin.sql names them too. */
static const char *const parts[] = { "touch", "conversion", "refund",
	"order_key", "identity", "handle", "outcome", "credit",
	"campaign_daily", "traffic_daily", "hits_daily", "campaign_hit",
	"quality_daily", "refusal_daily", "bot_landing_daily" };
#define PARTS (sizeof(parts) / sizeof(*parts))

/* --- beginning ------------------------------------------------------------ */

static bool
ask(struct postgres *pg, const char *sql, bool *answer, struct error *err)
{
	struct postgres_rows *r = postgres_query(pg, sql, NULL, err);

	if (r == NULL)
		return false;
	*answer = postgres_bool(r, 0, 0);
	postgres_rows_free(r);
	return true;
}

static bool
no_obstacles(struct postgres *pg, struct error *err)
{
	struct postgres_args args = { 0 };
	struct str name[PARTS];
	struct postgres_rows *r;
	bool ok = true;

	for (size_t i = 0; i < PARTS; i++)
		name[i] = str_of(parts[i]);
	postgres_arg_texts(&args, name, PARTS);
	r = postgres_query(pg, sql_rebuild_obstacles, &args, err);
	postgres_args_free(&args);
	if (r == NULL)
		return false;
	if (postgres_rows_count(r) > 0) {
		struct str what = postgres_text(r, 0, 0);

		ok = error_set(err, ERROR_FATAL,
		    "%.*s%s could not follow when the rebuilt tables take "
		    "their place: let it read the views, or drop it and make "
		    "it again after",
		    STR_ARG(what),
		    postgres_rows_count(r) > 1 ? " (and others)" : "");
	}
	postgres_rows_free(r);
	return ok;
}

bool
rebuild_reopen(struct postgres *pg, struct error *err)
{
	const struct timespec pause = { .tv_nsec = 100000000 };
	int64_t until_ms = clock_mono_ms() + LOCK_WAIT_MS;
	bool ours;

	for (;;) {
		if (!ask(pg, sql_rebuild_lock, &ours, err))
			return false;
		if (ours)
			break;
		if (clock_mono_ms() >= until_ms)
			return error_set(
			    err, ERROR_FATAL, "another rebuild is running");
		nanosleep(&pause, NULL);
	}
	return postgres_script(pg, sql_rebuild_session, err);
}

bool
rebuild_open(struct postgres *pg, struct error *err)
{
	return no_obstacles(pg, err) && rebuild_reopen(pg, err);
}

bool
rebuild_find(struct postgres *pg, const struct rebuild_plan *plan, bool *found,
    enum rebuild_phase *phase, struct error *err)
{
	struct postgres_rows *r;

	if (!ask(pg, sql_rebuild_found, found, err))
		return false;
	if (!*found)
		return true;
	r = postgres_query(pg, sql_rebuild_plan, NULL, err);
	if (r == NULL)
		return false;
	*found = postgres_rows_count(r) == 1 &&
		 str_eq(postgres_text(r, 0, 0), plan->rules) &&
		 postgres_null(r, 0, 1) == !plan->has_from &&
		 (!plan->has_from || postgres_day(r, 0, 1) == plan->from_day);
	if (*found)
		*phase = (enum rebuild_phase)postgres_int(r, 0, 2);
	postgres_rows_free(r);
	return true;
}

static bool
put_plan(
    struct postgres *pg, const struct rebuild_plan *plan, struct error *err)
{
	struct postgres_args args = { 0 };
	bool ok;

	postgres_arg_text(&args, plan->rules);
	if (plan->has_from)
		postgres_arg_day(&args, plan->from_day);
	else
		postgres_arg_null(&args);
	ok = postgres_exec(pg, sql_rebuild_plan_put, &args, NULL, err);
	postgres_args_reset(&args);
	postgres_arg_text(&args, str_of(plan->topic));
	ok = ok && postgres_exec(pg, sql_rebuild_topic, &args, NULL, err);
	postgres_args_free(&args);
	return ok;
}

/* The sites of now: their zones decide the days. */
static bool
put_sites(struct postgres *pg, const struct sites *sites, struct error *err)
{
	const struct site *s = sites->list.at;
	struct postgres_args args = { 0 };
	bool ok = true;

	for (size_t i = 0; ok && i < sites->list.count; i++) {
		postgres_args_reset(&args);
		postgres_arg_text(&args, str_of(s[i].id));
		postgres_arg_text(&args, str_of(s[i].timezone));
		postgres_arg_text(&args, str_of(s[i].currency));
		postgres_arg_int8(&args, s[i].margin_micros);
		postgres_arg_int8(&args, s[i].lookback_ms);
		ok = postgres_exec(pg, sql_site_put, &args, NULL, err);
	}
	postgres_args_free(&args);
	return ok;
}

static bool
put_cut(struct postgres *pg, const struct rebuild_plan *plan,
    const struct sites *sites, struct error *err)
{
	size_t n = sites->list.count;
	const struct site *s = sites->list.at;
	struct postgres_args args = { 0 };
	struct str *id = mem_alloc((n + 1) * sizeof(*id));
	int64_t *at = mem_alloc((n + 1) * sizeof(*at));
	bool ok;

	for (size_t i = 0; i < n; i++) {
		id[i] = str_of(s[i].id);
		at[i] = zone_day_start_ms(s[i].zone, plan->from_day);
	}
	postgres_arg_day(&args, plan->from_day);
	postgres_arg_texts(&args, id, n);
	postgres_arg_times(&args, at, n);
	ok = postgres_exec(pg, sql_rebuild_cut, &args, NULL, err);
	postgres_args_free(&args);
	free(id);
	free(at);
	return ok;
}

static bool
put_targets(struct postgres *pg, const char *topic,
    const struct kafka_range *range, size_t count, struct error *err)
{
	struct postgres_args args = { 0 };
	int32_t *partition = mem_alloc((count + 1) * sizeof(*partition));
	int64_t *low = mem_alloc((count + 1) * sizeof(*low));
	int64_t *high = mem_alloc((count + 1) * sizeof(*high));
	bool ok;

	for (size_t i = 0; i < count; i++) {
		partition[i] = range[i].partition;
		low[i] = range[i].low;
		high[i] = range[i].high;
	}
	postgres_arg_text(&args, str_of(topic));
	postgres_arg_int4s(&args, partition, count);
	postgres_arg_int8s(&args, low, count);
	postgres_arg_int8s(&args, high, count);
	ok = postgres_exec(pg, sql_rebuild_targets, &args, NULL, err);
	postgres_args_free(&args);
	free(partition);
	free(low);
	free(high);
	return ok;
}

bool
rebuild_begin(struct postgres *pg, const struct rebuild_plan *plan,
    const struct sites *sites, const struct kafka_range *range, size_t count,
    struct error *err)
{
	if (!postgres_begin(pg, err))
		return false;
	if (postgres_script(pg, sql_rebuild_begin, err) &&
	    put_plan(pg, plan, err) && put_sites(pg, sites, err) &&
	    (plan->has_from ? put_cut(pg, plan, sites, err) &&
				  postgres_script(pg, sql_rebuild_keep, err)
			    : postgres_script(pg, sql_rebuild_erased, err)) &&
	    put_targets(pg, plan->topic, range, count, err) &&
	    postgres_commit(pg, err) == POSTGRES_COMMITTED)
		return true;
	postgres_rollback(pg);
	return error_wrap(err, "beginning a rebuild");
}

bool
rebuild_parts(struct postgres *pg, struct arena *arena,
    struct rebuild_part **out, size_t *count, struct error *err)
{
	struct postgres_rows *r =
	    postgres_query(pg, sql_rebuild_progress, NULL, err);
	struct rebuild_part *p;

	if (r == NULL)
		return false;
	*count = postgres_rows_count(r);
	*out = p = arena_alloc(arena, (*count + 1) * sizeof(*p));
	for (size_t i = 0; i < *count; i++)
		p[i] = (struct rebuild_part){
			.partition = (int32_t)postgres_int(r, i, 0),
			.first = postgres_int(r, i, 1),
			.next = postgres_int(r, i, 2),
			.target = postgres_int(r, i, 3),
			.dedup = arena_str(arena, postgres_bytes(r, i, 4)),
		};
	postgres_rows_free(r);
	return true;
}

/* --- the phases ----------------------------------------------------------- */

static bool
enter(struct postgres *pg, enum rebuild_phase phase, struct error *err)
{
	struct postgres_args args = { 0 };
	bool ok;

	postgres_arg_int4(&args, (int32_t)phase);
	ok = postgres_exec(pg, sql_rebuild_phase, &args, NULL, err);
	postgres_args_free(&args);
	return ok;
}

/* SCRIPT and the step to PHASE, in one transaction. */
static bool
run(struct postgres *pg, const char *script, enum rebuild_phase phase,
    struct error *err)
{
	if (!postgres_begin(pg, err))
		return false;
	if (postgres_script(pg, script, err) && enter(pg, phase, err) &&
	    postgres_commit(pg, err) == POSTGRES_COMMITTED)
		return true;
	postgres_rollback(pg);
	return false;
}

bool
rebuild_read_done(struct postgres *pg, struct error *err)
{
	return enter(pg, REBUILD_MERGE, err);
}

bool
rebuild_merge(struct postgres *pg, struct error *err)
{
	return run(pg, sql_rebuild_merge, REBUILD_ATTRIBUTE, err) ||
	       error_wrap(err, "merging what was read");
}

/* --- attribution ---------------------------------------------------------- */

static bool
mark(struct postgres *pg, size_t *all, struct error *err)
{
	struct postgres_rows *r;

	if (!postgres_exec(pg, sql_rebuild_mark, NULL, NULL, err))
		return false;
	r = postgres_query(pg, sql_rebuild_marked, NULL, err);
	if (r == NULL)
		return false;
	*all = (size_t)postgres_int(r, 0, 0);
	postgres_rows_free(r);
	return true;
}

bool
rebuild_attribute(struct postgres *pg, const struct sites *sites, bool has_from,
    void (*told)(void *ctx, size_t done, size_t all), void *ctx,
    struct error *err)
{
	struct customers *c = customers_new();
	size_t all, done = 0, taken;
	bool ok = false;

	if (!customers_prepare(c, pg, sites, err) || !postgres_begin(pg, err))
		goto out;
	/* From a day on: what they count for is among what is taken over. */
	if (!mark(pg, &all, err) ||
	    (!has_from && !customers_keep_erased(c, pg, err)))
		goto failed;
	do {
		if (!customers_round(c, pg, sites, has_from, &taken, err))
			goto failed;
		done += taken;
		told(ctx, done, all);
	} while (taken > 0);
	if (customers_save_cells(c, pg, err) &&
	    enter(pg, REBUILD_FINISH, err) &&
	    postgres_commit(pg, err) == POSTGRES_COMMITTED)
		ok = true;
failed:
	if (!ok)
		postgres_rollback(pg);
out:
	customers_free(c);
	return ok || error_wrap(err, "attributing");
}

/* --- names, the comparison, the end --------------------------------------- */

/* The channels that rows of the table dimension have by the rules of now. */
static bool
name_channels(struct postgres *pg, const struct sites *sites,
    const struct rules *rules, struct arena *arena, struct error *err)
{
	struct postgres_rows *r =
	    postgres_query(pg, sql_rebuild_dimensions, NULL, err);
	struct postgres_args args = { 0 };
	struct str *channel;
	int32_t *dim;
	size_t rows, n = 0;
	bool ok;

	if (r == NULL)
		return false;
	rows = postgres_rows_count(r);
	channel = arena_alloc(arena, (rows + 1) * sizeof(*channel));
	dim = arena_alloc(arena, (rows + 1) * sizeof(*dim));
	for (size_t i = 0; i < rows; i++) {
		struct origin o;

		classify_names(rules, sites_find(sites, postgres_text(r, i, 1)),
		    postgres_text(r, i, 2), postgres_text(r, i, 3),
		    postgres_text(r, i, 4), arena, &o);
		/* By another name now: no hit will count here again. */
		if (!str_eq(o.campaign, postgres_text(r, i, 4)))
			continue;
		dim[n] = (int32_t)postgres_int(r, i, 0);
		channel[n++] = o.channel;
	}
	postgres_arg_int4s(&args, dim, n);
	postgres_arg_texts(&args, channel, n);
	ok = postgres_exec(pg, sql_rebuild_channel, &args, NULL, err);
	postgres_args_free(&args);
	postgres_rows_free(r);
	return ok;
}

/* The names that campaigns of costs have by the rules of now. */
static bool
name_costs(struct postgres *pg, const struct sites *sites,
    const struct rules *rules, struct arena *arena, struct error *err)
{
	struct postgres_rows *r =
	    postgres_query(pg, sql_rebuild_costs, NULL, err);
	struct dims *dims = dims_new();
	struct postgres_args args = { 0 };
	struct dim_name *name;
	struct str *text[6];
	int32_t *dim;
	size_t n = 0;
	bool ok = false;

	if (r == NULL)
		goto out;
	for (int k = 0; k < 6; k++)
		text[k] = arena_alloc(
		    arena, (postgres_rows_count(r) + 1) * sizeof(struct str));
	name = arena_alloc(arena, (postgres_rows_count(r) + 1) * sizeof(*name));
	dim = arena_alloc(arena, (postgres_rows_count(r) + 1) * sizeof(*dim));
	for (size_t i = 0; i < postgres_rows_count(r); i++) {
		const struct site *site =
		    sites_find(sites, postgres_text(r, i, 0));
		struct origin o;

		if (site == NULL)
			continue;
		for (int k = 0; k < 5; k++)
			text[k][n] = postgres_text(r, i, (size_t)k);
		classify_cost(rules, site, text[1][n], text[2][n], text[3][n],
		    text[4][n], arena, &o);
		if (str_eq(o.campaign, postgres_text(r, i, 5)))
			continue;
		text[5][n] = o.campaign;
		name[n] = (struct dim_name){ text[0][n], text[1][n], text[2][n],
			o.campaign, o.channel };
		n++;
	}
	for (int k = 0; k < 6; k++)
		postgres_arg_texts(&args, text[k], n);
	ok = n == 0 ||
	     (dims_resolve(dims, pg, name, n, dim, err) &&
		 postgres_exec(pg, sql_rebuild_cost_names, &args, NULL, err));
out:
	postgres_args_free(&args);
	postgres_rows_free(r);
	dims_free(dims);
	return ok;
}

bool
rebuild_finish(struct postgres *pg, const struct sites *sites,
    const struct rules *rules, struct error *err)
{
	struct arena *arena = arena_new(1 << 16);
	bool ok = false;

	if (!postgres_begin(pg, err))
		goto out;
	if (postgres_script(pg, sql_rebuild_finish, err) &&
	    name_channels(pg, sites, rules, arena, err) &&
	    name_costs(pg, sites, rules, arena, err) &&
	    enter(pg, REBUILD_READY, err) &&
	    postgres_commit(pg, err) == POSTGRES_COMMITTED)
		ok = true;
	else
		postgres_rollback(pg);
out:
	arena_free(arena);
	return ok || error_wrap(err, "comparing");
}

bool
rebuild_swap(struct postgres *pg, struct error *err)
{
	if (!postgres_begin(pg, err))
		return false;
	if (postgres_script(pg, sql_rebuild_swap, err) &&
	    postgres_commit(pg, err) == POSTGRES_COMMITTED)
		return true;
	postgres_rollback(pg);
	return error_wrap(err, "taking the place of the live tables");
}

bool
rebuild_clean(struct postgres *pg, struct error *err)
{
	return postgres_script(pg, sql_rebuild_clean, err);
}

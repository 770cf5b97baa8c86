/*
 * retention.c - the jobs of a run, one after the other; a run is over when
 * none of them finds a row.
 */
#include "aggregator/store/retention.h"

#include <stdlib.h>

#include "aggregator/store/sql.h" /* made from store/sql/ by make */

#define AT_A_TIME 20000
#define SLACK_MS (36 * DAY_MS) /* a day is final after 35 */

/* A kind of thing that is kept for a while, and how its rows go. */
static const struct job {
	const char *what;
	size_t offset; /* in the settings */
	const char *sql;
} jobs[] = {
#define JOB(what, sql)                                                         \
	{                                                                      \
#what, offsetof(struct retention_settings, what##_ms), sql     \
	}
	JOB(touches, sql_retention_touches),
	JOB(touches, sql_retention_links),
	JOB(touches, sql_retention_handles),
	JOB(click_ids, sql_retention_touch_clicks),
	JOB(click_ids, sql_retention_conversion_clicks),
	JOB(addresses, sql_retention_addresses),
	JOB(user_agents, sql_retention_user_agents),
	JOB(touches, sql_retention_exposures),
	JOB(order_ids, sql_retention_order_ids),
	JOB(conversions, sql_retention_conversions),
	JOB(conversions, sql_retention_shop_orders),
	JOB(conversions, sql_retention_receipts),
	JOB(dead_letters, sql_retention_dead_letters),
#undef JOB
};
#define JOBS (sizeof(jobs) / sizeof(*jobs))

struct retention {
	size_t job;     /* that is under way */
	int64_t now_ms; /* of the run */
};

struct retention *
retention_new(void)
{
	return mem_zero(1, sizeof(struct retention));
}

void
retention_free(struct retention *r)
{
	free(r);
}

static int64_t
longest_lookback(const struct sites *sites)
{
	const struct site *s = sites->list.at;
	int64_t most = 0;

	for (size_t i = 0; i < sites->list.count; i++) {
		const struct goal *g = s[i].goals.at;

		if (s[i].lookback_ms > most)
			most = s[i].lookback_ms;
		for (size_t k = 0; k < s[i].goals.count; k++) {
			if (g[k].lookback_ms > most)
				most = g[k].lookback_ms;
		}
	}
	return most;
}

static int64_t
setting_of(const struct retention_settings *set, const struct job *job)
{
	return *(const int64_t *)((const char *)set + job->offset);
}

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/*
 * Since when what JOB is about is kept. Conversions as long as the touches
 * at least: an event of a time whose conversions are gone would be counted
 * again.
 */
static int64_t
kept_since(const struct retention *r, const struct job *job,
    const struct retention_settings *set, int64_t lookback_ms)
{
	int64_t ms = setting_of(set, job);
	int64_t touches_ms = later(set->touches_ms, lookback_ms + SLACK_MS);

	if (job->offset == offsetof(struct retention_settings, touches_ms) ||
	    job->offset == offsetof(struct retention_settings, conversions_ms))
		ms = later(ms, touches_ms);
	return r->now_ms - ms;
}

/* Conversions before the result have lost touches, or are gone; 0: none. */
static int64_t
frozen_until(const struct retention *r, const struct retention_settings *set,
    int64_t lookback_ms)
{
	int64_t touches_ms = later(set->touches_ms, lookback_ms + SLACK_MS);
	int64_t until_ms = 0;

	if (set->touches_ms > 0)
		until_ms = r->now_ms - touches_ms + lookback_ms;
	if (set->conversions_ms > 0)
		until_ms = later(until_ms,
		    r->now_ms - later(set->conversions_ms, touches_ms));
	return until_ms;
}

static bool
note(struct postgres *pg, const char *what, int64_t since_ms, int64_t rows,
    struct error *err)
{
	struct postgres_args args = { 0 };
	bool ok;

	postgres_arg_text(&args, str_of(what));
	postgres_arg_time(&args, since_ms);
	postgres_arg_int8(&args, rows);
	ok = postgres_exec(pg, sql_retention_note, &args, NULL, err);
	postgres_args_free(&args);
	return ok;
}

/* Waits for those who attribute without knowing it. */
static bool
freeze(struct postgres *pg, int64_t until_ms, struct error *err)
{
	if (!postgres_begin(pg, err))
		return false;
	/* To a whole day: credits know theirs only. */
	until_ms = (until_ms / DAY_MS + 2) * DAY_MS;
	if (postgres_exec(pg, sql_pin_lock, NULL, NULL, err) &&
	    note(pg, "frozen", until_ms, 0, err) &&
	    postgres_commit(pg, err) == POSTGRES_COMMITTED)
		return true;
	postgres_rollback(pg);
	return false;
}

static bool
run_job(struct postgres *pg, const struct job *job, int64_t since_ms,
    int64_t *rows, struct error *err)
{
	struct postgres_args args = { 0 };
	bool ok;

	if (!postgres_begin(pg, err))
		return false;
	postgres_arg_time(&args, since_ms);
	postgres_arg_int8(&args, AT_A_TIME);
	ok = postgres_exec(pg, job->sql, &args, rows, err) &&
	     note(pg, job->what, since_ms, *rows, err) &&
	     postgres_commit(pg, err) == POSTGRES_COMMITTED;
	postgres_args_free(&args);
	if (!ok)
		postgres_rollback(pg);
	return ok;
}

bool
retention_step(struct retention *r, struct postgres *pg,
    const struct retention_settings *set, const struct sites *sites,
    int64_t now_ms, int64_t *rows, bool *more, struct error *err)
{
	int64_t lookback_ms = longest_lookback(sites), until_ms, n;

	*rows = 0;
	if (r->job == 0) {
		r->now_ms = now_ms;
		until_ms = frozen_until(r, set, lookback_ms);
		if (until_ms > 0 && !freeze(pg, until_ms, err))
			return false;
	}
	do {
		const struct job *job = &jobs[r->job];

		n = 0;
		if (setting_of(set, job) > 0 &&
		    !run_job(
			pg, job, kept_since(r, job, set, lookback_ms), &n, err))
			return false;
		*rows += n;
		if (n < AT_A_TIME)
			r->job = (r->job + 1) % JOBS;
	} while (r->job != 0 && *rows < AT_A_TIME);
	*more = r->job != 0 || n == AT_A_TIME;
	return true;
}

bool
retention_kept_since(struct postgres *pg, int64_t *ms, struct error *err)
{
	struct postgres_rows *r =
	    postgres_query(pg, sql_retention_frozen, NULL, err);

	if (r == NULL)
		return false;
	*ms = postgres_rows_count(r) > 0 ? postgres_time(r, 0, 0) : 0;
	postgres_rows_free(r);
	return true;
}

/*
 * checker.c - days that changed, days that were wrong, then the next of all
 * days, a second's work at a time.
 */
#include "aggregator/checker.h"

#include <pthread.h>
#include <stdlib.h>

#include "aggregator/qualitywatch.h"
#include "aggregator/sitewatch.h"
#include "aggregator/store/retention.h"
#include "aggregator/store/sql.h" /* made from store/sql/ by make */
#include "common/calendar.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/pulse.h"

enum {
	WORK_MS = 1000, /* then it rests, and at least... */
	REST_MS = 2000,
	REST_TIMES = 9,
	CATCH_UP_MS = 60000, /* so long at most it waits for the intake */
	RETENTION_MS = 3600000,
	RULES = 4
};

static const enum metric gauges[RULES] = { METRIC_CHECK_CELLS,
	METRIC_CHECK_CREDITS, METRIC_CHECK_DAYS, METRIC_CHECK_REFUNDS };

/* A day whose sums did not agree when they were last looked at. */
struct wrong {
	int32_t day;
	int64_t count[RULES];
};

/* A set of days in the order they came. */
struct days {
	int32_t *at;
	size_t count, cap;
};

struct checker {
	struct world *w;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t stop;
	struct days changed; /* behind the lock */
	/* The rest is the thread's own. */
	struct days due;
	struct wrong *wrong;
	size_t wrongs;
	struct postgres *pg;
	bool sweeper;
	int32_t next, first, last; /* of the sweep: from LAST down to FIRST */
	bool sweeping;
	struct retention *retention;
	int64_t next_retention;
};

static void
add_day(struct days *d, int32_t day)
{
	for (size_t i = 0; i < d->count; i++) {
		if (d->at[i] == day)
			return;
	}
	if (d->count == d->cap) {
		d->cap = d->cap == 0 ? 64 : d->cap * 2;
		d->at = mem_grow(d->at, d->cap * sizeof(*d->at));
	}
	d->at[d->count++] = day;
}

void
checker_changed(void *ctx, int32_t day)
{
	struct checker *c = ctx;

	pthread_mutex_lock(&c->lock);
	add_day(&c->changed, day);
	pthread_mutex_unlock(&c->lock);
}

/* --- one day -------------------------------------------------------------- */

/* What is wrong now, over all days. */
static void
show(struct checker *c)
{
	int64_t all = 0;

	for (int r = 0; r < RULES; r++) {
		int64_t sum = 0;

		for (size_t i = 0; i < c->wrongs; i++)
			sum += c->wrong[i].count[r];
		metrics_set(gauges[r], sum);
		all += sum;
	}
	metrics_set(METRIC_ROI_CHECK, all);
}

static void
note(struct checker *c, const struct wrong *found)
{
	int64_t all = 0;
	size_t i = 0;
	char text[11];

	for (int r = 0; r < RULES; r++)
		all += found->count[r];
	while (i < c->wrongs && c->wrong[i].day != found->day)
		i++;
	if (i == c->wrongs && all > 0) {
		c->wrong =
		    mem_grow(c->wrong, (c->wrongs + 1) * sizeof(*c->wrong));
		c->wrongs++;
		calendar_format_day(found->day, text);
		log_error("check",
		    "%lld sums of %s do not agree (cells %lld, credits %lld, "
		    "days %lld, refunds %lld): see the view roi_check",
		    (long long)all, text, (long long)found->count[0],
		    (long long)found->count[1], (long long)found->count[2],
		    (long long)found->count[3]);
	}
	if (all > 0)
		c->wrong[i] = *found;
	else if (i < c->wrongs)
		c->wrong[i] = c->wrong[--c->wrongs];
	show(c);
}

static bool
check_day(struct checker *c, int32_t day, struct error *err)
{
	struct postgres_args args = { 0 };
	struct wrong found = { .day = day };
	struct postgres_rows *r;

	postgres_arg_day(&args, day);
	r = postgres_query(c->pg, sql_check_day, &args, err);
	postgres_args_free(&args);
	if (r == NULL)
		return error_wrap(err, "checking a day");
	for (int k = 0; k < RULES; k++)
		found.count[k] = postgres_int(r, 0, (size_t)k);
	postgres_rows_free(r);
	note(c, &found);
	metrics_inc(METRIC_CHECK_CHECKED);
	metrics_set(METRIC_CHECK_LAST_RUN, clock_wall_ms() / 1000);
	return true;
}

/* Shows the campaigns of DAY beyond the first as (other). */
static bool
fold_day(struct checker *c, int32_t day, struct error *err)
{
	struct postgres_args args = { 0 };
	struct postgres_rows *r;
	bool due, ok = false;

	postgres_arg_day(&args, day);
	postgres_arg_int8(&args, c->w->set->campaigns_per_day);
	r = postgres_query(c->pg, sql_other_due, &args, err);
	if (r == NULL)
		goto out;
	due = postgres_bool(r, 0, 0);
	postgres_rows_free(r);
	args.count = 1; /* the day alone */
	ok = !due ||
	     postgres_exec(c->pg, sql_other_dimensions, &args, NULL, err);
	args.count = 2;
	ok = ok &&
	     (!due || postgres_exec(c->pg, sql_other_put, &args, NULL, err));
out:
	postgres_args_free(&args);
	return ok || error_wrap(err, "adding up (other)");
}

/* --- a round -------------------------------------------------------------- */

/* The next sweep's days, when there are any and they are ours to look at. */
static bool
begin_sweep(struct checker *c, struct error *err)
{
	struct postgres_rows *r;

	if (!c->sweeper) {
		r = postgres_query(c->pg, sql_check_sweeper, NULL, err);
		if (r == NULL)
			return false;
		c->sweeper = postgres_bool(r, 0, 0);
		postgres_rows_free(r);
	}
	if (!c->sweeper)
		return true;
	r = postgres_query(c->pg, sql_check_days, NULL, err);
	if (r == NULL)
		return false;
	c->sweeping = !postgres_null(r, 0, 0);
	c->first = postgres_day(r, 0, 0);
	c->next = c->last = postgres_day(r, 0, 1);
	postgres_rows_free(r);
	return true;
}

static void
take_due(struct checker *c)
{
	for (size_t i = 0; i < c->wrongs; i++)
		add_day(&c->due, c->wrong[i].day);
	pthread_mutex_lock(&c->lock);
	for (size_t i = 0; i < c->changed.count; i++)
		add_day(&c->due, c->changed.at[i]);
	c->changed.count = 0;
	pthread_mutex_unlock(&c->lock);
}

/* At least one day of the sweep, however many have changed. */
static bool
sweep(struct checker *c, int64_t until, struct error *err)
{
	if (!c->sweeping && !begin_sweep(c, err))
		return false;
	while (c->sweeping && !c->w->stopping) {
		if (!check_day(c, c->next, err) || !fold_day(c, c->next, err))
			return false;
		if (c->next-- <= c->first) {
			c->sweeping = false;
			metrics_set(METRIC_CHECK_SWEPT, clock_wall_ms() / 1000);
		}
		if (clock_mono_ms() >= until)
			break;
	}
	return true;
}

/* Hourly, a step at a time, by the one who sweeps. */
static bool
sweep_out(struct checker *c, struct error *err)
{
	bool more;
	int64_t rows;

	if (!c->sweeper || clock_mono_ms() < c->next_retention)
		return true;
	if (!retention_step(c->retention, c->pg, &c->w->set->retention,
		&atomic_load(&c->w->book)->sites, clock_wall_ms(), &rows, &more,
		err))
		return error_wrap(err, "retention");
	metrics_add(METRIC_RETENTION_REMOVED, (uint64_t)rows);
	if (!more) {
		c->next_retention = clock_mono_ms() + RETENTION_MS;
		metrics_set(METRIC_RETENTION_LAST_RUN, clock_wall_ms() / 1000);
	}
	return true;
}

static bool
retain(struct checker *c, struct error *err)
{
	int64_t since;

	if (!sweep_out(c, err))
		return false;
	if (!retention_kept_since(c->pg, &since, err))
		return false;
	c->w->kept_since_ms = since;
	return true;
}

static bool
round_of(struct checker *c, struct error *err)
{
	int64_t until = clock_mono_ms() + WORK_MS;

	if (c->pg != NULL && postgres_broken(c->pg)) {
		postgres_close(c->pg);
		c->pg = NULL;
	}
	if (c->pg == NULL) {
		c->sweeper = c->sweeping = false;
		sitewatch_forget();
		qualitywatch_forget();
		c->pg = world_connect(c->w, "check", err);
		if (c->pg == NULL)
			return false;
	}
	take_due(c);
	while (c->due.count > 0 && clock_mono_ms() < until && !c->w->stopping) {
		if (!check_day(c, c->due.at[c->due.count - 1], err))
			return false;
		c->due.count--;
	}
	return sweep(c, until, err) && retain(c, err) &&
	       (!c->sweeper || (sitewatch_look(c->pg, err) &&
				   qualitywatch_look(c->pg, err)));
}

static void
rest(struct checker *c, int64_t ms)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pulse_rest();
	pthread_mutex_lock(&c->lock);
	while (!c->w->stopping &&
	       pthread_cond_timedwait(&c->stop, &c->lock, &until) == 0)
		;
	pthread_mutex_unlock(&c->lock);
	pulse_turn();
}

static void *
work(void *arg)
{
	struct checker *c = arg;

	pulse_begin("check");
	while (!c->w->stopping) {
		int64_t began = clock_mono_ms(), took;
		struct error err;

		if (!round_of(c, &err) && !world_may_retry(c->w, "check", &err))
			break;
		took = (clock_mono_ms() - began) * REST_TIMES;
		rest(c, took > REST_MS ? took : REST_MS);
		while (c->w->behind && !c->w->stopping &&
		       clock_mono_ms() - began < CATCH_UP_MS)
			rest(c, REST_MS);
	}
	postgres_close(c->pg);
	pulse_end();
	return NULL;
}

struct checker *
checker_start(struct world *w)
{
	struct checker *c = mem_zero(1, sizeof(*c));
	pthread_condattr_t clock;

	c->w = w;
	c->retention = retention_new();
	pthread_mutex_init(&c->lock, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&c->stop, &clock);
	pthread_condattr_destroy(&clock);
	if (pthread_create(&c->thread, NULL, work, c) != 0) {
		log_error("check", "no thread could be started");
		abort();
	}
	return c;
}

void
checker_join(struct checker *c)
{
	if (c == NULL)
		return;
	pthread_mutex_lock(&c->lock);
	pthread_cond_broadcast(&c->stop);
	pthread_mutex_unlock(&c->lock);
	pthread_join(c->thread, NULL);
	pthread_cond_destroy(&c->stop);
	pthread_mutex_destroy(&c->lock);
	free(c->changed.at);
	free(c->due.at);
	free(c->wrong);
	retention_free(c->retention);
	free(c);
}

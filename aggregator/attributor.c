/*
 * attributor.c - each thread takes some customers at a time; the first one
 * also keeps the gauge of what waits, and reads the experiments out.
 */
#include "aggregator/attributor.h"

#include <pthread.h>
#include <stdlib.h>

#include "aggregator/store/customers.h"
#include "aggregator/store/experiments.h"
#include "aggregator/store/sql.h" /* made from store/sql/ by make */
#include "common/clock.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/pulse.h"

enum {
	AT_A_TIME = 500,
	LOOK_MS = 200,      /* other aggregators mark customers too */
	CATCH_UP_MS = 2000, /* while Kafka has more: the next batch may mark the
			       same ones again */
	GAUGES_MS = 2000,
	BACKOFF_FIRST_MS = 50,
	BACKOFF_MAX_MS = 5000
};

struct worker {
	struct attributor *of;
	pthread_t thread;
	bool first;
	struct postgres *pg;
	struct customers *customers;
	int64_t next_gauges;
};

struct attributor {
	struct world *w;
	struct checker *checker;
	pthread_mutex_t lock;
	pthread_cond_t work;
	uint64_t wakes;
	size_t count;
	struct worker worker[];
};

/* Waits for a wake after the SEEN-th, or MS. */
static void
wait_for_work(struct attributor *a, uint64_t *seen, int64_t ms)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += (long)(ms % 1000) * 1000000;
	until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&a->lock);
	while (a->wakes == *seen && !a->w->stopping) {
		if (pthread_cond_timedwait(&a->work, &a->lock, &until) != 0)
			break;
	}
	*seen = a->wakes;
	pthread_mutex_unlock(&a->lock);
}

/* Nothing is marked, and at RESTED_MS nothing was: waits. Returns when. */
static int64_t
rest(struct attributor *a, uint64_t *seen, int64_t rested_ms)
{
	wait_for_work(a, seen, LOOK_MS);
	while (a->w->behind && !a->w->stopping &&
	       clock_mono_ms() < rested_ms + CATCH_UP_MS)
		wait_for_work(a, seen, LOOK_MS);
	return clock_mono_ms();
}

static bool
connected(struct worker *k, struct error *err)
{
	if (k->pg != NULL && postgres_broken(k->pg)) {
		postgres_close(k->pg);
		k->pg = NULL;
	}
	if (k->pg == NULL)
		k->pg = world_connect(k->of->w, "attribution", err);
	return k->pg != NULL;
}

static bool
gauge(struct worker *k, const char *sql, enum metric m, struct error *err)
{
	struct postgres_rows *rows = postgres_query(k->pg, sql, NULL, err);

	if (rows == NULL)
		return false;
	metrics_set(m, postgres_int(rows, 0, 0));
	postgres_rows_free(rows);
	return true;
}

static bool
gauges(struct worker *k, struct error *err)
{
	int64_t now = clock_mono_ms();

	if (now >= k->next_gauges) {
		k->next_gauges = now + GAUGES_MS;
		if (!gauge(k, sql_dirty_count, METRIC_DIRTY, err) ||
		    !experiments_read_out(k->pg, err))
			return false;
	}
	return true;
}

static bool
round_of(struct worker *k, size_t *taken, struct error *err)
{
	struct world *w = k->of->w;

	*taken = 0;
	if (!connected(k, err) ||
	    !customers_attribute(k->customers, k->pg,
		&atomic_load(&w->book)->sites, AT_A_TIME, taken, err))
		return false;
	metrics_add(METRIC_CUSTOMERS_ATTRIBUTED, *taken);
	if (*taken > 0)
		customers_days(k->customers, checker_changed, k->of->checker);
	return !k->first || gauges(k, err);
}

static void *
work(void *arg)
{
	struct worker *k = arg;
	struct world *w = k->of->w;
	int64_t backoff_ms = BACKOFF_FIRST_MS;
	int64_t rested_ms = clock_mono_ms();
	uint64_t seen = 0, never = 0;

	pulse_begin("attribution");
	while (!w->stopping) {
		struct error err;
		size_t taken;

		pulse_turn();
		if (round_of(k, &taken, &err)) {
			backoff_ms = BACKOFF_FIRST_MS;
			if (taken == 0)
				rested_ms = rest(k->of, &seen, rested_ms);
			continue;
		}
		if (!world_may_retry(w, "attribution", &err))
			break;
		pthread_mutex_lock(&k->of->lock);
		never = k->of->wakes; /* wakes do not shorten a back-off */
		pthread_mutex_unlock(&k->of->lock);
		wait_for_work(k->of, &never, backoff_ms);
		backoff_ms = backoff_ms * 2 < BACKOFF_MAX_MS ? backoff_ms * 2
							     : BACKOFF_MAX_MS;
	}
	postgres_close(k->pg);
	customers_free(k->customers);
	pulse_end();
	return NULL;
}

struct attributor *
attributor_start(struct world *w, int64_t count, struct checker *checker)
{
	struct attributor *a =
	    mem_zero(1, sizeof(*a) + (size_t)count * sizeof(struct worker));
	pthread_condattr_t clock;

	a->w = w;
	a->checker = checker;
	a->count = (size_t)count;
	pthread_mutex_init(&a->lock, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&a->work, &clock);
	pthread_condattr_destroy(&clock);
	for (size_t i = 0; i < a->count; i++) {
		a->worker[i] = (struct worker){
			.of = a, .first = i == 0, .customers = customers_new()
		};
		if (pthread_create(
			&a->worker[i].thread, NULL, work, &a->worker[i]) != 0) {
			log_error("attribution", "no thread could be started");
			abort();
		}
	}
	return a;
}

void
attributor_wake(void *ctx)
{
	struct attributor *a = ctx;

	pthread_mutex_lock(&a->lock);
	a->wakes++;
	pthread_cond_broadcast(&a->work);
	pthread_mutex_unlock(&a->lock);
}

void
attributor_join(struct attributor *a)
{
	attributor_wake(a);
	for (size_t i = 0; i < a->count; i++)
		pthread_join(a->worker[i].thread, NULL);
	pthread_cond_destroy(&a->work);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

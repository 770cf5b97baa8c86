/*
 * writer.c - the thread between the batch that is full and PostgreSQL. Lock
 * and state pass the batch from hand to hand: whoever has it alone touches
 * the store and the connection.
 */
#include "aggregator/writer.h"

#include <pthread.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/pulse.h"

enum state { IDLE, SENT, ENDING };

struct writer {
	struct world *w;
	void (*work_done)(void *ctx);
	void *ctx;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	enum state state;
	/* Below: the thread's while SENT, else the caller's. */
	struct postgres *pg;
	struct batch_store *store;
	const struct facts *facts;
	const struct steps *steps;
	enum batch_result result;
	struct error err;
};

static struct postgres *
reconnect(void *ctx, struct error *err)
{
	struct writer *w = ctx;
	struct postgres *pg = world_connect(w->w, "intake", err);

	/* Plans are kept from when the tables were small: a batch looks up
	 * some rows of large ones, whatever they were. Its arrays are some
	 * megabytes as rows, which otherwise go through a file. */
	if (pg != NULL &&
	    !postgres_script(
		pg, "SET enable_seqscan = off; SET work_mem = '32MB'", err)) {
		postgres_close(pg);
		pg = NULL;
	}
	return pg;
}

struct postgres *
writer_postgres(struct writer *w, struct error *err)
{
	if (w->pg != NULL && postgres_broken(w->pg)) {
		postgres_close(w->pg);
		w->pg = NULL;
	}
	if (w->pg == NULL)
		w->pg = reconnect(w, err);
	return w->pg;
}

bool
writer_connected(const struct writer *w)
{
	return w->pg != NULL && !postgres_broken(w->pg);
}

struct batch_store *
writer_store(struct writer *w)
{
	return w->store;
}

static void *
work(void *arg)
{
	struct writer *w = arg;

	pulse_begin("writer");
	pthread_mutex_lock(&w->lock);
	for (;;) {
		pulse_rest();
		while (w->state == IDLE)
			pthread_cond_wait(&w->changed, &w->lock);
		pulse_turn();
		if (w->state == ENDING)
			break;
		pthread_mutex_unlock(&w->lock);
		w->result =
		    writer_postgres(w, &w->err) == NULL
			? BATCH_FAILED
			: batch_write(w->store, &w->pg, reconnect, w, w->facts,
			      w->steps->at, w->steps->count, &w->err);
		if (w->result == BATCH_WRITTEN)
			w->work_done(w->ctx);
		pthread_mutex_lock(&w->lock);
		w->state = IDLE;
		pthread_cond_broadcast(&w->changed);
	}
	pthread_mutex_unlock(&w->lock);
	pulse_end();
	return NULL;
}

struct writer *
writer_start(struct world *world, size_t remembered_touches,
    void (*work_done)(void *ctx), void *ctx)
{
	struct writer *w = mem_zero(1, sizeof(*w));
	pthread_condattr_t clock;

	w->w = world;
	w->work_done = work_done;
	w->ctx = ctx;
	w->store = batch_store_new(world->set->topic, remembered_touches);
	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&w->changed, &clock);
	pthread_condattr_destroy(&clock);
	if (pthread_create(&w->thread, NULL, work, w) != 0) {
		log_error("consumer", "no thread could be started");
		abort();
	}
	return w;
}

static void
become(struct writer *w, enum state state)
{
	pthread_mutex_lock(&w->lock);
	w->state = state;
	pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->lock);
}

void
writer_stop(struct writer *w)
{
	if (w == NULL)
		return;
	(void)writer_idle(w, -1);
	become(w, ENDING);
	pthread_join(w->thread, NULL);
	pthread_cond_destroy(&w->changed);
	pthread_mutex_destroy(&w->lock);
	postgres_close(w->pg);
	batch_store_free(w->store);
	free(w);
}

void
writer_send(
    struct writer *w, const struct facts *facts, const struct steps *steps)
{
	w->facts = facts;
	w->steps = steps;
	become(w, SENT);
}

bool
writer_idle(struct writer *w, int64_t wait_ms)
{
	int64_t until_ms = clock_mono_ms() + wait_ms;
	struct timespec until = { (time_t)(until_ms / 1000),
		(long)(until_ms % 1000) * 1000000 };
	int late = 0;
	bool idle;

	pulse_rest();
	pthread_mutex_lock(&w->lock);
	while (w->state == SENT && late == 0 && wait_ms != 0)
		late = wait_ms < 0 ? pthread_cond_wait(&w->changed, &w->lock)
				   : pthread_cond_timedwait(
					 &w->changed, &w->lock, &until);
	idle = w->state != SENT;
	pthread_mutex_unlock(&w->lock);
	pulse_turn();
	return idle;
}

enum batch_result
writer_result(const struct writer *w, struct error *err)
{
	*err = w->err;
	return w->result;
}

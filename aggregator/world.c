/*
 * world.c - loading what is shared, connecting, giving up.
 */
#include "aggregator/world.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/log.h"
#include "common/metrics.h"

static void
free_book(struct rulebook *b)
{
	sites_close(&b->sites);
	rules_free(b->rules);
	arena_free(b->arena);
	free(b);
}

bool
world_load(struct world *w, struct buf *problems)
{
	struct rulebook *b = mem_zero(1, sizeof(*b));

	b->arena = arena_new(1 << 16);
	if (sites_load(w->set->sites_file, &b->sites, b->arena, problems)) {
		b->rules = rules_load(w->set->channels_file, problems);
		if (b->rules != NULL &&
		    rules_add_goals(b->rules, &b->sites, problems) &&
		    rules_name_campaigns(
			b->rules, w->set->campaigns_file, problems)) {
			b->older = atomic_load(&w->book);
			atomic_store(&w->book, b);
			return true;
		}
		rules_free(b->rules);
		sites_close(&b->sites);
	}
	arena_free(b->arena);
	free(b);
	return false;
}

void
world_free(struct world *w)
{
	struct rulebook *b = atomic_load(&w->book);

	while (b != NULL) {
		struct rulebook *older = b->older;

		free_book(b);
		b = older;
	}
	atomic_store(&w->book, NULL);
}

struct postgres *
world_connect(struct world *w, const char *purpose, struct error *err)
{
	char name[64];
	struct postgres *pg;

	snprintf(name, sizeof(name), "afterclick-aggregator %s", purpose);
	pg = postgres_open(
	    w->set->postgres.dsn, w->set->postgres.password, name, err);
	/* Whoever is stopped in the midst of a batch must not hold its rows
	 * against those who take over. And what a batch needs is what was
	 * written of late: in memory, so an index is cheaper than a scan. */
	if (pg != NULL && !postgres_script(pg,
			      "SET idle_in_transaction_session_timeout = '10s';"
			      "SET random_page_cost = 1.1",
			      err)) {
		postgres_close(pg);
		pg = NULL;
	}
	w->postgres_up = pg != NULL;
	metrics_set(METRIC_POSTGRES_UP, pg != NULL);
	return pg;
}

bool
world_may_retry(struct world *w, const char *module, const struct error *err)
{
	static struct log_cause cause;

	if (err->kind != ERROR_FATAL) {
		log_limited(
		    &cause, LOG_WARNING, module, "%s; trying again", err->text);
		return true;
	}
	log_error(module, "%s", err->text);
	w->failed = true;
	w->stopping = true;
	return false;
}

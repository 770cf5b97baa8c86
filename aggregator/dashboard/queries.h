/*
 * queries.h - the dashboard's questions to PostgreSQL, asked by a few threads
 * so that the page's event loop never waits for one.
 */
#ifndef AGGREGATOR_DASHBOARD_QUERIES_H
#define AGGREGATOR_DASHBOARD_QUERIES_H

#include "aggregator/dashboard/params.h"
#include "aggregator/settings.h"

enum question {
	ASK_ABOUT,
	ASK_OVERVIEW,
	ASK_CAMPAIGNS,
	ASK_CAMPAIGNS_CSV,
	ASK_MODELS,
	ASK_PATHS,
	ASK_QUALITY,
	ASK_EXPERIMENTS,
	ASK_QUALITY_DAYS,
	ASK_TAG_HEALTH,
	ASK_COUNT
};

struct answer {
	uint64_t ticket;
	int status;
	struct buf body; /* JSON, or CSV */
	bool csv;
	struct answer *next;
};

struct queries;

/* Starts the threads. WAKE(CTX) is called from them when an answer is there. */
struct queries *queries_start(
    const struct aggregator_settings *set, void (*wake)(void *), void *ctx);
/* Whether too much is asked already. Asked for by one thread alone, that
 * stays so until queries_ask(). */
bool queries_full(struct queries *q);
void queries_ask(struct queries *q, enum question question,
    const struct params *p, uint64_t ticket);
/* The next answer, or NULL; answer_free() it. */
struct answer *queries_take(struct queries *q);
void answer_free(struct answer *a);
/* Ends the threads once their queries have ended. NULL is allowed. */
void queries_stop(struct queries *q);

#endif

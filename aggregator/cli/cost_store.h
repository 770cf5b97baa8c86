/*
 * cost_store.h - the rows of one cost file in the database: they gather in a
 * temporary table and are merged in a few statements, one transaction a file.
 */
#ifndef AGGREGATOR_CLI_COST_STORE_H
#define AGGREGATOR_CLI_COST_STORE_H

#include "aggregator/journey/classify.h"
#include "aggregator/platforms/costs.h"
#include "common/postgres.h"

struct cost_store {
	struct postgres *pg;
	const struct site *site;
	const struct platform *platform;
	struct postgres_copy *copy; /* while rows come */
};

/* What became of a file's rows. */
struct cost_counts {
	int64_t rows, refused, totals;
	int64_t inserted, updated, unchanged, superseded, waiting;
};

/* Begins the file's transaction. */
bool cost_store_begin(struct cost_store *s, struct error *err) MUST_CHECK;
/* A row of line LINE; ORIGIN and NAME (before aliases) are normalised. */
void cost_store_add(struct cost_store *s, int64_t line,
    const struct cost_row *row, const struct origin *origin, struct str name);
/* No more rows come. */
bool cost_store_gathered(struct cost_store *s, struct error *err) MUST_CHECK;
/* Takes out rows that name a day and campaign again; TOLD hears of each. */
bool cost_store_repeats(struct cost_store *s,
    void (*told)(void *ctx, int64_t line, int64_t first), void *ctx,
    struct error *err) MUST_CHECK;
/* Merges; counts all but refused and totals, which N brings along. */
bool cost_store_merge(struct cost_store *s, const char *file,
    struct cost_counts *n, struct error *err) MUST_CHECK;
/* Ends the transaction without a trace. */
void cost_store_undo(struct cost_store *s);

/* Whether a watched folder brought the file of this digest already, and a
 * note that it did. */
bool cost_store_knows(struct cost_store *s, struct str digest, bool *known,
    struct error *err) MUST_CHECK;
bool cost_store_note(struct cost_store *s, struct str digest, const char *file,
    struct error *err) MUST_CHECK;

#endif

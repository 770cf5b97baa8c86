/*
 * suppressed.h - who was erased, as tables and file say together, for all who
 * read records: what names one is stripped before it becomes facts.
 */
#ifndef AGGREGATOR_STORE_SUPPRESSED_H
#define AGGREGATOR_STORE_SUPPRESSED_H

#include "common/erased.h"
#include "common/postgres.h"
#include "common/site.h"

/* The file's list and the table's. NULL and ERR when they do not belong
 * together. The caller owns the result: erased_free(). */
struct erased *suppressed_load(
    struct postgres *pg, const char *file, struct error *err) MUST_CHECK;

struct suppressed {
	struct erased *list;     /* NULL: not asked yet */
	int64_t rows;            /* of the table, when it was loaded */
	struct buf order_secret; /* of the hashes of old orders' ids */
};

/* Loads anew if the table has other rows than before. */
bool suppressed_refresh(struct suppressed *s, struct postgres *pg,
    const char *file, struct error *err) MUST_CHECK;
void suppressed_free(struct suppressed *s);

/* What ORDER on SITE is called in the tables: not by its id if it was erased.
 */
struct str suppressed_order(const struct suppressed *s, struct str site,
    struct str order, struct arena *arena);

/* Strips R if it names somebody. Texts live in ARENA. */
void suppressed_apply(
    const struct suppressed *s, struct record *r, struct arena *arena);
/* What may be kept of RECORD, which is of no use: nothing, if it names
 * somebody. */
struct str suppressed_dead(
    const struct suppressed *s, const struct sites *sites, struct str record);

#endif

/*
 * visits.h - touches into the tables: which candidates are new, and what
 * they change in the daily traffic.
 *
 * PostgreSQL is the truth; recent visits are remembered, so that the many
 * further hits of a visit cost no look-up. A batch works on copies: the
 * memory changes only once the batch is committed.
 */
#ifndef AGGREGATOR_STORE_VISITS_H
#define AGGREGATOR_STORE_VISITS_H

#include "aggregator/journey/facts.h"
#include "aggregator/report/daily.h"
#include "common/postgres.h"

struct visits;

/* Remembers REMEMBERED touches, see known.h. The caller owns the result. */
struct visits *visits_new(size_t remembered);
void visits_free(struct visits *v); /* NULL is allowed */

/*
 * Inside a transaction: writes the candidates among FACTS' touches that are
 * new or earlier than known ones, marks the customers they matter to, and
 * adds what they change to DAILY. DIM has the number of each touch's origin.
 */
bool visits_write(struct visits *v, struct postgres *pg,
    const struct facts *facts, const int32_t *dim, struct daily *daily,
    struct error *err) MUST_CHECK;
/* After COMMIT: remember. */
void visits_keep(struct visits *v);
/* After anything else: forget the batch. */
void visits_drop(struct visits *v);
/* Forget everything: someone else may have written. */
void visits_forget(struct visits *v);

#endif

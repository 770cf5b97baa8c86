/*
 * campaign_ids.h - which campaigns hits name by which id, so that costs of
 * this id count with them.
 */
#ifndef AGGREGATOR_STORE_CAMPAIGN_IDS_H
#define AGGREGATOR_STORE_CAMPAIGN_IDS_H

#include "aggregator/journey/facts.h"
#include "common/postgres.h"

/*
 * Inside a batch's transaction, as its last statements: notes the campaign
 * ids of the touches of F, whose dimensions are DIM. One never seen may move
 * costs that were imported before.
 */
bool campaign_ids_write(struct postgres *pg, const struct facts *f,
    const int32_t *dim, struct arena *arena, struct error *err) MUST_CHECK;

#endif

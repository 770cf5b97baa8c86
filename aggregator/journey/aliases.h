/*
 * aliases.h - one name for a campaign that has several: by its id, by its
 * name, or by a pattern of names. Hits and costs go through the same table,
 * so both meet in one row.
 */
#ifndef AGGREGATOR_JOURNEY_ALIASES_H
#define AGGREGATOR_JOURNEY_ALIASES_H

#include "common/arena.h"
#include "common/config.h"

struct aliases;

/* Loads FILE (campaigns.yaml). NULL and a line per problem in PROBLEMS. The
 * caller owns the result. */
struct aliases *aliases_load(const char *file, struct buf *problems) MUST_CHECK;
void aliases_free(struct aliases *a); /* NULL is allowed */

/*
 * What the campaign called NAME with the id ID is to be called; NAME itself
 * when no row is for it. All texts are normalised. The first row that holds
 * is taken.
 */
struct str aliases_find(
    const struct aliases *a, struct str source, struct str id, struct str name);

/* The name that row I gives; empty beyond the last. */
struct str aliases_name(const struct aliases *a, size_t i);

#endif

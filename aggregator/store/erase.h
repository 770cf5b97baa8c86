/*
 * erase.h - everything about some customers, found from one id of each, and
 * taken out of the tables while their sums stay.
 *
 * A request is one id. What belongs to it is followed: see erase_follow.sql.
 */
#ifndef AGGREGATOR_STORE_ERASE_H
#define AGGREGATOR_STORE_ERASE_H

#include "common/erased.h"
#include "common/postgres.h"
#include "common/site.h"

struct erase_request {
	enum person_kind kind; /* VISITOR, USER, ORDER or EMAIL */
	struct str id;         /* of EMAIL: SHA-256 in hex */
	struct str other;      /* EMAIL as Google writes it, or empty */
	/* Of one that the list brought back (erase_again), ID need not be
	 * known. */
	bool again;
	struct hash128 key; /* but for an ORDER */
	struct str site;    /* of an ORDER */
};

struct erase_counts {
	int64_t visitors, users, addresses, orders, touches, conversions,
	    exposures, exports;
};

struct erase {
	struct postgres *pg;
	struct erased *list;     /* who was erased; grows */
	const struct str *sites; /* where the ids are looked for */
	size_t site_count;
	struct arena *arena;  /* of a group of requests */
	int64_t dead_letters; /* deleted so far */
	/* The entries of the requests' own ids, in order. */
	struct hash128 *entry;
	int32_t *first, *entries; /* by request */
	size_t entry_count;
};

/* Within a transaction: finds what belongs to REQUESTS[0..COUNT); the tables
 * subject, subject_order and subject_event hold it until the next call. */
bool erase_find(struct erase *e, const struct erase_request *requests,
    size_t count, struct erase_counts *counts, struct error *err) MUST_CHECK;

/* Erases them, in one transaction. ERROR_RETRY when that is worth repeating. */
bool erase_group(struct erase *e, const struct erase_request *requests,
    size_t count, struct erase_counts *counts, struct error *err) MUST_CHECK;

/*
 * Erases all of the tables that the list names, and takes into the table what
 * the file alone lists: after a backup was restored. Adds to SUM.
 */
bool erase_again(
    struct erase *e, struct erase_counts *sum, struct error *err) MUST_CHECK;
/* Does so if the file lists more than the table, as it does then. */
bool erase_restored(struct postgres *pg, const char *file,
    const struct sites *sites, struct error *err) MUST_CHECK;

/* Makes PG the only one that erases, and no rebuild runs beside it. */
bool erase_open(struct postgres *pg, struct error *err) MUST_CHECK;

#endif

/*
 * migrate.h - the database's tables and views, as numbered migrations that
 * are part of the program (aggregator/store/schema/NNN_name.sql).
 */
#ifndef AGGREGATOR_STORE_MIGRATE_H
#define AGGREGATOR_STORE_MIGRATE_H

#include "common/error.h"

struct postgres;

struct migrate_result {
	int before; /* version found; 0: an empty database */
	int after;  /* version now */
};

/*
 * Brings the database up to this program's version: under an advisory lock,
 * each migration in a transaction of its own. Refused (ERROR_FATAL) when the
 * database is newer than the program or when a migration that was applied
 * has another text now.
 */
bool migrate_run(struct postgres *pg, struct migrate_result *result,
    struct error *err) MUST_CHECK;

/* True when the database is exactly at this program's version; else ERR says
 * what to do. Changes nothing. */
bool migrate_check(struct postgres *pg, struct error *err) MUST_CHECK;

/* This program's version: how many migrations it knows. */
int migrate_version(void);
/* The name of migration VERSION, from 1. */
const char *migrate_name(int version);

#endif

/*
 * migrate.c - a migration is applied once, in order, and never changes after:
 * its checksum is kept beside its number, so that a program and a database
 * that do not belong together are told apart before a number goes wrong.
 */
#include "aggregator/store/migrate.h"

#include "aggregator/models/models.h"
#include "aggregator/store/schema.h" /* made from store/schema/ by make */
#include "aggregator/store/sql.h"    /* made from store/sql/ by make */
#include "common/digest.h"
#include "common/postgres.h"
#include "common/process.h"

#define KNOWN ((int)(sizeof(schema) / sizeof(schema[0])))

int
migrate_version(void)
{
	return KNOWN;
}

const char *
migrate_name(int version)
{
	return schema[version - 1].name;
}

static void
checksum(int version, char out[2 * SHA256_BYTES + 1])
{
	uint8_t hash[SHA256_BYTES];

	digest_sha256(str_of(schema[version - 1].sql), hash);
	digest_hex(hash, sizeof(hash), out);
}

/* The single boolean that SQL asks for. */
static bool
ask(struct postgres *pg, const char *sql, bool *answer, struct error *err)
{
	struct postgres_rows *r = postgres_query(pg, sql, NULL, err);

	if (r == NULL)
		return false;
	*answer = postgres_bool(r, 0, 0);
	postgres_rows_free(r);
	return true;
}

/* Checks row ROW of the list, which should be migration ROW + 1. */
static bool
verify(const struct postgres_rows *r, size_t row, struct error *err)
{
	int64_t version = postgres_int(r, row, 0);
	struct str name = postgres_text(r, row, 1);
	char want[2 * SHA256_BYTES + 1];

	if (version > KNOWN)
		return error_set(err, ERROR_FATAL,
		    "the database is newer than this program: it has migration "
		    "%.*s, the program (" AFTERCLICK_VERSION
		    ") knows up to %s; install the newer program",
		    STR_ARG(name), schema[KNOWN - 1].name);
	if (version != (int64_t)row + 1)
		return error_set(err, ERROR_FATAL,
		    "migration %zu is missing from afterclick.schema_version",
		    row + 1);
	checksum((int)version, want);
	if (!str_is(postgres_text(r, row, 2), want))
		return error_set(err, ERROR_FATAL,
		    "migration %.*s was applied with another text than this "
		    "program has (checksum differs): the database was made by "
		    "another build",
		    STR_ARG(name));
	return true;
}

/* How far the database is; ERR when it and we do not belong together. */
static bool
find_version(struct postgres *pg, int *version, struct error *err)
{
	struct postgres_rows *r;
	bool exists, ok = false;

	*version = 0;
	if (!ask(pg, sql_migrate_exists, &exists, err))
		return false;
	if (!exists)
		return true;
	r = postgres_query(pg, sql_migrate_list, NULL, err);
	if (r == NULL)
		return false;
	for (size_t i = 0; i < postgres_rows_count(r); i++) {
		if (!verify(r, i, err))
			goto out;
	}
	*version = (int)postgres_rows_count(r);
	ok = true;
out:
	postgres_rows_free(r);
	return ok;
}

static bool
prepare(struct postgres *pg, struct error *err)
{
	bool exists;

	/* Who may not create a schema may still use one made for them. */
	if (!ask(pg, sql_migrate_exists, &exists, err))
		return false;
	return exists || postgres_script(pg, sql_migrate_prepare, err);
}

static bool
apply(struct postgres *pg, int version, struct error *err)
{
	struct postgres_args args = { .count = 0 };
	char sum[2 * SHA256_BYTES + 1];
	bool ok = false;

	if (!postgres_begin(pg, err))
		return false;
	if (!postgres_script(pg, schema[version - 1].sql, err))
		goto out;
	checksum(version, sum);
	postgres_arg_int4(&args, version);
	postgres_arg_text(&args, str_of(schema[version - 1].name));
	postgres_arg_text(&args, str_of(sum));
	postgres_arg_text(&args, STR(AFTERCLICK_VERSION));
	if (!postgres_exec(pg, sql_migrate_record, &args, NULL, err))
		goto out;
	/* An unknown fate is settled by the next run: it reads the list. */
	ok = postgres_commit(pg, err) == POSTGRES_COMMITTED;
out:
	if (!ok) {
		postgres_rollback(pg);
		error_wrap(err, "migration %s", schema[version - 1].name);
	}
	postgres_args_free(&args);
	return ok;
}

/* The models are part of the program, so the table follows it. */
static bool
write_models(struct postgres *pg, struct error *err)
{
	struct postgres_args args = { .count = 0 };
	bool ok = true;

	for (int i = 0; i < MODEL_ALL && ok; i++) {
		postgres_args_reset(&args);
		postgres_arg_int4(&args, i);
		postgres_arg_text(&args, str_of(models[i]->name));
		postgres_arg_text(&args, str_of(models[i]->summary));
		postgres_arg_bool(&args, i >= MODEL_COUNT);
		ok = postgres_exec(pg, sql_model_put, &args, NULL, err);
	}
	postgres_args_free(&args);
	return ok;
}

static bool
run_locked(
    struct postgres *pg, struct migrate_result *result, struct error *err)
{
	if (!prepare(pg, err) || !find_version(pg, &result->before, err))
		return false;
	result->after = result->before;
	/* They would hold what a migration replaces. */
	if (result->before > 0 && result->before < KNOWN &&
	    !postgres_exec(pg, sql_migrate_site_views, NULL, NULL, err))
		return false;
	while (result->after < KNOWN) {
		if (!apply(pg, result->after + 1, err))
			return false;
		result->after++;
	}
	return write_models(pg, err);
}

bool
migrate_run(
    struct postgres *pg, struct migrate_result *result, struct error *err)
{
	bool ok;

	if (!postgres_exec(pg, sql_migrate_lock, NULL, NULL, err))
		return false;
	ok = run_locked(pg, result, err);
	/* A lost session has let the lock go by itself. */
	if (!postgres_exec(pg, sql_migrate_unlock, NULL, NULL, ok ? err : NULL))
		return false;
	return ok;
}

bool
migrate_check(struct postgres *pg, struct error *err)
{
	int version;

	if (!find_version(pg, &version, err))
		return false;
	if (version == KNOWN)
		return true;
	return error_set(err, ERROR_FATAL,
	    "the database is at version %d and this program needs %d: run "
	    "`afterclick migrate`",
	    version, KNOWN);
}

/*
 * afterclick migrate - makes the world ready: the tables in PostgreSQL, the
 * sites in them, the topic on Kafka. Running it again changes nothing.
 */
#include "aggregator/store/migrate.h"

#include <stdio.h>
#include <stdlib.h>

#include "aggregator/cli/commands.h"
#include "aggregator/cli/context.h"
#include "aggregator/cli/options.h"
#include "aggregator/store/sql.h"
#include "common/kafka.h"
#include "common/postgres.h"
#include "common/process.h"

struct options {
	bool database_only;
};

static const struct options_row rows[] = {
	{ "database-only", OPTIONS_FLAG,
	    offsetof(struct options, database_only),
	    .help = "leave Kafka alone" },
	{ NULL }
};

static const struct options_command command = { "migrate [--database-only]",
	"Creates or updates the tables in PostgreSQL, writes the configured\n"
	"sites into them and creates the Kafka topic if it is missing.",
	rows, 0, 0 };

static int
database(struct context *c)
{
	struct migrate_result result;
	struct error err;

	if (!migrate_run(c->pg, &result, &err))
		return context_fail(&err);
	for (int v = result.before + 1; v <= result.after; v++)
		printf("applied migration %s\n", migrate_name(v));
	printf("database: at version %d%s\n", result.after,
	    result.before == result.after ? ", nothing to do" : "");
	return EXIT_OK;
}

static int
reader(struct context *c)
{
	struct postgres_args args = { .count = 0 };
	struct postgres_rows *granted;
	struct error err;

	if (c->set.postgres.reader[0] == '\0')
		return EXIT_OK;
	postgres_arg_text(&args, str_of(c->set.postgres.reader));
	granted = postgres_query(c->pg, sql_grant_reader, &args, &err);
	postgres_args_free(&args);
	if (granted == NULL)
		return context_fail(&err);
	printf("reader: %s may read %lld views\n", c->set.postgres.reader,
	    (long long)postgres_int(granted, 0, 0));
	postgres_rows_free(granted);
	return EXIT_OK;
}

static int
writer(struct context *c)
{
	struct postgres_args args = { .count = 0 };
	struct postgres_rows *granted;
	struct error err;

	if (c->set.postgres.writer[0] == '\0')
		return EXIT_OK;
	postgres_arg_text(&args, str_of(c->set.postgres.writer));
	granted = postgres_query(c->pg, sql_grant_writer, &args, &err);
	postgres_args_free(&args);
	if (granted == NULL)
		return context_fail(&err);
	printf("writer: %s may write rows\n", c->set.postgres.writer);
	postgres_rows_free(granted);
	return EXIT_OK;
}

/* A list with a site that is not configured would read nothing, unseen. */
static bool
known_sites(struct context *c, const struct pair *p, struct error *err)
{
	struct str rest = str_of(p->value), one;
	size_t count = 0;

	while (rest.len > 0) {
		size_t len = 0;

		while (len < rest.len && rest.data[len] != ' ' &&
		       rest.data[len] != ',')
			len++;
		one = str_head(rest, len);
		rest = str_from(rest, len < rest.len ? len + 1 : len);
		if (one.len == 0)
			continue;
		count++;
		if (sites_find(&c->sites, one) == NULL)
			return error_set(err, ERROR_FATAL,
			    "postgres.site_readers.%s: no site is called %.*s",
			    p->key, STR_ARG(one));
	}
	return count > 0 ||
	       error_set(err, ERROR_FATAL,
		   "postgres.site_readers.%s: names no site", p->key);
}

/* Also without any: those of an earlier configuration read no more. */
static int
site_readers(struct context *c)
{
	const struct pairs *set = &c->set.postgres.site_readers;
	struct str *role = mem_zero(set->count + 1, sizeof(*role));
	struct str *list = mem_zero(set->count + 1, sizeof(*list));
	struct postgres_args args = { .count = 0 };
	struct postgres_rows *granted = NULL;
	struct error err;
	bool ok = true;

	for (size_t i = 0; ok && i < set->count; i++) {
		role[i] = str_of(set->at[i].key);
		list[i] = str_of(set->at[i].value);
		ok = known_sites(c, &set->at[i], &err);
	}
	if (ok) {
		postgres_arg_texts(&args, role, set->count);
		postgres_arg_texts(&args, list, set->count);
		granted = postgres_query(c->pg, sql_site_readers, &args, &err);
		postgres_args_free(&args);
		ok = granted != NULL;
	}
	if (ok && set->count > 0)
		printf("site readers: %zu roles may read %lld views\n",
		    set->count, (long long)postgres_int(granted, 0, 0));
	postgres_rows_free(granted);
	free(role);
	free(list);
	return ok ? EXIT_OK : context_fail(&err);
}

static int
sites(struct context *c)
{
	const struct site *site = c->sites.list.at;
	struct postgres_args args = { .count = 0 };
	struct error err;
	int64_t changed, total = 0;
	bool ok = true;

	for (size_t i = 0; i < c->sites.list.count && ok; i++) {
		postgres_args_reset(&args);
		postgres_arg_text(&args, str_of(site[i].id));
		postgres_arg_text(&args, str_of(site[i].timezone));
		postgres_arg_text(&args, str_of(site[i].currency));
		postgres_arg_int8(&args, site[i].margin_micros);
		postgres_arg_int8(&args, site[i].lookback_ms);
		ok = postgres_exec(c->pg, sql_site_put, &args, &changed, &err);
		total += ok ? changed : 0;
	}
	postgres_args_free(&args);
	if (!ok)
		return context_fail(&err);
	printf("sites: %zu configured, %lld changed\n", c->sites.list.count,
	    (long long)total);
	return EXIT_OK;
}

static int
topic(struct context *c)
{
	struct error err;
	bool created;

	if (!kafka_topic_create(&c->set.kafka, c->set.topic,
		(int)c->set.topic_create.partitions,
		(int)c->set.topic_create.replication,
		c->set.topic_create.retention_ms, &created, &err))
		return context_fail(&err);
	if (created)
		printf("topic %s: created with %lld partitions\n", c->set.topic,
		    (long long)c->set.topic_create.partitions);
	else
		printf("topic %s: exists\n", c->set.topic);
	return EXIT_OK;
}

int
cli_migrate(int argc, char **argv, const struct cli *cli)
{
	struct context c = { .arena = NULL };
	struct options opt = { false };
	struct operands operands;
	int code;

	if (!options_read(&command, argc, argv, &opt, &operands, &code))
		return code;
	if (!context_settings(&c, cli, &code) || !context_sites(&c, &code) ||
	    !context_postgres(&c, false, &code))
		goto out;
	code = database(&c);
	if (code == EXIT_OK)
		code = reader(&c);
	if (code == EXIT_OK)
		code = writer(&c);
	if (code == EXIT_OK)
		code = site_readers(&c);
	if (code == EXIT_OK)
		code = sites(&c);
	if (code == EXIT_OK && !opt.database_only)
		code = topic(&c);
out:
	context_close(&c);
	return code;
}

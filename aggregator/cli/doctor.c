/*
 * afterclick doctor - looks at every part and says what to mend: one line a
 * finding, good or not, and what to do where it is not. A part that cannot be
 * asked is a finding, too, and the others are still looked at.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "aggregator/cli/commands.h"
#include "aggregator/cli/context.h"
#include "aggregator/cli/options.h"
#include "aggregator/cli/table.h"
#include "aggregator/cli/transfer.h"
#include "aggregator/store/migrate.h"
#include "aggregator/store/sql.h" /* made from store/sql/ by make */
#include "common/calendar.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/kafka.h"
#include "common/postgres.h"
#include "common/process.h"

#define ERASED_STAY_MS (30 * DAY_MS) /* on Kafka */
#define CLOCK_WARN_MS 2000
#define CLOCK_FAIL_MS 60000
#define LATE_COMMIT_MS (10 * 60 * 1000LL)
#define OLDEST_SERVER 150000
#define ANSWER_S 5

enum verdict { OK, WARN, FAIL };

static const char *const verdicts[] = { "ok", "warn", "fail" };

struct finding {
	const char *what;
	enum verdict verdict;
	char *found, *todo; /* "": nothing is to be done */
};

struct options {
	const char *collector;
	bool json;
};

struct doctor {
	struct context c;
	struct options opt;
	struct finding *at;
	size_t count;
};

static const struct options_row rows[] = {
	{ "collector", OPTIONS_TEXT, offsetof(struct options, collector),
	    .value = "URL",
	    .help = "admin port of a collector, to be looked at as well: "
		    "http://127.0.0.1:8081" },
	{ "json", OPTIONS_FLAG, offsetof(struct options, json),
	    .help = "as JSON" },
	{ NULL }
};

static const struct options_command command = {
	"doctor [--collector URL] [--json]",
	"Looks at the configuration, Kafka, PostgreSQL, the clocks, what "
	"waits\n"
	"and whether the sums agree. Each line is ok, warn or fail, with what\n"
	"to do. Exit code 1 when a line says fail. Changes nothing.",
	rows, 0, 0
};

static void find(struct doctor *d, enum verdict v, const char *what,
    const char *todo, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

static void
find(struct doctor *d, enum verdict v, const char *what, const char *todo,
    const char *format, ...)
{
	char text[ERROR_TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	d->at = mem_grow(d->at, (d->count + 1) * sizeof(*d->at));
	d->at[d->count++] = (struct finding){ what, v, str_dup(str_of(text)),
		str_dup(str_of(v == OK ? "" : todo)) };
}

/* --- what is looked at ------------------------------------------------------
 */

static int64_t
longest_lookback(const struct doctor *d)
{
	int64_t longest = 0;

	for (size_t i = 0; i < d->c.sites.list.count; i++) {
		const struct site *s =
		    (const struct site *)d->c.sites.list.at + i;

		if (s->lookback_ms > longest)
			longest = s->lookback_ms;
	}
	return longest;
}

static void
look_at_topic(struct doctor *d)
{
	const struct pairs *kafka = &d->c.set.kafka;
	const char *topic = d->c.set.topic;
	int64_t keeps, lookback = longest_lookback(d);
	struct kafka_range *range = NULL;
	struct error err;
	size_t count;

	if (!kafka_ranges(kafka, topic, &range, &count, &err)) {
		find(d, FAIL, "kafka",
		    "see bootstrap.servers under kafka:; "
		    "collectors keep what comes in meanwhile",
		    "%s", err.text);
		return;
	}
	free(range);
	find(d, count > 1 ? OK : WARN, "kafka",
	    "one partition is for one aggregator; partitions cannot be added "
	    "later without parting a visitor's hits",
	    "topic %s, %zu partitions", topic, count);
	if (!kafka_topic_retention(kafka, topic, &keeps, &err))
		find(d, WARN, "retention",
		    "allow DescribeConfigs on the topic to this user", "%s",
		    err.text);
	else if (keeps < 0)
		find(d, WARN, "retention",
		    "set retention.ms of the topic to 30 days: so long an "
		    "erased customer is still in its records",
		    "hits stay on Kafka for ever");
	else if (keeps > ERASED_STAY_MS && keeps > lookback)
		find(d, WARN, "retention",
		    "set retention.ms of the topic to 30 days, or to the "
		    "look-back where that is longer: so long an erased "
		    "customer is still in its records (docs/privacy.md)",
		    "hits stay on Kafka for %.1f days, the look-back is %.1f",
		    (double)keeps / DAY_MS, (double)lookback / DAY_MS);
	else
		find(d, keeps >= lookback ? OK : WARN, "retention",
		    "set retention.ms of the topic above the look-back, so "
		    "that `afterclick rebuild` finds all touches",
		    "hits stay on Kafka for %.1f days, the look-back is %.1f",
		    (double)keeps / DAY_MS, (double)lookback / DAY_MS);
}

static void
look_at_clock(struct doctor *d, int64_t theirs, int64_t before, int64_t after)
{
	int64_t off = theirs < before  ? before - theirs
		      : theirs > after ? theirs - after
				       : 0;

	find(d,
	    off < CLOCK_WARN_MS   ? OK
	    : off < CLOCK_FAIL_MS ? WARN
				  : FAIL,
	    "clock", "let every machine follow the same time servers",
	    "PostgreSQL's is %.1f s away from ours", (double)off / 1000);
}

static void
look_at_server(struct doctor *d)
{
	int64_t before = clock_wall_ms();
	struct error err;
	struct postgres_rows *r =
	    postgres_query(d->c.pg, sql_doctor_server, NULL, &err);
	int64_t after = clock_wall_ms();

	if (r == NULL) {
		find(d, FAIL, "postgresql", "", "%s", err.text);
		return;
	}
	find(d, postgres_int(r, 0, 1) >= OLDEST_SERVER ? OK : FAIL,
	    "postgresql", "15 is the oldest that is tested",
	    "version %.*s, database of %.*s", STR_ARG(postgres_text(r, 0, 0)),
	    STR_ARG(postgres_text(r, 0, 3)));
	find(d, postgres_bool(r, 0, 4) ? OK : WARN, "durability",
	    "fsync and synchronous_commit are off: a power cut may cost "
	    "tables that Kafka no longer has the hits for",
	    postgres_bool(r, 0, 4) ? "commits are on disk"
				   : "commits may be lost in a power cut");
	find(d, postgres_bool(r, 0, 5) ? WARN : OK, "role",
	    "use a role that owns the schema and nothing else",
	    postgres_bool(r, 0, 5) ? "we are a superuser"
				   : "we are no superuser");
	look_at_clock(d, postgres_time(r, 0, 2), before, after);
	postgres_rows_free(r);
}

/* A count that should be nothing. */
static void
look_at_count(struct doctor *d, const char *what, int64_t n, const char *things,
    const char *todo)
{
	find(d, n == 0 ? OK : WARN, what, todo, "%" PRId64 " %s", n, things);
}

static void
look_at_days(struct doctor *d, const struct postgres_rows *r)
{
	int64_t ago = clock_wall_ms() - postgres_time(r, 0, 5);

	if (postgres_null(r, 0, 5)) {
		find(d, WARN, "aggregator", "start afterclick-aggregator",
		    "no aggregator has read the topic yet");
		return;
	}
	find(d, ago < LATE_COMMIT_MS ? OK : FAIL, "aggregator",
	    "is afterclick-aggregator running? its log says what it waits for",
	    "last commit %" PRId64 " s ago", ago / 1000);
	find(d, postgres_int(r, 0, 7) == 0 ? OK : WARN, "days",
	    "a partition is behind: afterclick lag",
	    "%" PRId64 " days are over and still open", postgres_int(r, 0, 7));
}

static void
look_at_tables(struct doctor *d)
{
	struct postgres_args args = { .count = 0 };
	struct postgres_rows *r, *bloat;
	struct error err;

	postgres_arg_text(&args, str_of(d->c.set.topic));
	r = postgres_query(d->c.pg, sql_doctor_tables, &args, &err);
	postgres_args_free(&args);
	if (r == NULL) {
		find(d, FAIL, "tables", "", "%s", err.text);
		return;
	}
	look_at_days(d, r);
	look_at_count(d, "dead letters", postgres_int(r, 0, 0),
	    "records were set aside",
	    "afterclick dead-letters list; once mended: retry");
	look_at_count(d, "rates", postgres_int(r, 0, 1) + postgres_int(r, 0, 2),
	    "conversions and costs wait for an exchange rate",
	    "afterclick import-fx");
	look_at_count(d, "refunds", postgres_int(r, 0, 3),
	    "refunds wait for their order",
	    "SELECT * FROM afterclick.waiting_refunds");
	postgres_rows_free(r);
	bloat = postgres_query(d->c.pg, sql_doctor_bloat, NULL, &err);
	if (bloat != NULL && postgres_rows_count(bloat) > 0)
		find(d, WARN, "bloat", "is autovacuum on? VACUUM the table",
		    "%.*s has %" PRId64 " dead rows beside %" PRId64,
		    STR_ARG(postgres_text(bloat, 0, 0)),
		    postgres_int(bloat, 0, 1), postgres_int(bloat, 0, 2));
	else if (bloat != NULL)
		find(d, OK, "bloat", "", "no table is full of dead rows");
	postgres_rows_free(bloat);
}

static void
look_at_sums(struct doctor *d)
{
	struct error err;
	struct postgres_rows *r =
	    postgres_query(d->c.pg, sql_doctor_check, NULL, &err);

	if (r == NULL)
		find(d, WARN, "roi_check", "", "%s", err.text);
	else
		find(d, postgres_int(r, 0, 0) == 0 ? OK : FAIL, "roi_check",
		    "keep everything as it is and report it: SELECT * FROM "
		    "afterclick.roi_check",
		    "%" PRId64 " sums do not agree", postgres_int(r, 0, 0));
	postgres_rows_free(r);
}

static void
look_at_postgres(struct doctor *d)
{
	struct error err;

	d->c.pg = postgres_open(d->c.set.postgres.dsn,
	    d->c.set.postgres.password, "afterclick doctor", &err);
	if (d->c.pg == NULL) {
		find(d, FAIL, "postgresql", "see postgres.dsn", "%s", err.text);
		return;
	}
	look_at_server(d);
	if (!migrate_check(d->c.pg, &err)) {
		find(d, FAIL, "schema", "afterclick migrate", "%s", err.text);
		return;
	}
	find(d, OK, "schema", "", "%s, as this program wants it",
	    migrate_name(migrate_version()));
	look_at_tables(d);
	look_at_sums(d);
}

/* The collector's own verdict on itself. */
static void
look_at_collector(struct doctor *d)
{
	static const char *const headers[] = { NULL };
	struct buf url = { 0 };
	struct transfer_settings set = {
		.slots = 1, .answer_s = ANSWER_S, .get = true
	};
	struct transfers *t;
	struct transfer_end end;
	struct error err;

	buf_printf(&url, "%s/readyz", d->opt.collector);
	set.url = buf_text(&url);
	t = transfers_open(&set, &err);
	if (t == NULL || !transfers_start(t, 0, headers, STR_EMPTY, &err)) {
		find(d, FAIL, "collector", "", "%s", err.text);
		goto out;
	}
	while (!transfers_next(t, &end))
		transfers_wait(t, 1000);
	if (!end.answered)
		find(d, FAIL, "collector", "is it running?", "%s: %s",
		    d->opt.collector, end.problem);
	else
		find(d, end.status == 200 ? OK : FAIL, "collector",
		    "its log says more; hits are safe while it answers them",
		    "%.*s",
		    (int)(end.body.len > 0 &&
				  end.body.data[end.body.len - 1] == '\n'
			      ? end.body.len - 1
			      : end.body.len),
		    end.body.data);
out:
	transfers_close(t);
	buf_free(&url);
}

/* --- what is shown -----------------------------------------------------------
 */

static void
show_json(const struct doctor *d, struct buf *out)
{
	struct json_writer w = json_write(out);

	json_begin_array(&w);
	for (size_t i = 0; i < d->count; i++) {
		json_begin_object(&w);
		json_key(&w, STR("what"));
		json_string(&w, str_of(d->at[i].what));
		json_key(&w, STR("verdict"));
		json_string(&w, str_of(verdicts[d->at[i].verdict]));
		json_key(&w, STR("found"));
		json_string(&w, str_of(d->at[i].found));
		json_key(&w, STR("todo"));
		json_string(&w, str_of(d->at[i].todo));
		json_end_object(&w);
	}
	json_end_array(&w);
	buf_add_char(out, '\n');
}

static void
show_table(const struct doctor *d, struct buf *out)
{
	static const enum table_tone tones[] = { TABLE_GOOD, TABLE_WARN,
		TABLE_BAD };
	struct table *t = table_new();

	table_column(t, "", false);
	table_column(t, "part", false);
	table_column(t, "found", false);
	table_column(t, "what to do", false);
	for (size_t i = 0; i < d->count; i++) {
		table_cell(t, str_of(verdicts[d->at[i].verdict]));
		table_tone(t, tones[d->at[i].verdict]);
		table_cell(t, str_of(d->at[i].what));
		table_cell(t, str_of(d->at[i].found));
		table_cell(t, str_of(d->at[i].todo));
	}
	table_show(t, table_colour(), out);
	table_free(t);
}

int
cli_doctor(int argc, char **argv, const struct cli *cli)
{
	struct doctor d = { .count = 0 };
	struct operands operands;
	struct buf out = { 0 };
	int code;

	if (!options_read(&command, argc, argv, &d.opt, &operands, &code))
		return code;
	if (!context_settings(&d.c, cli, &code) || !context_sites(&d.c, &code))
		goto out;
	find(&d, d.c.sites.list.count > 0 ? OK : FAIL, "configuration",
	    "name a site in sites.yaml", "%s is good, %zu sites", cli->config,
	    d.c.sites.list.count);
	look_at_topic(&d);
	look_at_postgres(&d);
	if (d.opt.collector != NULL)
		look_at_collector(&d);
	if (d.opt.json)
		show_json(&d, &out);
	else
		show_table(&d, &out);
	code = context_print(&out);
	for (size_t i = 0; i < d.count; i++) {
		if (d.at[i].verdict == FAIL)
			code = EXIT_FAILED;
		free(d.at[i].found);
		free(d.at[i].todo);
	}
out:
	free(d.at);
	context_close(&d.c);
	return code;
}

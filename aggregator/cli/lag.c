/*
 * afterclick lag - how many records on Kafka are not in the tables yet, and
 * how many customers wait to be attributed. With --wait it returns when both
 * are nothing: then the tables hold all that was sent.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "aggregator/cli/commands.h"
#include "aggregator/cli/context.h"
#include "aggregator/cli/options.h"
#include "aggregator/cli/table.h"
#include "aggregator/store/sql.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/kafka.h"
#include "common/postgres.h"
#include "common/process.h"

#define POLL_MS 200

struct options {
	bool wait, json;
	int64_t timeout_ms;
};

static const struct options_row rows[] = {
	{ "wait", OPTIONS_FLAG, offsetof(struct options, wait),
	    .help = "return when nothing is behind" },
	{ "timeout", OPTIONS_DURATION, offsetof(struct options, timeout_ms),
	    .value = "TIME", .help = "how long --wait may take; default 60s" },
	{ "json", OPTIONS_FLAG, offsetof(struct options, json),
	    .help = "as JSON" },
	{ NULL }
};

static const struct options_command command = {
	"lag [--wait] [--timeout TIME] [--json]",
	"Shows how many records of each partition are not in the tables yet\n"
	"and how many customers wait to be attributed. With --wait: exit code\n"
	"0 when there are none, 1 when the time is over.",
	rows, 0, 0
};

struct part {
	int32_t partition;
	int64_t end, next; /* NEXT -1: nobody has read it yet */
	int64_t lag;
};

struct lag {
	struct part *part;
	size_t count;
	int64_t records, dirty;
};

/* The position of PARTITION in R, or -1. */
static int64_t
position(const struct postgres_rows *r, int32_t partition)
{
	for (size_t i = 0; i < postgres_rows_count(r); i++) {
		if (postgres_int(r, i, 0) == partition)
			return postgres_int(r, i, 1);
	}
	return -1;
}

static void
fill(struct lag *lag, const struct kafka_range *range, size_t count,
    const struct postgres_rows *r)
{
	struct part *p;
	int64_t from;

	free(lag->part);
	lag->part = mem_zero(count + 1, sizeof(*lag->part));
	lag->count = count;
	lag->records = 0;
	for (size_t i = 0; i < count; i++) {
		p = &lag->part[i];
		p->partition = range[i].partition;
		p->end = range[i].high;
		p->next = position(r, p->partition);
		from = p->next < 0 ? range[i].low : p->next;
		p->lag = p->end > from ? p->end - from : 0;
		lag->records += p->lag;
	}
}

/*
 * The ends first: what is written after them is not asked about. The dirty
 * customers last: a batch that moves a position marks them in the same
 * transaction.
 */
static bool
measure(struct context *c, struct lag *lag, struct error *err)
{
	struct kafka_range *range = NULL;
	struct postgres_args args = { .count = 0 };
	struct postgres_rows *positions = NULL, *dirty = NULL;
	size_t count;
	bool ok = false;

	if (!kafka_ranges(&c->set.kafka, c->set.topic, &range, &count, err))
		return false;
	postgres_arg_text(&args, str_of(c->set.topic));
	positions = postgres_query(c->pg, sql_lag_positions, &args, err);
	if (positions == NULL)
		goto out;
	dirty = postgres_query(c->pg, sql_dirty_count, NULL, err);
	if (dirty == NULL)
		goto out;
	fill(lag, range, count, positions);
	lag->dirty = postgres_int(dirty, 0, 0);
	ok = true;
out:
	postgres_rows_free(dirty);
	postgres_rows_free(positions);
	postgres_args_free(&args);
	free(range);
	return ok;
}

static void
show_json(const struct lag *lag, struct buf *out)
{
	struct json_writer w = json_write(out);

	json_begin_object(&w);
	json_key(&w, STR("lag"));
	json_int(&w, lag->records);
	json_key(&w, STR("dirty"));
	json_int(&w, lag->dirty);
	json_key(&w, STR("partitions"));
	json_begin_array(&w);
	for (size_t i = 0; i < lag->count; i++) {
		json_begin_object(&w);
		json_key(&w, STR("partition"));
		json_int(&w, lag->part[i].partition);
		json_key(&w, STR("end"));
		json_int(&w, lag->part[i].end);
		json_key(&w, STR("next"));
		if (lag->part[i].next < 0)
			json_null(&w);
		else
			json_int(&w, lag->part[i].next);
		json_key(&w, STR("lag"));
		json_int(&w, lag->part[i].lag);
		json_end_object(&w);
	}
	json_end_array(&w);
	json_end_object(&w);
	buf_add_char(out, '\n');
}

static void
number_cell(struct table *t, int64_t n)
{
	struct buf text = { 0 };

	if (n >= 0)
		buf_add_int(&text, n);
	else
		buf_add_str(&text, STR("never"));
	table_cell(t, buf_str(&text));
	buf_free(&text);
}

static void
show_table(const struct lag *lag, struct buf *out)
{
	static const char *const titles[] = { "partition", "end", "next",
		"lag" };
	struct table *t = table_new();

	for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
		table_column(t, titles[i], true);
	for (size_t i = 0; i < lag->count; i++) {
		number_cell(t, lag->part[i].partition);
		number_cell(t, lag->part[i].end);
		number_cell(t, lag->part[i].next);
		number_cell(t, lag->part[i].lag);
	}
	table_show(t, table_colour(), out);
	buf_printf(out, "\n%lld records behind, %lld customers wait\n",
	    (long long)lag->records, (long long)lag->dirty);
	table_free(t);
}

/* Sleeps until the next look; false when END_MS has come. */
static bool
pause_until(int64_t end_ms)
{
	struct timespec pause = { 0, POLL_MS * 1000000L };

	if (clock_mono_ms() >= end_ms)
		return false;
	nanosleep(&pause, NULL);
	return true;
}

/* True when LAG is measured and, if asked to wait, nothing is behind. */
static bool
observe(struct context *c, const struct options *opt, struct lag *lag,
    struct error *err)
{
	int64_t end = clock_mono_ms() + opt->timeout_ms;

	for (;;) {
		if (!measure(c, lag, err)) {
			/* A broker or database that is just being restarted
			 * is worth waiting for. */
			if (!opt->wait || err->kind != ERROR_RETRY)
				return false;
			if (postgres_broken(c->pg)) {
				postgres_close(c->pg);
				c->pg = NULL;
			}
		} else if (!opt->wait || lag->records + lag->dirty == 0) {
			return true;
		} else {
			error_set(err, ERROR_RETRY,
			    "%lld records are behind and %lld customers wait "
			    "after %lld s",
			    (long long)lag->records, (long long)lag->dirty,
			    (long long)(opt->timeout_ms / 1000));
		}
		do {
			if (!pause_until(end))
				return false;
			if (c->pg == NULL)
				c->pg = postgres_open(c->set.postgres.dsn,
				    c->set.postgres.password, "afterclick",
				    err);
		} while (c->pg == NULL);
	}
}

int
cli_lag(int argc, char **argv, const struct cli *cli)
{
	struct context c = { .arena = NULL };
	struct options opt = { false, false, 60000 };
	struct operands operands;
	struct lag lag = { .part = NULL };
	struct buf out = { 0 };
	struct error err;
	bool ok;
	int code;

	if (!options_read(&command, argc, argv, &opt, &operands, &code))
		return code;
	if (!context_settings(&c, cli, &code) ||
	    !context_postgres(&c, true, &code))
		goto out;
	ok = observe(&c, &opt, &lag, &err);
	if (lag.part != NULL && opt.json)
		show_json(&lag, &out);
	else if (lag.part != NULL)
		show_table(&lag, &out);
	code = context_print(&out);
	if (!ok)
		code = context_fail(&err);
out:
	free(lag.part);
	context_close(&c);
	return code;
}

/*
 * afterclick live - the last hits of a collector and what became of each, in
 * the terminal, for whoever looks why theirs does not arrive. It reads
 * /debug/hits of the collector's admin port and keeps nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregator/cli/commands.h"
#include "aggregator/cli/context.h"
#include "aggregator/cli/options.h"
#include "aggregator/cli/table.h"
#include "aggregator/cli/transfer.h"
#include "common/calendar.h"
#include "common/digest.h"
#include "common/json.h"
#include "common/process.h"

#define DEFAULT_ADMIN "http://127.0.0.1:8081"
#define HITS_MAX 200 /* as many as a collector tells at once */
#define ANSWER_S 10L

struct options {
	const char *url, *site, *count;
	int64_t every_ms;
	bool follow, refused, json;
};
#define ROW(name, kind, member, value, help)                                   \
	{                                                                      \
		name, OPTIONS_##kind, offsetof(struct options, member), value, \
		    help, false, NULL                                          \
	}
static const struct options_row rows[] = {
	ROW("url", TEXT, url, "URL",
	    "admin port of the collector; default $COLLECTOR_ADMIN_URL, "
	    "else " DEFAULT_ADMIN),
	ROW("site", TEXT, site, "SITE", "only hits of this site"),
	ROW("count", TEXT, count, "N", "the last N, up to 200; default 20"),
	ROW("refused", FLAG, refused, NULL, "only hits that were refused"),
	ROW("follow", FLAG, follow, NULL, "go on with those that come"),
	ROW("every", DURATION, every_ms, "TIME",
	    "how often --follow asks; default 1s"),
	ROW("json", FLAG, json, NULL, "as JSON lines"),
	{ NULL, OPTIONS_FLAG, 0, NULL, NULL, false, NULL },
};
#undef ROW
static const struct options_command command = {
	"live [--url URL] [--site SITE] [--count N] [--refused] [--follow] "
	"[--json]",
	"Shows the last hits of a collector, the newest last, whether each "
	"was\n"
	"accepted and if not why. Ids are cut to eight characters and "
	"addresses to\n"
	"their network. A collector keeps the last 200 of each worker.",
	rows, 0, 0
};

struct hit {
	struct str line;
	const struct json *tree;
	uint64_t id; /* of what the line says */
};

struct live {
	const struct options *opt;
	struct transfers *transfers;
	int64_t count;
	uint64_t seen[HITS_MAX]; /* of the last answer */
	size_t seen_count;
	bool asked, headed;
	struct arena *arena; /* of an answer */
};

/* --- showing ----------------------------------------------------------------
 */

static const struct {
	const char *title, *key;
	size_t least; /* so that the rows of two answers stand in line */
} columns[] = { { "time (UTC)", "time", 12 }, { "verdict", "verdict", 11 },
	{ "site", "site", 8 }, { "lane", "lane", 8 }, { "type", "type", 10 },
	{ "event", "event_id", 8 }, { "visitor", "visitor_id", 8 },
	{ "order", "order_id", 8 }, { "network", "ip", 15 },
	{ "reason", "reason", 0 } };
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static struct str
text_of(const struct json *hit, const char *key)
{
	const struct json *value = json_find(hit, key);

	return value == NULL ? STR_EMPTY : value->text;
}

/* The last column: why not, or else which fields were not kept. */
static void
add_reason(struct table *t, const struct json *hit, struct arena *arena)
{
	struct str reason = text_of(hit, "reason");
	struct str dropped = text_of(hit, "dropped");

	if (reason.len == 0 && dropped.len > 0)
		reason =
		    arena_printf(arena, "not kept: %.*s", STR_ARG(dropped));
	table_cell(t, reason);
}

static void
add_hit(struct table *t, const struct json *hit, struct arena *arena)
{
	bool good = str_is(text_of(hit, "verdict"), "accepted");
	char when[25] = "";
	int64_t ms;

	if (str_int(text_of(hit, "time"), 0, INT64_C(1) << 50, &ms))
		calendar_format_instant(ms, when);
	table_cell(t, str_make(when + 11, when[0] ? 12 : 0));
	table_cell(t, good ? STR("accepted")
			   : arena_printf(arena, "refused %.*s",
				 STR_ARG(text_of(hit, "status"))));
	table_tone(t, good ? TABLE_GOOD : TABLE_BAD);
	for (size_t c = 2; c + 1 < COLUMNS; c++)
		table_cell(t, text_of(hit, columns[c].key));
	add_reason(t, hit, arena);
}

/* COUNT of HITS, the newest first, the other way round. */
static int
show(struct live *l, const struct hit *hits, size_t count)
{
	struct table *t = table_new();
	struct buf out = { 0 };
	bool rows_to_come = count > 0 || l->opt->follow;

	for (size_t c = 0; c < COLUMNS; c++) {
		table_column(t, columns[c].title, false);
		table_least(t, columns[c].least);
	}
	for (size_t i = count; i-- > 0;) {
		if (l->opt->json) {
			buf_add_str(&out, hits[i].line);
			buf_add_char(&out, '\n');
		} else {
			add_hit(t, hits[i].tree, l->arena);
		}
	}
	if (!l->opt->json && !l->headed && rows_to_come)
		table_head(t, table_colour(), &out);
	l->headed = true;
	if (!l->opt->json)
		table_body(t, table_colour(), &out);
	table_free(t);
	return context_print(&out);
}

/* --- asking -----------------------------------------------------------------
 */

static bool
ask(struct live *l, struct str *body, struct error *err)
{
	static const char *const headers[] = { NULL };
	struct transfer_end end;

	if (!transfers_start(l->transfers, 0, headers, STR_EMPTY, err))
		return false;
	while (!transfers_next(l->transfers, &end))
		transfers_wait(l->transfers, 1000);
	if (!end.answered)
		return error_set(
		    err, ERROR_RETRY, "%s: %s", l->opt->url, end.problem);
	if (end.status != 200)
		return error_set(err, ERROR_FATAL,
		    "%s: the answer was %ld; is this the admin port of a "
		    "collector?",
		    l->opt->url, end.status);
	*body = end.body;
	return true;
}

/* The hits of BODY that are asked for, the newest first. */
static size_t
read_hits(struct live *l, struct str body, struct hit hits[HITS_MAX])
{
	size_t count = 0;
	struct str line;
	struct json *tree;

	while (count < HITS_MAX && str_cut(&body, '\n', &line)) {
		tree = json_read(l->arena, line, NULL);
		if (tree == NULL ||
		    (l->opt->refused &&
			!str_is(text_of(tree, "verdict"), "refused")))
			continue;
		hits[count++] =
		    (struct hit){ line, tree, digest_hash128(line, 0).lo };
	}
	return count;
}

/* Keeps those of HITS that the last answer did not have. Two hits may be told
 * in the same words: then both are new, or the second is. */
static size_t
only_new(struct live *l, struct hit hits[HITS_MAX], size_t count)
{
	uint64_t now[HITS_MAX];
	size_t kept = 0, at;

	for (size_t i = 0; i < count; i++) {
		now[i] = hits[i].id;
		for (at = 0; at < l->seen_count && l->seen[at] != now[i];)
			at++;
		if (at < l->seen_count)
			l->seen[at] = l->seen[--l->seen_count];
		else
			hits[kept++] = hits[i];
	}
	if (count > 0)
		memcpy(l->seen, now, count * sizeof(now[0]));
	l->seen_count = count;
	return kept;
}

static int
look(struct live *l, struct error *err)
{
	struct hit hits[HITS_MAX];
	struct str body;
	size_t count, most = (size_t)l->count;
	bool first = !l->asked;

	arena_reset(l->arena);
	if (!ask(l, &body, err))
		return EXIT_FAILED;
	count = only_new(l, hits, read_hits(l, body, hits));
	l->asked = true;
	if (!first && count == HITS_MAX)
		fprintf(stderr, "more hits came than a collector keeps: some "
				"are not shown\n");
	if (first && count == 0 && !l->opt->follow)
		fprintf(stderr, "no hits yet\n");
	if (first && count > most)
		count = most;
	return count > 0 || first ? show(l, hits, count) : EXIT_OK;
}

/* Until stopped: a collector that restarts is waited for. */
static int
follow(struct live *l)
{
	int signals = process_signals();
	bool told = false;
	struct error err = { 0 };

	while (!process_stopping()) {
		err.text[0] = '\0';
		if (look(l, &err) != EXIT_OK) {
			if (err.text[0] == '\0' || err.kind == ERROR_FATAL ||
			    !l->asked)
				return err.text[0] ? context_fail(&err)
						   : EXIT_FAILED;
			if (!told)
				fprintf(stderr, "%s: waiting\n", err.text);
			told = true;
		} else {
			told = false;
		}
		process_rest(signals, l->opt->every_ms);
	}
	return EXIT_OK;
}

/* --- the command ------------------------------------------------------------
 */

static bool
sensible(struct live *l, struct options *opt)
{
	static const char id[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";

	if (opt->url == NULL)
		opt->url = getenv("COLLECTOR_ADMIN_URL");
	if (opt->url == NULL || opt->url[0] == '\0')
		opt->url = DEFAULT_ADMIN;
	if (!str_int(str_of(opt->count), 1, HITS_MAX, &l->count)) {
		fprintf(stderr, "afterclick: --count %s is not 1 to %d\n",
		    opt->count, HITS_MAX);
		return false;
	}
	if (opt->site != NULL && opt->site[strspn(opt->site, id)] != '\0') {
		fprintf(stderr,
		    "afterclick: --site %s is no site id: a-z, 0-9, _ and -\n",
		    opt->site);
		return false;
	}
	if (opt->every_ms < 100) {
		fprintf(stderr, "afterclick: --every is at least 100ms\n");
		return false;
	}
	return true;
}

int
cli_live(int argc, char **argv, const struct cli *cli)
{
	struct options opt = { .count = "20", .every_ms = 1000 };
	struct live l = { .opt = &opt };
	struct operands none;
	struct buf url = { 0 };
	struct error err = { 0 };
	int code;

	(void)cli; /* the collector's port alone, no settings of ours */
	if (!options_read(&command, argc, argv, &opt, &none, &code))
		return code;
	if (!sensible(&l, &opt))
		return EXIT_USAGE;
	buf_printf(&url, "%s%sdebug/hits?n=%d%s%s", opt.url,
	    str_ends(str_of(opt.url), STR("/")) ? "" : "/", HITS_MAX,
	    opt.site ? "&site=" : "", opt.site ? opt.site : "");
	l.arena = arena_new(65536);
	l.transfers =
	    transfers_open(&(struct transfer_settings){ .url = buf_text(&url),
			       .slots = 1,
			       .answer_s = ANSWER_S,
			       .get = true },
		&err);
	if (l.transfers == NULL) {
		code = context_fail(&err);
	} else if (opt.follow) {
		code = follow(&l);
	} else {
		code = look(&l, &err);
		if (err.text[0] != '\0')
			code = context_fail(&err);
	}
	transfers_close(l.transfers);
	arena_free(l.arena);
	buf_free(&url);
	return code;
}

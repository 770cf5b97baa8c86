/*
 * afterclick attribute - the tables of a file of events, as CSV, by the same
 * engine but without Kafka and PostgreSQL.
 *
 * The files appear under their names when all of them are whole.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "aggregator/cli/attribute_tables.h"
#include "aggregator/cli/commands.h"
#include "aggregator/cli/context.h"
#include "aggregator/cli/events.h"
#include "aggregator/cli/options.h"
#include "aggregator/report/sheets.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/process.h"

#define SITE_OPTIONS_MAX 32
#define FLUSH_BYTES 262144

struct options {
	const char *events, *costs, *rates, *out, *site, *channels, *campaigns;
	const char *unused; /* --site-option, which was taken out before */
	bool no_credits, json, strict;
};

static const struct options_row rows[] = {
	{ "events", OPTIONS_TEXT, offsetof(struct options, events),
	    .value = "FILE",
	    .help = "events, CSV or JSON a line, also gzipped; - is stdin",
	    .required = true },
	{ "out", OPTIONS_TEXT, offsetof(struct options, out), .value = "DIR",
	    .help = "where the CSV files go; made if need be",
	    .required = true },
	{ "costs", OPTIONS_TEXT, offsetof(struct options, costs),
	    .value = "FILE",
	    .help = "CSV of date, source, medium, campaign, cost; see "
		    "import-costs" },
	{ "rates", OPTIONS_TEXT, offsetof(struct options, rates),
	    .value = "FILE",
	    .help = "CSV of date, currency, rate; see import-fx" },
	{ "site", OPTIONS_TEXT, offsetof(struct options, site), .value = "SITE",
	    .help = "site of rows that name none; default shop" },
	{ "site-option", OPTIONS_TEXT, offsetof(struct options, unused),
	    .value = "KEY=VALUE",
	    .help = "of that site, as in sites.yaml: timezone=Europe/Berlin; "
		    "often" },
	{ "channels", OPTIONS_TEXT, offsetof(struct options, channels),
	    .value = "FILE", .help = "channels.yaml" },
	{ "campaigns", OPTIONS_TEXT, offsetof(struct options, campaigns),
	    .value = "FILE", .help = "campaigns.yaml; default none" },
	{ "no-credits", OPTIONS_FLAG, offsetof(struct options, no_credits),
	    .help = "leave out credits.csv, which is by far the largest" },
	{ "strict", OPTIONS_FLAG, offsetof(struct options, strict),
	    .help = "write nothing when a row is wrong" },
	{ "json", OPTIONS_FLAG, offsetof(struct options, json),
	    .help = "counts as JSON" },
	{ NULL }
};

static const struct options_command command = {
	"attribute --events FILE [--costs FILE] [--rates FILE] --out DIR\n"
	"       [--site SITE] [--site-option KEY=VALUE]... [--channels FILE]\n"
	"       [--no-credits] [--strict] [--json]",
	"Computes the tables from a file of events, without a server, and "
	"writes\n"
	"DIR/daily.csv, credits.csv, paths.csv and waiting.csv. Events have "
	"the\n"
	"fields of the server lane. With --config the sites and channels are "
	"the\n"
	"configured ones; else there is one site, in UTC and USD.",
	rows, 0, 0
};

/* A file that is being written. */
struct sheet {
	char *part, *name; /* its path until it is whole, and then */
	FILE *file;
	struct buf out;
	bool failed;
};

enum { DAILY, CREDITS, PATHS, WAITING, SHEETS };
static const char *const sheet_names[SHEETS] = { "daily.csv", "credits.csv",
	"paths.csv", "waiting.csv" };

/* Time of a phase. */
struct spent {
	int64_t start_ms;
	clock_t start_cpu;
	double s, cpu_s;
};

struct work {
	struct context c;
	struct options opt;
	const char *site_option[SITE_OPTIONS_MAX];
	size_t site_options;
	const struct site *site; /* of rows that name none; NULL: none */
	struct rules *rules;
	struct offline *offline;
	struct sheet sheet[SHEETS];
	int64_t rows, refused;
	struct spent read, compute, write;
};

/* --- sites and rules ------------------------------------------------------ */

/* Takes every --site-option out of ARGV, which may have several. */
static bool
take_site_options(struct work *w, int *argc, char **argv)
{
	int kept = 1;

	for (int i = 1; i < *argc; i++) {
		const char *value = NULL;

		if (strncmp(argv[i], "--site-option=", 14) == 0)
			value = argv[i] + 14;
		else if (strcmp(argv[i], "--site-option") == 0 && i + 1 < *argc)
			value = argv[++i];
		if (value == NULL) {
			argv[kept++] = argv[i];
			continue;
		}
		if (w->site_options == SITE_OPTIONS_MAX ||
		    strchr(value, '=') == NULL || strchr(value, '\n')) {
			fprintf(stderr,
			    "afterclick: --site-option %s is no KEY=VALUE\n",
			    value);
			return false;
		}
		w->site_option[w->site_options++] = value;
	}
	*argc = kept;
	argv[kept] = NULL;
	return true;
}

static bool
has_site_option(const struct work *w, const char *key)
{
	size_t len = strlen(key);

	for (size_t i = 0; i < w->site_options; i++) {
		if (strncmp(w->site_option[i], key, len) == 0 &&
		    w->site_option[i][len] == '=')
			return true;
	}
	return false;
}

/* The one site of a trial, by the same table as sites.yaml. */
static bool
make_site(struct work *w, int *code)
{
	struct buf yaml = { 0 }, problems = { 0 };
	struct site *site;
	struct error err;
	bool ok;

	*code = EXIT_USAGE;
	if (w->opt.site == NULL)
		w->opt.site = "shop";
	buf_printf(&yaml, "sites:\n  - id: \"%s\"\n", w->opt.site);
	if (!has_site_option(w, "timezone"))
		buf_add_str(&yaml, STR("    timezone: UTC\n"));
	if (!has_site_option(w, "currency"))
		buf_add_str(&yaml, STR("    currency: USD\n"));
	for (size_t i = 0; i < w->site_options; i++) {
		const char *equals = strchr(w->site_option[i], '=');

		buf_printf(&yaml, "    %.*s: %s\n",
		    (int)(equals - w->site_option[i]), w->site_option[i],
		    equals + 1);
	}
	w->c.arena = arena_new(65536);
	ok = config_read("--site-option", buf_str(&yaml), site_settings,
	    &w->c.sites, w->c.arena, &problems);
	if (!ok)
		fprintf(stderr, "%s", buf_text(&problems));
	buf_free(&yaml);
	buf_free(&problems);
	if (!ok)
		return false;
	site = w->c.sites.list.at;
	site->zone = zone_open(site->timezone, &err);
	if (site->zone == NULL) {
		fprintf(stderr, "afterclick: %s\n", err.text);
		return false;
	}
	w->c.has_sites = true;
	w->site = site;
	return true;
}

/* The configured sites; --site says whose the rows without one are. */
static bool
load_sites(struct work *w, const struct cli *cli, int *code)
{
	if (w->site_options > 0) {
		fprintf(stderr,
		    "afterclick: --site-option is for use without a "
		    "configuration; %s has the sites\n",
		    cli->config);
		*code = EXIT_USAGE;
		return false;
	}
	if (!context_settings(&w->c, cli, code) || !context_sites(&w->c, code))
		return false;
	if (w->opt.channels == NULL)
		w->opt.channels = w->c.set.channels_file;
	if (w->opt.site != NULL) {
		w->site = sites_find(&w->c.sites, str_of(w->opt.site));
		if (w->site == NULL) {
			fprintf(stderr, "afterclick: no site %s in %s\n",
			    w->opt.site, w->c.set.sites_file);
			*code = EXIT_USAGE;
			return false;
		}
	} else if (w->c.sites.list.count == 1) {
		w->site = w->c.sites.list.at;
	}
	return true;
}

/* channels.yaml beside the program: as installed, or as built. */
static char *
find_channels(struct arena *arena)
{
	static const char *const places[] = {
		"../share/afterclick/config/channels.yaml",
		"../config/channels.yaml", "../../config/channels.yaml"
	};
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n <= 0)
		return NULL;
	self[n] = '\0';
	*(strrchr(self, '/') + 1) = '\0';
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct str path = arena_printf(arena, "%s%s", self, places[i]);

		if (access(path.data, R_OK) == 0)
			return (char *)path.data;
	}
	return NULL;
}

static bool
load_rules(struct work *w, int *code)
{
	struct buf problems = { 0 };

	*code = EXIT_CONFIG;
	if (w->opt.channels == NULL)
		w->opt.channels = find_channels(w->c.arena);
	if (w->opt.channels == NULL) {
		fprintf(stderr, "afterclick: channels.yaml was not found; say "
				"where with --channels\n");
		return false;
	}
	w->rules = rules_load(w->opt.channels, &problems);
	if (w->rules != NULL &&
	    rules_add_goals(w->rules, &w->c.sites, &problems) &&
	    (w->opt.campaigns == NULL ||
		rules_name_campaigns(w->rules, w->opt.campaigns, &problems))) {
		buf_free(&problems);
		return true;
	}
	fprintf(stderr, "%s", buf_text(&problems));
	buf_free(&problems);
	return false;
}

/* --- reading -------------------------------------------------------------- */

static bool
read_events(struct work *w)
{
	struct events *e = events_open(
	    w->opt.events, w->site != NULL ? str_of(w->site->id) : STR_EMPTY);
	enum events_step step;
	struct record r;
	struct error err;

	if (e == NULL)
		return false;
	while ((step = events_next(e, &r)) == EVENTS_NEXT) {
		if (!offline_add(w->offline, &r, &err))
			events_refuse(e, err.text);
	}
	w->rows = events_rows(e);
	w->refused += events_refused(e);
	events_close(e);
	return step == EVENTS_END;
}

/* Rates first: costs are valued as they are read. */
static bool
read_all(struct work *w)
{
	struct tables t = { w->offline, &w->c.sites, w->rules, w->site, 0 };
	bool ok = (w->opt.rates == NULL || attribute_rates(&t, w->opt.rates)) &&
		  (w->opt.costs == NULL || attribute_costs(&t, w->opt.costs));

	w->refused += t.refused;
	return ok && read_events(w);
}

/* --- writing -------------------------------------------------------------- */

static bool
flush(void *ctx, struct buf *out)
{
	struct sheet *s = ctx;

	if (!s->failed && out->len > 0 &&
	    fwrite(out->data, out->len, 1, s->file) != 1) {
		fprintf(stderr, "%s: %s\n", s->part, strerror(errno));
		s->failed = true;
	}
	out->len = 0;
	return !s->failed;
}

static bool
open_sheets(struct work *w)
{
	if (mkdir(w->opt.out, 0777) != 0 && errno != EEXIST) {
		fprintf(stderr, "%s: %s\n", w->opt.out, strerror(errno));
		return false;
	}
	for (int i = 0; i < SHEETS; i++) {
		struct sheet *s = &w->sheet[i];
		struct str name = arena_printf(
		    w->c.arena, "%s/%s", w->opt.out, sheet_names[i]);

		if (i == CREDITS && w->opt.no_credits)
			continue;
		s->name = (char *)name.data;
		s->part =
		    (char *)arena_printf(w->c.arena, "%s.part", s->name).data;
		s->file = fopen(s->part, "we");
		if (s->file == NULL) {
			fprintf(stderr, "%s: %s\n", s->part, strerror(errno));
			return false;
		}
	}
	return true;
}

/* Ends the sheets; KEEP puts all of them in place, unless one is not whole. */
static bool
close_sheets(struct work *w, bool keep)
{
	bool ok = keep;

	for (int i = 0; i < SHEETS; i++) {
		struct sheet *s = &w->sheet[i];

		if (s->file == NULL)
			continue;
		flush(s, &s->out);
		buf_free(&s->out);
		if (fclose(s->file) != 0 && !s->failed) {
			fprintf(stderr, "%s: %s\n", s->part, strerror(errno));
			s->failed = true;
		}
		ok = ok && !s->failed;
	}
	for (int i = 0; i < SHEETS; i++) {
		struct sheet *s = &w->sheet[i];

		if (s->file == NULL)
			continue;
		if (!ok) {
			unlink(s->part);
		} else if (rename(s->part, s->name) != 0) {
			fprintf(stderr, "%s: %s\n", s->name, strerror(errno));
			ok = false;
		}
	}
	return ok;
}

static void
counted(void *ctx, struct hash128 customer, const struct conversion_fact *fact,
    const struct conversion *c)
{
	struct work *w = ctx;
	struct sheet *s = &w->sheet[CREDITS];

	if (s->file == NULL)
		return;
	sheets_credits(w->offline, customer, fact, c, &s->out);
	if (s->out.len > FLUSH_BYTES)
		flush(s, &s->out);
}

static void
waits(void *ctx, const struct conversion_fact *fact, const struct conversion *c)
{
	struct work *w = ctx;

	sheets_waiting(fact, c, &w->sheet[WAITING].out);
}

static void
begin(struct spent *t)
{
	t->start_ms = clock_mono_ms();
	t->start_cpu = clock();
}

static void
end(struct spent *t)
{
	t->s = (double)(clock_mono_ms() - t->start_ms) / 1000;
	t->cpu_s = (double)(clock() - t->start_cpu) / CLOCKS_PER_SEC;
}

static bool
compute(struct work *w)
{
	struct offline_sink sink = { w, counted, waits };
	bool ok;

	if (!open_sheets(w)) {
		close_sheets(w, false);
		return false;
	}
	begin(&w->compute);
	if (w->sheet[CREDITS].file != NULL)
		sheets_credits_head(&w->sheet[CREDITS].out);
	sheets_waiting_head(&w->sheet[WAITING].out);
	offline_run(w->offline, &sink);
	end(&w->compute);
	begin(&w->write);
	ok = sheets_daily(
		 w->offline, &w->sheet[DAILY].out, flush, &w->sheet[DAILY]) &&
	     sheets_paths(
		 w->offline, &w->sheet[PATHS].out, flush, &w->sheet[PATHS]);
	ok = close_sheets(w, ok);
	end(&w->write);
	return ok;
}

/* --- telling -------------------------------------------------------------- */

static int64_t
ms(double seconds)
{
	return (int64_t)(seconds * 1000 + 0.5);
}

static int
tell(const struct work *w, bool written)
{
	const struct offline_counts *n = offline_counts(w->offline);
	const struct {
		const char *name;
		int64_t value;
	} row[] = {
		{ "rows", w->rows },
		{ "refused", w->refused },
		{ "events", n->events },
		{ "bots", n->bots },
		{ "customers", n->customers },
		{ "visits", n->visits },
		{ "touches", n->touches },
		{ "conversions", n->conversions },
		{ "unattributed", n->unattributed },
		{ "duplicates", n->duplicates },
		{ "repeats", n->repeats },
		{ "waiting", n->waiting },
		{ "refunds", n->refunds },
		{ "refunds_waiting", n->refunds_waiting },
		{ "costs", n->costs },
		{ "costs_waiting", n->costs_waiting },
		{ "candidates", n->candidates },
		{ "candidate_bytes", n->row_bytes },
		{ "customer_bytes", n->party_bytes },
		{ "read_ms", ms(w->read.s) },
		{ "read_cpu_ms", ms(w->read.cpu_s) },
		{ "compute_ms", ms(w->compute.s) },
		{ "compute_cpu_ms", ms(w->compute.cpu_s) },
		{ "write_ms", ms(w->write.s) },
		{ "write_cpu_ms", ms(w->write.cpu_s) },
	};
	struct buf out = { 0 };
	struct json_writer j = json_write(&out);

	if (w->opt.json) {
		json_begin_object(&j);
		for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
			json_key(&j, str_of(row[i].name));
			json_int(&j, row[i].value);
		}
		json_key(&j, STR("written"));
		json_bool(&j, written);
		json_end_object(&j);
		buf_add_char(&out, '\n');
		return context_print(&out);
	}
	for (size_t i = 0; i < 16; i++)
		buf_printf(
		    &out, "%-16s %lld\n", row[i].name, (long long)row[i].value);
	buf_printf(&out,
	    "read in %.2f s, computed in %.2f s, written in "
	    "%.2f s%s\n",
	    w->read.s, w->compute.s, w->write.s,
	    written ? "" : "; nothing written (strict)");
	if (n->waiting + n->costs_waiting > 0)
		buf_add_str(&out,
		    STR("what waits counts for nothing until its currency rate "
			"is known: --rates\n"));
	return context_print(&out);
}

static int
attribute_file(struct work *w)
{
	bool keep;
	int code;

	w->offline = offline_new(&w->c.sites, w->rules);
	begin(&w->read);
	if (!read_all(w))
		return EXIT_FAILED;
	end(&w->read);
	keep = !(w->opt.strict && w->refused > 0);
	if (keep && !compute(w))
		return EXIT_FAILED;
	code = tell(w, keep);
	return w->refused > 0 ? EXIT_FAILED : code;
}

int
cli_attribute(int argc, char **argv, const struct cli *cli)
{
	struct work w = { .rows = 0 };
	struct operands operands;
	bool configured = strcmp(cli->config, CLI_DEFAULT_CONFIG) != 0;
	int code = EXIT_USAGE;

	if (!take_site_options(&w, &argc, argv) ||
	    !options_read(&command, argc, argv, &w.opt, &operands, &code))
		return code;
	if ((configured ? load_sites(&w, cli, &code) : make_site(&w, &code)) &&
	    load_rules(&w, &code))
		code = attribute_file(&w);
	offline_free(w.offline);
	rules_free(w.rules);
	context_close(&w.c);
	return code;
}

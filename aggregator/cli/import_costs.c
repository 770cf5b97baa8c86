/*
 * afterclick import-costs - what the campaigns cost, from the exports of the
 * ad platforms and from tables of one's own.
 *
 * A file is one transaction. Importing it again changes nothing; importing
 * a corrected one replaces the rows it names and keeps the old in
 * cost_history. An amount in a currency without a rate is stored and waits
 * where one can see it: it is never counted one to one.
 */
#include <stdio.h>
#include <string.h>

#include "aggregator/cli/commands.h"
#include "aggregator/cli/context.h"
#include "aggregator/cli/cost_store.h"
#include "aggregator/cli/input.h"
#include "aggregator/cli/options.h"
#include "aggregator/cli/watch.h"
#include "aggregator/journey/normalise.h"
#include "common/clock.h"
#include "common/currency.h"
#include "common/digest.h"
#include "common/json.h"
#include "common/process.h"

struct options {
	const char *platform, *site, *currency, *account, *source, *medium;
	const char *locale, *watch;
	int64_t every_ms;
	bool dry_run, json, strict, progress;
};

#define ROW(name, kind, member, value, help)                                   \
	{                                                                      \
		name, OPTIONS_##kind, offsetof(struct options, member), value, \
		    help, false, NULL                                          \
	}
static const struct options_row rows[] = {
	ROW("platform", TEXT, platform, "NAME",
	    "google, meta, microsoft, tiktok, linkedin, pinterest, reddit or "
	    "generic (default)"),
	{ "site", OPTIONS_TEXT, offsetof(struct options, site), "SITE",
	    "site the costs belong to", true, NULL },
	ROW("locale", TEXT, locale, "NAME",
	    "of numbers and dates: en, en-GB, de, fr, es, it, nl, pt; default "
	    "as the titles tell"),
	ROW("currency", TEXT, currency, "CODE",
	    "of amounts that name none; default the site's"),
	ROW("account", TEXT, account, "NAME",
	    "account on the platform; default as the file says"),
	ROW("source", TEXT, source, "NAME",
	    "source of the clicks; default the platform's"),
	ROW("medium", TEXT, medium, "NAME",
	    "medium of the clicks; default the platform's"),
	ROW("strict", FLAG, strict, NULL,
	    "import nothing of a file with a wrong row"),
	ROW("watch", TEXT, watch, "DIR",
	    "import the new and changed files of a folder, until stopped"),
	ROW("every", DURATION, every_ms, "TIME",
	    "how often to look there; default 1h"),
	ROW("dry-run", FLAG, dry_run, NULL, "check and count, change nothing"),
	ROW("json", FLAG, json, NULL, "counts as JSON, one line a file"),
	ROW("progress", FLAG, progress, NULL,
	    "show progress even if not on a terminal"),
	{ NULL, OPTIONS_FLAG, 0, NULL, NULL, false, NULL },
};
#undef ROW

static const struct options_command command = {
	"import-costs --site SITE [--platform NAME] [OPTION]... FILE...|-\n"
	"       afterclick import-costs --site SITE [--platform NAME] --watch "
	"DIR",
	"Reads what campaigns cost, from an ad platform's export by day or a "
	"CSV with\n"
	"the columns date, source, medium, campaign and cost (and if there "
	"are:\n"
	"account, campaign_id, clicks, impressions, currency). UTF-8 or "
	"UTF-16,\n"
	"commas, semicolons or tabs, gzipped or not. A newer import of a day "
	"and\n"
	"campaign replaces the older. Exit code: 0 all was imported, 1 a row "
	"was\n"
	"refused or a file not read, 2 wrong usage, 78 a wrong configuration.",
	rows, 0, -1
};

struct import {
	struct context c;
	struct options opt;
	struct costs_settings costs;
	const char *currency;
	struct rules *rules;
	struct arena *arena; /* of one row */
	struct cost_store store;
};

/* One file on its way. */
struct file {
	struct import *im;
	struct input in;
	struct costs *costs;
	struct cost_counts n;
	int64_t read_ms;
	bool guessed; /* the currency of some row */
};

/* A row's names as hits would have them, and into the stage with it. */
static void
add_row(struct file *f, struct cost_row *row)
{
	struct import *im = f->im;
	const struct site *site =
	    sites_find(&im->c.sites, str_of(im->opt.site));
	struct origin origin;
	struct str name;

	arena_reset(im->arena);
	if (row->currency.len == 0) {
		row->currency = str_of(im->currency);
		f->guessed = true;
	}
	name = normalise_case(
	    im->arena, row->campaign, site->utm_case == SITE_UTM_KEEP);
	classify_cost(im->rules, site, row->source, row->medium, row->campaign,
	    row->campaign_id, im->arena, &origin);
	if (name.len == 0)
		name = STR("(not set)");
	cost_store_add(&im->store, f->in.row.line, row, &origin, name);
}

static void
tell_head(struct file *f)
{
	struct buf unused = { 0 };

	costs_unused(f->costs, &unused);
	if (unused.len > 0)
		fprintf(stderr, "%s:%lld: columns not used: %s\n", f->in.name,
		    (long long)f->in.row.line, buf_text(&unused));
	buf_free(&unused);
	if (!f->im->costs.has_locale && costs_locale(f->costs) != LOCALE_EN)
		fprintf(stderr, "%s: locale %s, as the titles tell\n",
		    f->in.name, locale_name(costs_locale(f->costs)));
}

/* The site of the file's column, if it has one, must be the one asked for. */
static bool
is_ours(struct file *f, const struct cost_row *row)
{
	return row->site.len == 0 || str_is(row->site, f->im->opt.site) ||
	       input_refuse(&f->in, "site", "is not the one of --site");
}

/* All good rows of the file into the staging table. */
static bool
gather(struct file *f, struct error *err)
{
	struct costs_problem problem;
	struct cost_row row;
	enum csv_result result;

	while ((result = input_row(&f->in)) == CSV_ROW || result == CSV_BAD) {
		if (process_stopping())
			return error_set(
			    err, ERROR_FATAL, "%s: stopped", f->in.name);
		if (result == CSV_BAD) {
			if (costs_found(f->costs, &problem))
				input_refuse(&f->in, "", f->in.error.text);
			continue;
		}
		switch (costs_take(f->costs, &f->in.row, &row, &problem)) {
		case COSTS_ABOVE:
			break;
		case COSTS_HEAD:
			tell_head(f);
			break;
		case COSTS_ROW:
			if (is_ours(f, &row))
				add_row(f, &row);
			break;
		case COSTS_TOTAL:
			f->n.totals++;
			break;
		case COSTS_REFUSED:
			input_refuse(&f->in, problem.column, problem.text);
			break;
		case COSTS_STOP:
			return error_set(err, ERROR_FATAL, "%s: %s%s%s",
			    f->in.name, problem.column,
			    problem.column[0] ? ": " : "", problem.text);
		}
	}
	if (result == CSV_FAILED)
		return error_set(
		    err, ERROR_FATAL, "%s: not read whole", f->in.name);
	if (!costs_found(f->costs, &problem))
		return error_set(err, ERROR_FATAL, "%s: %s: %s", f->in.name,
		    problem.column, problem.text);
	return true;
}

static void
refuse_repeat(void *ctx, int64_t line, int64_t first)
{
	struct file *f = ctx;
	char what[80];

	snprintf(what, sizeof(what), "the same day and campaign as line %lld",
	    (long long)first);
	f->in.row.line = line;
	input_refuse(&f->in, "campaign", what);
}

/* DIGEST is NULL for a file that was named, not found in a folder. */
static bool
import_rows(struct file *f, const uint8_t *digest, struct error *err)
{
	struct cost_store *store = &f->im->store;
	const struct options *opt = &f->im->opt;
	int64_t start = clock_mono_ms();
	bool ok;

	if (!cost_store_begin(store, err))
		return false;
	ok = gather(f, err) && cost_store_gathered(store, err);
	f->read_ms = clock_mono_ms() - start;
	ok = ok && cost_store_repeats(store, refuse_repeat, f, err);
	f->n.refused = f->in.refused;
	if (!ok || !cost_store_merge(store, f->in.name, &f->n, err)) {
		cost_store_undo(store);
		return false;
	}
	if (opt->dry_run || (opt->strict && f->n.refused > 0)) {
		cost_store_undo(store);
		/* What was refused is not offered again before it changes. */
		if (opt->dry_run || digest == NULL)
			return true;
		if (!postgres_begin(store->pg, err))
			return false;
	}
	if (digest != NULL && !cost_store_note(store,
				  str_make((const char *)digest, SHA256_BYTES),
				  f->in.name, err)) {
		postgres_rollback(store->pg);
		return false;
	}
	/* An import whose answer is lost may simply be run again. */
	return postgres_commit(store->pg, err) == POSTGRES_COMMITTED;
}

static void
tell(const struct file *f)
{
	const struct options *opt = &f->im->opt;
	const struct cost_counts *n = &f->n;
	struct buf out = { 0 };
	struct json_writer w = json_write(&out);
	const struct {
		const char *name;
		int64_t value;
	} row[] = { { "rows", n->rows }, { "refused", n->refused },
		{ "totals", n->totals }, { "inserted", n->inserted },
		{ "updated", n->updated }, { "superseded", n->superseded },
		{ "unchanged", n->unchanged }, { "waiting", n->waiting } };
	bool undone = opt->strict && n->refused > 0;

	if (opt->json) {
		json_begin_object(&w);
		json_key(&w, STR("file"));
		json_string(&w, str_of(f->in.name));
		for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
			json_key(&w, str_of(row[i].name));
			json_int(&w, row[i].value);
		}
		json_key(&w, STR("read_ms"));
		json_int(&w, f->read_ms);
		json_key(&w, STR("imported"));
		json_bool(&w, !opt->dry_run && !undone);
		json_end_object(&w);
	} else {
		buf_printf(&out, "%s:", f->in.name);
		for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
			buf_printf(&out, "%s %lld %s", i == 0 ? "" : ",",
			    (long long)row[i].value, row[i].name);
		if (opt->dry_run || undone)
			buf_add_str(&out,
			    opt->dry_run ? STR("; nothing written (dry run)")
					 : STR("; nothing written (strict)"));
		if (n->waiting > 0)
			buf_add_str(
			    &out, STR("\nwaiting rows count once their rate is "
				      "known: afterclick import-fx"));
	}
	buf_add_char(&out, '\n');
	fwrite(out.data, out.len, 1, stdout);
	fflush(stdout);
	buf_free(&out);
}

static int
import_file(struct import *im, const char *name, const uint8_t *digest)
{
	struct file f = { .im = im };
	struct error err;
	int code = EXIT_FAILED;

	if (!input_open(&f.in, name))
		return EXIT_FAILED;
	f.in.progress = f.in.progress || im->opt.progress;
	f.costs = costs_new(&im->costs);
	if (!import_rows(&f, digest, &err)) {
		context_fail(&err);
		goto out;
	}
	if (f.guessed && im->opt.currency == NULL)
		fprintf(stderr, "%s: no currency in the file: taken as %s\n",
		    f.in.name, im->currency);
	tell(&f);
	code = f.n.refused > 0 ? EXIT_FAILED : EXIT_OK;
out:
	costs_free(f.costs);
	input_close(&f.in);
	return code;
}

/* A watched folder outlives the database's restarts. */
static bool
connected(struct import *im)
{
	int code;

	if (!postgres_broken(im->c.pg))
		return true;
	postgres_close(im->c.pg);
	im->c.pg = NULL;
	im->store.pg = NULL;
	if (!context_postgres(&im->c, true, &code))
		return false;
	im->store.pg = im->c.pg;
	return true;
}

static bool
take_file(void *ctx, const char *file, const uint8_t digest[32])
{
	struct import *im = ctx;
	struct error err;
	bool known = false;

	if (!connected(im))
		return false;
	if (!cost_store_knows(&im->store,
		str_make((const char *)digest, SHA256_BYTES), &known, &err)) {
		context_fail(&err);
		return false;
	}
	if (!known)
		import_file(im, file, im->opt.dry_run ? NULL : digest);
	/* What cannot be read may become readable by being written anew. */
	return !postgres_broken(im->c.pg) && !process_stopping();
}

static bool
usage(const char *option, const char *value, const char *wanted)
{
	fprintf(
	    stderr, "afterclick: --%s %s is not %s\n", option, value, wanted);
	return false;
}

/* What the options say of the rows; false and told. */
static bool
read_options(struct import *im)
{
	struct costs_settings *set = &im->costs;
	const struct options *opt = &im->opt;

	set->platform = platform_find(str_of(opt->platform));
	if (set->platform == NULL) {
		fprintf(stderr,
		    "afterclick: no platform %s; there is:", opt->platform);
		for (size_t i = 0; platform_at(i) != NULL; i++)
			fprintf(stderr, " %s", platform_at(i)->name);
		fprintf(stderr, "\n");
		return false;
	}
	set->has_locale = opt->locale != NULL;
	if (opt->locale != NULL &&
	    !locale_find(str_of(opt->locale), &set->locale))
		return usage("locale", opt->locale,
		    "one of en, en-GB, de, fr, es, it, nl, pt");
	if (opt->currency != NULL && !currency_is_code(str_of(opt->currency)))
		return usage("currency", opt->currency,
		    "a code of ISO 4217 such as EUR");
	set->currency = str_of(opt->currency);
	set->account = str_of(opt->account);
	set->source = str_of(opt->source);
	set->medium = str_of(opt->medium);
	return true;
}

/* The site and rules that the rows need; false: *CODE and told. */
static bool
prepare(struct import *im, int *code)
{
	struct buf problems = { 0 };
	const struct site *site =
	    sites_find(&im->c.sites, str_of(im->opt.site));

	*code = EXIT_USAGE;
	if (site == NULL) {
		fprintf(stderr, "afterclick: no site %s in %s\n", im->opt.site,
		    im->c.set.sites_file);
		return false;
	}
	im->currency =
	    im->opt.currency != NULL ? im->opt.currency : site->currency;
	im->rules = rules_load(im->c.set.channels_file, &problems);
	if (im->rules == NULL || !rules_name_campaigns(im->rules,
				     im->c.set.campaigns_file, &problems)) {
		fprintf(stderr, "%s", buf_text(&problems));
		buf_free(&problems);
		*code = EXIT_CONFIG;
		return false;
	}
	buf_free(&problems);
	im->arena = arena_new(16384);
	im->store.pg = im->c.pg;
	im->store.site = site;
	im->store.platform = im->costs.platform;
	return true;
}

int
cli_import_costs(int argc, char **argv, const struct cli *cli)
{
	struct import im = {
		.opt = { .platform = "generic", .every_ms = 3600000 },
	};
	struct operands files;
	int code, one;

	if (!options_read(&command, argc, argv, &im.opt, &files, &code))
		return code;
	if (!read_options(&im))
		return EXIT_USAGE;
	if ((files.count == 0) == (im.opt.watch == NULL)) {
		fprintf(stderr, "afterclick: name files, or a folder with "
				"--watch\n");
		return EXIT_USAGE;
	}
	if (im.opt.every_ms < 100) {
		fprintf(stderr, "afterclick: --every is at least 100ms\n");
		return EXIT_USAGE;
	}
	if (!context_settings(&im.c, cli, &code) ||
	    !context_sites(&im.c, &code) ||
	    !context_postgres(&im.c, true, &code) || !prepare(&im, &code))
		goto out;
	code = EXIT_OK;
	for (int i = 0; i < files.count; i++) {
		one = import_file(&im, files.at[i], NULL);
		if (one != EXIT_OK)
			code = one;
	}
	if (im.opt.watch != NULL)
		code =
		    watch_folder(im.opt.watch, im.opt.every_ms, take_file, &im);
out:
	rules_free(im.rules);
	arena_free(im.arena);
	context_close(&im.c);
	return code;
}

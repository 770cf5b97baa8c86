/*
 * afterclick export - conversions back to the ad platforms, as files or by
 * HTTPS. What may not go says why before anything is sent; what went is in
 * the receipts, and goes again only as an adjustment.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "aggregator/cli/commands.h"
#include "aggregator/cli/export_run.h"
#include "aggregator/cli/options.h"
#include "aggregator/cli/table.h"
#include "aggregator/models/models.h"
#include "common/calendar.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/postgres.h"
#include "common/process.h"

#define LOCK_WAIT_MS 5000

struct options {
	const char *site, *out, *post, *ca_file, *model;
	int32_t from, to;
	int credit;
	int64_t give_up_ms;
	bool dry_run, json, resend, retry, progress;
};

static const char *const credits[] = { "full", "share", NULL };

static const struct options_row rows[] = {
	{ "site", OPTIONS_TEXT, offsetof(struct options, site), .value = "SITE",
	    .help = "whose conversions", .required = true },
	{ "from", OPTIONS_DAY, offsetof(struct options, from), .value = "DAY",
	    .help = "first day of the conversions", .required = true },
	{ "to", OPTIONS_DAY, offsetof(struct options, to), .value = "DAY",
	    .help = "last day", .required = true },
	{ "out", OPTIONS_TEXT, offsetof(struct options, out), .value = "DIR",
	    .help = "write the platform's upload files into DIR" },
	{ "post", OPTIONS_TEXT, offsetof(struct options, post), .value = "URL",
	    .help = "send to the platform's API at URL" },
	{ "ca-file", OPTIONS_TEXT, offsetof(struct options, ca_file),
	    .value = "FILE", .help = "certificates to trust, for --post" },
	{ "credit", OPTIONS_CHOICE, offsetof(struct options, credit),
	    .value = "HOW", .help = "which value is sent", .choices = credits },
	{ "model", OPTIONS_TEXT, offsetof(struct options, model),
	    .value = "MODEL", .help = "whose share; needs --credit share" },
	{ "dry-run", OPTIONS_FLAG, offsetof(struct options, dry_run),
	    .help = "show what would go and why the rest may not" },
	{ "resend", OPTIONS_FLAG, offsetof(struct options, resend),
	    .help = "send again what was posted but never answered" },
	{ "retry", OPTIONS_FLAG, offsetof(struct options, retry),
	    .help = "send again what the platform rejected" },
	{ "give-up", OPTIONS_DURATION, offsetof(struct options, give_up_ms),
	    .value = "TIME",
	    .help = "how long to try one request; default 5m" },
	{ "json", OPTIONS_FLAG, offsetof(struct options, json),
	    .help = "rows and counts as JSON lines" },
	{ "progress", OPTIONS_FLAG, offsetof(struct options, progress),
	    .help = "show progress even if not on a terminal" },
	{ NULL }
};

static const struct options_command command = {
	"export PLATFORM --site SITE --from DAY --to DAY\n"
	"       (--out DIR | --post URL [--ca-file FILE] | --dry-run)\n"
	"       [--credit full|share --model MODEL] [--resend] [--retry]\n"
	"       [--give-up TIME] [--json]",
	"Sends conversions back to google, google-data-manager, meta, "
	"microsoft,\n"
	"tiktok, linkedin or ga4. Names, ids and the token are in `exports` "
	"of\n"
	"the settings. google and microsoft take files only. Nothing is sent\n"
	"twice; a later refund goes as an adjustment, where there are such.",
	rows, 1, 1
};

static const char *const skipped[] = {
	[EXPORTS_UNKNOWN] = "posted before, and the answer was lost: --resend",
	[EXPORTS_REJECTED] = "rejected by the platform before: --retry",
	[EXPORTS_NO_CREDIT] = "the model gives the platform's clicks no credit",
	[EXPORTS_REFUNDED] = "refunded before it was sent",
	[EXPORTS_HELD_OUT] = "the customer is held out of a campaign",
};

static void
count_reason(struct export_counts *n, const char *why)
{
	int i = 0;

	n->refused++;
	while (i < n->reasons && strcmp(n->reason[i].why, why) != 0)
		i++;
	if (i == EXPORT_REASONS_MAX)
		return;
	if (i == n->reasons)
		n->reason[n->reasons++].why = why;
	n->reason[i].rows++;
}

static void
show_json(const struct exports_row *r, const char *why, struct buf *out)
{
	struct json_writer w = json_write(out);

	json_begin_object(&w);
	json_key(&w, STR("event_id"));
	json_string(&w, r->row.event_id);
	json_key(&w, STR("transaction_id"));
	json_string(&w, r->row.transaction_id);
	json_key(&w, STR("kind"));
	json_string(&w, str_of(export_kinds[r->row.kind]));
	json_key(&w, STR("goal"));
	json_string(&w, r->row.goal);
	json_key(&w, STR("value"));
	json_micros(&w, r->row.value_micros);
	json_key(&w, STR("goes"));
	json_bool(&w, why == NULL);
	json_key(&w, STR("reason"));
	if (why != NULL)
		json_string(&w, str_of(why));
	else
		json_null(&w);
	json_end_object(&w);
	buf_add_char(out, '\n');
}

/* What a dry run says of a page. */
static int
show_page(const struct options *opt, const struct exports_row *rows_of,
    const char *const *why, size_t count)
{
	struct table *t = table_new();
	struct buf out = { 0 }, value = { 0 };
	size_t shown = 0;

	table_column(t, "transaction", false);
	table_column(t, "kind", false);
	table_column(t, "goal", false);
	table_column(t, "value", true);
	table_column(t, "reason", false);
	for (size_t i = 0; i < count; i++) {
		const struct export_row *row = &rows_of[i].row;

		if (rows_of[i].skip == EXPORTS_ALREADY)
			continue;
		shown++;
		if (opt->json) {
			show_json(&rows_of[i], why[i], &out);
			continue;
		}
		value.len = 0;
		buf_add_micros(&value, row->value_micros);
		table_cell(t, row->transaction_id);
		table_cell(t, str_of(export_kinds[row->kind]));
		table_cell(t, row->goal);
		table_cell(t, buf_str(&value));
		table_cell(t, str_of(why[i] ? why[i] : "goes"));
	}
	if (!opt->json && shown > 0)
		table_show(t, table_colour(), &out);
	table_free(t);
	buf_free(&value);
	return context_print(&out);
}

static const char *
judge(struct export_run *run, const struct exports_row *r)
{
	const char *why;
	unsigned left;

	if (r->skip != EXPORTS_GO)
		return skipped[r->skip];
	why = export_refuse(run->platform, &run->target, &r->row);
	if (why == NULL && run->platform->left_out != NULL) {
		left = run->platform->left_out(&r->row);
		run->n.left_email += (left & EXPORT_LEFT_EMAIL) != 0;
		run->n.left_phone += (left & EXPORT_LEFT_PHONE) != 0;
	}
	return why;
}

static bool
send_page(struct export_run *run, struct exports_row **go, size_t count,
    struct error *err)
{
	for (size_t i = 0; i < count; i++)
		go[i]->via =
		    run->files ? export_files_path(run->files, go[i]->row.kind)
			       : EXPORTS_POST;
	if (!exports_prepare(
		run->c.pg, &run->scope, go, count, run->files != NULL, err))
		return false;
	if (run->files != NULL)
		return export_files_write(run->files, go, count, err);
	return export_poster_send(run->poster, go, count, err);
}

static bool
walk(struct export_run *run, const struct options *opt, struct error *err)
{
	struct exports_row *page = mem_zero(EXPORTS_PAGE, sizeof(*page));
	struct exports_row **go = mem_zero(EXPORTS_PAGE, sizeof(*go));
	const char **why = mem_zero(EXPORTS_PAGE, sizeof(*why));
	bool shown = opt->progress || isatty(STDERR_FILENO), ok;
	struct postgres_rows *hold;
	size_t count, goes;
	int64_t at = 0;

	do {
		arena_reset(run->arena);
		ok = exports_page(run->c.pg, &run->scope, &at, page, &count,
		    run->arena, &hold, err);
		goes = 0;
		for (size_t i = 0; ok && i < count; i++) {
			run->n.considered++;
			why[i] = judge(run, &page[i]);
			if (page[i].skip == EXPORTS_ALREADY) {
				run->n.already++;
			} else if (why[i] != NULL) {
				count_reason(&run->n, why[i]);
			} else {
				run->n.adjusted +=
				    page[i].row.kind != EXPORT_CONVERSION;
				go[goes++] = &page[i];
			}
		}
		run->n.sent += (int64_t)goes;
		if (ok && opt->dry_run)
			ok = show_page(opt, page, why, count) == EXIT_OK ||
			     error_set(err, ERROR_FATAL, "stdout is closed");
		else if (ok)
			ok = send_page(run, go, goes, err);
		postgres_rows_free(hold);
		if (shown && count > 0)
			fprintf(stderr, "\r\033[K%lld rows, %lld to send",
			    (long long)run->n.considered,
			    (long long)run->n.sent);
	} while (ok && count > 0);
	if (shown)
		fprintf(stderr, "\r\033[K");
	free(page);
	free(go);
	free(why);
	return ok;
}

static int
tell(const struct export_run *run, const struct options *opt)
{
	const struct export_counts *n = &run->n;
	struct buf out = { 0 };
	struct json_writer w = json_write(&out);
	const struct {
		const char *name;
		int64_t value;
		bool shown;
	} row[] = { { "conversions", n->considered, true },
		{ opt->dry_run ? "would_go" : "sent", n->sent, true },
		{ "adjustments", n->adjusted, true },
		{ "sent_before", n->already, true },
		{ "held_back", n->refused, true },
		{ "accepted", n->accepted, opt->post != NULL },
		{ "rejected", n->rejected, opt->post != NULL },
		{ "requests", n->requests, opt->post != NULL },
		{ "retries", n->retries, opt->post != NULL },
		{ "without_email", n->left_email, true },
		{ "without_phone", n->left_phone, true } };

	if (opt->json) {
		json_begin_object(&w);
		for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
			json_key(&w, str_of(row[i].name));
			json_int(&w, row[i].value);
		}
		json_key(&w, STR("reasons"));
		json_begin_object(&w);
		for (int i = 0; i < n->reasons; i++) {
			json_key(&w, str_of(n->reason[i].why));
			json_int(&w, n->reason[i].rows);
		}
		json_end_object(&w);
		json_end_object(&w);
		buf_add_char(&out, '\n');
		return context_print(&out);
	}
	buf_printf(&out, "%s:", run->scope.platform);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (row[i].shown)
			buf_printf(&out, "%s %lld %s", i == 0 ? "" : ",",
			    (long long)row[i].value, row[i].name);
	}
	buf_add_char(&out, '\n');
	for (int i = 0; i < n->reasons; i++)
		buf_printf(&out, "  %lld held back: %s\n",
		    (long long)n->reason[i].rows, n->reason[i].why);
	return context_print(&out);
}

/* False, and told on stderr, when OPT asks for what cannot be. */
static bool
sensible(const struct options *opt, const struct export_run *run, int *model)
{
	const char *wrong = NULL;

	*model = -1;
	if (opt->from > opt->to)
		wrong = "--from is after --to";
	else if (opt->out != NULL && opt->post != NULL)
		wrong = "--out or --post, not both";
	else if (opt->out == NULL && opt->post == NULL && !opt->dry_run)
		wrong = "--out DIR, --post URL or --dry-run is missing";
	else if (opt->post != NULL && run->platform->body == NULL)
		wrong = "this platform takes files only: --out DIR";
	else if ((opt->credit == 1) != (opt->model != NULL))
		wrong = "--credit share and --model go together";
	else if (opt->model != NULL &&
		 (*model = models_find(str_of(opt->model))) < 0)
		wrong = "no such model; `afterclick models` lists them";
	if (wrong != NULL)
		fprintf(stderr, "afterclick: %s\n", wrong);
	return wrong == NULL;
}

static const struct export_platform *
find_platform(const char *name, int *index)
{
	const char *nearest;
	size_t n = 0;

	for (; export_names[n] != NULL; n++) {
		if (strcmp(export_names[n], name) == 0) {
			*index = (int)n;
			return export_at(*index);
		}
	}
	nearest = options_nearest(name, export_names, n);
	fprintf(stderr, "afterclick: no platform %s; %s%s\n", name,
	    nearest ? "did you mean " : "see afterclick export --help",
	    nearest ? nearest : "");
	return NULL;
}

/* What the settings say of the site and the platform. */
static bool
find_target(struct export_run *run, const struct options *opt, int platform,
    const struct site **site, int *code)
{
	const struct export_setting *e = run->c.set.exports.at, *found = NULL;

	*code = EXIT_USAGE;
	*site = sites_find(&run->c.sites, str_of(opt->site));
	if (*site == NULL) {
		fprintf(stderr, "afterclick: no site %s in %s\n", opt->site,
		    run->c.set.sites_file);
		return false;
	}
	*code = EXIT_CONFIG;
	for (size_t i = 0; i < run->c.set.exports.count; i++) {
		if (e[i].platform == platform &&
		    strcmp(e[i].site, opt->site) == 0)
			found = &e[i];
	}
	if (found == NULL) {
		fprintf(stderr,
		    "afterclick: the settings have no `exports` entry for site "
		    "%s and platform %s: see docs/exports.md\n",
		    opt->site, run->platform->name);
		return false;
	}
	if (opt->post != NULL && !opt->dry_run && found->token[0] == '\0') {
		fprintf(stderr,
		    "afterclick: --post needs `token` in the exports entry of "
		    "%s, such as ${file:PATH}\n",
		    run->platform->name);
		return false;
	}
	run->target = (struct export_target){ .account = found->account,
		.login_account = found->login_account,
		.token = found->token,
		.action_source = found->action_source,
		.version = found->version,
		.goals = &found->goals,
		.require_consent = found->require_consent,
		.now_ms = clock_wall_ms() };
	run->scope = (struct exports_scope){ run->platform->name, opt->site,
		(*site)->currency };
	return true;
}

static bool
file_stands(const char *path)
{
	return access(path, F_OK) == 0;
}

/* One that has just ended, or was killed, holds the lock until PostgreSQL has
 * put its session away: that is waited for. */
static bool
lock(struct export_run *run, struct error *err)
{
	const struct timespec pause = { .tv_nsec = 100000000 };
	int64_t until_ms = clock_mono_ms() + LOCK_WAIT_MS;
	bool locked;

	for (;;) {
		if (!exports_lock(run->c.pg, &run->scope, &locked, err))
			return false;
		if (locked)
			return true;
		if (clock_mono_ms() >= until_ms || process_stopping())
			return error_set(err, ERROR_RETRY,
			    "another export of %s to %s is running",
			    run->scope.site, run->scope.platform);
		nanosleep(&pause, NULL);
	}
}

static bool
begin(struct export_run *run, const struct options *opt, struct error *err)
{
	struct export_post_settings post = { opt->post, opt->ca_file,
		opt->give_up_ms };

	if (opt->dry_run)
		return true;
	if (!lock(run, err) ||
	    !exports_recover(run->c.pg, &run->scope, file_stands, err))
		return false;
	if (opt->out != NULL)
		run->files = export_files_open(run, opt->out, err);
	else
		run->poster = export_poster_open(run, &post, err);
	return run->files != NULL || run->poster != NULL;
}

static bool
carry_out(struct export_run *run, const struct options *opt,
    const struct site *site, int model, struct error *err)
{
	struct exports_question q = {
		.from_ms = zone_day_start_ms(site->zone, opt->from),
		.to_ms = zone_day_start_ms(site->zone, opt->to + 1),
		.clicks = run->platform->clicks,
		.model = model,
		.resend_since_ms = run->target.now_ms - run->platform->dedup_ms,
		.resend = opt->resend,
		.retry = opt->retry,
	};

	return begin(run, opt, err) &&
	       exports_plan(run->c.pg, &run->scope, &q, err) &&
	       walk(run, opt, err) &&
	       (run->files == NULL || export_files_finish(run->files, err));
}

int
cli_export(int argc, char **argv, const struct cli *cli)
{
	struct export_run run = { .arena = NULL };
	struct options opt = { .give_up_ms = 300000 };
	const struct site *site;
	struct operands operands;
	struct error err;
	int code, platform, model;

	if (!options_read(&command, argc, argv, &opt, &operands, &code))
		return code;
	run.platform = find_platform(operands.at[0], &platform);
	if (run.platform == NULL || !sensible(&opt, &run, &model))
		return EXIT_USAGE;
	if (!context_settings(&run.c, cli, &code) ||
	    !context_sites(&run.c, &code) ||
	    !find_target(&run, &opt, platform, &site, &code) ||
	    !context_postgres(&run.c, true, &code))
		goto out;
	run.arena = arena_new(65536);
	code = EXIT_OK;
	if (!carry_out(&run, &opt, site, model, &err))
		code = context_fail(&err);
	if (tell(&run, &opt) != EXIT_OK || run.n.rejected > 0)
		code = EXIT_FAILED;
out:
	export_files_close(run.files);
	export_poster_close(run.poster);
	arena_free(run.arena);
	context_close(&run.c);
	return code;
}

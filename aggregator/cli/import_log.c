/*
 * import_log.c - `afterclick import-log`: a web server's access log as page
 * hits, through the collector like any other hit.
 *
 * Every id is a hash of what stands in the log, so a log that is sent twice,
 * or again after a failure half-way, counts nothing twice. Files are read
 * twice: first to learn what days they cover, so that nothing is sent of a
 * log that cannot be taken.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "aggregator/cli/accesslog.h"
#include "aggregator/cli/commands.h"
#include "aggregator/cli/lines.h"
#include "aggregator/cli/logvisits.h"
#include "aggregator/cli/options.h"
#include "aggregator/cli/sender.h"
#include "aggregator/settings.h"
#include "common/calendar.h"
#include "common/clock.h"
#include "common/digest.h"
#include "common/json.h"
#include "common/process.h"
#include "common/site.h"

#define PAST_DAYS 400       /* how old a hit the collector takes */
#define PAST_SLACK_MS 60000 /* and how long sending may make it older */
#define TOLD_MAX 20         /* problems told one by one */
#define GIVE_UP_MS 60000
#define IN_FLIGHT 4
#define PROGRESS_MS 200
#define DEFAULT_COLLECTOR "http://127.0.0.1:8080"

/* What becomes of a line: sent, or why not. */
#define FATES(X)                                                               \
	X(PAGE, "page", "page hits")                                           \
	X(MALFORMED, "malformed", "malformed lines, reported above")           \
	X(EMPTY, "no_request", "connections without a request")                \
	X(METHOD, "method", "requests other than GET")                         \
	X(STATUS, "status", "answers other than 2xx and 304")                  \
	X(ASSET, "asset", "static assets (--include-assets takes them)")       \
	X(OLD, "too_old", "hits of more than 400 days ago")                    \
	X(FUTURE, "future", "hits that are still to come")

#define FATE_ID(id, name, text) FATE_##id,
enum fate { FATES(FATE_ID) FATE_COUNT };
#undef FATE_ID
#define FATE_NAME(id, name, text) name,
static const char *const fate_names[] = { FATES(FATE_NAME) };
#undef FATE_NAME
#define FATE_TEXT(id, name, text) text,
static const char *const fate_texts[] = { FATES(FATE_TEXT) };
#undef FATE_TEXT

struct choice {
	const char *site, *collector, *base_url, *shift;
	bool include_assets, dry_run, json;
};

#define ROW(name, kind, member, value, help)                                   \
	{                                                                      \
		name, OPTIONS_##kind, offsetof(struct choice, member), value,  \
		    help, false, NULL                                          \
	}
static const struct options_row rows[] = {
	{ "site", OPTIONS_TEXT, offsetof(struct choice, site), "ID",
	    "the site in sites.yaml that the log belongs to", true, NULL },
	ROW("collector", TEXT, collector, "URL",
	    "default: $COLLECTOR_URL, else " DEFAULT_COLLECTOR),
	ROW("base-url", TEXT, base_url, "URL",
	    "put before each path; default: http:// and the site's first host"),
	ROW("shift", TEXT, shift, "auto|<N>d|none",
	    "move all times by days; auto: the last day becomes yesterday"),
	ROW("include-assets", FLAG, include_assets, NULL,
	    "take images, scripts, downloads and the like as pages too"),
	ROW("dry-run", FLAG, dry_run, NULL, "count, send nothing"),
	ROW("json", FLAG, json, NULL, "print the summary as JSON"),
	{ NULL, OPTIONS_FLAG, 0, NULL, NULL, false, NULL },
};
static const struct options_command command = {
	.usage = "import-log FILE... --site ID",
	.summary = "Sends a web server's access log (combined format, gzipped "
		   "or not,\n"
		   "- for standard input) through the collector as page hits. "
		   "Sending\n"
		   "the same file again counts nothing twice.",
	.rows = rows,
	.least = 1,
	.most = -1,
};

/* One log file, as the first reading found it. */
struct log {
	const char *name;
	int64_t first_ms; /* of its first good line */
};

struct import {
	struct choice choice;
	const struct site *site;
	struct log *logs;
	int log_count;
	struct arena *line_arena, *arena;
	struct sender *sender;
	struct logvisits *visits;
	struct buf event;
	int64_t now_ms, shift_ms;

	bool scanning; /* the first reading: problems are not told yet */
	int64_t oldest_ms, newest_ms; /* page hits, as logged */
	uint64_t lines, visit_count, told;
	uint64_t fates[FATE_COUNT];

	int64_t began_ms, shown_ms;
	bool terminal;
};

static bool
is_asset(struct str target)
{
	static const char *const extensions[] = { "css", "js", "mjs", "map",
		"png", "gif", "jpg", "jpeg", "svg", "ico", "webp", "avif",
		"bmp", "tif", "tiff", "woff", "woff2", "ttf", "otf", "eot",
		"mp3", "mp4", "m4a", "m4v", "webm", "ogg", "ogv", "wav", "avi",
		"mov", "swf", "wasm", "json", "xml", "txt", "pdf", "zip", "gz",
		"tgz", "bz2", "xz", "tar", "rar", "7z", "jar", "exe", "msi",
		"dmg", "deb", "rpm", "iso" };
	size_t dot;

	for (size_t i = 0; i < target.len; i++) {
		if (target.data[i] == '?' || target.data[i] == '#')
			target.len = i;
	}
	for (dot = target.len; dot > 0 && target.data[dot - 1] != '.'; dot--) {
		if (target.data[dot - 1] == '/')
			return false;
	}
	if (dot == 0)
		return false;
	for (size_t i = 0; i < sizeof(extensions) / sizeof(*extensions); i++) {
		if (str_ieq(str_from(target, dot), str_of(extensions[i])))
			return true;
	}
	return false;
}

static void
clear_progress(struct import *im)
{
	if (im->terminal && im->shown_ms != 0)
		fputs("\r\033[K", stderr);
	im->shown_ms = 0;
}

/* Tells `file:line: what`, the first TOLD_MAX times. */
static void
tell(struct import *im, const char *file, uint64_t line, const char *prefix,
    struct str what)
{
	if (++im->told > TOLD_MAX)
		return;
	clear_progress(im);
	fprintf(stderr, "%s:%" PRIu64 ": %s%.*s\n", file, line, prefix,
	    STR_ARG(what));
	if (im->told == TOLD_MAX)
		fprintf(stderr, "(further ones are only counted)\n");
}

static void
progress(struct import *im, const struct lines *lines)
{
	int64_t now_ms;
	int percent;

	if (!im->terminal || im->lines % 256 != 0)
		return;
	now_ms = clock_mono_ms();
	if (now_ms - im->shown_ms < PROGRESS_MS || now_ms == im->began_ms)
		return;
	im->shown_ms = now_ms;
	percent = lines_percent(lines);
	fprintf(stderr, "\r%s: %" PRIu64 " lines, %" PRId64 " lines/s",
	    im->scanning ? "reading" : "sending", im->lines,
	    (int64_t)im->lines * 1000 / (now_ms - im->began_ms));
	if (percent >= 0)
		fprintf(stderr, ", %d %%", percent);
	fputs("\033[K", stderr);
}

/* What becomes of HIT by what it is; its time is looked at later. */
static enum fate
judge(const struct import *im, const struct accesslog_line *hit)
{
	if (hit->method.len == 0)
		return FATE_EMPTY;
	if (!str_is(hit->method, "GET"))
		return FATE_METHOD;
	if ((hit->status < 200 || hit->status > 299) && hit->status != 304)
		return FATE_STATUS;
	if (str_is(hit->target, "*"))
		return FATE_METHOD;
	if (!im->choice.include_assets && is_asset(hit->target))
		return FATE_ASSET;
	return FATE_PAGE;
}

static enum fate
judge_time(const struct import *im, int64_t time_ms)
{
	if (time_ms < im->now_ms - PAST_DAYS * DAY_MS + PAST_SLACK_MS)
		return FATE_OLD;
	if (time_ms > im->now_ms)
		return FATE_FUTURE;
	return FATE_PAGE;
}

static struct hash128
line_hash(const struct import *im, struct str line, uint64_t number)
{
	struct str text = arena_printf(im->line_arena, "%s\n%" PRIu64 "\n%.*s",
	    im->site->id, number, STR_ARG(line));

	return digest_hash128(text, 0);
}

static void
write_id(struct json_writer *w, const char *key, struct hash128 hash)
{
	char id[40];

	snprintf(
	    id, sizeof(id), "l.%016" PRIx64 "%016" PRIx64, hash.hi, hash.lo);
	json_key(w, str_of(key));
	json_string(w, str_of(id));
}

static void
write_text(struct json_writer *w, const char *key, struct str value)
{
	if (value.len == 0)
		return;
	json_key(w, str_of(key));
	json_string(w, value);
}

static void
write_int(struct json_writer *w, const char *key, int64_t value)
{
	json_key(w, str_of(key));
	json_int(w, value);
}

/* The page's address, cut to what a hit may hold. */
static struct str
page_url(const struct import *im, struct str target)
{
	struct str url = target;

	if (str_starts(target, STR("/")))
		url = arena_printf(im->line_arena, "%s%.*s",
		    im->choice.base_url, STR_ARG(target));
	url = str_head(url, 2048);
	while (!str_utf8(url))
		url.len--;
	return url;
}

static bool
send_hit(struct import *im, int log, uint64_t number, struct str line,
    const struct accesslog_line *hit, struct error *err)
{
	struct hash128 id = line_hash(im, line, number), who;
	struct str url = page_url(im, hit->target);
	int64_t time_ms = hit->time_ms + im->shift_ms;
	struct json_writer w;
	struct logvisit visit;
	char session[20];

	who = digest_hash128(
	    arena_printf(im->line_arena, "%s\n%.*s\n%.*s", im->site->id,
		STR_ARG(hit->ip), STR_ARG(hit->user_agent)),
	    0);
	visit = logvisits_hit(im->visits, who, time_ms,
	    logvisits_arrival(im->site, url, hit->referrer), id.hi);
	im->visit_count += visit.id == id.hi;
	if (im->choice.dry_run)
		return true;
	snprintf(session, sizeof(session), "l.%016" PRIx64, visit.id);
	im->event.len = 0;
	w = json_write(&im->event);
	json_begin_object(&w);
	write_text(&w, "type", STR("page"));
	write_text(&w, "site", str_of(im->site->id));
	write_id(&w, "event_id", id);
	write_id(&w, "visitor_id", who);
	write_text(&w, "session_id", str_of(session));
	write_int(&w, "session_start", visit.start_ms);
	write_int(&w, "time", time_ms);
	write_text(&w, "url", url);
	write_text(&w, "referrer", hit->referrer);
	write_text(&w, "user_agent", hit->user_agent);
	write_text(&w, "ip", hit->ip);
	json_end_object(&w);
	return sender_add(
	    im->sender, buf_str(&im->event), (uint64_t)log << 48 | number, err);
}

static bool
one_line(struct import *im, int log, uint64_t number, struct str line,
    bool whole, struct error *err)
{
	struct accesslog_line hit;
	struct error problem;
	enum fate fate = FATE_MALFORMED;

	arena_reset(im->line_arena);
	if (!whole)
		error_set(&problem, ERROR_REJECT, "the line is too long");
	else if (accesslog_parse(line, im->line_arena, &hit, &problem))
		fate = judge(im, &hit);
	if (fate == FATE_MALFORMED && !im->scanning)
		tell(im, im->logs[log].name, number, "", str_of(problem.text));
	if (im->scanning && fate != FATE_MALFORMED &&
	    im->logs[log].first_ms == INT64_MAX)
		im->logs[log].first_ms = hit.time_ms;
	if (fate == FATE_PAGE && im->scanning) {
		if (hit.time_ms < im->oldest_ms)
			im->oldest_ms = hit.time_ms;
		if (hit.time_ms > im->newest_ms)
			im->newest_ms = hit.time_ms;
	}
	if (fate == FATE_PAGE && !im->scanning) {
		fate = judge_time(im, hit.time_ms + im->shift_ms);
		if (fate == FATE_OLD && im->shift_ms == 0)
			return error_set(err, ERROR_FATAL,
			    "line %" PRIu64
			    " is more than %d days old, and the "
			    "collector takes no such hit: --shift <N>d moves "
			    "the log by N days; --shift auto needs a file",
			    number, PAST_DAYS);
		if (fate == FATE_PAGE &&
		    !send_hit(im, log, number, line, &hit, err))
			return false;
	}
	im->fates[fate]++;
	return true;
}

static bool
read_log(struct import *im, int log, struct error *err)
{
	struct lines *lines = lines_open(im->logs[log].name, err);
	enum lines_step step = LINES_NEXT;
	struct str line;
	bool ok = true;

	if (lines == NULL)
		return false;
	while (ok && !process_stopping()) {
		step = lines_next(lines, ACCESSLOG_LINE_MAX, &line, err);
		if (step == LINES_END || step == LINES_FAILED)
			break;
		im->lines++;
		ok = one_line(im, log, lines_number(lines), line,
		    step == LINES_NEXT, err);
		progress(im, lines);
	}
	lines_close(lines);
	return ok && step != LINES_FAILED;
}

static int
by_first_time(const void *a, const void *b)
{
	const struct log *x = a, *y = b;

	return (x->first_ms > y->first_ms) - (x->first_ms < y->first_ms);
}

static bool
read_all(struct import *im, bool scanning, struct error *err)
{
	im->scanning = scanning;
	im->lines = 0;
	im->shown_ms = 0;
	im->began_ms = clock_mono_ms();
	memset(im->fates, 0, sizeof(im->fates));
	for (int i = 0; i < im->log_count; i++) {
		if (!read_log(im, i, err))
			return false;
	}
	clear_progress(im);
	return true;
}

/* From --shift and what the first reading found to days. */
static bool
choose_shift(struct import *im, bool scanned, struct error *err)
{
	int64_t yesterday = im->now_ms / DAY_MS - 1;
	bool any = im->oldest_ms <= im->newest_ms;
	int64_t last = any ? im->newest_ms / DAY_MS : yesterday;
	char oldest[11];
	long long ms;

	if (strcmp(im->choice.shift, "auto") == 0)
		im->shift_ms =
		    last < yesterday ? (yesterday - last) * DAY_MS : 0;
	else if (strcmp(im->choice.shift, "none") != 0 &&
		 options_duration(im->choice.shift, &ms))
		im->shift_ms = ms;
	if (!scanned || im->shift_ms != 0 || !any ||
	    judge_time(im, im->oldest_ms) != FATE_OLD)
		return true;
	calendar_format_day((int32_t)(im->oldest_ms / DAY_MS), oldest);
	return error_set(err, ERROR_FATAL,
	    "the log begins on %s, and the collector takes no hit of more than "
	    "%d days ago; nothing was sent. --shift auto moves the log by "
	    "%" PRId64 " days, so that its last day is yesterday",
	    oldest, PAST_DAYS, yesterday - last);
}

static void
on_rejected(void *ctx, uint64_t tag, struct str reason)
{
	struct import *im = ctx;

	tell(im, im->logs[tag >> 48].name, tag & ((UINT64_C(1) << 48) - 1),
	    "refused by the collector: ", reason);
}

static void
summary_json(const struct import *im, struct sender_counts counts)
{
	struct buf out = { 0 };
	struct json_writer w = json_write(&out);

	json_begin_object(&w);
	write_int(&w, "lines", (int64_t)im->lines);
	write_int(&w, "hits", (int64_t)im->fates[FATE_PAGE]);
	write_int(&w, "visits", (int64_t)im->visit_count);
	write_int(&w, "accepted", (int64_t)counts.accepted);
	write_int(&w, "rejected", (int64_t)counts.rejected);
	write_int(&w, "retries", (int64_t)counts.retries);
	write_int(&w, "shift_days", im->shift_ms / DAY_MS);
	json_key(&w, STR("dry_run"));
	json_bool(&w, im->choice.dry_run);
	json_key(&w, STR("skipped"));
	json_begin_object(&w);
	for (int i = FATE_PAGE + 1; i < FATE_COUNT; i++)
		write_int(&w, fate_names[i], (int64_t)im->fates[i]);
	json_end_object(&w);
	json_end_object(&w);
	puts(buf_text(&out));
	buf_free(&out);
}

static void
summary(const struct import *im, struct sender_counts counts)
{
	if (im->choice.json) {
		summary_json(im, counts);
		return;
	}
	printf("%10" PRIu64 "  lines\n", im->lines);
	for (int i = 0; i < FATE_COUNT; i++) {
		if (i == FATE_PAGE || im->fates[i] > 0)
			printf(
			    "%10" PRIu64 "  %s\n", im->fates[i], fate_texts[i]);
	}
	printf("%10" PRIu64 "  visits\n", im->visit_count);
	if (im->shift_ms != 0)
		printf("%10" PRId64 "  days that all times were moved by\n",
		    im->shift_ms / DAY_MS);
	if (im->choice.dry_run) {
		printf("nothing was sent (--dry-run)\n");
		return;
	}
	printf("%10" PRIu64 "  taken by the collector\n", counts.accepted);
	if (counts.rejected > 0)
		printf("%10" PRIu64 "  refused by the collector\n",
		    counts.rejected);
	if (counts.retries > 0)
		printf("%10" PRIu64 "  batches sent again\n", counts.retries);
}

static int
run(struct import *im, bool standard_input)
{
	struct sender_settings set = {
		.url = im->choice.collector,
		.in_flight = IN_FLIGHT,
		.give_up_ms = GIVE_UP_MS,
		.rejected = on_rejected,
		.ctx = im,
	};
	struct sender_counts counts = { 0 };
	struct error err = { 0 };
	bool ok = standard_input || read_all(im, true, &err);

	ok = ok && choose_shift(im, !standard_input, &err);
	if (ok && !im->choice.dry_run) {
		set.key = str_of(im->site->api_keys.at[0]);
		im->sender = sender_open(&set, &err);
		ok = im->sender != NULL;
	}
	if (ok && !standard_input) /* a visit may lie across files */
		qsort(im->logs, (size_t)im->log_count, sizeof(*im->logs),
		    by_first_time);
	ok = ok && read_all(im, false, &err);
	if (im->sender != NULL) {
		ok = ok && sender_finish(im->sender, &err);
		counts = sender_counts(im->sender);
	}
	clear_progress(im);
	if (!ok)
		fprintf(stderr, "afterclick: %s\n", err.text);
	else if (process_stopping())
		fprintf(stderr, "afterclick: stopped\n");
	if (ok || counts.accepted > 0)
		summary(im, counts);
	/* Some lines are always torn; if all are, it is something else. */
	if (im->lines > 0 && im->fates[FATE_MALFORMED] == im->lines) {
		fprintf(stderr,
		    "afterclick: no line is one of an access log in the "
		    "combined format\n");
		ok = false;
	}
	return ok && counts.rejected == 0 && !process_stopping() ? EXIT_OK
								 : EXIT_FAILED;
}

/* What can be seen to be wrong before anything is read. */
static bool
check(struct import *im, const struct operands *files, bool *standard_input)
{
	const char *shift = im->choice.shift;
	long long ms;

	*standard_input = false;
	for (int i = 0; i < files->count; i++)
		*standard_input |= strcmp(files->at[i], "-") == 0;
	if (*standard_input && files->count > 1) {
		fprintf(
		    stderr, "afterclick: - (standard input) stands alone\n");
		return false;
	}
	if (strcmp(shift, "auto") == 0 && *standard_input) {
		fprintf(stderr,
		    "afterclick: --shift auto must read the log twice, which "
		    "standard input cannot: give a file, or --shift <N>d\n");
		return false;
	}
	if (strcmp(shift, "auto") != 0 && strcmp(shift, "none") != 0 &&
	    (!options_duration(shift, &ms) || ms % DAY_MS != 0)) {
		fprintf(stderr,
		    "afterclick: --shift %s is none of auto, none and whole "
		    "days such as 30d\n",
		    shift);
		return false;
	}
	return true;
}

/* The site and its key from the configuration. */
static int
find_site(struct import *im, const char *config, struct sites *sites)
{
	struct aggregator_settings set;
	struct buf problems = { 0 };
	int code = EXIT_CONFIG;

	if (!aggregator_settings_load(config, &set, im->arena, &problems) ||
	    !sites_load(set.sites_file, sites, im->arena, &problems)) {
		fputs(buf_text(&problems), stderr);
		goto out;
	}
	im->site = sites_find(sites, str_of(im->choice.site));
	if (im->site == NULL)
		fprintf(stderr, "afterclick: %s has no site %s\n",
		    set.sites_file, im->choice.site);
	else if (im->site->api_keys.count == 0 && !im->choice.dry_run)
		fprintf(stderr,
		    "afterclick: site %s has no api_keys in %s to sign with\n",
		    im->choice.site, set.sites_file);
	else if (im->site->hosts.count == 0 && im->choice.base_url == NULL)
		fprintf(stderr,
		    "afterclick: site %s has no hosts in %s: say --base-url\n",
		    im->choice.site, set.sites_file);
	else
		code = EXIT_OK;
out:
	buf_free(&problems);
	return code;
}

int
cli_import_log(int argc, char **argv, const struct cli *cli)
{
	struct import im = { .choice = { .shift = "none" },
		.oldest_ms = INT64_MAX,
		.newest_ms = INT64_MIN };
	struct operands files;
	struct sites sites = { 0 };
	struct str base;
	bool standard_input;
	int code;

	if (!options_read(&command, argc, argv, &im.choice, &files, &code))
		return code;
	if (!check(&im, &files, &standard_input))
		return EXIT_USAGE;
	if (im.choice.collector == NULL)
		im.choice.collector = getenv("COLLECTOR_URL");
	if (im.choice.collector == NULL || im.choice.collector[0] == '\0')
		im.choice.collector = DEFAULT_COLLECTOR;
	im.arena = arena_new(65536);
	im.line_arena = arena_new(262144);
	im.visits = logvisits_new();
	im.terminal = isatty(STDERR_FILENO) != 0;
	im.now_ms = clock_wall_ms();
	im.log_count = files.count;
	im.logs = mem_zero((size_t)files.count, sizeof(*im.logs));
	for (int i = 0; i < files.count; i++) {
		im.logs[i].name = files.at[i];
		im.logs[i].first_ms = INT64_MAX;
	}
	code = find_site(&im, cli->config, &sites);
	if (code == EXIT_OK) {
		base = im.choice.base_url ? str_of(im.choice.base_url)
					  : arena_printf(im.arena, "http://%s",
						im.site->hosts.at[0]);
		while (base.len > 0 && base.data[base.len - 1] == '/')
			base.len--;
		im.choice.base_url = arena_str(im.arena, base).data;
		code = run(&im, standard_input);
	}
	sites_close(&sites);
	sender_close(im.sender);
	logvisits_free(im.visits);
	buf_free(&im.event);
	arena_free(im.line_arena);
	arena_free(im.arena);
	free(im.logs);
	return code;
}

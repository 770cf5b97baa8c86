/*
 * afterclick reconcile - the shop's own orders, from its export, held
 * against what was tracked.
 *
 * A file is one transaction; reading it again changes nothing, a newer export
 * replaces the orders it names. Nothing of an order is kept but its id, time,
 * amount and currency and whether it was cancelled.
 */
#include <stdio.h>
#include <string.h>

#include "aggregator/cli/commands.h"
#include "aggregator/cli/context.h"
#include "aggregator/cli/options.h"
#include "aggregator/cli/print.h"
#include "aggregator/cli/rows.h"
#include "aggregator/platforms/locale.h"
#include "aggregator/platforms/moment.h"
#include "aggregator/store/sql.h"
#include "aggregator/store/suppressed.h"
#include "common/calendar.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/postgres.h"
#include "common/process.h"
#include "common/record.h"

enum { ORDER_ID, AMOUNT, DATE, CURRENCY, STATUS, CANCELLED, COLUMNS };
static const struct rows_column columns[] = {
	[ORDER_ID] = { "order_id", "order id", true },
	[AMOUNT] = { "amount", "order_total", true },
	[DATE] = { "date", "order_date", true },
	[CURRENCY] = { "currency", "order_currency", false },
	[STATUS] = { "status", "order_status", false },
	[CANCELLED] = { "cancelled", NULL, false },
	[COLUMNS] = { NULL, NULL, false },
};

/* How shops title their columns where that is not what they are called. */
static const char *const presets[] = { "none", "shopify", "woocommerce", NULL };
static const struct {
	const char *map, *strip;
} preset_of[] = {
	{ "", "" },
	{ "order_id=Name,amount=Total,date=Created at,currency=Currency,"
	  "status=Financial Status,cancelled=Cancelled at",
	    "#" },
	{ "order_id=order_id,amount=order_total,currency=order_currency,"
	  "status=status",
	    "" },
};

struct options {
	const char *site, *map, *strip, *locale, *currency;
	int preset;
	bool strict, dry_run, json, progress;
};
#define ROW(name, kind, member, value, help)                                   \
	{                                                                      \
		name, OPTIONS_##kind, offsetof(struct options, member), value, \
		    help, false, NULL                                          \
	}
static const struct options_row rows[] = {
	{ "site", OPTIONS_TEXT, offsetof(struct options, site), "SITE",
	    "site the orders belong to", true, NULL },
	{ "preset", OPTIONS_CHOICE, offsetof(struct options, preset), "SHOP",
	    "titles of the columns as this shop writes them", false, presets },
	ROW("map", TEXT, map, "COLUMN=TITLE,...",
	    "titles of order_id, amount, date, currency, status, cancelled"),
	ROW("strip", TEXT, strip, "TEXT",
	    "taken off the front of order ids; # with --preset shopify"),
	ROW("locale", TEXT, locale, "NAME", "of numbers; default en"),
	ROW("currency", TEXT, currency, "CODE",
	    "of rows that name none; default the site's"),
	ROW("strict", FLAG, strict, NULL, "keep nothing if a row is wrong"),
	ROW("dry-run", FLAG, dry_run, NULL, "compare, but keep nothing"),
	ROW("json", FLAG, json, NULL, "counts and days as JSON"),
	ROW("progress", FLAG, progress, NULL,
	    "show progress even if not on a terminal"),
	{ NULL, OPTIONS_FLAG, 0, NULL, NULL, false, NULL },
};
static const struct options_command command = {
	.usage = "reconcile FILE|- --site SITE [--preset shopify|woocommerce]\n"
		 "       [--map COLUMN=TITLE,...] [--locale NAME] [--strict] "
		 "[--dry-run] [--json]",
	.summary =
	    "Holds the shop's own orders (CSV or JSON lines, gzipped or not)\n"
	    "against the tracked ones: matched, missing, different, extra and\n"
	    "repeated orders per day, and the share of revenue that was "
	    "tracked.",
	.rows = rows,
	.least = 1,
	.most = 1,
};

struct reconcile {
	struct context c;
	struct options opt;
	const struct site *site;
	struct suppressed suppressed;
	struct arena *order; /* of one row */
	enum locale locale;
	struct rows_map map;
	struct rows *rows;
	int64_t orders, lines, read_ms;
	int32_t first_day, last_day;
	bool kept;
	struct postgres_rows *days;
};

struct order {
	struct str id;
	bool has_amount;
	int64_t ms, micros;
	char currency[3];
	bool cancelled;
};

static bool
is_cancelled(struct str status, struct str flag)
{
	static const char *const words[] = { "cancelled", "canceled", "voided",
		"failed", "expired", "trash", "draft", "checkout-draft",
		"wc-cancelled", "wc-failed" };

	if (flag.len > 0 && !str_ieq(flag, STR("false")) &&
	    !str_is(flag, "0") && !str_ieq(flag, STR("no")))
		return true;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (str_ieq(status, str_of(words[i])))
			return true;
	}
	return false;
}

static bool
read_currency(struct str s, char out[3])
{
	for (size_t i = 0; i < s.len && i < 3; i++) {
		char c = s.data[i];

		out[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
		if (out[i] < 'A' || out[i] > 'Z')
			return false;
	}
	return s.len == 3;
}

/* The row VALUE as an order; false: refused. */
static bool
read_order(struct reconcile *re, const struct str *value, struct order *o)
{
	struct str strip = str_of(re->opt.strip), currency = value[CURRENCY];
	bool clock;

	o->id = value[ORDER_ID];
	if (strip.len > 0 && str_starts(o->id, strip))
		o->id = str_trim(str_from(o->id, strip.len));
	if (o->id.len == 0)
		return rows_refuse(re->rows, "order_id", "empty");
	if (o->id.len > record_fields[RECORD_order_id].max)
		return rows_refuse(
		    re->rows, "order_id", "longer than 100 bytes");
	o->has_amount = value[AMOUNT].len > 0;
	if (!o->has_amount)
		return true; /* a further item of an order */
	if (!locale_micros(re->locale, value[AMOUNT], &o->micros))
		return rows_refuse(re->rows, "amount",
		    "not an amount of at most six places (see --locale)");
	if (o->micros < 0)
		return rows_refuse(re->rows, "amount", "negative");
	if (!moment_parse(value[DATE], re->site->zone, &o->ms, &clock))
		return rows_refuse(re->rows, "date",
		    "not a day or time such as 2026-03-31 09:15:00 +0100");
	if (currency.len == 0)
		currency = str_of(re->opt.currency);
	if (!read_currency(currency, o->currency))
		return rows_refuse(
		    re->rows, "currency", "not a code of ISO 4217 such as EUR");
	o->cancelled = is_cancelled(value[STATUS], value[CANCELLED]);
	return true;
}

static void
copy_order(
    struct reconcile *re, struct postgres_copy *copy, const struct order *o)
{
	postgres_copy_row(copy, 7);
	postgres_copy_int8(copy, rows_line(re->rows));
	postgres_copy_text(copy, o->id);
	if (!o->has_amount) {
		for (int i = 0; i < 5; i++)
			postgres_copy_null(copy);
		return;
	}
	postgres_copy_day(copy, zone_day(re->site->zone, o->ms));
	postgres_copy_time(copy, o->ms);
	postgres_copy_int8(copy, o->micros);
	postgres_copy_text(copy, str_make(o->currency, 3));
	postgres_copy_bool(copy, o->cancelled);
}

static bool
stage(struct reconcile *re, struct error *err)
{
	struct postgres_copy *copy =
	    postgres_copy_open(re->c.pg, sql_order_stage_copy, err);
	int64_t start_ms = clock_mono_ms();
	struct str value[COLUMNS];
	struct order o;
	enum rows_step step;

	if (copy == NULL)
		return false;
	while ((step = rows_next(re->rows, value)) == ROWS_NEXT) {
		if (!read_order(re, value, &o))
			continue;
		arena_reset(re->order);
		o.id = suppressed_order(
		    &re->suppressed, str_of(re->site->id), o.id, re->order);
		copy_order(re, copy, &o);
		if (process_stopping())
			break;
	}
	if (step != ROWS_END) {
		postgres_copy_cancel(copy);
		return error_set(err, ERROR_FATAL,
		    "the file was not read whole; nothing was kept");
	}
	if (!postgres_copy_close(copy, err))
		return false;
	re->read_ms = clock_mono_ms() - start_ms;
	return true;
}

/* Refuses lines that contradict the first of their order, and orders without
 * an amount. */
static bool
refuse_contradictions(struct reconcile *re, struct error *err)
{
	struct postgres_rows *r =
	    postgres_query(re->c.pg, sql_order_stage_repeats, NULL, err);
	char what[80];

	if (r == NULL)
		return false;
	for (size_t i = 0; i < postgres_rows_count(r); i++) {
		snprintf(what, sizeof(what),
		    "another amount than in line %lld of the same order",
		    (long long)postgres_int(r, i, 1));
		rows_refuse_at(
		    re->rows, postgres_int(r, i, 0), "amount", str_of(what));
	}
	postgres_rows_free(r);
	r = postgres_query(re->c.pg, sql_order_stage_bare, NULL, err);
	if (r == NULL)
		return false;
	for (size_t i = 0; i < postgres_rows_count(r); i++)
		rows_refuse_at(re->rows, postgres_int(r, i, 0), "amount",
		    STR("empty in every line of the order"));
	postgres_rows_free(r);
	return true;
}

static bool
merge(struct reconcile *re, const char *file, struct error *err)
{
	struct postgres_args args = { .count = 0 };
	struct postgres_rows *r;

	postgres_arg_text(&args, str_of(re->site->id));
	postgres_arg_text(&args, str_of(file));
	postgres_arg_int8(&args, rows_refused(re->rows));
	r = postgres_query(re->c.pg, sql_order_merge, &args, err);
	postgres_args_reset(&args);
	if (r == NULL)
		goto out;
	re->orders = postgres_int(r, 0, 0);
	re->lines = postgres_int(r, 0, 1);
	re->first_day = postgres_day(r, 0, 2);
	re->last_day = postgres_day(r, 0, 3);
	postgres_rows_free(r);
	postgres_arg_text(&args, str_of(re->site->id));
	postgres_arg_day(&args, re->first_day);
	postgres_arg_day(&args, re->last_day);
	re->days = postgres_query(re->c.pg, sql_order_days, &args, err);
out:
	postgres_args_free(&args);
	return re->days != NULL;
}

static bool
run(struct reconcile *re, const char *file, struct error *err)
{
	if (!postgres_script(re->c.pg, sql_order_stage, err) ||
	    !postgres_begin(re->c.pg, err))
		return false;
	if (!stage(re, err) || !refuse_contradictions(re, err) ||
	    !merge(re, file, err)) {
		postgres_rollback(re->c.pg);
		return false;
	}
	re->kept =
	    !re->opt.dry_run && !(re->opt.strict && rows_refused(re->rows) > 0);
	if (!re->kept) {
		postgres_rollback(re->c.pg);
		return true;
	}
	/* A reading whose answer is lost may simply be done again. */
	return postgres_commit(re->c.pg, err) == POSTGRES_COMMITTED;
}

static void
tell_json(const struct reconcile *re, const char *file, struct buf *out)
{
	struct json_writer w = json_write(out);
	size_t last = postgres_rows_count(re->days) - 1;
	const struct {
		const char *name;
		int64_t value;
	} counts[] = { { "rows", rows_count(re->rows) },
		{ "orders", re->orders }, { "further_lines", re->lines },
		{ "refused", rows_refused(re->rows) },
		{ "read_ms", re->read_ms } };

	json_begin_object(&w);
	json_key(&w, STR("file"));
	json_string(&w, str_of(file));
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		json_key(&w, str_of(counts[i].name));
		json_int(&w, counts[i].value);
	}
	json_key(&w, STR("kept"));
	json_bool(&w, re->kept);
	json_key(&w, STR("days"));
	json_begin_array(&w);
	for (size_t i = 0; i < last; i++)
		print_json(re->days, i, &w);
	json_end_array(&w);
	json_key(&w, STR("total"));
	print_json(re->days, last, &w);
	json_end_object(&w);
	buf_add_char(out, '\n');
}

static int
tell(const struct reconcile *re, const char *file)
{
	struct buf out = { 0 };
	bool undone = re->opt.strict && rows_refused(re->rows) > 0;

	if (re->opt.json) {
		tell_json(re, file, &out);
	} else {
		print_table(re->days, &out);
		buf_printf(&out,
		    "\n%s: %lld rows, %lld orders, %lld further lines of "
		    "orders, %lld refused%s\n",
		    file, (long long)rows_count(re->rows),
		    (long long)re->orders, (long long)re->lines,
		    (long long)rows_refused(re->rows),
		    re->opt.dry_run ? "; nothing kept (dry run)"
		    : undone        ? "; nothing kept (strict)"
				    : "");
	}
	return context_print(&out);
}

/* The site, locale and map; false: *CODE and told. */
static bool
prepare(struct reconcile *re, int *code)
{
	char currency[3];

	*code = EXIT_USAGE;
	re->site = sites_find(&re->c.sites, str_of(re->opt.site));
	if (re->site == NULL) {
		fprintf(stderr, "afterclick: no site %s in %s\n", re->opt.site,
		    re->c.set.sites_file);
		return false;
	}
	if (re->opt.currency == NULL)
		re->opt.currency = re->site->currency;
	if (!read_currency(str_of(re->opt.currency), currency)) {
		fprintf(stderr,
		    "afterclick: --currency %s is not a code of ISO 4217\n",
		    re->opt.currency);
		return false;
	}
	if (!locale_find(str_of(re->opt.locale), &re->locale)) {
		fprintf(stderr, "afterclick: no locale %s; there are: %s\n",
		    re->opt.locale, locale_list());
		return false;
	}
	if (re->opt.strip == NULL)
		re->opt.strip = preset_of[re->opt.preset].strip;
	return true;
}

int
cli_reconcile(int argc, char **argv, const struct cli *cli)
{
	struct reconcile re = { .opt = { .locale = "en", .map = "" } };
	struct operands files;
	struct error err;
	int code;

	if (!options_read(&command, argc, argv, &re.opt, &files, &code))
		return code;
	if ((preset_of[re.opt.preset].map[0] &&
		!rows_map_add(
		    &re.map, preset_of[re.opt.preset].map, columns)) ||
	    (re.opt.map[0] && !rows_map_add(&re.map, re.opt.map, columns)))
		return EXIT_USAGE;
	if (!context_settings(&re.c, cli, &code) ||
	    !context_sites(&re.c, &code) || !prepare(&re, &code) ||
	    !context_postgres(&re.c, true, &code))
		goto out;
	code = EXIT_FAILED;
	re.rows = rows_open(files.at[0], columns, &re.map);
	if (re.rows == NULL)
		goto out;
	if (re.opt.progress)
		rows_progress(re.rows);
	re.order = arena_new(4096);
	if (!suppressed_refresh(
		&re.suppressed, re.c.pg, re.c.set.erased_file, &err) ||
	    !run(&re, files.at[0], &err)) {
		context_fail(&err);
		goto out;
	}
	code = tell(&re, files.at[0]);
	if (rows_refused(re.rows) > 0)
		code = EXIT_FAILED;
out:
	postgres_rows_free(re.days);
	rows_close(re.rows);
	suppressed_free(&re.suppressed);
	arena_free(re.order);
	context_close(&re.c);
	return code;
}

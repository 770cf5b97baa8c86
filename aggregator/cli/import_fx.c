/*
 * afterclick import-fx - daily currency rates, from a CSV of date, currency
 * and rate or from the European Central Bank's own files. What waited for a
 * rate, or was valued by an older one, is valued anew.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregator/cli/commands.h"
#include "aggregator/cli/context.h"
#include "aggregator/cli/input.h"
#include "aggregator/cli/options.h"
#include "aggregator/store/sql.h"
#include "common/calendar.h"
#include "common/clock.h"
#include "common/currency.h"
#include "common/json.h"
#include "common/postgres.h"
#include "common/process.h"

#define BASES_MAX 64

struct options {
	const char *base;
	bool json, dry_run, progress;
};

static const struct options_row rows[] = {
	{ "base", OPTIONS_TEXT, offsetof(struct options, base), .value = "CODE",
	    .help = "reporting currency of the rates; default the sites'" },
	{ "dry-run", OPTIONS_FLAG, offsetof(struct options, dry_run),
	    .help = "check and count, change nothing" },
	{ "progress", OPTIONS_FLAG, offsetof(struct options, progress),
	    .help = "show progress even if not on a terminal" },
	{ "json", OPTIONS_FLAG, offsetof(struct options, json),
	    .help = "counts as JSON, one line a file" },
	{ NULL }
};

static const struct options_command command = {
	"import-fx [--base CODE] [--dry-run] [--json] FILE...|-",
	"Reads currency rates: CSV with the columns date, currency and rate\n"
	"(units of the reporting currency for one unit of the other), or the\n"
	"CSV of the European Central Bank (eurofxref.csv, "
	"eurofxref-hist.csv).\n"
	"A day without a rate takes the last one of the seven days before "
	"it.\n"
	"Exit code: 0 all was read, 1 a row was refused or a file not read, "
	"2 wrong\n"
	"usage, 78 a wrong configuration.",
	rows, 1, -1
};

enum { DATE, CURRENCY, RATE };
static const struct input_column columns[] = {
	[DATE] = { "date", "day", true },
	[CURRENCY] = { "currency", NULL, true },
	[RATE] = { "rate", NULL, true },
	{ NULL, NULL, false },
};

/* The rates of a file, on their way into the staging table. */
struct rates {
	struct postgres_copy *copy;
	int64_t count, read_ms;
	char (*code)[4]; /* of an ECB file's columns */
	int32_t first, last;
};

struct import {
	struct context c;
	struct options opt;
	const char *base[BASES_MAX]; /* reporting currencies */
	size_t bases;
};

static void
add(struct rates *r, int32_t day, const char *base, struct str currency,
    int64_t micros)
{
	if (r->count == 0 || day < r->first)
		r->first = day;
	if (r->count == 0 || day > r->last)
		r->last = day;
	postgres_copy_row(r->copy, 5);
	postgres_copy_int8(r->copy, r->count++);
	postgres_copy_day(r->copy, day);
	postgres_copy_text(r->copy, str_of(base));
	postgres_copy_text(r->copy, currency);
	postgres_copy_int8(r->copy, micros);
}

/* "2026-03-02", or "2 March 2026" as the ECB's daily file has it. */
static bool
parse_day(struct str s, int32_t *day)
{
	static const char *const months[] = { "January", "February", "March",
		"April", "May", "June", "July", "August", "September",
		"October", "November", "December" };
	struct str part;
	int64_t mday, year;
	char text[40]; /* room for any int */
	int month = 0;

	if (calendar_parse_day(s, day))
		return true;
	if (!str_cut(&s, ' ', &part) || !str_int(part, 1, 31, &mday) ||
	    !str_cut(&s, ' ', &part) || !str_int(s, 1900, 2200, &year))
		return false;
	while (month < 12 && !str_ieq(part, str_of(months[month])))
		month++;
	snprintf(text, sizeof(text), "%04d-%02d-%02d", (int)year, month + 1,
	    (int)mday);
	return month < 12 && calendar_parse_day(str_of(text), day);
}

/* Adds the rate of one generic row for each reporting currency. */
static void
generic_row(struct import *im, struct input *in, struct rates *out)
{
	struct str currency = input_value(in, CURRENCY);
	int64_t micros;
	int32_t day;

	if (!parse_day(input_value(in, DATE), &day))
		input_refuse(in, "date", "not a day: YYYY-MM-DD");
	else if (!currency_is_code(currency))
		input_refuse(
		    in, "currency", "not a code of ISO 4217 such as EUR");
	else if (!str_micros(input_value(in, RATE), &micros))
		input_refuse(
		    in, "rate", "not a decimal number of at most six places");
	else if (micros <= 0)
		input_refuse(in, "rate", "not above 0");
	else if (str_is(currency, im->base[0]))
		input_refuse(in, "currency", "the reporting currency itself");
	else
		add(out, day, im->base[0], currency, micros);
}

static bool
generic(struct import *im, struct input *in, struct rates *out)
{
	enum csv_result result;

	if (im->bases != 1) {
		fprintf(stderr, "afterclick: the sites report in several "
				"currencies; name one with --base\n");
		return false;
	}
	if (!input_columns(in, columns))
		return false;
	while ((result = input_next(in)) == CSV_ROW)
		generic_row(im, in, out);
	return result == CSV_END;
}

/* A head of Date and currency codes: the ECB's. */
static bool
is_ecb(const struct input *in)
{
	const struct csv_row *row = &in->row;

	if (row->count < 2 || !str_ieq(str_trim(row->field[0]), STR("date")))
		return false;
	for (size_t i = 1; i < row->count; i++) {
		/* Its lines end in a comma. */
		if (!currency_is_code(str_trim(row->field[i])) &&
		    (i + 1 < row->count || str_trim(row->field[i]).len > 0))
			return false;
	}
	return true;
}

/* The value of currency CODE for one euro in the row; 0 when it has none. */
static int64_t
ecb_value(const struct input *in, const struct rates *out, const char *code)
{
	int64_t micros;

	if (strcmp(code, "EUR") == 0)
		return 1000000;
	for (size_t i = 1; i < in->width; i++) {
		if (strcmp(out->code[i], code) == 0 &&
		    str_micros(str_trim(in->row.field[i]), &micros))
			return micros > 0 ? micros : 0;
	}
	return 0;
}

/* The rates of all currencies of the row to BASE: by way of the euro. */
static void
ecb_row(struct input *in, struct rates *out, int32_t day, const char *base)
{
	int64_t to = ecb_value(in, out, base), from, rate;
	const char *code;

	if (to == 0)
		return;
	for (size_t i = 0; i < in->width; i++) {
		code = i == 0 ? "EUR" : out->code[i];
		if (code[0] == '\0' || strcmp(code, base) == 0)
			continue;
		from = ecb_value(in, out, code);
		if (from == 0)
			continue; /* N/A: not traded then */
		rate = (int64_t)(((__int128)to * 1000000 + from / 2) / from);
		if (rate > 0)
			add(out, day, base, str_of(code), rate);
	}
}

static bool
ecb(struct import *im, struct input *in, struct rates *out)
{
	enum csv_result result;
	struct str title;
	int32_t day;

	out->code = mem_zero(in->width, sizeof(*out->code));
	for (size_t i = 1; i < in->width; i++) {
		title = str_trim(in->row.field[i]);
		if (currency_is_code(title))
			memcpy(out->code[i], title.data, 3);
	}
	while ((result = input_next(in)) == CSV_ROW) {
		if (!parse_day(str_trim(in->row.field[0]), &day)) {
			input_refuse(in, "Date", "not a day");
			continue;
		}
		for (size_t i = 0; i < im->bases; i++)
			ecb_row(in, out, day, im->base[i]);
	}
	return result == CSV_END;
}

struct counts {
	int64_t changed, costs, customers;
};

struct merge {
	struct postgres *pg;
	const struct rates *rates;
	struct counts *n;
};

/* The rates that were gathered, then what they concern. */
static bool
merge(void *ctx, struct error *err)
{
	struct merge *m = ctx;
	struct postgres *pg = m->pg;
	struct counts *n = m->n;
	struct postgres_args args = { .count = 0 };
	bool ok;

	postgres_arg_day(&args, m->rates->first);
	postgres_arg_day(&args, m->rates->last);
	ok = postgres_exec(pg, sql_fx_put, NULL, &n->changed, err) &&
	     postgres_exec(pg, sql_cost_lock, NULL, NULL, err) &&
	     postgres_exec(pg, sql_fx_costs, &args, &n->costs, err) &&
	     postgres_exec(pg, sql_fx_dirty, &args, &n->customers, err);
	postgres_args_free(&args);
	return ok;
}

/* All of the file in one transaction; false and told. */
static bool
import_rates(
    struct import *im, struct input *in, struct rates *r, struct counts *n)
{
	struct postgres *pg = im->c.pg;
	struct merge m = { pg, r, n };
	int64_t start_ms = clock_mono_ms();
	struct postgres_copy *copy;
	struct error err;

	if (!postgres_script(pg, sql_fx_stage, &err) ||
	    !postgres_begin(pg, &err))
		goto failed;
	r->copy = postgres_copy_open(pg, sql_fx_stage_copy, &err);
	if (r->copy == NULL)
		goto failed;
	if (!(is_ecb(in) ? ecb(im, in, r) : generic(im, in, r))) {
		postgres_copy_cancel(r->copy);
		postgres_rollback(pg);
		return false;
	}
	copy = r->copy;
	r->copy = NULL;
	if (!postgres_copy_close(copy, &err))
		goto failed;
	r->read_ms = clock_mono_ms() - start_ms;
	if (r->count > 0 && !postgres_attempt(pg, merge, &m, &err))
		goto failed;
	if (im->opt.dry_run) {
		postgres_rollback(pg);
		return true;
	}
	if (postgres_commit(pg, &err) == POSTGRES_COMMITTED)
		return true;
failed:
	postgres_rollback(pg);
	context_fail(&err);
	return false;
}

static void
tell(const struct import *im, const struct input *in, const struct rates *r,
    const struct counts *n)
{
	struct buf out = { 0 };
	struct json_writer w = json_write(&out);

	if (im->opt.json) {
		json_begin_object(&w);
		json_key(&w, STR("file"));
		json_string(&w, str_of(in->name));
		json_key(&w, STR("rates"));
		json_int(&w, r->count);
		json_key(&w, STR("refused"));
		json_int(&w, in->refused);
		json_key(&w, STR("changed"));
		json_int(&w, n->changed);
		json_key(&w, STR("costs"));
		json_int(&w, n->costs);
		json_key(&w, STR("customers"));
		json_int(&w, n->customers);
		json_key(&w, STR("read_ms"));
		json_int(&w, r->read_ms);
		json_key(&w, STR("imported"));
		json_bool(&w, !im->opt.dry_run);
		json_end_object(&w);
	} else {
		buf_printf(&out,
		    "%s: %lld rates, %lld refused, %lld changed; %lld costs "
		    "valued anew, %lld customers to be attributed anew",
		    in->name, (long long)r->count, (long long)in->refused,
		    (long long)n->changed, (long long)n->costs,
		    (long long)n->customers);
		if (im->opt.dry_run)
			buf_add_str(&out, STR("; nothing written (dry run)"));
	}
	buf_add_char(&out, '\n');
	fwrite(out.data, out.len, 1, stdout);
	buf_free(&out);
}

static int
import_file(struct import *im, const char *file)
{
	struct rates r = { .copy = NULL };
	struct counts n = { 0 };
	struct input in;
	int code = EXIT_FAILED;

	if (!input_open(&in, file))
		return EXIT_FAILED;
	in.progress = in.progress || im->opt.progress;
	if (!input_head(&in) || !import_rates(im, &in, &r, &n))
		goto out;
	tell(im, &in, &r, &n);
	code = in.refused > 0 ? EXIT_FAILED : EXIT_OK;
out:
	free(r.code);
	input_close(&in);
	return code;
}

/* The currencies that the rates are to lead to. */
static bool
find_bases(struct import *im, int *code)
{
	const struct site *site = im->c.sites.list.at;
	size_t known;

	*code = EXIT_USAGE;
	if (im->opt.base != NULL && !currency_is_code(str_of(im->opt.base))) {
		fprintf(stderr,
		    "afterclick: --base %s is not a code of ISO "
		    "4217 such as EUR\n",
		    im->opt.base);
		return false;
	}
	if (im->opt.base != NULL)
		im->base[im->bases++] = im->opt.base;
	for (size_t i = 0; i < im->c.sites.list.count && im->opt.base == NULL;
	     i++) {
		for (known = 0; known < im->bases; known++) {
			if (strcmp(im->base[known], site[i].currency) == 0)
				break;
		}
		if (known == im->bases && known < BASES_MAX)
			im->base[im->bases++] = site[i].currency;
	}
	if (im->bases == 0)
		fprintf(stderr, "afterclick: no site is configured; name the "
				"currency with --base\n");
	return im->bases > 0;
}

int
cli_import_fx(int argc, char **argv, const struct cli *cli)
{
	struct import im = { .bases = 0 };
	struct operands files;
	int code, one;

	if (!options_read(&command, argc, argv, &im.opt, &files, &code))
		return code;
	if (!context_settings(&im.c, cli, &code) ||
	    !context_sites(&im.c, &code) || !find_bases(&im, &code) ||
	    !context_postgres(&im.c, true, &code))
		goto out;
	code = EXIT_OK;
	for (int i = 0; i < files.count; i++) {
		one = import_file(&im, files.at[i]);
		if (one != EXIT_OK)
			code = one;
	}
out:
	context_close(&im.c);
	return code;
}

#include "aggregator/platforms/costs.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/calendar.h"
#include "common/currency.h"

static const char *const names[COST_COLUMNS] = {
	[COST_DAY] = "date",
	[COST_END] = "end",
	[COST_SITE] = "site",
	[COST_ACCOUNT_ID] = "account id",
	[COST_ACCOUNT] = "account",
	[COST_SOURCE] = "source",
	[COST_MEDIUM] = "medium",
	[COST_CAMPAIGN] = "campaign",
	[COST_CAMPAIGN_ID] = "campaign id",
	[COST_AMOUNT] = "cost",
	[COST_MICROS] = "cost in micros",
	[COST_CURRENCY] = "currency",
	[COST_CLICKS] = "clicks",
	[COST_IMPRESSIONS] = "impressions",
};

struct head {
	int at[COST_COLUMNS]; /* -1: absent */
	unsigned locales;     /* in which all titles could be */
	size_t found;
	char currency[4]; /* in the amount's title; "" */
	enum cost_column twice;
};

struct costs {
	struct costs_settings set;
	struct buf text; /* of the settings */
	struct head head, nearest;
	bool found;
	size_t width, above;
	enum locale locale;
	struct buf unused;
};

struct costs *
costs_new(const struct costs_settings *set)
{
	struct costs *c = mem_zero(1, sizeof(*c));
	struct str *own[] = { &c->set.source, &c->set.medium, &c->set.account,
		&c->set.currency };
	size_t at = 0;

	c->set = *set;
	for (size_t i = 0; i < 4; i++)
		buf_add_str(&c->text, *own[i]);
	for (size_t i = 0; i < 4; i++) {
		own[i]->data = c->text.data + at;
		at += own[i]->len;
	}
	for (int i = 0; i < COST_COLUMNS; i++)
		c->nearest.at[i] = -1;
	return c;
}

void
costs_free(struct costs *c)
{
	if (c == NULL)
		return;
	buf_free(&c->text);
	buf_free(&c->unused);
	free(c);
}

static bool
refuse(struct costs_problem *problem, const char *column, const char *text)
{
	problem->column = column;
	snprintf(problem->text, sizeof(problem->text), "%s", text);
	return false;
}

/* --- the head ---------------------------------------------------------------
 */

static const struct platform_title *
title_of(const struct platform *p, struct str text)
{
	for (const struct platform_title *t = p->titles; t->text; t++) {
		if (str_ieq(text, str_of(t->text)))
			return t;
	}
	return NULL;
}

/* "Amount spent (USD)": cuts the code off TEXT. */
static bool
cut_code(struct str *text, char code[4])
{
	struct str tail;

	if (text->len < 7 || !str_ends(*text, STR(")")))
		return false;
	tail = str_from(*text, text->len - 5);
	if (tail.data[0] != '(' ||
	    !currency_is_code(str_make(tail.data + 1, 3)))
		return false;
	memcpy(code, tail.data + 1, 3);
	code[3] = '\0';
	*text = locale_trim(str_head(*text, text->len - 5));
	return true;
}

/* What ROW is as a head; unknown titles go to UNUSED, if not NULL. */
static void
read_head(const struct costs *c, const struct csv_row *row, struct head *h,
    struct buf *unused)
{
	*h = (struct head){ .locales = ~0u, .twice = COST_COLUMNS };
	for (int i = 0; i < COST_COLUMNS; i++)
		h->at[i] = -1;
	for (size_t i = 0; i < row->count; i++) {
		struct str text = locale_trim(row->field[i]);
		const struct platform_title *t =
		    title_of(c->set.platform, text);
		char code[4] = "";

		if (t == NULL && cut_code(&text, code))
			t = title_of(c->set.platform, text);
		if (t == NULL) {
			if (unused != NULL && text.len > 0) {
				buf_add_str(unused,
				    unused->len > 0 ? STR(", ") : STR(""));
				buf_add_str(unused, str_head(text, 60));
			}
			continue;
		}
		if (h->at[t->column] >= 0) {
			h->twice = t->column;
			continue;
		}
		h->at[t->column] = (int)i;
		h->locales &= t->locales;
		h->found++;
		if (t->column == COST_AMOUNT && code[0] != '\0')
			memcpy(h->currency, code, 4);
	}
}

static bool
needs(const struct costs *c, enum cost_column column)
{
	switch (column) {
	case COST_DAY:
	case COST_CAMPAIGN:
		return true;
	case COST_SOURCE:
		return c->set.platform->source == NULL &&
		       c->set.source.len == 0;
	case COST_MEDIUM:
		return c->set.platform->medium == NULL &&
		       c->set.medium.len == 0;
	default:
		return false;
	}
}

/* The first column that H lacks; COST_COLUMNS: none. */
static enum cost_column
lacks(const struct costs *c, const struct head *h)
{
	for (int i = 0; i < COST_COLUMNS; i++) {
		if (h->at[i] < 0 && needs(c, (enum cost_column)i))
			return (enum cost_column)i;
	}
	return h->at[COST_AMOUNT] < 0 && h->at[COST_MICROS] < 0 ? COST_AMOUNT
								: COST_COLUMNS;
}

/* Which locale's titles these are, if that can be told. */
static bool
choose_locale(struct costs *c, struct costs_problem *problem)
{
	unsigned could = c->head.locales;

	if (c->set.has_locale) {
		c->locale = c->set.locale;
		return true;
	}
	if (could & 1u << LOCALE_EN) {
		c->locale = LOCALE_EN;
		return true;
	}
	for (int i = 0; i < LOCALE_COUNT; i++) {
		if (could == 1u << i) {
			c->locale = (enum locale)i;
			return true;
		}
	}
	return refuse(problem, "",
	    "the titles do not tell the language of the numbers: say it with "
	    "--locale");
}

static enum costs_step
take_head(
    struct costs *c, const struct csv_row *row, struct costs_problem *problem)
{
	struct head h;

	read_head(c, row, &h, NULL);
	if (lacks(c, &h) != COST_COLUMNS) {
		if (h.found > c->nearest.found)
			c->nearest = h;
		if (++c->above <= COSTS_ABOVE_MAX)
			return COSTS_ABOVE;
		costs_found(c, problem);
		return COSTS_STOP;
	}
	if (h.twice != COST_COLUMNS) {
		refuse(problem, names[h.twice], "column stands twice");
		return COSTS_STOP;
	}
	c->width = row->count;
	read_head(c, row, &c->head, &c->unused);
	if (!choose_locale(c, problem))
		return COSTS_STOP;
	c->found = true;
	return COSTS_HEAD;
}

/* --- rows -------------------------------------------------------------------
 */

static struct str
value(const struct costs *c, const struct csv_row *row, enum cost_column i)
{
	int at = c->head.at[i];

	return at < 0 || (size_t)at >= row->count ? STR_EMPTY
						  : locale_trim(row->field[at]);
}

/* "Total: Account", "Gesamt", a sum of several days without a campaign, or a
 * note below the table: rows that are no one day's cost. */
static bool
is_total(const struct costs *c, const struct csv_row *row)
{
	static const char *const words[] = { "total", "totals", "grand total",
		"overall total", "gesamt", "insgesamt", "gesamtsumme", "totale",
		"totaal", "totales", "totais" };
	struct str first = locale_trim(row->field[0]), word;
	ptrdiff_t colon = str_find_char(first, ':');
	struct str day = value(c, row, COST_DAY);
	int32_t ignored;

	if (row->count == 1)
		return str_starts(first, STR("\xc2\xa9")); /* a copyright */
	if (c->set.platform->source == NULL)
		return false; /* our own table has none */
	if (locale_day(c->locale, day, &ignored))
		return c->head.at[COST_END] >= 0 &&
		       value(c, row, COST_CAMPAIGN).len == 0 &&
		       !str_eq(day, value(c, row, COST_END));
	word = colon < 0 ? first : str_head(first, (size_t)colon);
	/* French sets a space before the colon. */
	word = locale_trim(word);
	if (str_istarts(first, STR("total of ")))
		return true;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (str_ieq(word, str_of(words[i])))
			return true;
	}
	return false;
}

static bool
read_day(const struct costs *c, const struct csv_row *row, struct cost_row *out,
    struct costs_problem *problem)
{
	struct str text = value(c, row, COST_DAY), end;
	char first[11], last[11], what[120];
	int32_t end_day;

	if (!locale_day(c->locale, text, &out->day)) {
		snprintf(what, sizeof(what),
		    "not a day: YYYY-MM-DD, or as in locale %s",
		    locale_name(c->locale));
		return refuse(problem, "date", what);
	}
	end = value(c, row, COST_END);
	if (end.len == 0)
		return true;
	if (!locale_day(c->locale, end, &end_day))
		return refuse(problem, "end", "not a day");
	if (end_day == out->day)
		return true;
	calendar_format_day(out->day, first);
	calendar_format_day(end_day, last);
	snprintf(what, sizeof(what),
	    "covers %s to %s: download the report broken down by day", first,
	    last);
	return refuse(problem, "date", what);
}

static bool
read_amount(const struct costs *c, const struct csv_row *row,
    struct cost_row *out, struct costs_problem *problem)
{
	struct str text = value(c, row, COST_MICROS);
	char what[120];

	if (text.len > 0) {
		if (!str_int(text, INT64_MIN, INT64_MAX, &out->micros))
			return refuse(
			    problem, "cost in micros", "not a whole number");
	} else {
		text = value(c, row, COST_AMOUNT);
		out->micros = 0;
		/* A dash is the platforms' "nothing"; an empty cell is not. */
		if ((text.len == 0 || !locale_blank(text)) &&
		    !locale_micros(c->locale, text, &out->micros)) {
			snprintf(what, sizeof(what),
			    "not a decimal number of at most six places "
			    "(locale %s)",
			    locale_name(c->locale));
			return refuse(problem, "cost", what);
		}
	}
	if (out->micros < 0)
		return refuse(problem, "cost", "negative");
	return true;
}

static bool
read_currency(const struct costs *c, const struct csv_row *row,
    struct cost_row *out, struct costs_problem *problem)
{
	out->currency = value(c, row, COST_CURRENCY);
	if (out->currency.len == 0)
		out->currency = str_of(c->head.currency);
	if (out->currency.len == 0)
		out->currency = c->set.currency;
	return out->currency.len == 0 || currency_is_code(out->currency) ||
	       refuse(
		   problem, "currency", "not a code of ISO 4217 such as EUR");
}

static bool
read_count(const struct costs *c, const struct csv_row *row,
    enum cost_column column, int64_t *n, struct costs_problem *problem)
{
	struct str text = value(c, row, column);

	*n = -1;
	return locale_blank(text) || locale_count(c->locale, text, n) ||
	       refuse(problem, names[column], "not a whole number");
}

static struct str
first_of(struct str a, struct str b, struct str d)
{
	return a.len > 0 ? a : b.len > 0 ? b : d;
}

static bool
read_names(const struct costs *c, const struct csv_row *row,
    struct cost_row *out, struct costs_problem *problem)
{
	const struct platform *p = c->set.platform;
	struct str account = first_of(value(c, row, COST_ACCOUNT_ID),
	    value(c, row, COST_ACCOUNT), STR_EMPTY);
	const struct {
		struct str text;
		const char *name;
	} text[] = {
		{ out->source = first_of(c->set.source,
		      value(c, row, COST_SOURCE), str_of(p->source)),
		    "source" },
		{ out->medium = first_of(c->set.medium,
		      value(c, row, COST_MEDIUM), str_of(p->medium)),
		    "medium" },
		{ out->campaign = value(c, row, COST_CAMPAIGN), "campaign" },
		{ out->campaign_id = value(c, row, COST_CAMPAIGN_ID),
		    "campaign_id" },
		{ out->account = first_of(c->set.account, account, STR_EMPTY),
		    "account" },
	};

	out->site = value(c, row, COST_SITE);
	if (locale_blank(out->campaign_id))
		out->campaign_id = STR_EMPTY;
	if (out->source.len == 0)
		return refuse(problem, "source", "empty");
	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		if (text[i].text.len > COSTS_NAME_BYTES)
			return refuse(
			    problem, text[i].name, "longer than 200 bytes");
	}
	return true;
}

enum costs_step
costs_take(struct costs *c, const struct csv_row *row, struct cost_row *out,
    struct costs_problem *problem)
{
	char what[80];

	*problem = (struct costs_problem){ .column = "" };
	*out = (struct cost_row){ .day = 0 };
	if (!c->found)
		return take_head(c, row, problem);
	if (is_total(c, row))
		return COSTS_TOTAL;
	if (row->count != c->width) {
		snprintf(what, sizeof(what),
		    "%zu fields where the head has %zu", row->count, c->width);
		refuse(problem, "", what);
		return COSTS_REFUSED;
	}
	return read_day(c, row, out, problem) &&
		       read_amount(c, row, out, problem) &&
		       read_currency(c, row, out, problem) &&
		       read_count(c, row, COST_CLICKS, &out->clicks, problem) &&
		       read_count(c, row, COST_IMPRESSIONS, &out->impressions,
			   problem) &&
		       read_names(c, row, out, problem)
		   ? COSTS_ROW
		   : COSTS_REFUSED;
}

bool
costs_found(const struct costs *c, struct costs_problem *problem)
{
	enum cost_column missing;

	if (c->found)
		return true;
	missing = lacks(c, &c->nearest);
	problem->column = missing < COST_COLUMNS ? names[missing] : "";
	snprintf(problem->text, sizeof(problem->text),
	    "column is missing: no row has the titles of a %s export by day",
	    c->set.platform->name);
	return false;
}

enum locale
costs_locale(const struct costs *c)
{
	return c->locale;
}

void
costs_unused(const struct costs *c, struct buf *out)
{
	buf_add_str(out, buf_str(&c->unused));
}

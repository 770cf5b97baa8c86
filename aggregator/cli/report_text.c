/* report_text.c - a report's sections as Markdown and as CSV. */
#include "aggregator/cli/report_write.h"

#include <string.h>

#include "aggregator/cli/print.h"
#include "aggregator/report/grid.h"
#include "common/postgres.h"

#define METRICS                                                                \
	{ "net_revenue", "Net revenue", REPORT_DECIMAL },                      \
	{                                                                      \
		"cost", "Spend", REPORT_DECIMAL                                \
	}
#define END                                                                    \
	{                                                                      \
		NULL, NULL, REPORT_TEXT                                        \
	}

static const struct report_column totals[] = {
	{ "measure", "Measure", REPORT_TEXT },
	{ "value", "These days", REPORT_DECIMAL },
	{ "before", "Days before", REPORT_DECIMAL },
	{ "change", "Change", REPORT_PERCENT },
	END,
};
static const struct report_column campaigns[] = {
	{ "channel", "Channel", REPORT_TEXT },
	{ "source", "Source", REPORT_TEXT },
	{ "campaign", "Campaign", REPORT_TEXT },
	{ "medium", "Medium", REPORT_TEXT },
	{ "visits", "Visits", REPORT_COUNT },
	{ "conversions", "Conversions", REPORT_DECIMAL },
	METRICS,
	{ "roas", "ROAS", REPORT_DECIMAL },
	{ "roi", "ROI", REPORT_DECIMAL },
	{ "cpa", "CPA", REPORT_DECIMAL },
	END,
};
static const struct report_column models[] = {
	{ "channel", "Channel", REPORT_TEXT },
	{ "model", "Model", REPORT_TEXT },
	{ "conversions", "Conversions", REPORT_DECIMAL },
	METRICS,
	{ "roas", "ROAS", REPORT_DECIMAL },
	{ "net_revenue_over", "Net revenue over this model's", REPORT_DECIMAL },
	END,
};
static const struct report_column days[] = {
	{ "day", "Day", REPORT_TEXT },
	{ "day_status", "Status", REPORT_TEXT },
	{ "conversions", "Conversions", REPORT_DECIMAL },
	METRICS,
	END,
};
static const struct report_column paths[] = {
	{ "path", "Path", REPORT_TEXT },
	{ "conversions", "Conversions", REPORT_COUNT },
	{ "share_percent", "Share, %", REPORT_DECIMAL },
	{ "net_revenue", "Net revenue", REPORT_DECIMAL },
	END,
};
static const struct report_column experiments[] = {
	{ "experiment", "Experiment", REPORT_TEXT },
	{ "variant", "Arm", REPORT_TEXT },
	{ "status", "Status", REPORT_TEXT },
	{ "customers", "Customers", REPORT_COUNT },
	{ "converted", "Converted", REPORT_COUNT },
	{ "rate_percent", "Rate, %", REPORT_DECIMAL },
	{ "rate_lift_percent", "Lift", REPORT_PERCENT },
	{ "rate_lift_low_percent", "95 % from", REPORT_PERCENT },
	{ "rate_lift_high_percent", "to", REPORT_PERCENT },
	{ "revenue_per_customer", "Revenue each", REPORT_DECIMAL },
	{ "revenue_lift_percent", "Lift", REPORT_PERCENT },
	{ "revenue_lift_low_percent", "95 % from", REPORT_PERCENT },
	{ "revenue_lift_high_percent", "to", REPORT_PERCENT },
	{ "chance_to_win_percent", "Chance to win, %", REPORT_DECIMAL },
	END,
};
static const struct report_column notes[] = {
	{ "note", "Note", REPORT_TEXT },
	{ "count", "Count", REPORT_COUNT },
	{ "meaning", "Meaning", REPORT_TEXT },
	END,
};
static const struct report_column silent[] = {
	{ "finding", "Finding", REPORT_TEXT },
	{ "subject", "What", REPORT_TEXT },
	{ "site", "Site", REPORT_TEXT },
	{ "since", "Since", REPORT_TEXT },
	{ "evidence", "Evidence", REPORT_TEXT },
	END,
};
static const struct report_column unusual[] = {
	{ "day", "Day", REPORT_TEXT },
	{ "site", "Site", REPORT_TEXT },
	{ "measure", "Measure", REPORT_TEXT },
	{ "mark", "Unusually", REPORT_TEXT },
	{ "value", "Value", REPORT_DECIMAL },
	{ "median", "Median", REPORT_DECIMAL },
	{ "weeks", "Of weeks", REPORT_COUNT },
	END,
};
static const struct report_column quality[] = {
	{ "day", "Day", REPORT_TEXT },
	{ "site", "Site", REPORT_TEXT },
	{ "hits", "Hits", REPORT_COUNT },
	{ "people", "Of people", REPORT_COUNT },
	{ "bots", "Of bots", REPORT_COUNT },
	{ "refused", "Refused", REPORT_COUNT },
	{ "duplicates", "Repeated", REPORT_COUNT },
	{ "late", "Late", REPORT_COUNT },
	{ "consent_percent", "Consent, %", REPORT_DECIMAL },
	{ "cookieless_percent", "Cookieless, %", REPORT_DECIMAL },
	{ "conversions", "Conversions", REPORT_COUNT },
	{ "unattributed_percent", "Unattributed, %", REPORT_DECIMAL },
	{ "tracking_percent", "Clicks tracked, %", REPORT_DECIMAL },
	{ "order_coverage_percent", "Orders tracked, %", REPORT_DECIMAL },
	{ "bot_cost", "Spent on bots", REPORT_DECIMAL },
	END,
};
static const struct report_column budget[] = {
	{ "campaign", "Campaign", REPORT_TEXT },
	{ "source", "Source", REPORT_TEXT },
	{ "medium", "Medium", REPORT_TEXT },
	{ "site", "Site", REPORT_TEXT },
	{ "suggestion", "Suggestion", REPORT_TEXT },
	{ "days", "Days", REPORT_COUNT },
	{ "spend", "Spend", REPORT_DECIMAL },
	{ "average_return", "Average return", REPORT_DECIMAL },
	{ "marginal_return", "Marginal return", REPORT_DECIMAL },
	{ "marginal_low", "95 % from", REPORT_DECIMAL },
	{ "marginal_high", "to", REPORT_DECIMAL },
	{ "reason", "Why", REPORT_TEXT },
	END,
};
static const struct report_column deciles[] = {
	{ "campaign", "Campaign", REPORT_TEXT },
	{ "source", "Source", REPORT_TEXT },
	{ "medium", "Medium", REPORT_TEXT },
	{ "site", "Site", REPORT_TEXT },
	{ "decile", "Tenth", REPORT_COUNT },
	{ "days", "Days", REPORT_COUNT },
	{ "spend", "Spend a day", REPORT_DECIMAL },
	{ "net_revenue", "Net revenue a day", REPORT_DECIMAL },
	{ "roas", "ROAS", REPORT_DECIMAL },
	{ "marginal_return", "Marginal return", REPORT_DECIMAL },
	END,
};

const struct report_section report_sections[REPORT_PARTS] = {
	[REPORT_TOTALS] = { "totals", "Head numbers",
	    "Ratios are ratios of the sums. Net revenue is after refunds.", "",
	    totals },
	[REPORT_CAMPAIGNS] = { "campaigns", "Channels, sources, campaigns",
	    "Each channel, its sources and their campaigns. ROAS is net "
	    "revenue / spend, ROI (net revenue × margin − spend) / spend, CPA "
	    "spend / conversions.",
	    "Nothing in these days.", campaigns },
	[REPORT_MODELS] = { "models", "Attribution models",
	    "Net revenue and ROAS of each channel by each model. The models "
	    "share out the same revenue.",
	    "Nothing in these days.", models },
	[REPORT_DAYS] = { "days", "Day by day",
	    "Spend and net revenue of each day, and how settled it is.", "",
	    days },
	[REPORT_PATHS] = { "paths", "Paths to a conversion",
	    "The channels before each conversion of these days, the 50 most "
	    "travelled paths; shares are of all conversions. --csv has all.",
	    "No conversions in these days.", paths },
	[REPORT_EXPERIMENTS] = { "experiments", "Experiments",
	    "What they say at the moment, whatever the days of this report. "
	    "Lift is against the first arm, the control, with its always-valid "
	    "95 % interval: it holds however often one looks.",
	    "No experiment has been seen.", experiments },
	[REPORT_NOTES] = { "notes", "How far to trust these numbers",
	    "An open day is still being filled, a provisional one may change, "
	    "a final one is settled.",
	    "", notes },
	[REPORT_SILENT] = { "silent", "What fell silent",
	    "Pages and goals that used to convert, goals that never fired, "
	    "campaigns with clicks and no landings, whatever the days of this "
	    "report.",
	    "Nothing: pages and goals convert as they used to.", silent },
	[REPORT_UNUSUAL] = { "unusual", "What is unusual",
	    "Numbers of the last 31 of these days that are far from the median "
	    "of the same weekday in the eight weeks before.",
	    "Nothing differs from the weeks before.", unusual },
	[REPORT_QUALITY] = { "quality", "How well the days were tracked",
	    "Hits by what they were; consent is to analytics_storage; late is "
	    "by an hour or more; what bots' landings cost is at most that.",
	    "No hits in these days.", quality },
	[REPORT_BUDGET] = { "budget", "Budget: a suggestion, no proof",
	    "From how net revenue went with spend on the last 90 settled "
	    "days with spend, whatever the days of this report. Days with "
	    "more spend may differ in more than spend; only an experiment "
	    "tells what spend causes.",
	    "Not enough data: no settled day with spend.", budget },
	[REPORT_DECILES] = { "deciles", "What lies behind the suggestions",
	    "The average day of each tenth of a campaign's days, ordered by "
	    "spend.",
	    "Not enough data: no settled day with spend.", deciles },
};

bool
report_empty(const struct report *r)
{
	return postgres_rows_count(r->rows[REPORT_CAMPAIGNS]) == 0;
}

size_t
report_column(const struct postgres_rows *rows, const char *name)
{
	size_t c = 0;

	while (strcmp(postgres_column(rows, c), name) != 0)
		c++;
	return c;
}

/* Adds NUMBER with a comma before each three digits of its whole part. */
static void
add_grouped(struct str number, struct buf *out)
{
	size_t point = 0, sign = number.len > 0 && number.data[0] == '-';

	while (point < number.len && number.data[point] != '.')
		point++;
	for (size_t i = 0; i < number.len; i++) {
		if (i > sign && i < point && (point - i) % 3 == 0)
			buf_add_char(out, ',');
		buf_add_char(out, number.data[i]);
	}
}

void
report_value(const struct postgres_rows *rows, size_t row,
    const struct report_column *column, bool grouped, struct buf *out)
{
	size_t c = report_column(rows, column->name);
	struct buf text = { 0 };

	if (postgres_null(rows, row, c)) {
		if (column->form != REPORT_TEXT)
			buf_add_str(out, STR("–"));
		return;
	}
	postgres_show(rows, row, c, &text);
	if (column->form == REPORT_DECIMAL)
		print_rounded(&text, 2);
	if (column->form == REPORT_PERCENT) {
		print_rounded(&text, 1);
		if (text.len > 0 && text.data[0] != '-')
			buf_add_char(out, '+');
		buf_add_str(&text, STR(" %"));
	}
	if (grouped && column->form != REPORT_TEXT)
		add_grouped(buf_str(&text), out);
	else
		buf_add_str(out, buf_str(&text));
	buf_free(&text);
}

/* TEXT in a cell of a table, as text and nothing else. */
static void
escape(struct str text, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if ((unsigned char)c < 0x20 || c == 0x7f)
			c = ' ';
		if (c == '<')
			buf_add_str(out, STR("&lt;"));
		else if (c == '>')
			buf_add_str(out, STR("&gt;"));
		else if (c == '&')
			buf_add_str(out, STR("&amp;"));
		else if (strchr("\\`*_{}[]#!|~@$", c) != NULL ||
			 (c == ':' && i + 1 < text.len &&
			     text.data[i + 1] == '/'))
			buf_printf(out, "\\%c", c);
		else
			buf_add_char(out, c);
	}
}

static void
markdown_table(const struct postgres_rows *rows, const struct report_section *s,
    struct buf *out)
{
	size_t count = postgres_rows_count(rows), shown = count;
	struct buf cell = { 0 };

	if (shown > REPORT_ROWS_MAX && s->columns != campaigns)
		shown = REPORT_ROWS_MAX;
	for (const struct report_column *c = s->columns; c->name; c++)
		buf_printf(out, "| %s ", c->title);
	buf_add_str(out, STR("|\n"));
	for (const struct report_column *c = s->columns; c->name; c++)
		buf_add_str(
		    out, c->form == REPORT_TEXT ? STR("|---") : STR("|---:"));
	buf_add_str(out, STR("|\n"));
	for (size_t row = 0; row < shown; row++) {
		for (const struct report_column *c = s->columns; c->name; c++) {
			cell.len = 0;
			report_value(rows, row, c, false, &cell);
			if (c == campaigns && postgres_int(rows, row, 0) == 0)
				buf_add_str(&cell, STR("total"));
			buf_add_str(out, STR("| "));
			escape(buf_str(&cell), out);
			buf_add_char(out, ' ');
		}
		buf_add_str(out, STR("|\n"));
	}
	if (shown < count)
		buf_printf(out, "\n%zu further rows: --csv\n", count - shown);
	buf_free(&cell);
}

void
report_markdown(const struct report *r, struct buf *out)
{
	buf_add_str(out, STR("# Return on campaigns\n\n"));
	if (r->site != NULL)
		escape(str_of(r->site), out);
	else
		buf_add_str(out, STR("All sites"));
	buf_printf(out, ", %s to %s, model ", r->from, r->to);
	escape(str_of(r->model), out);
	buf_add_str(out, STR(", by the conversion's day, "));
	escape(r->currency, out);
	buf_printf(out, ".\nThe days before are %s to %s. Written ",
	    r->before_from, r->before_to);
	buf_add_str(out, r->made);
	buf_add_str(out, STR(".\n"));
	if (report_empty(r))
		buf_add_str(out, STR("\n**Nothing in these days.**\n"));
	for (int i = 0; i < REPORT_PARTS; i++) {
		const struct report_section *s = &report_sections[i];
		const struct postgres_rows *rows = r->rows[i];
		int64_t left;

		buf_printf(out, "\n## %s\n\n%s\n\n", s->title, s->caption);
		if (postgres_rows_count(rows) == 0) {
			buf_printf(out, "%s\n", s->empty);
			continue;
		}
		markdown_table(rows, s, out);
		if (i != REPORT_CAMPAIGNS)
			continue;
		left = postgres_int(rows, 0, report_column(rows, "left_out"));
		if (left > 0)
			buf_printf(out,
			    "\n%lld smaller rows are only in the sums above "
			    "them: --csv has all\n",
			    (long long)left);
	}
}

void
report_csv(const struct report *r, struct buf *out)
{
	for (int i = 0; i < REPORT_PARTS; i++) {
		const struct postgres_rows *rows = r->rows[i];
		size_t columns = postgres_rows_columns(rows);

		if (i > 0)
			buf_add_str(out, STR("\r\n"));
		buf_printf(out, "%s\r\n", report_sections[i].id);
		/* The last, left_out, is 0: here nothing is. */
		grid_csv(
		    rows, i == REPORT_CAMPAIGNS ? columns - 1 : columns, out);
	}
}

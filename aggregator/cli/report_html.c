/*
 * report_html.c - a report as one page that asks nobody for anything: style
 * and drawing stand in it, there is no script and no link, so that it can be
 * mailed and opened anywhere.
 */
#include "aggregator/cli/report_write.h"

#include <math.h>

#include "common/postgres.h"

static const char style[] =
    ":root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;"
    "--line:#d8dee4;--page:#fff;--tint:#f4f6f8;--in:#0969da;--out:#b35900}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9aa5b1;"
    "--line:#343b44;--page:#0f1318;--tint:#181d24;--in:#6cb0ff;--out:#f0a04b}}"
    "*{box-sizing:border-box}"
    "body{margin:0;background:var(--page);color:var(--ink);"
    "font:16px/1.45 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}"
    "main{max-width:72rem;margin:0 auto;padding:1.25rem 1rem 3rem}"
    "h1{font-size:1.6rem;margin:0 0 .25rem}"
    "h2{font-size:1.15rem;margin:2.25rem 0 .5rem}"
    "p{margin:.25rem 0}.soft,caption,figcaption,dd+dd{color:var(--soft);"
    "font-size:.875rem}"
    ".cards{display:grid;gap:.75rem;margin:1rem 0;"
    "grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr))}"
    ".cards div{background:var(--tint);border:1px solid var(--line);"
    "border-radius:.5rem;padding:.7rem .8rem}"
    "dt{font-size:.875rem;color:var(--soft)}dd{margin:0}"
    "dd.value{font-size:1.35rem;font-weight:600;"
    "font-variant-numeric:tabular-nums}"
    ".scroll{overflow-x:auto}"
    "table{border-collapse:collapse;width:100%;font-size:.875rem;"
    "font-variant-numeric:tabular-nums}"
    "caption{text-align:left;padding:0 0 .5rem}"
    /* It stays in sight and in the window when its table is wider. */
    "caption span{display:block;position:sticky;left:0;"
    "max-width:min(70rem,calc(100vw - 2rem))}"
    "th,td{padding:.35rem .6rem;text-align:left;vertical-align:top;"
    "border-bottom:1px solid var(--line)}"
    "thead th{color:var(--soft);font-weight:600;vertical-align:bottom}"
    "tbody th,tfoot th{font-weight:400;overflow-wrap:anywhere;"
    "min-width:9rem;max-width:22rem}"
    ".n{text-align:right;white-space:nowrap}"
    ".text{min-width:7rem;overflow-wrap:anywhere}"
    ".text:last-child{min-width:13rem}"
    ".l1 th,.l1 td,tfoot th,tfoot td{font-weight:600}"
    ".l1{background:var(--tint)}.l2 th{padding-left:1.5rem}"
    ".l3 th{padding-left:2.6rem;color:var(--soft)}"
    "small{color:var(--soft);display:block}"
    "figure{margin:0}.chart{display:grid;grid-template-columns:auto 1fr;"
    "gap:0 .5rem;font-size:.75rem;color:var(--soft)}"
    ".ticks{display:flex;flex-direction:column;"
    "justify-content:space-between;text-align:right;height:12rem;"
    "line-height:1;font-variant-numeric:tabular-nums}"
    ".chart svg{width:100%;height:12rem;display:block;overflow:visible}"
    ".ends{grid-column:2;display:flex;justify-content:space-between;"
    "padding-top:.35rem}"
    "svg path{fill:none;stroke-width:2;stroke-linejoin:round;"
    "stroke-linecap:round;vector-effect:non-scaling-stroke}"
    "svg .grid{stroke:var(--line);stroke-width:1}"
    ".in{stroke:var(--in)}.out{stroke:var(--out);stroke-dasharray:6 5}"
    "figcaption svg{width:2rem;height:.6rem}"
    "figcaption span{margin-right:1.25rem;white-space:nowrap}"
    "details{margin:.75rem 0}summary{cursor:pointer}"
    ".say{background:var(--tint);border-left:3px solid var(--in);"
    "padding:.6rem .8rem}"
    "@media(max-width:40rem){.text:last-child{min-width:9rem}"
    ".l2 th{padding-left:1rem}"
    ".l3 th{padding-left:1.4rem}}"
    "@media print{.scroll{overflow:visible}h2{break-after:avoid}}";

/* TEXT as text. Control characters, which no page may have, are blanks. */
static void
escape(struct str text, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (c == '<')
			buf_add_str(out, STR("&lt;"));
		else if (c == '>')
			buf_add_str(out, STR("&gt;"));
		else if (c == '&')
			buf_add_str(out, STR("&amp;"));
		else if (c == '"')
			buf_add_str(out, STR("&quot;"));
		else if (c == '\'')
			buf_add_str(out, STR("&#39;"));
		else
			buf_add_char(
			    out, c < 0x20 || c == 0x7f ? ' ' : (char)c);
	}
}

/* The same apart from the text around it, whichever way it is written. */
static void
name(struct str text, struct buf *out)
{
	buf_add_str(out, STR("<bdi>"));
	escape(text, out);
	buf_add_str(out, STR("</bdi>"));
}

static void
value(const struct postgres_rows *rows, size_t row,
    const struct report_column *column, struct buf *out)
{
	struct buf text = { 0 };

	report_value(rows, row, column, true, &text);
	if (column->form == REPORT_TEXT)
		name(buf_str(&text), out);
	else
		escape(buf_str(&text), out);
	buf_free(&text);
}

static void
cell(const struct postgres_rows *rows, size_t row,
    const struct report_column *column, struct buf *out)
{
	buf_printf(out, "<td class=\"%s\">",
	    column->form == REPORT_TEXT ? "text" : "n");
	value(rows, row, column, out);
	buf_add_str(out, STR("</td>"));
}

static void
begin_table(const struct report_section *s, struct buf *out)
{
	buf_printf(out,
	    "<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
	    "aria-labelledby=\"%s-caption\">\n<table>\n"
	    "<caption id=\"%s-caption\"><span>%s</span></caption>\n<thead><tr>",
	    s->id, s->id, s->caption);
}

static void
head(const char *title, bool number, struct buf *out)
{
	buf_printf(out, "<th scope=\"col\"%s>", number ? " class=\"n\"" : "");
	name(str_of(title), out);
	buf_add_str(out, STR("</th>"));
}

static void
end_table(struct buf *out)
{
	buf_add_str(out, STR("</tbody>\n</table>\n</div>\n"));
}

/* A campaign by its name, with where it is below: columns C to C + 3. */
static void
campaign(const struct postgres_rows *rows, size_t row,
    const struct report_column *c, struct buf *out)
{
	value(rows, row, &c[0], out);
	buf_add_str(out, STR("<small>"));
	value(rows, row, &c[1], out);
	buf_add_str(out, STR(" / "));
	value(rows, row, &c[2], out);
	buf_add_str(out, STR(" · "));
	value(rows, row, &c[3], out);
	buf_add_str(out, STR("</small>"));
}

/* Any section: its first column, or its first four, name the row. */
static void
table(const struct postgres_rows *rows, const struct report_section *s,
    struct buf *out)
{
	bool campaigns = s == &report_sections[REPORT_BUDGET] ||
			 s == &report_sections[REPORT_DECILES];
	const struct report_column *rest = s->columns + (campaigns ? 4 : 1);
	size_t count = postgres_rows_count(rows), shown = count;

	if (s != &report_sections[REPORT_DAYS] && shown > REPORT_ROWS_MAX)
		shown = REPORT_ROWS_MAX;
	begin_table(s, out);
	head(s->columns->title, false, out);
	for (const struct report_column *c = rest; c->name; c++)
		head(c->title, c->form != REPORT_TEXT, out);
	buf_add_str(out, STR("</tr></thead>\n<tbody>\n"));
	for (size_t row = 0; row < shown; row++) {
		buf_add_str(out, STR("<tr><th scope=\"row\">"));
		if (campaigns)
			campaign(rows, row, s->columns, out);
		else
			value(rows, row, s->columns, out);
		buf_add_str(out, STR("</th>"));
		for (const struct report_column *c = rest; c->name; c++)
			cell(rows, row, c, out);
		buf_add_str(out, STR("</tr>\n"));
	}
	end_table(out);
	if (shown < count)
		buf_printf(out,
		    "<p class=\"soft\">%zu further rows: --csv</p>\n",
		    count - shown);
}

static void
show_totals(const struct report *r, struct buf *out)
{
	const struct postgres_rows *rows = r->rows[REPORT_TOTALS];
	const struct report_column *c = report_sections[REPORT_TOTALS].columns;

	buf_add_str(out, STR("<dl class=\"cards\">\n"));
	for (size_t row = 0; row < postgres_rows_count(rows); row++) {
		buf_add_str(out, STR("<div><dt>"));
		value(rows, row, &c[0], out);
		buf_add_str(out, STR("</dt><dd class=\"value\">"));
		value(rows, row, &c[1], out);
		buf_add_str(out, STR("</dd><dd>"));
		value(rows, row, &c[3], out);
		buf_add_str(out, STR("</dd><dd>before: "));
		value(rows, row, &c[2], out);
		buf_add_str(out, STR("</dd></div>\n"));
	}
	buf_printf(out,
	    "</dl>\n<p class=\"soft\">Changes are against the days before, %s "
	    "to %s. %s</p>\n",
	    r->before_from, r->before_to,
	    report_sections[REPORT_TOTALS].caption);
}

/* The name of a row of the campaigns: its own level's. */
static void
show_level(const struct postgres_rows *rows, size_t row, int64_t level,
    struct buf *out)
{
	const struct report_column *c =
	    report_sections[REPORT_CAMPAIGNS].columns;

	if (level == 0) {
		buf_add_str(out, STR("Total"));
		return;
	}
	value(rows, row, &c[level - 1], out);
	if (level == 3) {
		buf_add_str(out, STR("<small>"));
		value(rows, row, &c[3], out);
		buf_add_str(out, STR("</small>"));
	}
}

static void
show_campaigns(const struct report *r, struct buf *out)
{
	const struct report_section *s = &report_sections[REPORT_CAMPAIGNS];
	const struct postgres_rows *rows = r->rows[REPORT_CAMPAIGNS];
	size_t count = postgres_rows_count(rows);
	int64_t left = postgres_int(rows, 0, report_column(rows, "left_out"));

	begin_table(s, out);
	head("Channel, source, campaign", false, out);
	for (const struct report_column *c = s->columns + 4; c->name; c++)
		head(c->title, true, out);
	buf_add_str(out, STR("</tr></thead>\n"));
	for (size_t row = 0; row < count; row++) {
		int64_t level = postgres_int(rows, row, 0);

		/* A body a channel; the total, the last row, is the foot. */
		if (level < 2) {
			if (row > 0)
				buf_add_str(out, STR("</tbody>\n"));
			buf_add_str(out,
			    level == 0 ? STR("<tfoot>\n") : STR("<tbody>\n"));
		}
		buf_printf(out, "<tr class=\"l%d\"><th scope=\"%s\">",
		    (int)level, level == 1 ? "rowgroup" : "row");
		show_level(rows, row, level, out);
		buf_add_str(out, STR("</th>"));
		for (const struct report_column *c = s->columns + 4; c->name;
		     c++)
			cell(rows, row, c, out);
		buf_add_str(out, STR("</tr>\n"));
	}
	buf_add_str(out, STR("</tfoot>\n</table>\n</div>\n"));
	if (left > 0)
		buf_printf(out,
		    "<p class=\"soft\">%lld smaller rows are only in the sums "
		    "above them: --csv has all</p>\n",
		    (long long)left);
}

/* A row a channel, a column a model: the query gives every pair. */
static void
show_models(const struct report *r, struct buf *out)
{
	static const struct report_column revenue = { "net_revenue", NULL,
		REPORT_DECIMAL };
	static const struct report_column roas = { "roas", NULL,
		REPORT_DECIMAL };
	const struct report_section *s = &report_sections[REPORT_MODELS];
	const struct postgres_rows *rows = r->rows[REPORT_MODELS];
	size_t count = postgres_rows_count(rows), models = 1;
	struct str first = postgres_text(rows, 0, 0);

	while (models < count && str_eq(postgres_text(rows, models, 0), first))
		models++;
	begin_table(s, out);
	head("Channel", false, out);
	for (size_t i = 0; i < models; i++) {
		struct buf model = { 0 };

		report_value(rows, i, &s->columns[1], false, &model);
		head(buf_text(&model), true, out);
		buf_free(&model);
	}
	buf_add_str(out, STR("</tr></thead>\n<tbody>\n"));
	for (size_t i = 0; i < count; i++) {
		if (i % models == 0) {
			buf_add_str(out, STR("<tr><th scope=\"row\">"));
			value(rows, i, &s->columns[0], out);
			buf_add_str(out, STR("</th>"));
		}
		buf_add_str(out, STR("<td class=\"n\">"));
		value(rows, i, &revenue, out);
		buf_add_str(out, STR("<small>ROAS "));
		value(rows, i, &roas, out);
		buf_add_str(out, STR("</small></td>"));
		if ((i + 1) % models == 0)
			buf_add_str(out, STR("</tr>\n"));
	}
	end_table(out);
}

/* Column NAME of ROW as a number to draw; NaN when it is not known. */
static double
drawn(const struct postgres_rows *rows, size_t row, size_t column)
{
	struct buf text = { 0 };
	int64_t micros;
	double v = NAN;

	if (!postgres_null(rows, row, column)) {
		postgres_show(rows, row, column, &text);
		if (str_micros(buf_str(&text), &micros))
			v = (double)micros / 1e6;
	}
	buf_free(&text);
	return v;
}

/* The round number at or above V > 0: 1, 2 or 5 with zeros. */
static double
round_up(double v)
{
	double unit = pow(10, floor(log10(v)));

	if (v <= unit)
		return unit;
	return v <= 2 * unit ? 2 * unit : v <= 5 * unit ? 5 * unit : 10 * unit;
}

/* The line of column NAME between LOW and HIGH; unknown days are gaps. */
static void
draw(const struct postgres_rows *rows, const char *column, const char *class,
    double low, double high, struct buf *out)
{
	size_t count = postgres_rows_count(rows);
	size_t c = report_column(rows, column);
	bool pen = false;

	buf_printf(out, "<path class=\"%s\" d=\"", class);
	for (size_t i = 0; i < count; i++) {
		double v = drawn(rows, i, c);
		double x =
		    count == 1 ? 500 : 1000.0 * (double)i / (double)(count - 1);

		if (isnan(v)) {
			pen = false;
			continue;
		}
		/* A day between two gaps is a dot, one alone a dash. */
		buf_printf(out,
		    pen          ? "L%.1f %.1f"
		    : count == 1 ? "M%.1f %.1fh12"
				 : "M%.1f %.1fh.01",
		    x, 200 * (high - v) / (high - low));
		pen = true;
	}
	buf_add_str(out, STR("\"/>"));
}

static void
tick(double v, struct buf *out)
{
	buf_printf(out,
	    fabs(v) < 1 && v != 0           ? "<span>%.2f</span>"
	    : fabs(v) < 10 && v != floor(v) ? "<span>%.1f</span>"
					    : "<span>%.0f</span>",
	    v);
}

static void
show_chart(const struct report *r, struct buf *out)
{
	const struct postgres_rows *rows = r->rows[REPORT_DAYS];
	size_t in = report_column(rows, "net_revenue");
	size_t spent = report_column(rows, "cost");
	double low = 0, high = 0;

	for (size_t i = 0; i < postgres_rows_count(rows); i++) {
		low =
		    fmin(low, fmin(drawn(rows, i, in), drawn(rows, i, spent)));
		high =
		    fmax(high, fmax(drawn(rows, i, in), drawn(rows, i, spent)));
	}
	high = high > 0 ? round_up(high) : low < 0 ? 0 : 1;
	low = low < 0 ? -round_up(-low) : 0;
	buf_add_str(out, STR("<figure>\n<div class=\"chart\">"
			     "<div class=\"ticks\" aria-hidden=\"true\">"));
	tick(high, out);
	tick((high + low) / 2, out);
	tick(low, out);
	buf_add_str(out,
	    STR("</div>\n<svg viewBox=\"0 0 1000 200\" "
		"preserveAspectRatio=\"none\" role=\"img\" "
		"aria-label=\"Spend and net revenue of each day; the table "
		"below has the numbers\"><path class=\"grid\" "
		"d=\"M0 0H1000M0 100H1000M0 200H1000\"/>"));
	draw(rows, "cost", "out", low, high, out);
	draw(rows, "net_revenue", "in", low, high, out);
	buf_printf(out,
	    "</svg>\n<div class=\"ends\" aria-hidden=\"true\"><span>%s</span>"
	    "<span>%s</span></div></div>\n",
	    r->from, r->to);
	buf_add_str(out,
	    STR("<figcaption><span><svg viewBox=\"0 0 32 10\" "
		"aria-hidden=\"true\"><path class=\"in\" d=\"M1 5H31\"/></svg> "
		"Net revenue</span><span><svg viewBox=\"0 0 32 10\" "
		"aria-hidden=\"true\"><path class=\"out\" d=\"M1 "
		"5H31\"/></svg> Spend</span></figcaption>\n</figure>\n"));
}

static void
folded(const struct report *r, enum report_part part, const char *summary,
    struct buf *out)
{
	buf_printf(out, "<details><summary>%s</summary>\n", summary);
	table(r->rows[part], &report_sections[part], out);
	buf_add_str(out, STR("</details>\n"));
}

static void
show_section(const struct report *r, enum report_part part, struct buf *out)
{
	const struct report_section *s = &report_sections[part];

	buf_printf(out,
	    "<section aria-labelledby=\"%s\">\n<h2 id=\"%s\">%s</h2>\n", s->id,
	    s->id, s->title);
	if (postgres_rows_count(r->rows[part]) == 0) {
		buf_printf(out,
		    "<p class=\"soft\">%s</p><p class=\"say\">%s</p>\n",
		    s->caption, s->empty);
	} else if (part == REPORT_TOTALS) {
		show_totals(r, out);
	} else if (part == REPORT_CAMPAIGNS) {
		show_campaigns(r, out);
	} else if (part == REPORT_MODELS) {
		show_models(r, out);
	} else if (part == REPORT_DAYS) {
		show_chart(r, out);
		folded(r, REPORT_DAYS, "The numbers", out);
	} else if (part == REPORT_QUALITY) {
		folded(r, part, "Day by day", out);
	} else {
		table(r->rows[part], s, out);
	}
	buf_add_str(out, STR("</section>\n"));
}

/* An element of the page's head line. */
static void
fact(const char *before, struct str text, struct buf *out)
{
	buf_printf(out, " · %s", before);
	name(text, out);
}

void
report_html(const struct report *r, struct buf *out)
{
	struct str site = r->site ? str_of(r->site) : STR("all sites");

	buf_add_str(out,
	    STR("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
		"<meta charset=\"utf-8\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" "
		"content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
		"<meta name=\"viewport\" "
		"content=\"width=device-width, initial-scale=1\">\n"
		"<meta name=\"color-scheme\" content=\"light dark\">\n"
		"<title>"));
	escape(site, out);
	buf_printf(out,
	    ": return on campaigns, %s to %s</title>\n<style>%s</style>\n"
	    "</head>\n<body>\n<main>\n<h1>Return on campaigns</h1>\n"
	    "<p>%s to %s",
	    r->from, r->to, style, r->from, r->to);
	fact("", site, out);
	fact("model ", str_of(r->model), out);
	fact("", r->currency, out);
	buf_add_str(out, STR("</p>\n<p class=\"soft\">Everything counts on the "
			     "conversion's day. Written "));
	escape(r->made, out);
	buf_add_str(out, STR(".</p>\n"));
	if (report_empty(r))
		buf_add_str(
		    out, STR("<p class=\"say\">Nothing in these days.</p>\n"));
	for (int i = 0; i < REPORT_DECILES; i++)
		show_section(r, (enum report_part)i, out);
	if (postgres_rows_count(r->rows[REPORT_DECILES]) > 0)
		folded(r, REPORT_DECILES, report_sections[REPORT_DECILES].title,
		    out);
	buf_add_str(out, STR("</main>\n</body>\n</html>\n"));
}

#include "aggregator/cli/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "aggregator/cli/lines.h"
#include "aggregator/platforms/csv.h"
#include "common/arena.h"
#include "common/clock.h"
#include "common/json.h"

#define PROGRESS_MS 200

struct rows {
	const char *name;
	const struct rows_column *columns;
	const struct rows_map *map;
	size_t column_count;
	struct lines *lines;
	struct error failure; /* of the lines below the csv */
	struct csv *csv;      /* NULL: JSON a line */
	int of[CSV_FIELDS_MAX];
	size_t width;
	struct arena *arena; /* of a row */
	int64_t line, count, refused;
	bool progress, stranger_told;
	int64_t began_ms, shown_ms;
};

static int
column_named(const struct rows_column *columns, struct str name)
{
	for (int c = 0; columns[c].name != NULL; c++) {
		if (str_ieq(name, str_of(columns[c].name)))
			return c;
	}
	return -1;
}

bool
rows_map_add(
    struct rows_map *map, const char *text, const struct rows_column *columns)
{
	struct str rest = str_of(text), part, name;
	ptrdiff_t at;
	int c;

	while (str_cut(&rest, ',', &part)) {
		at = str_find_char(part, '=');
		name = str_trim(str_head(part, at < 0 ? 0 : (size_t)at));
		c = column_named(columns, name);
		if (at < 0 || part.len == (size_t)at + 1) {
			fprintf(stderr,
			    "afterclick: --map %.*s is not column=Title\n",
			    STR_ARG(part));
			return false;
		}
		if (c < 0) {
			fprintf(stderr,
			    "afterclick: --map: there is no column %.*s; "
			    "there are:",
			    STR_ARG(name));
			for (c = 0; columns[c].name != NULL; c++)
				fprintf(stderr, " %s", columns[c].name);
			fputc('\n', stderr);
			return false;
		}
		map->title[c] = str_trim(str_from(part, (size_t)at + 1));
	}
	return true;
}

/* --- telling -------------------------------------------------------------- */

static void
clear_progress(struct rows *r)
{
	if (r->shown_ms != 0)
		fprintf(stderr, "\r\033[K");
	r->shown_ms = 0;
}

static void
progress(struct rows *r)
{
	int64_t now;
	int percent;

	if (!r->progress || r->count % 4096 != 0)
		return;
	now = clock_mono_ms();
	if (now - r->shown_ms < PROGRESS_MS || now == r->began_ms)
		return;
	r->shown_ms = now;
	percent = lines_percent(r->lines);
	fprintf(stderr, "\r\033[K%s: %lld rows, %lld rows/s", r->name,
	    (long long)r->count,
	    (long long)(r->count * 1000 / (now - r->began_ms)));
	if (percent >= 0)
		fprintf(stderr, ", %d %%", percent);
}

bool
rows_refuse_at(
    struct rows *r, int64_t line, const char *column, struct str what)
{
	clear_progress(r);
	fprintf(stderr, "%s:%lld: %s%s%.*s\n", r->name, (long long)line, column,
	    column[0] ? ": " : "", STR_ARG(what));
	r->refused++;
	return false;
}

bool
rows_refuse(struct rows *r, const char *column, const char *what)
{
	return rows_refuse_at(r, r->line, column, str_of(what));
}

/* --- the head of a CSV ---------------------------------------------------- */

/* The column that TITLE is for; a mapped column goes by no other title. */
static int
find_column(const struct rows *r, struct str title)
{
	for (size_t c = 0; c < r->column_count; c++) {
		if (r->map->title[c].len > 0) {
			if (str_ieq(title, r->map->title[c]))
				return (int)c;
		} else if (str_ieq(title, str_of(r->columns[c].name)) ||
			   (r->columns[c].alias != NULL &&
			       str_ieq(title, str_of(r->columns[c].alias)))) {
			return (int)c;
		}
	}
	return -1;
}

static bool
read_head(struct rows *r)
{
	struct csv_row row;
	struct error err;
	bool seen[ROWS_COLUMNS_MAX] = { false }, ok = true;
	enum csv_result result = csv_next(r->csv, &row, &err);

	if (result != CSV_ROW) {
		fprintf(stderr, "%s: %s\n", r->name,
		    result == CSV_END         ? "empty"
		    : r->failure.text[0] != 0 ? r->failure.text
					      : err.text);
		return false;
	}
	r->width = row.count;
	for (size_t i = 0; i < row.count; i++) {
		int c = r->of[i] = find_column(r, str_trim(row.field[i]));

		if (c >= 0 && seen[c]) {
			fprintf(stderr, "%s:%lld: %s: stands twice\n", r->name,
			    (long long)row.line, r->columns[c].name);
			ok = false;
		}
		if (c >= 0)
			seen[c] = true;
	}
	for (size_t c = 0; c < r->column_count; c++) {
		struct str title = r->map->title[c];

		if (seen[c] || (title.len == 0 && !r->columns[c].required))
			continue;
		if (title.len == 0)
			title = str_of(r->columns[c].name);
		fprintf(stderr,
		    "%s:%lld: %s: column \"%.*s\" is missing; --map %s=TITLE "
		    "names another\n",
		    r->name, (long long)row.line, r->columns[c].name,
		    STR_ARG(title), r->columns[c].name);
		ok = false;
	}
	return ok;
}

static ssize_t
read_lines(void *ctx, char *out, size_t room)
{
	struct rows *r = ctx;

	return lines_read(r->lines, out, room, &r->failure);
}

struct rows *
rows_open(const char *file, const struct rows_column *columns,
    const struct rows_map *map)
{
	struct rows *r;
	struct error err;
	struct lines *lines = lines_open(file, &err);
	int first;

	if (lines == NULL) {
		fprintf(stderr, "afterclick: %s\n", err.text);
		return NULL;
	}
	r = mem_zero(1, sizeof(*r));
	r->lines = lines;
	r->name = strcmp(file, "-") == 0 ? "stdin" : file;
	r->columns = columns;
	r->map = map;
	while (columns[r->column_count].name != NULL)
		r->column_count++;
	r->arena = arena_new(65536);
	r->progress = isatty(STDERR_FILENO) != 0;
	r->began_ms = clock_mono_ms();
	err.text[0] = '\0';
	first = lines_peek(lines, &err);
	if (first < 0) {
		fprintf(stderr, "%s: %s\n", r->name,
		    err.text[0] ? err.text : "empty");
		rows_close(r);
		return NULL;
	}
	if (first == '{')
		return r;
	r->csv = csv_new(read_lines, r);
	csv_sniff(r->csv);
	if (!read_head(r)) {
		rows_close(r);
		return NULL;
	}
	return r;
}

void
rows_close(struct rows *r)
{
	if (r == NULL)
		return;
	clear_progress(r);
	csv_free(r->csv);
	lines_close(r->lines);
	arena_free(r->arena);
	free(r);
}

void
rows_progress(struct rows *r)
{
	r->progress = true;
}

/* --- rows ----------------------------------------------------------------- */

/* *GOOD is whether the row is one; ERR says why not, or why all ended. */
static enum rows_step
next_csv(struct rows *r, struct str *value, bool *good, struct error *err)
{
	struct csv_row row;
	enum csv_result result = csv_next(r->csv, &row, err);

	if (result == CSV_END)
		return ROWS_END;
	if (result == CSV_FAILED) {
		if (r->failure.text[0] != '\0')
			*err = r->failure;
		return ROWS_FAILED;
	}
	r->line = row.line;
	*good = result == CSV_ROW;
	if (*good && row.count != r->width)
		*good = error_set(err, ERROR_REJECT,
		    "%zu fields where the head has %zu", row.count, r->width);
	for (size_t i = 0; *good && i < row.count; i++) {
		if (r->of[i] >= 0)
			value[r->of[i]] = str_trim(row.field[i]);
	}
	return ROWS_NEXT;
}

static bool
member(struct rows *r, struct str key, struct str text, struct str *value,
    bool *seen, struct error *err)
{
	int c = find_column(r, key);

	if (c < 0) {
		if (!r->stranger_told)
			fprintf(stderr,
			    "%s:%lld: \"%.*s\" is not used (told once)\n",
			    r->name, (long long)r->line, STR_ARG(key));
		r->stranger_told = true;
		return true;
	}
	if (seen[c])
		return error_set(
		    err, ERROR_REJECT, "%s: stands twice", r->columns[c].name);
	seen[c] = true;
	value[c] = str_trim(text);
	return true;
}

/* Members that nest (items, props, consent) need the tree. */
static bool
read_tree(struct rows *r, struct str line, struct str *value, struct error *err)
{
	const struct json *tree = json_read(r->arena, line, err);
	bool seen[ROWS_COLUMNS_MAX] = { false };

	if (tree == NULL)
		return false;
	if (tree->type != JSON_OBJECT)
		return error_set(err, ERROR_REJECT, "a row is an object");
	memset(value, 0, r->column_count * sizeof(*value));
	for (const struct json *m = tree->child; m != NULL; m = m->next) {
		struct str text =
		    m->type == JSON_STRING || m->type == JSON_NUMBER ? m->text
		    : m->type == JSON_NULL                           ? STR_EMPTY
								     : m->raw;

		if (!member(r, m->key, text, value, seen, err))
			return false;
	}
	return true;
}

static bool
read_line(struct rows *r, struct str line, struct str *value, struct error *err)
{
	struct json_flat flat = json_flat_start(line, r->arena);
	bool seen[ROWS_COLUMNS_MAX] = { false };
	enum json_type type;
	struct str key, text;

	while (json_flat_next(&flat, &key, &type, &text, err)) {
		if (type == JSON_TRUE || type == JSON_FALSE)
			text = type == JSON_TRUE ? STR("true") : STR("false");
		else if (type == JSON_NULL)
			text = STR_EMPTY;
		if (!member(r, key, text, value, seen, err))
			return false;
	}
	return flat.ended || read_tree(r, line, value, err);
}

static enum rows_step
next_json(struct rows *r, struct str *value, bool *good, struct error *err)
{
	struct str line;
	enum lines_step step =
	    lines_next_text(r->lines, CSV_ROW_MAX, &line, err);

	if (step == LINES_END)
		return ROWS_END;
	if (step == LINES_FAILED)
		return ROWS_FAILED;
	r->line = (int64_t)lines_number(r->lines);
	*good = step == LINES_LONG
		    ? error_set(err, ERROR_REJECT, "longer than 1 MiB")
		    : read_line(r, line, value, err);
	return ROWS_NEXT;
}

enum rows_step
rows_next(struct rows *r, struct str *value)
{
	enum rows_step step;
	struct error err;
	bool good;

	for (;;) {
		arena_reset(r->arena);
		memset(value, 0, r->column_count * sizeof(*value));
		step = r->csv != NULL ? next_csv(r, value, &good, &err)
				      : next_json(r, value, &good, &err);
		if (step == ROWS_FAILED) {
			clear_progress(r);
			fprintf(stderr, "%s: %s\n", r->name, err.text);
		}
		if (step != ROWS_NEXT) {
			clear_progress(r);
			return step;
		}
		r->count++;
		progress(r);
		if (good)
			return ROWS_NEXT;
		rows_refuse(r, "", err.text);
	}
}

int64_t
rows_line(const struct rows *r)
{
	return r->line;
}

int64_t
rows_count(const struct rows *r)
{
	return r->count;
}

int64_t
rows_refused(const struct rows *r)
{
	return r->refused;
}

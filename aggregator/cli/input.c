#include "aggregator/cli/input.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "aggregator/cli/lines.h"
#include "common/clock.h"

#define PROGRESS_MS 200

static ssize_t
read_lines(void *ctx, char *out, size_t room)
{
	struct input *in = ctx;

	return lines_read(in->lines, out, room, &in->error);
}

bool
input_open(struct input *in, const char *file)
{
	*in = (struct input){ .name = strcmp(file, "-") == 0 ? "stdin" : file };
	in->lines = lines_open(file, &in->error);
	if (in->lines == NULL) {
		fprintf(stderr, "%s\n", in->error.text);
		return false;
	}
	in->progress = isatty(STDERR_FILENO);
	in->csv = csv_new(read_lines, in);
	csv_sniff(in->csv);
	return true;
}

static void
clear_progress(const struct input *in)
{
	if (in->shown_ms != 0)
		fprintf(stderr, "\r\033[K");
}

static void
progress(struct input *in)
{
	int64_t now;
	int percent;

	if (!in->progress || in->read % 256 != 0)
		return;
	now = clock_mono_ms();
	if (now - in->shown_ms < PROGRESS_MS)
		return;
	in->shown_ms = now;
	percent = lines_percent(in->lines);
	fprintf(stderr, "\r\033[K%s: %lld rows", in->name, (long long)in->read);
	if (percent >= 0)
		fprintf(stderr, " (%d %%)", percent);
}

bool
input_refuse(struct input *in, const char *column, const char *what)
{
	clear_progress(in);
	fprintf(stderr, "%s:%lld: %s%s%s\n", in->name, (long long)in->row.line,
	    column, column[0] ? ": " : "", what);
	in->refused++;
	return false;
}

bool
input_head(struct input *in)
{
	struct error err;

	switch (csv_next(in->csv, &in->row, &err)) {
	case CSV_ROW:
		in->width = in->row.count;
		return true;
	case CSV_END:
		fprintf(stderr, "%s: empty\n", in->name);
		return false;
	case CSV_FAILED:
		fprintf(stderr, "%s\n", in->error.text);
		return false;
	default:
		fprintf(stderr, "%s:%lld: %s\n", in->name,
		    (long long)in->row.line, err.text);
		return false;
	}
}

static bool
names(const struct input_column *column, struct str title)
{
	return str_ieq(title, str_of(column->name)) ||
	       (column->alias != NULL && str_ieq(title, str_of(column->alias)));
}

bool
input_columns(struct input *in, const struct input_column *columns)
{
	bool ok = true;
	struct str title;
	int c;

	in->columns = columns;
	for (int i = 0; i < INPUT_COLUMNS_MAX; i++)
		in->at[i] = -1;
	for (size_t i = 0; i < in->width; i++) {
		title = str_trim(in->row.field[i]);
		for (c = 0; columns[c].name != NULL; c++) {
			if (names(&columns[c], title))
				break;
		}
		if (columns[c].name == NULL) {
			fprintf(stderr, "%s:%lld: column %zu is not used\n",
			    in->name, (long long)in->row.line, i + 1);
		} else if (in->at[c] >= 0) {
			fprintf(stderr, "%s:%lld: %s: stands twice\n", in->name,
			    (long long)in->row.line, columns[c].name);
			ok = false;
		} else {
			in->at[c] = (int)i;
		}
	}
	for (c = 0; columns[c].name != NULL; c++) {
		if (columns[c].required && in->at[c] < 0) {
			fprintf(stderr, "%s:%lld: %s: column is missing\n",
			    in->name, (long long)in->row.line, columns[c].name);
			ok = false;
		}
	}
	return ok;
}

enum csv_result
input_row(struct input *in)
{
	struct error err;
	enum csv_result result = csv_next(in->csv, &in->row, &err);

	if (result == CSV_ROW || result == CSV_BAD) {
		in->read++;
		progress(in);
		if (result == CSV_BAD)
			in->error = err;
		return result;
	}
	clear_progress(in);
	if (result == CSV_FAILED)
		fprintf(stderr, "%s\n", in->error.text);
	return result;
}

enum csv_result
input_next(struct input *in)
{
	enum csv_result result;
	char what[80];

	for (;;) {
		result = input_row(in);
		if (result == CSV_BAD) {
			input_refuse(in, "", in->error.text);
			continue;
		}
		if (result != CSV_ROW || in->row.count == in->width)
			return result;
		snprintf(what, sizeof(what),
		    "%zu fields where the head has %zu", in->row.count,
		    in->width);
		input_refuse(in, "", what);
	}
}

struct str
input_value(const struct input *in, int i)
{
	return in->at[i] < 0 ? STR_EMPTY : str_trim(in->row.field[in->at[i]]);
}

void
input_close(struct input *in)
{
	csv_free(in->csv);
	in->csv = NULL;
	lines_close(in->lines);
	in->lines = NULL;
}

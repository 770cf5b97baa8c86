#include "aggregator/cli/train_paths.h"

#include <stdlib.h>

#include "aggregator/cli/input.h"
#include "aggregator/store/sql.h" /* made from store/sql/ by make */
#include "common/postgres.h"

#define COUNT_MAX (INT64_C(1) << 40)

/* Adds PATH, channels with SEP between. Pointers into t->channel come last:
 * it moves while it grows. */
static void
add(struct train_paths *t, struct str path, char sep, int64_t conversions,
    int64_t value_micros, int64_t nulls)
{
	struct learn_path *p;
	struct str channel;
	size_t from = t->channels;
	bool fresh;

	while (str_cut(&path, sep, &channel)) {
		channel = str_trim(channel);
		if (channel.len == 0)
			continue;
		if (t->channels == t->channel_cap) {
			t->channel_cap =
			    t->channel_cap == 0 ? 4096 : t->channel_cap * 2;
			t->channel = mem_grow(
			    t->channel, t->channel_cap * sizeof(*t->channel));
		}
		t->channel[t->channels++] =
		    (int32_t)names_put(t->names, channel, &fresh);
	}
	if (t->channels == from)
		return;
	if (t->count == t->cap) {
		t->cap = t->cap == 0 ? 1024 : t->cap * 2;
		t->at = mem_grow(t->at, t->cap * sizeof(*t->at));
	}
	p = &t->at[t->count++];
	*p = (struct learn_path){ .count = t->channels - from,
		.conversions = conversions,
		.nulls = nulls };
	t->conversions += conversions;
	t->nulls += nulls;
	t->value_micros += value_micros;
}

static void
point(struct train_paths *t)
{
	size_t from = 0;

	for (size_t i = 0; i < t->count; i++) {
		t->at[i].channel = t->channel + from;
		from += t->at[i].count;
	}
}

bool
train_paths_query(struct train_paths *t, struct postgres *pg, int32_t from,
    int32_t to, const char *site, struct error *err)
{
	struct postgres_args args = { 0 };
	struct postgres_rows *r;

	t->names = names_new();
	postgres_arg_day(&args, from);
	postgres_arg_day(&args, to);
	if (site != NULL)
		postgres_arg_text(&args, str_of(site));
	else
		postgres_arg_null(&args);
	r = postgres_query(pg, sql_train_paths, &args, err);
	postgres_args_free(&args);
	if (r == NULL)
		return error_wrap(err, "reading paths");
	for (size_t i = 0; i < postgres_rows_count(r); i++)
		add(t, postgres_text(r, i, 0), '\x1f', postgres_int(r, i, 1),
		    postgres_int(r, i, 2), postgres_int(r, i, 3));
	postgres_rows_free(r);
	point(t);
	return true;
}

enum { PATH, CONVERSIONS, VALUE, NULLS };
static const struct input_column columns[] = {
	[PATH] = { "path", NULL, true },
	[CONVERSIONS] = { "conversions", NULL, true },
	[VALUE] = { "value", NULL, false },
	[NULLS] = { "nulls", NULL, false },
	{ NULL, NULL, false },
};

static void
read_row(struct train_paths *t, struct input *in)
{
	struct str value = input_value(in, VALUE);
	struct str lost = input_value(in, NULLS);
	int64_t conversions, nulls = 0, micros = 0;

	if (!str_int(input_value(in, CONVERSIONS), 0, COUNT_MAX, &conversions))
		input_refuse(in, "conversions", "not a whole number");
	else if (lost.len > 0 && !str_int(lost, 0, COUNT_MAX, &nulls))
		input_refuse(in, "nulls", "not a whole number");
	else if (value.len > 0 && !str_micros(value, &micros))
		input_refuse(
		    in, "value", "not a decimal number of at most six places");
	else
		add(t, input_value(in, PATH), '>', conversions, micros, nulls);
}

bool
train_paths_read(struct train_paths *t, const char *file)
{
	enum csv_result result = CSV_FAILED;
	struct input in;
	bool open = input_open(&in, file);

	t->names = names_new();
	if (open && input_head(&in) && input_columns(&in, columns)) {
		while ((result = input_next(&in)) == CSV_ROW)
			read_row(t, &in);
	}
	if (open) {
		t->refused = in.refused;
		input_close(&in);
	}
	point(t);
	return result == CSV_END;
}

void
train_paths_free(struct train_paths *t)
{
	names_free(t->names);
	free(t->at);
	free(t->channel);
}

bool
train_paths_lend(
    const struct train_paths *t, struct learn_paths *out, struct error *err)
{
	size_t n = names_count(t->names);

	if (n > LEARN_CHANNELS_MAX)
		return error_set(err, ERROR_REJECT,
		    "the paths have %zu channels, a model takes up to %d: "
		    "group them in channels.yaml",
		    n, LEARN_CHANNELS_MAX);
	*out = (struct learn_paths){ t->at, t->count, n };
	return true;
}

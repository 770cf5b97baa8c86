#include "aggregator/cli/options.h"

#include <assert.h>
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "aggregator/cli/commands.h"
#include "common/calendar.h"
#include "common/process.h"
#include "common/str.h"

#define NAME_MAX_BYTES 64 /* names longer than that are like none of ours */

/* Set while options_of() asks: options_read() answers instead of reading. */
static const struct options_command **asked;

static size_t
least3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Levenshtein's distance, names cut at NAME_MAX_BYTES. */
static size_t
distance(const char *a, const char *b)
{
	size_t row[NAME_MAX_BYTES + 1], above, diagonal;
	size_t la = strnlen(a, NAME_MAX_BYTES), lb = strnlen(b, NAME_MAX_BYTES);

	for (size_t j = 0; j <= lb; j++)
		row[j] = j;
	for (size_t i = 1; i <= la; i++) {
		diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			above = row[j];
			row[j] = least3(above + 1, row[j - 1] + 1,
			    diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[lb];
}

const char *
options_nearest(const char *name, const char *const *words, size_t count)
{
	size_t best = SIZE_MAX, d;
	const char *nearest = NULL;

	for (size_t i = 0; i < count; i++) {
		d = distance(name, words[i]);
		if (d < best) {
			best = d;
			nearest = words[i];
		}
	}
	/* Beyond a third of its letters it is another word. */
	return best <= strlen(name) / 3 + 1 ? nearest : NULL;
}

bool
options_duration(const char *text, long long *ms)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 },
		{ "h", 3600000 }, { "d", 86400000 } };
	size_t digits = strspn(text, "0123456789");
	int64_t n;

	if (!str_int(str_make(text, digits), 0, 1000000000, &n))
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(text + digits, units[i].unit) == 0) {
			*ms = n * units[i].ms;
			return true;
		}
	}
	return false;
}

static void
help(const struct options_command *c)
{
	const struct options_row *row;
	char left[48];

	printf("usage: afterclick %s\n\n%s\n", c->usage, c->summary);
	if (c->rows[0].name != NULL)
		printf("\n");
	for (row = c->rows; row->name != NULL; row++) {
		snprintf(left, sizeof(left), "--%s%s%s", row->name,
		    row->kind == OPTIONS_FLAG ? "" : " ",
		    row->kind == OPTIONS_FLAG ? "" : row->value);
		printf("  %-22s %s", left, row->help);
		if (row->kind == OPTIONS_CHOICE) {
			for (int i = 0; row->choices[i] != NULL; i++)
				printf("%s%s", i == 0 ? ": " : ", ",
				    row->choices[i]);
		}
		printf("\n");
	}
}

static const struct options_row *
find(const struct options_command *c, struct str name)
{
	const struct options_row *row;

	for (row = c->rows; row->name != NULL; row++) {
		if (str_is(name, row->name))
			return row;
	}
	return NULL;
}

static void
unknown(const struct options_command *c, const char *argument)
{
	const char *words[64], *nearest;
	char name[NAME_MAX_BYTES];
	size_t n = 0;

	for (const struct options_row *r = c->rows; r->name != NULL; r++) {
		assert(n < sizeof(words) / sizeof(words[0]));
		words[n++] = r->name;
	}
	snprintf(name, sizeof(name), "%s", argument + strspn(argument, "-"));
	name[strcspn(name, "=")] = '\0';
	nearest = options_nearest(name, words, n);
	fprintf(stderr, "afterclick: no option %s", argument);
	if (nearest != NULL)
		fprintf(stderr, "; did you mean --%s?", nearest);
	fprintf(stderr, "\n");
}

/* Stores TEXT as ROW says; false when it is no such value. */
static bool
store(const struct options_row *row, const char *text, void *target)
{
	void *at = (char *)target + row->offset;
	long long ms;
	int32_t day;

	switch (row->kind) {
	case OPTIONS_FLAG:
		*(bool *)at = true;
		return true;
	case OPTIONS_TEXT:
		*(const char **)at = text;
		return true;
	case OPTIONS_DAY:
		if (!calendar_parse_day(str_of(text), &day))
			return false;
		*(int32_t *)at = day;
		return true;
	case OPTIONS_DURATION:
		if (!options_duration(text, &ms))
			return false;
		*(int64_t *)at = ms;
		return true;
	case OPTIONS_CHOICE:
		for (int i = 0; row->choices[i] != NULL; i++) {
			if (strcmp(text, row->choices[i]) == 0) {
				*(int *)at = i;
				return true;
			}
		}
		return false;
	}
	return false;
}

static void
wrong_value(const struct options_row *row, const char *text)
{
	const char *wanted = row->kind == OPTIONS_DAY ? "a day: YYYY-MM-DD"
			     : row->kind == OPTIONS_DURATION
				 ? "a time such as 30s"
				 : "one of";

	fprintf(
	    stderr, "afterclick: --%s %s is not %s", row->name, text, wanted);
	for (int i = 0; row->kind == OPTIONS_CHOICE && row->choices[i]; i++)
		fprintf(stderr, "%s%s", i == 0 ? " " : ", ", row->choices[i]);
	fprintf(stderr, "\n");
}

/* Reads option ARGV[I]; returns how many arguments it took, 0 if wrong. */
static int
read_one(const struct options_command *c, int argc, char **argv, int i,
    void *target, uint64_t *given)
{
	const char *argument = argv[i], *text = NULL;
	const char *equals = strchr(argument, '=');
	const struct options_row *row = NULL;
	struct str name;
	int used = 1;

	if (argument[1] == '-') {
		name = str_make(
		    argument + 2, equals ? (size_t)(equals - argument) - 2
					 : strlen(argument) - 2);
		row = find(c, name);
	}
	if (row == NULL) {
		unknown(c, argument);
		return 0;
	}
	if (row->kind == OPTIONS_FLAG && equals != NULL) {
		fprintf(stderr, "afterclick: --%s takes no value\n", row->name);
		return 0;
	}
	if (row->kind != OPTIONS_FLAG) {
		if (equals != NULL)
			text = equals + 1;
		else if (i + 1 < argc)
			text = argv[i + used++];
		else {
			fprintf(stderr, "afterclick: --%s needs %s\n",
			    row->name, row->value);
			return 0;
		}
	}
	if (!store(row, text, target)) {
		wrong_value(row, text);
		return 0;
	}
	*given |= UINT64_C(1) << (row - c->rows);
	return used;
}

static bool
complete(const struct options_command *c, uint64_t given, int operands)
{
	for (int i = 0; c->rows[i].name != NULL; i++) {
		if (c->rows[i].required && (given >> i & 1) == 0) {
			fprintf(stderr, "afterclick: --%s %s is missing\n",
			    c->rows[i].name, c->rows[i].value);
			return false;
		}
	}
	if (operands < c->least || (c->most >= 0 && operands > c->most)) {
		fprintf(stderr, "afterclick: %s arguments\n",
		    operands < c->least ? "too few" : "too many");
		return false;
	}
	return true;
}

bool
options_read(const struct options_command *command, int argc, char **argv,
    void *target, struct operands *operands, int *code)
{
	struct operands plain = { argv + 1, 0 };
	uint64_t given = 0;
	bool ended = false; /* by "--" */
	int used;

	if (asked != NULL) {
		*asked = command;
		*code = EXIT_OK;
		return false;
	}
	*code = EXIT_USAGE;
	for (int i = 1; i < argc; i += used) {
		used = 1;
		if (ended || argv[i][0] != '-' || argv[i][1] == '\0') {
			plain.at[plain.count++] = argv[i];
		} else if (strcmp(argv[i], "--") == 0) {
			ended = true;
		} else if (strcmp(argv[i], "--help") == 0 ||
			   strcmp(argv[i], "-h") == 0) {
			help(command);
			*code = EXIT_OK;
			return false;
		} else {
			used = read_one(command, argc, argv, i, target, &given);
			if (used == 0)
				goto wrong;
		}
	}
	if (!complete(command, given, plain.count))
		goto wrong;
	*operands = plain;
	return true;
wrong:
	fprintf(stderr, "usage: afterclick %s\n", command->usage);
	return false;
}

const struct options_command *
options_of(
    int (*run)(int argc, char **argv, const struct cli *cli), const char *name)
{
	const struct options_command *found = NULL;
	const struct cli cli = { CLI_DEFAULT_CONFIG };
	char *argv[] = { str_dup(str_of(name)), NULL };

	asked = &found;
	run(1, argv, &cli);
	asked = NULL;
	free(argv[0]);
	assert(found != NULL);
	return found;
}

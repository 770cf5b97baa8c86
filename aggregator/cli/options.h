/*
 * options.h - a command's options as a table: parsing, checking and --help
 * follow from its rows.
 */
#ifndef AGGREGATOR_CLI_OPTIONS_H
#define AGGREGATOR_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"

enum options_kind {
	OPTIONS_FLAG,     /* bool: --dry-run */
	OPTIONS_TEXT,     /* const char *, lent from argv: --site shop */
	OPTIONS_DAY,      /* int32_t: --from 2026-03-01 */
	OPTIONS_DURATION, /* int64_t ms: --timeout 60s */
	OPTIONS_CHOICE    /* int, index into choices: --by campaign */
};

struct options_row {
	const char *name; /* without the dashes; NULL ends a table */
	enum options_kind kind;
	size_t offset;
	const char *value; /* what --help calls the value: DAY */
	const char *help;  /* one line */
	bool required;
	const char *const *choices; /* ends in NULL */
};

struct options_command {
	const char *usage;   /* behind "afterclick ": "roi --from DAY" */
	const char *summary; /* lines for --help */
	const struct options_row *rows;
	int least, most; /* operands; MOST -1: any number */
};

/* What stands in argv beside options; lent from argv. */
struct operands {
	char **at;
	int count;
};

/*
 * Reads ARGV (ARGV[0] is the command) into TARGET, whose defaults are set
 * already, and moves the operands to the front of ARGV + 1. False when there
 * is nothing to run: *CODE is EXIT_OK after --help, EXIT_USAGE after a
 * mistake, which was told on stderr.
 */
bool options_read(const struct options_command *command, int argc, char **argv,
    void *target, struct operands *operands, int *code) MUST_CHECK;

struct cli;
/*
 * The table of the command RUN, called NAME, which is not run: for what is
 * made of all tables. Not for several threads.
 */
const struct options_command *options_of(
    int (*run)(int argc, char **argv, const struct cli *cli), const char *name);

/* The word of WORDS (COUNT of them) nearest to NAME; NULL when none is. */
const char *options_nearest(
    const char *name, const char *const *words, size_t count);

/* "250ms", "30s", "5m", "12h", "30d" to ms; false if it is none of them. */
bool options_duration(const char *text, long long *ms) MUST_CHECK;

#endif

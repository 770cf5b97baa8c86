/*
 * lines.h - a text file line by line, gzipped or not, from disk or standard
 * input.
 */
#ifndef AGGREGATOR_CLI_LINES_H
#define AGGREGATOR_CLI_LINES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/error.h"
#include "common/str.h"

struct lines;

/* FILE may be "-", standard input. NULL and ERR when it cannot be read. The
 * caller owns the result. */
struct lines *lines_open(const char *file, struct error *err) MUST_CHECK;
/* NULL is allowed. */
void lines_close(struct lines *l);

enum lines_step {
	LINES_NEXT, /* LINE was read */
	LINES_LONG, /* a line over MAX bytes: LINE is its head, the rest is gone
		     */
	LINES_END,
	LINES_FAILED /* ERR says why: a damaged or cut-off file */
};
/*
 * Lends the next line, without "\n" or "\r\n", until the next call. The last
 * one needs no newline.
 */
enum lines_step lines_next(
    struct lines *l, size_t max, struct str *line, struct error *err);
/* As lines_next(), passing over lines of white space. */
enum lines_step lines_next_text(
    struct lines *l, size_t max, struct str *line, struct error *err);
/*
 * Up to ROOM bytes of what lines_next() would go on with into OUT, as they
 * are in the inflated file; 0 at its end, -1 and ERR on failure.
 */
ssize_t lines_read(struct lines *l, char *out, size_t room, struct error *err);
/* The next byte without taking it; -1 at the end and on failure. */
int lines_peek(struct lines *l, struct error *err);
/* The number of the line last read, from 1. */
uint64_t lines_number(const struct lines *l);
/* How much of the file is read, 0-100; -1 when its size is not known. */
int lines_percent(const struct lines *l);

#endif

/*
 * csv.h - comma-separated values (RFC 4180), read as a stream: a file of any
 * size needs no more memory than its longest row.
 *
 * LF and CRLF end a row, a byte order mark is skipped, empty lines are
 * skipped. UTF-16 is read as well as UTF-8. A malformed row is told and the
 * next line read on.
 */
#ifndef AGGREGATOR_PLATFORMS_CSV_H
#define AGGREGATOR_PLATFORMS_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/error.h"
#include "common/str.h"

#define CSV_ROW_MAX 1048576 /* bytes */
#define CSV_FIELDS_MAX 256

struct csv;
struct csv_row {
	const struct str *field; /* lent until the next csv_next() */
	size_t count;
	int64_t line; /* where it starts, from 1 */
};

/* Up to ROOM bytes into OUT; 0 at the end, -1 and errno on failure. */
typedef ssize_t csv_source(void *ctx, char *out, size_t room);

struct csv *csv_new(csv_source *source, void *ctx);
void csv_free(struct csv *c); /* NULL is allowed */

/*
 * Before the first row: finds out what separates the fields, a comma (also
 * without this), a semicolon or a tab. Reads at most 16 KiB ahead.
 */
void csv_sniff(struct csv *c);

enum csv_result {
	CSV_ROW,
	CSV_BAD,   /* ERR says why ROW->line is no row; go on */
	CSV_END,   /* nothing follows */
	CSV_FAILED /* the source failed */
};
enum csv_result csv_next(
    struct csv *c, struct csv_row *row, struct error *err) MUST_CHECK;

/*
 * Appends VALUE as a field, quoted where needed. Text that a spreadsheet
 * would take for a formula gets a ' in front: campaign names come from
 * strangers.
 */
void csv_text(struct buf *out, struct str value);
/* The same without the ': for programs, which take it for a part of the id;
 * what csv_formula() is true of must not go there. */
void csv_exact(struct buf *out, struct str value);
/* Whether a spreadsheet would take VALUE for a formula. */
bool csv_formula(struct str value);

#endif

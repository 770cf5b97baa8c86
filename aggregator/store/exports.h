/*
 * exports.h - what is to be sent to an ad platform, and the receipts of what
 * was: prepared, then sent, then accepted or rejected.
 *
 * Each step is committed before the next is taken, so that after any crash
 * the receipts tell what surely left, what surely did not, and what nobody
 * knows.
 */
#ifndef AGGREGATOR_STORE_EXPORTS_H
#define AGGREGATOR_STORE_EXPORTS_H

#include "aggregator/platforms/export.h"
#include "common/error.h"

struct postgres;
struct postgres_rows;

#define EXPORTS_PAGE 2000   /* rows; no request of a platform is larger */
#define EXPORTS_POST "post" /* where a receipt's file would stand */

struct exports_scope {
	const char *platform, *site, *currency;
};

struct exports_question {
	int64_t from_ms, to_ms;    /* conversions' times; TO is not in it */
	const char *const *clicks; /* as in export_platform */
	int model;                 /* whose share; -1: the whole value */
	int64_t resend_since_ms;   /* unanswered posts since then go again */
	bool resend, retry;        /* unanswered at any time; rejected */
};

enum exports_skip {
	EXPORTS_GO,
	EXPORTS_ALREADY,
	EXPORTS_UNKNOWN,
	EXPORTS_REJECTED,
	EXPORTS_NO_CREDIT,
	EXPORTS_REFUNDED,
	EXPORTS_HELD_OUT
};

struct exports_row {
	struct export_row row;
	enum exports_skip skip;
	int32_t revision;
	const char *via; /* where it goes; the caller's */
};

/* False without ERR set when another export holds the lock. */
bool exports_lock(struct postgres *pg, const struct exports_scope *s,
    bool *locked, struct error *err) MUST_CHECK;
/*
 * Settles what an export that was cut off had prepared: what was for a file
 * that stands is sent, the rest is forgotten.
 */
bool exports_recover(struct postgres *pg, const struct exports_scope *s,
    bool (*file_stands)(const char *path), struct error *err) MUST_CHECK;

/* Writes the plan into a temporary table. */
bool exports_plan(struct postgres *pg, const struct exports_scope *s,
    const struct exports_question *q, struct error *err) MUST_CHECK;
/*
 * The next rows of the plan behind *AT into ROWS (EXPORTS_PAGE of them),
 * COUNT 0 at the end. Texts are lent until *HOLD is freed by
 * postgres_rows_free(), or live in ARENA.
 */
bool exports_page(struct postgres *pg, const struct exports_scope *s,
    int64_t *at, struct exports_row *rows, size_t *count, struct arena *arena,
    struct postgres_rows **hold, struct error *err) MUST_CHECK;

/* AGAIN: receipts that are there become prepared too. */
bool exports_prepare(struct postgres *pg, const struct exports_scope *s,
    struct exports_row *const *rows, size_t count, bool again,
    struct error *err) MUST_CHECK;
/* STATE is "sent" or "prepared"; with TAKEN it is the answer. */
bool exports_mark(struct postgres *pg, const struct exports_scope *s,
    struct exports_row *const *rows, size_t count, const char *state,
    const bool *taken, const struct str *reason, struct error *err) MUST_CHECK;
bool exports_file_done(struct postgres *pg, const struct exports_scope *s,
    const char *path, struct error *err) MUST_CHECK;

#endif

/*
 * postgres.h - PostgreSQL, and the only way to it: parameters in binary,
 * results in binary, COPY in binary, no text ever pasted into SQL.
 *
 * Errors are classified by SQLSTATE: ERROR_RETRY for lost connections,
 * deadlock, serialization, too many clients, out of disk, read-only and
 * shutting down; ERROR_REJECT for data the server will not take (class 22,
 * 23 but for unique violations, which are ERROR_RETRY); ERROR_FATAL for the
 * rest (wrong password, missing table).
 */
#ifndef COMMON_POSTGRES_H
#define COMMON_POSTGRES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/digest.h"
#include "common/error.h"
#include "common/str.h"

struct postgres;
struct postgres_rows;
struct postgres_copy;

struct config_place;
/* A check of a SETTING_TEXT (see config.h): it is a DSN, or empty. */
void postgres_check_dsn(const void *value, struct config_place *place);

/*
 * Connects by DSN (keywords or URI); PASSWORD may be "" and never shows in
 * an error. Session: search_path afterclick, UTC, application_name NAME, no
 * JIT (compiling our views takes longer than running them).
 */
struct postgres *postgres_open(const char *dsn, const char *password,
    const char *name, struct error *err) MUST_CHECK;
void postgres_close(struct postgres *pg); /* NULL is allowed */
/* True after a connection was lost: close and open again. */
bool postgres_broken(const struct postgres *pg);

bool postgres_begin(struct postgres *pg, struct error *err) MUST_CHECK;
enum postgres_commit {
	POSTGRES_COMMITTED,
	POSTGRES_NOT_COMMITTED,
	POSTGRES_UNKNOWN /* the answer was lost: read back before going on */
};
enum postgres_commit postgres_commit(
    struct postgres *pg, struct error *err) MUST_CHECK;
void postgres_rollback(struct postgres *pg); /* harmless outside */
/*
 * Inside a transaction: STEP(CTX), taken back and repeated from a savepoint
 * when the server asks for that (deadlock, serialization), a few times. What
 * stands before it, a file staged by COPY say, need not be read again.
 */
bool postgres_attempt(struct postgres *pg,
    bool (*step)(void *ctx, struct error *err), void *ctx,
    struct error *err) MUST_CHECK;

/* Runs SQL without parameters, several statements allowed (migrations). */
bool postgres_script(
    struct postgres *pg, const char *sql, struct error *err) MUST_CHECK;

/*
 * Parameters, in order $1, $2, ... Values are copied. A zeroed struct is
 * empty; postgres_args_free() when done, postgres_args_reset() to reuse.
 */
struct postgres_args {
	struct buf bytes;
	struct {
		size_t at;
		int length; /* -1: NULL */
		uint32_t type;
	} value[32];
	int count;
};
void postgres_args_reset(struct postgres_args *a);
void postgres_args_free(struct postgres_args *a);
void postgres_arg_null(struct postgres_args *a);
void postgres_arg_bool(struct postgres_args *a, bool v);
void postgres_arg_int4(struct postgres_args *a, int32_t v);
void postgres_arg_int8(struct postgres_args *a, int64_t v);
void postgres_arg_text(struct postgres_args *a, struct str v);
void postgres_arg_bytes(struct postgres_args *a, struct str v);
void postgres_arg_uuid(struct postgres_args *a, struct hash128 v);
void postgres_arg_time(struct postgres_args *a, int64_t ms);
void postgres_arg_day(struct postgres_args *a, int32_t day);
/* Arrays, for `= ANY($1)` and unnest(). */
void postgres_arg_int4s(struct postgres_args *a, const int32_t *v, size_t n);
void postgres_arg_int8s(struct postgres_args *a, const int64_t *v, size_t n);
void postgres_arg_texts(struct postgres_args *a, const struct str *v, size_t n);
void postgres_arg_uuids(
    struct postgres_args *a, const struct hash128 *v, size_t n);
void postgres_arg_times(struct postgres_args *a, const int64_t *ms, size_t n);
void postgres_arg_days(struct postgres_args *a, const int32_t *day, size_t n);
void postgres_arg_bools(struct postgres_args *a, const bool *v, size_t n);

/*
 * Runs one statement, prepared on its first use on this connection (SQL must
 * live as long as PG: a string from sql.h). ARGS may be NULL. AFFECTED, if
 * not NULL, gets the rows changed.
 */
bool postgres_exec(struct postgres *pg, const char *sql,
    const struct postgres_args *args, int64_t *affected,
    struct error *err) MUST_CHECK;
/* The same, with its rows; the caller owns them: postgres_rows_free(). */
struct postgres_rows *postgres_query(struct postgres *pg, const char *sql,
    const struct postgres_args *args, struct error *err) MUST_CHECK;

void postgres_rows_free(struct postgres_rows *r); /* NULL is allowed */
size_t postgres_rows_count(const struct postgres_rows *r);
size_t postgres_rows_columns(const struct postgres_rows *r);
const char *postgres_column(const struct postgres_rows *r, size_t col);
/* Values; asserts that the column has such a type. Texts are lent until the
 * rows are freed. NULL reads as 0, false, empty. */
bool postgres_null(const struct postgres_rows *r, size_t row, size_t col);
bool postgres_bool(const struct postgres_rows *r, size_t row, size_t col);
int64_t postgres_int(const struct postgres_rows *r, size_t row, size_t col);
double postgres_double(const struct postgres_rows *r, size_t row, size_t col);
struct str postgres_text(const struct postgres_rows *r, size_t row, size_t col);
struct str postgres_bytes(
    const struct postgres_rows *r, size_t row, size_t col);
struct hash128 postgres_uuid(
    const struct postgres_rows *r, size_t row, size_t col);
int64_t postgres_time(const struct postgres_rows *r, size_t row, size_t col);
int32_t postgres_day(const struct postgres_rows *r, size_t row, size_t col);
/* bigint[] into OUT, at most MAX; returns how many the array holds. */
size_t postgres_int8s(const struct postgres_rows *r, size_t row, size_t col,
    int64_t *out, size_t max);
/* date[] likewise. */
size_t postgres_days(const struct postgres_rows *r, size_t row, size_t col,
    int32_t *out, size_t max);
/* Whether the column's type is a number. */
bool postgres_number(const struct postgres_rows *r, size_t col);
/* Whether it is a boolean. */
bool postgres_boolean(const struct postgres_rows *r, size_t col);
/* Any value shown as text (numeric, date, timestamp, bigint, ...), appended
 * to OUT the way psql shows it; nothing for NULL. For printing tables. */
void postgres_show(
    const struct postgres_rows *r, size_t row, size_t col, struct buf *out);

/*
 * SQL is `COPY t (...) FROM STDIN (FORMAT binary)`. Inside a transaction.
 * Each row: postgres_copy_row(), then its values in order.
 */
struct postgres_copy *postgres_copy_open(
    struct postgres *pg, const char *sql, struct error *err) MUST_CHECK;
void postgres_copy_row(struct postgres_copy *c, int columns);
void postgres_copy_null(struct postgres_copy *c);
void postgres_copy_bool(struct postgres_copy *c, bool v);
void postgres_copy_int2(struct postgres_copy *c, int16_t v);
void postgres_copy_int4(struct postgres_copy *c, int32_t v);
void postgres_copy_int8(struct postgres_copy *c, int64_t v);
void postgres_copy_text(struct postgres_copy *c, struct str v);
void postgres_copy_bytes(struct postgres_copy *c, struct str v);
void postgres_copy_uuid(struct postgres_copy *c, struct hash128 v);
void postgres_copy_time(struct postgres_copy *c, int64_t ms);
void postgres_copy_day(struct postgres_copy *c, int32_t day);
void postgres_copy_int8s(struct postgres_copy *c, const int64_t *v, size_t n);
void postgres_copy_days(struct postgres_copy *c, const int32_t *v, size_t n);
/* Ends and frees the copy, well or not. */
bool postgres_copy_close(struct postgres_copy *c, struct error *err) MUST_CHECK;
/* Gives up and frees; NULL is allowed. */
void postgres_copy_cancel(struct postgres_copy *c);

#endif

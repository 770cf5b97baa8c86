/*
 * postgres_args.c - parameters of a statement, packed in binary one behind
 * the other; arrays carry many rows in one statement.
 */
#include "common/postgres.h"

#include <assert.h>

#include "common/postgres_wire.h"

void
postgres_args_reset(struct postgres_args *a)
{
	a->bytes.len = 0;
	a->count = 0;
}

void
postgres_args_free(struct postgres_args *a)
{
	buf_free(&a->bytes);
	a->count = 0;
}

/* Opens the next parameter; its bytes follow, then finish(). */
static struct buf *
start(struct postgres_args *a, uint32_t type)
{
	assert((size_t)a->count < sizeof(a->value) / sizeof(a->value[0]));
	a->value[a->count].at = a->bytes.len;
	a->value[a->count].type = type;
	return &a->bytes;
}

static void
finish(struct postgres_args *a)
{
	size_t len = a->bytes.len - a->value[a->count].at;

	assert(len <= INT32_MAX);
	a->value[a->count].length = (int)len;
	a->count++;
}

void
postgres_arg_null(struct postgres_args *a)
{
	start(a, 0); /* the server infers the type */
	a->value[a->count].length = -1;
	a->count++;
}

void
postgres_arg_bool(struct postgres_args *a, bool v)
{
	buf_add_char(start(a, POSTGRES_BOOL), v);
	finish(a);
}

void
postgres_arg_int4(struct postgres_args *a, int32_t v)
{
	postgres_put_int4(start(a, POSTGRES_INT4), v);
	finish(a);
}

void
postgres_arg_int8(struct postgres_args *a, int64_t v)
{
	postgres_put_int8(start(a, POSTGRES_INT8), v);
	finish(a);
}

void
postgres_arg_text(struct postgres_args *a, struct str v)
{
	buf_add_str(start(a, POSTGRES_TEXT), v);
	finish(a);
}

void
postgres_arg_bytes(struct postgres_args *a, struct str v)
{
	buf_add_str(start(a, POSTGRES_BYTEA), v);
	finish(a);
}

void
postgres_arg_uuid(struct postgres_args *a, struct hash128 v)
{
	postgres_put_uuid(start(a, POSTGRES_UUID), v);
	finish(a);
}

void
postgres_arg_time(struct postgres_args *a, int64_t ms)
{
	postgres_put_time(start(a, POSTGRES_TIMESTAMPTZ), ms);
	finish(a);
}

void
postgres_arg_day(struct postgres_args *a, int32_t day)
{
	postgres_put_day(start(a, POSTGRES_DATE), day);
	finish(a);
}

static struct buf *
start_array(struct postgres_args *a, uint32_t type, uint32_t element, size_t n)
{
	struct buf *b = start(a, type);

	postgres_put_array(b, element, n);
	return b;
}

void
postgres_arg_int4s(struct postgres_args *a, const int32_t *v, size_t n)
{
	struct buf *b = start_array(a, POSTGRES_INT4S, POSTGRES_INT4, n);

	for (size_t i = 0; i < n; i++) {
		postgres_put_int4(b, 4);
		postgres_put_int4(b, v[i]);
	}
	finish(a);
}

void
postgres_arg_int8s(struct postgres_args *a, const int64_t *v, size_t n)
{
	struct buf *b = start_array(a, POSTGRES_INT8S, POSTGRES_INT8, n);

	for (size_t i = 0; i < n; i++) {
		postgres_put_int4(b, 8);
		postgres_put_int8(b, v[i]);
	}
	finish(a);
}

void
postgres_arg_texts(struct postgres_args *a, const struct str *v, size_t n)
{
	struct buf *b = start_array(a, POSTGRES_TEXTS, POSTGRES_TEXT, n);

	for (size_t i = 0; i < n; i++) {
		assert(v[i].len <= INT32_MAX);
		postgres_put_int4(b, (int32_t)v[i].len);
		buf_add_str(b, v[i]);
	}
	finish(a);
}

void
postgres_arg_uuids(struct postgres_args *a, const struct hash128 *v, size_t n)
{
	struct buf *b = start_array(a, POSTGRES_UUIDS, POSTGRES_UUID, n);

	for (size_t i = 0; i < n; i++) {
		postgres_put_int4(b, 16);
		postgres_put_uuid(b, v[i]);
	}
	finish(a);
}

void
postgres_arg_times(struct postgres_args *a, const int64_t *ms, size_t n)
{
	struct buf *b = start_array(a, POSTGRES_TIMES, POSTGRES_TIMESTAMPTZ, n);

	for (size_t i = 0; i < n; i++) {
		postgres_put_int4(b, 8);
		postgres_put_time(b, ms[i]);
	}
	finish(a);
}

void
postgres_arg_days(struct postgres_args *a, const int32_t *day, size_t n)
{
	struct buf *b = start_array(a, POSTGRES_DATES, POSTGRES_DATE, n);

	for (size_t i = 0; i < n; i++) {
		postgres_put_int4(b, 4);
		postgres_put_day(b, day[i]);
	}
	finish(a);
}

void
postgres_arg_bools(struct postgres_args *a, const bool *v, size_t n)
{
	struct buf *b = start_array(a, POSTGRES_BOOLS, POSTGRES_BOOL, n);

	for (size_t i = 0; i < n; i++) {
		postgres_put_int4(b, 1);
		buf_add_char(b, v[i]);
	}
	finish(a);
}

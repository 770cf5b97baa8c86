/*
 * postgres_rows.c - values of a result, read from their binary form. A type
 * that a column does not have is our own mistake, so it is asserted.
 */
#include "common/postgres.h"

#include <assert.h>

#include "common/postgres_internal.h"
#include "common/postgres_wire.h"

/* The same, and asserts that the column is of TYPE. */
static struct str
typed(const struct postgres_rows *r, size_t row, size_t col, uint32_t type)
{
	assert(postgres_rows_type(r, col) == type);
	return postgres_rows_raw(r, row, col);
}

bool
postgres_bool(const struct postgres_rows *r, size_t row, size_t col)
{
	struct str v = typed(r, row, col, POSTGRES_BOOL);

	return v.data != NULL && v.data[0];
}

int64_t
postgres_int(const struct postgres_rows *r, size_t row, size_t col)
{
	struct str v = postgres_rows_raw(r, row, col);

	switch (postgres_rows_type(r, col)) {
	case POSTGRES_INT2:
		return v.data ? postgres_get_int2(v.data) : 0;
	case POSTGRES_INT4:
		return v.data ? postgres_get_int4(v.data) : 0;
	case POSTGRES_OID:
		return v.data ? (uint32_t)postgres_get_int4(v.data) : 0;
	default:
		assert(postgres_rows_type(r, col) == POSTGRES_INT8);
		return v.data ? postgres_get_int8(v.data) : 0;
	}
}

double
postgres_double(const struct postgres_rows *r, size_t row, size_t col)
{
	struct str v = postgres_rows_raw(r, row, col);
	uint32_t bits4;
	uint64_t bits8;
	float single;
	double full;

	if (postgres_rows_type(r, col) == POSTGRES_FLOAT4) {
		bits4 = v.data ? (uint32_t)postgres_get_int4(v.data) : 0;
		memcpy(&single, &bits4, sizeof(single));
		return (double)single;
	}
	assert(postgres_rows_type(r, col) == POSTGRES_FLOAT8);
	bits8 = v.data ? (uint64_t)postgres_get_int8(v.data) : 0;
	memcpy(&full, &bits8, sizeof(full));
	return full;
}

struct str
postgres_text(const struct postgres_rows *r, size_t row, size_t col)
{
	struct str v = postgres_rows_raw(r, row, col);

	switch (postgres_rows_type(r, col)) {
	case POSTGRES_JSONB: /* a version byte comes first */
		return str_from(v, 1);
	case POSTGRES_TEXT:
	case POSTGRES_VARCHAR:
	case POSTGRES_BPCHAR:
	case POSTGRES_CHAR:
	case POSTGRES_NAME:
	case POSTGRES_JSON:
		return v;
	default:
		assert(postgres_rows_type(r, col) == POSTGRES_UNKNOWN_TYPE);
		return v;
	}
}

struct str
postgres_bytes(const struct postgres_rows *r, size_t row, size_t col)
{
	return typed(r, row, col, POSTGRES_BYTEA);
}

struct hash128
postgres_uuid(const struct postgres_rows *r, size_t row, size_t col)
{
	struct str v = typed(r, row, col, POSTGRES_UUID);

	return v.data ? postgres_get_uuid(v.data) : (struct hash128){ 0, 0 };
}

int64_t
postgres_time(const struct postgres_rows *r, size_t row, size_t col)
{
	struct str v = typed(r, row, col, POSTGRES_TIMESTAMPTZ);

	return v.data ? postgres_get_time(v.data) : 0;
}

int32_t
postgres_day(const struct postgres_rows *r, size_t row, size_t col)
{
	struct str v = typed(r, row, col, POSTGRES_DATE);

	return v.data ? postgres_get_day(v.data) : 0;
}

size_t
postgres_int8s(const struct postgres_rows *r, size_t row, size_t col,
    int64_t *out, size_t max)
{
	struct str v = typed(r, row, col, POSTGRES_INT8S), element;
	struct postgres_array a;
	size_t n;

	if (v.data == NULL)
		return 0;
	n = postgres_array_start(&a, v);
	for (size_t i = 0; i < max && postgres_array_next(&a, &element); i++)
		out[i] = element.data ? postgres_get_int8(element.data) : 0;
	return n;
}

size_t
postgres_days(const struct postgres_rows *r, size_t row, size_t col,
    int32_t *out, size_t max)
{
	struct str v = typed(r, row, col, POSTGRES_DATES), element;
	struct postgres_array a;
	size_t n;

	if (v.data == NULL)
		return 0;
	n = postgres_array_start(&a, v);
	for (size_t i = 0; i < max && postgres_array_next(&a, &element); i++)
		out[i] = element.data ? postgres_get_day(element.data) : 0;
	return n;
}

bool
postgres_number(const struct postgres_rows *r, size_t col)
{
	switch (postgres_rows_type(r, col)) {
	case POSTGRES_INT2:
	case POSTGRES_INT4:
	case POSTGRES_INT8:
	case POSTGRES_FLOAT4:
	case POSTGRES_FLOAT8:
	case POSTGRES_NUMERIC:
		return true;
	default:
		return false;
	}
}

bool
postgres_boolean(const struct postgres_rows *r, size_t col)
{
	return postgres_rows_type(r, col) == POSTGRES_BOOL;
}

void
postgres_show(
    const struct postgres_rows *r, size_t row, size_t col, struct buf *out)
{
	struct str v = postgres_rows_raw(r, row, col);

	if (v.data != NULL)
		postgres_wire_show(postgres_rows_type(r, col), v, out);
}

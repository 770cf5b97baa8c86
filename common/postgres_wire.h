/*
 * postgres_wire.h - PostgreSQL's binary formats, without a connection: what
 * parameters, COPY rows and results are made of.
 */
#ifndef COMMON_POSTGRES_WIRE_H
#define COMMON_POSTGRES_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/digest.h"
#include "common/str.h"

/* Type numbers that every PostgreSQL has (pg_type.dat). */
enum postgres_type {
	POSTGRES_BOOL = 16,
	POSTGRES_BYTEA = 17,
	POSTGRES_CHAR = 18,
	POSTGRES_NAME = 19,
	POSTGRES_INT8 = 20,
	POSTGRES_INT2 = 21,
	POSTGRES_INT4 = 23,
	POSTGRES_TEXT = 25,
	POSTGRES_OID = 26,
	POSTGRES_JSON = 114,
	POSTGRES_FLOAT4 = 700,
	POSTGRES_FLOAT8 = 701,
	POSTGRES_UNKNOWN_TYPE = 705,
	POSTGRES_BOOLS = 1000,
	POSTGRES_INT2S = 1005,
	POSTGRES_INT4S = 1007,
	POSTGRES_TEXTS = 1009,
	POSTGRES_INT8S = 1016,
	POSTGRES_FLOAT8S = 1022,
	POSTGRES_BPCHAR = 1042,
	POSTGRES_VARCHAR = 1043,
	POSTGRES_DATE = 1082,
	POSTGRES_TIMESTAMP = 1114,
	POSTGRES_DATES = 1182,
	POSTGRES_TIMESTAMPTZ = 1184,
	POSTGRES_TIMES = 1185,
	POSTGRES_NUMERIC = 1700,
	POSTGRES_UUID = 2950,
	POSTGRES_UUIDS = 2951,
	POSTGRES_JSONB = 3802
};

/* Append a number, most significant byte first. */
void postgres_put_int2(struct buf *b, int16_t v);
void postgres_put_int4(struct buf *b, int32_t v);
void postgres_put_int8(struct buf *b, int64_t v);
void postgres_put_uuid(struct buf *b, struct hash128 v);
/* Instants in ms and days, both since 1970, as PostgreSQL counts them. */
void postgres_put_time(struct buf *b, int64_t ms);
void postgres_put_day(struct buf *b, int32_t day);
/* The head of a one-dimensional array of N elements without NULLs; each
 * element follows as its length and its bytes. */
void postgres_put_array(struct buf *b, uint32_t element, size_t n);

int16_t postgres_get_int2(const char *p);
int32_t postgres_get_int4(const char *p);
int64_t postgres_get_int8(const char *p);
struct hash128 postgres_get_uuid(const char *p);
int64_t postgres_get_time(const char *p);
int32_t postgres_get_day(const char *p);

/* Walks an array: START gives the number of elements (all dimensions). */
struct postgres_array {
	struct str rest;
	uint32_t element;
	size_t left;
};
size_t postgres_array_start(struct postgres_array *a, struct str value);
/* The next element; a NULL has data NULL. False at the end. */
bool postgres_array_next(struct postgres_array *a, struct str *element);

/* Appends VALUE of TYPE to OUT as psql shows it. */
void postgres_wire_show(uint32_t type, struct str value, struct buf *out);

#endif

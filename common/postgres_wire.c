/*
 * postgres_wire.c - see the header. PostgreSQL counts from 2000-01-01, in
 * microseconds and days; we count from 1970 in milliseconds and days.
 */
#include "common/postgres_wire.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/calendar.h"

#define EPOCH_DAY 10957 /* 2000-01-01 as days since 1970 */
#define EPOCH_MS (EPOCH_DAY * DAY_MS)

void
postgres_put_int2(struct buf *b, int16_t v)
{
	uint16_t u = (uint16_t)v;
	char out[2] = { (char)(u >> 8), (char)u };

	buf_add(b, out, sizeof(out));
}

void
postgres_put_int4(struct buf *b, int32_t v)
{
	uint32_t u = (uint32_t)v;
	char out[4] = { (char)(u >> 24), (char)(u >> 16), (char)(u >> 8),
		(char)u };

	buf_add(b, out, sizeof(out));
}

void
postgres_put_int8(struct buf *b, int64_t v)
{
	uint64_t u = (uint64_t)v;
	char out[8];

	for (int i = 7; i >= 0; i--, u >>= 8)
		out[i] = (char)u;
	buf_add(b, out, sizeof(out));
}

void
postgres_put_uuid(struct buf *b, struct hash128 v)
{
	postgres_put_int8(b, (int64_t)v.hi);
	postgres_put_int8(b, (int64_t)v.lo);
}

void
postgres_put_time(struct buf *b, int64_t ms)
{
	int64_t us;

	/* Beyond what fits, a value that the server refuses as out of range
	 * (its extremes mean infinity). */
	if (__builtin_sub_overflow(ms, EPOCH_MS, &us) ||
	    __builtin_mul_overflow(us, 1000, &us))
		us = ms < 0 ? INT64_MIN + 1 : INT64_MAX - 1;
	postgres_put_int8(b, us);
}

void
postgres_put_day(struct buf *b, int32_t day)
{
	postgres_put_int4(b, day - EPOCH_DAY);
}

void
postgres_put_array(struct buf *b, uint32_t element, size_t n)
{
	assert(n <= INT32_MAX);
	postgres_put_int4(b, n > 0); /* dimensions */
	postgres_put_int4(b, 0);     /* no NULLs */
	postgres_put_int4(b, (int32_t)element);
	if (n > 0) {
		postgres_put_int4(b, (int32_t)n);
		postgres_put_int4(b, 1); /* subscripts from 1 */
	}
}

int16_t
postgres_get_int2(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	return (int16_t)(u[0] << 8 | u[1]);
}

int32_t
postgres_get_int4(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	return (int32_t)((uint32_t)u[0] << 24 | (uint32_t)u[1] << 16 |
			 (uint32_t)u[2] << 8 | u[3]);
}

int64_t
postgres_get_int8(const char *p)
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 8 | (unsigned char)p[i];
	return (int64_t)v;
}

struct hash128
postgres_get_uuid(const char *p)
{
	return (struct hash128){ (uint64_t)postgres_get_int8(p),
		(uint64_t)postgres_get_int8(p + 8) };
}

/* A / B rounded down, for instants before the epoch too. */
static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

int64_t
postgres_get_time(const char *p)
{
	return floor_div(postgres_get_int8(p), 1000) + EPOCH_MS;
}

int32_t
postgres_get_day(const char *p)
{
	int32_t day = postgres_get_int4(p);

	/* infinity stays the largest day instead of wrapping around. */
	return day > INT32_MAX - EPOCH_DAY ? INT32_MAX : day + EPOCH_DAY;
}

size_t
postgres_array_start(struct postgres_array *a, struct str value)
{
	int32_t dimensions;
	size_t n = 1;

	assert(value.len >= 12);
	dimensions = postgres_get_int4(value.data);
	a->element = (uint32_t)postgres_get_int4(value.data + 8);
	a->rest = str_from(value, 12);
	if (dimensions == 0)
		n = 0;
	for (int32_t i = 0; i < dimensions; i++) {
		assert(a->rest.len >= 8);
		n *= (size_t)postgres_get_int4(a->rest.data);
		a->rest = str_from(a->rest, 8);
	}
	a->left = n;
	return n;
}

bool
postgres_array_next(struct postgres_array *a, struct str *element)
{
	int32_t len;

	if (a->left == 0)
		return false;
	a->left--;
	assert(a->rest.len >= 4);
	len = postgres_get_int4(a->rest.data);
	a->rest = str_from(a->rest, 4);
	if (len < 0) {
		*element = STR_EMPTY;
		return true;
	}
	assert(a->rest.len >= (size_t)len);
	*element =
	    (struct str){ a->rest.data ? a->rest.data : "", (size_t)len };
	a->rest = str_from(a->rest, (size_t)len);
	return true;
}

/* --- values as text --------------------------------------------------------
 */

#define NUMERIC_NEGATIVE 0x4000
#define NUMERIC_NAN 0xC000
#define NUMERIC_INFINITY 0xD000
#define NUMERIC_MINUS_INFINITY 0xF000

/* Digits of base 10,000, the first worth 10,000^weight. */
static void
show_numeric(struct str v, struct buf *out)
{
	int digits, weight, sign, scale;
	char part[16];

	assert(v.len >= 8);
	digits = postgres_get_int2(v.data);
	weight = postgres_get_int2(v.data + 2);
	sign = (uint16_t)postgres_get_int2(v.data + 4);
	scale = postgres_get_int2(v.data + 6);
	assert(v.len >= 8 + 2 * (size_t)digits);
	if (sign == NUMERIC_NAN || sign == NUMERIC_INFINITY ||
	    sign == NUMERIC_MINUS_INFINITY) {
		buf_add_str(out, sign == NUMERIC_NAN        ? STR("NaN")
				 : sign == NUMERIC_INFINITY ? STR("Infinity")
							    : STR("-Infinity"));
		return;
	}
#define DIGIT(i)                                                               \
	((i) >= 0 && (i) < digits ? postgres_get_int2(v.data + 8 + 2 * (i)) : 0)
	if (sign == NUMERIC_NEGATIVE)
		buf_add_char(out, '-');
	if (weight < 0)
		buf_add_char(out, '0');
	for (int i = 0; i <= weight; i++)
		buf_printf(out, i == 0 ? "%d" : "%04d", DIGIT(i));
	if (scale > 0)
		buf_add_char(out, '.');
	for (int i = weight + 1; scale > 0; i++, scale -= 4) {
		snprintf(part, sizeof(part), "%04d", DIGIT(i));
		buf_add(out, part, scale < 4 ? (size_t)scale : 4);
	}
#undef DIGIT
}

static void
show_day(int32_t raw, struct buf *out)
{
	int year, month, mday;

	if (raw == INT32_MAX || raw == INT32_MIN) {
		buf_add_str(
		    out, raw == INT32_MAX ? STR("infinity") : STR("-infinity"));
		return;
	}
	calendar_civil(raw + EPOCH_DAY, &year, &month, &mday);
	buf_printf(out, "%04d-%02d-%02d", year, month, mday);
}

static void
show_time(int64_t us, bool zone, struct buf *out)
{
	int64_t day = floor_div(us, DAY_MS * 1000);
	int64_t rest = us - day * DAY_MS * 1000;
	int micros = (int)(rest % 1000000);
	int seconds = (int)(rest / 1000000);
	char fraction[8];
	size_t n;

	if (us == INT64_MAX || us == INT64_MIN) {
		buf_add_str(
		    out, us == INT64_MAX ? STR("infinity") : STR("-infinity"));
		return;
	}
	show_day((int32_t)day, out);
	buf_printf(out, " %02d:%02d:%02d", seconds / 3600, seconds / 60 % 60,
	    seconds % 60);
	if (micros > 0) {
		n = (size_t)snprintf(
		    fraction, sizeof(fraction), ".%06d", micros);
		while (fraction[n - 1] == '0')
			n--;
		buf_add(out, fraction, n);
	}
	if (zone)
		buf_add_str(out, STR("+00")); /* our sessions run in UTC */
}

/* The shortest text that reads back as V. */
static void
show_double(double v, int least, int most, bool single, struct buf *out)
{
	char text[40];

	if (!isfinite(v)) {
		buf_add_str(out, isnan(v) ? STR("NaN")
				 : v > 0  ? STR("Infinity")
					  : STR("-Infinity"));
		return;
	}
	for (int digits = least; digits <= most; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, v);
		if (single ? strtof(text, NULL) == (float)v
			   : strtod(text, NULL) == v)
			break;
	}
	buf_add_str(out, str_of(text));
}

static bool
needs_quotes(struct str s)
{
	if (s.len == 0 || str_ieq(s, STR("NULL")))
		return true;
	for (size_t i = 0; i < s.len; i++) {
		if (strchr("{},\"\\ \t\n\r\v\f", s.data[i]) != NULL)
			return true;
	}
	return false;
}

static void
show_array(struct str v, struct buf *out)
{
	struct postgres_array a;
	struct str element;
	struct buf text = { 0 };
	const char *comma = "";

	postgres_array_start(&a, v);
	buf_add_char(out, '{');
	while (postgres_array_next(&a, &element)) {
		buf_add_str(out, str_of(comma));
		comma = ",";
		if (element.data == NULL) {
			buf_add_str(out, STR("NULL"));
			continue;
		}
		text.len = 0;
		postgres_wire_show(a.element, element, &text);
		if (!needs_quotes(buf_str(&text))) {
			buf_add_str(out, buf_str(&text));
			continue;
		}
		buf_add_char(out, '"');
		for (size_t i = 0; i < text.len; i++) {
			if (text.data[i] == '"' || text.data[i] == '\\')
				buf_add_char(out, '\\');
			buf_add_char(out, text.data[i]);
		}
		buf_add_char(out, '"');
	}
	buf_add_char(out, '}');
	buf_free(&text);
}

static void
show_uuid(struct str v, struct buf *out)
{
	char hex[33];

	digest_hex(v.data, 16, hex);
	buf_printf(out, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
	    hex + 16, hex + 20);
}

static void
show_bytes(struct str v, struct buf *out)
{
	buf_add_str(out, STR("\\x"));
	for (size_t i = 0; i < v.len; i++)
		buf_printf(out, "%02x", (unsigned char)v.data[i]);
}

static float
get_float4(const char *p)
{
	uint32_t u = (uint32_t)postgres_get_int4(p);
	float f;

	memcpy(&f, &u, sizeof(f));
	return f;
}

static double
get_float8(const char *p)
{
	uint64_t u = (uint64_t)postgres_get_int8(p);
	double d;

	memcpy(&d, &u, sizeof(d));
	return d;
}

void
postgres_wire_show(uint32_t type, struct str v, struct buf *out)
{
	switch (type) {
	case POSTGRES_BOOL:
		buf_add_char(out, v.data[0] ? 't' : 'f');
		break;
	case POSTGRES_INT2:
		buf_add_int(out, postgres_get_int2(v.data));
		break;
	case POSTGRES_INT4:
		buf_add_int(out, postgres_get_int4(v.data));
		break;
	case POSTGRES_OID:
		buf_add_int(out, (uint32_t)postgres_get_int4(v.data));
		break;
	case POSTGRES_INT8:
		buf_add_int(out, postgres_get_int8(v.data));
		break;
	case POSTGRES_FLOAT4:
		show_double((double)get_float4(v.data), 6, 9, true, out);
		break;
	case POSTGRES_FLOAT8:
		show_double(get_float8(v.data), 15, 17, false, out);
		break;
	case POSTGRES_NUMERIC:
		show_numeric(v, out);
		break;
	case POSTGRES_DATE:
		show_day(postgres_get_int4(v.data), out);
		break;
	case POSTGRES_TIMESTAMP:
	case POSTGRES_TIMESTAMPTZ:
		show_time(postgres_get_int8(v.data),
		    type == POSTGRES_TIMESTAMPTZ, out);
		break;
	case POSTGRES_UUID:
		show_uuid(v, out);
		break;
	case POSTGRES_BYTEA:
		show_bytes(v, out);
		break;
	case POSTGRES_JSONB:
		buf_add_str(out, str_from(v, 1)); /* behind its version */
		break;
	case POSTGRES_BOOLS:
	case POSTGRES_INT2S:
	case POSTGRES_INT4S:
	case POSTGRES_INT8S:
	case POSTGRES_TEXTS:
	case POSTGRES_FLOAT8S:
	case POSTGRES_DATES:
	case POSTGRES_TIMES:
	case POSTGRES_UUIDS:
		show_array(v, out);
		break;
	default: /* text and its kin are sent as they are */
		buf_add_str(out, v);
		break;
	}
}

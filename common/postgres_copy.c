/*
 * postgres_copy.c - COPY FROM STDIN in binary. Rows gather in a buffer and
 * go out in pieces of 64 KB; the first failure is kept and told at the end,
 * so that whoever writes rows need not look at each value.
 */
#include "common/postgres.h"

#include <assert.h>
#include <stdlib.h>

#include "common/postgres_internal.h"
#include "common/postgres_wire.h"

#define FLUSH_BYTES 65536

static const char signature[] = "PGCOPY\n\377\r\n";

struct postgres_copy {
	struct postgres *pg;
	struct buf out;
	int left; /* values the open row still wants */
	bool failed;
	struct error first; /* why, when failed */
};

struct postgres_copy *
postgres_copy_open(struct postgres *pg, const char *sql, struct error *err)
{
	struct postgres_copy *c;

	if (!postgres_copy_start(pg, sql, err))
		return NULL;
	c = mem_zero(1, sizeof(*c));
	c->pg = pg;
	buf_reserve(&c->out, FLUSH_BYTES + 4096);
	buf_add(&c->out, signature, sizeof(signature)); /* its NUL counts */
	postgres_put_int4(&c->out, 0);                  /* flags */
	postgres_put_int4(&c->out, 0);                  /* no extension */
	return c;
}

static void
flush(struct postgres_copy *c)
{
	if (!c->failed)
		c->failed = !postgres_copy_send(
		    c->pg, c->out.data, c->out.len, &c->first);
	c->out.len = 0;
}

void
postgres_copy_row(struct postgres_copy *c, int columns)
{
	assert(c->left == 0 && columns > 0 && columns <= INT16_MAX);
	if (c->out.len >= FLUSH_BYTES)
		flush(c);
	postgres_put_int2(&c->out, (int16_t)columns);
	c->left = columns;
}

/* Announces a value of LEN bytes; -1 is NULL. */
static struct buf *
value(struct postgres_copy *c, int32_t len)
{
	assert(c->left > 0);
	c->left--;
	postgres_put_int4(&c->out, len);
	return &c->out;
}

void
postgres_copy_null(struct postgres_copy *c)
{
	value(c, -1);
}

void
postgres_copy_bool(struct postgres_copy *c, bool v)
{
	buf_add_char(value(c, 1), v);
}

void
postgres_copy_int2(struct postgres_copy *c, int16_t v)
{
	postgres_put_int2(value(c, 2), v);
}

void
postgres_copy_int4(struct postgres_copy *c, int32_t v)
{
	postgres_put_int4(value(c, 4), v);
}

void
postgres_copy_int8(struct postgres_copy *c, int64_t v)
{
	postgres_put_int8(value(c, 8), v);
}

void
postgres_copy_text(struct postgres_copy *c, struct str v)
{
	assert(v.len <= INT32_MAX);
	buf_add_str(value(c, (int32_t)v.len), v);
}

void
postgres_copy_bytes(struct postgres_copy *c, struct str v)
{
	postgres_copy_text(c, v); /* both are sent as they are */
}

void
postgres_copy_uuid(struct postgres_copy *c, struct hash128 v)
{
	postgres_put_uuid(value(c, 16), v);
}

void
postgres_copy_time(struct postgres_copy *c, int64_t ms)
{
	postgres_put_time(value(c, 8), ms);
}

void
postgres_copy_day(struct postgres_copy *c, int32_t day)
{
	postgres_put_day(value(c, 4), day);
}

/* The length of an array of N elements of WIDTH bytes. */
static int32_t
array_bytes(size_t n, size_t width)
{
	assert(n < INT32_MAX / 16);
	return (int32_t)(n == 0 ? 12 : 20 + n * (4 + width));
}

void
postgres_copy_int8s(struct postgres_copy *c, const int64_t *v, size_t n)
{
	struct buf *b = value(c, array_bytes(n, 8));

	postgres_put_array(b, POSTGRES_INT8, n);
	for (size_t i = 0; i < n; i++) {
		postgres_put_int4(b, 8);
		postgres_put_int8(b, v[i]);
	}
}

void
postgres_copy_days(struct postgres_copy *c, const int32_t *v, size_t n)
{
	struct buf *b = value(c, array_bytes(n, 4));

	postgres_put_array(b, POSTGRES_DATE, n);
	for (size_t i = 0; i < n; i++) {
		postgres_put_int4(b, 4);
		postgres_put_day(b, v[i]);
	}
}

static void
release(struct postgres_copy *c)
{
	buf_free(&c->out);
	free(c);
}

bool
postgres_copy_close(struct postgres_copy *c, struct error *err)
{
	struct error end;
	bool ok;

	assert(c->left == 0);
	postgres_put_int2(&c->out, -1); /* the end of the rows */
	flush(c);
	ok =
	    postgres_copy_end(c->pg, c->failed ? "not sent whole" : NULL, &end);
	if (c->failed) {
		end = c->first; /* the cause, not what followed from it */
		ok = false;
	}
	if (!ok && err != NULL)
		*err = end;
	release(c);
	return ok;
}

void
postgres_copy_cancel(struct postgres_copy *c)
{
	if (c == NULL)
		return;
	/* Always fails, as it should: the transaction is to be rolled back. */
	if (postgres_copy_end(c->pg, "given up", NULL))
		assert(!"a cancelled copy went through");
	release(c);
}

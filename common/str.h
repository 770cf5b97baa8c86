/*
 * str.h - text that came from outside: a pointer and a length, never
 * assumed to end in NUL; and a growable buffer to write text into.
 */
#ifndef COMMON_STR_H
#define COMMON_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/error.h"

struct str {
	const char *data; /* may be NULL when len is 0 */
	size_t len;
};

#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })
#define STR_EMPTY ((struct str){ NULL, 0 })
/* For printf's "%.*s". */
#define STR_ARG(s) (int)(s).len, (s).data ? (s).data : ""

/* Lends TEXT (NUL-terminated; NULL gives the empty str). */
static inline struct str
str_of(const char *text)
{
	return (struct str){ text, text ? strlen(text) : 0 };
}

static inline struct str
str_make(const char *data, size_t len)
{
	return (struct str){ data, len };
}

static inline bool
str_eq(struct str a, struct str b)
{
	return a.len == b.len &&
	       (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static inline bool
str_is(struct str a, const char *text)
{
	return str_eq(a, str_of(text));
}

/* Orders by bytes, shorter first where one begins the other; as C collation. */
int str_cmp(struct str a, struct str b);

/* ASCII case ignored. */
bool str_ieq(struct str a, struct str b);
bool str_starts(struct str s, struct str prefix);
bool str_istarts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);

/* The place of NEEDLE in S, or -1. */
ptrdiff_t str_find(struct str s, struct str needle);
ptrdiff_t str_find_char(struct str s, char c);

/* S from byte FROM on; empty when FROM is past the end. */
struct str str_from(struct str s, size_t from);
/* The first N bytes of S, or all of a shorter S. */
struct str str_head(struct str s, size_t n);
/* S without ASCII white space at both ends. */
struct str str_trim(struct str s);

/*
 * Cuts the part of *REST before the next SEP into *PART and moves *REST
 * behind SEP. False when *REST is used up (data NULL); a trailing SEP gives
 * one last empty part.
 */
bool str_cut(struct str *rest, char sep, struct str *part);

/*
 * Reads all of S as a decimal integer in [MIN, MAX]: an optional '-', then
 * digits. False on anything else, VALUE untouched.
 */
bool str_int(struct str s, int64_t min, int64_t max, int64_t *value) MUST_CHECK;

/*
 * Reads all of S as a decimal number with at most six places into micros
 * (10^-6): `[-]digits[.digits]`. False on exponents, NaN, more than six
 * places that are not zero, or more than int64 holds.
 */
bool str_micros(struct str s, int64_t *micros) MUST_CHECK;

/* True when S is well-formed UTF-8 (no surrogates, no overlong forms). */
bool str_utf8(struct str s);

/* A malloc'ed NUL-terminated copy; the caller owns it. */
char *str_dup(struct str s);

/* Growable text. Zero-initialised is empty; buf_free() when done. */
struct buf {
	char *data;
	size_t len;
	size_t cap;
};

/* What buf_reserve() does when the room is not there yet. */
void buf_grow(struct buf *b, size_t more);

/*
 * Makes room for MORE further bytes; out of memory ends the process. Here,
 * as these are called a hundred times a hit and nearly always have room.
 */
static inline void
buf_reserve(struct buf *b, size_t more)
{
	if (b->cap - b->len < more || b->data == NULL)
		buf_grow(b, more);
}

static inline void
buf_add(struct buf *b, const void *data, size_t len)
{
	buf_reserve(b, len);
	if (len > 0)
		memcpy(b->data + b->len, data, len);
	b->len += len;
}

static inline void
buf_add_str(struct buf *b, struct str s)
{
	buf_add(b, s.data, s.len);
}

static inline void
buf_add_char(struct buf *b, char c)
{
	buf_reserve(b, 1);
	b->data[b->len++] = c;
}

void buf_add_int(struct buf *b, int64_t value);
/* Micros as a decimal with no trailing zeros: 12.5, -0.000001, 3. */
void buf_add_micros(struct buf *b, int64_t micros);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Ends the text with a NUL that does not count, and lends it. */
const char *buf_text(struct buf *b);
void buf_free(struct buf *b);

static inline struct str
buf_str(const struct buf *b)
{
	return (struct str){ b->data, b->len };
}

/* malloc, calloc, realloc that end the process instead of failing. */
void *mem_alloc(size_t size);
void *mem_zero(size_t count, size_t size);
void *mem_grow(void *old, size_t size);

#endif

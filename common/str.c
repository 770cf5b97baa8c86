/*
 * str.c - slices of text, numbers read from them, and growable text.
 */
#include "common/str.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int
str_cmp(struct str a, struct str b)
{
	size_t least = a.len < b.len ? a.len : b.len;
	int order = least == 0 ? 0 : memcmp(a.data, b.data, least);

	if (order != 0)
		return order;
	return a.len < b.len ? -1 : a.len > b.len;
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool
str_ieq(struct str a, struct str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		if (lower(a.data[i]) != lower(b.data[i]))
			return false;
	}
	return true;
}

bool
str_starts(struct str s, struct str prefix)
{
	return s.len >= prefix.len && str_eq(str_head(s, prefix.len), prefix);
}

bool
str_istarts(struct str s, struct str prefix)
{
	return s.len >= prefix.len && str_ieq(str_head(s, prefix.len), prefix);
}

bool
str_ends(struct str s, struct str suffix)
{
	return s.len >= suffix.len &&
	       str_eq(str_from(s, s.len - suffix.len), suffix);
}

ptrdiff_t
str_find(struct str s, struct str needle)
{
	const char *at;

	if (needle.len == 0)
		return 0;
	if (s.len < needle.len)
		return -1;
	at = memmem(s.data, s.len, needle.data, needle.len);
	return at == NULL ? -1 : at - s.data;
}

ptrdiff_t
str_find_char(struct str s, char c)
{
	const char *at = s.len == 0 ? NULL : memchr(s.data, c, s.len);

	return at == NULL ? -1 : at - s.data;
}

struct str
str_from(struct str s, size_t from)
{
	if (from >= s.len)
		return (struct str){ s.data ? s.data + s.len : NULL, 0 };
	return (struct str){ s.data + from, s.len - from };
}

struct str
str_head(struct str s, size_t n)
{
	return (struct str){ s.data, n < s.len ? n : s.len };
}

static bool
blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str
str_trim(struct str s)
{
	while (s.len > 0 && blank(s.data[0])) {
		s.data++;
		s.len--;
	}
	while (s.len > 0 && blank(s.data[s.len - 1]))
		s.len--;
	return s;
}

bool
str_cut(struct str *rest, char sep, struct str *part)
{
	ptrdiff_t at;

	if (rest->data == NULL)
		return false;
	at = str_find_char(*rest, sep);
	if (at < 0) {
		*part = *rest;
		*rest = STR_EMPTY;
		return true;
	}
	*part = str_head(*rest, (size_t)at);
	rest->data += at + 1;
	rest->len -= (size_t)at + 1;
	return true;
}

bool
str_int(struct str s, int64_t min, int64_t max, int64_t *value)
{
	bool negative = s.len > 0 && s.data[0] == '-';
	int64_t sum = 0;

	if (negative)
		s = str_from(s, 1);
	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		int digit = s.data[i] - '0';

		/* Downwards, as the negative range is the larger one. */
		if (digit < 0 || digit > 9 ||
		    __builtin_mul_overflow(sum, 10, &sum) ||
		    __builtin_sub_overflow(sum, digit, &sum))
			return false;
	}
	if (!negative && __builtin_mul_overflow(sum, -1, &sum))
		return false;
	if (sum < min || sum > max)
		return false;
	*value = sum;
	return true;
}

bool
str_micros(struct str s, int64_t *micros)
{
	bool negative = s.len > 0 && s.data[0] == '-';
	bool point = false;
	int64_t sum = 0;
	int places = 0;
	size_t digits = 0;

	if (negative)
		s = str_from(s, 1);
	for (size_t i = 0; i < s.len; i++) {
		int digit = s.data[i] - '0';

		if (s.data[i] == '.' && !point && digits > 0) {
			point = true;
			continue;
		}
		if (digit < 0 || digit > 9)
			return false;
		digits++;
		if (point && ++places > 6) {
			if (digit != 0)
				return false;
			continue;
		}
		if (__builtin_mul_overflow(sum, 10, &sum) ||
		    __builtin_sub_overflow(sum, digit, &sum))
			return false;
	}
	if (digits == 0 || s.data[s.len - 1] == '.')
		return false;
	for (; places < 6; places++) {
		if (__builtin_mul_overflow(sum, 10, &sum))
			return false;
	}
	if (!negative && __builtin_mul_overflow(sum, -1, &sum))
		return false;
	*micros = sum;
	return true;
}

/* How many bytes the sequence at S takes, 0 when it is none. */
static size_t
utf8_step(const unsigned char *s, size_t len)
{
	size_t need;
	unsigned low = 0x80, high = 0xbf; /* bounds of the second byte */

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	need = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (len < need)
		return 0;
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < need; i++) {
		if (s[i] < 0x80 || s[i] > 0xbf)
			return 0;
	}
	return need;
}

bool
str_utf8(struct str s)
{
	const unsigned char *at = (const unsigned char *)s.data;
	size_t left = s.len;

	while (left > 0) {
		uint64_t eight;
		size_t step;

		/* Eight plain bytes at a time: nearly all text is ASCII. */
		while (left >= 8) {
			memcpy(&eight, at, 8);
			if ((eight & UINT64_C(0x8080808080808080)) != 0)
				break;
			at += 8;
			left -= 8;
		}
		if (left == 0)
			break;
		step = utf8_step(at, left);
		if (step == 0)
			return false;
		at += step;
		left -= step;
	}
	return true;
}

static void
die_of_memory(size_t size)
{
	dprintf(STDERR_FILENO, "out of memory (%zu bytes wanted)\n", size);
	_exit(EXIT_FAILURE);
}

void *
mem_alloc(size_t size)
{
	void *p = malloc(size > 0 ? size : 1);

	if (p == NULL)
		die_of_memory(size);
	return p;
}

void *
mem_zero(size_t count, size_t size)
{
	void *p = calloc(count > 0 ? count : 1, size > 0 ? size : 1);

	if (p == NULL)
		die_of_memory(count * size);
	return p;
}

void *
mem_grow(void *old, size_t size)
{
	void *p = realloc(old, size > 0 ? size : 1);

	if (p == NULL)
		die_of_memory(size);
	return p;
}

char *
str_dup(struct str s)
{
	char *copy = mem_alloc(s.len + 1);

	if (s.len > 0)
		memcpy(copy, s.data, s.len);
	copy[s.len] = '\0';
	return copy;
}

void
buf_grow(struct buf *b, size_t more)
{
	size_t cap = b->cap > 0 ? b->cap : 64;

	while (cap - b->len < more) {
		if (__builtin_mul_overflow(cap, 2, &cap))
			die_of_memory(more);
	}
	b->data = mem_grow(b->data, cap);
	b->cap = cap;
}

void
buf_add_int(struct buf *b, int64_t value)
{
	char text[24];
	char *at = text + sizeof(text);
	uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	do {
		*--at = (char)('0' + left % 10);
		left /= 10;
	} while (left > 0);
	if (value < 0)
		*--at = '-';
	buf_add(b, at, (size_t)(text + sizeof(text) - at));
}

void
buf_add_micros(struct buf *b, int64_t micros)
{
	uint64_t left = micros < 0 ? 0 - (uint64_t)micros : (uint64_t)micros;
	uint64_t part = left % 1000000;
	char text[8];
	int len = 6;

	if (micros < 0)
		buf_add_char(b, '-');
	buf_add_int(b, (int64_t)(left / 1000000));
	if (part == 0)
		return;
	for (int i = 5; i >= 0; i--) {
		text[i] = (char)('0' + part % 10);
		part /= 10;
	}
	while (text[len - 1] == '0')
		len--;
	buf_add_char(b, '.');
	buf_add(b, text, (size_t)len);
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (len < 0)
		return;
	buf_reserve(b, (size_t)len + 1);
	va_start(args, fmt);
	vsnprintf(b->data + b->len, (size_t)len + 1, fmt, args);
	va_end(args);
	b->len += (size_t)len;
}

const char *
buf_text(struct buf *b)
{
	buf_reserve(b, 1);
	b->data[b->len] = '\0';
	return b->data;
}

void
buf_free(struct buf *b)
{
	free(b->data);
	*b = (struct buf){ NULL, 0, 0 };
}

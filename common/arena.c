/*
 * arena.c - chunks in a list; the first is kept from round to round.
 */
#include "common/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>

struct chunk {
	struct chunk *older;
	size_t size;
	alignas(max_align_t) char bytes[];
};

struct arena {
	struct chunk *newest;
	size_t chunk_bytes;
	char *at, *end; /* what is free in the newest chunk */
	size_t used;
};

static void
add_chunk(struct arena *a, size_t size)
{
	struct chunk *c = mem_alloc(sizeof(*c) + size);

	c->older = a->newest;
	c->size = size;
	a->newest = c;
	a->at = c->bytes;
	a->end = c->bytes + size;
}

struct arena *
arena_new(size_t chunk_bytes)
{
	struct arena *a = mem_zero(1, sizeof(*a));

	a->chunk_bytes = chunk_bytes;
	add_chunk(a, chunk_bytes);
	return a;
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	for (struct chunk *c = a->newest, *older; c != NULL; c = older) {
		older = c->older;
		free(c);
	}
	free(a);
}

void
arena_reset(struct arena *a)
{
	struct chunk *c = a->newest;

	while (c->older != NULL) {
		struct chunk *older = c->older;

		free(c);
		c = older;
	}
	a->newest = c;
	a->at = c->bytes;
	a->end = c->bytes + c->size;
	a->used = 0;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	size_t padded =
	    (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	void *p;

	assert(padded >= size);
	if ((size_t)(a->end - a->at) < padded)
		add_chunk(a, padded > a->chunk_bytes ? padded : a->chunk_bytes);
	p = a->at;
	a->at += padded;
	a->used += padded;
	return p;
}

void *
arena_zero(struct arena *a, size_t count, size_t size)
{
	size_t bytes;
	void *p;

	assert(!__builtin_mul_overflow(count, size, &bytes));
	p = arena_alloc(a, bytes);
	memset(p, 0, bytes);
	return p;
}

struct str
arena_str(struct arena *a, struct str s)
{
	char *copy = arena_alloc(a, s.len + 1);

	if (s.len > 0)
		memcpy(copy, s.data, s.len);
	copy[s.len] = '\0';
	return (struct str){ copy, s.len };
}

struct str
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	assert(len >= 0);
	text = arena_alloc(a, (size_t)len + 1);
	va_start(args, fmt);
	vsnprintf(text, (size_t)len + 1, fmt, args);
	va_end(args);
	return (struct str){ text, (size_t)len };
}

size_t
arena_used(const struct arena *a)
{
	return a->used;
}

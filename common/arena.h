/*
 * arena.h - memory for one request or one batch: taken piece by piece,
 * given back all at once.
 */
#ifndef COMMON_ARENA_H
#define COMMON_ARENA_H

#include <stddef.h>

#include "common/str.h"

struct arena;

/* CHUNK_BYTES is what one malloc asks for. The caller owns the result. */
struct arena *arena_new(size_t chunk_bytes);
/* Frees everything. NULL is allowed. */
void arena_free(struct arena *a);
/* Forgets all allocations and keeps the first chunk for the next round. */
void arena_reset(struct arena *a);

/* SIZE bytes, aligned for any type, not cleared. Never NULL. */
void *arena_alloc(struct arena *a, size_t size);
/* The same, cleared; COUNT * SIZE must not overflow (asserted). */
void *arena_zero(struct arena *a, size_t count, size_t size);
/* A copy of S that lives as long as A; NUL-terminated beyond its length. */
struct str arena_str(struct arena *a, struct str s);
struct str arena_printf(struct arena *a, const char *fmt, ...)
    PRINTF_LIKE(2, 3);
/* Bytes handed out since the last reset. */
size_t arena_used(const struct arena *a);

#endif

/*
 * lent.c - a block counts its pieces that are out. The block that came back
 * last is used next, as the processor's cache may still have it.
 */
#include "common/lent.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "common/str.h"

#define WARM 4 /* unused blocks that keep their memory */

struct lent {
	char *base;
	size_t count, bytes;
	size_t *out;   /* of each block: pieces, and one while it is filled */
	size_t *spare; /* numbers of blocks */
	size_t spares, warm; /* the last WARM of them have memory */
	bool open;
	size_t now, used; /* the block that is filled, if one is open */
};

struct lent *
lent_new(size_t count, size_t bytes)
{
	struct lent *l = mem_zero(1, sizeof(*l));

	assert((bytes & (bytes - 1)) == 0);
	l->count = count;
	l->bytes = bytes;
	l->base = mmap(NULL, count * bytes, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (l->base == MAP_FAILED)
		abort(); /* as for all memory */
	l->out = mem_zero(count, sizeof(*l->out));
	l->spare = mem_zero(count, sizeof(*l->spare));
	while (l->spares < count) {
		l->spare[l->spares] = count - 1 - l->spares;
		l->spares++;
	}
	return l;
}

void
lent_free(struct lent *l)
{
	if (l == NULL)
		return;
	munmap(l->base, l->count * l->bytes);
	free(l->out);
	free(l->spare);
	free(l);
}

static void
less(struct lent *l, size_t block)
{
	assert(l->out[block] > 0);
	if (--l->out[block] > 0)
		return;
	if (l->warm < WARM) {
		l->spare[l->spares++] = block;
		l->warm++;
		return;
	}
	/* Behind those, so that one bad minute costs no memory for ever. */
	madvise(l->base + block * l->bytes, l->bytes, MADV_DONTNEED);
	l->spare[l->spares] = l->spare[l->spares - WARM];
	l->spare[l->spares++ - WARM] = block;
}

char *
lent_room(struct lent *l, size_t bytes)
{
	assert(bytes <= l->bytes);
	if (l->open && l->bytes - l->used < bytes) {
		l->open = false;
		less(l, l->now);
	}
	if (!l->open) {
		if (l->spares == 0)
			return NULL;
		l->now = l->spare[--l->spares];
		l->warm -= l->warm > 0;
		l->out[l->now] = 1;
		l->used = 0;
		l->open = true;
	}
	return l->base + l->now * l->bytes + l->used;
}

void
lent_keep(struct lent *l, size_t len)
{
	assert(l->open && l->bytes - l->used >= len);
	l->used += len;
	l->out[l->now]++;
}

bool
lent_back(struct lent *l, const void *piece)
{
	uintptr_t at = (uintptr_t)piece - (uintptr_t)l->base;

	if (at >= l->count * l->bytes)
		return false;
	less(l, at / l->bytes);
	return true;
}

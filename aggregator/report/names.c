#include "aggregator/report/names.h"

#include <stdlib.h>

#include "common/arena.h"
#include "common/digest.h"

#define ARENA_CHUNK 65536
#define SLOTS_FIRST 256

struct entry {
	uint64_t hash;
	struct str name;
};

struct names {
	struct arena *arena; /* holds the texts */
	struct entry *at;
	size_t count, cap;
	uint32_t *slot; /* index into AT, + 1 */
	size_t slots;   /* a power of two, more than twice COUNT */
};

struct names *
names_new(void)
{
	struct names *n = mem_zero(1, sizeof(*n));

	n->arena = arena_new(ARENA_CHUNK);
	n->slots = SLOTS_FIRST;
	n->slot = mem_zero(n->slots, sizeof(*n->slot));
	return n;
}

void
names_free(struct names *n)
{
	if (n == NULL)
		return;
	arena_free(n->arena);
	free(n->at);
	free(n->slot);
	free(n);
}

static void
grow(struct names *n)
{
	free(n->slot);
	n->slots *= 2;
	n->slot = mem_zero(n->slots, sizeof(*n->slot));
	for (size_t i = 0; i < n->count; i++) {
		size_t at = n->at[i].hash & (n->slots - 1);

		while (n->slot[at] != 0)
			at = (at + 1) & (n->slots - 1);
		n->slot[at] = (uint32_t)i + 1;
	}
}

uint32_t
names_put(struct names *n, struct str name, bool *fresh)
{
	uint64_t hash = digest_hash64(name, 0);
	size_t at = hash & (n->slots - 1);

	for (; n->slot[at] != 0; at = (at + 1) & (n->slots - 1)) {
		const struct entry *e = &n->at[n->slot[at] - 1];

		if (e->hash == hash && str_eq(e->name, name)) {
			*fresh = false;
			return n->slot[at] - 1;
		}
	}
	*fresh = true;
	if (n->count == n->cap) {
		n->cap = n->cap == 0 ? 64 : n->cap * 2;
		n->at = mem_grow(n->at, n->cap * sizeof(*n->at));
	}
	n->at[n->count] = (struct entry){ hash, arena_str(n->arena, name) };
	n->slot[at] = (uint32_t)++n->count;
	if (n->count * 2 > n->slots)
		grow(n);
	return (uint32_t)n->count - 1;
}

struct str
names_at(const struct names *n, uint32_t i)
{
	return n->at[i].name;
}

size_t
names_count(const struct names *n)
{
	return n->count;
}

/*
 * parties.c - a hash table of keys that are hashes themselves.
 */
#include "aggregator/report/parties.h"

#include <assert.h>
#include <stdlib.h>

#include "common/str.h"

struct parties {
	struct hash128 *key; /* of each party */
	size_t count, cap;
	uint32_t *slot; /* party + 1 */
	size_t slots;
};

struct parties *
parties_new(void)
{
	struct parties *p = mem_zero(1, sizeof(*p));

	p->slots = 1024;
	p->slot = mem_zero(p->slots, sizeof(*p->slot));
	return p;
}

void
parties_free(struct parties *p)
{
	if (p == NULL)
		return;
	free(p->key);
	free(p->slot);
	free(p);
}

static void
place(struct parties *p, uint32_t party)
{
	size_t at = p->key[party].lo & (p->slots - 1);

	while (p->slot[at] != 0)
		at = (at + 1) & (p->slots - 1);
	p->slot[at] = party + 1;
}

static void
more_slots(struct parties *p)
{
	free(p->slot);
	p->slots *= 2;
	p->slot = mem_zero(p->slots, sizeof(*p->slot));
	for (size_t i = 0; i < p->count; i++)
		place(p, (uint32_t)i);
}

uint32_t
parties_find(const struct parties *p, struct hash128 key)
{
	size_t at = key.lo & (p->slots - 1);

	for (; p->slot[at] != 0; at = (at + 1) & (p->slots - 1)) {
		const struct hash128 *k = &p->key[p->slot[at] - 1];

		if (k->lo == key.lo &&
		    ((k->hi ^ key.hi) & PARTIES_HI_BITS) == 0)
			return p->slot[at] - 1;
	}
	return PARTIES_NOBODY;
}

uint32_t
parties_no(struct parties *p, struct hash128 key)
{
	uint32_t known = parties_find(p, key);

	if (known != PARTIES_NOBODY)
		return known;
	assert(p->count < PARTIES_NOBODY - 1);
	if (p->count == p->cap) {
		p->cap = p->cap == 0 ? 1024 : p->cap * 2;
		p->key = mem_grow(p->key, p->cap * sizeof(*p->key));
	}
	p->key[p->count++] = key;
	if (p->count * 3 > p->slots * 2)
		more_slots(p);
	else
		place(p, (uint32_t)p->count - 1);
	return (uint32_t)p->count - 1;
}

struct hash128
parties_key(const struct parties *p, uint32_t party)
{
	return p->key[party];
}

size_t
parties_count(const struct parties *p)
{
	return p->count;
}

size_t
parties_bytes(const struct parties *p)
{
	return p->count * sizeof(*p->key) + p->slots * sizeof(*p->slot);
}

/*
 * dedup.c - per spool a floor and a bitmap of what was seen above it.
 */
#include "aggregator/intake/dedup.h"

#include <stdlib.h>
#include <string.h>

#include "common/digest.h"

/* A collector's backlog is never older; one that was is only counted as new
 * if it repeats records after that time. */
#define FORGET_MS (INT64_C(400) * 86400000)

struct spool_state {
	uint64_t spool;
	uint64_t floor;
	int64_t last_ms;
	uint64_t base;   /* number of bit 0; a multiple of 64, <= floor */
	uint64_t *words; /* bit set: seen */
	size_t count, cap;
};

struct dedup {
	struct spool_state *at;
	size_t count, cap;
	size_t last; /* where the last one was found: often the next too */
};

struct dedup *
dedup_new(void)
{
	return mem_zero(1, sizeof(struct dedup));
}

static void
clear(struct dedup *d)
{
	for (size_t i = 0; i < d->count; i++)
		free(d->at[i].words);
	d->count = 0;
	d->last = 0;
}

void
dedup_free(struct dedup *d)
{
	if (d == NULL)
		return;
	clear(d);
	free(d->at);
	free(d);
}

static struct spool_state *
add(struct dedup *d, uint64_t spool)
{
	if (d->count == d->cap) {
		d->cap = d->cap == 0 ? 4 : d->cap * 2;
		d->at = mem_grow(d->at, d->cap * sizeof(*d->at));
	}
	d->at[d->count] = (struct spool_state){ .spool = spool };
	d->last = d->count;
	return &d->at[d->count++];
}

static void
forget_old(struct dedup *d, int64_t now_ms)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->count; i++) {
		if (now_ms - d->at[i].last_ms > FORGET_MS)
			free(d->at[i].words);
		else
			d->at[kept++] = d->at[i];
	}
	d->count = kept;
	d->last = 0;
}

static struct spool_state *
find(struct dedup *d, uint64_t spool, int64_t now_ms)
{
	if (d->last < d->count && d->at[d->last].spool == spool)
		return &d->at[d->last];
	for (size_t i = 0; i < d->count; i++) {
		if (d->at[i].spool == spool) {
			d->last = i;
			return &d->at[i];
		}
	}
	forget_old(d, now_ms);
	return add(d, spool);
}

/* Drops the words that are wholly below the floor. */
static void
raise_floor(struct spool_state *s, uint64_t floor)
{
	uint64_t base = floor & ~UINT64_C(63);
	size_t drop;

	if (floor <= s->floor)
		return;
	s->floor = floor;
	if (base <= s->base)
		return;
	drop = (base - s->base) / 64 < s->count
		   ? (size_t)((base - s->base) / 64)
		   : s->count;
	s->count -= drop;
	if (s->count > 0)
		memmove(s->words, s->words + drop, s->count * 8);
	s->base = base;
}

enum dedup_verdict
dedup_see(struct dedup *d, uint64_t spool, uint64_t seq, uint64_t floor,
    int64_t now_ms)
{
	struct spool_state *s;
	size_t word;
	uint64_t bit;

	if (seq == 0 || floor > seq)
		return DEDUP_ABSURD;
	s = find(d, spool, now_ms);
	if (seq > s->floor && seq > floor &&
	    seq - (floor > s->floor ? floor : s->floor) > DEDUP_WINDOW_MAX)
		return DEDUP_ABSURD;
	if (now_ms > s->last_ms)
		s->last_ms = now_ms;
	raise_floor(s, floor);
	if (seq < s->floor)
		return DEDUP_REPEAT;
	word = (size_t)((seq - s->base) / 64);
	bit = UINT64_C(1) << (seq & 63);
	if (word >= s->cap) {
		s->cap = word + 1 > s->cap * 2 ? word + 1 : s->cap * 2;
		s->words = mem_grow(s->words, s->cap * 8);
	}
	while (s->count <= word)
		s->words[s->count++] = 0;
	if (s->words[word] & bit)
		return DEDUP_REPEAT;
	s->words[word] |= bit;
	return DEDUP_FRESH;
}

/* Stored: version, then per spool four numbers, a count and the words. */
#define STORED_VERSION 1

static void
put(struct buf *out, uint64_t v)
{
	unsigned char bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(v >> (56 - 8 * i));
	buf_add(out, bytes, 8);
}

static bool
get(struct str *s, uint64_t *v)
{
	if (s->len < 8)
		return false;
	*v = 0;
	for (int i = 0; i < 8; i++)
		*v = *v << 8 | (unsigned char)s->data[i];
	*s = str_from(*s, 8);
	return true;
}

void
dedup_save(const struct dedup *d, struct buf *out)
{
	put(out, STORED_VERSION);
	for (size_t i = 0; i < d->count; i++) {
		const struct spool_state *s = &d->at[i];

		put(out, s->spool);
		put(out, s->floor);
		put(out, (uint64_t)s->last_ms);
		put(out, s->base);
		put(out, s->count);
		for (size_t w = 0; w < s->count; w++)
			put(out, s->words[w]);
	}
}

bool
dedup_load(struct dedup *d, struct str stored, struct error *err)
{
	uint64_t v, words;

	clear(d);
	if (stored.len == 0)
		return true;
	if (!get(&stored, &v) || v != STORED_VERSION)
		return error_set(err, ERROR_FATAL,
		    "position.dedup has a form this version cannot read");
	while (stored.len > 0) {
		struct spool_state *s;

		if (!get(&stored, &v))
			goto damaged;
		s = add(d, v);
		if (!get(&stored, &s->floor) || !get(&stored, &v))
			goto damaged;
		s->last_ms = (int64_t)v;
		if (!get(&stored, &s->base) || !get(&stored, &words) ||
		    words > DEDUP_WINDOW_MAX || stored.len / 8 < words ||
		    s->base % 64 != 0)
			goto damaged;
		s->words = mem_alloc((size_t)words * 8);
		s->cap = (size_t)words;
		while (s->count < words) {
			if (!get(&stored, &s->words[s->count]))
				goto damaged;
			s->count++;
		}
	}
	d->last = 0;
	return true;
damaged:
	clear(d);
	return error_set(err, ERROR_FATAL, "position.dedup is damaged");
}

bool
dedup_record(
    struct dedup *d, const struct record *r, bool *repeat, struct error *err)
{
	uint64_t spool;

	*repeat = false;
	if (r->spool_id.len == 0) /* not from a collector's spool */
		return true;
	if (r->spool_id.len != 16 || !digest_unhex(r->spool_id, &spool, 8))
		return error_set(
		    err, ERROR_REJECT, "spool_id is not 16 hex digits");
	switch (dedup_see(
	    d, spool, (uint64_t)r->seq, (uint64_t)r->floor, r->received_at)) {
	case DEDUP_FRESH:
		return true;
	case DEDUP_REPEAT:
		return *repeat = true;
	case DEDUP_ABSURD:
		break;
	}
	return error_set(err, ERROR_REJECT, "seq and floor contradict");
}

/*
 * packed.c - rows appended, sorted by visitor and thinned out.
 */
#include "aggregator/report/packed.h"

#include <assert.h>
#include <stdlib.h>

#define ROWS_FIRST ((size_t)1 << 20)
#define NONE UINT32_MAX
#define TEXT_PLACE_MAX (UINT64_C(1) << 40)

struct packed {
	struct packed_row *row;
	size_t count, cap;
	size_t limit;    /* rows at which to thin out */
	struct buf text; /* event ids, each behind a byte with its length */

	struct hash128 *key; /* of each party */
	uint32_t *last;      /* row that a party was last seen in */
	size_t parties, party_cap;
	uint32_t *slot; /* party + 1 */
	size_t slots;

	size_t *start; /* once sorted: where a visitor's rows begin */
};

struct packed *
packed_new(void)
{
	struct packed *p = mem_zero(1, sizeof(*p));

	p->limit = ROWS_FIRST;
	p->slots = 1024;
	p->slot = mem_zero(p->slots, sizeof(*p->slot));
	return p;
}

void
packed_free(struct packed *p)
{
	if (p == NULL)
		return;
	free(p->row);
	buf_free(&p->text);
	free(p->key);
	free(p->last);
	free(p->slot);
	free(p->start);
	free(p);
}

/* --- parties ------------------------------------------------------------- */

static void
place(struct packed *p, uint32_t party)
{
	size_t at = p->key[party].lo & (p->slots - 1);

	while (p->slot[at] != 0)
		at = (at + 1) & (p->slots - 1);
	p->slot[at] = party + 1;
}

static void
more_slots(struct packed *p)
{
	free(p->slot);
	p->slots *= 2;
	p->slot = mem_zero(p->slots, sizeof(*p->slot));
	for (size_t i = 0; i < p->parties; i++)
		place(p, (uint32_t)i);
}

void
packed_expect(const struct packed *p, struct hash128 key)
{
	__builtin_prefetch(&p->slot[key.lo & (p->slots - 1)]);
}

void
packed_expect_more(const struct packed *p, struct hash128 key)
{
	uint32_t slot = p->slot[key.lo & (p->slots - 1)];

	if (slot == 0)
		return;
	__builtin_prefetch(&p->key[slot - 1]);
	__builtin_prefetch(&p->last[slot - 1]);
}

void
packed_expect_row(const struct packed *p, struct hash128 key)
{
	uint32_t slot = p->slot[key.lo & (p->slots - 1)];

	if (slot != 0 && p->last[slot - 1] != NONE)
		__builtin_prefetch(&p->row[p->last[slot - 1]]);
}

uint32_t
packed_party(struct packed *p, struct hash128 key)
{
	size_t at = key.lo & (p->slots - 1);

	for (; p->slot[at] != 0; at = (at + 1) & (p->slots - 1)) {
		const struct hash128 *k = &p->key[p->slot[at] - 1];

		if (k->lo == key.lo && k->hi == key.hi)
			return p->slot[at] - 1;
	}
	assert(p->parties < NONE - 1);
	if (p->parties == p->party_cap) {
		p->party_cap = p->party_cap == 0 ? 1024 : p->party_cap * 2;
		p->key = mem_grow(p->key, p->party_cap * sizeof(*p->key));
		p->last = mem_grow(p->last, p->party_cap * sizeof(*p->last));
	}
	p->key[p->parties] = key;
	p->last[p->parties] = NONE;
	p->slot[at] = (uint32_t)++p->parties;
	if (p->parties * 3 > p->slots * 2)
		more_slots(p);
	return (uint32_t)p->parties - 1;
}

struct hash128
packed_key(const struct packed *p, uint32_t party)
{
	return p->key[party];
}

size_t
packed_parties(const struct packed *p)
{
	return p->parties;
}

/* --- rows ------------------------------------------------------------------
 */

static struct str
text_at(const struct packed *p, uint64_t place_)
{
	const unsigned char *at = (const unsigned char *)p->text.data + place_;

	return str_make((const char *)at + 1, *at);
}

static uint64_t
add_text(struct buf *to, struct str id)
{
	uint64_t at = to->len;

	assert(id.len <= 255 && at < TEXT_PLACE_MAX);
	buf_add_char(to, (char)id.len);
	buf_add_str(to, id);
	return at;
}

struct str
packed_event_id(const struct packed *p, const struct packed_row *r)
{
	return text_at(p, r->text >> 24);
}

int
packed_order(const struct packed *p, const struct packed_row *a,
    const struct packed_row *b)
{
	uint64_t x = a->when >> 22, y = b->when >> 22;

	if (x != y)
		return x < y ? -1 : 1;
	return str_cmp(packed_event_id(p, a), packed_event_id(p, b));
}

static bool
same_origin(const struct packed_row *a, const struct packed_row *b)
{
	return a->session >> 16 == b->session >> 16 &&
	       ((a->when ^ b->when) & 0x3fffff) == 0 &&
	       ((a->text ^ b->text) & 0xffffff) == 0;
}

/* 46 bits of SIGNATURE, of which none is 0 unless it is. */
static uint64_t
signature_bits(int64_t signature)
{
	uint64_t bits = (uint64_t)signature & ((UINT64_C(1) << 46) - 1);

	return signature != 0 && bits == 0 ? 1 : bits;
}

static void thin_out(struct packed *p);

void
packed_add(struct packed *p, uint32_t visitor, const struct packed_hit *hit)
{
	uint64_t signature = signature_bits(hit->signature);
	struct packed_row r = { .visitor = visitor, .dim = hit->dim };
	uint32_t last = p->last[visitor];

	assert(hit->ts_ms >= 0 && hit->ts_ms <= PACKED_TIME_MAX);
	r.session = (uint64_t)hit->session << 17 |
		    (uint64_t)hit->in_visit << 16 | (uint16_t)hit->start_day;
	r.when = (uint64_t)hit->ts_ms << 22 | (signature & 0x3fffff);
	r.text = signature >> 22;
	if (last != NONE && same_origin(&p->row[last], &r)) {
		struct packed_row *old = &p->row[last];
		int64_t then = packed_time(old);

		if (hit->ts_ms > then ||
		    (hit->ts_ms == then &&
			str_cmp(hit->event_id, packed_event_id(p, old)) >= 0))
			return;
		r.text |= add_text(&p->text, hit->event_id) << 24;
		*old = r;
		return;
	}
	if (p->count == p->limit)
		thin_out(p);
	if (p->count == p->cap) {
		p->cap = p->cap == 0 ? 4096 : p->cap * 2;
		p->row = mem_grow(p->row, p->cap * sizeof(*p->row));
	}
	assert(p->count < NONE);
	r.text |= add_text(&p->text, hit->event_id) << 24;
	p->last[visitor] = (uint32_t)p->count;
	p->row[p->count++] = r;
}

/* By visit and origin, the earliest first. */
static int
row_order(const struct packed *p, const struct packed_row *a,
    const struct packed_row *b)
{
	uint64_t x = a->session >> 16, y = b->session >> 16;

	if (x == y) {
		x = (a->text & 0xffffff) << 22 | (a->when & 0x3fffff);
		y = (b->text & 0xffffff) << 22 | (b->when & 0x3fffff);
	}
	if (x != y)
		return x < y ? -1 : 1;
	return packed_order(p, a, b);
}

static int
row_compare(const void *a, const void *b, void *p)
{
	return row_order(p, a, b);
}

static void
sort_few(const struct packed *p, struct packed_row *at, size_t count)
{
	if (count > 16) {
		qsort_r(at, count, sizeof(*at), row_compare, (void *)p);
		return;
	}
	for (size_t i = 1; i < count; i++) {
		struct packed_row r = at[i];
		size_t to = i;

		for (; to > 0 && row_order(p, &r, &at[to - 1]) < 0; to--)
			at[to] = at[to - 1];
		at[to] = r;
	}
}

/* Every row to its visitor's place, into rows of their own: writes all over
 * memory wait for nothing, swaps in place would. */
static void
gather(struct packed *p)
{
	struct packed_row *to = mem_alloc((p->count + 1) * sizeof(*p->row));
	uint32_t *next = p->last;
	size_t sum = 0;

	free(p->start);
	p->start = mem_zero(p->parties + 1, sizeof(*p->start));
	for (size_t i = 0; i < p->count; i++)
		p->start[p->row[i].visitor]++;
	for (size_t v = 0; v <= p->parties; v++) {
		size_t n = p->start[v];

		p->start[v] = sum;
		if (v < p->parties)
			next[v] = (uint32_t)sum;
		sum += n;
	}
	for (size_t i = 0; i < p->count; i++)
		to[next[p->row[i].visitor]++] = p->row[i];
	free(p->row);
	p->row = to;
	p->cap = p->count + 1;
}

/* Sorts and leaves the earliest row of each visitor, visit and origin. */
static void
sort_and_thin(struct packed *p)
{
	size_t kept = 0, first = 0;
	struct buf text = { 0 };

	gather(p);
	for (size_t v = 0; v < p->parties; v++) {
		size_t end = p->start[v + 1];

		sort_few(p, p->row + first, end - first);
		p->start[v] = kept;
		for (size_t i = first; i < end; i++) {
			if (kept == p->start[v] ||
			    !same_origin(&p->row[kept - 1], &p->row[i]))
				p->row[kept++] = p->row[i];
		}
		first = end;
	}
	p->start[p->parties] = kept;
	/* Ids of rows that went are let be until they are many. */
	if (kept < p->count - p->count / 4) {
		for (size_t i = 0; i < kept; i++) {
			struct packed_row *r = &p->row[i];

			r->text = (r->text & 0xffffff) |
				  add_text(&text, packed_event_id(p, r)) << 24;
		}
		buf_free(&p->text);
		p->text = text;
	}
	p->count = kept;
}

static void
thin_out(struct packed *p)
{
	sort_and_thin(p);
	for (size_t v = 0; v < p->parties; v++)
		p->last[v] = NONE;
	p->limit = p->count * 2 < ROWS_FIRST ? ROWS_FIRST : p->count * 2;
}

void
packed_sort(struct packed *p)
{
	sort_and_thin(p);
}

const struct packed_row *
packed_rows(const struct packed *p, uint32_t visitor, size_t *count)
{
	*count = p->start[visitor + 1] - p->start[visitor];
	return p->row + p->start[visitor];
}

size_t
packed_count(const struct packed *p)
{
	return p->count;
}

size_t
packed_row_bytes(const struct packed *p)
{
	return p->count * sizeof(*p->row) + p->text.len;
}

size_t
packed_party_bytes(const struct packed *p)
{
	return p->parties * (sizeof(*p->key) + sizeof(*p->last)) +
	       p->slots * sizeof(*p->slot);
}

/*
 * packed.c - rows appended to the part of their visitor, then part by part
 * sorted by visitor and thinned out.
 */
#include "aggregator/report/packed.h"

#include <assert.h>
#include <stdlib.h>

#include "aggregator/report/parties.h"

#define PARTS 256
#define PART_FIRST 4096 /* rows of a part at which it is thinned out */
#define TEXT_PLACE_MAX (UINT64_C(1) << 40)
#define TEXT_FIRST 8 /* slabs in which ids that went are let be */

/* Not huge pages: a virtual machine gives those back when they are free, and
 * to get them again costs more than they save. */
#define SLAB_BITS 21
#define SLAB_BYTES ((size_t)1 << SLAB_BITS)
#define CHUNK_BYTES 4096
#define CHUNK_ROWS ((CHUNK_BYTES - sizeof(void *)) / sizeof(struct packed_row))
#define LATE 4096 /* a power of two */

struct slabs {
	char **at;
	size_t count;
	size_t used; /* bytes of the last one */
};

struct chunk {
	struct chunk *older;
	struct packed_row row[CHUNK_ROWS];
};
_Static_assert(sizeof(struct chunk) <= CHUNK_BYTES, "slabs are cut evenly");

struct part {
	struct chunk *newest; /* all older ones are full */
	size_t count, limit;
};

/* A row that came of late: a visitor's next hit is often of its origin. */
struct late {
	uint64_t tag;
	struct packed_row *row; /* NULL: none */
};

/* Who a group of rows is of. */
struct who {
	uint64_t key;
	uint32_t more;
};
_Static_assert(sizeof(struct who) <= sizeof(struct packed_row),
    "they lie where the rows will");

/* What sorting a part needs; as large as the largest needed. */
struct sorting {
	struct packed_row *row;
	uint32_t *group; /* of each row as it came */
	uint32_t *first; /* row of each group; once sorted, its end */
	size_t cap;
	uint32_t *slot; /* group + 1 */
	size_t slots;
};

struct packed {
	struct part part[PARTS];
	struct chunk *spare;
	struct slabs chunks; /* cut evenly */
	size_t count;
	struct slabs text; /* event ids, each behind a byte with its length */
	size_t ids;        /* in text, also of rows that went */
	struct late *late;
	struct sorting sorting;
};

/* --- slabs ---------------------------------------------------------------- */

static void
slabs_free(struct slabs *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->at[i]);
	free(s->at);
}

/* BYTES that lie within one slab; their place, which begins with the slab's
 * number. */
static uint64_t
slabs_take(struct slabs *s, size_t bytes)
{
	if (s->count == 0 || s->used + bytes > SLAB_BYTES) {
		s->at = mem_grow(s->at, (s->count + 1) * sizeof(*s->at));
		s->at[s->count++] = mem_alloc(SLAB_BYTES);
		s->used = 0;
	}
	s->used += bytes;
	return (uint64_t)(s->count - 1) << SLAB_BITS | (s->used - bytes);
}

static char *
slabs_at(const struct slabs *s, uint64_t place)
{
	return s->at[place >> SLAB_BITS] + (place & (SLAB_BYTES - 1));
}

/* --- all of it ------------------------------------------------------------ */

struct packed *
packed_new(void)
{
	struct packed *p = mem_zero(1, sizeof(*p));

	for (size_t i = 0; i < PARTS; i++)
		p->part[i].limit = PART_FIRST;
	p->late = mem_zero(LATE, sizeof(*p->late));
	return p;
}

void
packed_free(struct packed *p)
{
	if (p == NULL)
		return;
	slabs_free(&p->chunks);
	slabs_free(&p->text);
	free(p->late);
	free(p->sorting.row);
	free(p->sorting.group);
	free(p->sorting.first);
	free(p->sorting.slot);
	free(p);
}

/* --- chunks --------------------------------------------------------------- */

static struct chunk *
new_chunk(struct packed *p)
{
	struct chunk *c = p->spare;

	if (c != NULL) {
		p->spare = c->older;
		return c;
	}
	return (struct chunk *)(void *)slabs_at(
	    &p->chunks, slabs_take(&p->chunks, CHUNK_BYTES));
}

/* The place of one more row of PART. */
static struct packed_row *
push(struct packed *p, struct part *part)
{
	size_t at = part->count++ % CHUNK_ROWS;

	if (at == 0) {
		struct chunk *c = new_chunk(p);

		c->older = part->newest;
		part->newest = c;
	}
	p->count++;
	return &part->newest->row[at];
}

/* Rows in the chunk C of PART. */
static size_t
rows_in(const struct part *part, const struct chunk *c)
{
	return c == part->newest ? (part->count - 1) % CHUNK_ROWS + 1
				 : CHUNK_ROWS;
}

/* Empties PART; its chunks can be had again. */
static void
give_back(struct packed *p, struct part *part)
{
	for (struct chunk *c = part->newest, *older; c != NULL; c = older) {
		older = c->older;
		c->older = p->spare;
		p->spare = c;
	}
	p->count -= part->count;
	part->newest = NULL;
	part->count = 0;
}

/* --- rows ----------------------------------------------------------------- */

static struct str
text_at(const struct slabs *text, uint64_t place)
{
	const char *at = slabs_at(text, place);

	return str_make(at + 1, (unsigned char)*at);
}

static uint64_t
add_text(struct packed *p, struct str id)
{
	uint64_t place = slabs_take(&p->text, id.len + 1);
	char *at = slabs_at(&p->text, place);

	assert(id.len <= 255 && place < TEXT_PLACE_MAX);
	*at = (char)id.len;
	if (id.len > 0)
		memcpy(at + 1, id.data, id.len);
	p->ids++;
	return place;
}

struct str
packed_event_id(const struct packed *p, const struct packed_row *r)
{
	return text_at(&p->text, r->text >> 24);
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
same_visitor(const struct packed_row *a, const struct packed_row *b)
{
	return a->key == b->key && a->key_more == b->key_more;
}

/* Of rows of one visitor. */
static bool
same_origin(const struct packed_row *a, const struct packed_row *b)
{
	return packed_same_visit(a, b) &&
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

/* Where the row of late of R's visitor, visit and origin would be; rows of
 * several parts that are else equal have another TAG. */
static struct late *
late_of(struct packed *p, size_t part, const struct packed_row *r,
    uint64_t signature, uint64_t *tag)
{
	*tag = r->key + (r->session >> 16) * UINT64_C(0x9e3779b97f4a7c15) +
	       signature * UINT64_C(0xd6e8feb86659fd93) + part;
	return &p->late[*tag >> 32 & (LATE - 1)];
}

/* True when R is of the visit and origin of OLD: the earlier stays. */
static bool
merge(struct packed *p, struct packed_row *old, const struct packed_row *r,
    struct str event_id)
{
	if (!same_visitor(old, r) || !same_origin(old, r))
		return false;
	if (r->when > old->when ||
	    (r->when == old->when &&
		str_cmp(event_id, packed_event_id(p, old)) >= 0))
		return true;
	*old = *r;
	old->text |= add_text(p, event_id) << 24;
	return true;
}

static void thin_out(struct packed *p, struct part *part);

void
packed_add(struct packed *p, const struct packed_hit *hit)
{
	uint64_t signature = signature_bits(hit->signature), tag;
	size_t number = hit->visitor.hi >> 56;
	struct part *part = &p->part[number];
	struct packed_row r = { .key = hit->visitor.lo,
		.key_more = (uint32_t)hit->visitor.hi,
		.dim = hit->dim };
	struct packed_row *to;
	struct late *late;

	assert(hit->ts_ms >= 0 && hit->ts_ms <= PACKED_TIME_MAX);
	r.session = (uint64_t)hit->session << 17 |
		    (uint64_t)hit->in_visit << 16 | (uint16_t)hit->start_day;
	r.when = (uint64_t)hit->ts_ms << 22 | (signature & 0x3fffff);
	r.text = signature >> 22;
	late = late_of(p, number, &r, signature, &tag);
	if (late->row != NULL && late->tag == tag &&
	    merge(p, late->row, &r, hit->event_id))
		return;
	if (part->count >= part->limit)
		thin_out(p, part);
	r.text |= add_text(p, hit->event_id) << 24;
	to = push(p, part);
	*to = r;
	__builtin_prefetch(to + 2, 1); /* this part's turn comes again */
	*late = (struct late){ tag, to };
}

/* --- sorting a part ------------------------------------------------------- */

static void
make_room(struct sorting *s, size_t rows)
{
	if (rows > s->cap) {
		s->cap = rows;
		free(s->row);
		free(s->group);
		free(s->first);
		s->row = mem_alloc(rows * sizeof(*s->row));
		s->group = mem_alloc(rows * sizeof(*s->group));
		s->first = mem_alloc((rows + 1) * sizeof(*s->first));
	}
	if (rows * 2 > s->slots) {
		s->slots = s->slots == 0 ? 1024 : s->slots;
		while (rows * 2 > s->slots)
			s->slots *= 2;
		free(s->slot);
		s->slot = mem_alloc(s->slots * sizeof(*s->slot));
	}
	if (s->slots > 0)
		memset(s->slot, 0, s->slots * sizeof(*s->slot));
}

/* Calls DO for each row R of PART. */
#define EACH_ROW(part, r, do)                                                  \
	for (struct chunk *c_ = (part)->newest; c_ != NULL; c_ = c_->older) {  \
		size_t rows_ = rows_in(part, c_);                              \
                                                                               \
		for (size_t i_ = 0; i_ < rows_; i_++) {                        \
			const struct packed_row *r = &c_->row[i_];             \
                                                                               \
			do                                                     \
				;                                              \
		}                                                              \
	}

/* The group of R's visitor among GROUPS; WHO names each group's. */
static uint32_t
group_of(struct sorting *s, const struct packed_row *r, struct who *who,
    size_t *groups)
{
	size_t at = (size_t)r->key & (s->slots - 1);

	for (; s->slot[at] != 0; at = (at + 1) & (s->slots - 1)) {
		uint32_t group = s->slot[at] - 1;

		if (who[group].key == r->key &&
		    who[group].more == r->key_more) {
			s->first[group]++;
			return group;
		}
	}
	who[*groups] = (struct who){ r->key, r->key_more };
	s->first[*groups] = 1;
	s->slot[at] = (uint32_t)++ * groups;
	return (uint32_t)*groups - 1;
}

/* PART's rows into S, those of a visitor side by side; first[g] becomes the
 * end of group g. Returns how many groups there are. */
static size_t
gather(struct sorting *s, const struct part *part)
{
	struct who *who;
	size_t n = 0, groups = 0, sum = 0;

	make_room(s, part->count);
	/* The rows' own room is free till they come. */
	who = (struct who *)(void *)s->row;
	EACH_ROW(part, r, s->group[n++] = group_of(s, r, who, &groups));
	for (size_t g = 0; g < groups; g++) {
		size_t count = s->first[g];

		s->first[g] = (uint32_t)sum;
		sum += count;
	}
	n = 0;
	EACH_ROW(part, r, s->row[s->first[s->group[n++]]++] = *r);
	return groups;
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

/* Sorts the COUNT rows AT of a visitor and leaves the earliest of each visit
 * and origin; returns how many stay. */
static size_t
thin_few(const struct packed *p, struct packed_row *at, size_t count)
{
	size_t kept = 1;

	sort_few(p, at, count);
	for (size_t i = 1; i < count; i++) {
		if (!same_origin(&at[kept - 1], &at[i]))
			at[kept++] = at[i];
	}
	return kept;
}

/* Writes the ids of all rows anew when most are of rows that went. */
static void
renew_text(struct packed *p)
{
	struct slabs old = p->text;

	if (old.count <= TEXT_FIRST || p->ids < 2 * p->count)
		return;
	p->text = (struct slabs){ 0 };
	p->ids = 0;
	for (size_t i = 0; i < PARTS; i++) {
		struct part *part = &p->part[i];

		for (struct chunk *c = part->newest; c; c = c->older) {
			for (size_t k = 0; k < rows_in(part, c); k++) {
				struct packed_row *r = &c->row[k];
				struct str id = text_at(&old, r->text >> 24);

				r->text = (r->text & 0xffffff) | add_text(p, id)
								     << 24;
			}
		}
	}
	slabs_free(&old);
}

static void
thin_out(struct packed *p, struct part *part)
{
	struct sorting *s = &p->sorting;
	size_t groups = gather(s, part), from = 0;

	give_back(p, part);
	for (size_t g = 0; g < groups; g++) {
		size_t kept = thin_few(p, s->row + from, s->first[g] - from);

		for (size_t i = 0; i < kept; i++)
			*push(p, part) = s->row[from + i];
		from = s->first[g];
	}
	part->limit =
	    part->count * 2 < PART_FIRST ? PART_FIRST : part->count * 2;
	memset(p->late, 0, LATE * sizeof(*p->late)); /* the rows moved */
	renew_text(p);
}

void
packed_each(struct packed *p,
    void (*each)(void *ctx, struct hash128 visitor,
	const struct packed_row *row, size_t count),
    void *ctx)
{
	struct sorting *s = &p->sorting;
	size_t gone = 0;

	for (size_t i = 0; i < PARTS; i++) {
		size_t groups = gather(s, &p->part[i]), from = 0;

		for (size_t g = 0; g < groups; g++) {
			struct packed_row *at = s->row + from;
			size_t count = s->first[g] - from;
			size_t kept = thin_few(p, at, count);
			struct hash128 visitor = {
				(uint64_t)i << 56 | at->key_more, at->key
			};

			gone += count - kept;
			each(ctx, visitor, at, kept);
			from = s->first[g];
		}
	}
	p->count -= gone;
}

size_t
packed_count(const struct packed *p)
{
	return p->count;
}

size_t
packed_row_bytes(const struct packed *p)
{
	size_t text = p->text.count == 0
			  ? 0
			  : (p->text.count - 1) * SLAB_BYTES + p->text.used;

	return p->count * sizeof(struct packed_row) + text;
}

/*
 * visit.c - touches of a visit from the set of its candidates.
 */
#include "aggregator/journey/visit.h"

int
visit_order(const struct candidate *a, const struct candidate *b)
{
	if (a->ts_ms != b->ts_ms)
		return a->ts_ms < b->ts_ms ? -1 : 1;
	return str_cmp(a->event_id, b->event_id);
}

uint64_t
visit_origin(int64_t signature)
{
	uint64_t bits =
	    (uint64_t)signature & ((UINT64_C(1) << VISIT_ORIGIN_BITS) - 1);

	return signature != 0 && bits == 0 ? 1 : bits;
}

enum visit_change
visit_merge(struct candidate *at, size_t *count, const struct candidate *c,
    size_t *where)
{
	uint64_t origin = visit_origin(c->signature);

	for (size_t i = 0; i < *count; i++) {
		if (visit_origin(at[i].signature) != origin)
			continue;
		*where = i;
		if (visit_order(c, &at[i]) >= 0)
			return VISIT_SAME;
		at[i] = *c;
		return VISIT_EARLIER;
	}
	*where = *count;
	at[(*count)++] = *c;
	return VISIT_NEW;
}

size_t
visit_first(const struct candidate *at, size_t count)
{
	size_t first = 0;

	for (size_t i = 1; i < count; i++) {
		if (visit_order(&at[i], &at[first]) < 0)
			first = i;
	}
	return first;
}

bool
visit_is_touch(const struct candidate *at, size_t count, size_t i)
{
	return at[i].signature != 0 || visit_first(at, count) == i;
}

void
visit_count(const struct candidate *at, size_t count, const struct zone *zone,
    int sign,
    void (*add)(
	void *ctx, int32_t day, int32_t dim, int64_t visits, int64_t touches),
    void *ctx)
{
	size_t first;

	if (count == 0)
		return;
	first = visit_first(at, count);
	if (at[first].in_visit)
		add(ctx, zone_day(zone, at[first].start_ms), at[first].dim,
		    sign, 0);
	for (size_t i = 0; i < count; i++) {
		if (at[i].signature != 0 || i == first)
			add(ctx, zone_day(zone, at[i].ts_ms), at[i].dim, 0,
			    sign);
	}
}

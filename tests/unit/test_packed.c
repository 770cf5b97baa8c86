/* Packed candidates: the earliest per visitor, visit and origin, in any
 * order of arrival and beyond the rows that make them thin out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "aggregator/report/packed.h"

static uint32_t
party(struct packed *p, uint64_t n)
{
	return packed_party(p, (struct hash128){ n * 77, n });
}

static void
add(struct packed *p, uint64_t visitor, int64_t session, int64_t signature,
    int64_t ts_ms, const char *id)
{
	struct packed_hit hit = { .dim = (uint32_t)signature & 7,
		.session = session,
		.signature = signature,
		.ts_ms = ts_ms,
		.start_day = 20000,
		.in_visit = true,
		.event_id = str_of(id) };

	packed_add(p, party(p, visitor), &hit);
}

static void
a_key_always_has_the_same_number(void **ctx)
{
	struct packed *p = packed_new();

	(void)ctx;
	for (uint64_t i = 0; i < 5000; i++)
		assert_int_equal(party(p, i), i);
	for (uint64_t i = 0; i < 5000; i++) {
		assert_int_equal(party(p, i), i);
		assert_int_equal(packed_key(p, (uint32_t)i).hi, i * 77);
	}
	assert_int_equal(packed_parties(p), 5000);
	packed_free(p);
}

static void
the_earliest_hit_of_an_origin_stays(void **ctx)
{
	static const int order[][4] = { { 0, 1, 2, 3 }, { 3, 2, 1, 0 },
		{ 1, 3, 0, 2 }, { 2, 0, 3, 1 } };
	static const struct {
		int64_t ts_ms;
		const char *id;
	} hit[] = { { 5000, "b" }, { 5000, "a" }, { 6000, "0" },
		{ 9000, "z" } };

	(void)ctx;
	for (int k = 0; k < 8; k++) {
		struct packed *p = packed_new();
		const struct packed_row *r;
		size_t n;

		for (int i = 0; i < 4; i++) {
			add(p, 1, 11, 42, hit[order[k % 4][i]].ts_ms,
			    hit[order[k % 4][i]].id);
			if (k >= 4) /* not the last row that was seen */
				add(p, 1, 12, 0, 100 + i, "other visit");
		}
		add(p, 1, 12, 0, 100, "other visit");
		packed_sort(p);
		r = packed_rows(p, 0, &n);
		assert_int_equal(n, 2);
		if (!packed_tagged(r))
			r++;
		assert_int_equal(packed_time(r), 5000);
		assert_true(str_is(packed_event_id(p, r), "a"));
		assert_int_equal(r->dim, 42 & 7);
		assert_true(packed_in_visit(r));
		assert_int_equal(packed_start_day(r), 20000);
		packed_free(p);
	}
}

static void
what_is_stored_comes_back_at_its_limits(void **ctx)
{
	struct packed *p = packed_new();
	struct packed_hit hit = { .dim = UINT32_MAX,
		.session = -1,
		.signature = INT64_MIN, /* no bit that is kept */
		.ts_ms = PACKED_TIME_MAX,
		.event_id = STR_EMPTY };
	const struct packed_row *r;
	size_t n;

	(void)ctx;
	packed_add(p, party(p, 9), &hit);
	packed_sort(p);
	r = packed_rows(p, 0, &n);
	assert_int_equal(n, 1);
	assert_int_equal(packed_time(r), PACKED_TIME_MAX);
	assert_true(packed_tagged(r));
	assert_false(packed_in_visit(r));
	assert_int_equal(packed_start_day(r), 0);
	assert_int_equal(r->dim, UINT32_MAX);
	assert_int_equal(sizeof(*r), 32);
	packed_free(p);
}

/* Two visits by turns: no hit meets its own visit's row as the last one. */
static void
rows_follow_the_candidates_and_not_the_hits(void **ctx)
{
	enum { HITS = 3000000, VISITORS = 50 };
	struct packed *p = packed_new();

	(void)ctx;
	for (int i = HITS; i-- > 0;) {
		char id[16];

		snprintf(id, sizeof(id), "e%07d", i);
		add(p, (uint64_t)i % VISITORS, i / VISITORS % 2, 7, 1000 + i,
		    id);
	}
	/* 24 MB of rows would have been kept, and 27 of ids. */
	assert_in_range(packed_row_bytes(p), 1, 50 << 20);
	packed_sort(p);
	assert_int_equal(packed_count(p), 2 * VISITORS);
	for (uint32_t v = 0; v < VISITORS; v++) {
		size_t n;
		const struct packed_row *r = packed_rows(p, v, &n);
		int first = (int)packed_key(p, v).lo;

		assert_int_equal(n, 2);
		assert_false(packed_same_visit(&r[0], &r[1]));
		assert_int_equal(packed_time(&r[0]) + packed_time(&r[1]),
		    2 * (1000 + first) + VISITORS);
	}
	packed_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_always_has_the_same_number),
		cmocka_unit_test(the_earliest_hit_of_an_origin_stays),
		cmocka_unit_test(what_is_stored_comes_back_at_its_limits),
		cmocka_unit_test(rows_follow_the_candidates_and_not_the_hits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

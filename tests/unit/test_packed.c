/* Packed candidates: the earliest per visitor, visit and origin, in any
 * order of arrival and beyond the rows that make them thin out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "aggregator/report/packed.h"
#include "aggregator/report/parties.h"

static struct hash128
visitor(uint64_t n)
{
	return (struct hash128){ n << 56 | n, n * 77 };
}

static void
add(struct packed *p, uint64_t who, int64_t session, int64_t signature,
    int64_t ts_ms, const char *id)
{
	struct packed_hit hit = { .visitor = visitor(who),
		.dim = (uint32_t)signature & 7,
		.session = session,
		.signature = signature,
		.ts_ms = ts_ms,
		.start_day = 20000,
		.in_visit = true,
		.event_id = str_of(id) };

	packed_add(p, &hit);
}

/* What was told of the visitors, in a test's own words. */
struct told {
	const struct packed *p;
	struct hash128 who;
	struct packed_row row[64]; /* of the last one */
	size_t count, visitors, rows;
	int64_t sum;
};

static void
tell(void *ctx, struct hash128 who, const struct packed_row *row, size_t count)
{
	struct told *t = ctx;

	assert_in_range(count, 1, 64);
	t->who = who;
	t->count = count;
	memcpy(t->row, row, count * sizeof(*row));
	t->visitors++;
	t->rows += count;
	for (size_t i = 0; i < count; i++)
		t->sum += packed_time(&row[i]);
}

static struct told
told(struct packed *p)
{
	struct told t = { .p = p };

	packed_each(p, tell, &t);
	return t;
}

static void
every_visitor_is_told_once(void **ctx)
{
	enum { VISITORS = 20000 };
	struct packed *p = packed_new();
	struct told t;

	(void)ctx;
	for (int round = 0; round < 3; round++) {
		for (uint64_t i = 1; i <= VISITORS; i++)
			add(p, i, round, 7, 1000 + round, "id");
	}
	t = told(p);
	assert_int_equal(t.visitors, VISITORS);
	assert_int_equal(t.rows, 3 * VISITORS);
	assert_int_equal(t.sum, VISITORS * (3 * 1000 + 3));
	assert_int_equal(packed_count(p), 3 * VISITORS);
	packed_free(p);
}

/* Each bit that parties.h names tells them apart. */
static void
a_bit_of_the_key_makes_another_visitor(void **ctx)
{
	struct packed *p = packed_new();
	struct packed_hit hit = { .session = 1,
		.signature = 5,
		.ts_ms = 1000,
		.in_visit = true,
		.event_id = STR("id") };

	(void)ctx;
	packed_add(p, &hit);
	for (int bit = 0; bit < 128; bit++) {
		hit.visitor = (struct hash128){ 0, 0 };
		if (bit < 64)
			hit.visitor.lo = UINT64_C(1) << bit;
		else
			hit.visitor.hi =
			    (UINT64_C(1) << (bit - 64)) & PARTIES_HI_BITS;
		packed_add(p, &hit);
	}
	assert_int_equal(told(p).visitors, 105);
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
		struct told t;

		for (int i = 0; i < 4; i++) {
			add(p, 1, 11, 42, hit[order[k % 4][i]].ts_ms,
			    hit[order[k % 4][i]].id);
			if (k >= 4) /* not the last row that was seen */
				add(p, 1, 12, 0, 100 + i, "other visit");
		}
		add(p, 1, 12, 0, 100, "other visit");
		t = told(p);
		r = t.row;
		assert_int_equal(t.visitors, 1);
		assert_int_equal(t.count, 2);
		assert_int_equal(t.who.hi, visitor(1).hi);
		assert_int_equal(t.who.lo, visitor(1).lo);
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
		.visitor = { UINT64_MAX, UINT64_MAX },
		.session = -1,
		.signature = INT64_MIN, /* no bit that is kept */
		.ts_ms = PACKED_TIME_MAX,
		.event_id = STR_EMPTY };
	const struct packed_row *r;
	struct told t;

	(void)ctx;
	packed_add(p, &hit);
	t = told(p);
	r = t.row;
	assert_int_equal(t.count, 1);
	assert_int_equal(packed_time(r), PACKED_TIME_MAX);
	assert_true(packed_tagged(r));
	assert_false(packed_in_visit(r));
	assert_int_equal(packed_start_day(r), 0);
	assert_int_equal(r->dim, UINT32_MAX);
	assert_int_equal(sizeof(*r), 40);
	assert_int_equal(t.who.hi, PARTIES_HI_BITS);
	assert_int_equal(t.who.lo, UINT64_MAX);
	packed_free(p);
}

/* As many visits by turns as no memory of late rows holds. */
static void
rows_follow_the_candidates_and_not_the_hits(void **ctx)
{
	enum { HITS = 3000000, VISITORS = 5000 };
	struct packed *p = packed_new();
	struct told t;
	int64_t most = 0;

	(void)ctx;
	for (int i = HITS; i-- > 0;) {
		char id[40];

		snprintf(id, sizeof(id), "a-long-id-such-as-they-are%07d", i);
		add(p, (uint64_t)i % VISITORS, i / VISITORS % 2, 7, 1000 + i,
		    id);
		if (i % 1000 == 0 && (int64_t)packed_row_bytes(p) > most)
			most = (int64_t)packed_row_bytes(p);
	}
	/* 120 MB of rows would have been kept, and 100 of ids. */
	assert_in_range(most, 1, 90 << 20);
	t = told(p);
	assert_int_equal(t.visitors, VISITORS);
	assert_int_equal(packed_count(p), 2 * VISITORS);
	/* Of each visit its earliest hit. */
	assert_int_equal(
	    t.sum, INT64_C(2) * VISITORS * 1000 +
		       INT64_C(2) * VISITORS * (2 * VISITORS - 1) / 2);
	packed_free(p);
}

/* Hits of a visit in no order, at once and after the rows moved. */
static void
an_earlier_hit_wins_after_its_rows_moved(void **ctx)
{
	enum { VISITORS = 3000, HITS = 400 };
	struct packed *p = packed_new();
	struct told t;

	(void)ctx;
	for (int k = 0; k < HITS; k++) {
		for (uint64_t who = 0; who < VISITORS; who++) {
			int at = k * 7919 % HITS;

			add(p, who, 1, 9, 5000 + at, "one");
			add(p, who, 1, 9, 5000 + (at + 1) % HITS, "two");
		}
	}
	t = told(p);
	assert_int_equal(t.visitors, VISITORS);
	assert_int_equal(t.rows, VISITORS);
	assert_int_equal(t.sum, VISITORS * 5000);
	assert_true(str_is(packed_event_id(p, t.row), "one"));
	packed_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_visitor_is_told_once),
		cmocka_unit_test(a_bit_of_the_key_makes_another_visitor),
		cmocka_unit_test(an_earlier_hit_wins_after_its_rows_moved),
		cmocka_unit_test(the_earliest_hit_of_an_origin_stays),
		cmocka_unit_test(what_is_stored_comes_back_at_its_limits),
		cmocka_unit_test(rows_follow_the_candidates_and_not_the_hits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Touches of a visit: a function of the set of its hits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "aggregator/journey/visit.h"

#define NOON (INT64_C(1700000000000) / DAY_MS * DAY_MS + DAY_MS / 2)
enum { DIRECT = 0, GOOGLE = 11, LETTER = 12 };

static struct candidate
hit(int64_t signature, int64_t ts_ms, const char *event_id)
{
	return (struct candidate){ .signature = signature,
		.ts_ms = ts_ms,
		.event_id = str_of(event_id),
		.start_ms = ts_ms,
		.dim = (int32_t)signature,
		.in_visit = true };
}

/* --- one hit after another ---------------------------------------------------
 */

static void
the_first_hit_of_a_visit_is_a_touch(void **ctx)
{
	struct candidate at[2], c = hit(DIRECT, NOON, "a");
	size_t count = 0, where;

	(void)ctx;
	assert_int_equal(visit_merge(at, &count, &c, &where), VISIT_NEW);
	assert_int_equal(count, 1);
	assert_int_equal(where, 0);
	assert_true(visit_is_touch(at, count, 0));
}

static void
a_direct_touch_is_retracted_by_an_earlier_tagged_hit(void **ctx)
{
	struct candidate at[3], c = hit(DIRECT, NOON, "b");
	struct candidate earlier = hit(GOOGLE, NOON - 1, "a");
	size_t count = 0, where;

	(void)ctx;
	(void)visit_merge(at, &count, &c, &where);
	assert_int_equal(visit_merge(at, &count, &earlier, &where), VISIT_NEW);
	assert_int_equal(where, 1);
	assert_false(visit_is_touch(at, count, 0));
	assert_true(visit_is_touch(at, count, 1));
	assert_int_equal(visit_first(at, count), 1);
}

static void
a_tagged_hit_later_in_the_visit_is_a_second_touch(void **ctx)
{
	struct candidate at[3], c = hit(DIRECT, NOON, "a");
	struct candidate later = hit(GOOGLE, NOON + 1, "b");
	size_t count = 0, where;

	(void)ctx;
	(void)visit_merge(at, &count, &c, &where);
	(void)visit_merge(at, &count, &later, &where);
	assert_true(visit_is_touch(at, count, 0));
	assert_true(visit_is_touch(at, count, 1));
}

static void
of_one_origin_only_the_earliest_hit_stays(void **ctx)
{
	struct candidate at[2], c = hit(GOOGLE, NOON, "b");
	struct candidate later = hit(GOOGLE, NOON + 1, "c");
	struct candidate same_time = hit(GOOGLE, NOON, "a");
	size_t count = 0, where;

	(void)ctx;
	(void)visit_merge(at, &count, &c, &where);
	assert_int_equal(visit_merge(at, &count, &later, &where), VISIT_SAME);
	assert_int_equal(visit_merge(at, &count, &c, &where), VISIT_SAME);
	/* At the same time the event id decides. */
	assert_int_equal(
	    visit_merge(at, &count, &same_time, &where), VISIT_EARLIER);
	assert_int_equal(where, 0);
	assert_int_equal(count, 1);
	assert_true(str_is(at[0].event_id, "a"));
}

/* --- what it adds to the days
 * ----------------------------------------------------- */

struct added {
	int64_t visits[3][20], touches[3][20]; /* by day - base and dim */
};
#define BASE_DAY ((int32_t)(NOON / DAY_MS) - 1)

static void
add(void *ctx, int32_t day, int32_t dim, int64_t visits, int64_t touches)
{
	struct added *a = ctx;

	assert_in_range(day - BASE_DAY, 0, 2);
	a->visits[day - BASE_DAY][dim] += visits;
	a->touches[day - BASE_DAY][dim] += touches;
}

static struct zone *
open_utc(void)
{
	struct error err;
	struct zone *utc = zone_open("UTC", &err);

	assert_non_null(utc);
	return utc;
}

static void
a_visit_counts_on_the_day_it_began_for_its_first_touch(void **ctx)
{
	struct candidate at[] = { hit(LETTER, NOON + DAY_MS / 2, "b"),
		hit(GOOGLE, NOON, "a") };
	struct zone *utc = open_utc();
	struct added sum = { 0 }, want = { 0 };

	(void)ctx;
	at[1].start_ms = NOON - DAY_MS; /* its session began the day before */
	want.visits[0][GOOGLE] = 1;
	want.touches[1][GOOGLE] = 1;
	want.touches[2][LETTER] = 1;
	visit_count(at, 2, utc, 1, add, &sum);
	assert_memory_equal(&sum, &want, sizeof(sum));
	visit_count(at, 2, utc, -1, add, &sum);
	want = (struct added){ 0 };
	assert_memory_equal(&sum, &want, sizeof(sum));
	visit_count(at, 0, utc, 1, add, &sum);
	assert_memory_equal(&sum, &want, sizeof(sum));
	zone_free(utc);
}

static void
a_tagged_hit_outside_any_visit_is_a_touch_without_a_visit(void **ctx)
{
	struct candidate at[] = { hit(GOOGLE, NOON, "a") };
	struct zone *utc = open_utc();
	struct added sum = { 0 }, want = { 0 };

	(void)ctx;
	at[0].in_visit = false;
	want.touches[1][GOOGLE] = 1;
	visit_count(at, 1, utc, 1, add, &sum);
	assert_memory_equal(&sum, &want, sizeof(sum));
	zone_free(utc);
}

/* --- any order
 * ------------------------------------------------------------------- */

static uint64_t state = 7;

static uint64_t
below(uint64_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % n;
}

enum { HITS = 12 };

static bool
is_earlier(const struct candidate *a, const struct candidate *b)
{
	return a->ts_ms < b->ts_ms ||
	       (a->ts_ms == b->ts_ms &&
		   strncmp(a->event_id.data, b->event_id.data, 1) < 0);
}

/* By the page: the first hit of the visit, and the first of each origin not
 * yet seen in it. */
static bool
is_touch_by_definition(const struct candidate *all, size_t count, size_t i)
{
	bool first_of_visit = true, first_of_origin = true;

	for (size_t j = 0; j < count; j++) {
		if (!is_earlier(&all[j], &all[i]))
			continue;
		first_of_visit = false;
		if (all[j].signature == all[i].signature)
			first_of_origin = false;
	}
	return first_of_visit || (all[i].signature != 0 && first_of_origin);
}

static void
shuffle(struct candidate *at, size_t count)
{
	for (size_t i = count; i > 1; i--) {
		size_t j = below(i);
		struct candidate swap = at[i - 1];

		at[i - 1] = at[j];
		at[j] = swap;
	}
}

/* True if EVENT_ID is among the touches of AT. */
static bool
holds(const struct candidate *at, size_t count, struct str event_id)
{
	for (size_t i = 0; i < count; i++) {
		if (str_eq(at[i].event_id, event_id))
			return visit_is_touch(at, count, i);
	}
	return false;
}

static void
any_order_of_arrival_gives_the_touches_of_the_definition(void **ctx)
{
	static const char ids[] = "abcdefghijkl";

	(void)ctx;
	for (int round = 0; round < 20000; round++) {
		struct candidate all[HITS], at[HITS + 1];
		size_t n = 1 + below(HITS), count = 0, where;

		for (size_t i = 0; i < n; i++) {
			all[i] = hit(
			    (int64_t)below(4), NOON + (int64_t)below(6), "");
			all[i].event_id = str_make(&ids[i], 1);
		}
		shuffle(all, n);
		for (size_t i = 0; i < n + 3; i++) /* some come twice */
			(void)visit_merge(
			    at, &count, &all[i < n ? i : below(n)], &where);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(holds(at, count, all[i].event_id),
			    is_touch_by_definition(all, n, i));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_hit_of_a_visit_is_a_touch),
		cmocka_unit_test(
		    a_direct_touch_is_retracted_by_an_earlier_tagged_hit),
		cmocka_unit_test(
		    a_tagged_hit_later_in_the_visit_is_a_second_touch),
		cmocka_unit_test(of_one_origin_only_the_earliest_hit_stays),
		cmocka_unit_test(
		    a_visit_counts_on_the_day_it_began_for_its_first_touch),
		cmocka_unit_test(
		    a_tagged_hit_outside_any_visit_is_a_touch_without_a_visit),
		cmocka_unit_test(
		    any_order_of_arrival_gives_the_touches_of_the_definition),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

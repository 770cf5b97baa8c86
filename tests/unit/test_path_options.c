/*
 * The options of a site that change what a path is made of, and when a
 * conversion of a foreign clock counts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "aggregator/models/attribute.h"

#define NOON (20000 * DAY_MS + DAY_MS / 2)

enum { DIRECT = 1, NEWS, GOOGLE };

static struct arena *arena;
static struct zone *utc;

static int
start(void **ctx)
{
	struct error err;

	(void)ctx;
	arena = arena_new(1 << 16);
	utc = zone_open("UTC", &err);
	return utc == NULL;
}

static int
finish(void **ctx)
{
	(void)ctx;
	arena_free(arena);
	zone_free(utc);
	return 0;
}

static struct touch
touch(int64_t ts_ms, int32_t dim)
{
	return (struct touch){ ts_ms, arena_printf(arena, "t%d", (int)dim), dim,
		dim == DIRECT, -1 };
}

static struct conversion
conversion(int64_t ts_ms, struct attribute_path path)
{
	return (struct conversion){ .site = STR("shop"),
		.event_id = STR("c"),
		.goal = STR("purchase"),
		.zone = utc,
		.ts_ms = ts_ms,
		.lookback_ms = 30 * DAY_MS,
		.value_micros = 1000000,
		.path = path };
}

/* C's path is the COUNT dims of DIM, which share its value. */
static void
assert_path(const struct conversion *c, const int32_t *dim, size_t count)
{
	int64_t sum[MODEL_COUNT] = { 0 };

	assert_int_equal(c->credit_count, count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(c->credits[i].dim, dim[i]);
		assert_int_equal(c->credits[i].touch_no, i + 1);
		for (int m = 0; m < MODEL_COUNT; m++)
			sum[m] += c->credits[i].value[m];
	}
	for (int m = 0; m < MODEL_COUNT; m++)
		assert_int_equal(sum[m], c->reporting_micros);
}

#define ASSERT_PATH(c, ...)                                                    \
	do {                                                                   \
		const int32_t want[] = { __VA_ARGS__ };                        \
		assert_path((c), want, sizeof(want) / sizeof(want[0]));        \
	} while (0)

static void
direct_touches_are_left_out_unless_all_are_direct(void **ctx)
{
	struct touch t[] = { touch(NOON - 4, DIRECT), touch(NOON - 3, NEWS),
		touch(NOON - 2, DIRECT) };
	struct conversion c =
	    conversion(NOON, (struct attribute_path){ .exclude_direct = true });

	(void)ctx;
	attribute(t, 3, &c, 1, arena);
	ASSERT_PATH(&c, NEWS);
	t[1] = t[2];
	attribute(t, 2, &c, 1, arena);
	ASSERT_PATH(&c, DIRECT, DIRECT);
	/* The other touch is too old: all that is left is direct. */
	t[0] = touch(NOON - 31 * DAY_MS, NEWS);
	attribute(t, 2, &c, 1, arena);
	ASSERT_PATH(&c, DIRECT);
}

static void
of_equal_neighbours_the_first_stays(void **ctx)
{
	struct touch t[] = { touch(NOON - 9, NEWS), touch(NOON - 8, NEWS),
		touch(NOON - 7, GOOGLE), touch(NOON - 6, NEWS),
		touch(NOON - 5, NEWS) };
	struct conversion c =
	    conversion(NOON, (struct attribute_path){ .exposure = true });

	(void)ctx;
	attribute(t, 5, &c, 1, arena);
	ASSERT_PATH(&c, NEWS, GOOGLE, NEWS);
	assert_int_equal(c.credits[0].touch_ts_ms, NOON - 9);
	assert_int_equal(c.credits[2].touch_ts_ms, NOON - 6);
}

static void
direct_between_equal_touches_does_not_part_them(void **ctx)
{
	struct touch t[] = { touch(NOON - 9, NEWS), touch(NOON - 8, DIRECT),
		touch(NOON - 7, NEWS) };
	struct conversion c =
	    conversion(NOON, (struct attribute_path){
				 .exposure = true, .exclude_direct = true });

	(void)ctx;
	attribute(t, 3, &c, 1, arena);
	ASSERT_PATH(&c, NEWS);
}

static void
a_conversion_of_the_goal_takes_the_touches_up_to_it(void **ctx)
{
	const struct attribute_path reset = { .reset = true };
	struct touch t[] = { touch(NOON - 9, NEWS), touch(NOON - 5, GOOGLE),
		touch(NOON - 4, NEWS) };
	struct conversion c[] = { conversion(NOON - 7, reset),
		conversion(NOON - 5, reset), conversion(NOON - 5, reset),
		conversion(NOON - 3, reset), conversion(NOON, reset) };

	(void)ctx;
	c[0].goal = STR("sign_up"); /* another: it takes nothing from these */
	attribute(t, 3, c, 5, arena);
	ASSERT_PATH(&c[0], NEWS);
	ASSERT_PATH(&c[1], NEWS, GOOGLE);
	ASSERT_PATH(&c[2], NEWS, GOOGLE); /* of the same instant */
	ASSERT_PATH(&c[3], NEWS);
	assert_int_equal(c[4].credit_count, 1);
	assert_false(c[4].credits[0].has_touch);
}

static void
a_duplicate_does_not_reset_a_path_but_one_that_waits_does(void **ctx)
{
	const struct attribute_path reset = { .reset = true };
	struct touch t[] = { touch(NOON - 9, NEWS) };
	struct conversion c[] = { conversion(NOON - 7, reset),
		conversion(NOON, reset) };

	(void)ctx;
	c[0].duplicate = true;
	attribute(t, 1, c, 2, arena);
	ASSERT_PATH(&c[1], NEWS);
	c[0].duplicate = false;
	c[0].foreign = true;
	attribute(t, 1, c, 2, arena);
	assert_int_equal(c[0].state, OUTCOME_WAITING);
	assert_false(c[1].credits[0].has_touch);
}

static void
a_conversion_shortly_before_its_click_counts_at_the_click(void **ctx)
{
	const int64_t minutes = ATTRIBUTE_EARLY_MS;

	(void)ctx;
	assert_int_equal(minutes, 300000);
	assert_int_equal(attribute_time(NOON - minutes, NOON), NOON);
	assert_int_equal(attribute_time(NOON - 1, NOON), NOON);
	assert_int_equal(
	    attribute_time(NOON - minutes - 1, NOON), NOON - minutes - 1);
	assert_int_equal(attribute_time(NOON, NOON), NOON);
	assert_int_equal(attribute_time(NOON + 1, NOON), NOON + 1);
}

static void
the_last_touches_share_a_conversion_of_a_machine(void **ctx)
{
	enum { MOST = ATTRIBUTE_TOUCHES_MAX, MORE = 3 };
	struct touch *t = arena_alloc(arena, (MOST + MORE) * sizeof(*t));
	struct conversion c =
	    conversion(NOON, (struct attribute_path){ false });
	int64_t sum[MODEL_COUNT] = { 0 };

	(void)ctx;
	for (int i = 0; i < MOST + MORE; i++)
		t[i] = touch(NOON - DAY_MS + i, NEWS + i);
	attribute(t, MOST + MORE, &c, 1, arena);
	assert_int_equal(c.left_out, MORE);
	assert_int_equal(c.credit_count, MOST);
	assert_int_equal(c.credits[0].dim, NEWS + MORE);
	assert_int_equal(c.credits[MOST - 1].dim, NEWS + MORE + MOST - 1);
	for (int m = 0; m < MODEL_COUNT; m++) {
		for (size_t i = 0; i < c.credit_count; i++)
			sum[m] += c.credits[i].value[m];
		assert_int_equal(sum[m], c.reporting_micros);
	}
	attribute(t, MOST, &c, 1, arena);
	assert_int_equal(c.left_out, 0);
	assert_int_equal(c.credit_count, MOST);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    direct_touches_are_left_out_unless_all_are_direct),
		cmocka_unit_test(of_equal_neighbours_the_first_stays),
		cmocka_unit_test(
		    direct_between_equal_touches_does_not_part_them),
		cmocka_unit_test(
		    a_conversion_of_the_goal_takes_the_touches_up_to_it),
		cmocka_unit_test(
		    a_duplicate_does_not_reset_a_path_but_one_that_waits_does),
		cmocka_unit_test(
		    a_conversion_shortly_before_its_click_counts_at_the_click),
		cmocka_unit_test(
		    the_last_touches_share_a_conversion_of_a_machine),
	};

	return cmocka_run_group_tests(tests, start, finish);
}

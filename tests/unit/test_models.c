/* The models against DEFINITIONS.md 2, and money split to the micro. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>

#include "aggregator/models/models.h"

#define HOUR INT64_C(3600000)
#define DAY (24 * HOUR)
#define CONVERSION (INT64_C(1700000000000))
#define MAX 200

/* A small generator of our own: the same numbers on every machine. */
static uint64_t state = 1;

static uint64_t
random_bits(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static uint64_t
below(uint64_t n)
{
	return random_bits() % n;
}

struct example {
	size_t count;
	int64_t time_ms[MAX];
	bool direct[MAX];
};

static struct path
path_of(const struct example *e)
{
	return (struct path){ .count = e->count,
		.time_ms = e->time_ms,
		.direct = e->direct,
		.conversion_ms = CONVERSION };
}

static void
credits(
    enum model_id id, const struct example *e, int64_t amount, int64_t *part)
{
	struct path path = path_of(e);
	double weight[MAX];

	models[id]->weigh(&path, weight);
	models_split(amount, weight, e->count, part);
}

static void
expect(enum model_id id, const struct example *e, int64_t amount,
    const int64_t *want)
{
	int64_t part[MAX];

	credits(id, e, amount, part);
	for (size_t i = 0; i < e->count; i++)
		assert_int_equal(part[i], want[i]);
}

/* Email five days before, search one day before, direct an hour before. */
static const struct example three = {
	.count = 3,
	.time_ms = { CONVERSION - 5 * DAY, CONVERSION - DAY,
	    CONVERSION - HOUR },
	.direct = { false, false, true },
};
static const struct example all_direct = {
	.count = 3,
	.time_ms = { CONVERSION - 2 * DAY, CONVERSION - DAY, CONVERSION },
	.direct = { true, true, true },
};

static void
first_touch_gives_all_to_the_first(void **ctx)
{
	(void)ctx;
	expect(MODEL_first_touch, &three, 99, (int64_t[]){ 99, 0, 0 });
}

static void
last_touch_gives_all_to_the_last(void **ctx)
{
	(void)ctx;
	expect(MODEL_last_touch, &three, 99, (int64_t[]){ 0, 0, 99 });
}

static void
last_non_direct_passes_over_direct(void **ctx)
{
	(void)ctx;
	expect(MODEL_last_non_direct, &three, 99, (int64_t[]){ 0, 99, 0 });
}

static void
last_non_direct_takes_the_last_when_all_are_direct(void **ctx)
{
	(void)ctx;
	expect(MODEL_last_non_direct, &all_direct, 99, (int64_t[]){ 0, 0, 99 });
}

static void
linear_gives_leftover_micros_to_the_earlier(void **ctx)
{
	(void)ctx;
	expect(MODEL_linear, &three, 1000000,
	    (int64_t[]){ 333334, 333333, 333333 });
	expect(MODEL_linear, &three, 1000001,
	    (int64_t[]){ 333334, 333334, 333333 });
}

static void
position_based_gives_40_20_40(void **ctx)
{
	(void)ctx;
	expect(MODEL_position_based, &three, 100000000,
	    (int64_t[]){ 40000000, 20000000, 40000000 });
}

static void
position_based_of_one_gives_all_and_of_two_halves(void **ctx)
{
	struct example e = three;

	(void)ctx;
	e.count = 1;
	expect(MODEL_position_based, &e, 7, (int64_t[]){ 7 });
	e.count = 2;
	expect(MODEL_position_based, &e, 7, (int64_t[]){ 4, 3 });
}

static void
position_based_shares_20_percent_between_the_ends(void **ctx)
{
	struct example e = three;

	(void)ctx;
	e.count = 5;
	e.time_ms[3] = e.time_ms[4] = CONVERSION;
	expect(MODEL_position_based, &e, 1000000,
	    (int64_t[]){ 400000, 66667, 66667, 66666, 400000 });
}

static void
time_decay_halves_in_seven_days(void **ctx)
{
	const struct example e = {
		.count = 3,
		.time_ms = { CONVERSION - 14 * DAY, CONVERSION - 7 * DAY,
		    CONVERSION },
	};

	(void)ctx;
	expect(MODEL_time_decay, &e, 7000000,
	    (int64_t[]){ 1000000, 2000000, 4000000 });
}

/* The formula as the page of definitions writes it, by libm in long double. */
static void
time_decay_follows_its_formula(void **ctx)
{
	(void)ctx;
	for (int round = 0; round < 20000; round++) {
		struct example e = { .count = 1 + below(20) };
		struct path path = path_of(&e);
		double weight[MAX];
		long double want[MAX], total = 0, sum = 0;

		for (size_t i = 0; i < e.count; i++) {
			e.time_ms[i] = CONVERSION - (int64_t)below(400 * DAY);
			want[i] = powl(
			    2.0L, -(long double)(CONVERSION - e.time_ms[i]) /
				      (7.0L * DAY));
			total += want[i];
		}
		models[MODEL_time_decay]->weigh(&path, weight);
		for (size_t i = 0; i < e.count; i++)
			sum += weight[i];
		for (size_t i = 0; i < e.count; i++) {
			long double a = weight[i] / sum, b = want[i] / total;

			assert_true(fabsl(a - b) <= 1e-15L * b + 1e-300L);
		}
	}
}

static void
time_decay_of_a_path_twenty_five_years_old_still_splits(void **ctx)
{
	const struct example e = {
		.count = 2,
		.time_ms = { CONVERSION - 9200 * DAY, CONVERSION - 9193 * DAY },
	};

	(void)ctx;
	expect(MODEL_time_decay, &e, 3, (int64_t[]){ 1, 2 });
}

static void
time_decay_takes_a_touch_after_the_conversion(void **ctx)
{
	const struct example e = {
		.count = 2,
		.time_ms = { CONVERSION - 7 * DAY + 300000,
		    CONVERSION + 300000 },
	};

	(void)ctx;
	expect(MODEL_time_decay, &e, 3, (int64_t[]){ 1, 2 });
}

static void
random_example(struct example *e)
{
	e->count = 1 + below(below(10) == 0 ? MAX : 8);
	for (size_t i = 0; i < e->count; i++) {
		e->time_ms[i] = CONVERSION - (int64_t)below(90 * DAY);
		e->direct[i] = below(3) == 0;
	}
}

static int64_t
random_amount(void)
{
	return (int64_t)(random_bits() >> below(64)) * (below(4) == 0 ? -1 : 1);
}

/* Each part is the exact share rounded up or down, none has the wrong sign. */
static void
parts_of_100000_random_paths_sum_exactly_for_every_model(void **ctx)
{
	static struct example e;
	int64_t part[MAX], sum;

	(void)ctx;
	for (int round = 0; round < 100000; round++) {
		int64_t amount = random_amount();

		random_example(&e);
		for (int id = 0; id < MODEL_COUNT; id++) {
			credits(id, &e, amount, part);
			sum = 0;
			for (size_t i = 0; i < e.count; i++) {
				assert_true(part[i] == 0 ||
					    (part[i] < 0) == (amount < 0));
				sum += part[i];
			}
			assert_int_equal(sum, amount);
		}
	}
}

static void
the_same_path_gives_the_same_parts(void **ctx)
{
	static struct example e;
	int64_t one[MAX], two[MAX];

	(void)ctx;
	for (int round = 0; round < 1000; round++) {
		random_example(&e);
		for (int id = 0; id < MODEL_COUNT; id++) {
			credits(id, &e, 123456789, one);
			credits(id, &e, 123456789, two);
			assert_memory_equal(one, two, e.count * sizeof(one[0]));
		}
	}
}

/* Known numbers: another compiler, libm or processor must find them too. */
static void
time_decay_gives_these_very_micros(void **ctx)
{
	(void)ctx;
	expect(MODEL_time_decay, &three, 100000000,
	    (int64_t[]){ 24272376, 36068613, 39659011 });
}

static void
the_largest_amounts_split_exactly(void **ctx)
{
	const double third[] = { 1, 1, 1 }, uneven[] = { 0.1, 0.2, 1e-300 };
	int64_t part[3];

	(void)ctx;
	models_split(INT64_MAX, third, 3, part);
	assert_int_equal(part[0], INT64_C(3074457345618258603));
	assert_int_equal(part[1], INT64_C(3074457345618258602));
	assert_int_equal(part[2], INT64_C(3074457345618258602));
	models_split(INT64_MIN, third, 3, part);
	assert_int_equal(part[0], INT64_C(-3074457345618258603));
	assert_int_equal(part[1], INT64_C(-3074457345618258603));
	assert_int_equal(part[2], INT64_C(-3074457345618258602));
	models_split(INT64_MAX, uneven, 3, part);
	assert_int_equal(part[0] + part[1] + part[2], INT64_MAX);
	models_split(INT64_MIN, uneven, 1, part);
	assert_int_equal(part[0], INT64_MIN);
}

static void
ties_go_to_the_earlier_touch(void **ctx)
{
	const double weight[] = { 1, 2, 1, 2 };
	int64_t part[4];

	(void)ctx;
	/* 10 * 1/6 = 1 4/6, 10 * 2/6 = 3 2/6: both first remainders win */
	models_split(10, weight, 4, part);
	assert_int_equal(part[0], 2);
	assert_int_equal(part[1], 3);
	assert_int_equal(part[2], 2);
	assert_int_equal(part[3], 3);
	models_split(9, weight, 4, part);
	/* 1.5 3 1.5 3 */
	assert_int_equal(part[0], 2);
	assert_int_equal(part[2], 1);
}

static void
a_path_of_ten_thousand_touches_sums_exactly(void **ctx)
{
	enum { MANY = 10000 };
	double *weight = mem_alloc(MANY * sizeof(*weight));
	int64_t *part = mem_alloc(MANY * sizeof(*part)), sum = 0;

	(void)ctx;
	for (size_t i = 0; i < MANY; i++)
		weight[i] = 1.0;
	models_split(99999, weight, MANY, part);
	for (size_t i = 0; i < MANY; i++)
		sum += part[i];
	assert_int_equal(sum, 99999);
	assert_int_equal(part[0], 10);
	assert_int_equal(part[MANY - 1], 9);
	free(weight);
	free(part);
}

static void
a_refund_follows_the_credits(void **ctx)
{
	const int64_t share[] = { 40000000, 20000000, 40000000 };
	int64_t part[3];

	(void)ctx;
	models_split_shares(-25000001, share, 3, part);
	assert_int_equal(part[0], -10000001);
	assert_int_equal(part[1], -5000000);
	assert_int_equal(part[2], -10000000);
	models_split_shares(100000000, share, 3, part);
	assert_memory_equal(part, share, sizeof(share));
}

static void
shares_that_are_all_zero_give_all_to_the_first(void **ctx)
{
	const int64_t share[] = { 0, 0, 0 };
	int64_t part[3];

	(void)ctx;
	models_split_shares(5, share, 3, part);
	assert_int_equal(part[0], 5);
	assert_int_equal(part[1], 0);
	assert_int_equal(part[2], 0);
}

static void
shares_of_any_size_sum_exactly(void **ctx)
{
	int64_t share[8], part[8], sum;

	(void)ctx;
	for (int round = 0; round < 100000; round++) {
		size_t count = 1 + below(8);
		int64_t amount = random_amount();

		for (size_t i = 0; i < count; i++)
			share[i] = (int64_t)(random_bits() >> (1 + below(63)));
		models_split_shares(amount, share, count, part);
		sum = 0;
		for (size_t i = 0; i < count; i++)
			sum += part[i];
		assert_int_equal(sum, amount);
	}
}

static void
models_are_found_by_name(void **ctx)
{
	(void)ctx;
	assert_int_equal(models_find(STR("linear")), MODEL_linear);
	assert_int_equal(
	    models_find(STR("position_based")), MODEL_position_based);
	assert_int_equal(models_find(STR("Linear")), -1);
	assert_int_equal(models_find(STR_EMPTY), -1);
}

/* Ids are stored: this list may grow at its end, never change. */
static void
model_ids_stay_what_they_are(void **ctx)
{
	static const char *const names[] = { "first_touch", "last_touch",
		"last_non_direct", "linear", "time_decay", "position_based",
		"markov", "shapley", "shapley_rate" };

	(void)ctx;
	for (int i = 0; i < 9; i++) {
		assert_string_equal(models[i]->name, names[i]);
		assert_true(strlen(models[i]->summary) > 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_touch_gives_all_to_the_first),
		cmocka_unit_test(last_touch_gives_all_to_the_last),
		cmocka_unit_test(last_non_direct_passes_over_direct),
		cmocka_unit_test(
		    last_non_direct_takes_the_last_when_all_are_direct),
		cmocka_unit_test(linear_gives_leftover_micros_to_the_earlier),
		cmocka_unit_test(position_based_gives_40_20_40),
		cmocka_unit_test(
		    position_based_of_one_gives_all_and_of_two_halves),
		cmocka_unit_test(
		    position_based_shares_20_percent_between_the_ends),
		cmocka_unit_test(time_decay_halves_in_seven_days),
		cmocka_unit_test(time_decay_follows_its_formula),
		cmocka_unit_test(
		    time_decay_of_a_path_twenty_five_years_old_still_splits),
		cmocka_unit_test(time_decay_takes_a_touch_after_the_conversion),
		cmocka_unit_test(
		    parts_of_100000_random_paths_sum_exactly_for_every_model),
		cmocka_unit_test(the_same_path_gives_the_same_parts),
		cmocka_unit_test(time_decay_gives_these_very_micros),
		cmocka_unit_test(the_largest_amounts_split_exactly),
		cmocka_unit_test(ties_go_to_the_earlier_touch),
		cmocka_unit_test(a_path_of_ten_thousand_touches_sums_exactly),
		cmocka_unit_test(a_refund_follows_the_credits),
		cmocka_unit_test(
		    shares_that_are_all_zero_give_all_to_the_first),
		cmocka_unit_test(shares_of_any_size_sum_exactly),
		cmocka_unit_test(models_are_found_by_name),
		cmocka_unit_test(model_ids_stay_what_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

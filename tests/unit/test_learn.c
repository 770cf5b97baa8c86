/*
 * What trained models learn, against the definitions taken at their word:
 * dense systems without the taken-out states, every order of channels.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "aggregator/models/learn.h"
#include "aggregator/models/models.h"

#define CHANNELS_MAX 40
#define PATHS_MAX 3000
#define STATES_MAX 1700

static uint64_t seed = 7;

static int
below(int n)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (int)((seed >> 33) % (uint64_t)n);
}

struct example {
	struct learn_paths paths;
	struct learn_path path[PATHS_MAX];
	int32_t channel[PATHS_MAX][8];
};

static void
random_example(struct example *e, int channels, int paths, int longest)
{
	e->paths =
	    (struct learn_paths){ e->path, (size_t)paths, (size_t)channels };
	for (int i = 0; i < paths; i++) {
		e->path[i] = (struct learn_path){ e->channel[i],
			(size_t)(1 + below(longest)), below(3), below(6) };
		for (size_t k = 0; k < e->path[i].count; k++)
			e->channel[i][k] = below(channels);
	}
	e->path[0].conversions++;
}

/* --- the chain by definition ---------------------------------------------- */

struct state {
	int32_t gram[3];
	int size;
};
static struct state states[STATES_MAX];
static size_t state_count;
static double weight[STATES_MAX][STATES_MAX];
static double to_conversion[STATES_MAX], begins[STATES_MAX], sum[STATES_MAX];

static size_t
state_of(const int32_t *at, int size)
{
	for (size_t s = 0; s < state_count; s++) {
		if (states[s].size == size &&
		    memcmp(states[s].gram, at, (size_t)size * 4) == 0)
			return s;
	}
	assert_true(state_count < STATES_MAX);
	memcpy(states[state_count].gram, at, (size_t)size * 4);
	states[state_count].size = size;
	return state_count++;
}

static double
count_all(const struct example *e, int order)
{
	double all = 0;

	state_count = 0;
	memset(weight, 0, sizeof(weight));
	memset(to_conversion, 0, sizeof(to_conversion));
	memset(begins, 0, sizeof(begins));
	memset(sum, 0, sizeof(sum));
	for (size_t i = 0; i < e->paths.count; i++) {
		const struct learn_path *p = &e->path[i];
		double w = (double)(p->conversions + p->nulls);
		int32_t c[8];
		int n = 0, size;
		size_t s;

		for (size_t k = 0; k < p->count; k++) {
			if (n == 0 || c[n - 1] != p->channel[k])
				c[n++] = p->channel[k];
		}
		if (w == 0)
			continue;
		size = n < order ? n : order;
		s = state_of(c, size);
		begins[s] += w;
		all += w;
		for (int k = 1; k + size <= n; k++) {
			size_t next = state_of(c + k, size);

			weight[s][next] += w;
			sum[s] += w;
			s = next;
		}
		sum[s] += w;
		to_conversion[s] += (double)p->conversions;
	}
	return all;
}

static bool
holds(size_t s, int32_t channel)
{
	for (int i = 0; i < states[s].size; i++) {
		if (states[s].gram[i] == channel)
			return true;
	}
	return false;
}

/* P(conversion) when states with WITHOUT lead nowhere, by elimination. */
static double
chance(double all, int32_t without)
{
	static double a[STATES_MAX][STATES_MAX], b[STATES_MAX];
	size_t n = state_count;
	double p = 0;

	for (size_t s = 0; s < n; s++) {
		bool out = holds(s, without);

		for (size_t t = 0; t < n; t++)
			a[s][t] = (s == t) - (out ? 0 : weight[s][t] / sum[s]);
		b[s] = out ? 0 : to_conversion[s] / sum[s];
	}
	for (size_t k = 0; k < n; k++) {
		for (size_t i = k + 1; i < n; i++) {
			double f = a[i][k] / a[k][k];

			for (size_t j = k; f != 0 && j < n; j++)
				a[i][j] -= f * a[k][j];
			b[i] -= f * b[k];
		}
	}
	for (size_t k = n; k-- > 0;) {
		for (size_t j = k + 1; j < n; j++)
			b[k] -= a[k][j] * b[j];
		b[k] /= a[k][k];
	}
	for (size_t s = 0; s < n; s++)
		p += begins[s] / all * b[s];
	return p;
}

static void
compare(const struct example *e, int order)
{
	double effect[CHANNELS_MAX], rate, all = count_all(e, order), p;
	struct error err;

	p = chance(all, -2);
	assert_true(learn_removal(&e->paths, order, effect, &rate, &err));
	assert_true(fabs(rate - p) <= 1e-11 * p);
	for (int32_t c = 0; c < (int32_t)e->paths.channels; c++)
		assert_true(
		    fabs(effect[c] - (1 - chance(all, c) / p)) <= 1e-10);
}

static void
the_worked_example_has_half_one_and_one(void **ctx)
{
	static const int32_t a[] = { 0, 1, 2 }, b[] = { 0 }, c[] = { 1, 2 };
	const struct learn_path at[] = { { a, 3, 1, 0 }, { b, 1, 0, 1 },
		{ c, 2, 0, 1 } };
	const struct learn_paths paths = { at, 3, 3 };
	double effect[3], rate;
	struct error err;

	(void)ctx;
	assert_true(learn_removal(&paths, 1, effect, &rate, &err));
	assert_true(fabs(rate - 1.0 / 3) < 1e-15);
	assert_true(fabs(effect[0] - .5) < 1e-15);
	assert_true(fabs(effect[1] - 1) < 1e-15);
	assert_true(fabs(effect[2] - 1) < 1e-15);
}

static void
removal_effects_are_those_of_the_chain_without_the_states(void **ctx)
{
	static struct example e;

	(void)ctx;
	for (int round = 0; round < 60; round++) {
		random_example(&e, 1 + below(7), 1 + below(60), 7);
		compare(&e, 1 + round % 3);
	}
}

/* Enough states that the systems are solved by sweeps. */
static void
many_states_give_the_same_to_ten_places(void **ctx)
{
	static struct example e;

	(void)ctx;
	random_example(&e, 19, 500, 5);
	compare(&e, 2);
	random_example(&e, 6, 400, 7);
	compare(&e, 3);
}

static void
equal_neighbours_are_one_touch(void **ctx)
{
	static const int32_t a[] = { 0, 0, 1, 1, 1 }, b[] = { 0, 1 };
	const struct learn_path long_[] = { { a, 5, 3, 4 }, { b, 1, 1, 9 } };
	const struct learn_path short_[] = { { b, 2, 3, 4 }, { b, 1, 1, 9 } };
	double one[2], two[2], rate;
	struct error err;

	(void)ctx;
	assert_true(learn_removal(
	    &(struct learn_paths){ long_, 2, 2 }, 1, one, &rate, &err));
	assert_true(learn_removal(
	    &(struct learn_paths){ short_, 2, 2 }, 1, two, &rate, &err));
	assert_true(one[0] == two[0] && one[1] == two[1]);
}

static void
paths_without_a_conversion_teach_nothing(void **ctx)
{
	static const int32_t a[] = { 0 };
	const struct learn_path at[] = { { a, 1, 0, 5 } };
	double effect, rate;
	struct error err;

	(void)ctx;
	assert_false(learn_removal(
	    &(struct learn_paths){ at, 1, 1 }, 1, &effect, &rate, &err));
	assert_int_equal(err.kind, ERROR_REJECT);
}

/* --- games by definition: every order in which channels may come ---------- */

static void
worth(const struct example *e, unsigned set, double *conversions, double *all)
{
	*conversions = *all = 0;
	for (size_t i = 0; i < e->paths.count; i++) {
		const struct learn_path *p = &e->path[i];
		unsigned own = 0;

		for (size_t k = 0; k < p->count; k++)
			own |= 1u << p->channel[k];
		if ((own & ~set) != 0)
			continue;
		*conversions += (double)p->conversions;
		*all += (double)(p->conversions + p->nulls);
	}
}

static double
game(const struct example *e, unsigned set, bool rate)
{
	double conversions, all;

	worth(e, set, &conversions, &all);
	return !rate ? conversions : all == 0 ? 0 : conversions / all;
}

static int
permute(const struct example *e, unsigned set, bool rate, double *value)
{
	int n = (int)e->paths.channels, orders = 0;

	if (set == (1u << n) - 1)
		return 1;
	for (int c = 0; c < n; c++) {
		int times;

		if (set >> c & 1)
			continue;
		times = permute(e, set | 1u << c, rate, value);
		value[c] +=
		    times * (game(e, set | 1u << c, rate) - game(e, set, rate));
		orders += times;
	}
	return orders;
}

static double
factorial(int n)
{
	return n < 2 ? 1 : n * factorial(n - 1);
}

/* permute() walks every order, and adds a channel's part to it once for each
 * way to go on from there. */
static void
both_games_are_the_mean_over_all_orders(void **ctx)
{
	static struct example e;
	struct error err;

	(void)ctx;
	for (int round = 0; round < 12; round++) {
		double want[6] = { 0 }, got[6];
		bool rate = round % 2 != 0;

		random_example(&e, 1 + below(6), 30, 5);
		permute(&e, 0, rate, want);
		if (rate)
			assert_true(learn_shapley_rate(&e.paths, got, &err));
		else
			learn_shapley(&e.paths, got);
		for (size_t c = 0; c < e.paths.channels; c++) {
			want[c] /= factorial((int)e.paths.channels);
			assert_true(fabs(got[c] - want[c]) < 1e-11);
		}
	}
}

static void
the_rate_game_refuses_sixteen_channels_and_says_why(void **ctx)
{
	static struct example e;
	double value[16];
	struct error err;

	(void)ctx;
	random_example(&e, 16, 30, 5);
	assert_false(learn_shapley_rate(&e.paths, value, &err));
	assert_non_null(strstr(err.text, "2^16"));
}

static void
a_sample_has_the_counts_mean_and_is_the_seed_s(void **ctx)
{
	static const int32_t a[] = { 0 };
	const struct learn_path at[] = { { a, 1, 4, 1000 } };
	const struct learn_paths paths = { at, 1, 1 };
	struct learn_path out, again;
	double few = 0, many = 0;
	uint64_t one = 1, two = 1;

	(void)ctx;
	for (int i = 0; i < 20000; i++) {
		learn_resample(&paths, &one, &out);
		few += (double)out.conversions / 20000;
		many += (double)out.nulls / 20000;
	}
	assert_true(fabs(few - 4) < .1 && fabs(many - 1000) < 2);
	learn_resample(&paths, &two, &again);
	one = 1;
	learn_resample(&paths, &one, &out);
	assert_int_equal(out.nulls, again.nulls);
}

/* --- what is learnt, applied to a path ------------------------------------ */

static void
weigh(int model, const int32_t *channel, const double *learnt, double *out)
{
	const int64_t ms[3] = { 0 };
	const bool direct[3] = { false };
	const struct path path = { .count = 3,
		.time_ms = ms,
		.direct = direct,
		.channel = channel,
		.learnt = learnt,
		.channels = 2 };

	models[model]->weigh(&path, out);
}

static void
markov_weighs_each_touch_by_its_channel(void **ctx)
{
	double w[3];

	(void)ctx;
	weigh(MODEL_markov, (int32_t[]){ 0, 1, 0 }, (double[]){ .2, .6 }, w);
	assert_true(w[0] == .2 && w[1] == .6 && w[2] == .2);
}

static void
shapley_splits_a_channel_over_its_touches(void **ctx)
{
	double w[3];

	(void)ctx;
	weigh(MODEL_shapley, (int32_t[]){ 0, 1, 0 }, (double[]){ 3, 6 }, w);
	assert_true(w[0] == 1.5 && w[1] == 6 && w[2] == 1.5);
}

static void
channels_nobody_knew_share_evenly(void **ctx)
{
	double w[3];

	(void)ctx;
	weigh(MODEL_markov, (int32_t[]){ -1, 7, -1 }, (double[]){ 3, 6 }, w);
	assert_true(w[0] == 1 && w[1] == 1 && w[2] == 1);
	weigh(
	    MODEL_shapley_rate, (int32_t[]){ 0, 0, 0 }, (double[]){ -1, 2 }, w);
	assert_true(w[0] == 1 && w[1] == 1 && w[2] == 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_worked_example_has_half_one_and_one),
		cmocka_unit_test(
		    removal_effects_are_those_of_the_chain_without_the_states),
		cmocka_unit_test(many_states_give_the_same_to_ten_places),
		cmocka_unit_test(equal_neighbours_are_one_touch),
		cmocka_unit_test(paths_without_a_conversion_teach_nothing),
		cmocka_unit_test(both_games_are_the_mean_over_all_orders),
		cmocka_unit_test(
		    the_rate_game_refuses_sixteen_channels_and_says_why),
		cmocka_unit_test(
		    a_sample_has_the_counts_mean_and_is_the_seed_s),
		cmocka_unit_test(markov_weighs_each_touch_by_its_channel),
		cmocka_unit_test(shapley_splits_a_channel_over_its_touches),
		cmocka_unit_test(channels_nobody_knew_share_evenly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

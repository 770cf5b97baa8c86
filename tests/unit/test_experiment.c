/* Experiments of sites.yaml, and who is in which arm. */
#include "common/site.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/calendar.h"

#define HEAD                                                                   \
	"sites:\n"                                                             \
	"  - id: shop\n"                                                       \
	"    timezone: Europe/Berlin\n"                                        \
	"    currency: EUR\n"                                                  \
	"    experiments:\n"
#define ARMS "        variants: [{name: a}, {name: b}]\n"

static struct arena *arena;
static struct buf problems;
static struct sites sites;

static bool
load(const char *text)
{
	char path[] = "/tmp/test_experiment.XXXXXX";
	int fd = mkstemp(path);
	bool ok;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	problems.len = 0;
	sites_close(&sites);
	ok = sites_load(path, &sites, arena, &problems);
	unlink(path);
	return ok;
}

static const struct items *
experiments(void)
{
	return &((const struct site *)sites.list.at)->experiments;
}

static int
setup(void **state)
{
	(void)state;
	arena = arena_new(65536);
	sites = (struct sites){ 0 };
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	sites_close(&sites);
	buf_free(&problems);
	arena_free(arena);
	return 0;
}

static void
refused(const char *text, const char *why)
{
	assert_false(load(text));
	if (strstr(buf_text(&problems), why) == NULL)
		fail_msg(
		    "\"%s\" says nothing of \"%s\"", buf_text(&problems), why);
}

static const char *
arm_of(const char *experiment, int visitor)
{
	const struct experiment *e =
	    experiments_find(experiments(), str_of(experiment));
	char id[32];
	const struct variant *v;

	snprintf(id, sizeof(id), "visitor-%d", visitor);
	v = experiment_assign(experiments(), e, str_of(id));
	return v == NULL ? "" : v->name;
}

static void
mistakes_are_told_with_their_place(void **state)
{
	(void)state;
	refused(HEAD "      - name: x\n", "experiments[0].variants");
	refused(HEAD "      - name: x\n        variants: [{name: a}]\n",
	    "needs two or more");
	refused(HEAD "      - name: x\n"
		     "        variants: [{name: a}, {name: a}]\n",
	    "two variants \"a\"");
	refused(HEAD "      - name: x\n" ARMS "        holdout: 0.1\n",
	    "leave them out");
	refused(HEAD "      - name: x\n" ARMS "        campaigns: [spring]\n",
	    "set holdout");
	refused(HEAD "      - name: x\n        holdout: 0.1\n"
		     "        holdout_to: https://shop.example/\n",
	    "experiments[0].campaigns");
	refused(HEAD "      - name: x\n        holdout: 0.1\n"
		     "        campaigns: [spring]\n"
		     "        holdout_to: javascript:alert(1)\n",
	    "holdout_to");
	refused(HEAD "      - name: x\n" ARMS "        start: 1st of May\n",
	    "must be a day");
	refused(HEAD "      - name: a b\n" ARMS, "experiments[0].name");
	refused(HEAD "      - name: x\n" ARMS "      - name: x\n" ARMS,
	    "another experiment");
	refused(HEAD
	    "      - name: x\n" ARMS "        group: g\n        share: 0.6\n"
	    "      - name: y\n" ARMS "        group: g\n        share: 0.5\n",
	    "add up to more");
}

static void
days_are_of_the_sites_zone_and_the_end_is_outside(void **state)
{
	const struct experiment *e;
	int64_t start, end;

	(void)state;
	assert_true(
	    load(HEAD "      - name: x\n" ARMS "        start: 2026-03-01\n"
		      "        end: 2026-04-01T00:00:00Z\n"));
	e = experiments()->at;
	assert_true(
	    calendar_parse_instant(STR("2026-02-28T23:00:00Z"), &start));
	assert_true(calendar_parse_instant(STR("2026-04-01T00:00:00Z"), &end));
	assert_false(experiment_runs(e, start - 1));
	assert_true(experiment_runs(e, start));
	assert_true(experiment_runs(e, end - 1));
	assert_false(experiment_runs(e, end));
}

/* As docs/experiments.md says, computed by Python's hashlib. */
static void
the_arm_is_the_one_that_the_documentation_computes(void **state)
{
	(void)state;
	assert_true(load(HEAD "      - name: checkout\n" ARMS));
	assert_string_equal(arm_of("checkout", 1), "b");
	assert_string_equal(arm_of("checkout", 2), "a");
	assert_string_equal(arm_of("checkout", 3), "a");
	assert_string_equal(arm_of("checkout", 4), "a");
}

static void
arms_get_what_they_weigh(void **state)
{
	int count[3] = { 0 }, n = 20000;

	(void)state;
	assert_true(load(HEAD "      - name: x\n"
			      "        variants: [{name: a, weight: 3}, "
			      "{name: b}]\n"
			      "        share: 0.5\n"));
	for (int i = 0; i < n; i++) {
		const char *arm = arm_of("x", i);

		count[*arm == '\0' ? 0 : *arm - 'a' + 1]++;
	}
	assert_in_range(count[0], n * 0.48, n * 0.52);
	assert_in_range(count[1], n * 0.36, n * 0.39);
	assert_in_range(count[2], n * 0.115, n * 0.135);
}

static void
a_visitor_is_in_one_experiment_of_a_group_at_most(void **state)
{
	int none = 0, x = 0, y = 0, n = 20000;

	(void)state;
	assert_true(load(HEAD "      - name: x\n" ARMS
			      "        group: g\n        share: 0.3\n"
			      "      - name: y\n        holdout: 0.1\n"
			      "        group: g\n        share: 0.6\n"));
	for (int i = 0; i < n; i++) {
		bool in_x = *arm_of("x", i) != '\0', in_y = *arm_of("y", i);

		assert_false(in_x && in_y);
		x += in_x;
		y += in_y;
		none += !in_x && !in_y;
	}
	assert_in_range(x, n * 0.28, n * 0.32);
	assert_in_range(y, n * 0.58, n * 0.62);
	assert_in_range(none, n * 0.08, n * 0.12);
}

/* Else those of one arm would share an arm of the other, too. */
static void
two_experiments_do_not_know_of_each_other(void **state)
{
	int both = 0, n = 20000;

	(void)state;
	assert_true(load(HEAD "      - name: x\n" ARMS "      - name: y\n" ARMS
			      "      - name: z\n" ARMS "        salt: x\n"));
	for (int i = 0; i < n; i++) {
		both += *arm_of("x", i) == 'a' && *arm_of("y", i) == 'a';
		assert_string_equal(arm_of("x", i), arm_of("z", i));
	}
	assert_in_range(both, n * 0.23, n * 0.27);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mistakes_are_told_with_their_place),
		cmocka_unit_test(
		    days_are_of_the_sites_zone_and_the_end_is_outside),
		cmocka_unit_test(
		    the_arm_is_the_one_that_the_documentation_computes),
		cmocka_unit_test(arms_get_what_they_weigh),
		cmocka_unit_test(
		    a_visitor_is_in_one_experiment_of_a_group_at_most),
		cmocka_unit_test(two_experiments_do_not_know_of_each_other),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

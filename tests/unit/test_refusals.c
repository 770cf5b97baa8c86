/*
 * test_refusals.c - no refusal is told twice or lost between a count and the
 * spool, whatever the spool says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "collector/refusals.h"

#define QUARTER INT64_C(900000)

static struct site shop = { .id = (char *)"shop" },
		   other = { .id = (char *)"other" };

/* A spool that remembers the last record, and may refuse. */
struct told {
	uint64_t seq;
	bool full;
	char record[4][512];
	size_t count;
};

static uint64_t
take(void *ctx, struct str key, struct str value, struct error *err)
{
	struct told *t = ctx;

	(void)key;
	if (t->full) {
		error_set(err, ERROR_RETRY, "full");
		return 0;
	}
	assert_true(t->count < 4 && value.len < 512);
	memcpy(t->record[t->count], value.data, value.len);
	t->record[t->count++][value.len] = '\0';
	return ++t->seq;
}

static void
is_told(const struct told *t, size_t at, const char *site, const char *props)
{
	assert_true(at < t->count);
	assert_non_null(strstr(t->record[at], "\"type\":\"refused\""));
	assert_non_null(strstr(t->record[at], site));
	if (strstr(t->record[at], props) == NULL)
		fail_msg("%s has no %s", t->record[at], props);
}

static void
counts_of_each_site_are_told_once(void **state)
{
	struct told t = { 0 };
	struct refusals *r = refusals_new(true, take, &t);

	(void)state;
	refusals_flush(r);
	assert_int_equal(t.count, 0);
	refusals_add(r, &shop, METRIC_REJECTED_SPOOL, 2, QUARTER);
	refusals_add(r, &other, METRIC_LIMITED, 1, QUARTER);
	refusals_add(r, &shop, METRIC_REJECTED_JSON, 1, QUARTER);
	refusals_add(r, &shop, METRIC_REJECTED_CAP, 7, QUARTER + 5);
	refusals_flush(r);
	assert_int_equal(t.count, 2);
	is_told(&t, 0, "\"site\":\"shop\"",
	    "{\\\"json\\\":1,\\\"value_cap\\\":7,\\\"spool\\\":2}");
	is_told(&t, 0, "shop", "\"received_at\":900005");
	is_told(&t, 1, "\"site\":\"other\"", "{\\\"address_rate\\\":1}");
	refusals_verdict(r, 2, true);
	refusals_flush(r);
	assert_int_equal(t.count, 2);
	refusals_free(r);
}

static void
what_the_spool_does_not_take_or_loses_is_told_later(void **state)
{
	struct told t = { .full = true };
	struct refusals *r = refusals_new(true, take, &t);

	(void)state;
	refusals_add(r, &shop, METRIC_REJECTED_RATE, 3, QUARTER);
	refusals_flush(r);
	t.full = false;
	refusals_flush(r);
	is_told(&t, 0, "shop", "{\\\"rate\\\":3}");
	refusals_add(r, &shop, METRIC_REJECTED_RATE, 1, QUARTER);
	refusals_verdict(r, 0, false); /* of records before */
	refusals_flush(r);
	is_told(&t, 1, "shop", "{\\\"rate\\\":1}");
	refusals_verdict(r, 2, false);
	refusals_flush(r);
	is_told(&t, 2, "shop", "{\\\"rate\\\":4}");
	refusals_verdict(r, 3, true);
	refusals_verdict(r, 3, false);
	refusals_flush(r);
	assert_int_equal(t.count, 3);
	refusals_free(r);
}

static void
a_record_is_of_one_quarter_of_an_hour(void **state)
{
	struct told t = { 0 };
	struct refusals *r = refusals_new(false, take, &t);

	(void)state;
	refusals_add(r, &shop, METRIC_REJECTED_TIME, 1, 2 * QUARTER - 1);
	refusals_add(r, &shop, METRIC_REJECTED_TIME, 1, 2 * QUARTER);
	assert_int_equal(t.count, 1);
	is_told(&t, 0, "shop", "\"received_at\":1799999");
	/* Nothing is said of it: there is no waiting for the disk. */
	refusals_verdict(r, 1, false);
	refusals_flush(r);
	assert_int_equal(t.count, 2);
	is_told(&t, 1, "shop", "{\\\"time\\\":1}");
	refusals_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_of_each_site_are_told_once),
		cmocka_unit_test(
		    what_the_spool_does_not_take_or_loses_is_told_later),
		cmocka_unit_test(a_record_is_of_one_quarter_of_an_hour),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

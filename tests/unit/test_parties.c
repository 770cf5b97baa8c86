/* Numbers of visitors and users. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aggregator/report/parties.h"

static struct hash128
key(uint64_t n)
{
	return (struct hash128){ n * 77, n };
}

static void
a_key_always_has_the_same_number(void **ctx)
{
	struct parties *p = parties_new();

	(void)ctx;
	for (uint64_t i = 0; i < 5000; i++)
		assert_int_equal(parties_no(p, key(i)), i);
	for (uint64_t i = 0; i < 5000; i++) {
		assert_int_equal(parties_no(p, key(i)), i);
		assert_int_equal(parties_find(p, key(i)), i);
		assert_int_equal(parties_key(p, (uint32_t)i).hi, i * 77);
	}
	assert_int_equal(parties_count(p), 5000);
	parties_free(p);
}

static void
a_key_that_never_came_has_none(void **ctx)
{
	struct parties *p = parties_new();

	(void)ctx;
	assert_int_equal(parties_find(p, key(1)), PARTIES_NOBODY);
	parties_no(p, key(1));
	assert_int_equal(parties_find(p, key(2)), PARTIES_NOBODY);
	parties_free(p);
}

/* packed.h keeps so much of a visitor's key. */
static void
a_key_is_found_by_the_bits_that_are_kept_of_it(void **ctx)
{
	struct hash128 whole = { UINT64_C(0x123456789abcdef0), 42 }, kept;
	struct parties *p = parties_new();
	uint32_t no;

	(void)ctx;
	no = parties_no(p, whole);
	kept = whole;
	kept.hi &= PARTIES_HI_BITS;
	assert_int_equal(parties_find(p, kept), no);
	assert_int_equal(parties_key(p, no).hi, whole.hi);
	parties_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_always_has_the_same_number),
		cmocka_unit_test(a_key_that_never_came_has_none),
		cmocka_unit_test(
		    a_key_is_found_by_the_bits_that_are_kept_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

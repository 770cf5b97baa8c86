/*
 * test_lent.c - blocks of many pieces, used again when all of them are back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/lent.h"

static char *
piece(struct lent *l, size_t len)
{
	char *p = lent_room(l, len);

	if (p != NULL) {
		memset(p, 'x', len);
		lent_keep(l, len);
	}
	return p;
}

static void
pieces_follow_each_other_and_a_room_not_kept_is_given_again(void **state)
{
	struct lent *l = lent_new(2, 4096);
	char *first = piece(l, 100), *second;

	(void)state;
	assert_ptr_equal(first + 100, lent_room(l, 50));
	second = piece(l, 60);
	assert_ptr_equal(first + 100, second);
	lent_free(l);
}

static void
a_block_is_used_again_when_all_its_pieces_are_back(void **state)
{
	struct lent *l = lent_new(2, 4096);
	char *a = piece(l, 3000), *b = piece(l, 1000), *c = piece(l, 3000);

	(void)state;
	assert_non_null(c);
	assert_null(piece(l, 3000)); /* both blocks are out */
	assert_true(lent_back(l, a));
	assert_null(piece(l, 3000)); /* B is still out */
	assert_true(lent_back(l, b + 999));
	assert_ptr_equal(a, piece(l, 3000));
	lent_free(l);
}

static void
a_block_that_is_being_filled_is_not_given_away(void **state)
{
	struct lent *l = lent_new(1, 4096);
	char *a = piece(l, 1000);

	(void)state;
	assert_true(lent_back(l, a));
	assert_ptr_equal(a + 1000, piece(l, 1000));
	assert_ptr_equal(a + 2000, lent_room(l, 2096));
	lent_free(l);
}

static void
blocks_come_and_go_in_any_order(void **state)
{
	enum { BLOCKS = 12 };
	struct lent *l = lent_new(BLOCKS, 4096);
	char *at[BLOCKS];

	(void)state;
	for (int round = 0; round < 5; round++) {
		for (int i = 0; i < BLOCKS; i++) {
			at[i] = piece(l, 4096);
			assert_non_null(at[i]);
			at[i][0] = (char)i;
		}
		assert_null(lent_room(l, 4096));
		/* Each has its own memory, until it is back. */
		for (int i = 0; i < BLOCKS; i++)
			assert_int_equal(i, at[i][0]);
		for (int i = 0; i < BLOCKS; i++)
			assert_true(lent_back(l, at[(i * 5 + round) % BLOCKS]));
	}
	lent_free(l);
}

static void
what_is_not_lent_is_not_taken_back(void **state)
{
	struct lent *l = lent_new(1, 4096);
	char own;

	(void)state;
	assert_false(lent_back(l, &own));
	assert_false(lent_back(l, NULL));
	assert_false(lent_back(l, lent_room(l, 1) + 4096));
	lent_free(l);
	lent_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    pieces_follow_each_other_and_a_room_not_kept_is_given_again),
		cmocka_unit_test(
		    a_block_is_used_again_when_all_its_pieces_are_back),
		cmocka_unit_test(
		    a_block_that_is_being_filled_is_not_given_away),
		cmocka_unit_test(blocks_come_and_go_in_any_order),
		cmocka_unit_test(what_is_not_lent_is_not_taken_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

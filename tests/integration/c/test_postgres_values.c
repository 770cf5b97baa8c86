/*
 * test_postgres_values.c - common/postgres against a real server: parameters,
 * results, and values as text.
 */
#include "tests/integration/c/postgres_harness.h"

#include "common/calendar.h"

/* --- parameters and results --------------------------------------------------
 */

static void
every_type_of_parameter_comes_back_as_it_went(void **state)
{
	struct hash128 id = { 0x0123456789abcdef, 0xfedcba9876543210 };
	struct postgres_args a = { .count = 0 };
	struct postgres_rows *r;

	(void)state;
	postgres_arg_bool(&a, true);
	postgres_arg_int4(&a, -7);
	postgres_arg_int8(&a, INT64_MIN + 1);
	postgres_arg_text(&a, STR("h\xc3\xa9llo ' \\ \""));
	postgres_arg_bytes(&a, str_make("\0\1\xff", 3));
	postgres_arg_uuid(&a, id);
	postgres_arg_time(&a, 1770000000123);
	postgres_arg_day(&a, calendar_day(2026, 3, 1));
	postgres_arg_text(&a, STR_EMPTY);
	r = ask("SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, "
		"$6 = '01234567-89ab-cdef-fedc-ba9876543210', "
		"$7 = '2026-02-02 02:40:00.123+00', $8 = '2026-03-01'",
	    &a);
	assert_true(postgres_bool(r, 0, 0));
	assert_int_equal(postgres_int(r, 0, 1), -7);
	assert_true(postgres_int(r, 0, 2) == INT64_MIN + 1);
	assert_true(str_is(postgres_text(r, 0, 3), "h\xc3\xa9llo ' \\ \""));
	assert_true(str_eq(postgres_bytes(r, 0, 4), str_make("\0\1\xff", 3)));
	assert_true(postgres_uuid(r, 0, 5).hi == id.hi);
	assert_true(postgres_uuid(r, 0, 5).lo == id.lo);
	assert_true(postgres_time(r, 0, 6) == 1770000000123);
	assert_int_equal(postgres_day(r, 0, 7), calendar_day(2026, 3, 1));
	assert_false(postgres_null(r, 0, 8)); /* an empty text is no NULL */
	assert_int_equal(postgres_text(r, 0, 8).len, 0);
	assert_true(postgres_bool(r, 0, 9));
	assert_true(postgres_bool(r, 0, 10));
	assert_true(postgres_bool(r, 0, 11));
	postgres_rows_free(r);
	postgres_args_free(&a);
}

static void
times_before_the_server_s_epoch_keep_their_millisecond(void **state)
{
	struct postgres_args a = { .count = 0 };
	struct postgres_rows *r;

	(void)state;
	postgres_arg_time(&a, -1);
	postgres_arg_day(&a, -1);
	r = ask("SELECT $1, $2, $1 = '1969-12-31 23:59:59.999+00', "
		"$2 = '1969-12-31'",
	    &a);
	assert_true(postgres_time(r, 0, 0) == -1);
	assert_int_equal(postgres_day(r, 0, 1), -1);
	assert_true(postgres_bool(r, 0, 2));
	assert_true(postgres_bool(r, 0, 3));
	postgres_rows_free(r);
	postgres_args_free(&a);
}

static void
nulls_read_as_nothing(void **state)
{
	struct postgres_args a = { .count = 0 };
	struct postgres_rows *r;
	int64_t n[1];
	int32_t d[1];

	(void)state;
	postgres_arg_null(&a);
	r = ask("SELECT $1::text, NULL::int8, NULL::bool, NULL::uuid, "
		"NULL::timestamptz, NULL::date, NULL::bytea, NULL::int8[], "
		"NULL::date[], NULL::float8, NULL::jsonb, NULL::int2",
	    &a);
	for (size_t i = 0; i < postgres_rows_columns(r); i++)
		assert_true(postgres_null(r, 0, i));
	assert_int_equal(postgres_text(r, 0, 0).len, 0);
	assert_int_equal(postgres_int(r, 0, 1), 0);
	assert_false(postgres_bool(r, 0, 2));
	assert_true(postgres_uuid(r, 0, 3).hi == 0);
	assert_int_equal(postgres_time(r, 0, 4), 0);
	assert_int_equal(postgres_day(r, 0, 5), 0);
	assert_int_equal(postgres_bytes(r, 0, 6).len, 0);
	assert_int_equal(postgres_int8s(r, 0, 7, n, 1), 0);
	assert_int_equal(postgres_days(r, 0, 8, d, 1), 0);
	assert_true(postgres_double(r, 0, 9) == 0.0);
	assert_int_equal(postgres_text(r, 0, 10).len, 0);
	assert_int_equal(postgres_int(r, 0, 11), 0);
	postgres_rows_free(r);
	postgres_args_free(&a);
}

static void
arrays_carry_many_rows_in_one_statement(void **state)
{
	const int32_t i4[] = { 1, -2 }, days[] = { 0, 20000 };
	const int64_t i8[] = { INT64_MAX, INT64_MIN }, ms[] = { 0, 1500 };
	const struct str text[] = { STR("a,\"b\""), STR_EMPTY };
	const struct hash128 id[] = { { 1, 2 }, { 3, 4 } };
	const bool flag[] = { true, false };
	struct postgres_args a = { .count = 0 };
	struct postgres_rows *r;

	(void)state;
	postgres_arg_int4s(&a, i4, 2);
	postgres_arg_int8s(&a, i8, 2);
	postgres_arg_texts(&a, text, 2);
	postgres_arg_uuids(&a, id, 2);
	postgres_arg_times(&a, ms, 2);
	postgres_arg_days(&a, days, 2);
	postgres_arg_bools(&a, flag, 2);
	r = ask("SELECT * FROM unnest($1::int4[], $2::int8[], $3::text[], "
		"$4::uuid[], $5::timestamptz[], $6::date[], $7::bool[])",
	    &a);
	assert_int_equal(postgres_rows_count(r), 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(postgres_int(r, i, 0), i4[i]);
		assert_true(postgres_int(r, i, 1) == i8[i]);
		assert_true(str_eq(postgres_text(r, i, 2), text[i]));
		assert_true(postgres_uuid(r, i, 3).hi == id[i].hi);
		assert_true(postgres_uuid(r, i, 3).lo == id[i].lo);
		assert_true(postgres_time(r, i, 4) == ms[i]);
		assert_int_equal(postgres_day(r, i, 5), days[i]);
		assert_int_equal(postgres_bool(r, i, 6), flag[i]);
	}
	postgres_rows_free(r);
	postgres_args_free(&a);
}

static void
an_empty_array_is_empty_and_not_null(void **state)
{
	struct postgres_args a = { .count = 0 };
	struct postgres_rows *r;

	(void)state;
	postgres_arg_int8s(&a, NULL, 0);
	r = ask("SELECT $1::int8[], cardinality($1::int8[])", &a);
	assert_false(postgres_null(r, 0, 0));
	assert_int_equal(postgres_int8s(r, 0, 0, NULL, 0), 0);
	assert_int_equal(postgres_int(r, 0, 1), 0);
	postgres_rows_free(r);
	postgres_args_free(&a);
}

static void
an_array_tells_how_long_it_is_beyond_what_fits(void **state)
{
	int64_t n[2] = { 0, 0 };
	int32_t d[2] = { 0, 0 };
	struct postgres_rows *r;

	(void)state;
	r = ask("SELECT '{5,6,7}'::int8[], '{1970-01-02,1970-01-03}'::date[]",
	    NULL);
	assert_int_equal(postgres_int8s(r, 0, 0, n, 2), 3);
	assert_int_equal(n[1], 6);
	assert_int_equal(postgres_days(r, 0, 1, d, 2), 2);
	assert_int_equal(d[1], 2);
	postgres_rows_free(r);
}

static void
one_statement_takes_nulls_and_values_in_turn(void **state)
{
	const char *sql = "SELECT coalesce($1::int8, 5)::int8";
	struct postgres_args a = { .count = 0 };
	struct postgres_rows *r;

	(void)state;
	for (int i = 0; i < 4; i++) {
		postgres_args_reset(&a);
		if (i % 2 == 0)
			postgres_arg_null(&a);
		else
			postgres_arg_int8(&a, 7);
		r = ask(sql, &a);
		assert_int_equal(postgres_int(r, 0, 0), i % 2 == 0 ? 5 : 7);
		postgres_rows_free(r);
	}
	r = ask("SELECT count(*) FROM pg_prepared_statements "
		"WHERE statement LIKE 'SELECT coalesce%'",
	    NULL);
	assert_int_equal(postgres_int(r, 0, 0), 2);
	postgres_rows_free(r);
	postgres_args_free(&a);
}

static void
a_statement_is_prepared_once(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++)
		expect_shown("SELECT 41 + 1", "42");
	expect_shown("SELECT count(*) FROM pg_prepared_statements "
		     "WHERE statement = 'SELECT 41 + 1'",
	    "1");
}

static void
numbers_of_changed_rows_are_told(void **state)
{
	int64_t n = -1;

	(void)state;
	script("CREATE TEMP TABLE t (n int)");
	assert_true(postgres_exec(
	    pg, "INSERT INTO t SELECT generate_series(1, 12)", NULL, &n, &err));
	assert_int_equal(n, 12);
}

/* --- values as text ----------------------------------------------------------
 */

static void
numerics_are_shown_with_all_their_digits(void **state)
{
	(void)state;
	expect_shown("SELECT 0::numeric", "0");
	expect_shown("SELECT 12.5::numeric", "12.5");
	expect_shown("SELECT -0.000001::numeric(20,6)", "-0.000001");
	expect_shown("SELECT 10000.0001::numeric", "10000.0001");
	expect_shown("SELECT 120000000::numeric", "120000000");
	expect_shown("SELECT 3::numeric(12,6)", "3.000000");
	expect_shown("SELECT 0.00001234::numeric", "0.00001234");
	expect_shown("SELECT 123456789012345678901234.5::numeric",
	    "123456789012345678901234.5");
	expect_shown("SELECT 100000000::numeric(20,2)", "100000000.00");
	expect_shown("SELECT 'NaN'::numeric", "NaN");
	expect_shown("SELECT '-Infinity'::numeric", "-Infinity");
}

static void
numerics_are_shown_as_the_server_itself_does(void **state)
{
	struct postgres_rows *r;
	struct buf shown = { 0 };

	(void)state;
	r = ask("SELECT n, n::text FROM (SELECT ((-1) ^ (i % 2) * "
		"(i * 7919.0 / 10::numeric ^ (i % 13)) * "
		"10::numeric ^ (i % 17))::numeric(38, 9) / 3 AS n "
		"FROM generate_series(0, 2000) i) s",
	    NULL);
	assert_int_equal(postgres_rows_count(r), 2001);
	for (size_t i = 0; i < postgres_rows_count(r); i++) {
		shown.len = 0;
		postgres_show(r, i, 0, &shown);
		if (!str_eq(buf_str(&shown), postgres_text(r, i, 1)))
			fail_msg("row %zu: %s", i, buf_text(&shown));
	}
	buf_free(&shown);
	postgres_rows_free(r);
}

static void
other_values_are_shown_as_psql_does(void **state)
{
	(void)state;
	expect_shown("SELECT true", "t");
	expect_shown("SELECT (-32768)::int2", "-32768");
	expect_shown("SELECT 4294967295::oid", "4294967295");
	expect_shown("SELECT 0.1::float8", "0.1");
	expect_shown("SELECT 0.1::float4", "0.1");
	expect_shown("SELECT 'NaN'::float8", "NaN");
	expect_shown("SELECT date '1999-12-31'", "1999-12-31");
	expect_shown("SELECT date 'infinity'", "infinity");
	expect_shown("SELECT timestamptz '2026-03-01 12:00:00.120+01'",
	    "2026-03-01 11:00:00.12+00");
	expect_shown("SELECT timestamp '1969-12-31 23:59:59.999999'",
	    "1969-12-31 23:59:59.999999");
	expect_shown("SELECT 'a,b'::text", "a,b");
	expect_shown("SELECT '\\x00ff'::bytea", "\\x00ff");
	expect_shown("SELECT '{\"a\": 1}'::jsonb", "{\"a\": 1}");
	expect_shown("SELECT '01234567-89ab-cdef-fedc-ba9876543210'::uuid",
	    "01234567-89ab-cdef-fedc-ba9876543210");
	expect_shown("SELECT '{1,NULL,3}'::int8[]", "{1,NULL,3}");
	expect_shown("SELECT ARRAY['a', 'b c', '', 'q\"']",
	    "{a,\"b c\",\"\",\"q\\\"\"}");
	expect_shown("SELECT NULL::int4", "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(every_type_of_parameter_comes_back_as_it_went),
		WITH(times_before_the_server_s_epoch_keep_their_millisecond),
		WITH(nulls_read_as_nothing),
		WITH(arrays_carry_many_rows_in_one_statement),
		WITH(an_empty_array_is_empty_and_not_null),
		WITH(an_array_tells_how_long_it_is_beyond_what_fits),
		WITH(one_statement_takes_nulls_and_values_in_turn),
		WITH(a_statement_is_prepared_once),
		WITH(numbers_of_changed_rows_are_told),
		WITH(numerics_are_shown_with_all_their_digits),
		WITH(numerics_are_shown_as_the_server_itself_does),
		WITH(other_values_are_shown_as_psql_does),
	};

	if (!find_server("test_postgres_values"))
		return 2;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

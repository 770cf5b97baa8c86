/*
 * test_postgres.c - common/postgres against a real server, named by
 * $AFTERCLICK_TEST_DSN; test_postgres.py starts it with one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "common/calendar.h"
#include "common/postgres.h"

static const char *dsn;
static struct postgres *pg;
static struct error err;

static int
connect(void **state)
{
	(void)state;
	pg = postgres_open(dsn, "", "test_postgres", &err);
	if (pg == NULL)
		print_message("%s\n", err.text);
	return pg == NULL;
}

static int
disconnect(void **state)
{
	(void)state;
	postgres_close(pg);
	pg = NULL;
	return 0;
}

static struct postgres_rows *
ask(const char *sql, const struct postgres_args *args)
{
	struct postgres_rows *r = postgres_query(pg, sql, args, &err);

	if (r == NULL)
		fail_msg("%s: %s", sql, err.text);
	return r;
}

/* The first value of SQL's first row, as shown. */
static void
expect_shown(const char *sql, const char *want)
{
	struct postgres_rows *r = ask(sql, NULL);
	struct buf shown = { 0 };

	postgres_show(r, 0, 0, &shown);
	assert_string_equal(buf_text(&shown), want);
	buf_free(&shown);
	postgres_rows_free(r);
}

static void
script(const char *sql)
{
	if (!postgres_script(pg, sql, &err))
		fail_msg("%s: %s", sql, err.text);
}

static void
expect_error(const char *sql, enum error_kind kind, const char *state)
{
	assert_false(postgres_exec(pg, sql, NULL, NULL, &err));
	if (strstr(err.text, state) == NULL)
		fail_msg("no %s in: %s", state, err.text);
	assert_int_equal(err.kind, kind);
	assert_null(strchr(err.text, '\n'));
}

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

static void
sessions_run_in_utc_and_in_our_schema(void **state)
{
	(void)state;
	expect_shown("SELECT current_setting('search_path')", "afterclick");
	expect_shown("SELECT current_setting('TimeZone')", "UTC");
	expect_shown(
	    "SELECT current_setting('application_name')", "test_postgres");
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

/* --- COPY --------------------------------------------------------------------
 */

static const char copy_t[] =
    "COPY t (b, i2, i4, i8, x, y, u, ts, d, n, dd) FROM STDIN (FORMAT binary)";

static void
make_table(void)
{
	script("DROP TABLE IF EXISTS t; CREATE TEMP TABLE t (b bool, i2 int2, "
	       "i4 int4, i8 int8 PRIMARY KEY, x text, y bytea, u uuid, "
	       "ts timestamptz, d date, n int8[], dd date[])");
}

static void
copy_row(struct postgres_copy *c, int64_t key, struct str text)
{
	const int64_t n[] = { key, -1 };
	const int32_t days[] = { 5 };

	postgres_copy_row(c, 11);
	postgres_copy_bool(c, true);
	postgres_copy_int2(c, -2);
	postgres_copy_int4(c, 70000);
	postgres_copy_int8(c, key);
	postgres_copy_text(c, text);
	postgres_copy_bytes(c, str_make("\0x", 2));
	postgres_copy_uuid(c, (struct hash128){ 1, (uint64_t)key });
	postgres_copy_time(c, 1770000000123);
	postgres_copy_day(c, 20000);
	postgres_copy_int8s(c, n, 2);
	postgres_copy_days(c, days, key % 2 == 0 ? 1 : 0);
}

static void
rows_larger_than_the_buffer_arrive_whole(void **state)
{
	struct postgres_copy *c;
	static char big[200000];

	(void)state;
	make_table();
	memset(big, 'x', sizeof(big));
	assert_true(postgres_begin(pg, &err));
	c = postgres_copy_open(pg, copy_t, &err);
	assert_non_null(c);
	for (int64_t i = 0; i < 5000; i++)
		copy_row(
		    c, i, i == 77 ? str_make(big, sizeof(big)) : STR("plain"));
	postgres_copy_row(c, 11);
	for (int i = 0; i < 11; i++) {
		if (i == 3)
			postgres_copy_int8(c, -1);
		else
			postgres_copy_null(c);
	}
	assert_true(postgres_copy_close(c, &err));
	assert_int_equal(postgres_commit(pg, &err), POSTGRES_COMMITTED);
	expect_shown("SELECT count(*) FROM t WHERE b AND i2 = -2 AND "
		     "i4 = 70000 AND n = ARRAY[i8, -1] AND y = '\\x0078' AND "
		     "ts = '2026-02-02 02:40:00.123+00' AND d = '2024-10-04' "
		     "AND dd = CASE i8 % 2 WHEN 0 THEN '{1970-01-06}'::date[] "
		     "ELSE '{}' END AND right(u::text, 12) = "
		     "lpad(to_hex(i8), 12, '0')",
	    "5000");
	expect_shown("SELECT length(x) FROM t WHERE i8 = 77", "200000");
	expect_shown("SELECT count(*) FROM t WHERE i8 = -1 AND b IS NULL AND "
		     "n IS NULL AND x IS NULL",
	    "1");
}

static void
a_row_the_server_refuses_fails_the_copy_at_its_end(void **state)
{
	struct postgres_copy *c;

	(void)state;
	make_table();
	assert_true(postgres_begin(pg, &err));
	c = postgres_copy_open(pg, copy_t, &err);
	assert_non_null(c);
	for (int64_t i = 0; i < 3000; i++)
		copy_row(c, i, i == 5 ? str_make("a\0b", 3) : STR("fine"));
	assert_false(postgres_copy_close(c, &err));
	assert_int_equal(err.kind, ERROR_REJECT);
	assert_non_null(strstr(err.text, "22021"));
	postgres_rollback(pg);
	assert_false(postgres_broken(pg));
	expect_shown("SELECT count(*) FROM t", "0");
}

static void
a_copy_that_is_given_up_leaves_nothing(void **state)
{
	struct postgres_copy *c;

	(void)state;
	make_table();
	assert_true(postgres_begin(pg, &err));
	c = postgres_copy_open(pg, copy_t, &err);
	assert_non_null(c);
	copy_row(c, 1, STR("x"));
	postgres_copy_cancel(c);
	postgres_copy_cancel(NULL);
	postgres_rollback(pg);
	expect_shown("SELECT count(*) FROM t", "0");
}

static void
a_copy_into_nowhere_is_refused(void **state)
{
	(void)state;
	assert_null(postgres_copy_open(
	    pg, "COPY nowhere (x) FROM STDIN (FORMAT binary)", &err));
	assert_int_equal(err.kind, ERROR_FATAL);
	assert_false(postgres_broken(pg));
}

/* --- failures ----------------------------------------------------------------
 */

static void
each_class_of_error_has_its_reaction(void **state)
{
	(void)state;
	script("CREATE TEMP TABLE e (n int PRIMARY KEY CHECK (n > 0)); "
	       "INSERT INTO e VALUES (1)");
	expect_error("SELECT * FROM missing", ERROR_FATAL, "42P01");
	expect_error("SELEC 1", ERROR_FATAL, "42601");
	expect_error("SELECT 1 / 0", ERROR_REJECT, "22012");
	expect_error("SELECT 'x'::int", ERROR_REJECT, "22P02");
	expect_error("INSERT INTO e VALUES (-1)", ERROR_REJECT, "23514");
	expect_error("INSERT INTO e VALUES (NULL)", ERROR_REJECT, "23502");
	expect_error("INSERT INTO e VALUES (1)", ERROR_RETRY, "23505");
	script("SET default_transaction_read_only = on");
	expect_error("CREATE TABLE public.f (n int)", ERROR_RETRY, "25006");
	script("SET default_transaction_read_only = off");
	script("SET statement_timeout = 20");
	expect_error("SELECT pg_sleep(10)", ERROR_RETRY, "57014");
	script("SET statement_timeout = 0");
	script(
	    "CREATE FUNCTION pg_temp.f(s text) RETURNS void LANGUAGE plpgsql "
	    "AS $$BEGIN RAISE EXCEPTION 'x' USING ERRCODE = s; END$$");
	expect_error("SELECT pg_temp.f('40P01')", ERROR_RETRY, "40P01");
	expect_error("SELECT pg_temp.f('40001')", ERROR_RETRY, "40001");
	expect_error("SELECT pg_temp.f('53100')", ERROR_RETRY, "53100");
	expect_error("SELECT pg_temp.f('53300')", ERROR_RETRY, "53300");
	expect_error("SELECT pg_temp.f('55P03')", ERROR_RETRY, "55P03");
	expect_error("SELECT pg_temp.f('42501')", ERROR_FATAL, "42501");
	assert_false(postgres_broken(pg));
}

static void
an_error_never_quotes_the_row(void **state)
{
	(void)state;
	script("CREATE TEMP TABLE e (visitor text PRIMARY KEY); "
	       "INSERT INTO e VALUES ('abc-visitor')");
	expect_error("-- add a visitor\n"
		     "INSERT INTO e SELECT 'abc-' || 'visitor'",
	    ERROR_RETRY, "23505");
	assert_null(strstr(err.text, "abc-visitor"));
	assert_non_null(strstr(err.text, "e_pkey"));
	assert_non_null(strstr(err.text, "add a visitor"));
}

static void
a_failed_script_is_told_and_the_session_goes_on(void **state)
{
	(void)state;
	assert_false(postgres_script(pg, "SELECT 1; SELECT 1/0;", &err));
	assert_int_equal(err.kind, ERROR_REJECT);
	expect_shown("SELECT 1", "1");
}

static void
a_transaction_that_failed_does_not_commit(void **state)
{
	(void)state;
	assert_true(postgres_begin(pg, &err));
	expect_error("SELECT 1/0", ERROR_REJECT, "22012");
	assert_int_equal(postgres_commit(pg, &err), POSTGRES_NOT_COMMITTED);
	assert_non_null(strstr(err.text, "failed before"));
}

static void
a_constraint_checked_at_the_commit_refuses_it(void **state)
{
	(void)state;
	script("CREATE TEMP TABLE e (n int UNIQUE DEFERRABLE INITIALLY "
	       "DEFERRED)");
	assert_true(postgres_begin(pg, &err));
	script("INSERT INTO e VALUES (1), (1)");
	assert_int_equal(postgres_commit(pg, &err), POSTGRES_NOT_COMMITTED);
	assert_int_equal(err.kind, ERROR_RETRY);
	assert_false(postgres_broken(pg));
}

static void
a_rolled_back_transaction_leaves_nothing(void **state)
{
	(void)state;
	script("CREATE TEMP TABLE e (n int)");
	assert_true(postgres_begin(pg, &err));
	script("INSERT INTO e VALUES (1)");
	postgres_rollback(pg);
	postgres_rollback(pg); /* harmless outside */
	expect_shown("SELECT count(*) FROM e", "0");
}

/* Ends the session of PG from another one. */
static void
terminate(void)
{
	struct postgres *other;
	struct postgres_args a = { .count = 0 };
	struct postgres_rows *r = ask("SELECT pg_backend_pid()", NULL);
	int64_t pid = postgres_int(r, 0, 0);

	postgres_rows_free(r);
	other = postgres_open(dsn, "", "other", &err);
	assert_non_null(other);
	/* Waits up to 5 s for the end. */
	postgres_arg_int4(&a, (int32_t)pid);
	postgres_arg_int8(&a, 5000);
	assert_true(postgres_exec(
	    other, "SELECT pg_terminate_backend($1, $2)", &a, NULL, &err));
	postgres_args_free(&a);
	postgres_close(other);
}

static void
a_lost_connection_asks_for_another_try(void **state)
{
	(void)state;
	terminate();
	assert_false(postgres_exec(pg, "SELECT 1", NULL, NULL, &err));
	assert_int_equal(err.kind, ERROR_RETRY);
	assert_null(strchr(err.text, '\n'));
	assert_true(postgres_broken(pg));
	postgres_rollback(pg);
	assert_false(postgres_begin(pg, &err));
	assert_int_equal(err.kind, ERROR_RETRY);
}

static void
a_commit_whose_answer_is_lost_is_unknown(void **state)
{
	(void)state;
	assert_true(postgres_begin(pg, &err));
	terminate();
	assert_int_equal(postgres_commit(pg, &err), POSTGRES_UNKNOWN);
	assert_int_equal(err.kind, ERROR_RETRY);
	assert_true(postgres_broken(pg));
}

static void
a_commit_on_a_connection_known_lost_did_not_happen(void **state)
{
	(void)state;
	assert_true(postgres_begin(pg, &err));
	terminate();
	assert_false(postgres_exec(pg, "SELECT 1", NULL, NULL, &err));
	assert_int_equal(postgres_commit(pg, &err), POSTGRES_NOT_COMMITTED);
	assert_int_equal(err.kind, ERROR_RETRY);
}

static void
a_copy_whose_connection_is_lost_asks_for_another_try(void **state)
{
	struct postgres *killer;
	struct postgres_copy *c;

	(void)state;
	make_table();
	assert_true(postgres_begin(pg, &err));
	killer = postgres_open(dsn, "", "killer", &err);
	assert_non_null(killer);
	c = postgres_copy_open(pg, copy_t, &err);
	assert_non_null(c);
	assert_true(postgres_exec(killer,
	    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
	    "WHERE application_name = 'test_postgres'",
	    NULL, NULL, &err));
	postgres_close(killer);
	for (int64_t i = 0; i < 20000; i++)
		copy_row(c, i, STR("lost"));
	assert_false(postgres_copy_close(c, &err));
	assert_int_equal(err.kind, ERROR_RETRY);
	assert_true(postgres_broken(pg));
}

/* --- connecting --------------------------------------------------------------
 */

static void
a_wrong_password_is_fatal_and_not_repeated(void **state)
{
	struct error why;

	(void)state;
	assert_null(postgres_open(dsn, "hunter2", "test", &why));
	assert_int_equal(why.kind, ERROR_FATAL);
	assert_null(strstr(why.text, "hunter2"));
	assert_null(strchr(why.text, '\n'));
	assert_non_null(strstr(why.text, "28P01"));
}

static void
a_missing_database_is_fatal(void **state)
{
	char other[512];
	struct error why;

	(void)state;
	snprintf(other, sizeof(other), "%s dbname=no_such_database", dsn);
	assert_null(postgres_open(other, "", "test", &why));
	assert_int_equal(why.kind, ERROR_FATAL);
	assert_non_null(strstr(why.text, "no_such_database"));
}

static void
nobody_listening_asks_for_another_try(void **state)
{
	struct error why;

	(void)state;
	assert_null(postgres_open(
	    "host=127.0.0.1 port=1 dbname=x user=y", "", "test", &why));
	assert_int_equal(why.kind, ERROR_RETRY);
	assert_null(strchr(why.text, '\n'));
}

static void
a_malformed_dsn_is_fatal_and_keeps_its_secrets(void **state)
{
	struct error why;

	(void)state;
	assert_null(postgres_open("host", "", "test", &why));
	assert_int_equal(why.kind, ERROR_FATAL);
	assert_null(postgres_open("hots=x", "", "test", &why));
	assert_non_null(strstr(why.text, "hots"));
	assert_null(
	    postgres_open("host=x password=two hunter2", "", "test", &why));
	assert_null(strstr(why.text, "hunter2"));
	postgres_close(NULL);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, connect, disconnect)

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
		WITH(sessions_run_in_utc_and_in_our_schema),
		WITH(numerics_are_shown_with_all_their_digits),
		WITH(numerics_are_shown_as_the_server_itself_does),
		WITH(other_values_are_shown_as_psql_does),
		WITH(rows_larger_than_the_buffer_arrive_whole),
		WITH(a_row_the_server_refuses_fails_the_copy_at_its_end),
		WITH(a_copy_that_is_given_up_leaves_nothing),
		WITH(a_copy_into_nowhere_is_refused),
		WITH(each_class_of_error_has_its_reaction),
		WITH(an_error_never_quotes_the_row),
		WITH(a_failed_script_is_told_and_the_session_goes_on),
		WITH(a_transaction_that_failed_does_not_commit),
		WITH(a_constraint_checked_at_the_commit_refuses_it),
		WITH(a_rolled_back_transaction_leaves_nothing),
		WITH(a_lost_connection_asks_for_another_try),
		WITH(a_commit_whose_answer_is_lost_is_unknown),
		WITH(a_commit_on_a_connection_known_lost_did_not_happen),
		WITH(a_copy_whose_connection_is_lost_asks_for_another_try),
		cmocka_unit_test(a_wrong_password_is_fatal_and_not_repeated),
		cmocka_unit_test(a_missing_database_is_fatal),
		cmocka_unit_test(nobody_listening_asks_for_another_try),
		cmocka_unit_test(
		    a_malformed_dsn_is_fatal_and_keeps_its_secrets),
	};

	dsn = getenv("AFTERCLICK_TEST_DSN");
	if (dsn == NULL) {
		fprintf(stderr, "set AFTERCLICK_TEST_DSN\n");
		return 2;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}

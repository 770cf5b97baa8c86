/*
 * test_postgres.c - common/postgres against a real server: COPY, errors,
 * transactions, lost connections and connecting.
 */
#include "tests/integration/c/postgres_harness.h"

static void
expect_error(const char *sql, enum error_kind kind, const char *state)
{
	assert_false(postgres_exec(pg, sql, NULL, NULL, &err));
	if (strstr(err.text, state) == NULL)
		fail_msg("no %s in: %s", state, err.text);
	assert_int_equal(err.kind, kind);
	assert_null(strchr(err.text, '\n'));
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

/* The first three times fails with the SQLSTATE in CTX. */
static bool
insert_or_fail(void *ctx, struct error *why)
{
	const char *code = ctx;
	struct postgres_args a = { .count = 0 };
	bool ok;

	postgres_arg_text(&a, str_of(code));
	ok = postgres_exec(pg, "INSERT INTO e VALUES (1)", NULL, NULL, why) &&
	     postgres_exec(pg, "SELECT pg_temp.f($1::text)", &a, NULL, why);
	postgres_args_free(&a);
	return ok;
}

static void
a_step_the_server_asks_to_repeat_is_repeated_and_nothing_else(void **state)
{
	(void)state;
	script("CREATE TEMP TABLE e (n int); CREATE TEMP SEQUENCE s; "
	       "CREATE FUNCTION pg_temp.f(code text) RETURNS void "
	       "LANGUAGE plpgsql AS $$BEGIN IF nextval('s') <= 3 THEN "
	       "RAISE EXCEPTION 'x' USING ERRCODE = code; END IF; END$$");
	assert_true(postgres_begin(pg, &err));
	script("INSERT INTO e VALUES (0)");
	assert_true(
	    postgres_attempt(pg, insert_or_fail, (void *)"40P01", &err));
	assert_int_equal(postgres_commit(pg, &err), POSTGRES_COMMITTED);
	expect_shown("SELECT count(*) FROM e", "2");
	expect_shown("SELECT last_value FROM s", "4");

	script("SELECT setval('s', 1, false)");
	assert_true(postgres_begin(pg, &err));
	assert_false(
	    postgres_attempt(pg, insert_or_fail, (void *)"22012", &err));
	assert_int_equal(err.kind, ERROR_REJECT);
	postgres_rollback(pg);
	expect_shown("SELECT last_value FROM s", "1");

	script("ALTER SEQUENCE s MINVALUE -2000000");
	script("SELECT setval('s', -1000000, true)");
	assert_true(postgres_begin(pg, &err));
	assert_false(
	    postgres_attempt(pg, insert_or_fail, (void *)"40001", &err));
	assert_int_equal(err.kind, ERROR_RETRY);
	postgres_rollback(pg);
	expect_shown("SELECT count(*) FROM e", "2");
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
sessions_run_in_utc_and_in_our_schema(void **state)
{
	(void)state;
	expect_shown("SELECT current_setting('search_path')", "afterclick");
	expect_shown("SELECT current_setting('TimeZone')", "UTC");
	expect_shown(
	    "SELECT current_setting('application_name')", "test_postgres");
}

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(sessions_run_in_utc_and_in_our_schema),
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
		WITH(
		    a_step_the_server_asks_to_repeat_is_repeated_and_nothing_else),
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

	if (!find_server("test_postgres"))
		return 2;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * postgres_harness.h - sessions on a real server for the tests of
 * common/postgres.h. The server is named by $AFTERCLICK_TEST_DSN;
 * test_postgres.py starts the tests with one.
 */
#ifndef TESTS_INTEGRATION_C_POSTGRES_HARNESS_H
#define TESTS_INTEGRATION_C_POSTGRES_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "common/postgres.h"

static const char *dsn, *program;
static struct postgres *pg;
static struct error err;

static inline int
connect(void **state)
{
	(void)state;
	pg = postgres_open(dsn, "", program, &err);
	if (pg == NULL)
		print_message("%s\n", err.text);
	return pg == NULL;
}

static inline int
disconnect(void **state)
{
	(void)state;
	postgres_close(pg);
	pg = NULL;
	return 0;
}

static inline struct postgres_rows *
ask(const char *sql, const struct postgres_args *args)
{
	struct postgres_rows *r = postgres_query(pg, sql, args, &err);

	if (r == NULL)
		fail_msg("%s: %s", sql, err.text);
	return r;
}

/* The first value of SQL's first row, as shown. */
static inline void
expect_shown(const char *sql, const char *want)
{
	struct postgres_rows *r = ask(sql, NULL);
	struct buf shown = { 0 };

	postgres_show(r, 0, 0, &shown);
	assert_string_equal(buf_text(&shown), want);
	buf_free(&shown);
	postgres_rows_free(r);
}

static inline void
script(const char *sql)
{
	if (!postgres_script(pg, sql, &err))
		fail_msg("%s: %s", sql, err.text);
}

/* Takes the server from the environment; sessions are called NAME, by which
 * a test finds its own. False when there is no server, after saying so. */
static inline bool
find_server(const char *name)
{
	program = name;
	dsn = getenv("AFTERCLICK_TEST_DSN");
	if (dsn == NULL)
		fprintf(stderr, "set AFTERCLICK_TEST_DSN\n");
	return dsn != NULL;
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, connect, disconnect)

#endif

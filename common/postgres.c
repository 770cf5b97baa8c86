/*
 * postgres.c - the one file that knows libpq. Statements are prepared once
 * per connection, parameters and results travel in binary, and every failure
 * gets its reaction from one table of SQLSTATEs.
 *
 * Error texts hold the server's message and never its detail: that would
 * quote rows, and with them visitor ids, into the log.
 */
#include "common/postgres.h"

#include <assert.h>
#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/config.h"
#include "common/postgres_internal.h"
#include "common/postgres_wire.h"
#include "common/pulse.h"

#define ARGS_MAX 32
#define BUCKETS 64
#define ATTEMPTS 20        /* of a step that the server asks to repeat */
#define CONNECT_SECONDS 10 /* unless the DSN says connect_timeout */

struct statement {
	struct statement *next;
	char *sql;
	char name[16];
	int count;
	uint32_t type[ARGS_MAX];
};

struct postgres {
	PGconn *conn;
	bool broken;
	bool copying;
	unsigned prepared; /* statements so far, for their names */
	struct statement *bucket[BUCKETS];
};

/* --- errors ----------------------------------------------------------------
 */

/* The first row whose code the SQLSTATE begins with; none: ERROR_FATAL. */
static const struct {
	const char *code;
	enum error_kind kind;
} reactions[] = {
	{ "08", ERROR_RETRY },    /* connection lost */
	{ "22", ERROR_REJECT },   /* a value out of range or malformed */
	{ "23505", ERROR_RETRY }, /* somebody else inserted it first */
	{ "23", ERROR_REJECT },   /* a constraint */
	{ "25006", ERROR_RETRY }, /* read only: a standby, about to change */
	{ "25P", ERROR_RETRY },   /* the transaction is lost: idle too long */
	{ "26000", ERROR_RETRY }, /* a pooler lost our prepared statement */
	{ "40", ERROR_RETRY },    /* deadlock, serialization */
	{ "53", ERROR_RETRY },    /* disk, memory, connections used up */
	{ "55", ERROR_RETRY },    /* locked, not ready */
	{ "57", ERROR_RETRY },    /* cancelled, shutting down, starting up */
	{ "58", ERROR_RETRY },    /* the server's disk or system */
};

static enum error_kind
reaction(const char *sqlstate)
{
	for (size_t i = 0; i < sizeof(reactions) / sizeof(reactions[0]); i++) {
		if (strncmp(sqlstate, reactions[i].code,
			strlen(reactions[i].code)) == 0)
			return reactions[i].kind;
	}
	return ERROR_FATAL;
}

/* The statement's own first line, as it tells what was tried. */
static struct str
title(const char *sql)
{
	struct str rest = str_of(sql), line = STR_EMPTY;

	if (!str_cut(&rest, '\n', &line))
		return STR_EMPTY;
	if (str_starts(line, STR("--")))
		line = str_trim(str_from(line, 2));
	return str_head(line, 100);
}

/* Tells in ERR why RES (may be NULL) is a failure. Always false. */
static bool
fail(struct postgres *pg, const PGresult *res, const char *sql,
    struct error *err)
{
	const char *state =
	    res ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL;
	const char *text =
	    res ? PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY) : NULL;
	const char *rule =
	    res ? PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME) : NULL;
	struct str what = title(sql);
	enum error_kind kind;

	/* The server is ending this session, even if it still stands. */
	if (PQstatus(pg->conn) == CONNECTION_BAD ||
	    (state != NULL &&
		(strncmp(state, "57P", 3) == 0 || strcmp(state, "25P03") == 0)))
		pg->broken = true;
	if (state != NULL && text != NULL) {
		kind = pg->broken ? ERROR_RETRY : reaction(state);
		return error_set(err, kind,
		    "postgresql: %s (SQLSTATE %s%s%s) in \"%.*s\"", text, state,
		    rule ? ", constraint " : "", rule ? rule : "",
		    STR_ARG(what));
	}
	kind = pg->broken ? ERROR_RETRY : ERROR_FATAL;
	text = PQerrorMessage(pg->conn);
	return error_set(err, kind, "postgresql: %s in \"%.*s\"",
	    text[0] ? text : "connection lost", STR_ARG(what));
}

/* --- connecting --------------------------------------------------------------
 */

/* Keywords in the form libpq wants them. Values are lent. */
struct keywords {
	const char *key[64], *value[64];
	size_t count;
};

/* Sets KEY, unless the DSN already says so and KEEP. */
static void
keyword(struct keywords *k, const char *key, const char *value, bool keep)
{
	size_t i = 0;

	while (i < k->count && strcmp(k->key[i], key) != 0)
		i++;
	if (i < k->count && keep)
		return;
	assert(i + 1 < sizeof(k->key) / sizeof(k->key[0]));
	k->key[i] = key;
	k->value[i] = value;
	if (i == k->count)
		k->count++;
}

static void
keywords_fill(struct keywords *k, const PQconninfoOption *dsn,
    const char *password, const char *name)
{
	for (; dsn->keyword != NULL; dsn++) {
		if (dsn->val != NULL)
			keyword(k, dsn->keyword, dsn->val, false);
	}
	if (password != NULL && password[0] != '\0')
		keyword(k, "password", password, false);
	keyword(k, "application_name", name, true);
	keyword(k, "client_encoding", "UTF8", false);
	/* A server that vanished is noticed within a minute. */
	keyword(k, "keepalives_idle", "20", true);
	keyword(k, "keepalives_interval", "10", true);
	keyword(k, "keepalives_count", "3", true);
	keyword(k, "tcp_user_timeout", "45000", true);
}

/* Runs SQL; whoever waits for a database is not stuck. */
static PGresult *
exec(PGconn *conn, const char *sql)
{
	PGresult *res;

	pulse_rest();
	res = PQexec(conn, sql);
	pulse_turn();
	return res;
}

/* Waits until the connection stands, failed, or SECONDS have passed. */
static bool
connect_wait(PGconn *conn, int seconds)
{
	int64_t end = clock_mono_ms() + seconds * INT64_C(1000), left;
	PostgresPollingStatusType state = PGRES_POLLING_WRITING;
	struct pollfd fd;

	while (state != PGRES_POLLING_OK && state != PGRES_POLLING_FAILED) {
		left = end - clock_mono_ms();
		if (left <= 0)
			return false;
		fd.fd = PQsocket(conn); /* may change with each address */
		fd.events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
		if (poll(&fd, 1, (int)left) > 0 || errno != EINTR)
			state = PQconnectPoll(conn);
	}
	return true;
}

/*
 * The SQLSTATE in MESSAGE, "FATAL:  28P01: ..." as verbose libpq writes it;
 * for connections there is no other way to it. False if there is none.
 */
static bool
find_sqlstate(const char *message, char out[6])
{
	const char *p = message;
	size_t n;

	while ((p = strstr(p, ":  ")) != NULL) {
		p += 3;
		n = strspn(p, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");
		if (n == 5 && p[5] == ':') {
			memcpy(out, p, 5);
			out[5] = '\0';
			return true;
		}
	}
	return false;
}

/* Says why CONN does not stand; TIMED_OUT after SECONDS. Always false. */
static bool
connect_fail(PGconn *conn, bool timed_out, int seconds, struct error *err)
{
	const char *text = PQerrorMessage(conn), *location;
	enum error_kind kind = ERROR_RETRY; /* the network, unless told */
	const char *host = PQhost(conn), *port = PQport(conn);
	char state[6];
	size_t len;

	if (timed_out)
		return error_set(err, ERROR_RETRY,
		    "postgresql at %s:%s did not answer within %d s",
		    host ? host : "", port ? port : "", seconds);
	if (find_sqlstate(text, state))
		kind = reaction(state);
	else if (PQconnectionNeedsPassword(conn))
		kind = ERROR_FATAL;
	location = strstr(text, "\nLOCATION:");
	len = location ? (size_t)(location - text) : strlen(text);
	return error_set(
	    err, kind, "cannot connect to postgresql: %.*s", (int)len, text);
}

static PQconninfoOption *
parse_dsn(const char *dsn, struct error *err)
{
	char *why = NULL;
	PQconninfoOption *parsed = PQconninfoParse(dsn, &why);
	bool secret = strstr(dsn, "password") != NULL || strchr(dsn, '@');

	/* libpq quotes the piece it stumbled over: perhaps the password. */
	if (parsed == NULL)
		error_set(err, ERROR_FATAL,
		    "the postgresql dsn is neither keywords nor a URI%s%s",
		    secret ? "" : ": ", secret || why == NULL ? "" : why);
	PQfreemem(why);
	return parsed;
}

void
postgres_check_dsn(const void *value, struct config_place *place)
{
	char *const *dsn = value;
	struct error err;
	PQconninfoOption *parsed = parse_dsn(*dsn, &err);

	if (parsed == NULL)
		config_complain(place, NULL, "%s", err.text);
	PQconninfoFree(parsed);
}

static int
connect_seconds(const struct keywords *k)
{
	int64_t seconds = 0;

	for (size_t i = 0; i < k->count; i++) {
		if (strcmp(k->key[i], "connect_timeout") == 0 &&
		    str_int(str_of(k->value[i]), 1, 3600, &seconds))
			return (int)seconds;
	}
	return CONNECT_SECONDS;
}

static void
ignore_notice(void *ctx, const char *text)
{
	(void)ctx;
	(void)text; /* "schema exists, skipping" is no news */
}

struct postgres *
postgres_open(
    const char *dsn, const char *password, const char *name, struct error *err)
{
	struct keywords k = { .count = 0 };
	PQconninfoOption *parsed;
	struct postgres *pg = NULL;
	PGconn *conn = NULL;
	int seconds;
	bool in_time;

	parsed = parse_dsn(dsn, err);
	if (parsed == NULL)
		return NULL;
	keywords_fill(&k, parsed, password, name);
	seconds = connect_seconds(&k);
	pulse_rest();
	conn = PQconnectStartParams(k.key, k.value, 0);
	if (conn == NULL)
		abort();                             /* out of memory */
	PQsetErrorVerbosity(conn, PQERRORS_VERBOSE); /* for find_sqlstate() */
	PQsetNoticeProcessor(conn, ignore_notice, NULL);
	in_time =
	    PQstatus(conn) == CONNECTION_BAD || connect_wait(conn, seconds);
	pulse_turn();
	if (PQstatus(conn) != CONNECTION_OK) {
		connect_fail(conn, !in_time, seconds, err);
		PQfinish(conn);
		goto out;
	}
	PQsetErrorVerbosity(conn, PQERRORS_TERSE);
	pg = mem_zero(1, sizeof(*pg));
	pg->conn = conn;
	if (!postgres_script(pg,
		"SET search_path TO afterclick; SET TIME ZONE 'UTC'; SET jit "
		"TO off",
		err)) {
		postgres_close(pg);
		pg = NULL;
	}
out:
	PQconninfoFree(parsed);
	return pg;
}

void
postgres_close(struct postgres *pg)
{
	struct statement *s, *next;

	if (pg == NULL)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		for (s = pg->bucket[i]; s != NULL; s = next) {
			next = s->next;
			free(s->sql);
			free(s);
		}
	}
	PQfinish(pg->conn);
	free(pg);
}

bool
postgres_broken(const struct postgres *pg)
{
	return pg->broken || PQstatus(pg->conn) == CONNECTION_BAD;
}

/* --- transactions ------------------------------------------------------------
 */

/* Whether RES (consumed) is a success; else ERR says why. */
static bool
finish(struct postgres *pg, PGresult *res, const char *sql, struct error *err)
{
	ExecStatusType status = PQresultStatus(res);
	bool ok = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ||
		  status == PGRES_EMPTY_QUERY;

	if (!ok)
		fail(pg, res, sql, err);
	PQclear(res);
	return ok;
}

bool
postgres_script(struct postgres *pg, const char *sql, struct error *err)
{
	return finish(pg, exec(pg->conn, sql), sql, err);
}

bool
postgres_begin(struct postgres *pg, struct error *err)
{
	assert(PQtransactionStatus(pg->conn) != PQTRANS_INTRANS);
	return postgres_script(pg, "BEGIN", err);
}

enum postgres_commit
postgres_commit(struct postgres *pg, struct error *err)
{
	PGresult *res;
	const char *state;
	enum postgres_commit fate;

	if (postgres_broken(pg)) {
		error_set(err, ERROR_RETRY,
		    "postgresql: the connection was lost before the commit");
		return POSTGRES_NOT_COMMITTED;
	}
	assert(PQtransactionStatus(pg->conn) != PQTRANS_IDLE);
	res = exec(pg->conn, "COMMIT");
	if (PQresultStatus(res) == PGRES_COMMAND_OK) {
		/* A transaction that had failed answers ROLLBACK. */
		fate = strcmp(PQcmdStatus(res), "COMMIT") == 0
			   ? POSTGRES_COMMITTED
			   : POSTGRES_NOT_COMMITTED;
		if (fate != POSTGRES_COMMITTED)
			error_set(err, ERROR_RETRY,
			    "postgresql: the transaction had failed before its "
			    "commit");
		PQclear(res);
		return fate;
	}
	state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	fail(pg, res, "COMMIT", err);
	/* An error that leaves the session standing is the server's word that
	 * nothing was committed; a lost session says nothing. 08007, 40003:
	 * the server itself does not know. */
	fate = pg->broken || state == NULL || strcmp(state, "08007") == 0 ||
		       strcmp(state, "40003") == 0
		   ? POSTGRES_UNKNOWN
		   : POSTGRES_NOT_COMMITTED;
	PQclear(res);
	return fate;
}

void
postgres_rollback(struct postgres *pg)
{
	PGTransactionStatusType status = PQtransactionStatus(pg->conn);

	assert(!pg->copying);
	if (status != PQTRANS_INTRANS && status != PQTRANS_INERROR)
		return;
	if (!postgres_script(pg, "ROLLBACK", NULL))
		pg->broken = true; /* closing it rolls back as well */
}

bool
postgres_attempt(struct postgres *pg,
    bool (*step)(void *ctx, struct error *err), void *ctx, struct error *err)
{
	for (int tries = 1;; tries++) {
		struct error lost;

		if (!postgres_script(pg, "SAVEPOINT attempt", err))
			return false;
		if (step(ctx, err))
			return postgres_script(
			    pg, "RELEASE SAVEPOINT attempt", err);
		if (err->kind != ERROR_RETRY || tries == ATTEMPTS ||
		    postgres_broken(pg) ||
		    !postgres_script(
			pg, "ROLLBACK TO SAVEPOINT attempt", &lost))
			return false;
	}
}

/* --- statements --------------------------------------------------------------
 */

/* A NULL fits any type, so it does not ask for a statement of its own. */
static bool
fits(const struct statement *s, const struct postgres_args *a)
{
	int count = a ? a->count : 0;

	if (s->count != count)
		return false;
	for (int i = 0; i < count; i++) {
		if (a->value[i].length >= 0 && s->type[i] != a->value[i].type)
			return false;
	}
	return true;
}

/* SQL with ARGS' types as a prepared statement; NULL and ERR if refused. */
static const struct statement *
prepare(struct postgres *pg, const char *sql, const struct postgres_args *a,
    struct error *err)
{
	uint64_t hash = digest_hash64(str_of(sql), 0);
	struct statement **head = &pg->bucket[hash % BUCKETS], *s;
	PGresult *res;

	for (s = *head; s != NULL; s = s->next) {
		if (strcmp(s->sql, sql) == 0 && fits(s, a))
			return s;
	}
	s = mem_zero(1, sizeof(*s));
	s->count = a ? a->count : 0;
	for (int i = 0; i < s->count; i++)
		s->type[i] = a->value[i].type;
	snprintf(s->name, sizeof(s->name), "s%u", ++pg->prepared);
	pulse_rest();
	res = PQprepare(pg->conn, s->name, sql, s->count, s->type);
	pulse_turn();
	if (!finish(pg, res, sql, err)) {
		free(s);
		return NULL;
	}
	s->sql = str_dup(str_of(sql));
	s->next = *head;
	*head = s;
	return s;
}

/* Runs SQL; the caller clears the result. NULL and ERR on failure. */
static PGresult *
run(struct postgres *pg, const char *sql, const struct postgres_args *a,
    struct error *err)
{
	const char *value[ARGS_MAX];
	int length[ARGS_MAX], format[ARGS_MAX];
	const struct statement *s;
	ExecStatusType status;
	PGresult *res;

	assert(!pg->copying);
	s = prepare(pg, sql, a, err);
	if (s == NULL)
		return NULL;
	for (int i = 0; i < s->count; i++) {
		format[i] = 1;
		length[i] = a->value[i].length;
		if (length[i] < 0)
			value[i] = NULL;
		else /* an empty text is no NULL */
			value[i] =
			    a->bytes.data ? a->bytes.data + a->value[i].at : "";
	}
	pulse_rest();
	res = PQexecPrepared(
	    pg->conn, s->name, s->count, value, length, format, 1);
	pulse_turn();
	status = PQresultStatus(res);
	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
		return res;
	fail(pg, res, sql, err);
	PQclear(res);
	return NULL;
}

bool
postgres_exec(struct postgres *pg, const char *sql,
    const struct postgres_args *args, int64_t *affected, struct error *err)
{
	PGresult *res = run(pg, sql, args, err);

	if (res == NULL)
		return false;
	if (affected != NULL)
		*affected = strtoll(PQcmdTuples(res), NULL, 10);
	PQclear(res);
	return true;
}

/* --- rows --------------------------------------------------------------------
 */

/* A struct postgres_rows is libpq's result under our name. */
static const PGresult *
result(const struct postgres_rows *r)
{
	return (const PGresult *)r;
}

struct postgres_rows *
postgres_query(struct postgres *pg, const char *sql,
    const struct postgres_args *args, struct error *err)
{
	return (struct postgres_rows *)run(pg, sql, args, err);
}

void
postgres_rows_free(struct postgres_rows *r)
{
	PQclear((PGresult *)r);
}

size_t
postgres_rows_count(const struct postgres_rows *r)
{
	return (size_t)PQntuples(result(r));
}

size_t
postgres_rows_columns(const struct postgres_rows *r)
{
	return (size_t)PQnfields(result(r));
}

const char *
postgres_column(const struct postgres_rows *r, size_t col)
{
	return PQfname(result(r), (int)col);
}

bool
postgres_null(const struct postgres_rows *r, size_t row, size_t col)
{
	assert(row < postgres_rows_count(r) && col < postgres_rows_columns(r));
	return PQgetisnull(result(r), (int)row, (int)col);
}

uint32_t
postgres_rows_type(const struct postgres_rows *r, size_t col)
{
	return PQftype(result(r), (int)col);
}

struct str
postgres_rows_raw(const struct postgres_rows *r, size_t row, size_t col)
{
	if (postgres_null(r, row, col))
		return STR_EMPTY;
	return (struct str){ PQgetvalue(result(r), (int)row, (int)col),
		(size_t)PQgetlength(result(r), (int)row, (int)col) };
}

/* --- COPY --------------------------------------------------------------------
 */

bool
postgres_copy_start(struct postgres *pg, const char *sql, struct error *err)
{
	PGresult *res;

	assert(!pg->copying);
	res = exec(pg->conn, sql);
	pg->copying = PQresultStatus(res) == PGRES_COPY_IN;
	if (!pg->copying)
		fail(pg, res, sql, err);
	PQclear(res);
	return pg->copying;
}

bool
postgres_copy_send(
    struct postgres *pg, const char *data, size_t len, struct error *err)
{
	bool ok;

	assert(pg->copying && len <= INT32_MAX);
	pulse_rest();
	ok = PQputCopyData(pg->conn, data, (int)len) == 1;
	pulse_turn();
	return ok || fail(pg, NULL, "COPY", err);
}

bool
postgres_copy_end(struct postgres *pg, const char *reason, struct error *err)
{
	bool ok = true;
	PGresult *res;

	pg->copying = false;
	pulse_rest();
	if (PQputCopyEnd(pg->conn, reason) != 1)
		ok = fail(pg, NULL, "COPY", err);
	while ((res = PQgetResult(pg->conn)) != NULL) {
		if (PQresultStatus(res) == PGRES_COPY_IN) {
			/* The end could not be sent: only closing helps. */
			pg->broken = true;
			PQclear(res);
			pulse_turn();
			return fail(pg, NULL, "COPY", err);
		}
		if (PQresultStatus(res) != PGRES_COMMAND_OK && ok)
			ok = fail(pg, res, "COPY", err);
		PQclear(res);
	}
	pulse_turn();
	return ok;
}

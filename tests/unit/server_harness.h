/*
 * server_harness.h - a server in a thread and clients that talk to it, for
 * the tests of common/server.h. Every wait is for something to happen, with
 * a deadline.
 */
#ifndef TESTS_UNIT_SERVER_HARNESS_H
#define TESTS_UNIT_SERVER_HARNESS_H

#include "common/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/clock.h"
#include "common/metrics.h"
#include "common/socket.h"

#define PATIENCE_MS 10000
#define BIG 12000000 /* more than the kernel buffers */

static struct server_settings set;
static struct server *server;
static pthread_t thread;
static uint16_t port;
static bool running;
static char big[BIG];
static _Atomic uint64_t next_seq, release_to, refuse_to;
static atomic_int ticks, turns;

/* --- the server ----------------------------------------------------------- */

static inline void
handle(struct exchange *x, void *ctx)
{
	const struct http_request *req = exchange_request(x);

	(void)ctx;
	if (str_is(req->path, "/hold"))
		exchange_hold(x, ++next_seq);
	if (str_is(req->path, "/close"))
		exchange_close(x);
	if (str_is(req->path, "/empty")) {
		exchange_answer(x, 204, STR_EMPTY);
	} else if (str_is(req->path, "/echo")) {
		exchange_answer(x, 200, req->body);
	} else if (str_is(req->path, "/big")) {
		exchange_answer(x, 200, str_make(big, sizeof(big)));
	} else if (str_is(req->path, "/peer")) {
		exchange_answer(x, 200, exchange_peer(x));
	} else if (str_is(req->path, "/header")) {
		char value[] = "a?b";
		bool refused = true;

		for (int c = 0; c < 32; c++) {
			value[1] = (char)c;
			refused &=
			    !exchange_header(x, "X-Bad", str_make(value, 3));
		}
		refused &= !exchange_header(x, "X-Bad: a", STR("b"));
		refused &= !exchange_header(x, "X-Bad\r\nX", STR("b"));
		refused &= !exchange_header(x, "", STR("b"));
		refused &= exchange_header(x, "X-Good", STR("a b"));
		exchange_answer(x, refused ? 200 : 500, STR_EMPTY);
	} else {
		exchange_answer(x, 200, req->path);
	}
}

static inline void
woken(void *ctx)
{
	(void)ctx;
	if (refuse_to > 0)
		server_refuse(server, refuse_to);
	server_release(server, release_to);
}

static inline void
tick(void *ctx)
{
	(void)ctx;
	ticks++;
}

static inline void
turn(void *ctx)
{
	(void)ctx;
	turns++;
}

static inline void *
run(void *arg)
{
	server_run(arg);
	return NULL;
}

static inline void
start(void)
{
	struct error err;

	next_seq = release_to = refuse_to = 0;
	ticks = turns = 0;
	server = server_open("127.0.0.1:0", &set, handle, NULL, &err);
	if (server == NULL)
		fail_msg("%s", err.text);
	port = server_port(server);
	server_on_wake(server, woken, NULL);
	server_on_turn(server, turn, NULL);
	server_every(server, 5, tick, NULL);
	assert_int_equal(pthread_create(&thread, NULL, run, server), 0);
	running = true;
}

static inline int
defaults(void **state)
{
	(void)state;
	set = server_defaults;
	return 0;
}

/* Ends the server unless the test has; how long that took. */
static inline int64_t
stop(int64_t deadline_ms)
{
	int64_t begin = clock_mono_ms();

	if (!running)
		return 0;
	server_stop(server, deadline_ms);
	pthread_join(thread, NULL);
	server_close(server);
	running = false;
	return clock_mono_ms() - begin;
}

static inline int
teardown(void **state)
{
	(void)state;
	stop(0);
	return 0;
}

/* --- the client ----------------------------------------------------------- */

static inline int
dial(void)
{
	char address[32];
	struct error err;
	int fd;

	snprintf(address, sizeof(address), "127.0.0.1:%d", port);
	fd = socket_connect(address, PATIENCE_MS, &err);
	if (fd < 0)
		fail_msg("%s", err.text);
	return fd;
}

static inline void
say(int fd, const char *text)
{
	size_t len = strlen(text);

	assert_int_equal(send(fd, text, len, MSG_NOSIGNAL), len);
}

static inline void
ask(int fd, const char *path)
{
	char text[256];

	snprintf(
	    text, sizeof(text), "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path);
	say(fd, text);
}

/* What comes until N bytes have, or the end: then "(end)" is added. */
static inline const char *
hear(int fd, size_t n)
{
	static char text[16384];
	size_t len = 0;

	while (len < n && len < sizeof(text) - 8) {
		ssize_t got = recv(fd, text + len,
		    n - len < sizeof(text) - 8 - len ? n - len
						     : sizeof(text) - 8 - len,
		    0);

		if (got < 0)
			fail_msg("after %zu bytes: %s", len, strerror(errno));
		if (got == 0) {
			memcpy(text + len, "(end)", 5);
			len += 5;
			break;
		}
		len += (size_t)got;
	}
	text[len] = '\0';
	return text;
}

#define expect(fd, text) assert_string_equal(hear(fd, strlen(text)), text)
#define expect_end(fd) assert_string_equal(hear(fd, 1), "(end)")
#define OK(body, len) "HTTP/1.1 200 OK\r\nContent-Length: " #len "\r\n\r\n" body

/* The server has handled all that was sent before. */
static inline void
settled(void)
{
	int fd = dial();

	for (int i = 0; i < 2; i++) {
		ask(fd, "/sync");
		expect(fd, OK("/sync", 5));
	}
	close(fd);
}

static inline void
silent(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	settled();
	assert_int_equal(poll(&p, 1, 0), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, defaults, teardown)

#endif

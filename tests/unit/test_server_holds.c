/*
 * test_server_holds.c - answers that wait for the disk, places that are
 * given away, and how a server ends without failing anybody.
 */
#include "tests/unit/server_harness.h"

static void
pipelined_answers_wait_for_the_number_they_are_held_for(void **state)
{
	int fd, other;

	(void)state;
	start();
	fd = dial();
	other = dial();
	say(fd, "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"
		"GET /hold HTTP/1.1\r\nHost: a\r\n\r\n"
		"GET /b HTTP/1.1\r\nHost: a\r\n\r\n"
		"GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
	silent(fd);
	assert_int_equal(next_seq, 2);
	ask(other, "/hold");
	silent(other);
	ask(fd, "/c"); /* behind the held ones */
	release_to = 1;
	server_wake(server);
	silent(fd);
	release_to = 2;
	server_wake(server);
	expect(fd,
	    OK("/a", 2) OK("/hold", 5) OK("/b", 2) OK("/hold", 5) OK("/c", 2));
	silent(other);
	release_to = 3;
	server_wake(server);
	expect(other, OK("/hold", 5));
	release_to = 99; /* known already: not held at all */
	server_wake(server);
	settled();
	ask(fd, "/hold");
	expect(fd, OK("/hold", 5));
	close(fd);
	close(other);
}

static void
refused_answers_become_503_and_close(void **state)
{
	int64_t before = metrics_get(METRIC_REQUESTS_5XX);
	int fd, other;

	(void)state;
	start();
	fd = dial();
	other = dial();
	say(fd, "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n"
		"GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
	settled();
	ask(other, "/hold");
	settled();
	refuse_to = 1; /* the second came in one piece with it */
	release_to = 3;
	server_wake(server);
	expect(fd, "HTTP/1.1 503 Service Unavailable\r\n"
		   "Content-Type: text/plain\r\nRetry-After: 1\r\n"
		   "Content-Length: 24\r\nConnection: close\r\n\r\n"
		   "503 Service Unavailable\n");
	expect_end(fd);
	expect(other, OK("/hold", 5));
	stop(1000);
	assert_int_equal(metrics_get(METRIC_REQUESTS_5XX), before + 1);
	close(fd);
	close(other);
}

static void
answers_that_nothing_confirms_in_time_become_503(void **state)
{
	int64_t before = metrics_get(METRIC_HTTP_UNCONFIRMED);
	int fd, other, third;

	(void)state;
	set.answer_ms = 100;
	start();
	fd = dial();
	other = dial();
	third = dial();
	say(fd, "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"
		"GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
	ask(other, "/hold");
	for (int i = 0; i < 2; i++) {
		expect(i == 0 ? fd : other,
		    "HTTP/1.1 503 Service Unavailable\r\n"
		    "Content-Type: text/plain\r\nRetry-After: 1\r\n"
		    "Content-Length: 24\r\nConnection: close\r\n\r\n"
		    "503 Service Unavailable\n");
		expect_end(i == 0 ? fd : other);
	}
	release_to = 99; /* too late for those, in time for others */
	server_wake(server);
	settled();
	ask(third, "/hold");
	expect(third, OK("/hold", 5));
	stop(1000);
	assert_int_equal(metrics_get(METRIC_HTTP_UNCONFIRMED), before + 2);
	close(fd);
	close(other);
	close(third);
}

static void
at_the_cap_the_longest_idle_goes_first(void **state)
{
	int fd[4];

	(void)state;
	set.connections = 3;
	start();
	for (int i = 0; i < 3; i++) {
		fd[i] = dial();
		ask(fd[i], "/a");
		expect(fd[i], OK("/a", 2));
	}
	ask(fd[0], "/a"); /* now 1 is the oldest */
	expect(fd[0], OK("/a", 2));
	fd[3] = dial();
	ask(fd[3], "/hold");
	expect_end(fd[1]);
	ask(fd[0], "/hold");
	ask(fd[2], "/hold");
	while (next_seq < 3)
		sched_yield();
	close(fd[1]);
	fd[1] = dial(); /* nobody is idle */
	expect(fd[1], "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n"
		      "Content-Length: 0\r\nConnection: close\r\n\r\n");
	expect_end(fd[1]);
	release_to = 3;
	server_wake(server);
	expect(fd[0], OK("/hold", 5));
	expect(fd[2], OK("/hold", 5));
	expect(fd[3], OK("/hold", 5));
	for (int i = 0; i < 4; i++)
		close(fd[i]);
}

static void
one_network_cannot_take_all_connections(void **state)
{
	int fd[3];

	(void)state;
	set.net_connections = 2;
	start();
	for (int i = 0; i < 3; i++)
		fd[i] = dial();
	expect(fd[2], "HTTP/1.1 503 Service Unavailable\r\n");
	ask(fd[0], "/a");
	expect(fd[0], OK("/a", 2));
	close(fd[1]); /* makes room for another, once the server knows */
	do {
		close(fd[2]);
		fd[2] = dial();
		ask(fd[2], "/a");
	} while (strncmp(hear(fd[2], 12), "HTTP/1.1 200", 12) != 0);
	close(fd[0]);
	close(fd[2]);
}

static void
a_stop_answers_what_is_in_flight_and_closes_the_idle(void **state)
{
	int held, idle, fresh, partial;
	struct error err;
	char address[32];

	(void)state;
	start();
	held = dial();
	idle = dial();
	fresh = dial();
	partial = dial();
	ask(idle, "/a");
	expect(idle, OK("/a", 2));
	say(partial, "GET /p HTTP/1.1\r\n");
	ask(held, "/hold");
	silent(held);
	server_stop(server, 5000);
	expect_end(idle);
	snprintf(address, sizeof(address), "127.0.0.1:%d", port);
	assert_int_equal(socket_connect(address, 1000, &err), -1);
	ask(fresh, "/f");
	expect(fresh, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
		      "Connection: close\r\n\r\n/f");
	expect_end(fresh);
	say(partial, "Host: a\r\n\r\n");
	expect(partial, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
			"Connection: close\r\n\r\n/p");
	close(fresh);
	close(partial);
	release_to = 1;
	server_wake(server);
	expect(held, OK("/hold", 5));
	expect_end(held);
	close(held);
	close(idle);
	pthread_join(thread, NULL);
	server_close(server);
	running = false;
}

static void
a_stop_ends_at_its_deadline(void **state)
{
	int fd;

	(void)state;
	start();
	fd = dial();
	ask(fd, "/hold");
	settled();
	assert_in_range(stop(100), 90, 2000);
	expect_end(fd);
	close(fd);
}

static void
a_successor_on_the_same_port_loses_no_client(void **state)
{
	struct server *old;
	pthread_t old_thread;
	char address[32];
	struct error err;
	int fd[40];

	(void)state;
	set.reuse_port = true;
	start();
	old = server;
	old_thread = thread;
	snprintf(address, sizeof(address), "127.0.0.1:%d", port);
	server = server_open(address, &set, handle, NULL, &err);
	assert_non_null(server);
	assert_int_equal(pthread_create(&thread, NULL, run, server), 0);
	for (int i = 0; i < 20; i++)
		fd[i] = dial();
	server_stop(old, 5000);
	pthread_join(old_thread, NULL);
	for (int i = 0; i < 20; i++)
		close(fd[i]);
	for (int i = 20; i < 40; i++) {
		fd[i] = dial();
		ask(fd[i], "/a");
		expect(fd[i], OK("/a", 2));
		close(fd[i]);
	}
	server_close(old);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pipelined_answers_wait_for_the_number_they_are_held_for),
		TEST(refused_answers_become_503_and_close),
		TEST(answers_that_nothing_confirms_in_time_become_503),
		TEST(at_the_cap_the_longest_idle_goes_first),
		TEST(one_network_cannot_take_all_connections),
		TEST(a_stop_answers_what_is_in_flight_and_closes_the_idle),
		TEST(a_stop_ends_at_its_deadline),
		TEST(a_successor_on_the_same_port_loses_no_client),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

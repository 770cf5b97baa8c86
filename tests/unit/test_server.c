/*
 * test_server.c - what the server answers, and how long it waits for whom.
 */
#include "tests/unit/server_harness.h"

static void
a_connection_serves_one_request_after_the_other(void **state)
{
	int fd;

	(void)state;
	start();
	fd = dial();
	for (int i = 0; i < 3; i++) {
		ask(fd, "/x");
		expect(fd, OK("/x", 2));
	}
	ask(fd, "/peer");
	expect(fd, OK("127.0.0.1", 9));
	while (ticks == 0 || turns == 0)
		settled();
	close(fd);
}

static void
answers_have_the_form_their_request_asks_for(void **state)
{
	int fd;

	(void)state;
	start();
	fd = dial();
	say(fd, "HEAD /abc HTTP/1.1\r\nHost: a\r\n\r\n");
	expect(fd, OK("", 4));
	ask(fd, "/empty");
	expect(fd, "HTTP/1.1 204 No Content\r\n\r\n");
	ask(fd, "/header");
	expect(
	    fd, "HTTP/1.1 200 OK\r\nX-Good: a b\r\nContent-Length: 0\r\n\r\n");
	say(fd, "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	expect(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
		   "Connection: keep-alive\r\n\r\n/a");
	say(fd, "GET /a HTTP/1.0\r\n\r\n");
	expect(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
		   "Connection: close\r\n\r\n/a");
	expect_end(fd);
	close(fd);
	fd = dial();
	ask(fd, "/close");
	expect(fd, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n"
		   "Connection: close\r\n\r\n/close");
	expect_end(fd);
	close(fd);
}

static void
a_request_may_come_byte_by_byte(void **state)
{
	static const char text[] = "POST /echo HTTP/1.1\r\nHost: a\r\n"
				   "Transfer-Encoding: chunked\r\n\r\n"
				   "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n";
	int fd, on = 1;

	(void)state;
	start();
	fd = dial();
	setsockopt(fd, IPPROTO_TCP, 1 /* TCP_NODELAY */, &on, sizeof(on));
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		assert_int_equal(send(fd, text + i, 1, 0), 1);
		if (i % 8 == 0)
			settled();
	}
	expect(fd, OK("abc", 3));
	close(fd);
}

static void
the_body_is_asked_for_once_the_header_is_good(void **state)
{
	int fd;

	(void)state;
	start();
	fd = dial();
	say(fd, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
		"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
		"Expect: 100-continue\r\n\r\n");
	expect(fd, OK("/1", 2) "HTTP/1.1 100 Continue\r\n\r\n");
	say(fd, "x");
	silent(fd);
	say(fd, "y");
	expect(fd, OK("xy", 2));
	say(fd, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n"
		"Expect: 100-continue\r\n\r\n");
	expect(fd, "HTTP/1.1 413 Content Too Large\r\n");
	close(fd);
}

static void
a_malformed_request_is_answered_and_the_answer_survives_what_follows(
    void **state)
{
	int64_t before = metrics_get(METRIC_HTTP_MALFORMED);
	int fd;

	(void)state;
	start();
	fd = dial();
	say(fd, "GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\n\r\n");
	assert_int_equal(send(fd, big, 100000, MSG_NOSIGNAL), 100000);
	expect(fd,
	    OK("/a", 2) "HTTP/1.1 400 Bad Request\r\n"
			"Content-Type: text/plain\r\nContent-Length: 16\r\n"
			"Connection: close\r\n\r\n400 Bad Request\n");
	expect_end(fd);
	close(fd);
	stop(1000);
	assert_int_equal(metrics_get(METRIC_HTTP_MALFORMED), before + 1);
}

/* Drips after HEAD until the server ends it; what it said. */
static void
drip(const char *head, const char *first, const char *answer)
{
	int64_t begin = clock_mono_ms(), took;
	struct pollfd p;
	int fd = dial();

	say(fd, head);
	expect(fd, first);
	p = (struct pollfd){ .fd = fd, .events = POLLIN };
	while (poll(&p, 1, 10) == 0) {
		assert_true(clock_mono_ms() - begin < PATIENCE_MS);
		say(fd, "x");
	}
	took = clock_mono_ms() - begin;
	assert_in_range(took, 90, 1000);
	assert_memory_equal(hear(fd, strlen(answer)), answer, strlen(answer));
	close(fd);
}

static void
slow_requests_end_at_their_deadline_whatever_they_drip(void **state)
{
	int64_t before = metrics_get(METRIC_HTTP_TIMEOUTS);

	(void)state;
	set.header_ms = set.body_ms = 100;
	start();
	drip("GET / HTTP/1.1\r\nX: ", "", "HTTP/1.1 408 Request Timeout\r\n");
	drip("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n",
	    "", "HTTP/1.1 408 Request Timeout\r\n");
	drip("GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET", OK("/a", 2),
	    "HTTP/1.1 408 Request Timeout\r\n");
	stop(1000);
	assert_int_equal(metrics_get(METRIC_HTTP_TIMEOUTS), before + 3);
}

static void
a_body_below_the_least_rate_ends_before_its_deadline(void **state)
{
	int64_t begin, before = metrics_get(METRIC_HTTP_TIMEOUTS);
	const char *answer = "HTTP/1.1 408 Request Timeout\r\n"
			     "Content-Type: text/plain\r\n"
			     "Content-Length: 20\r\n"
			     "Connection: close\r\n\r\n408 Request Timeout\n";
	int fd;

	(void)state;
	set.body_ms = 800; /* a look each 200 ms */
	set.body_rate = 100;
	start();
	fd = dial();
	begin = clock_mono_ms();
	say(fd, "POST /echo HTTP/1.1\r\nHost: a\r\nX: long enough to count\r\n"
		"Content-Length: 5000\r\n\r\n"
		"enough for the first look"); /* 25; the second wants 40 */
	expect(fd, answer);
	expect_end(fd);
	assert_in_range(clock_mono_ms() - begin, 390, PATIENCE_MS);
	close(fd);
	stop(1000);
	assert_int_equal(metrics_get(METRIC_HTTP_TIMEOUTS), before + 1);
}

static void
a_body_above_the_least_rate_is_taken_in_pieces(void **state)
{
	struct pollfd p;
	int fd;

	(void)state;
	set.body_ms = 4000; /* the first look is after 1 s */
	set.body_rate = 1;
	start();
	fd = dial();
	say(fd, "POST /echo HTTP/1.1\r\nHost: a\r\n"
		"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
	p = (struct pollfd){ .fd = fd, .events = POLLIN };
	assert_int_equal(poll(&p, 1, 1100), 0); /* past the first look */
	say(fd, "1\r\nd\r\n0\r\n\r\n");
	expect(fd, OK("abcd", 4));
	close(fd);
}

static void
idle_connections_and_lazy_readers_are_closed_in_time(void **state)
{
	int64_t begin = clock_mono_ms();
	int fd, small = 4096;

	(void)state;
	set.idle_ms = 100;
	set.write_ms = 100;
	start();
	fd = dial();
	ask(fd, "/a");
	expect(fd, OK("/a", 2));
	expect_end(fd);
	assert_in_range(clock_mono_ms() - begin, 90, 2000);
	close(fd);
	fd = dial();
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	ask(fd, "/big");
	begin = metrics_get(METRIC_HTTP_TIMEOUTS);
	while (metrics_get(METRIC_HTTP_TIMEOUTS) == begin)
		settled();
	close(fd);
}

static void
large_answers_reach_a_patient_reader_whole(void **state)
{
	size_t want = 0, got = 0;
	int fd;

	(void)state;
	start();
	fd = dial();
	for (int i = 0; i < 5; i++)
		ask(fd, "/big");
	ask(fd, "/close");
	want = 5 * (strlen(OK("", 12000000)) + BIG) +
	       strlen("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n"
		      "Connection: close\r\n\r\n/close");
	for (;;) {
		static char text[100000];
		ssize_t n = recv(fd, text, sizeof(text), 0);

		assert_true(n >= 0);
		if (n == 0)
			break;
		got += (size_t)n;
	}
	assert_int_equal(got, want);
	close(fd);
}

static int64_t
cpu_ms(void)
{
	struct rusage use;

	getrusage(RUSAGE_SELF, &use);
	return use.ru_utime.tv_sec * 1000 + use.ru_utime.tv_usec / 1000 +
	       use.ru_stime.tv_sec * 1000 + use.ru_stime.tv_usec / 1000;
}

/*
 * In a process of its own: the limit falls to what is open, then clients come.
 * 0 if the server rests meanwhile and serves once there is room.
 */
static int
starve(void)
{
	struct rlimit limit, few;
	int fd[20], busy[4], lowest;
	int64_t begin, used;

	start();
	for (int i = 0; i < 4; i++) {
		busy[i] = dial(); /* half a request: cannot be closed */
		say(busy[i], "GET /a HTTP/1.1\r\n");
	}
	settled();
	while (metrics_get(METRIC_HTTP_CONNECTIONS) != 4)
		sched_yield();
	for (int i = 0; i < 20; i++)
		fd[i] = socket(AF_INET, SOCK_STREAM, 0);
	lowest = dup(0);
	close(lowest);
	getrlimit(RLIMIT_NOFILE, &limit);
	few = limit;
	few.rlim_cur = (rlim_t)lowest;
	setrlimit(RLIMIT_NOFILE, &few);
	for (int i = 0; i < 20; i++) {
		struct sockaddr_in to = { .sin_family = AF_INET,
			.sin_port = htons(port),
			.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

		connect(fd[i], (struct sockaddr *)&to, sizeof(to));
	}
	/* The first is closed by the spare descriptor; that was a rest. */
	expect_end(fd[0]);
	begin = clock_mono_ms();
	used = cpu_ms();
	while (clock_mono_ms() - begin < 500)
		poll(NULL, 0, 50);
	used = cpu_ms() - used;
	setrlimit(RLIMIT_NOFILE, &limit);
	ask(fd[19], "/a");
	expect(fd[19], OK("/a", 2));
	say(busy[0], "Host: a\r\n\r\n");
	expect(busy[0], OK("/a", 2));
	return used > 100 ? 1 : 0;
}

static void
without_descriptors_the_server_rests_and_then_goes_on(void **state)
{
	pid_t child = fork();
	int status;

	(void)state;
	if (child == 0)
		_exit(starve());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void
an_address_that_cannot_be_used_is_named(void **state)
{
	struct error err;

	(void)state;
	assert_null(server_open("nonsense", &set, handle, NULL, &err));
	assert_non_null(strstr(err.text, "nonsense"));
	assert_null(server_open("127.0.0.1:70000", &set, handle, NULL, &err));
	assert_null(server_open("192.0.2.1:80", &set, handle, NULL, &err));
	assert_non_null(strstr(err.text, "192.0.2.1:80"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_connection_serves_one_request_after_the_other),
		TEST(answers_have_the_form_their_request_asks_for),
		TEST(a_request_may_come_byte_by_byte),
		TEST(the_body_is_asked_for_once_the_header_is_good),
		TEST(
		    a_malformed_request_is_answered_and_the_answer_survives_what_follows),
		TEST(slow_requests_end_at_their_deadline_whatever_they_drip),
		TEST(a_body_below_the_least_rate_ends_before_its_deadline),
		TEST(a_body_above_the_least_rate_is_taken_in_pieces),
		TEST(idle_connections_and_lazy_readers_are_closed_in_time),
		TEST(large_answers_reach_a_patient_reader_whole),
		TEST(without_descriptors_the_server_rests_and_then_goes_on),
		TEST(an_address_that_cannot_be_used_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

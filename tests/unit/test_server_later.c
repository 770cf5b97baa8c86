/*
 * test_server_later.c - answers that another thread is asked for: the loop
 * goes on, and each connection gets its answers in their order.
 */
#include "tests/unit/server_harness.h"

static _Atomic uint64_t tickets[8];
static atomic_int asked, resume_upto, gone;

static void
answer(struct exchange *x, void *ctx)
{
	exchange_header(x, "X-A", STR("b"));
	exchange_answer(x, 200, *(const struct str *)ctx);
}

static void
handle_later(struct exchange *x, void *ctx)
{
	if (str_is(exchange_request(x)->path, "/later")) {
		tickets[asked] = exchange_later(x);
		asked++;
	} else {
		handle(x, ctx);
	}
}

static void
resume(void *ctx)
{
	static int done;
	struct str body = STR("late");

	(void)ctx;
	if (asked == 0)
		done = 0;
	while (done < resume_upto) {
		if (!server_resume(server, tickets[done++], answer, &body))
			gone++;
	}
}

static void
begin(void)
{
	struct error err;

	asked = resume_upto = gone = 0;
	server = server_open("127.0.0.1:0", &set, handle_later, NULL, &err);
	if (server == NULL)
		fail_msg("%s", err.text);
	port = server_port(server);
	server_on_wake(server, resume, NULL);
	resume(NULL);
	assert_int_equal(pthread_create(&thread, NULL, run, server), 0);
	running = true;
}

static void
go_on_to(int n)
{
	resume_upto = n;
	server_wake(server);
}

#define LATE                                                                   \
	"HTTP/1.1 200 OK\r\nX-A: b\r\nContent-Length: 4\r\n\r\n"               \
	"late"

static void
a_later_answer_keeps_its_place_and_others_do_not_wait(void **state)
{
	int fd, other;

	(void)state;
	begin();
	fd = dial();
	other = dial();
	say(fd, "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"
		"GET /later HTTP/1.1\r\nHost: a\r\n\r\n"
		"GET /b HTTP/1.1\r\nHost: a\r\n\r\n"
		"GET /later HTTP/1.1\r\nHost: a\r\n\r\n"
		"GET /c HTTP/1.1\r\nHost: a\r\n\r\n");
	expect(fd, OK("/a", 2));
	silent(fd);
	ask(other, "/d");
	expect(other, OK("/d", 2));
	ask(fd, "/e"); /* behind those that wait */
	silent(fd);
	go_on_to(1);
	expect(fd, LATE OK("/b", 2));
	silent(fd);
	assert_int_equal(asked, 2);
	go_on_to(2);
	expect(fd, LATE OK("/c", 2) OK("/e", 2));
	close(fd);
	close(other);
}

static void
a_later_answer_to_head_has_no_body_and_close_closes(void **state)
{
	int fd;

	(void)state;
	begin();
	fd = dial();
	say(fd, "HEAD /later HTTP/1.1\r\nHost: a\r\n\r\n");
	silent(fd);
	go_on_to(1);
	expect(fd, "HTTP/1.1 200 OK\r\nX-A: b\r\nContent-Length: 4\r\n\r\n");
	say(fd, "GET /later HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	silent(fd);
	go_on_to(2);
	expect(fd, "HTTP/1.1 200 OK\r\nX-A: b\r\nContent-Length: 4\r\n"
		   "Connection: close\r\n\r\nlate");
	expect_end(fd);
	close(fd);
}

static void
a_client_that_has_gone_is_found_out_by_its_answer(void **state)
{
	int fd;

	(void)state;
	begin();
	fd = dial();
	ask(fd, "/later");
	settled();
	close(fd);
	settled();
	go_on_to(1);
	settled();
	fd = dial();
	ask(fd, "/a");
	expect(fd, OK("/a", 2));
	close(fd);
}

static void
a_stop_waits_for_later_answers_until_its_deadline(void **state)
{
	uint64_t ticket;
	struct str body = STR("late");
	int fd;

	(void)state;
	begin();
	fd = dial();
	ask(fd, "/later");
	settled();
	ticket = tickets[0];
	server_stop(server, 300);
	pthread_join(thread, NULL);
	assert_true(server_resume(server, ticket, answer, &body));
	assert_false(server_resume(server, ticket, answer, &body));
	running = false;
	server_close(server);
	expect(fd, "HTTP/1.1 200 OK\r\nX-A: b\r\nContent-Length: 4\r\n");
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_later_answer_keeps_its_place_and_others_do_not_wait),
		TEST(a_later_answer_to_head_has_no_body_and_close_closes),
		TEST(a_client_that_has_gone_is_found_out_by_its_answer),
		TEST(a_stop_waits_for_later_answers_until_its_deadline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

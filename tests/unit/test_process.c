/*
 * test_process.c - options and exit codes, signals, systemd's socket and the
 * health check.
 */
#include "common/process.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/server.h"

/* What the options ARGV (ended by NULL) make of a program: *OPT and 0, or the
 * exit code, with all it printed in TEXT. */
static int
options(const char **argv, struct process_options *opt, char *text, size_t size)
{
	int argc = 0, out[2], status;
	size_t len = 0;
	ssize_t n;
	pid_t child;

	while (argv[argc] != NULL)
		argc++;
	assert_int_equal(pipe(out), 0);
	fflush(NULL);
	child = fork();
	if (child == 0) {
		dup2(out[1], 1);
		dup2(out[1], 2);
		process_options(
		    opt, argc, (char **)argv, "prog", "does things", "/def");
		fflush(NULL);
		if (write(out[1], opt, sizeof(*opt)) < 0)
			_exit(9);
		_exit(100);
	}
	close(out[1]);
	while ((n = read(out[0], text + len, size - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	close(out[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 100)
		memcpy(opt, text, sizeof(*opt));
	return WEXITSTATUS(status);
}

#define ARGV(...) ((const char *[]){ "prog", __VA_ARGS__, NULL })

static void
options_are_read_and_wrong_ones_exit_with_a_hint(void **state)
{
	struct process_options opt;
	char text[4096];

	(void)state;
	assert_int_equal(
	    options((const char *[]){ "prog", NULL }, &opt, text, sizeof(text)),
	    100);
	assert_string_equal(opt.config, "/def");
	assert_false(opt.check_config || opt.print_config || opt.healthcheck);
	assert_int_equal(options(ARGV("--config", "/x", "--check-config"), &opt,
			     text, sizeof(text)),
	    100);
	assert_string_equal(opt.config, "/x");
	assert_true(opt.check_config);
	assert_int_equal(
	    options(ARGV("--healthcheck"), &opt, text, sizeof(text)), 100);
	assert_true(opt.healthcheck);
	assert_int_equal(
	    options(ARGV("--version"), &opt, text, sizeof(text)), EXIT_OK);
	assert_string_equal(text, "prog " AFTERCLICK_VERSION "\n");
	assert_int_equal(
	    options(ARGV("--help"), &opt, text, sizeof(text)), EXIT_OK);
	assert_non_null(strstr(text, "--print-config"));
	assert_int_equal(
	    options(ARGV("--nonsense"), &opt, text, sizeof(text)), EXIT_USAGE);
	assert_int_equal(
	    options(ARGV("--config"), &opt, text, sizeof(text)), EXIT_USAGE);
	assert_int_equal(options(ARGV("--check-config", "--print-config"), &opt,
			     text, sizeof(text)),
	    EXIT_USAGE);
	assert_non_null(strstr(text, "--help"));
	assert_int_equal(
	    options(ARGV("word"), &opt, text, sizeof(text)), EXIT_USAGE);
	assert_non_null(strstr(text, "word"));
}

static void
signals_make_the_descriptor_readable_and_set_their_flags(void **state)
{
	struct pollfd p = { .fd = process_signals(), .events = POLLIN };
	char drop[64];

	(void)state;
	assert_int_equal(process_signals(), p.fd);
	assert_int_equal(poll(&p, 1, 0), 0);
	raise(SIGPIPE);
	assert_int_equal(poll(&p, 1, 0), 0);
	raise(SIGHUP);
	assert_int_equal(poll(&p, 1, 0), 1);
	assert_true(read(p.fd, drop, sizeof(drop)) > 0);
	assert_int_equal(poll(&p, 1, 0), 0);
	assert_true(process_reload());
	assert_false(process_reload());
	assert_false(process_stopping());
	raise(SIGTERM);
	assert_int_equal(poll(&p, 1, 0), 1);
	assert_true(process_stopping());
	assert_true(process_stopping());
	assert_false(process_reload());
}

static void
systemd_hears_what_it_asked_for(void **state)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	char name[64], text[64] = "";
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	socklen_t size;

	(void)state;
	snprintf(name, sizeof(name), "@afterclick-test-%d", (int)getpid());
	memcpy(to.sun_path, name, strlen(name));
	to.sun_path[0] = '\0';
	size =
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
	assert_int_equal(bind(fd, (struct sockaddr *)&to, size), 0);
	unsetenv("NOTIFY_SOCKET");
	process_notify("READY=1");
	assert_int_equal(recv(fd, text, sizeof(text), MSG_DONTWAIT), -1);
	setenv("NOTIFY_SOCKET", "relative", 1);
	process_notify("READY=1");
	setenv("NOTIFY_SOCKET", "/nobody/is/there", 1);
	process_notify("READY=1");
	setenv("NOTIFY_SOCKET", name, 1);
	process_notify("READY=1");
	assert_int_equal(recv(fd, text, sizeof(text), 0), 7);
	assert_string_equal(text, "READY=1");
	unsetenv("NOTIFY_SOCKET");
	close(fd);
}

static int ready_status;

static void
handle(struct exchange *x, void *ctx)
{
	(void)ctx;
	exchange_answer(x,
	    str_is(exchange_request(x)->path, "/readyz") ? ready_status : 404,
	    STR_EMPTY);
}

static void *
run(void *arg)
{
	server_run(arg);
	return NULL;
}

static void
the_health_check_follows_readyz(void **state)
{
	struct error err;
	struct server *s =
	    server_open("127.0.0.1:0", &server_defaults, handle, NULL, &err);
	char address[32];
	pthread_t thread;

	(void)state;
	assert_non_null(s);
	snprintf(address, sizeof(address), "127.0.0.1:%d", server_port(s));
	ready_status = 200;
	pthread_create(&thread, NULL, run, s);
	assert_int_equal(process_healthcheck(address), EXIT_OK);
	snprintf(address, sizeof(address), "0.0.0.0:%d", server_port(s));
	assert_int_equal(process_healthcheck(address), EXIT_OK);
	server_stop(s, 1000);
	pthread_join(thread, NULL);
	server_close(s);
	assert_int_equal(process_healthcheck(address), EXIT_FAILED);
	assert_int_equal(process_healthcheck("nonsense"), EXIT_FAILED);

	s = server_open("127.0.0.1:0", &server_defaults, handle, NULL, &err);
	assert_non_null(s);
	snprintf(address, sizeof(address), "127.0.0.1:%d", server_port(s));
	ready_status = 503;
	pthread_create(&thread, NULL, run, s);
	assert_int_equal(process_healthcheck(address), EXIT_FAILED);
	server_stop(s, 1000);
	pthread_join(thread, NULL);
	server_close(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    options_are_read_and_wrong_ones_exit_with_a_hint),
		cmocka_unit_test(
		    signals_make_the_descriptor_readable_and_set_their_flags),
		cmocka_unit_test(systemd_hears_what_it_asked_for),
		cmocka_unit_test(the_health_check_follows_readyz),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * process.c - options, signals, systemd and the health check.
 */
#include "common/process.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/socket.h"

#define HEALTH_MS 2000

static int signal_fd = -1;
static atomic_bool stopping, reload;

void
process_no_core(void)
{
	struct rlimit limit;

	if (getenv("AFTERCLICK_CORE") != NULL ||
	    getrlimit(RLIMIT_CORE, &limit) != 0)
		return;
	limit.rlim_cur = 0;
	(void)!setrlimit(RLIMIT_CORE, &limit);
}

/* --- options -------------------------------------------------------------- */

static void
print_help(const char *program, const char *summary, const char *default_config)
{
	printf(
	    "%s - %s\n"
	    "\n"
	    "Usage: %s [--config FILE] [--check-config | --print-config | "
	    "--healthcheck]\n"
	    "\n"
	    "  --config FILE   read FILE (default: %s)\n"
	    "  --check-config  check the configuration and exit\n"
	    "  --print-config  print it as it is understood, without "
	    "secrets, and exit\n"
	    "  --healthcheck   ask the running program whether it is ready; "
	    "exit 0 if so\n"
	    "  --man           print the page of the manual (mdoc) and exit\n"
	    "  --version       print the version and exit\n"
	    "  --help          print this and exit\n"
	    "\n"
	    "Exit status: 0 well, 1 failed, 2 wrong usage, 78 bad "
	    "configuration.\n",
	    program, summary, program, default_config);
}

static void
wrong_usage(const char *program)
{
	fprintf(stderr, "Try '%s --help'.\n", program);
	exit(EXIT_USAGE);
}

void
process_options(struct process_options *opt, int argc, char **argv,
    const char *program, const char *summary, const char *default_config)
{
	static const struct option known[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "check-config", no_argument, NULL, 'k' },
		{ "print-config", no_argument, NULL, 'p' },
		{ "healthcheck", no_argument, NULL, 'a' },
		{ "man", no_argument, NULL, 'm' },
		{ "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int letter;

	*opt = (struct process_options){ .config = default_config };
	optind = 0; /* getopt starts anew, whoever used it before */
	while ((letter = getopt_long(argc, argv, "c:hv", known, NULL)) != -1) {
		switch (letter) {
		case 'c':
			opt->config = optarg;
			break;
		case 'k':
			opt->check_config = true;
			break;
		case 'p':
			opt->print_config = true;
			break;
		case 'a':
			opt->healthcheck = true;
			break;
		case 'm':
			opt->man = true;
			break;
		case 'v':
			printf("%s %s\n", program, AFTERCLICK_VERSION);
			exit(EXIT_OK);
		case 'h':
			print_help(program, summary, default_config);
			exit(EXIT_OK);
		default:
			wrong_usage(program);
		}
	}
	if (optind < argc) {
		fprintf(stderr, "%s: unexpected argument '%s'\n", program,
		    argv[optind]);
		wrong_usage(program);
	}
	if (opt->check_config + opt->print_config + opt->healthcheck > 1) {
		fprintf(stderr,
		    "%s: only one of --check-config, --print-config and "
		    "--healthcheck\n",
		    program);
		wrong_usage(program);
	}
}

/* --- signals -------------------------------------------------------------- */

static void
on_signal(int number)
{
	static const uint64_t one = 1;
	int before = errno;

	if (number == SIGHUP)
		atomic_store(&reload, true);
	else
		atomic_store(&stopping, true);
	/* It fails only when the counter is full: then it is readable. */
	if (write(signal_fd, &one, sizeof(one)) < 0)
		errno = before;
	errno = before;
}

int
process_signals(void)
{
	struct sigaction act = { .sa_handler = on_signal,
		.sa_flags = SA_RESTART };
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	if (signal_fd < 0)
		signal_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (signal_fd < 0) {
		perror("eventfd");
		exit(EXIT_FAILED);
	}
	sigemptyset(&act.sa_mask);
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGHUP, &act, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	return signal_fd;
}

bool
process_stopping(void)
{
	return atomic_load(&stopping);
}

void
process_rest(int signals, int64_t ms)
{
	int64_t until = clock_mono_ms() + ms, left;
	struct pollfd p = { .fd = signals, .events = POLLIN };
	char bytes[64];

	while (!process_stopping() && (left = until - clock_mono_ms()) > 0) {
		if (poll(&p, 1, left > 3600000 ? 3600000 : (int)left) > 0 &&
		    read(signals, bytes, sizeof(bytes)) < 0 && errno != EAGAIN)
			break;
	}
}

bool
process_reload(void)
{
	return atomic_exchange(&reload, false);
}

/* --- the health check ----------------------------------------------------- */

/* Reads from FD until TEXT is full or the peer or the time ends it. */
static size_t
read_until(int fd, char *text, size_t size, int64_t end_ms)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	size_t len = 0;
	ssize_t n;

	while (len < size) {
		int64_t left = end_ms - clock_mono_ms();

		if (left <= 0 || poll(&wait, 1, (int)left) <= 0)
			break;
		n = recv(fd, text + len, size - len, 0);
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	return len;
}

int
process_healthcheck(const char *listen)
{
	static const char request[] = "GET /readyz HTTP/1.1\r\n"
				      "Host: localhost\r\n"
				      "Connection: close\r\n\r\n";
	int64_t end_ms = clock_mono_ms() + HEALTH_MS;
	char status[13] = "";
	struct error err;
	size_t len = 0;
	int fd = socket_connect(listen, HEALTH_MS, &err);

	if (fd < 0) {
		fprintf(stderr, "%s\n", err.text);
		return EXIT_FAILED;
	}
	if (send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) ==
	    (ssize_t)sizeof(request) - 1)
		len = read_until(fd, status, sizeof(status) - 1, end_ms);
	close(fd);
	if (len == sizeof(status) - 1 && memcmp(status, "HTTP/1.1 2", 10) == 0)
		return EXIT_OK;
	fprintf(stderr, "%s: not ready%s%s\n", listen,
	    len == sizeof(status) - 1 ? ": status " : "",
	    len == sizeof(status) - 1 ? status + 9 : "");
	return EXIT_FAILED;
}

/* --- systemd -------------------------------------------------------------- */

int
process_watchdog_ms(void)
{
	const char *usec = getenv("WATCHDOG_USEC");
	const char *pid = getenv("WATCHDOG_PID");
	long long ms;

	if (usec == NULL || (pid != NULL && atol(pid) != (long)getpid()))
		return 0;
	ms = atoll(usec) / 2000;
	return ms < 0 ? 0 : ms > 3600000 ? 3600000 : (int)ms;
}

void
process_notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t len = path != NULL ? strlen(path) : 0;
	socklen_t size;
	int fd;

	if (len < 2 || len >= sizeof(to.sun_path) ||
	    (path[0] != '/' && path[0] != '@'))
		return;
	memcpy(to.sun_path, path, len);
	if (path[0] == '@')
		to.sun_path[0] = '\0'; /* Linux's abstract names */
	size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	/* Whom it may concern: no systemd, no harm. */
	if (sendto(fd, state, strlen(state), MSG_NOSIGNAL,
		(struct sockaddr *)&to, size) < 0 &&
	    errno != ECONNREFUSED && errno != ENOENT)
		perror("sd_notify");
	close(fd);
}

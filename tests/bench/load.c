/*
 * load.c - HTTP load at a fixed rate, and idle connections.
 *
 *   load rate HOST PORT REQUESTS CONNECTIONS PER_SECOND SECONDS
 *   load idle HOST PORT REQUESTS CONNECTIONS
 *
 * REQUESTS is a file of whole HTTP requests, each after a line with its
 * length. `rate` is an open loop: request i is due at start + i / PER_SECOND
 * whatever the server does, and its latency counts from when it was due, so a
 * server that stalls is charged for everyone who had to wait. `idle` sends one
 * request on each connection, says so, and keeps them until its input ends.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SECOND INT64_C(1000000000)
#define GRACE (5 * SECOND) /* for answers still due at the end */
#define ANSWER_MAX 4096

struct text {
	char *data;
	size_t len;
};

struct link {
	int fd;
	int64_t due; /* of the request under way */
	size_t have; /* of its answer */
	char answer[ANSWER_MAX];
};

/* Latencies in buckets at most 1/64 wide. */
#define STEPS 64
static uint64_t buckets[64 * STEPS];
static struct text *requests;
static size_t request_count;
static uint64_t answered, failed;
static int64_t worst;

static void
die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("load: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

static int64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * SECOND + t.tv_nsec;
}

static size_t
bucket_of(uint64_t ns)
{
	int shift = 0;

	while (ns >> shift >= 2 * STEPS)
		shift++;
	return (size_t)shift * STEPS + (size_t)(ns >> shift);
}

static void
add_latency(int64_t ns)
{
	buckets[bucket_of((uint64_t)ns)]++;
	if (ns > worst)
		worst = ns;
}

/* The upper edge of the bucket below which SHARE of the answers came. */
static double
percentile_ms(double share)
{
	uint64_t wanted = (uint64_t)(share * (double)answered), seen = 0;

	for (size_t i = 0; i < sizeof(buckets) / sizeof(buckets[0]); i++) {
		size_t shift = i < 2 * STEPS ? 0 : i / STEPS - 1;

		seen += buckets[i];
		if (seen > wanted)
			return (double)((i - shift * STEPS + 1) << shift) / 1e6;
	}
	return (double)worst / 1e6;
}

static void
read_requests(const char *path)
{
	FILE *file = fopen(path, "rb");
	size_t len;

	if (file == NULL)
		die("%s: %s", path, strerror(errno));
	while (fscanf(file, "%zu", &len) == 1) {
		struct text *r;

		requests =
		    realloc(requests, (request_count + 1) * sizeof(*requests));
		if (requests == NULL || len > 1 << 20)
			die("%s: too large", path);
		r = &requests[request_count++];
		r->len = len;
		r->data = malloc(len + 1);
		if (r->data == NULL || fgetc(file) != '\n' ||
		    fread(r->data, 1, len, file) != len)
			die("%s: ends within a request", path);
	}
	fclose(file);
	if (request_count == 0)
		die("%s holds no request", path);
}

static struct sockaddr_in
address(const char *host, const char *port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)atoi(port)) };

	if (inet_pton(AF_INET, host, &to.sin_addr) != 1)
		die("%s is no IPv4 address", host);
	return to;
}

static struct link *
connect_all(const struct sockaddr_in *to, size_t count)
{
	struct link *links = calloc(count, sizeof(*links));

	if (links == NULL)
		die("no memory");
	for (size_t i = 0; i < count; i++) {
		int one = 1;

		links[i].fd = socket(AF_INET, SOCK_STREAM, 0);
		if (links[i].fd < 0 ||
		    connect(links[i].fd, (const struct sockaddr *)to,
			sizeof(*to)) != 0)
			die("connection %zu: %s", i + 1, strerror(errno));
		setsockopt(
		    links[i].fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	}
	return links;
}

/* Reads on; true when the answer is whole. */
static bool
take_answer(struct link *l)
{
	ssize_t got = recv(l->fd, l->answer + l->have,
	    sizeof(l->answer) - 1 - l->have, MSG_DONTWAIT);
	const char *end, *length;
	size_t head, body = 0;

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (got <= 0)
		die("the server ended a connection");
	l->have += (size_t)got;
	l->answer[l->have] = '\0';
	end = strstr(l->answer, "\r\n\r\n");
	if (end == NULL)
		return false;
	head = (size_t)(end - l->answer) + 4;
	length = strcasestr(l->answer, "\r\nContent-Length:");
	if (length != NULL && length < end)
		body = strtoul(length + 17, NULL, 10);
	if (l->have < head + body) {
		if (head + body >= sizeof(l->answer))
			die("an answer is too long");
		return false;
	}
	if (l->have < 12 || l->answer[9] != '2')
		failed++;
	l->have = 0;
	return true;
}

static void
send_request(struct link *l, uint64_t number, int64_t due)
{
	const struct text *r = &requests[number % request_count];

	l->due = due;
	if (send(l->fd, r->data, r->len, MSG_NOSIGNAL) != (ssize_t)r->len)
		die("the server takes no request: %s", strerror(errno));
}

static void
watch(int epoll, struct link *links, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct epoll_event e = { .events = EPOLLIN,
			.data.ptr = &links[i] };

		if (epoll_ctl(epoll, EPOLL_CTL_ADD, links[i].fd, &e) != 0)
			die("epoll: %s", strerror(errno));
	}
}

static void
run_rate(struct link *links, size_t count, double per_second, double seconds)
{
	struct link **idle = calloc(count, sizeof(*idle));
	size_t idle_count = 0;
	uint64_t total = (uint64_t)(per_second * seconds), sent = 0;
	int epoll = epoll_create1(0);
	int64_t start = now_ns(), end, now;

	if (idle == NULL || epoll < 0)
		die("cannot start: %s", strerror(errno));
	watch(epoll, links, count);
	while (idle_count < count) {
		idle[idle_count] = &links[idle_count];
		idle_count++;
	}
	end = start + (int64_t)(seconds * (double)SECOND) + GRACE;
	while (answered < total && (now = now_ns()) < end) {
		struct epoll_event events[256];
		int64_t due = start;
		struct timespec pause = { 0, 100000000 };
		int ready;

		while (sent < total && idle_count > 0) {
			due = start + (int64_t)((double)sent / per_second *
						(double)SECOND);
			if (due > now)
				break;
			send_request(idle[--idle_count], sent++, due);
		}
		if (sent < total && idle_count > 0)
			pause.tv_nsec = due - now < pause.tv_nsec
					    ? due - now
					    : pause.tv_nsec;
		ready = epoll_pwait2(epoll, events, 256, &pause, NULL);
		now = now_ns();
		for (int i = 0; i < ready; i++) {
			struct link *l = events[i].data.ptr;

			if (!take_answer(l))
				continue;
			add_latency(now - l->due);
			answered++;
			idle[idle_count++] = l;
		}
	}
	printf("{\"requests\": %" PRIu64 ", \"unanswered\": %" PRIu64
	       ", \"failed\": %" PRIu64 ", \"seconds\": %.3f, "
	       "\"p50_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f}\n",
	    answered, total - answered, failed,
	    (double)(now_ns() - start) / (double)SECOND, percentile_ms(0.5),
	    percentile_ms(0.99), (double)worst / 1e6);
	free(idle);
	close(epoll);
}

static void
run_idle(struct link *links, size_t count)
{
	char drop[64];

	for (size_t i = 0; i < count; i++) {
		send_request(&links[i], i, 0);
		while (!take_answer(&links[i])) {
			struct pollfd fd = { .fd = links[i].fd,
				.events = POLLIN };

			poll(&fd, 1, 1000);
		}
	}
	printf("{\"open\": %zu, \"failed\": %" PRIu64 "}\n", count, failed);
	fflush(stdout);
	while (read(STDIN_FILENO, drop, sizeof(drop)) > 0)
		continue;
}

int
main(int argc, char **argv)
{
	struct sockaddr_in to;
	struct link *links;
	size_t count;
	bool rate = argc == 8 && strcmp(argv[1], "rate") == 0;

	if (!rate && (argc != 6 || strcmp(argv[1], "idle") != 0)) {
		fputs("usage: load rate HOST PORT REQUESTS CONNECTIONS "
		      "PER_SECOND SECONDS\n"
		      "       load idle HOST PORT REQUESTS CONNECTIONS\n",
		    stderr);
		return 2;
	}
	to = address(argv[2], argv[3]);
	read_requests(argv[4]);
	count = strtoul(argv[5], NULL, 10);
	links = connect_all(&to, count);
	if (rate)
		run_rate(links, count, atof(argv[6]), atof(argv[7]));
	else
		run_idle(links, count);
	free(links);
	return 0;
}

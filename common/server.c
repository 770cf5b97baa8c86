/*
 * server.c - the event loop: listener, timers, wake-ups, start and stop.
 */
#include "common/server_internal.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/socket.h"

#define ACCEPT_COUNT 256 /* connections a turn */
#define PAUSE_MS 100     /* without descriptors */
#define ARENA_BYTES 16384
#define TURN_REQUESTS 128 /* that one group may wait for */
#define FRESH_MS 1000     /* after a stop, for a first request under way */
#define LEAVE_MS 300 /* for handshakes under way; less than a SYN's repeat */

struct periodic {
	struct periodic *next;
	struct event *event;
	void (*call)(void *);
	void *ctx;
};

const struct server_settings server_defaults = {
	.limits = { .line_bytes = 8192,
	    .header_bytes = 16384,
	    .header_count = 100,
	    .body_bytes = 65536 },
	.header_ms = 10000,
	.body_ms = 20000,
	.body_rate = 0,
	.idle_ms = 60000,
	.write_ms = 30000,
	.answer_ms = 20000,
	.connections = 10000,
};

/* Over all servers of the process: the gauge has one value. */
static _Atomic int64_t all_connections;

static void begin_drain(struct server *s);

static struct timeval
span(int64_t ms)
{
	if (ms < 0)
		ms = 0;
	return (struct timeval){ ms / 1000, ms % 1000 * 1000 };
}

/* --- what connections need of the loop ------------------------------------ */

int64_t
server_now(struct server *s)
{
	if (s->mono_ms == 0)
		s->mono_ms = clock_mono_ms();
	return s->mono_ms;
}

void
server_arm(struct server *s, int64_t due_ms)
{
	struct timeval in;

	if (due_ms >= s->armed_ms)
		return;
	in = span(due_ms - server_now(s));
	s->armed_ms = due_ms;
	event_add(s->due_event, &in);
}

static void
on_ready(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	connection_ready(arg, (what & EV_WRITE) != 0);
}

void
server_watch(struct connection *c, bool writable)
{
	short what = (writable ? EV_WRITE : EV_READ) | EV_PERSIST;

	if (c->event == NULL) {
		c->event = event_new(c->server->base, c->fd, what, on_ready, c);
	} else {
		event_del(c->event);
		event_assign(
		    c->event, c->server->base, c->fd, what, on_ready, c);
	}
	event_add(c->event, NULL);
	c->paused = false;
}

void
server_unwatch(struct connection *c)
{
	event_del(c->event);
}

void
server_forget(struct connection *c)
{
	event_free(c->event);
}

/* --- the timer ------------------------------------------------------------ */

static void
on_due(evutil_socket_t fd, short what, void *arg)
{
	struct server *s = arg;

	(void)fd;
	(void)what;
	s->armed_ms = INT64_MAX;
	for (int i = 0; i < WAIT_LATER; i++) {
		while (s->lists[i].head != NULL &&
		       s->lists[i].head->due_ms <= server_now(s))
			connection_expire(s->lists[i].head);
	}
	for (int i = 0; i < WAIT_LATER; i++) {
		if (s->lists[i].head != NULL)
			server_arm(s, s->lists[i].head->due_ms);
	}
}

/* --- the listener --------------------------------------------------------- */

/* Closes the connection that has been idle the longest; false if none is. */
static bool
shed(struct server *s)
{
	if (s->lists[WAIT_IDLE].head == NULL)
		return false;
	connection_drop(s->lists[WAIT_IDLE].head);
	s->shed++;
	return true;
}

static void
on_resume(evutil_socket_t fd, short what, void *arg)
{
	struct server *s = arg;

	(void)fd;
	(void)what;
	if (!s->draining)
		event_add(s->accept_event, NULL);
}

/*
 * No descriptor is left. The spare one lets the first in the queue hear that
 * at once; then the listener rests, as it would stay readable and burn a
 * core.
 */
static void
rest(struct server *s, int why)
{
	static struct log_cause cause;
	struct timeval pause = span(PAUSE_MS);
	int fd;

	log_limited(&cause, LOG_WARNING, "server",
	    "cannot accept connections: %s", strerror(why));
	if (s->spare >= 0) {
		close(s->spare);
		fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0) {
			close(fd);
			s->shed++;
		}
	}
	s->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	event_del(s->accept_event);
	event_add(s->resume_event, &pause);
}

/* The cap is reached and nobody is idle: says so and closes. */
static void
turn_away(struct server *s, int fd)
{
	static const char text[] = "HTTP/1.1 503 Service Unavailable\r\n"
				   "Retry-After: 1\r\n"
				   "Content-Length: 0\r\n"
				   "Connection: close\r\n\r\n";

	if (send(fd, text, sizeof(text) - 1, MSG_NOSIGNAL) > 0)
		s->counted[3]++;
	close(fd);
	s->shed++;
}

static struct in6_addr
address_of(const struct sockaddr_storage *from)
{
	struct in6_addr peer = { .s6_addr = { [10] = 0xff, [11] = 0xff } };

	if (from->ss_family == AF_INET6)
		return ((const struct sockaddr_in6 *)from)->sin6_addr;
	if (from->ss_family == AF_INET)
		memcpy(&peer.s6_addr[12],
		    &((const struct sockaddr_in *)from)->sin_addr, 4);
	return peer;
}

static void
welcome(struct server *s, int fd, const struct sockaddr_storage *from)
{
	struct in6_addr peer = address_of(from);
	char text[INET6_ADDRSTRLEN];

	if (s->set.proxied != NULL && !s->set.proxied(s->set.proxied_ctx,
					  connection_peer_text(&peer, text))) {
		close(fd);
		s->unproxied++;
		return;
	}
	/* A proxy has as many as it has clients. */
	if ((s->nets != NULL && s->set.proxied == NULL &&
		*connection_net(s, &peer) >= s->set.net_connections) ||
	    (s->count >= s->set.connections && !shed(s))) {
		turn_away(s, fd);
		return;
	}
	server_watch(connection_new(s, fd, &peer), false);
}

/* Accepts at most MOST of those in the queue. */
static void
accept_some(struct server *s, int most)
{
	struct pollfd queue = { .fd = s->listener, .events = POLLIN };
	struct sockaddr_storage from;
	socklen_t len;
	int fd, why;

	for (int i = 0; i < most; i++) {
		len = sizeof(from);
		fd = accept4(s->listener, (struct sockaddr *)&from, &len,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			welcome(s, fd, &from);
			continue;
		}
		if (errno == EAGAIN)
			return;
		if (errno != EMFILE && errno != ENFILE && errno != ENOMEM &&
		    errno != ENOBUFS)
			continue; /* that client's trouble, not ours */
		why = errno;
		/* The kernel says so even if nobody is in the queue. */
		if (poll(&queue, 1, 0) <= 0)
			return;
		if (!shed(s)) {
			rest(s, why);
			return;
		}
	}
}

static void
on_accept(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	accept_some(arg, ACCEPT_COUNT);
}

/* --- waking and stopping -------------------------------------------------- */

static void
on_wake(evutil_socket_t fd, short what, void *arg)
{
	struct server *s = arg;
	uint64_t count;

	(void)what;
	if (read(fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		return;
	/* First this, then the look: a later wake-up is not lost. */
	atomic_store(&s->woken, false);
	s->active = true;
	if (s->on_wake != NULL)
		s->on_wake(s->wake_ctx);
	if (!s->draining && atomic_load(&s->stop_ms) != 0)
		begin_drain(s);
}

/*
 * Closes idle connections, but for those that may have their first request
 * under way unless FRESH_TOO.
 */
static void
close_idle(struct server *s, bool fresh_too)
{
	struct connection *c, *after;

	for (c = s->lists[WAIT_IDLE].head; c != NULL; c = after) {
		after = c->after;
		if (c->served || fresh_too)
			connection_drop(c);
	}
}

static void
on_stop(evutil_socket_t fd, short what, void *arg)
{
	struct server *s = arg;
	int64_t left = s->stop_end_ms - server_now(s);
	struct timeval in = span(left);

	(void)fd;
	(void)what;
	if (left <= 0) {
		s->done = true;
		return;
	}
	close_idle(s, true);
	event_add(s->stop_event, &in);
}

/*
 * Makes the listener deaf to SYN packets, with the handshakes under way going
 * on. Closing it would reset those, and whatever is in its queue; a SYN that
 * nobody hears is sent again a second later, and reaches a successor that
 * shares the port (SO_REUSEPORT). False when the kernel cannot.
 */
static bool
turn_deaf(struct server *s)
{
	enum { FLAGS_AT = 13, SYN = 2 };
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, FLAGS_AT),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, SYN, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};
	struct sock_fprog filter = { sizeof(code) / sizeof(code[0]), code };

	return setsockopt(s->listener, SOL_SOCKET, SO_ATTACH_FILTER, &filter,
		   sizeof(filter)) == 0;
}

/* The listener goes; those in its queue are ours to serve. */
static void
leave(struct server *s)
{
	struct timeval fresh = span(s->stop_end_ms - server_now(s));

	if (fresh.tv_sec >= FRESH_MS / 1000)
		fresh = span(FRESH_MS);
	accept_some(s, INT_MAX);
	event_del(s->accept_event);
	event_del(s->resume_event);
	close(s->listener);
	s->listener = -1;
	event_add(s->stop_event, &fresh);
}

static void
on_leave(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	leave(arg);
}

/*
 * First no new connections, so that new clients find our successor. Idle
 * clients get one last look, as a request of theirs may have come already.
 */
static void
begin_drain(struct server *s)
{
	int64_t deadline_ms = atomic_load(&s->stop_ms) - 1;
	struct timeval soon = span(LEAVE_MS);
	struct connection *c, *after;

	s->draining = true;
	s->stop_end_ms = server_now(s) + deadline_ms;
	if (s->set.reuse_port && deadline_ms > 2 * LEAVE_MS && turn_deaf(s))
		event_add(s->leave_event, &soon);
	else
		leave(s);
	for (c = s->lists[WAIT_IDLE].head; c != NULL; c = after) {
		after = c->after;
		connection_ready(c, false);
	}
	close_idle(s, false);
}

void
server_stop(struct server *s, int64_t deadline_ms)
{
	/* One more than asked for, as 0 means that nobody has. */
	atomic_store(&s->stop_ms, (deadline_ms > 0 ? deadline_ms : 0) + 1);
	atomic_store(&s->woken, false);
	server_wake(s);
}

void
server_wake(struct server *s)
{
	static const uint64_t one = 1;

	if (atomic_exchange(&s->woken, true))
		return;
	while (write(s->wake_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

/* --- the loop ------------------------------------------------------------- */

static void
count(enum metric m, uint64_t *n)
{
	if (*n > 0)
		metrics_add(m, *n);
	*n = 0;
}

static void
count_turn(struct server *s)
{
	count(METRIC_REQUESTS_2XX, &s->counted[0]);
	count(METRIC_REQUESTS_3XX, &s->counted[1]);
	count(METRIC_REQUESTS_4XX, &s->counted[2]);
	count(METRIC_REQUESTS_5XX, &s->counted[3]);
	count(METRIC_HTTP_MALFORMED, &s->malformed);
	count(METRIC_HTTP_TIMEOUTS, &s->timeouts);
	count(METRIC_HTTP_SHED, &s->shed);
	count(METRIC_HTTP_PROXY_REFUSED, &s->unproxied);
	if (s->count != s->count_shown) {
		all_connections += s->count - s->count_shown;
		s->count_shown = s->count;
		metrics_set(METRIC_HTTP_CONNECTIONS, all_connections);
	}
}

/*
 * One more look whether anybody is ready before what has gathered is handed
 * over: a group costs the same however large it is, and who is answered
 * together asks again together.
 */
void
server_run(struct server *s)
{
	bool look = false;

	while (!s->done && (!s->draining || s->count > 0 || s->listener >= 0)) {
		s->mono_ms = s->wall_ms = 0;
		s->active = false;
		if (event_base_loop(
			s->base, look ? EVLOOP_NONBLOCK : EVLOOP_ONCE) != 0)
			break;
		if (s->on_turn != NULL &&
		    ((look && !s->active) || s->handled >= TURN_REQUESTS)) {
			s->on_turn(s->turn_ctx);
			s->handled = 0;
		}
		look = s->active;
		server_release(s, s->released);
		count_turn(s);
	}
	if (s->on_turn != NULL)
		s->on_turn(s->turn_ctx);
}

void
server_on_wake(struct server *s, void (*call)(void *), void *ctx)
{
	s->on_wake = call;
	s->wake_ctx = ctx;
}

void
server_on_turn(struct server *s, void (*call)(void *), void *ctx)
{
	s->on_turn = call;
	s->turn_ctx = ctx;
}

static void
on_period(evutil_socket_t fd, short what, void *arg)
{
	struct periodic *p = arg;

	(void)fd;
	(void)what;
	p->call(p->ctx);
}

void
server_every(struct server *s, int64_t ms, void (*call)(void *), void *ctx)
{
	struct periodic *p = mem_zero(1, sizeof(*p));
	struct timeval each = span(ms);

	p->call = call;
	p->ctx = ctx;
	p->event = event_new(s->base, -1, EV_PERSIST, on_period, p);
	p->next = s->periodics;
	s->periodics = p;
	event_add(p->event, &each);
}

uint16_t
server_port(const struct server *s)
{
	return socket_port(s->listener);
}

static bool
open_base(struct server *s, struct error *err)
{
	struct event_config *config;

	/* Else it says that there is no memory where nobody asks. */
	event_set_mem_functions(mem_alloc, mem_grow, free);
	config = event_config_new();
	if (config != NULL) {
		/* One thread owns it: no locks. */
		event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
		s->base = event_base_new_with_config(config);
		event_config_free(config);
	}
	s->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	s->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (s->base == NULL || s->wake_fd < 0)
		return error_set(err, ERROR_FATAL,
		    "cannot make an event loop: %s", strerror(errno));
	s->accept_event =
	    event_new(s->base, s->listener, EV_READ | EV_PERSIST, on_accept, s);
	s->wake_event =
	    event_new(s->base, s->wake_fd, EV_READ | EV_PERSIST, on_wake, s);
	s->resume_event = event_new(s->base, -1, 0, on_resume, s);
	s->due_event = event_new(s->base, -1, 0, on_due, s);
	s->leave_event = event_new(s->base, -1, 0, on_leave, s);
	s->stop_event = event_new(s->base, -1, 0, on_stop, s);
	event_add(s->accept_event, NULL);
	event_add(s->wake_event, NULL);
	return true;
}

struct server *
server_open(const char *listen, const struct server_settings *set,
    server_handler *handler, void *ctx, struct error *err)
{
	int fd = socket_listen(listen, set->reuse_port, err);
	struct server *s;

	if (fd < 0)
		return NULL;
	s = mem_zero(1, sizeof(*s));
	s->listener = fd;
	s->set = *set;
	s->handler = handler;
	s->ctx = ctx;
	s->armed_ms = INT64_MAX;
	s->lists[WAIT_IDLE].wait_ms = set->idle_ms;
	s->lists[WAIT_HEADER].wait_ms = set->header_ms;
	s->lists[WAIT_BODY].wait_ms =
	    (set->body_ms + BODY_LOOKS - 1) / BODY_LOOKS;
	s->lists[WAIT_WRITE].wait_ms = set->write_ms;
	s->lists[WAIT_HELD].wait_ms = set->answer_ms;
	s->lists[WAIT_LINGER].wait_ms = LINGER_MS;
	s->read = mem_alloc(READ_BYTES);
	s->parser = http_parser_new(&set->limits);
	s->x.arena = arena_new(ARENA_BYTES);
	if (set->net_connections > 0) {
		s->nets = mem_zero(NET_COUNT, sizeof(*s->nets));
		while (getrandom(&s->net_key, sizeof(s->net_key), 0) < 0 &&
		       errno == EINTR)
			;
	}
	if (!open_base(s, err)) {
		server_close(s);
		return NULL;
	}
	return s;
}

static void
free_event(struct event *e)
{
	if (e != NULL)
		event_free(e);
}

void
server_close(struct server *s)
{
	struct periodic *p;

	if (s == NULL)
		return;
	for (int i = 0; i < WAIT_COUNT; i++) {
		while (s->lists[i].head != NULL)
			connection_drop(s->lists[i].head);
	}
	count_turn(s);
	while ((p = s->periodics) != NULL) {
		s->periodics = p->next;
		event_free(p->event);
		free(p);
	}
	free_event(s->accept_event);
	free_event(s->resume_event);
	free_event(s->wake_event);
	free_event(s->due_event);
	free_event(s->leave_event);
	free_event(s->stop_event);
	if (s->base != NULL)
		event_base_free(s->base);
	if (s->listener >= 0)
		close(s->listener);
	if (s->spare >= 0)
		close(s->spare);
	if (s->wake_fd >= 0)
		close(s->wake_fd);
	connection_free_spares(s);
	http_parser_free(s->parser);
	arena_free(s->x.arena);
	buf_free(&s->x.headers);
	buf_free(&s->out);
	free(s->nets);
	free(s->read);
	free(s);
}

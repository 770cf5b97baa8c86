/*
 * connection.c - one client: what it has sent, what it is to get, and how
 * long that may take.
 *
 * Whatever a connection needs for one turn it borrows from the server: the
 * bytes just read, the parser, the answers in the making. Only what is left
 * over at the end of the turn (half a request, an answer that is held or not
 * taken) moves to buffers of its own, so an idle connection is a few hundred
 * bytes and a small request costs one recv() and one send().
 *
 * Each connection stands in the list of what it waits for. In a list all
 * wait equally long, so its head is due first, and one timer serves all.
 * While a connection has answers that have not gone out nothing more is read
 * from it: that bounds memory and keeps held answers in their order.
 */
#include "common/server_internal.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/metrics.h"
#include "common/proxy_protocol.h"

static void settle(struct connection *c);

/*
 * recv() and send() without being a place where a thread may be cancelled:
 * in a program with threads glibc spends two atomic operations on that, and
 * nobody cancels ours.
 */
static ssize_t
take(int fd, void *to, size_t room)
{
	return syscall(SYS_recvfrom, fd, to, room, 0, NULL, NULL);
}

static ssize_t
give(int fd, const void *data, size_t len)
{
	return syscall(SYS_sendto, fd, data, len, MSG_NOSIGNAL, NULL, 0);
}

/* --- lists, and what is lent ---------------------------------------------- */

static void
list_remove(struct list *l, struct connection *c)
{
	*(c->before ? &c->before->after : &l->head) = c->after;
	*(c->after ? &c->after->before : &l->tail) = c->before;
}

static void
list_insert(struct list *l, struct connection *before, struct connection *c)
{
	c->before = before;
	c->after = before ? before->after : l->head;
	*(before ? &before->after : &l->head) = c;
	*(c->after ? &c->after->before : &l->tail) = c;
}

/* Puts C into the list of WAIT, from now on. */
static void
wait_for(struct connection *c, enum wait wait)
{
	struct server *s = c->server;
	struct list *l = &s->lists[wait];
	struct connection *before;

	list_remove(&s->lists[c->wait], c);
	before = l->tail;
	c->wait = (uint8_t)wait;
	c->due_ms = INT64_MAX;
	if (wait < WAIT_LATER) {
		c->due_ms = server_now(s) + l->wait_ms;
		server_arm(s, c->due_ms);
	}
	/* Numbers are given in the order of time: theirs is that of due_ms. */
	if (wait >= WAIT_HELD) {
		while (before != NULL && before->hold > c->hold)
			before = before->before;
	}
	list_insert(l, before, c);
}

static void
buffer_take(struct server *s, struct buf *b)
{
	if (b->data == NULL && s->buffer_count > 0)
		*b = s->buffers[--s->buffer_count];
}

static void
buffer_give(struct server *s, struct buf *b)
{
	b->len = 0;
	if (b->data == NULL)
		return;
	if (b->cap <= POOL_BYTES && s->buffer_count < POOL_COUNT)
		s->buffers[s->buffer_count++] = *b;
	else
		free(b->data);
	*b = (struct buf){ 0 };
}

static struct http_parser *
parser_take(struct server *s)
{
	if (s->parser_count > 0)
		return s->parsers[--s->parser_count];
	return http_parser_new(&s->set.limits);
}

static void
parser_give(struct server *s, struct http_parser *p)
{
	http_parser_reset(p);
	if (s->parser_count < POOL_COUNT)
		s->parsers[s->parser_count++] = p;
	else
		http_parser_free(p);
}

/* --- the ends of connections ---------------------------------------------- */

struct str
connection_peer_text(const struct in6_addr *peer, char *out)
{
	if (IN6_IS_ADDR_V4MAPPED(peer))
		inet_ntop(AF_INET, &peer->s6_addr[12], out, INET6_ADDRSTRLEN);
	else
		inet_ntop(AF_INET6, peer, out, INET6_ADDRSTRLEN);
	return str_of(out);
}

/* The counter of the network that PEER is in: its /24 or /64. */
uint16_t *
connection_net(struct server *s, const struct in6_addr *peer)
{
	uint64_t net = 0;

	if (IN6_IS_ADDR_V4MAPPED(peer))
		memcpy(&net, &peer->s6_addr[12], 3);
	else
		memcpy(&net, &peer->s6_addr[0], 8);
	/* Keyed, so that nobody can choose whom to collide with. */
	net = (net ^ s->net_key) * 0x9e3779b97f4a7c15u;
	net = (net ^ (net >> 32) ^ s->net_key) * 0xd6e8feb86659fd93u;
	return &s->nets[(net >> 40) % NET_COUNT];
}

struct connection *
connection_new(struct server *s, int fd, const struct in6_addr *peer)
{
	struct connection *c = mem_zero(1, sizeof(*c));
	struct list *idle = &s->lists[WAIT_IDLE];

	c->server = s;
	c->fd = fd;
	c->peer = *peer;
	c->preface = s->set.proxied != NULL;
	list_insert(idle, idle->tail, c);
	wait_for(c, WAIT_IDLE);
	if (s->nets != NULL)
		++*connection_net(s, peer);
	s->count++;
	return c;
}

void
connection_drop(struct connection *c)
{
	struct server *s = c->server;

	server_forget(c);
	close(c->fd);
	list_remove(&s->lists[c->wait], c);
	if (c->parser != NULL)
		parser_give(s, c->parser);
	buffer_give(s, &c->in);
	buffer_give(s, &c->out);
	if (s->nets != NULL)
		--*connection_net(s, &c->peer);
	s->count--;
	free(c);
}

/*
 * Ends C once its answers are out. Closing a socket with unread bytes would
 * reset it and could destroy the answer under way, so where bytes may come
 * we close our half and read on for a while.
 */
static bool
finish(struct connection *c)
{
	if (!c->lingers) {
		connection_drop(c);
		return false;
	}
	buffer_give(c->server, &c->in);
	shutdown(c->fd, SHUT_WR);
	server_watch(c, false);
	wait_for(c, WAIT_LINGER);
	return true;
}

static void
linger(struct connection *c)
{
	struct server *s = c->server;
	ssize_t n = take(c->fd, s->read, READ_BYTES);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		c->lingered += (uint32_t)n;
	if (n <= 0 || c->lingered > LINGER_BYTES)
		connection_drop(c);
}

/* --- answers -------------------------------------------------------------- */

static void
count_answers(struct server *s, uint16_t *answers)
{
	for (int i = 0; i < CLASS_COUNT; i++) {
		s->counted[i] += answers[i];
		answers[i] = 0;
	}
}

/* Sends what C has in OUT. False when C is gone. */
static bool
push(struct connection *c)
{
	struct server *s = c->server;
	ssize_t n =
	    give(c->fd, c->out.data + c->out_at, c->out.len - c->out_at);

	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		connection_drop(c);
		return false;
	}
	if (n > 0)
		c->out_at += (size_t)n;
	if (c->out_at < c->out.len) {
		if (c->wait != WAIT_WRITE) {
			server_watch(c, true);
			wait_for(c, WAIT_WRITE);
		}
		return true;
	}
	count_answers(s, c->answers);
	buffer_give(s, &c->out);
	c->out_at = 0;
	return !c->closes || finish(c);
}

/*
 * Sends or keeps the answers that a turn of C has made. False when C is
 * gone.
 */
static bool
hand_out(struct connection *c)
{
	struct server *s = c->server;
	bool held = s->hold > s->released;
	ssize_t n = 0;

	if (s->out.len > 0 && !held)
		n = give(c->fd, s->out.data, s->out.len);
	if (n == (ssize_t)s->out.len) {
		count_answers(s, s->answers);
		return !c->closes || finish(c);
	}
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		memset(s->answers, 0, sizeof(s->answers));
		connection_drop(c);
		return false;
	}
	n = n < 0 ? 0 : n;
	buffer_take(s, &c->out);
	buf_add(&c->out, s->out.data + n, s->out.len - (size_t)n);
	memcpy(c->answers, s->answers, sizeof(c->answers));
	memset(s->answers, 0, sizeof(s->answers));
	c->hold_first = s->hold_first;
	c->hold = s->hold;
	if (held) {
		wait_for(c, WAIT_HELD);
	} else {
		server_watch(c, true);
		wait_for(c, WAIT_WRITE);
	}
	return true;
}

/* --- requests ------------------------------------------------------------- */

/* Handles what INPUT has of requests; how many bytes were used. */
static size_t
consume(struct connection *c, struct str input)
{
	struct server *s = c->server;
	struct http_request req;
	size_t used, at = 0;
	int status;

	while (at < input.len && !c->closes) {
		struct http_parser *p = c->parser ? c->parser : s->parser;

		if (s->out.len > BATCH_BYTES) {
			c->more = true;
			return at;
		}
		switch (
		    http_parse(p, str_from(input, at), &req, &used, &status)) {
		case HTTP_READY:
			exchange_run(c, &req);
			at += used;
			http_parser_reset(p);
			if (c->parser != NULL)
				parser_give(s, c->parser);
			c->parser = NULL;
			if (c->ticket != 0) {
				c->more = true;
				return at;
			}
			break;
		case HTTP_BAD:
			s->malformed++;
			exchange_refuse(c, status);
			/* It may be the server's own: the next connection
			 * must not find it in the middle of this one's. */
			http_parser_reset(p);
			if (c->parser != NULL)
				parser_give(s, c->parser);
			c->parser = NULL;
			break;
		case HTTP_MORE:
			if (c->parser == NULL) {
				c->parser = p;
				s->parser = parser_take(s);
			}
			if (!c->continued && http_parser_wants_continue(p)) {
				buf_add_str(&s->out,
				    STR("HTTP/1.1 100 Continue\r\n\r\n"));
				c->continued = true;
			}
			return at;
		}
	}
	/* Bytes behind the last request would reset the connection. */
	c->lingers |= c->closes && at < input.len;
	return at;
}

/* From now on C is PEER's. False when that one has too many already. */
static bool
rename_peer(struct connection *c, const struct in6_addr *peer)
{
	struct server *s = c->server;

	if (s->nets != NULL) {
		--*connection_net(s, &c->peer);
		++*connection_net(s, peer);
	}
	c->peer = *peer;
	c->peer_text[0] = '\0';
	return s->nets == NULL ||
	       *connection_net(s, peer) <= s->set.net_connections;
}

/*
 * Takes the PROXY header off *INPUT. False when it is not whole yet, or C is
 * gone: whoever should send one and does not is no client of ours, and gets
 * no answer.
 */
static bool
take_preface(struct connection *c, struct str *input)
{
	struct server *s = c->server;
	struct in6_addr peer;
	size_t used = 0;

	switch (proxy_read(*input, &peer, &used)) {
	case PROXY_MORE:
		if (c->in.len == 0) {
			buffer_take(s, &c->in);
			buf_add_str(&c->in, *input);
		}
		settle(c);
		return false;
	case PROXY_BAD:
		s->unproxied++;
		connection_drop(c);
		return false;
	case PROXY_OK:
		if (!rename_peer(c, &peer)) {
			s->shed++;
			connection_drop(c);
			return false;
		}
		break;
	case PROXY_LOCAL:
		break;
	}
	c->preface = false;
	*input = str_from(*input, used);
	if (c->in.len > 0) {
		memmove(c->in.data, input->data, input->len);
		c->in.len = input->len;
		*input = buf_str(&c->in);
	}
	return true;
}

/* Handles INPUT, which is C's own buffer or the server's. */
static void
work(struct connection *c, struct str input)
{
	struct server *s = c->server;
	size_t at;

	if (c->preface && !take_preface(c, &input))
		return;
	s->busy = true;
	do {
		s->out.len = 0;
		s->hold_first = s->hold = 0;
		c->more = false;
		at = consume(c, input);
		input = str_from(input, at);
		if (input.len == 0) {
			buffer_give(s, &c->in);
		} else if (c->in.len == 0) {
			buffer_take(s, &c->in);
			buf_add_str(&c->in, input);
		} else if (at > 0) {
			memmove(c->in.data, input.data, input.len);
			c->in.len = input.len;
		}
		if (!hand_out(c)) {
			s->busy = false;
			return;
		}
		input = buf_str(&c->in);
	} while (c->more && c->ticket == 0 && c->out.len == 0 && !c->closes);
	if (s->out.cap > 4 * BATCH_BYTES)
		buf_free(&s->out);
	s->busy = false;
	settle(c);
}

/* Puts C into the list it belongs to when it has nothing to send. */
static void
settle(struct connection *c)
{
	enum wait wait = WAIT_IDLE;

	if (c->out.len > 0 || c->wait == WAIT_LINGER)
		return;
	if (c->ticket != 0)
		wait = WAIT_LATER;
	else if (c->parser != NULL)
		wait = http_parser_in_body(c->parser) ? WAIT_BODY : WAIT_HEADER;
	else if (c->preface)
		wait = WAIT_HEADER;
	/* A request's deadlines are for all of it: slow bytes buy nothing. */
	if (wait != c->wait || c->renewed) {
		c->looks = 0;
		wait_for(c, wait);
	}
	c->renewed = false;
}

/* C's answers have gone out: goes on with what it has sent since. */
static void
go_on(struct connection *c)
{
	if (c->out.len > 0 || c->wait == WAIT_LINGER)
		return;
	if (c->paused || c->wait == WAIT_WRITE)
		server_watch(c, false);
	if (c->more && c->ticket == 0)
		work(c, buf_str(&c->in));
	else
		settle(c);
}

/* Reads once. */
static void
take_in(struct connection *c)
{
	struct server *s = c->server;
	char *to = s->read;
	size_t room = READ_BYTES;
	ssize_t n;

	if (c->in.len > 0) {
		buf_reserve(
		    &c->in, c->in.len > READ_LEAST ? c->in.len : READ_LEAST);
		to = c->in.data + c->in.len;
		room = c->in.cap - c->in.len;
	}
	n = take(c->fd, to, room);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		connection_drop(c);
	} else if (c->in.len > 0) {
		c->in.len += (size_t)n;
		work(c, buf_str(&c->in));
	} else {
		work(c, str_make(s->read, (size_t)n));
	}
}

void
connection_ready(struct connection *c, bool writable)
{
	if (c->wait == WAIT_LINGER) {
		linger(c);
	} else if (writable) {
		if (push(c))
			go_on(c);
	} else if (c->out.len > 0 || c->ticket != 0) {
		server_unwatch(c);
		c->paused = true;
	} else {
		take_in(c);
	}
}

/*
 * One more look at C, whose body is coming. True when there is time left and
 * it comes fast enough.
 */
static bool
body_goes_on(struct connection *c)
{
	const struct server *s = c->server;
	int64_t came, due;

	if (++c->looks >= BODY_LOOKS)
		return false;
	came = (int64_t)(c->in.len - http_parser_body_at(c->parser));
	due = s->set.body_rate * s->lists[WAIT_BODY].wait_ms * c->looks / 1000;
	return came >= due;
}

/* What C was to be told, it is not: 503 in its place. */
static void
refuse_held(struct connection *c)
{
	struct server *s = c->server;

	wait_for(c, WAIT_IDLE);
	buffer_give(s, &c->out);
	c->more = false;
	s->out.len = 0;
	s->hold_first = s->hold = 0;
	exchange_refuse(c, 503);
	hand_out(c);
}

void
connection_expire(struct connection *c)
{
	struct server *s = c->server;

	if (c->wait == WAIT_HELD) {
		metrics_inc(METRIC_HTTP_UNCONFIRMED);
		refuse_held(c);
		return;
	}
	if (c->wait == WAIT_BODY && body_goes_on(c)) {
		wait_for(c, WAIT_BODY);
		return;
	}
	if (c->wait == WAIT_IDLE || c->wait == WAIT_LINGER) {
		connection_drop(c);
		return;
	}
	s->timeouts++;
	if (c->wait == WAIT_WRITE || c->preface) {
		connection_drop(c);
		return;
	}
	s->out.len = 0;
	s->hold_first = s->hold = 0;
	exchange_refuse(c, 408);
	hand_out(c);
}

static struct connection *
later(const struct server *s, uint64_t ticket)
{
	/* It may still be sending what came before. */
	static const enum wait places[] = { WAIT_LATER, WAIT_WRITE };
	struct connection *c;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		for (c = s->lists[places[i]].head; c != NULL; c = c->after) {
			if (c->ticket == ticket)
				return c;
		}
	}
	return NULL;
}

bool
server_resume(
    struct server *s, uint64_t ticket, server_handler *answer, void *ctx)
{
	struct connection *c = later(s, ticket);
	bool alive = true;

	assert(!s->busy);
	if (c == NULL)
		return false;
	s->busy = true;
	s->out.len = 0;
	s->hold_first = s->hold = 0;
	exchange_resume(c, answer, ctx);
	if (c->out.len == 0) {
		alive = hand_out(c);
	} else {
		buf_add(&c->out, s->out.data, s->out.len);
		for (int i = 0; i < CLASS_COUNT; i++)
			c->answers[i] += s->answers[i];
		memset(s->answers, 0, sizeof(s->answers));
	}
	s->busy = false;
	if (alive)
		go_on(c);
	return true;
}

void
server_release(struct server *s, uint64_t seq)
{
	struct list *held = &s->lists[WAIT_HELD];
	struct connection *c;

	if (seq > s->released)
		s->released = seq;
	/* From a handler: its connection comes first, the turn's end last. */
	if (s->busy)
		return;
	while ((c = held->head) != NULL && c->hold <= s->released) {
		/* Out of this list first: what follows may hold it again. */
		wait_for(c, WAIT_IDLE);
		if (push(c))
			go_on(c);
	}
}

void
server_refuse(struct server *s, uint64_t seq)
{
	struct list *held = &s->lists[WAIT_HELD];
	struct connection *c;

	assert(!s->busy);
	while ((c = held->head) != NULL && c->hold_first <= seq)
		refuse_held(c);
}

void
connection_free_spares(struct server *s)
{
	while (s->buffer_count > 0)
		free(s->buffers[--s->buffer_count].data);
	while (s->parser_count > 0)
		http_parser_free(s->parsers[--s->parser_count]);
}

/*
 * exchange.c - one request in its handler's hands, and its answer.
 */
#include "common/server_internal.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/http_syntax.h"

#define CLOSE "Connection: close\r\n"

static void
compose(struct server *s, int status, struct str headers, struct str body,
    bool no_body, const char *connection)
{
	struct buf *out = &s->out;

	buf_reserve(out, headers.len + body.len + 256);
	buf_add(out, "HTTP/1.1 ", 9);
	buf_add_int(out, status);
	buf_add_char(out, ' ');
	buf_add_str(out, str_of(http_phrase(status)));
	buf_add(out, "\r\n", 2);
	buf_add_str(out, headers);
	if (status != 204 && status != 304) {
		buf_add(out, "Content-Length: ", 16);
		buf_add_int(out, (int64_t)body.len);
		buf_add(out, "\r\n", 2);
	} else {
		no_body = true;
	}
	buf_add_str(out, str_of(connection));
	buf_add(out, "\r\n", 2);
	if (!no_body)
		buf_add_str(out, body);
	if (status >= 200 && status < 600)
		s->answers[status / 100 - 2]++;
}

void
exchange_refuse(struct connection *c, int status)
{
	char text[64];
	int len = snprintf(
	    text, sizeof(text), "%d %s\n", status, http_phrase(status));

	compose(c->server, status,
	    status == 503 ? STR("Content-Type: text/plain\r\n"
				"Retry-After: 1\r\n")
			  : STR("Content-Type: text/plain\r\n"),
	    str_make(text, (size_t)len), false, CLOSE);
	c->closes = c->lingers = true;
}

static void
run(struct connection *c, const struct http_request *req,
    server_handler *handler, void *ctx)
{
	struct server *s = c->server;
	struct exchange *x = &s->x;

	x->server = s;
	x->connection = c;
	x->request = *req;
	x->headers.len = 0;
	x->hold = 0;
	x->close = !req->keep_alive || s->draining;
	x->answered = x->later = false;
	s->active = true;
	s->handled++;
	handler(x, ctx);
	assert(x->answered || x->later);
	arena_reset(x->arena);
	c->served = c->renewed = true;
	c->continued = false;
	if (x->later) {
		c->later_head = req->method == HTTP_HEAD;
		c->later_zero = req->minor_zero;
		c->later_close = x->close;
	} else if (x->close) {
		c->closes = true;
		/* A client that asked for the end sends nothing more. */
		c->lingers = req->keep_alive;
	}
}

void
exchange_run(struct connection *c, const struct http_request *req)
{
	run(c, req, c->server->handler, c->server->ctx);
}

void
exchange_resume(struct connection *c, server_handler *answer, void *ctx)
{
	struct http_request req = { .method =
					c->later_head ? HTTP_HEAD : HTTP_GET,
		.minor_zero = c->later_zero,
		.keep_alive = !c->later_close };

	c->ticket = 0;
	run(c, &req, answer, ctx);
	assert(!c->server->x.later);
}

uint64_t
exchange_later(struct exchange *x)
{
	assert(!x->answered && x->hold == 0);
	x->later = true;
	return x->connection->ticket = ++x->server->tickets;
}

const struct http_request *
exchange_request(const struct exchange *x)
{
	return &x->request;
}

struct arena *
exchange_arena(struct exchange *x)
{
	return x->arena;
}

struct str
exchange_peer(const struct exchange *x)
{
	struct connection *c = x->connection;

	/* inet_ntop() goes through printf: once a connection will do. */
	if (c->peer_text[0] == '\0')
		return connection_peer_text(&c->peer, c->peer_text);
	return str_of(c->peer_text);
}

int64_t
exchange_now_ms(const struct exchange *x)
{
	struct server *s = x->server;

	if (s->wall_ms == 0)
		s->wall_ms = clock_wall_ms();
	return s->wall_ms;
}

bool
exchange_header(struct exchange *x, const char *name, struct str value)
{
	struct str field = str_of(name);

	assert(!x->answered);
	if (!http_all(field, HTTP_TOKEN))
		return false;
	for (size_t i = 0; i < value.len; i++) {
		if ((uint8_t)value.data[i] < 0x20 || value.data[i] == 0x7f)
			return false;
	}
	buf_reserve(&x->headers, field.len + value.len + 4);
	buf_add_str(&x->headers, field);
	buf_add(&x->headers, ": ", 2);
	buf_add_str(&x->headers, value);
	buf_add(&x->headers, "\r\n", 2);
	return true;
}

void
exchange_lines(struct exchange *x, struct str lines)
{
	assert(!x->answered);
	buf_add_str(&x->headers, lines);
}

void
exchange_answer(struct exchange *x, int status, struct str body)
{
	struct server *s = x->server;
	const char *connection = "";

	assert(!x->answered);
	assert(status >= 200 && status <= 599);
	x->answered = true;
	if (x->close)
		connection = CLOSE;
	else if (x->request.minor_zero)
		connection = "Connection: keep-alive\r\n";
	compose(s, status, buf_str(&x->headers), body,
	    x->request.method == HTTP_HEAD, connection);
	if (x->hold <= s->released)
		return;
	if (s->hold_first == 0 || x->hold < s->hold_first)
		s->hold_first = x->hold;
	if (x->hold > s->hold)
		s->hold = x->hold;
}

void
exchange_close(struct exchange *x)
{
	assert(!x->answered);
	x->close = true;
}

void
exchange_hold(struct exchange *x, uint64_t seq)
{
	assert(!x->answered);
	if (seq > x->hold)
		x->hold = seq;
}

/*
 * server.h - an HTTP server on one event loop: sockets, deadlines, answers.
 * The only file that knows libevent is server.c.
 *
 * One thread owns a server and runs it. Requests on a connection are
 * answered in their order. An answer may be held back until a number (the
 * spool's) has been reached: that is how 204 waits for the disk.
 */
#ifndef COMMON_SERVER_H
#define COMMON_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"
#include "common/http.h"
#include "common/str.h"

struct server;
struct exchange; /* one request and the answer in the making */

struct server_settings {
	struct http_limits limits;
	int64_t header_ms;   /* from first byte to whole header; 10000 */
	int64_t body_ms;     /* from header to whole body; 20000 */
	int64_t body_rate;   /* bytes of body a second, on average, looked at
				after each quarter of body_ms; 0: any */
	int64_t idle_ms;     /* keep-alive without a request; 60000 */
	int64_t write_ms;    /* from an answer the client does not take at
				once to its last byte; 30000 */
	int64_t answer_ms;   /* held answers, then they are 503; 20000 */
	int64_t connections; /* total cap; idle ones are closed first (LRU) */
	int64_t net_connections; /* cap for one /24 or /64; 0: none. A proxy
				    in front makes all one address */
	bool reuse_port;         /* several servers share the address */
	/*
	 * Not NULL: each connection begins with a PROXY header that says whose
	 * it is, and only PEERS that this says true of may connect.
	 */
	bool (*proxied)(void *ctx, struct str peer);
	void *proxied_ctx;
};
extern const struct server_settings server_defaults;

/* Called for each whole request; must call exchange_answer() or
 * exchange_later() before it returns. CTX is the server's. */
typedef void server_handler(struct exchange *x, void *ctx);

/*
 * Binds LISTEN ("host:port", port 0 picks one). NULL and ERR if it cannot.
 * The caller owns the result.
 */
struct server *server_open(const char *listen,
    const struct server_settings *set, server_handler *handler, void *ctx,
    struct error *err) MUST_CHECK;
/* The port in use. */
uint16_t server_port(const struct server *s);
/* Serves until server_stop(); to be called by the owning thread. */
void server_run(struct server *s);
/* From any thread: stop accepting, answer what has come, then let
 * server_run() return, at the latest after DEADLINE_MS. */
void server_stop(struct server *s, int64_t deadline_ms);
/* From any thread: run CALL(CTX) soon in the server's thread. CALL is set
 * once, before server_run(), by server_on_wake(). Cheap; coalesces. */
void server_on_wake(struct server *s, void (*call)(void *), void *ctx);
void server_wake(struct server *s);
/* CALL(CTX) in the server's thread before the loop sleeps after requests
 * were handled or it was woken, and in any case after every hundred or so
 * requests: the place to hand a group of records to the disk. */
void server_on_turn(struct server *s, void (*call)(void *), void *ctx);
/* CALL(CTX) every MS in the server's thread. Before server_run(). */
void server_every(
    struct server *s, int64_t ms, void (*call)(void *), void *ctx);
void server_close(struct server *s);

/* --- inside a handler ------------------------------------------------- */
const struct http_request *exchange_request(const struct exchange *x);
/* Memory until the handler returns. */
struct arena *exchange_arena(struct exchange *x);
/* The peer's address as text ("203.0.113.9", "2001:db8::1"). */
struct str exchange_peer(const struct exchange *x);
/* The loop's idea of now: wall clock, read once a turn. */
int64_t exchange_now_ms(const struct exchange *x);

/*
 * Adds a header to the answer. False (and nothing added) when NAME or VALUE
 * holds a control character: nothing a stranger sent can add a header.
 */
bool exchange_header(struct exchange *x, const char *name, struct str value);
/* Adds LINES, our own text: header lines, each with its CR LF. */
void exchange_lines(struct exchange *x, struct str lines);
/* Answers with STATUS and a copy of BODY; Content-Length, Date-less,
 * keep-alive as asked for. HEAD gets no body. Must be called once. */
void exchange_answer(struct exchange *x, int status, struct str body);
/* The connection ends after this answer. Before exchange_answer(). */
void exchange_close(struct exchange *x);
/*
 * Holds this answer (and those behind it on the connection, and those that
 * came with it in one piece) until server_release() has named a number >=
 * SEQ. Before exchange_answer(). SEQ never falls from request to request.
 */
void exchange_hold(struct exchange *x, uint64_t seq);

/*
 * Instead of exchange_answer(): the answer comes later, by server_resume()
 * with the number that this returns. Until then nothing more is read from the
 * connection, and it is counted against the cap. What is to be kept of the
 * request has to be copied. Not together with exchange_hold().
 */
uint64_t exchange_later(struct exchange *x);
/*
 * In the server's thread, not from a handler: ANSWER(x, CTX) answers the
 * request that TICKET was given for; of it only the method's being HEAD is
 * left. False, and ANSWER is not called, when the connection is gone.
 */
bool server_resume(
    struct server *s, uint64_t ticket, server_handler *answer, void *ctx);

/* In the server's thread: every held answer up to SEQ goes out. */
void server_release(struct server *s, uint64_t seq);
/* In the server's thread: held answers up to SEQ become 503 with
 * Retry-After and their connections close; so do answers that came in one
 * piece with them. */
void server_refuse(struct server *s, uint64_t seq);

#endif

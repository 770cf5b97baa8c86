/*
 * server_internal.h - what server.c (the loop), connection.c (one client)
 * and exchange.c (one answer) share. For them only; knows no libevent.
 */
#ifndef COMMON_SERVER_INTERNAL_H
#define COMMON_SERVER_INTERNAL_H

#include <netinet/in.h>
#include <stdatomic.h>

#include "common/server.h"

#define READ_BYTES 65536  /* at once */
#define READ_LEAST 1024   /* room for the rest of a request */
#define BATCH_BYTES 65536 /* of answers, before they have to go out */
#define POOL_COUNT 256    /* spare buffers kept, and spare parsers */
#define POOL_BYTES 4096   /* a larger buffer is freed */
#define LINGER_MS 2000
#define LINGER_BYTES 262144
#define NET_COUNT 65536
#define BODY_LOOKS 4 /* at a body's rate, the last at its deadline */

struct event;
struct event_base;
struct periodic;

/* What a connection waits for. */
enum wait {
	WAIT_IDLE,   /* a request */
	WAIT_HEADER, /* the rest of one */
	WAIT_BODY,
	WAIT_WRITE,  /* the client to take its answer */
	WAIT_LINGER, /* the client to hear that we have closed */
	WAIT_HELD,   /* server_release() */
	WAIT_LATER,  /* server_resume(); without a deadline */
	WAIT_COUNT
};

enum { CLASS_COUNT = 4 }; /* 2xx to 5xx */

struct connection {
	struct connection *before, *after; /* in its list */
	struct server *server;
	struct event *event;
	int fd;
	int64_t due_ms;
	struct http_parser *parser; /* NULL between requests */
	struct buf in;              /* half a request */
	struct buf out;             /* answers that wait; out_at are sent */
	size_t out_at;
	uint64_t hold_first, hold; /* lowest and highest number in OUT */
	struct in6_addr peer;
	char peer_text[INET6_ADDRSTRLEN]; /* "" until somebody asks */
	uint32_t lingered;
	uint8_t looks;                 /* at the rate of the body under way */
	uint16_t answers[CLASS_COUNT]; /* in OUT */
	uint8_t wait;
	bool served, renewed; /* ever; since the last settle() */
	bool more;            /* IN holds requests that were put off */
	bool paused, continued;
	bool closes, lingers;
	bool preface; /* its PROXY header is still to come */

	/* Of a request whose answer comes later; 0: there is none. */
	uint64_t ticket;
	bool later_head, later_zero, later_close;
};

struct list {
	struct connection *head, *tail;
	int64_t wait_ms;
};

struct exchange {
	struct server *server;
	struct connection *connection;
	struct http_request request;
	struct arena *arena;
	struct buf headers;
	uint64_t hold;
	bool close, answered, later;
};

struct server {
	struct event_base *base;
	struct server_settings set;
	server_handler *handler;
	void *ctx;
	int listener, spare, wake_fd;
	struct event *accept_event, *resume_event, *wake_event, *due_event,
	    *leave_event, *stop_event;
	struct list lists[WAIT_COUNT];
	int64_t armed_ms; /* when due_event fires; INT64_MAX: never */
	int64_t count;
	int64_t mono_ms, wall_ms; /* of this turn; 0: not read yet */
	uint64_t released, tickets;
	bool draining, done;
	bool active;      /* requests or a wake-up in this turn */
	unsigned handled; /* requests since the last on_turn() */
	bool busy;        /* a connection has borrowed what is below */
	int64_t stop_end_ms;
	_Atomic int64_t stop_ms; /* 0: go on */
	atomic_bool woken;
	void (*on_wake)(void *), (*on_turn)(void *);
	void *wake_ctx, *turn_ctx;
	struct periodic *periodics;
	struct exchange x;

	/* Borrowed by the connection whose turn it is. */
	char *read;
	struct buf out;
	struct http_parser *parser;
	uint16_t answers[CLASS_COUNT];
	uint64_t hold_first, hold;

	struct buf buffers[POOL_COUNT];
	struct http_parser *parsers[POOL_COUNT];
	size_t buffer_count, parser_count;
	uint16_t *nets; /* connections by hash of their network */
	uint64_t net_key;

	/* Counted here, handed to the metrics once a turn. */
	uint64_t counted[CLASS_COUNT], malformed, timeouts, shed, unproxied;
	int64_t count_shown;
};

/* --- server.c ------------------------------------------------------------- */

/* Monotonic, read once a turn. */
int64_t server_now(struct server *s);
/* Makes the timer fire at DUE_MS at the latest. */
void server_arm(struct server *s, int64_t due_ms);
/* Makes C wait for its socket to become writable, or readable. */
void server_watch(struct connection *c, bool writable);
void server_unwatch(struct connection *c);
/* Unwatches C for good; its socket is still open. */
void server_forget(struct connection *c);

/* --- connection.c --------------------------------------------------------- */

/* Writes PEER's address as text to OUT (INET6_ADDRSTRLEN bytes). */
struct str connection_peer_text(const struct in6_addr *peer, char *out);
/* The counter of the network that PEER is in: its /24 or /64. */
uint16_t *connection_net(struct server *s, const struct in6_addr *peer);
/* Takes the socket FD. It is in the idle list, and not watched yet. */
struct connection *connection_new(
    struct server *s, int fd, const struct in6_addr *peer);
/* Closes and frees C. */
void connection_drop(struct connection *c);
/* C's socket is readable or writable. C may be gone afterwards. */
void connection_ready(struct connection *c, bool writable);
/* C's time is over. C may be gone afterwards. */
void connection_expire(struct connection *c);
/* Frees what is kept for connections to come. */
void connection_free_spares(struct server *s);

/* --- exchange.c ----------------------------------------------------------- */

/* Hands REQ of C to the handler, whose answer is then in s->out. Sets what
 * the answer says about the end of C. */
void exchange_run(struct connection *c, const struct http_request *req);
/* Lets ANSWER make the answer that C waits for, likewise. */
void exchange_resume(struct connection *c, server_handler *answer, void *ctx);
/* Adds an answer with STATUS and the end of C to s->out. */
void exchange_refuse(struct connection *c, int status);

#endif

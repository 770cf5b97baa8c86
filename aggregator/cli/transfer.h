/*
 * transfer.h - HTTP and HTTPS requests, several at a time over kept
 * connections. The only file that knows libcurl is transfer.c.
 */
#ifndef AGGREGATOR_CLI_TRANSFER_H
#define AGGREGATOR_CLI_TRANSFER_H

#include <stdint.h>

#include "common/error.h"
#include "common/str.h"

struct transfer_settings {
	const char *url;     /* all go to it */
	size_t slots;        /* requests at a time */
	const char *ca_file; /* certificates to trust; NULL: the system's */
	long answer_s;       /* how long an answer may take */
	bool get;            /* GETs instead of POSTs: bodies are empty */
};

/* How a request ended. */
struct transfer_end {
	size_t slot;
	bool answered; /* else PROBLEM says why not */
	bool hopeless; /* not answered, and never will be: a malformed URL, a
			  certificate that is not trusted */
	bool unsent;   /* not answered, and surely nothing arrived */
	const char *problem;
	long status;
	int64_t retry_after_s; /* 0: not said */
	/* Lent until the next end; NULL: none. */
	const char *location; /* whole, of a redirect, which nobody follows */
	const char *content_type;
	struct str body; /* lent until its slot starts again */
};

struct transfers;
/* NULL and ERR when libcurl cannot be used. The caller owns the result. */
struct transfers *transfers_open(
    const struct transfer_settings *set, struct error *err) MUST_CHECK;
void transfers_close(struct transfers *t); /* NULL is allowed */

/*
 * POSTs (or GETs) BODY (lent until the end) with HEADERS ("Name: value", the
 * last is NULL; copied) by SLOT, which is not under way.
 */
bool transfers_start(struct transfers *t, size_t slot,
    const char *const *headers, struct str body, struct error *err) MUST_CHECK;
/* The next that has ended; false when none has. Moves bytes. */
bool transfers_next(struct transfers *t, struct transfer_end *end);
/* Sleeps until something can be done, WAIT_MS at most. */
void transfers_wait(struct transfers *t, int wait_ms);

/* An absolute URL and what it is made of. */
struct transfer_url {
	char *url;           /* without a fragment */
	char *scheme, *host; /* with the port, if it says one */
	char *path;          /* with the query */
};
/* REF as a page at BASE (NULL: none) means it. False when it is no http(s)
 * URL; OUT is to be freed in both cases. */
bool transfer_url_join(
    const char *base, const char *ref, struct transfer_url *out) MUST_CHECK;
void transfer_url_free(struct transfer_url *u);

#endif

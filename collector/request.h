/*
 * request.h - what a handler of the route table gets: one request, and the
 * parts of the collector it may use.
 */
#ifndef COLLECTOR_REQUEST_H
#define COLLECTOR_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "common/forwarded.h"
#include "collector/hit.h"
#include "common/limits.h"
#include "collector/recent.h"
#include "collector/refusals.h"
#include "collector/settings.h"
#include "collector/spool.h"
#include "common/inflate.h"
#include "common/server.h"

/* What all requests of one worker share; the worker owns it. */
struct request_shared {
	const struct collector_settings *set;
	const struct forwarded *proxies;
	struct str cookie_key;
	struct salt *salt; /* the day's; NULL: none */
	/* These may change between two requests. */
	const struct sites *sites;
	const struct erased *erased;
	const struct collector_limits *limits;
	struct limits *addresses, *site_hits; /* tokens of each */
	struct recent *recent;
	struct refusals *refusals;
	struct inflate *inflate;
	struct buf inflated; /* body of a request */
	struct spool *spool;
	struct buf scratch; /* of a record, then of an answer */
	uint64_t last_seq;  /* that the spool gave out */
	/* Read by the sync thread: a number that no record in the spool is
	 * above, so that none is missed when a group could not be written. */
	_Atomic uint64_t highest_seq;
	/* When the spool last refused a record, by clock_mono_ms(). */
	_Atomic int64_t refused_ms;
};

struct request {
	struct exchange *exchange;
	const struct http_request *http;
	struct arena *arena;
	struct request_shared *shared;

	/* What has become of its hits. */
	struct hit_context context;
	struct hit_cookies cookies;
	char client[FORWARDED_ADDRESS_MAX]; /* by request_client() */
	char ip[FORWARDED_ADDRESS_MAX];     /* truncated */
	const char *dropped;   /* names of what its hit has lost, or NULL */
	bool noted;            /* its verdict is among the recent ones */
	int64_t retry_after_s; /* for a 429 or 503; 0: 1 */
	uint64_t last_seq;
	size_t accepted;
};

typedef void request_handler(struct request *r);

/* The address of the client, as far as the proxies are to be believed. */
struct str request_client(struct request *r);

/*
 * False when R's address has sent too much; 429 was answered then.
 */
bool request_admit(struct request *r) MUST_CHECK;

/*
 * Sets *BODY to R's body, inflated where it came compressed; lent until R is
 * answered. False when it cannot be (400), is too long (413) or in a coding
 * that we do not take (415): that was answered and counted.
 */
bool request_body(struct request *r, struct str *body) MUST_CHECK;

/* Fills R->context for LANE from the request's headers. */
void request_context(struct request *r, enum hit_lane lane);

/* Gives a record to the spool of S; its number, or 0 and ERR. */
uint64_t request_spool(struct request_shared *s, struct str key,
    struct str value, struct error *err) MUST_CHECK;

/* Counts HITS of SITE (NULL: of the site that R was sent to, if any) that
 * were refused because of WHY. */
void request_refused(
    struct request *r, const struct site *site, enum metric why, uint64_t hits);

/*
 * Gives REC, a hit of SITE, to the spool. False and *NO when SITE's limit is
 * reached (METRIC_REJECTED_RATE), when the spool takes none now
 * (METRIC_REJECTED_SPOOL) or never one so long (METRIC_REJECTED_SIZE).
 */
bool request_take(struct request *r, const struct site *site,
    const struct record *rec, struct hit_refusal *no) MUST_CHECK;

/*
 * Counts the verdict on a hit and keeps it for /debug/hits: accepted, or
 * refused for NO. SITE and REC may be NULL.
 */
void request_verdict(struct request *r, const struct site *site,
    const struct record *rec, const struct hit_refusal *no);

/* Sets the cookies that the hits asked for. */
void request_cookies(struct request *r);

/* Sets (OUT) or takes away the cookie that objects; OUT deletes the rest. */
void request_opt_out(struct request *r, bool out);

/* Answers; if hits were taken the answer waits until they are durable. */
void request_answer(struct request *r, int status, struct str body);

/* Answers STATUS with {"error":WHY}; WHY is our own text. */
void request_refuse(struct request *r, int status, const char *why);

/* Adds Retry-After to an answer of STATUS 429 or 503. */
void request_retry_after(struct request *r, int status);

/* The status that tells the sender of one refused hit what to do. */
int request_status(const struct hit_refusal *no);

/* True when the body may be JSON; else 415 was answered. */
bool request_is_json(struct request *r) MUST_CHECK;

#endif

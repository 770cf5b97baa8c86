/*
 * request.h - what a handler of the route table gets: one request, and the
 * parts of the collector it may use.
 */
#ifndef COLLECTOR_REQUEST_H
#define COLLECTOR_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "collector/forwarded.h"
#include "collector/hit.h"
#include "collector/settings.h"
#include "collector/spool.h"
#include "common/server.h"

/* What all requests of one worker share; the worker owns it. */
struct request_shared {
	const struct collector_settings *set;
	const struct forwarded *proxies;
	struct str cookie_key;
	const struct sites *sites; /* may change between two requests */
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
	char ip[FORWARDED_ADDRESS_MAX]; /* truncated */
	uint64_t last_seq;
	size_t accepted;
};

typedef void request_handler(struct request *r);

/* Fills R->context for LANE from the request's headers. */
void request_context(struct request *r, enum hit_lane lane);

/*
 * Gives REC to the spool. False and *NO when it takes none now
 * (METRIC_REJECTED_SPOOL) or never one so long (METRIC_REJECTED_SIZE).
 */
bool request_take(struct request *r, const struct record *rec,
    struct hit_refusal *no) MUST_CHECK;

/* Sets the cookies that the hits asked for. */
void request_cookies(struct request *r);

/* Answers; if hits were taken the answer waits until they are durable. */
void request_answer(struct request *r, int status, struct str body);

/* Answers STATUS with {"error":WHY}; WHY is our own text. */
void request_refuse(struct request *r, int status, const char *why);

/* The status that tells the sender of one refused hit what to do. */
int request_status(const struct hit_refusal *no);

/* True when the body may be JSON; else 415 was answered. */
bool request_is_json(struct request *r) MUST_CHECK;

#endif

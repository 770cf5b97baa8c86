/*
 * worker.h - a thread that takes hits: one server, one spool, and the
 * answers that wait between the two.
 */
#ifndef COLLECTOR_WORKER_H
#define COLLECTOR_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "common/forwarded.h"
#include "collector/recent.h"
#include "collector/settings.h"
#include "collector/spool.h"
#include "common/error.h"

struct worker;

struct worker_settings {
	const struct collector_settings *set; /* outlives the worker */
	const struct forwarded *proxies;      /* the same */
	struct str cookie_key;                /* the same */
	struct salt *salt;                    /* the same */
	struct spool_dir *dir;                /* the same */
	const char *listen;
};

/*
 * Binds and opens a spool; nothing is served yet. Holds BOOK by itself. NULL
 * and ERR when it cannot. The caller owns the result.
 */
struct worker *worker_open(const struct worker_settings *set,
    struct site_book *book, struct error *err) MUST_CHECK;
uint16_t worker_port(const struct worker *w);
struct spool *worker_spool(const struct worker *w);

/* Its last hits; lent until worker_close(). */
struct recent *worker_recent(const struct worker *w);

/* Starts the thread. */
bool worker_start(struct worker *w, struct error *err) MUST_CHECK;

/* From any thread: requests from now on are judged by BOOK. */
void worker_sites(struct worker *w, struct site_book *book);
/* From any thread: the hits refused by now are to be told to Kafka. */
void worker_report(struct worker *w);
/* From the publisher's thread: Kafka has all below FLOOR. */
void worker_confirmed(struct worker *w, uint64_t floor);
/*
 * True when W's loop has turned since the last call, which asks it to. Idle
 * workers turn for nothing else, so that a stuck one is told from them.
 */
bool worker_alive(struct worker *w);
/* How long ago the spool last refused a record, in ms; INT64_MAX: never. */
int64_t worker_refused_ago_ms(const struct worker *w, int64_t mono_ms);

/* From any thread: no new connections; answers what has come. */
void worker_stop(struct worker *w, int64_t deadline_ms);
/* Waits for the thread's end; all its records are in the spool then. */
void worker_join(struct worker *w);
/* Frees a worker that was joined or never started; the spool is the
 * directory's. NULL is allowed. */
void worker_close(struct worker *w);

#endif

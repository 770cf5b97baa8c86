/*
 * spool.h - records kept on disk until Kafka has them.
 *
 * A browser is answered only after its record was synced: from then on
 * neither a crash nor days without Kafka lose it. Each worker thread owns
 * one spool; its sync thread writes and fdatasyncs what has gathered (group
 * commit) while the next group gathers; the publisher reads every record
 * from the segment files, which are in the page cache unless there was an
 * outage, so memory does not grow with the backlog.
 *
 * A directory holds the spools of one process (flock). Each start mints new
 * spool ids; what an earlier run left is opened for reading and drained.
 */
#ifndef COLLECTOR_SPOOL_H
#define COLLECTOR_SPOOL_H

#include <stdint.h>

#include "common/error.h"
#include "common/str.h"

#define SPOOL_RECORD_MAX 65536 /* bytes of key and value together */
/* Records read and not confirmed in one spool; spool_next() waits at that. */
#define SPOOL_WINDOW 65536

enum durability {
	DURABILITY_DISK,  /* answer when fdatasync'ed: the default */
	DURABILITY_KAFKA, /* answer when Kafka has confirmed */
	DURABILITY_MEMORY /* answer at once; written, not synced */
};

struct spool_dir; /* the directory: lock, recycled segments, total bytes */
struct spool;     /* one sequence of records with one spool id */

struct spool_settings {
	const char *dir;       /* made (0700) if its parent exists */
	int64_t max_bytes;     /* of all segments; when reached, appends fail */
	int64_t segment_bytes; /* preallocated and overwritten */
	int durability;        /* enum durability */
};

/* Locks the directory. NULL and ERR naming it when that cannot be. */
struct spool_dir *spool_dir_open(
    const struct spool_settings *set, struct error *err) MUST_CHECK;
void spool_dir_close(struct spool_dir *dir);

/*
 * Starts a new spool in DIR. SYNCED(CTX, seq, ok) is called in the sync
 * thread after each group: all records up to SEQ are durable (ok), or those
 * after the last good SEQ could not be made so (not ok: answer 503; they are
 * not in the spool). Calls come in order and each one counts: refused numbers
 * are never used again, and a later ok with a higher SEQ does not cover them.
 */
struct spool *spool_open(struct spool_dir *dir,
    void (*synced)(void *ctx, uint64_t seq, bool ok), void *ctx,
    struct error *err) MUST_CHECK;
uint64_t spool_id(const struct spool *sp);

/*
 * Appends a copy of KEY and VALUE (the record JSON without its place) to the
 * gathering group. Returns the record's seq, or 0 and ERR: ERROR_RETRY when
 * the disk or max_bytes is full (answer 503), ERROR_REJECT when it is too
 * long (413). Owning worker only.
 */
uint64_t spool_append(struct spool *sp, struct str key, struct str value,
    struct error *err) MUST_CHECK;
/* Hands the gathered group to the sync thread, which takes it at once or
 * when it is done with the one before. Owning worker only, before its loop
 * sleeps. */
void spool_flush(struct spool *sp);
/* True while the call of synced() for a group handed over is still to come.
 * Whoever is woken by that may flush then, and has a larger group. */
bool spool_syncing(const struct spool *sp);
/* No more appends: writes and syncs what is left and ends the sync thread. */
void spool_stop(struct spool *sp);

/* --- the publisher's side: one thread for all spools of DIR ------------- */
struct spool_record {
	uint64_t seq;
	struct str key, value; /* lent until the next spool_next() on it */
};
/* Spools with unconfirmed records: those of earlier runs first, then the
 * running ones. Lends the array until the next call. */
struct spool **spool_dir_list(struct spool_dir *dir, size_t *count);
/* The next durable record after the read place; false when there is none
 * now. Reading moves the place. */
bool spool_next(struct spool *sp, struct spool_record *out);
/* Reads again whatever is not confirmed from SEQ (>= floor) on, before new
 * records: the producer was rebuilt. */
void spool_rewind(struct spool *sp, uint64_t seq);
/* The same for the one record SEQ, which was read and is not confirmed. */
void spool_again(struct spool *sp, uint64_t seq);
/* Lends the record SEQ, which was read and is not confirmed, once more, and
 * changes nothing. False when it cannot be read (damaged). */
bool spool_read(struct spool *sp, uint64_t seq, struct spool_record *out);
/* Kafka has confirmed SEQ (in any order). Moves the floor, frees segments;
 * a drained spool of an earlier run is removed. */
void spool_confirm(struct spool *sp, uint64_t seq);
/* Every seq below this one is confirmed. */
uint64_t spool_floor(const struct spool *sp);
/* Records on disk and not confirmed. Any thread. */
uint64_t spool_pending(const struct spool *sp);
/* Brings the gauges SPOOL_PENDING, _BYTES and _OLDEST up to NOW_MS (wall
 * clock); the publisher calls it each second. */
void spool_dir_gauges(struct spool_dir *dir, int64_t now_ms);
/* CALL(CTX) whenever new records became durable (from the sync thread):
 * wake the publisher. */
void spool_dir_on_durable(
    struct spool_dir *dir, void (*call)(void *ctx), void *ctx);

#endif

/*
 * spool_internal.h - what spool.c, spool_reader.c and spool_dir.c know of
 * each other.
 *
 * Lock order: dir->lock, then spool->lock. Neither is held over a write.
 */
#ifndef COLLECTOR_SPOOL_INTERNAL_H
#define COLLECTOR_SPOOL_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "collector/spool.h"
#include "collector/spool_segment.h"
#include "collector/spool_window.h"

/* A group as it was written, for a reader that is not far behind. */
struct spool_chunk {
	struct spool_chunk *next;
	uint32_t index; /* of its segment */
	int64_t at;     /* in its segment */
	struct buf bytes;
};

struct spool {
	struct spool *next; /* dir->lock */
	struct spool_dir *dir;
	uint64_t id;
	bool recovered; /* of an earlier run: only read */
	bool threaded;
	int64_t oldest_ms; /* of a recovered one's first record */
	void (*synced)(void *ctx, uint64_t seq, bool ok);
	void *ctx;

	/* Worker and sync thread, under lock. */
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_t thread;
	struct buf gather;  /* encoded records of the next group */
	size_t group_bytes; /* of the group being written */
	int64_t room;       /* left for records in segments we have */
	uint64_t last_seq;  /* given out */
	bool handed, stopping, starved;
	_Atomic bool syncing; /* synced() of the group is still to come */

	/* The sync thread's. */
	struct buf group;
	struct spool_segment *current, *ahead;
	uint32_t next_index;
	uint64_t good_seq; /* durable */
	uint64_t lost_seq; /* the last that the disk did not take; 0: none */
	int failures;      /* in a row */
	int64_t retry_ms;  /* when to ask for a segment again */

	/* Oldest first; the sync thread adds, the reader takes away. Under
	 * lock, but for the reader's own look at the first. */
	struct spool_segment *first, *last;
	/* The same for groups in memory; they are given back to the sync
	 * thread, the last one first, as that is still in the cache. */
	struct spool_chunk *chunk_first, *chunk_last, *chunk_spare;
	size_t chunk_count, chunk_bytes;
	_Atomic bool ended; /* nothing will be added any more */

	/* The publisher's. */
	struct spool_segment *reading, *rereading;
	struct spool_cursor forward; /* new records */
	struct spool_cursor behind;  /* records read again */
	struct spool_window window;
	uint64_t floor;

	_Atomic uint64_t written_count, read_count, window_live;
};

/* In spool_dir.c. */

/* A segment for SP numbered INDEX, its name durable; NULL and ERROR_RETRY
 * when the disk or max_bytes is full. Sync threads. */
struct spool_segment *spool_dir_take(struct spool_dir *dir, uint64_t id,
    uint32_t index, struct error *err) MUST_CHECK;
/* SEG holds nothing of worth: keeps it for the next one or removes it. */
void spool_dir_give(struct spool_dir *dir, struct spool_segment *seg);
/* New records are durable. */
void spool_dir_durable(struct spool_dir *dir);
void spool_dir_add(struct spool_dir *dir, struct spool *sp);
int spool_dir_fd(const struct spool_dir *dir);
int spool_dir_durability(const struct spool_dir *dir);

/* In spool_reader.c. */

/* True when it will never have another record to read or confirm. */
bool spool_drained(const struct spool *sp);
/* Time of the oldest unconfirmed record, -1 if unknown, and the bytes of
 * segments that hold any. The publisher's thread. */
int64_t spool_oldest(struct spool *sp, int64_t *bytes);
/* The group that was written at AT of its segment stays in memory for the
 * reader, if that is not too far behind; GROUP is then another, empty one.
 * Before the reader may have it. The sync thread. */
void spool_keep(struct spool *sp, const struct spool_segment *seg, int64_t at,
    struct buf *group);
void spool_free_chunks(struct spool *sp);
/* In spool.c. */

/* An empty spool without a thread. */
struct spool *spool_new(struct spool_dir *dir, uint64_t id);
/* Adds a segment for the reader. */
void spool_add_segment(struct spool *sp, struct spool_segment *seg);
/* Gives back what it has; segments with unconfirmed records stay on disk. */
void spool_free(struct spool *sp);

#endif

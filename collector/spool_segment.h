/*
 * spool_segment.h - one file of a spool: the record's form on disk, writing
 * it durably, and reading it back whatever happened to it.
 *
 * A record is a header, key and value, padded to 8 bytes. Its CRC32C starts
 * from spool id and segment index and covers seq, time, lengths and payload:
 * what an earlier owner left in a recycled file never validates.
 */
#ifndef COLLECTOR_SPOOL_SEGMENT_H
#define COLLECTOR_SPOOL_SEGMENT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/error.h"
#include "common/str.h"

#define SPOOL_SEGMENT_MIN 262144
#define SPOOL_SEGMENT_MAX (INT64_C(1) << 30)
#define SPOOL_NAME_MAX 48
#define SPOOL_SEQ_MAX ((UINT64_C(1) << 48) - 1)

/* What a spool asks of the system to be durable; tests put failures in. */
struct spool_calls {
	ssize_t (*pwrite)(int fd, const void *data, size_t len, off_t at);
	int (*fdatasync)(int fd);
	int (*fsync)(int fd);
	int (*fallocate)(int fd, int mode, off_t at, off_t len);
};
extern struct spool_calls spool_calls;

/* As it lies on disk, in the machine's byte order: a spool stays with it. */
struct spool_header {
	uint32_t crc;   /* of all that follows the stamp */
	uint32_t stamp; /* of the segment: finds the next record after damage */
	uint64_t seq;
	int64_t time_ms; /* when the group was written */
	uint32_t key_len, value_len;
};

struct spool_segment {
	struct spool_segment *next;
	uint64_t spool_id;
	uint32_t index;
	int fd; /* for writing; -1 when it is not open */
	int64_t size;
	char name[SPOOL_NAME_MAX];

	/* The sync thread's. */
	int64_t written; /* its next place */
	bool cut;        /* shorter than SIZE now: not worth keeping */
	int64_t filled; /* blocks exist up to here: writing costs no metadata */

	/* Between sync thread and reader. */
	_Atomic int64_t end;      /* readable up to here: it is durable */
	_Atomic uint64_t records; /* below end */
	_Atomic bool closed;      /* END will not move any more */

	/* The reader's. */
	uint64_t read; /* of RECORDS, damaged ones included */
	uint64_t live; /* read and not confirmed */
	bool passed;   /* everything in it was read */
};

/* Bytes a record takes in a segment. */
size_t spool_segment_room(size_t key_len, size_t value_len);
/* Appends the record to a group; crc, stamp and time come when it is written.
 */
void spool_segment_encode(
    struct buf *group, uint64_t seq, struct str key, struct str value);

/* "ID-INDEX.seg" into NAME, and back; false for any other name. */
void spool_segment_name(char name[SPOOL_NAME_MAX], uint64_t id, uint32_t index);
bool spool_segment_named(const char *name, uint64_t *id, uint32_t *index);

/* A new file NAME in DIR with SIZE bytes reserved. ERROR_RETRY: disk full. */
struct spool_segment *spool_segment_create(
    int dir, const char *name, int64_t size, struct error *err) MUST_CHECK;
/* An existing one, its file not opened. */
struct spool_segment *spool_segment_find(
    int dir, const char *name, struct error *err) MUST_CHECK;
/* Opens it for writing. */
bool spool_segment_open(
    struct spool_segment *seg, int dir, struct error *err) MUST_CHECK;
/* No more will be written; the reader opens the file for itself. */
void spool_segment_close(struct spool_segment *seg);
/* Makes it the empty segment INDEX of spool ID; bytes in it become stale. */
void spool_segment_reset(
    struct spool_segment *seg, uint64_t id, uint32_t index);
/* Closes the file and frees. NULL is allowed. */
void spool_segment_free(struct spool_segment *seg);

/*
 * Writes the first records of GROUP (from *FROM on) that fit, all stamped
 * NOW_MS, moves *FROM past them and counts them into *RECORDS; with SYNC it
 * returns after fdatasync. LAST gets the last seq. The caller publishes.
 */
bool spool_segment_write(struct spool_segment *seg, struct buf *group,
    size_t *from, int64_t now_ms, bool sync, uint64_t *records, uint64_t *last,
    struct error *err) MUST_CHECK;
/* Lets the reader have what was written. */
void spool_segment_publish(struct spool_segment *seg, uint64_t records);
/*
 * Ends SEG at its last good place after a failed write or sync: the state of
 * its pages is unknown and asking again would only get a false yes.
 */
void spool_segment_abandon(struct spool_segment *seg);
/* Writes and syncs the next slice of zero blocks; false when there is no
 * need for more. */
bool spool_segment_fill(struct spool_segment *seg);

/* A place in a segment, and a window of the file around it. */
struct spool_cursor {
	int fd;
	int64_t at;
	uint64_t last_seq; /* a record must have a higher one */
	uint64_t damaged;  /* records skipped so far */
	char *data;
	int64_t base;
	size_t len;
	/* What was written at LENT_AT, still in memory: whole records, which
	 * nobody has to check. */
	const char *lent;
	int64_t lent_at;
	size_t lent_len;
};
#define SPOOL_CURSOR_NONE ((struct spool_cursor){ .fd = -1 })
struct spool_found {
	int64_t at; /* where the record begins */
	uint64_t seq;
	int64_t time_ms;
	struct str key, value; /* lent until the cursor moves */
};
/*
 * The next whole record below LIMIT; what does not validate is skipped and
 * counted as long as whole ones follow. False at the end (AT is then past
 * the last whole record, or LIMIT if damage is last).
 */
bool spool_cursor_next(struct spool_cursor *c, const struct spool_segment *seg,
    int64_t limit, struct spool_found *out);
/* True when C has the record it is at in memory. */
bool spool_cursor_near(const struct spool_cursor *c);
/* Puts C at AT of SEG; false and errno when the file cannot be opened. */
bool spool_cursor_open(struct spool_cursor *c, int dir,
    const struct spool_segment *seg, int64_t at) MUST_CHECK;
void spool_cursor_free(struct spool_cursor *c);

/*
 * Finds what is whole in a segment an earlier run left: sets END, RECORDS
 * and CLOSED, cuts a torn tail off. LAST_SEQ is that of the segment before
 * and is moved on; FIRST gets the first record's seq and time. Returns the
 * number of damaged records.
 */
uint64_t spool_segment_recover(struct spool_segment *seg, int dir,
    uint64_t *last_seq, uint64_t *first_seq, int64_t *first_ms);

#endif

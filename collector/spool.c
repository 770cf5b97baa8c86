/*
 * spool.c - one spool's writing half: the worker gathers, the sync thread
 * makes a group durable while the next one gathers.
 *
 * Promise: synced(seq, true) is called only when every record up to SEQ that
 * was not refused is on disk, in a file whose name is on disk.
 */
#include "collector/spool_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "common/digest.h"
#include "common/log.h"
#include "common/metrics.h"

#define GATHER_MAX ((size_t)32 << 20) /* the disk is too slow beyond it */
#define GATHER_KEEP ((size_t)1 << 20) /* kept for the next group */
#define RETRY_MS 250                  /* between two tries for a segment */

static struct log_cause segment_trouble, write_trouble;

struct spool *
spool_new(struct spool_dir *dir, uint64_t id)
{
	struct spool *sp = mem_zero(1, sizeof(*sp));
	pthread_condattr_t attr;

	sp->dir = dir;
	sp->id = id;
	sp->floor = 1;
	sp->forward = SPOOL_CURSOR_NONE;
	sp->behind = SPOOL_CURSOR_NONE;
	pthread_mutex_init(&sp->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&sp->wake, &attr);
	pthread_condattr_destroy(&attr);
	return sp;
}

void
spool_add_segment(struct spool *sp, struct spool_segment *seg)
{
	pthread_mutex_lock(&sp->lock);
	if (sp->last == NULL)
		sp->first = seg;
	else
		sp->last->next = seg;
	sp->last = seg;
	pthread_mutex_unlock(&sp->lock);
}

uint64_t
spool_id(const struct spool *sp)
{
	return sp->id;
}

/* --- the sync thread ----------------------------------------------------- */

static int64_t
left_in(const struct spool_segment *seg)
{
	return seg == NULL ? 0 : seg->size - seg->written;
}

/* Tells the worker how much can still be taken in. */
static void
tell_room(struct spool *sp, bool starved)
{
	pthread_mutex_lock(&sp->lock);
	sp->room = left_in(sp->current) + left_in(sp->ahead);
	sp->starved = starved;
	pthread_mutex_unlock(&sp->lock);
}

static struct spool_segment *
take_segment(struct spool *sp, struct error *err)
{
	struct spool_segment *seg;

	seg = spool_dir_take(sp->dir, sp->id, sp->next_index, err);
	if (seg != NULL)
		sp->next_index++;
	return seg;
}

/* Makes the next segment the current one. */
static bool
advance(struct spool *sp, struct error *err)
{
	struct spool_segment *seg = sp->ahead;

	sp->ahead = NULL;
	if (seg == NULL)
		seg = take_segment(sp, err);
	if (seg == NULL) {
		tell_room(sp, true);
		return false;
	}
	if (sp->current != NULL)
		spool_segment_close(sp->current);
	sp->current = seg;
	spool_add_segment(sp, seg);
	return true;
}

/* True when the record at AT of the group fits into the current segment. */
static bool
fits(const struct spool *sp, size_t at)
{
	struct spool_header head;

	if (sp->current == NULL)
		return false;
	memcpy(&head, sp->group.data + at, sizeof(head));
	return left_in(sp->current) >=
	       (int64_t)spool_segment_room(head.key_len, head.value_len);
}

static bool
write_group(struct spool *sp, struct error *err)
{
	bool sync = spool_dir_durability(sp->dir) == DURABILITY_DISK;
	int64_t now_ms = clock_wall_ms();
	size_t from = 0;

	while (from < sp->group.len) {
		uint64_t records = 0, last = 0;
		int64_t at;

		if (!fits(sp, from) && !advance(sp, err))
			return false;
		at = sp->current->written;
		if (!spool_segment_write(sp->current, &sp->group, &from, now_ms,
			sync, &records, &last, err)) {
			spool_segment_abandon(sp->current);
			sp->current = NULL;
			return false;
		}
		sp->good_seq = last;
		/* Before it can be read, so that pending is never negative. */
		atomic_fetch_add(&sp->written_count, records);
		if (sp->current->written - at == (int64_t)sp->group.len)
			spool_keep(sp, sp->current, at, &sp->group);
		spool_segment_publish(sp->current, records);
		if (sync)
			metrics_inc(METRIC_SPOOL_SYNCS);
	}
	return true;
}

static void
shrink(struct buf *b)
{
	if (b->cap > GATHER_KEEP && b->len < b->cap / 8)
		buf_free(b);
	b->len = 0;
}

/*
 * All that was appended by now and is not durable is refused: the worker
 * answers 503 to what it has waiting, so what gathered meanwhile goes too.
 */
static void
drop_appended(struct spool *sp)
{
	uint64_t settled =
	    sp->good_seq > sp->lost_seq ? sp->good_seq : sp->lost_seq;

	pthread_mutex_lock(&sp->lock);
	sp->gather.len = 0;
	sp->lost_seq = sp->last_seq;
	pthread_mutex_unlock(&sp->lock);
	metrics_add(METRIC_SPOOL_UNWRITTEN, sp->lost_seq - settled);
}

static void
sync_group(struct spool *sp)
{
	uint64_t before = sp->good_seq;
	struct error err;
	bool ok = write_group(sp, &err);

	if (!ok) {
		metrics_inc(METRIC_SPOOL_SYNC_FAILURES);
		log_limited(&write_trouble, LOG_ERROR, "spool",
		    "hits refused: %s", err.text);
		drop_appended(sp);
	}
	/* One failure may be the segment's; two in a row are the disk's. */
	sp->failures = ok ? 0 : sp->failures + 1;
	sp->retry_ms = sp->failures > 1 ? clock_mono_ms() + RETRY_MS : 0;
	tell_room(sp, sp->failures > 1);
	/* Before the call: whoever it wakes finds the way free. */
	atomic_store(&sp->syncing, false);
	sp->synced(sp->ctx, sp->good_seq, ok);
	if (sp->good_seq != before)
		spool_dir_durable(sp->dir);
	shrink(&sp->group);
}

/* A segment ahead in time: when there is none, or the last is half full. */
static bool
wants_segment(const struct spool *sp)
{
	return sp->ahead == NULL &&
	       (sp->current == NULL ||
		   left_in(sp->current) < sp->current->size / 2);
}

static bool
wants_filling(const struct spool *sp, const struct spool_segment *seg)
{
	return seg != NULL && seg->filled < seg->size &&
	       spool_dir_durability(sp->dir) == DURABILITY_DISK;
}

static void
prepare(struct spool *sp)
{
	struct error err;

	sp->ahead = take_segment(sp, &err);
	sp->retry_ms = 0;
	if (sp->ahead == NULL) {
		sp->retry_ms = clock_mono_ms() + RETRY_MS;
		log_limited(&segment_trouble, LOG_WARNING, "spool",
		    "no room for further hits: %s", err.text);
	}
	tell_room(sp, sp->ahead == NULL);
}

/* Does one small thing ahead of need; false when there is nothing to do. */
static bool
upkeep(struct spool *sp)
{
	if (wants_segment(sp) && clock_mono_ms() >= sp->retry_ms)
		prepare(sp);
	else if (wants_filling(sp, sp->current))
		spool_segment_fill(sp->current);
	else if (wants_filling(sp, sp->ahead))
		spool_segment_fill(sp->ahead);
	else
		return false;
	return true;
}

/* Waits for a group or, when a segment is wanting, for the time to retry. */
static void
wait_for_work(struct spool *sp)
{
	struct timespec until;

	if (!wants_segment(sp)) {
		pthread_cond_wait(&sp->wake, &sp->lock);
		return;
	}
	until.tv_sec = sp->retry_ms / 1000;
	until.tv_nsec = sp->retry_ms % 1000 * 1000000;
	pthread_cond_timedwait(&sp->wake, &sp->lock, &until);
}

static void *
sync_thread(void *arg)
{
	struct spool *sp = arg;
	struct buf swap;

	pthread_mutex_lock(&sp->lock);
	for (;;) {
		while (!sp->handed && !sp->stopping) {
			bool busy;

			/* About to be handed over: nothing in its way. */
			if (sp->gather.len > 0) {
				pthread_cond_wait(&sp->wake, &sp->lock);
				continue;
			}
			pthread_mutex_unlock(&sp->lock);
			busy = upkeep(sp);
			pthread_mutex_lock(&sp->lock);
			if (!busy && !sp->handed && !sp->stopping)
				wait_for_work(sp);
		}
		if (sp->gather.len == 0 && sp->stopping)
			break;
		swap = sp->group;
		sp->group = sp->gather;
		sp->gather = swap;
		sp->group_bytes = sp->group.len;
		sp->handed = false;
		if (sp->group_bytes > 0) {
			atomic_store(&sp->syncing, true);
			pthread_mutex_unlock(&sp->lock);
			sync_group(sp);
			pthread_mutex_lock(&sp->lock);
		}
		sp->group_bytes = 0;
	}
	pthread_mutex_unlock(&sp->lock);
	return NULL;
}

/* --- the worker ---------------------------------------------------------- */

struct spool *
spool_open(struct spool_dir *dir,
    void (*synced)(void *ctx, uint64_t seq, bool ok), void *ctx,
    struct error *err)
{
	sigset_t all, before;
	struct spool *sp;
	struct error trouble;
	uint64_t id;
	int code;

	do {
		digest_random(&id, sizeof(id));
	} while (id == 0);
	sp = spool_new(dir, id);
	sp->synced = synced;
	sp->ctx = ctx;
	/* A full disk is no reason not to start: drain and answer 503. */
	if (!advance(sp, &trouble) && trouble.kind != ERROR_RETRY) {
		if (err != NULL)
			*err = trouble;
		spool_free(sp);
		return NULL;
	}
	tell_room(sp, sp->current == NULL);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	code = pthread_create(&sp->thread, NULL, sync_thread, sp);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (code != 0) {
		error_set(err, ERROR_FATAL, "cannot start a thread: %s",
		    strerror(code));
		atomic_store(&sp->ended, true);
		spool_free(sp);
		return NULL;
	}
	sp->threaded = true;
	spool_dir_add(dir, sp);
	return sp;
}

uint64_t
spool_append(
    struct spool *sp, struct str key, struct str value, struct error *err)
{
	size_t size = spool_segment_room(key.len, value.len);
	uint64_t seq = 0;

	if (key.len > SPOOL_RECORD_MAX || value.len > SPOOL_RECORD_MAX ||
	    key.len + value.len > SPOOL_RECORD_MAX) {
		error_set(err, ERROR_REJECT,
		    "a record of %zu bytes is longer than %d",
		    key.len + value.len, SPOOL_RECORD_MAX);
		return 0;
	}
	pthread_mutex_lock(&sp->lock);
	if (sp->stopping)
		error_set(err, ERROR_RETRY, "the spool is closing");
	else if (sp->starved &&
		 (int64_t)(sp->group_bytes + sp->gather.len + size) > sp->room)
		error_set(err, ERROR_RETRY, "the spool is full");
	else if (sp->gather.len + size > GATHER_MAX)
		error_set(err, ERROR_RETRY, "the spool's disk is too slow");
	else {
		seq = ++sp->last_seq;
		spool_segment_encode(&sp->gather, seq, key, value);
	}
	pthread_mutex_unlock(&sp->lock);
	if (seq != 0)
		metrics_inc(METRIC_SPOOL_APPENDED);
	return seq;
}

void
spool_flush(struct spool *sp)
{
	bool wake;

	pthread_mutex_lock(&sp->lock);
	wake = sp->gather.len > 0 && !sp->handed;
	if (wake)
		sp->handed = true;
	pthread_mutex_unlock(&sp->lock);
	if (wake)
		pthread_cond_signal(&sp->wake);
}

bool
spool_syncing(const struct spool *sp)
{
	return atomic_load(&sp->syncing);
}

void
spool_stop(struct spool *sp)
{
	if (sp->threaded) {
		pthread_mutex_lock(&sp->lock);
		sp->stopping = true;
		pthread_mutex_unlock(&sp->lock);
		pthread_cond_signal(&sp->wake);
		pthread_join(sp->thread, NULL);
		sp->threaded = false;
	}
	if (sp->current != NULL)
		spool_segment_close(sp->current);
	sp->current = NULL;
	if (sp->ahead != NULL)
		spool_dir_give(sp->dir, sp->ahead);
	sp->ahead = NULL;
	atomic_store(&sp->ended, true);
}

void
spool_free(struct spool *sp)
{
	bool all_done = spool_pending(sp) == 0;
	struct spool_segment *seg;

	if (sp->ahead != NULL)
		spool_dir_give(sp->dir, sp->ahead);
	while ((seg = sp->first) != NULL) {
		sp->first = seg->next;
		if (all_done)
			spool_dir_give(sp->dir, seg);
		else
			spool_segment_free(seg);
	}
	spool_cursor_free(&sp->forward);
	spool_cursor_free(&sp->behind);
	spool_window_free(&sp->window);
	spool_free_chunks(sp);
	buf_free(&sp->gather);
	buf_free(&sp->group);
	pthread_cond_destroy(&sp->wake);
	pthread_mutex_destroy(&sp->lock);
	free(sp);
}

/*
 * spool_reader.c - one spool's reading half, the publisher's: every durable
 * record, again what was not confirmed, and the floor below which all is.
 */
#include "collector/spool_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/metrics.h"

#define CHUNK_COUNT 256                /* groups that may wait in memory */
#define CHUNK_BYTES ((size_t)2 << 20)  /* and theirs; all are on disk too */
#define CHUNK_KEEP ((size_t)256 << 10) /* a larger one is not used again */

static struct log_cause read_trouble;

/* --- groups in memory ---------------------------------------------------- */

void
spool_keep(struct spool *sp, const struct spool_segment *seg, int64_t at,
    struct buf *group)
{
	struct spool_chunk *c;
	struct buf empty;

	pthread_mutex_lock(&sp->lock);
	if (sp->chunk_count == CHUNK_COUNT ||
	    sp->chunk_bytes + group->cap > CHUNK_BYTES) {
		pthread_mutex_unlock(&sp->lock);
		return;
	}
	c = sp->chunk_spare;
	if (c != NULL)
		sp->chunk_spare = c->next;
	else
		c = mem_zero(1, sizeof(*c));
	empty = c->bytes;
	*c = (struct spool_chunk){ NULL, seg->index, at, *group };
	*group = empty;
	if (sp->chunk_first == NULL)
		sp->chunk_first = c;
	else
		sp->chunk_last->next = c;
	sp->chunk_last = c;
	sp->chunk_count++;
	sp->chunk_bytes += c->bytes.cap;
	pthread_mutex_unlock(&sp->lock);
}

/* Under lock: the first chunk has been read. */
static void
drop_chunk(struct spool *sp)
{
	struct spool_chunk *c = sp->chunk_first;

	sp->chunk_first = c->next;
	sp->chunk_count--;
	sp->chunk_bytes -= c->bytes.cap;
	c->bytes.len = 0;
	if (c->bytes.cap > CHUNK_KEEP)
		buf_free(&c->bytes);
	c->next = sp->chunk_spare;
	sp->chunk_spare = c;
}

/* Lends the group at the read place of SEG to the cursor, if it is there. */
static void
borrow(struct spool *sp, const struct spool_segment *seg)
{
	struct spool_cursor *at = &sp->forward;
	struct spool_chunk *c;

	at->lent_len = 0;
	pthread_mutex_lock(&sp->lock);
	while ((c = sp->chunk_first) != NULL &&
	       (c->index < seg->index ||
		   (c->index == seg->index &&
		       c->at + (int64_t)c->bytes.len <= at->at)))
		drop_chunk(sp);
	pthread_mutex_unlock(&sp->lock);
	if (c == NULL || c->index != seg->index || c->at > at->at)
		return;
	at->lent = c->bytes.data;
	at->lent_at = c->at;
	at->lent_len = c->bytes.len;
}

static void
free_chunks(struct spool_chunk *c)
{
	struct spool_chunk *next;

	for (; c != NULL; c = next) {
		next = c->next;
		buf_free(&c->bytes);
		free(c);
	}
}

void
spool_free_chunks(struct spool *sp)
{
	free_chunks(sp->chunk_first);
	free_chunks(sp->chunk_spare);
	sp->chunk_first = sp->chunk_spare = NULL;
}

/* --- reading -------------------------------------------------------------- */

/* Takes SEG, of which nothing is wanted any more, out of the list. */
static void
release(struct spool *sp, struct spool_segment *seg)
{
	struct spool_segment **at = &sp->first, *last = NULL;

	pthread_mutex_lock(&sp->lock);
	while (*at != NULL) {
		if (*at == seg) {
			*at = seg->next;
			continue;
		}
		last = *at;
		at = &last->next;
	}
	sp->last = last;
	pthread_mutex_unlock(&sp->lock);
	if (sp->rereading == seg)
		sp->rereading = NULL;
	spool_dir_give(sp->dir, seg);
}

/* The segment to read from, its file open; NULL when there is none now. */
static struct spool_segment *
reading(struct spool *sp)
{
	struct spool_segment *seg = sp->reading;

	if (seg != NULL && sp->forward.fd >= 0)
		return seg;
	if (seg == NULL) {
		pthread_mutex_lock(&sp->lock);
		for (seg = sp->first; seg != NULL && seg->passed;)
			seg = seg->next;
		pthread_mutex_unlock(&sp->lock);
	}
	if (seg == NULL)
		return NULL;
	if (spool_cursor_open(&sp->forward, spool_dir_fd(sp->dir), seg, 0)) {
		sp->reading = seg;
		return seg;
	}
	log_limited(&read_trouble, LOG_ERROR, "spool", "cannot read %s: %s",
	    seg->name, strerror(errno));
	/* Gone is gone; anything else may pass. Its seqs become a gap. */
	if (errno == ENOENT && atomic_load(&seg->closed)) {
		uint64_t lost = seg->records - seg->read;

		sp->reading = seg;
		sp->forward.at = atomic_load(&seg->end);
		seg->read += lost;
		atomic_fetch_add(&sp->read_count, lost);
		metrics_add(METRIC_SPOOL_DAMAGED, lost);
		return seg;
	}
	return NULL;
}

/* True when SEG, read to its end, can be left behind. */
static bool
pass(struct spool *sp, struct spool_segment *seg)
{
	bool ended = atomic_load(&sp->ended);
	bool more;

	pthread_mutex_lock(&sp->lock);
	more = seg->next != NULL;
	pthread_mutex_unlock(&sp->lock);
	if (!more && !ended)
		return false;
	atomic_fetch_add(&sp->read_count, seg->records - seg->read);
	seg->read = seg->records;
	seg->passed = true;
	sp->reading = NULL;
	if (sp->forward.fd >= 0) {
		uint64_t last_seq = sp->forward.last_seq;

		spool_cursor_free(&sp->forward);
		sp->forward.last_seq = last_seq;
	}
	if (seg->live == 0)
		release(sp, seg);
	return true;
}

static void
count_damage(struct spool *sp)
{
	if (sp->forward.damaged == 0)
		return;
	/* Of an earlier run it was counted when that was opened. */
	if (!sp->recovered) {
		metrics_add(METRIC_SPOOL_DAMAGED, sp->forward.damaged);
		log_limited(&read_trouble, LOG_ERROR, "spool",
		    "%" PRIu64 " records were damaged on the disk",
		    sp->forward.damaged);
	}
	sp->forward.damaged = 0;
}

static bool
next_new(struct spool *sp, struct spool_record *out)
{
	struct spool_found found;
	struct spool_segment *seg;

	while ((seg = reading(sp)) != NULL) {
		/* In this order: END does not move once it is closed. */
		bool closed = atomic_load(&seg->closed);
		int64_t end = atomic_load(&seg->end);
		bool got;

		if (sp->forward.at < end && !spool_cursor_near(&sp->forward))
			borrow(sp, seg);
		got = sp->forward.at < end &&
		      spool_cursor_next(&sp->forward, seg, end, &found);
		count_damage(sp);
		if (got) {
			spool_window_push(
			    &sp->window, found.seq, seg, found.at);
			seg->live++;
			seg->read++;
			atomic_fetch_add(&sp->window_live, 1);
			atomic_fetch_add(&sp->read_count, 1);
			*out = (struct spool_record){ found.seq, found.key,
				found.value };
			return true;
		}
		if (!closed || !pass(sp, seg))
			return false;
	}
	return false;
}

/* Reads E's record once more. False and *TRY_LATER when that may pass. */
static bool
reread(struct spool *sp, const struct spool_window_entry *e,
    struct spool_record *out, bool *try_later)
{
	struct spool_found found;

	*try_later = false;
	if (sp->rereading != e->seg || sp->behind.fd < 0) {
		sp->rereading = e->seg;
		if (!spool_cursor_open(
			&sp->behind, spool_dir_fd(sp->dir), e->seg, 0)) {
			*try_later = errno != ENOENT;
			return false;
		}
	}
	sp->behind.at = e->at;
	sp->behind.last_seq = e->seq - 1;
	if (!spool_cursor_next(
		&sp->behind, e->seg, atomic_load(&e->seg->end), &found) ||
	    found.seq != e->seq)
		return false;
	*out = (struct spool_record){ found.seq, found.key, found.value };
	return true;
}

bool
spool_read(struct spool *sp, uint64_t seq, struct spool_record *out)
{
	const struct spool_window_entry *e;
	uint64_t ordinal;
	bool try_later;

	e = spool_window_find(&sp->window, seq, &ordinal);
	return e != NULL && e->state != SPOOL_DONE &&
	       reread(sp, e, out, &try_later);
}

static bool
next_again(struct spool *sp, struct spool_record *out)
{
	struct spool_window_entry *e;
	bool try_later;

	while ((e = spool_window_take(&sp->window)) != NULL) {
		if (reread(sp, e, out, &try_later))
			return true;
		if (try_later) {
			spool_window_again(&sp->window, e->seq, e->seq);
			return false;
		}
		metrics_inc(METRIC_SPOOL_DAMAGED);
		log_limited(&read_trouble, LOG_ERROR, "spool",
		    "a record in %s was damaged on the disk", e->seg->name);
		spool_confirm(sp, e->seq);
	}
	return false;
}

bool
spool_next(struct spool *sp, struct spool_record *out)
{
	if (sp->window.again_count > 0 && next_again(sp, out))
		return true;
	if (spool_window_count(&sp->window) >= SPOOL_WINDOW)
		return false;
	return next_new(sp, out);
}

void
spool_rewind(struct spool *sp, uint64_t seq)
{
	spool_window_again(&sp->window, seq, UINT64_MAX);
}

void
spool_again(struct spool *sp, uint64_t seq)
{
	spool_window_again(&sp->window, seq, seq);
}

/* Every lower seq is confirmed, refused or damaged beyond reading. */
static void
raise_floor(struct spool *sp)
{
	const struct spool_window *w = &sp->window;

	if (spool_window_count(w) > 0)
		sp->floor = spool_window_at(w, w->head)->seq;
	else
		sp->floor = sp->forward.last_seq + 1;
}

void
spool_confirm(struct spool *sp, uint64_t seq)
{
	struct spool_window_entry *e;
	struct spool_segment *seg;
	uint64_t ordinal;

	e = spool_window_find(&sp->window, seq, &ordinal);
	if (e == NULL || e->state == SPOOL_DONE)
		return;
	seg = e->seg;
	spool_window_done(&sp->window, e);
	atomic_fetch_sub(&sp->window_live, 1);
	raise_floor(sp);
	if (--seg->live == 0 && seg->passed)
		release(sp, seg);
}

uint64_t
spool_floor(const struct spool *sp)
{
	return sp->floor;
}

uint64_t
spool_pending(const struct spool *sp)
{
	/* Read before written: a record counted as read was written. */
	uint64_t read = atomic_load(&sp->read_count);
	uint64_t written = atomic_load(&sp->written_count);

	return written - read + atomic_load(&sp->window_live);
}

int64_t
spool_oldest(struct spool *sp, int64_t *bytes)
{
	struct spool_cursor c = SPOOL_CURSOR_NONE;
	struct spool_segment *seg = NULL;
	struct spool_found found;
	int64_t at = 0, ms = -1;

	if (spool_pending(sp) == 0)
		return -1;
	if (spool_window_count(&sp->window) > 0) {
		seg = spool_window_at(&sp->window, sp->window.head)->seg;
		at = spool_window_at(&sp->window, sp->window.head)->at;
	}
	pthread_mutex_lock(&sp->lock);
	for (struct spool_segment *s = sp->first; s != NULL; s = s->next) {
		if (s->live == 0 && s->read == s->records)
			continue;
		*bytes += s->size;
		if (seg == NULL) {
			seg = s;
			at = s == sp->reading ? sp->forward.at : 0;
		}
	}
	pthread_mutex_unlock(&sp->lock);
	if (seg != NULL &&
	    spool_cursor_open(&c, spool_dir_fd(sp->dir), seg, at) &&
	    spool_cursor_next(&c, seg, atomic_load(&seg->end), &found))
		ms = found.time_ms;
	spool_cursor_free(&c);
	return ms;
}

bool
spool_drained(const struct spool *sp)
{
	return sp->first == NULL && atomic_load(&sp->ended);
}

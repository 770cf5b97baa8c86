/*
 * spool_window.c - seqs rise by one but for gaps (records refused or
 * damaged), so an entry stands at its distance from the first one or before.
 */
#include "collector/spool_window.h"

#include <stdlib.h>

#include "common/str.h"

#define FIRST_CAP 1024

static void
grow(struct spool_window *w)
{
	struct spool_window old = *w;

	w->cap = old.cap == 0 ? FIRST_CAP : old.cap * 2;
	w->ring = mem_alloc(w->cap * sizeof(*w->ring));
	for (uint64_t i = old.head; i != old.tail; i++)
		*spool_window_at(w, i) = *spool_window_at(&old, i);
	free(old.ring);
}

void
spool_window_push(
    struct spool_window *w, uint64_t seq, struct spool_segment *seg, int64_t at)
{
	if (spool_window_count(w) == w->cap)
		grow(w);
	*spool_window_at(w, w->tail++) = (struct spool_window_entry){
		.seq = seq, .seg = seg, .at = (uint32_t)at, .state = SPOOL_SENT
	};
}

/* The first ordinal whose seq is SEQ or higher. */
static uint64_t
lower_bound(const struct spool_window *w, uint64_t seq)
{
	uint64_t low = w->head, high = w->tail;
	uint64_t first, guess;

	if (low == high)
		return low;
	first = spool_window_at(w, low)->seq;
	if (seq <= first)
		return low;
	guess = low + (seq - first);
	if (seq - first < high - low && spool_window_at(w, guess)->seq == seq)
		return guess;
	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (spool_window_at(w, middle)->seq < seq)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct spool_window_entry *
spool_window_find(const struct spool_window *w, uint64_t seq, uint64_t *ordinal)
{
	struct spool_window_entry *e;

	*ordinal = lower_bound(w, seq);
	if (*ordinal == w->tail)
		return NULL;
	e = spool_window_at(w, *ordinal);
	return e->seq == seq ? e : NULL;
}

void
spool_window_again(struct spool_window *w, uint64_t seq, uint64_t upto)
{
	uint64_t i = lower_bound(w, seq);

	for (; i != w->tail; i++) {
		struct spool_window_entry *e = spool_window_at(w, i);

		if (e->seq > upto)
			break;
		if (e->state != SPOOL_SENT)
			continue;
		e->state = SPOOL_AGAIN;
		if (w->again_count++ == 0 || i < w->again_from)
			w->again_from = i;
	}
}

struct spool_window_entry *
spool_window_take(struct spool_window *w)
{
	if (w->again_count == 0)
		return NULL;
	if (w->again_from < w->head)
		w->again_from = w->head;
	for (;; w->again_from++) {
		struct spool_window_entry *e =
		    spool_window_at(w, w->again_from);

		if (e->state != SPOOL_AGAIN)
			continue;
		e->state = SPOOL_SENT;
		w->again_from++;
		w->again_count--;
		return e;
	}
}

void
spool_window_done(struct spool_window *w, struct spool_window_entry *e)
{
	if (e->state == SPOOL_AGAIN)
		w->again_count--;
	e->state = SPOOL_DONE;
	while (w->head != w->tail &&
	       spool_window_at(w, w->head)->state == SPOOL_DONE)
		w->head++;
}

void
spool_window_free(struct spool_window *w)
{
	free(w->ring);
	*w = (struct spool_window){ 0 };
}

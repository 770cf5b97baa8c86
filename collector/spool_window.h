/*
 * spool_window.h - the records of a spool that were read and are not all
 * confirmed: a ring in order of seq, from the floor on.
 */
#ifndef COLLECTOR_SPOOL_WINDOW_H
#define COLLECTOR_SPOOL_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct spool_segment;

enum spool_window_state {
	SPOOL_SENT,  /* on its way to Kafka */
	SPOOL_AGAIN, /* to be read once more */
	SPOOL_DONE   /* confirmed, waiting for a lower one */
};
struct spool_window_entry {
	uint64_t seq;
	struct spool_segment *seg;
	uint32_t at; /* where it begins in SEG */
	int state;   /* enum spool_window_state */
};
struct spool_window {
	struct spool_window_entry *ring;
	size_t cap;          /* a power of 2 */
	uint64_t head, tail; /* ordinals; entry n is ring[n & (cap - 1)] */
	uint64_t again_from; /* no entry before it is SPOOL_AGAIN */
	size_t again_count;
};

static inline size_t
spool_window_count(const struct spool_window *w)
{
	return (size_t)(w->tail - w->head);
}
static inline struct spool_window_entry *
spool_window_at(const struct spool_window *w, uint64_t ordinal)
{
	return &w->ring[ordinal & (w->cap - 1)];
}
/* Adds a record just read; its SEQ is the highest so far. */
void spool_window_push(struct spool_window *w, uint64_t seq,
    struct spool_segment *seg, int64_t at);
/* The entry of SEQ, its ordinal in *ORDINAL; NULL when there is none. */
struct spool_window_entry *spool_window_find(
    const struct spool_window *w, uint64_t seq, uint64_t *ordinal);
/* Marks the entries from SEQ to UPTO that are on their way to be read again.
 */
void spool_window_again(struct spool_window *w, uint64_t seq, uint64_t upto);
/* Takes the lowest entry that is to be read again; NULL when none is. */
struct spool_window_entry *spool_window_take(struct spool_window *w);
/* Confirms E and lets go of all done ones in front. */
void spool_window_done(struct spool_window *w, struct spool_window_entry *e);
void spool_window_free(struct spool_window *w);

#endif

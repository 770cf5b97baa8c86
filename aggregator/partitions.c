/*
 * partitions.c - offsets read, sent and committed.
 */
#include "aggregator/partitions.h"

#include <stdlib.h>

struct partition *
partitions_find(struct partitions *p, int32_t number)
{
	for (size_t i = 0; i < p->count; i++) {
		if (p->at[i].number == number)
			return &p->at[i];
	}
	return NULL;
}

struct partition *
partitions_at(struct partitions *p, int32_t number)
{
	struct partition *one = partitions_find(p, number);

	if (one != NULL)
		return one;
	p->at = mem_grow(p->at, (p->count + 1) * sizeof(*p->at));
	one = &p->at[p->count++];
	*one = (struct partition){ .number = number, .dedup = dedup_new() };
	return one;
}

void
partitions_free(struct partitions *p)
{
	for (size_t i = 0; i < p->count; i++) {
		dedup_free(p->at[i].dedup);
		buf_free(&p->at[i].stored_dedup);
	}
	free(p->at);
	*p = (struct partitions){ NULL, 0 };
}

void
steps_free(struct steps *s)
{
	free(s->at);
	buf_free(&s->dedup);
	*s = (struct steps){ NULL, 0, 0, { NULL, 0, 0 } };
}

static struct batch_position *
add(struct steps *s)
{
	if (s->count == s->cap) {
		s->cap = s->cap == 0 ? 8 : s->cap * 2;
		s->at = mem_grow(s->at, s->cap * sizeof(*s->at));
	}
	return &s->at[s->count++];
}

void
partitions_step(struct partitions *p, struct kafka_consumer *kafka,
    int64_t now_ms, bool heartbeat, struct steps *out)
{
	size_t at = 0;

	out->count = 0;
	out->dedup.len = 0;
	for (size_t i = 0; i < p->count; i++) {
		struct partition *one = &p->at[i];
		int64_t end = kafka_end(kafka, one->number);
		bool caught_up = end >= 0 && one->next >= end;
		size_t before = out->dedup.len;

		if (!one->ours || !one->claimed ||
		    (one->next == one->committed && !(heartbeat && caught_up)))
			continue;
		dedup_save(one->dedup, &out->dedup);
		*add(out) = (struct batch_position){ .partition = one->number,
			.epoch = one->epoch,
			.old_offset = one->committed,
			.next_offset = one->next,
			.dedup = { NULL, out->dedup.len - before },
			.watermark_ms =
			    caught_up ? now_ms : one->watermark_ms };
		one->watermark_ms = 0;
	}
	/* Only now do the bytes stay where they are. */
	for (size_t i = 0; i < out->count; i++) {
		out->at[i].dedup.data = out->dedup.data + at;
		at += out->at[i].dedup.len;
	}
}

void
partitions_settle(struct partitions *p, const struct steps *s)
{
	for (size_t i = 0; i < s->count; i++) {
		struct partition *one = partitions_find(p, s->at[i].partition);

		if (one->committed != s->at[i].next_offset) {
			one->stored_dedup.len = 0;
			buf_add_str(&one->stored_dedup, s->at[i].dedup);
		}
		one->committed = s->at[i].next_offset;
	}
}

int64_t
partitions_lag(struct partitions *p, struct kafka_consumer *kafka)
{
	int64_t lag = 0;

	for (size_t i = 0; i < p->count; i++) {
		int64_t end = kafka_end(kafka, p->at[i].number);

		if (p->at[i].ours && end > p->at[i].committed)
			lag += end - p->at[i].committed;
	}
	return lag;
}

int64_t
partitions_stopped(const struct partitions *p)
{
	int64_t stopped = 0;

	for (size_t i = 0; i < p->count; i++)
		stopped += p->at[i].ours && p->at[i].lost;
	return stopped;
}

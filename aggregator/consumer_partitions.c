/*
 * consumer_partitions.c - partitions come and go: claimed in the table as the
 * group assigns them, given up as it takes them, and read again from what is
 * committed when a batch is given up.
 */
#include "aggregator/consumer_internal.h"

#include "common/clock.h"
#include "common/log.h"

void
consumer_await_writer(struct consumer *c)
{
	while (c->sent)
		(void)consumer_land(c, -1);
}

bool
consumer_claim(struct consumer *c, struct partition *p)
{
	struct batch_position at;
	struct postgres *pg;
	struct error err;

	consumer_await_writer(c);
	pg = writer_postgres(c->writer, &err);
	if (pg == NULL ||
	    !batch_claim(writer_store(c->writer), pg, p->number, 0, c->owner,
		&at, &p->stored_dedup, &err) ||
	    !suppressed_refresh(
		&c->suppressed, pg, c->w->set->erased_file, &err) ||
	    !dedup_load(p->dedup, buf_str(&p->stored_dedup), &err)) {
		error_wrap(&err, "claiming partition %d", (int)p->number);
		(void)world_may_retry(c->w, "consumer", &err);
		return false;
	}
	p->epoch = at.epoch;
	p->committed = p->next = at.next_offset;
	p->claimed = true;
	log_info("consumer", "partition %d from offset %lld, epoch %lld",
	    (int)p->number, (long long)p->next, (long long)p->epoch);
	return true;
}

static int64_t
assigned(void *ctx, int32_t number)
{
	struct consumer *c = ctx;
	struct partition *p = partitions_at(&c->parts, number);

	p->ours = true;
	p->claimed = p->lost = p->fenced = p->seek = false;
	p->gap = -1;
	p->moved = clock_mono_ms();
	/* Whoever had it may have written visits that we remember. */
	consumer_await_writer(c);
	batch_store_forget(writer_store(c->writer));
	c->cold = true;
	return consumer_claim(c, p) ? p->next : -1;
}

static void
revoked(void *ctx, int32_t number)
{
	struct consumer *c = ctx;
	struct partition *p = partitions_find(&c->parts, number);

	if (p == NULL || !p->ours)
		return;
	/* One try, as we are inside a poll: what it does not write the next
	 * owner reads again. */
	consumer_await_writer(c);
	if (p->claimed && c->gathered > 0 && !c->flight && !c->abandon) {
		consumer_take_off(c);
		consumer_await_writer(c);
	}
	p->ours = p->claimed = false;
	if (c->gathered > 0 || c->flight)
		c->abandon = true;
	log_info("consumer", "partition %d left us", (int)number);
}

static void
lost(void *ctx, int32_t number, int64_t offset, int64_t low)
{
	struct consumer *c = ctx;
	struct partition *p = partitions_find(&c->parts, number);

	if (p != NULL)
		p->lost = true;
	log_error("consumer",
	    "partition %d: Kafka's retention removed offsets %lld to %lld "
	    "(%lld records) before they were read; the partition is not "
	    "read. To go on without them: UPDATE afterclick.position SET "
	    "next_offset = %lld WHERE partition = %d, then restart",
	    (int)number, (long long)offset, (long long)low - 1,
	    (long long)(low - offset), (long long)low, (int)number);
}

void
consumer_read_on(struct consumer *c, struct partition *p)
{
	struct error err;

	p->seek = !kafka_seek(c->kafka, p->number, p->next, &err);
	if (p->seek && p->ours)
		(void)world_may_retry(c->w, "consumer", &err);
}

void
consumer_start_over(struct consumer *c)
{
	struct error err;

	consumer_await_writer(c);
	for (size_t i = 0; i < c->parts.count; i++) {
		struct partition *p = &c->parts.at[i];

		if (!p->ours || !p->claimed)
			continue;
		if (!dedup_load(p->dedup, buf_str(&p->stored_dedup), &err))
			(void)world_may_retry(c->w, "consumer", &err);
		if (p->next != p->committed || c->abandon) {
			p->next = p->committed;
			if (!p->lost)
				consumer_read_on(c, p);
		}
		p->watermark_ms = 0;
	}
	facts_reset(c->facts);
	facts_reset(c->flying);
	c->gathered = 0;
	c->flight = c->abandon = false;
}

struct kafka_events
consumer_events(struct consumer *c)
{
	return (struct kafka_events){ assigned, revoked, lost, c };
}

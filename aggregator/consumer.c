/*
 * consumer.c - one thread: polls, decodes, gathers a batch, and sends it to
 * the writer's while the next one gathers. Which partitions are ours is in
 * consumer_partitions.c.
 *
 * Both are given up, and read again from the committed positions, when a
 * partition leaves during them. A batch that PostgreSQL refuses for its data
 * is read again in smaller ones, and what is refused alone becomes a dead
 * letter.
 */
#include "aggregator/consumer_internal.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "aggregator/topic.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/pulse.h"

enum {
	POLL_MAX = 1000,
	IDLE_POLL_MS = 100,
	BUSY_POLL_MS = 5,    /* while the writer keeps a full batch waiting */
	HEARTBEAT_MS = 5000, /* between watermarks of idle partitions */
	CLAIM_AGAIN_MS = 1000,
	STUCK_MS = 10000, /* records there, none come: ask again */
	BACKOFF_FIRST_MS = 100,
	BACKOFF_MAX_MS = 5000,
	COLD_RECORDS = 2000, /* of a batch whose visits are all looked up */
	CAREFUL_PARTS = 30,  /* of a refused batch, each tried alone */
	REMEMBERED_TOUCHES = 1500000 /* 64 MiB, twice; of all consumers */
};

/* --- a batch
 * ---------------------------------------------------------------------- */

static void
settle(struct consumer *c)
{
	partitions_settle(&c->parts, &c->steps);
	for (size_t i = 0; i < c->flying->hits.count; i++) {
		const struct hits_fact *h = &c->flying->hits.at[i];

		metrics_add(
		    h->bot.len > 0 ? METRIC_HITS_BOT : METRIC_HITS_INTAKE,
		    (uint64_t)h->hits);
	}
	metrics_add(METRIC_FORGED_EXPOSURES, c->flying->forged);
	if (c->flying_records > 0) { /* else a heartbeat */
		metrics_inc(METRIC_BATCHES);
		metrics_set(METRIC_LAST_COMMIT, clock_wall_ms() / 1000);
		c->cold = false;
		c->careful -= c->flying_records < c->careful ? c->flying_records
							     : c->careful;
		c->careful_batch *= 2;
	}
	metrics_set(METRIC_POSTGRES_UP, 1);
	c->w->postgres_up = true;
	facts_reset(c->flying);
	c->flight = false;
	c->wait_ms = BACKOFF_FIRST_MS;
}

/* Waits, but stays a member of the group: paused partitions bring nothing. */
static void
back_off(struct consumer *c, int64_t wait_ms)
{
	int64_t until = clock_mono_ms() + wait_ms;

	kafka_pause(c->kafka, true);
	while (!c->w->stopping && !c->abandon) {
		struct kafka_message m[16];
		struct error err;
		int64_t left = until - clock_mono_ms();
		int n;

		if (left <= 0)
			break;
		n = kafka_poll(c->kafka, m, 16, (int)left, &err);
		if (n > 0) {
			/* They were under way before the pause: to be read
			 * again. */
			kafka_release(m, n);
			c->abandon = true;
		}
	}
	kafka_pause(c->kafka, false);
}

static void
send(struct consumer *c)
{
	c->sent = true;
	writer_send(c->writer, c->flying, &c->steps);
}

static bool
batch_is_full(const struct consumer *c)
{
	size_t most = (size_t)c->w->set->batch.records;

	return c->gathered >=
	       (c->cold && most > COLD_RECORDS ? COLD_RECORDS : most);
}

void
consumer_take_off(struct consumer *c)
{
	struct facts *empty = c->flying;

	partitions_step(&c->parts, c->kafka, clock_wall_ms(), false, &c->steps);
	c->w->behind = c->careful == 0 && batch_is_full(c);
	c->flying_records = c->gathered;
	c->gathered = 0;
	if (c->steps.count == 0) { /* all of its partitions have left */
		facts_reset(c->facts);
		return;
	}
	c->flying = c->facts;
	c->facts = empty;
	c->flight = true;
	send(c);
}

/* What PostgreSQL refused for its data: smaller, or set aside. */
static void
refuse(struct consumer *c, const struct error *err)
{
	struct buf reason = { NULL, 0, 0 };

	if (c->flying_records > 1 || c->careful == 0) {
		log_warning("consumer",
		    "%s; reading the batch again in smaller ones", err->text);
		if (c->careful < c->flying_records)
			c->careful = c->flying_records;
		c->careful_batch = c->flying_records / CAREFUL_PARTS;
		if (c->careful_batch == 0)
			c->careful_batch = 1;
		c->abandon = true;
		return;
	}
	metrics_inc(METRIC_DEAD_FIELD);
	buf_printf(&reason, "refused by PostgreSQL: %s", err->text);
	facts_reset(c->flying);
	facts_add_dead(c->flying, c->dead_partition, c->dead_offset,
	    buf_str(&reason), buf_str(&c->dead_record));
	buf_free(&reason);
	send(c);
}

/*
 * Partitions that another took are not ours, whatever the group still thinks:
 * claiming them back would fence their owner in turn. One that stands in our
 * name and was moved, by a COMMIT of ours that came late or by a rebuild, is
 * claimed anew, from where it stands.
 */
static void
leave_fenced(struct consumer *c)
{
	struct error err;

	for (size_t i = 0; i < c->parts.count; i++) {
		struct partition *p = &c->parts.at[i];
		struct batch_position at = { .partition = p->number,
			.epoch = p->epoch,
			.old_offset = p->committed };
		struct postgres *pg = writer_postgres(c->writer, &err);
		bool ours, unmoved = false;

		/* Not to be read: then the next batch asks again. */
		if (!p->claimed || pg == NULL ||
		    !batch_stands(writer_store(c->writer), pg, &at, c->owner,
			&ours, &unmoved, &err) ||
		    (ours && unmoved))
			continue;
		p->claimed = false;
		p->fenced = !ours;
		log_warning("consumer", "partition %d %s", (int)p->number,
		    ours ? "has moved: a late COMMIT of ours, or a rebuild"
			 : "has another owner now");
	}
}

/* A batch that failed waits, each time longer. */
static void
fail(struct consumer *c, const struct error *err)
{
	metrics_inc(METRIC_BATCHES_RETRIED);
	if (err->kind == ERROR_REJECT) {
		refuse(c, err);
		return;
	}
	if (!writer_connected(c->writer)) {
		c->w->postgres_up = false;
		metrics_set(METRIC_POSTGRES_UP, 0);
	}
	(void)world_may_retry(c->w, "consumer", err);
	c->retry_at = clock_mono_ms() + c->wait_ms;
	c->wait_ms =
	    c->wait_ms * 2 < BACKOFF_MAX_MS ? c->wait_ms * 2 : BACKOFF_MAX_MS;
}

bool
consumer_land(struct consumer *c, int64_t wait_ms)
{
	struct error err;

	if (!c->sent || !writer_idle(c->writer, wait_ms))
		return !c->flight;
	c->sent = false;
	switch (writer_result(c->writer, &err)) {
	case BATCH_WRITTEN:
		settle(c);
		break;
	case BATCH_FENCED:
		metrics_inc(METRIC_BATCHES_FENCED);
		log_warning("consumer",
		    "another aggregator has taken a partition of this batch: "
		    "it is given up");
		leave_fenced(c);
		c->abandon = true;
		break;
	case BATCH_FAILED:
		fail(c, &err);
		break;
	}
	return !c->flight;
}

/* Until the batch on its way is in the tables or given up, or we stop. */
static void
await_landing(struct consumer *c)
{
	while (c->flight && !c->abandon) {
		int64_t left = c->retry_at - clock_mono_ms();

		pulse_turn();
		if (c->sent)
			(void)consumer_land(c, -1);
		else if (c->w->stopping)
			break;
		else if (left > 0)
			back_off(c, left);
		else
			send(c);
	}
}

static bool
batch_is_due(const struct consumer *c)
{
	return batch_is_full(c) ||
	       (c->gathered > 0 &&
		   clock_mono_ms() >=
		       c->gathered_since + c->w->set->batch.wait_ms);
}

/* Keeps batches moving; waits only when there is no room to go on. */
static void
move_on(struct consumer *c)
{
	(void)consumer_land(c, 0);
	if (c->flight && !c->sent && !c->abandon &&
	    clock_mono_ms() >= c->retry_at)
		send(c);
	if (c->flight && batch_is_full(c))
		await_landing(c);
	if (!c->flight && !c->abandon && batch_is_due(c))
		consumer_take_off(c);
	if (c->careful > 0) /* what was kept of it must be its own */
		await_landing(c);
	if (c->abandon)
		consumer_start_over(c);
}

/* --- a record
 * ----------------------------------------------------------------------- */

static void
take_message(struct consumer *c, struct partition *p,
    const struct kafka_message *m, const struct rulebook *book)
{
	struct record r;
	struct error err;
	bool repeat;
	enum metric dead = METRIC_DEAD_UNREADABLE;

	arena_reset(c->scratch);
	metrics_inc(METRIC_RECORDS_READ);
	if (!record_decode(&r, m->value, c->scratch, &err))
		goto dead;
	if (r.received_at > p->watermark_ms)
		p->watermark_ms = r.received_at;
	if (!dedup_record(p->dedup, &r, &repeat, &err))
		goto dead;
	if (repeat) {
		metrics_inc(METRIC_DUPLICATE_RECORDS);
		quality_repeat(c->facts, &book->sites, &r);
		return;
	}
	dead = sites_find(&book->sites, r.site) == NULL ? METRIC_DEAD_SITE
							: METRIC_DEAD_FIELD;
	suppressed_apply(&c->suppressed, &r, c->scratch);
	c->facts->kept_since_ms = c->w->kept_since_ms;
	if (!facts_add(
		c->facts, &book->sites, book->rules, &r, p->number, &err)) {
		quality_dead(c->facts, &book->sites, &r);
		goto dead;
	}
	return;
dead:
	metrics_inc(dead);
	facts_add_dead(c->facts, p->number, m->offset, str_of(err.text),
	    suppressed_dead(&c->suppressed, &book->sites, m->value));
}

/*
 * A message beyond the next one: left over from before we went back, unless
 * it comes again when the missing one is asked for.
 */
static bool
gap_is_real(struct consumer *c, struct partition *p, int64_t offset)
{
	if (p->gap == p->next) {
		log_warning("consumer",
		    "partition %d: offsets %lld to %lld hold no records",
		    (int)p->number, (long long)p->next, (long long)offset - 1);
		p->next = offset;
		return true;
	}
	p->gap = p->next;
	consumer_read_on(c, p);
	return false;
}

static void
keep_record(struct consumer *c, const struct rulebook *book,
    const struct kafka_message *m)
{
	c->dead_record.len = 0;
	buf_add_str(&c->dead_record,
	    suppressed_dead(&c->suppressed, &book->sites, m->value));
	c->dead_partition = m->partition;
	c->dead_offset = m->offset;
}

static void
take_messages(struct consumer *c, const struct kafka_message *m, int n)
{
	const struct rulebook *book = atomic_load(&c->w->book);
	int64_t now = clock_mono_ms();

	for (int i = 0; i < n; i++) {
		struct partition *p =
		    partitions_find(&c->parts, m[i].partition);

		if (p == NULL || !p->claimed || m[i].offset < p->next)
			continue;
		if (m[i].offset > p->next && !gap_is_real(c, p, m[i].offset))
			continue;
		if (c->gathered == 0)
			c->gathered_since = now;
		take_message(c, p, &m[i], book);
		if (c->gathered == 0 && c->careful > 0)
			keep_record(c, book, &m[i]);
		p->next = m[i].offset + 1;
		p->moved = now;
		c->gathered++;
		if (c->careful > 0 && c->gathered >= c->careful_batch) {
			await_landing(c);
			if (!c->flight && !c->abandon)
				consumer_take_off(c);
			await_landing(c);
			if (c->w->stopping || c->abandon)
				return;
		}
	}
}

/* --- the loop
 * ---------------------------------------------------------------------------
 */

/* Partitions that could not be claimed or sought when they came, and those
 * whose records do not come although Kafka has them. */
static void
catch_up(struct consumer *c)
{
	int64_t now = clock_mono_ms();

	for (size_t i = 0; i < c->parts.count && !c->w->stopping; i++) {
		struct partition *p = &c->parts.at[i];

		if (!p->ours || p->lost || p->fenced)
			continue;
		if (!p->claimed && consumer_claim(c, p))
			p->seek = true;
		if (p->claimed && now - p->moved > STUCK_MS &&
		    kafka_end(c->kafka, p->number) > p->next) {
			log_warning("consumer",
			    "partition %d: no records came for %d s; reading "
			    "again from offset %lld",
			    (int)p->number, STUCK_MS / 1000,
			    (long long)p->next);
			p->seek = true;
		}
		if (p->claimed && p->seek) {
			p->moved = now;
			consumer_read_on(c, p);
		}
	}
}

/* Nothing gathers and nothing flies. */
static void
heartbeat(struct consumer *c)
{
	c->w->behind = false;
	partitions_step(&c->parts, c->kafka, clock_wall_ms(), true, &c->steps);
	if (c->steps.count == 0)
		return;
	c->flying_records = 0;
	c->flight = true;
	send(c);
}

static int
poll_timeout(struct consumer *c)
{
	int64_t left;

	if (c->gathered == 0)
		return IDLE_POLL_MS;
	left = c->gathered_since + c->w->set->batch.wait_ms - clock_mono_ms();
	if (left <= 0)
		return c->flight ? BUSY_POLL_MS : 0;
	return left < IDLE_POLL_MS ? (int)left : IDLE_POLL_MS;
}

static void
turn(struct consumer *c)
{
	struct kafka_message m[POLL_MAX];
	struct error err;
	int64_t now;
	int n = kafka_poll(c->kafka, m, POLL_MAX, poll_timeout(c), &err);

	c->w->kafka_up = n >= 0;
	metrics_set(METRIC_KAFKA_UP, n >= 0);
	if (n < 0) {
		(void)world_may_retry(c->w, "kafka", &err);
		return;
	}
	if (c->abandon)
		consumer_start_over(c);
	take_messages(c, m, n);
	kafka_release(m, n);
	move_on(c);
	now = clock_mono_ms();
	if (now >= c->next_claim) {
		c->next_claim = now + CLAIM_AGAIN_MS;
		catch_up(c);
		metrics_share(
		    METRIC_LAG, &c->lag, partitions_lag(&c->parts, c->kafka));
		metrics_share(
		    METRIC_STOPPED, &c->stopped, partitions_stopped(&c->parts));
	}
	if (c->gathered == 0 && !c->flight && now >= c->next_heartbeat) {
		c->next_heartbeat = now + HEARTBEAT_MS;
		heartbeat(c);
	}
}

static void
close_consumer(struct consumer *c)
{
	kafka_consumer_close(c->kafka);
	writer_stop(c->writer);
	facts_free(c->facts);
	facts_free(c->flying);
	steps_free(&c->steps);
	arena_free(c->scratch);
	partitions_free(&c->parts);
	buf_free(&c->dead_record);
	suppressed_free(&c->suppressed);
}

void
consumer_run(
    struct world *w, int number, void (*work_done)(void *ctx), void *ctx)
{
	struct consumer c = { .w = w, .wait_ms = BACKOFF_FIRST_MS };
	struct kafka_events events = consumer_events(&c);
	char host[64] = "";
	struct error err;

	gethostname(host, sizeof(host) - 1);
	snprintf(c.owner, sizeof(c.owner), number > 0 ? "%s/%d/%d" : "%s/%d",
	    host, (int)getpid(), number);
	c.writer =
	    writer_start(w, REMEMBERED_TOUCHES / (size_t)w->set->intake_workers,
		work_done, ctx);
	c.facts = facts_new();
	c.flying = facts_new();
	c.scratch = arena_new(1 << 16);
	while (!w->stopping && !topic_is_the_one(w, &err) &&
	       world_may_retry(w, "consumer", &err))
		poll(NULL, 0, CLAIM_AGAIN_MS);
	pulse_begin("intake");
	c.kafka = w->stopping
		      ? NULL
		      : kafka_consumer_open(&w->set->kafka, w->set->group,
			    w->set->topic, &events, &err);
	if (c.kafka == NULL && !w->stopping) {
		err.kind = ERROR_FATAL;
		(void)world_may_retry(w, "kafka", &err);
	}
	while (!w->stopping) {
		pulse_turn();
		turn(&c);
	}
	pulse_end();
	w->behind = false;
	/* What is read already, in one try each. */
	consumer_await_writer(&c);
	if (c.gathered > 0 && !c.flight && !c.abandon && !w->failed) {
		consumer_take_off(&c);
		consumer_await_writer(&c);
	}
	close_consumer(&c);
}

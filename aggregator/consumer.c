/*
 * consumer.c - one thread: polls, decodes, gathers a batch, writes it.
 *
 * A batch is given up, and read again from the committed positions, when a
 * partition leaves during it. A batch that PostgreSQL refuses for its data
 * is read again record by record, and what is refused alone becomes a dead
 * letter.
 */
#include "aggregator/consumer.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "aggregator/intake/dedup.h"
#include "aggregator/store/batch.h"
#include "common/clock.h"
#include "common/kafka.h"
#include "common/log.h"
#include "common/metrics.h"

enum {
	POLL_MAX = 1000,
	IDLE_POLL_MS = 100,
	HEARTBEAT_MS = 5000, /* between watermarks of idle partitions */
	CLAIM_AGAIN_MS = 1000,
	STUCK_MS = 10000, /* records there, none come: ask again */
	BACKOFF_FIRST_MS = 100,
	BACKOFF_MAX_MS = 5000,
	REMEMBERED_VISITS = 500000
};

struct partition {
	int32_t number;
	bool ours;     /* assigned to us by the group */
	bool claimed;  /* and by the table */
	bool lost;     /* its next record is gone from Kafka: not read */
	bool fenced;   /* another took it: wait for the group to say so */
	bool seek;     /* still to be told to Kafka: read on from next */
	int64_t moved; /* monotonic ms when next last changed */
	int64_t gap;   /* an offset that was asked for again and is not there */
	int64_t epoch;
	int64_t committed;       /* next offset, in the table */
	int64_t next;            /* next offset, in the batch */
	struct dedup *dedup;     /* with the batch */
	struct buf stored_dedup; /* as in the table */
	int64_t watermark_ms;    /* newest receive time in the batch */
};

struct consumer {
	struct world *w;
	struct kafka_consumer *kafka;
	struct postgres *pg;
	struct batch_store *store;
	struct facts *facts;
	struct arena *scratch; /* of one record */
	struct partition *at;
	size_t count;
	char owner[128];
	size_t gathered;        /* records in the batch */
	int64_t gathered_since; /* monotonic ms */
	size_t careful;         /* so many batches of one record to come */
	bool abandon;           /* a partition left during the batch */
	bool writing;
	int64_t next_heartbeat, next_claim;
	struct buf dead_record; /* the record of a careful batch, whole */
	int32_t dead_partition;
	int64_t dead_offset;
};

static struct partition *
find(struct consumer *c, int32_t number)
{
	for (size_t i = 0; i < c->count; i++) {
		if (c->at[i].number == number)
			return &c->at[i];
	}
	return NULL;
}

static struct postgres *
reconnect(void *ctx, struct error *err)
{
	struct consumer *c = ctx;

	return world_connect(c->w, "intake", err);
}

/* True while there is a connection; tries to make one. */
static bool
connected(struct consumer *c, struct error *err)
{
	if (c->pg != NULL && postgres_broken(c->pg)) {
		postgres_close(c->pg);
		c->pg = NULL;
	}
	if (c->pg == NULL)
		c->pg = reconnect(c, err);
	return c->pg != NULL;
}

/* --- partitions come and go
 * --------------------------------------------------- */

static bool
claim(struct consumer *c, struct partition *p)
{
	struct batch_position at;
	struct error err;

	if (!connected(c, &err) ||
	    !batch_claim(c->store, c->pg, p->number, 0, c->owner, &at,
		&p->stored_dedup, &err) ||
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
	struct partition *p = find(c, number);

	if (p == NULL) {
		c->at = mem_grow(c->at, (c->count + 1) * sizeof(*c->at));
		p = &c->at[c->count++];
		*p = (struct partition){ .number = number };
		p->dedup = dedup_new();
	}
	p->ours = true;
	p->claimed = p->lost = p->fenced = p->seek = false;
	p->gap = -1;
	p->moved = clock_mono_ms();
	/* Whoever had it may have written visits that we remember. */
	batch_store_forget(c->store);
	return claim(c, p) ? p->next : -1;
}

static void settle_batch(struct consumer *c);
static enum batch_result write_once(
    struct consumer *c, bool heartbeat, struct error *err);

static void
revoked(void *ctx, int32_t number)
{
	struct consumer *c = ctx;
	struct partition *p = find(c, number);
	struct error err;

	if (p == NULL || !p->ours)
		return;
	/* One try, as we are inside a poll: what it does not write the next
	 * owner reads again. */
	if (p->claimed && c->gathered > 0 && !c->writing &&
	    write_once(c, false, &err) == BATCH_WRITTEN)
		settle_batch(c);
	p->ours = p->claimed = false;
	if (c->gathered > 0)
		c->abandon = true;
	log_info("consumer", "partition %d left us", (int)number);
}

static void
lost(void *ctx, int32_t number, int64_t offset, int64_t low)
{
	struct consumer *c = ctx;
	struct partition *p = find(c, number);

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

/* Reads on from P's next offset; tried again each turn until it works. */
static void
read_on(struct consumer *c, struct partition *p)
{
	struct error err;

	p->seek = !kafka_seek(c->kafka, p->number, p->next, &err);
	if (p->seek && p->ours)
		(void)world_may_retry(c->w, "consumer", &err);
}

/* Back to what is committed, for every partition of ours. */
static void
start_over(struct consumer *c)
{
	struct error err;

	for (size_t i = 0; i < c->count; i++) {
		struct partition *p = &c->at[i];

		if (!p->ours || !p->claimed)
			continue;
		if (!dedup_load(p->dedup, buf_str(&p->stored_dedup), &err))
			(void)world_may_retry(c->w, "consumer", &err);
		if (p->next != p->committed || c->abandon) {
			p->next = p->committed;
			if (!p->lost)
				read_on(c, p);
		}
		p->watermark_ms = 0;
	}
	facts_reset(c->facts);
	c->gathered = 0;
	c->abandon = false;
}

/* --- a batch
 * ---------------------------------------------------------------------- */

static void
settle_batch(struct consumer *c)
{
	for (size_t i = 0; i < c->count; i++) {
		struct partition *p = &c->at[i];

		if (!p->claimed)
			continue;
		if (p->next != p->committed) {
			p->stored_dedup.len = 0;
			dedup_save(p->dedup, &p->stored_dedup);
		}
		p->committed = p->next;
		p->watermark_ms = 0;
	}
	for (size_t i = 0; i < c->facts->hits.count; i++) {
		const struct hits_fact *h = &c->facts->hits.at[i];

		metrics_add(
		    h->bot.len > 0 ? METRIC_HITS_BOT : METRIC_HITS_INTAKE,
		    (uint64_t)h->hits);
	}
	metrics_inc(METRIC_BATCHES);
	metrics_set(METRIC_LAST_COMMIT, clock_wall_ms() / 1000);
	facts_reset(c->facts);
	c->gathered = 0;
	if (c->careful > 0)
		c->careful--;
}

static size_t
positions(struct consumer *c, struct batch_position *out, struct buf *dedup,
    bool heartbeat)
{
	int64_t now_ms = clock_wall_ms();
	size_t n = 0, *start = mem_alloc((c->count + 1) * sizeof(*start));

	for (size_t i = 0; i < c->count; i++) {
		struct partition *p = &c->at[i];
		int64_t end = kafka_end(c->kafka, p->number);
		bool caught_up = end >= 0 && p->next >= end;

		if (!p->ours || !p->claimed ||
		    (p->next == p->committed && !(heartbeat && caught_up)))
			continue;
		start[n] = dedup->len;
		dedup_save(p->dedup, dedup);
		out[n++] = (struct batch_position){ .partition = p->number,
			.epoch = p->epoch,
			.old_offset = p->committed,
			.next_offset = p->next,
			.watermark_ms = caught_up ? now_ms : p->watermark_ms };
	}
	start[n] = dedup->len;
	for (size_t i = 0; i < n; i++)
		out[i].dedup =
		    str_make(dedup->data + start[i], start[i + 1] - start[i]);
	free(start);
	return n;
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

/* What PostgreSQL refused for its data: smaller, or set aside. */
static void
refuse(struct consumer *c, const struct error *err)
{
	struct buf reason = { NULL, 0, 0 };

	if (c->gathered > 1) {
		log_warning("consumer",
		    "%s; reading the batch again record by record", err->text);
		c->careful = c->gathered;
		start_over(c);
		return;
	}
	metrics_inc(METRIC_DEAD_FIELD);
	buf_printf(&reason, "refused by PostgreSQL: %s", err->text);
	facts_reset(c->facts);
	facts_add_dead(c->facts, c->dead_partition, c->dead_offset,
	    buf_str(&reason), buf_str(&c->dead_record));
	buf_free(&reason);
}

static enum batch_result
write_once(struct consumer *c, bool heartbeat, struct error *err)
{
	struct batch_position *p = mem_alloc((c->count + 1) * sizeof(*p));
	struct buf dedup = { NULL, 0, 0 };
	enum batch_result result = BATCH_FAILED;
	size_t n;

	if (connected(c, err)) {
		n = positions(c, p, &dedup, heartbeat);
		result = n == 0 ? BATCH_WRITTEN
				: batch_write(c->store, &c->pg, reconnect, c,
				      c->facts, p, n, err);
	}
	buf_free(&dedup);
	free(p);
	return result;
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

	for (size_t i = 0; i < c->count; i++) {
		struct partition *p = &c->at[i];
		struct batch_position at = { .partition = p->number,
			.epoch = p->epoch,
			.old_offset = p->committed };
		bool ours, unmoved = false;

		/* Not to be read: then the next batch asks again. */
		if (!p->claimed || c->pg == NULL ||
		    !batch_stands(c->store, c->pg, &at, c->owner, &ours,
			&unmoved, &err) ||
		    (ours && unmoved))
			continue;
		p->claimed = false;
		p->fenced = !ours;
		log_warning("consumer", "partition %d %s", (int)p->number,
		    ours ? "has moved: a late COMMIT of ours, or a rebuild"
			 : "has another owner now");
	}
}

static void
flush(struct consumer *c)
{
	int64_t wait_ms = BACKOFF_FIRST_MS;
	struct error err;

	c->writing = true;
	while (c->gathered > 0 && !c->abandon) {
		switch (write_once(c, false, &err)) {
		case BATCH_WRITTEN:
			settle_batch(c);
			c->w->postgres_up = true;
			metrics_set(METRIC_POSTGRES_UP, 1);
			continue;
		case BATCH_FENCED:
			metrics_inc(METRIC_BATCHES_FENCED);
			log_warning("consumer",
			    "another aggregator has taken a partition of this "
			    "batch: it is given up");
			leave_fenced(c);
			c->abandon = true;
			continue;
		case BATCH_FAILED:
			break;
		}
		metrics_inc(METRIC_BATCHES_RETRIED);
		if (err.kind == ERROR_REJECT) {
			refuse(c, &err);
			continue;
		}
		if (c->pg == NULL || postgres_broken(c->pg)) {
			c->w->postgres_up = false;
			metrics_set(METRIC_POSTGRES_UP, 0);
		}
		if (!world_may_retry(c->w, "consumer", &err) || c->w->stopping)
			break;
		back_off(c, wait_ms);
		wait_ms =
		    wait_ms * 2 < BACKOFF_MAX_MS ? wait_ms * 2 : BACKOFF_MAX_MS;
	}
	c->writing = false;
	if (c->abandon)
		start_over(c);
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
		return;
	}
	dead = sites_find(&book->sites, r.site) == NULL ? METRIC_DEAD_SITE
							: METRIC_DEAD_FIELD;
	if (!facts_add(
		c->facts, &book->sites, book->rules, &r, p->number, &err))
		goto dead;
	return;
dead:
	metrics_inc(dead);
	facts_add_dead(
	    c->facts, p->number, m->offset, str_of(err.text), m->value);
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
	read_on(c, p);
	return false;
}

static void
take_messages(struct consumer *c, const struct kafka_message *m, int n)
{
	const struct rulebook *book = atomic_load(&c->w->book);
	int64_t now = clock_mono_ms();

	for (int i = 0; i < n; i++) {
		struct partition *p = find(c, m[i].partition);

		if (p == NULL || !p->claimed || m[i].offset < p->next)
			continue;
		if (m[i].offset > p->next && !gap_is_real(c, p, m[i].offset))
			continue;
		if (c->gathered == 0)
			c->gathered_since = clock_mono_ms();
		take_message(c, p, &m[i], book);
		p->next = m[i].offset + 1;
		p->moved = now;
		c->gathered++;
		if (c->careful > 0) {
			c->dead_record.len = 0;
			buf_add_str(&c->dead_record, m[i].value);
			c->dead_partition = p->number;
			c->dead_offset = m[i].offset;
			flush(c);
			if (c->w->stopping)
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

	for (size_t i = 0; i < c->count; i++) {
		struct partition *p = &c->at[i];

		if (!p->ours || p->lost || p->fenced)
			continue;
		if (!p->claimed && claim(c, p))
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
			read_on(c, p);
		}
	}
}

static void
heartbeat(struct consumer *c)
{
	struct error err;

	facts_reset(c->facts);
	switch (write_once(c, true, &err)) {
	case BATCH_WRITTEN:
		break;
	case BATCH_FENCED:
		leave_fenced(c);
		break;
	case BATCH_FAILED:
		(void)world_may_retry(c->w, "consumer", &err);
		break;
	}
}

static void
measure_lag(struct consumer *c)
{
	int64_t lag = 0;

	for (size_t i = 0; i < c->count; i++) {
		struct partition *p = &c->at[i];
		int64_t end = kafka_end(c->kafka, p->number);

		if (p->ours && end > p->committed)
			lag += end - p->committed;
	}
	metrics_set(METRIC_LAG, lag);
}

static int
poll_timeout(struct consumer *c)
{
	int64_t left;

	if (c->gathered == 0)
		return IDLE_POLL_MS;
	left = c->gathered_since + c->w->set->batch.wait_ms - clock_mono_ms();
	return left < 0 ? 0 : left < IDLE_POLL_MS ? (int)left : IDLE_POLL_MS;
}

static bool
batch_is_due(struct consumer *c)
{
	return c->gathered >= (size_t)c->w->set->batch.records ||
	       (c->gathered > 0 &&
		   clock_mono_ms() >=
		       c->gathered_since + c->w->set->batch.wait_ms);
}

static void
turn(struct consumer *c, void (*work_done)(void *), void *ctx)
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
		start_over(c);
	take_messages(c, m, n);
	kafka_release(m, n);
	if (batch_is_due(c)) {
		flush(c);
		work_done(ctx);
	}
	now = clock_mono_ms();
	if (now >= c->next_claim) {
		c->next_claim = now + CLAIM_AGAIN_MS;
		catch_up(c);
		measure_lag(c);
	}
	if (c->gathered == 0 && now >= c->next_heartbeat) {
		c->next_heartbeat = now + HEARTBEAT_MS;
		heartbeat(c);
	}
}

static void
close_consumer(struct consumer *c)
{
	kafka_consumer_close(c->kafka);
	postgres_close(c->pg);
	batch_store_free(c->store);
	facts_free(c->facts);
	arena_free(c->scratch);
	for (size_t i = 0; i < c->count; i++) {
		dedup_free(c->at[i].dedup);
		buf_free(&c->at[i].stored_dedup);
	}
	free(c->at);
	buf_free(&c->dead_record);
}

void
consumer_run(struct world *w, void (*work_done)(void *ctx), void *ctx)
{
	struct consumer c = { .w = w };
	struct kafka_events events = { assigned, revoked, lost, &c };
	char host[64] = "";
	struct error err;

	gethostname(host, sizeof(host) - 1);
	snprintf(c.owner, sizeof(c.owner), "%s/%d", host, (int)getpid());
	c.store = batch_store_new(w->set->topic, REMEMBERED_VISITS);
	c.facts = facts_new();
	c.scratch = arena_new(1 << 16);
	c.kafka = kafka_consumer_open(
	    &w->set->kafka, w->set->group, w->set->topic, &events, &err);
	if (c.kafka == NULL) {
		err.kind = ERROR_FATAL;
		(void)world_may_retry(w, "kafka", &err);
	}
	while (!w->stopping)
		turn(&c, work_done, ctx);
	if (c.kafka != NULL && c.gathered > 0 && !w->failed)
		flush(&c);
	close_consumer(&c);
}

/*
 * publisher.c - spools in, Kafka out, by one thread.
 *
 * A record stays in its spool until the report on it is good, so nothing
 * here can lose one: whatever goes wrong, it is produced again under the
 * same number. Kafka's absence costs a poll twice a second and no memory.
 */
#include "collector/publisher.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "collector/dead_letters.h"
#include "common/clock.h"
#include "common/kafka.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/record.h"

#define SEQ_BITS 48
#define SEQ_MASK ((UINT64_C(1) << SEQ_BITS) - 1)
#define SLOTS_MAX 65535
#define IN_FLIGHT_MAX 50000 /* of one spool */
#define ROUNDS 16           /* calls for one spool before the next one's turn */
#define BACKOFF_MIN_MS 100
#define BACKOFF_MAX_MS 10000
#define REOPEN_MIN_MS 1000
#define REOPEN_MAX_MS 30000
#define IDLE_MS 500
#define BUSY_MS 20 /* reports are collected while records are on their way */
#define GAUGE_MS 1000

/* A spool with records on their way; a tag is slot and seq. */
struct slot {
	struct spool *spool; /* NULL: free */
	bool listed;
	size_t in_flight;
	size_t suspects; /* refused in a batch: each is tried alone */
};

typedef void confirmed_call(void *ctx, struct spool *spool, uint64_t floor);

struct publisher {
	struct spool_dir *dir;
	const struct pairs *kafka;
	char *topic, *dead_letters;
	pthread_t thread;
	int wake; /* eventfd */
	_Atomic(confirmed_call *) confirmed;
	void *confirmed_ctx;

	struct kafka_producer *producer; /* NULL between two */
	struct slot *slots;
	size_t slot_count;
	struct buf sealed;
	bool alone; /* the one record on its way is a suspect */
	size_t in_flight;
	int64_t resume_ms; /* no records before: Kafka said try again */
	int64_t backoff_ms;
	int64_t reopen_ms; /* when the next producer is opened */
	int64_t reopen_wait_ms;
	int64_t gauges_ms;

	pthread_mutex_t lock; /* for what follows */
	bool healthy;
	char reason[ERROR_TEXT_MAX];
	bool stopping;
	int64_t deadline_ms;
	bool all_confirmed;
};

/* True when R, which Kafka will not take for REASON, is durably set aside. */
static bool
set_aside(struct publisher *p, const struct spool *sp,
    const struct spool_record *r, const char *reason)
{
	p->sealed.len = 0;
	record_seal(
	    &p->sealed, r->value, spool_id(sp), r->seq, spool_floor(sp));
	return dead_letters_add(
	    p->dead_letters, r->key, buf_str(&p->sealed), reason);
}

/* --- reports ------------------------------------------------------------- */

static uint64_t
tag_of(const struct publisher *p, const struct slot *slot, uint64_t seq)
{
	return (uint64_t)(slot - p->slots) << SEQ_BITS | seq;
}

static void
confirm(struct publisher *p, struct slot *slot, uint64_t seq)
{
	uint64_t before = spool_floor(slot->spool), floor;

	confirmed_call *call;

	spool_confirm(slot->spool, seq);
	floor = spool_floor(slot->spool);
	call = atomic_load_explicit(&p->confirmed, memory_order_acquire);
	if (call != NULL && floor != before)
		call(p->confirmed_ctx, slot->spool, floor);
}

static void
back_off(struct publisher *p)
{
	int64_t now = clock_mono_ms();

	/* One step for all the reports of one cause. */
	if (now < p->resume_ms)
		return;
	p->backoff_ms = p->backoff_ms == 0 ? BACKOFF_MIN_MS : p->backoff_ms * 2;
	if (p->backoff_ms > BACKOFF_MAX_MS)
		p->backoff_ms = BACKOFF_MAX_MS;
	p->resume_ms = now + p->backoff_ms;
}

/*
 * Kafka will not take R: to the dead letters. When that fails it stays in
 * the spool and everything waits, as a full disk does not pass by itself.
 */
static void
bury(struct publisher *p, struct slot *slot, const struct spool_record *r,
    const char *reason)
{
	static struct log_cause cause;
	uint64_t seq = r->seq;

	if (!set_aside(p, slot->spool, r, reason)) {
		spool_again(slot->spool, seq);
		back_off(p);
		return;
	}
	metrics_inc(METRIC_PUBLISH_REFUSED);
	log_limited(&cause, LOG_ERROR, "publisher",
	    "a record was refused and set aside in %s: %s", p->dead_letters,
	    reason);
	confirm(p, slot, seq);
}

/* The record SEQ was refused; ALONE: it is to blame, not its batch. */
static void
refused(struct publisher *p, struct slot *slot, uint64_t seq, bool alone,
    const char *reason)
{
	struct spool_record r;

	if (alone && spool_read(slot->spool, seq, &r)) {
		bury(p, slot, &r, reason);
		return;
	}
	slot->suspects++;
	metrics_inc(METRIC_PUBLISH_RETRIED);
	spool_again(slot->spool, seq);
}

static void
on_report(void *ctx, uint64_t tag, enum kafka_fate fate, const char *reason)
{
	static struct log_cause cause;
	struct publisher *p = ctx;
	struct slot *slot = &p->slots[tag >> SEQ_BITS];
	uint64_t seq = tag & SEQ_MASK;
	bool alone = p->alone;

	p->in_flight--;
	slot->in_flight--;
	p->alone = false;
	if (alone && fate != KAFKA_AGAIN && slot->suspects > 0)
		slot->suspects--;
	switch (fate) {
	case KAFKA_DELIVERED:
		metrics_inc(METRIC_PUBLISHED);
		p->backoff_ms = 0;
		confirm(p, slot, seq);
		break;
	case KAFKA_REFUSED:
		refused(p, slot, seq, alone, reason);
		break;
	case KAFKA_AGAIN:
		metrics_inc(METRIC_PUBLISH_RETRIED);
		log_limited(&cause, LOG_WARNING, "publisher",
		    "kafka did not take a record, trying on: %s", reason);
		spool_again(slot->spool, seq);
		back_off(p);
	}
}

/* --- slots --------------------------------------------------------------- */

static struct slot *
slot_of(struct publisher *p, struct spool *sp)
{
	size_t i, unused = p->slot_count;

	for (i = 0; i < p->slot_count; i++) {
		if (p->slots[i].spool == sp)
			return &p->slots[i];
		if (p->slots[i].spool == NULL && unused == p->slot_count)
			unused = i;
	}
	if (unused == p->slot_count) {
		assert(p->slot_count < SLOTS_MAX);
		p->slots =
		    mem_grow(p->slots, ++p->slot_count * sizeof(*p->slots));
	}
	p->slots[unused] = (struct slot){ .spool = sp };
	return &p->slots[unused];
}

/* Spools come and go: earlier runs' end when they are drained. */
static void
list_spools(struct publisher *p)
{
	size_t count;
	struct spool **list = spool_dir_list(p->dir, &count);

	for (size_t i = 0; i < p->slot_count; i++)
		p->slots[i].listed = false;
	for (size_t i = 0; i < count; i++)
		slot_of(p, list[i])->listed = true;
	for (size_t i = 0; i < p->slot_count; i++) {
		/* Drained means that every report has come. */
		if (p->slots[i].spool != NULL && !p->slots[i].listed)
			p->slots[i].spool = NULL;
	}
}

/* --- the producer -------------------------------------------------------- */

static void
set_health(struct publisher *p, bool healthy, const char *reason)
{
	pthread_mutex_lock(&p->lock);
	p->healthy = healthy;
	if (!healthy)
		snprintf(p->reason, sizeof(p->reason), "%s", reason);
	pthread_mutex_unlock(&p->lock);
	metrics_set(METRIC_KAFKA_UP, healthy);
}

/* Closes a producer that failed for good; all it had is produced again. */
static void
drop_producer(struct publisher *p, const char *why)
{
	log_error("publisher", "a new producer is made: %s", why);
	metrics_inc(METRIC_PUBLISH_REBUILDS);
	kafka_producer_close(p->producer);
	p->producer = NULL;
	p->in_flight = 0;
	p->alone = false;
	for (size_t i = 0; i < p->slot_count; i++) {
		struct slot *slot = &p->slots[i];

		if (slot->spool == NULL)
			continue;
		slot->in_flight = 0;
		slot->suspects = 0;
		spool_rewind(slot->spool, spool_floor(slot->spool));
	}
	p->reopen_wait_ms =
	    p->reopen_wait_ms == 0 ? REOPEN_MIN_MS : p->reopen_wait_ms * 2;
	if (p->reopen_wait_ms > REOPEN_MAX_MS)
		p->reopen_wait_ms = REOPEN_MAX_MS;
	p->reopen_ms = clock_mono_ms() + p->reopen_wait_ms;
	set_health(p, false, why);
}

static void
reopen_producer(struct publisher *p)
{
	static struct log_cause cause;
	struct error err;

	if (clock_mono_ms() < p->reopen_ms)
		return;
	p->producer =
	    kafka_producer_open(p->kafka, p->topic, on_report, p, &err);
	if (p->producer != NULL)
		return;
	log_limited(&cause, LOG_ERROR, "publisher", "%s", err.text);
	p->reopen_ms = clock_mono_ms() + REOPEN_MAX_MS;
	set_health(p, false, err.text);
}

/* --- the loop ------------------------------------------------------------ */

enum sent { SENT_SOME, SENT_NONE, SENT_STOP };

/* Sends R, and reacts when that cannot be. */
static enum sent
send_one(struct publisher *p, struct slot *slot, const struct spool_record *r)
{
	struct error err;

	p->sealed.len = 0;
	record_seal(&p->sealed, r->value, spool_id(slot->spool), r->seq,
	    spool_floor(slot->spool));
	if (kafka_produce(p->producer, r->key, buf_str(&p->sealed),
		tag_of(p, slot, r->seq), &err)) {
		slot->in_flight++;
		p->in_flight++;
		return SENT_SOME;
	}
	if (err.kind == ERROR_REJECT) {
		bury(p, slot, r, err.text);
		return SENT_SOME;
	}
	spool_again(slot->spool, r->seq);
	if (err.kind == ERROR_FATAL)
		drop_producer(p, err.text);
	else if (p->in_flight == 0)
		back_off(p); /* not our queue is full: Kafka says no */
	return SENT_STOP;
}

static enum sent
send_next(struct publisher *p, struct slot *slot)
{
	struct spool_record r;

	if (!spool_next(slot->spool, &r))
		return SENT_NONE;
	return send_one(p, slot, &r);
}

/* Those of OUT that were not taken, one by one. */
static enum sent
send_rest(struct publisher *p, struct slot *slot,
    const struct kafka_outgoing *out, size_t count)
{
	enum sent sent = SENT_SOME;
	struct spool_record r;

	for (size_t i = 0; i < count; i++) {
		uint64_t seq = out[i].tag & SEQ_MASK;

		if (out[i].taken)
			continue;
		if (sent == SENT_SOME && spool_read(slot->spool, seq, &r))
			sent = send_one(p, slot, &r);
		else
			spool_again(slot->spool, seq);
	}
	return sent;
}

_Static_assert(SPOOL_RECORD_MAX + 2 * RECORD_SEAL_BYTES <= KAFKA_ROOM,
    "send_together seals in place");

/*
 * Sends as many records as librdkafka takes at one time, sealed where it
 * finds them until they are confirmed.
 */
static enum sent
send_together(struct publisher *p, struct slot *slot)
{
	struct kafka_outgoing out[KAFKA_TOGETHER_MAX];
	size_t count = 0, taken;
	struct spool_record r;
	char *room;

	while (count < KAFKA_TOGETHER_MAX &&
	       (room = kafka_producer_room(p->producer)) != NULL &&
	       spool_next(slot->spool, &r)) {
		struct buf b = { .data = room, .cap = KAFKA_ROOM };

		buf_add_str(&b, r.key);
		record_seal(&b, r.value, spool_id(slot->spool), r.seq,
		    spool_floor(slot->spool));
		kafka_producer_keep(p->producer, b.len);
		out[count++] = (struct kafka_outgoing){
			.key = str_head(buf_str(&b), r.key.len),
			.value = str_from(buf_str(&b), r.key.len),
			.tag = tag_of(p, slot, r.seq),
		};
	}
	if (count == 0)
		return send_next(p, slot);
	taken = kafka_produce_together(p->producer, out, count);
	slot->in_flight += taken;
	p->in_flight += taken;
	return taken == count ? SENT_SOME : send_rest(p, slot, out, count);
}

/* The first spool with a record to be tried alone. */
static struct slot *
suspicious(struct publisher *p)
{
	for (size_t i = 0; i < p->slot_count; i++) {
		if (p->slots[i].spool != NULL && p->slots[i].suspects > 0)
			return &p->slots[i];
	}
	return NULL;
}

/* True when records were sent and more may be at once. */
static bool
send_some(struct publisher *p)
{
	struct slot *suspect = suspicious(p);
	bool any = false;

	if (suspect != NULL) {
		if (p->in_flight > 0)
			return false;
		if (send_next(p, suspect) == SENT_NONE)
			suspect->suspects = 0;
		p->alone = p->in_flight == 1;
		/* Everything waits for it: not for linger.ms as well. */
		if (p->producer != NULL && p->alone)
			kafka_producer_hurry(p->producer, BUSY_MS);
		/* Reported already: the next one at once. */
		return p->in_flight == 0 && p->producer != NULL;
	}
	for (size_t i = 0; i < p->slot_count; i++) {
		struct slot *slot = &p->slots[i];

		for (int n = 0; slot->spool != NULL && n < ROUNDS &&
				slot->in_flight < IN_FLIGHT_MAX;
		     n++) {
			enum sent sent = send_together(p, slot);

			if (sent == SENT_STOP)
				return false;
			if (sent == SENT_NONE)
				break;
			any = true;
		}
	}
	return any;
}

static uint64_t
unconfirmed(struct publisher *p)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < p->slot_count; i++) {
		if (p->slots[i].spool != NULL)
			sum += spool_pending(p->slots[i].spool);
	}
	return sum;
}

static void
wake_up(void *ctx)
{
	struct publisher *p = ctx;
	uint64_t one = 1;
	ssize_t n = write(p->wake, &one, sizeof(one));

	(void)n; /* full means that it is awake */
}

/* Until a record becomes durable, but MS at most. */
static void
sleep_until_woken(struct publisher *p, int ms)
{
	struct pollfd pfd = { .fd = p->wake, .events = POLLIN };
	uint64_t count;

	if (poll(&pfd, 1, ms) > 0) {
		ssize_t n = read(p->wake, &count, sizeof(count));

		(void)n;
	}
}

/* Once a second: gauges and health. */
static void
look_around(struct publisher *p)
{
	char reason[ERROR_TEXT_MAX];
	int64_t now = clock_mono_ms();
	struct error err;

	if (now < p->gauges_ms)
		return;
	p->gauges_ms = now + GAUGE_MS;
	spool_dir_gauges(p->dir, clock_wall_ms());
	list_spools(p);
	if (p->producer == NULL)
		return;
	if (kafka_producer_broken(p->producer, &err))
		drop_producer(p, err.text);
	else if (kafka_producer_healthy(p->producer, reason)) {
		p->reopen_wait_ms = 0;
		set_health(p, true, NULL);
	} else
		set_health(p, false, reason);
}

static void
turn(struct publisher *p)
{
	bool more = false;

	look_around(p);
	list_spools(p);
	if (p->producer == NULL) {
		reopen_producer(p);
		if (p->producer == NULL)
			sleep_until_woken(p, BUSY_MS * 5);
		return;
	}
	kafka_producer_poll(p->producer, 0);
	if (clock_mono_ms() >= p->resume_ms)
		more = send_some(p);
	if (more || p->producer == NULL)
		return;
	if (p->in_flight > 0 || clock_mono_ms() < p->resume_ms)
		kafka_producer_poll(p->producer, BUSY_MS);
	else
		sleep_until_woken(p, IDLE_MS);
}

/* Takes notice of a stop; true when there is no more to do. */
static bool
finished(struct publisher *p)
{
	bool stopping, done = false;
	int64_t deadline;

	pthread_mutex_lock(&p->lock);
	stopping = p->stopping;
	deadline = p->deadline_ms;
	pthread_mutex_unlock(&p->lock);
	if (!stopping)
		return false;
	list_spools(p);
	done = unconfirmed(p) == 0;
	p->all_confirmed = done;
	return done || clock_mono_ms() >= deadline;
}

static void *
publish(void *arg)
{
	struct publisher *p = arg;

	while (!finished(p))
		turn(p);
	return NULL;
}

struct publisher *
publisher_start(struct spool_dir *dir, const struct publisher_settings *set,
    struct error *err)
{
	struct publisher *p = mem_zero(1, sizeof(*p));
	sigset_t all, before;
	int code;

	p->dir = dir;
	p->kafka = set->kafka;
	p->topic = str_dup(str_of(set->topic));
	p->dead_letters = str_dup(str_of(set->dead_letters));
	pthread_mutex_init(&p->lock, NULL);
	strcpy(p->reason, "no contact with kafka yet");
	p->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (p->wake < 0) {
		error_set(err, ERROR_FATAL, "publisher: %s", strerror(errno));
		goto fail;
	}
	/* Here already, so that a wrong setting is told at the start. */
	p->producer =
	    kafka_producer_open(set->kafka, set->topic, on_report, p, err);
	if (p->producer == NULL)
		goto fail;
	spool_dir_on_durable(dir, wake_up, p);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	code = pthread_create(&p->thread, NULL, publish, p);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (code == 0)
		return p;
	error_set(err, ERROR_FATAL, "publisher: cannot start a thread: %s",
	    strerror(code));
	spool_dir_on_durable(dir, NULL, NULL);
fail:
	kafka_producer_close(p->producer);
	if (p->wake >= 0)
		close(p->wake);
	pthread_mutex_destroy(&p->lock);
	free(p->topic);
	free(p->dead_letters);
	free(p);
	return NULL;
}

void
publisher_on_confirmed(struct publisher *p,
    void (*call)(void *ctx, struct spool *spool, uint64_t floor), void *ctx)
{
	p->confirmed_ctx = ctx;
	atomic_store_explicit(&p->confirmed, call, memory_order_release);
}

bool
publisher_healthy(struct publisher *p, char reason[ERROR_TEXT_MAX])
{
	bool healthy;

	pthread_mutex_lock(&p->lock);
	healthy = p->healthy;
	if (!healthy && reason != NULL)
		memcpy(reason, p->reason, ERROR_TEXT_MAX);
	pthread_mutex_unlock(&p->lock);
	return healthy;
}

bool
publisher_stop(struct publisher *p, int64_t deadline_ms)
{
	bool all_confirmed;

	pthread_mutex_lock(&p->lock);
	p->stopping = true;
	p->deadline_ms = clock_mono_ms() + deadline_ms;
	pthread_mutex_unlock(&p->lock);
	wake_up(p);
	pthread_join(p->thread, NULL);
	spool_dir_on_durable(p->dir, NULL, NULL);
	kafka_producer_close(p->producer);
	all_confirmed = p->all_confirmed;
	close(p->wake);
	pthread_mutex_destroy(&p->lock);
	buf_free(&p->sealed);
	free(p->slots);
	free(p->topic);
	free(p->dead_letters);
	free(p);
	return all_confirmed;
}

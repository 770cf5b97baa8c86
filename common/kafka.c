/*
 * kafka.c - producer and consumer on librdkafka (2.0.2 and later).
 *
 * It may log on its own threads; everything else of ours runs inside the
 * polls of the one thread that owns a producer or consumer.
 */
#include "common/kafka.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/kafka_internal.h"
#include "common/lent.h"
#include "common/log.h"
#include "common/pulse.h"

#define STALLED_MS 30000 /* no confirmation for so long is no good contact */
#define SEEK_MS 10000
#define SEEK_TRIES 3
#define LENT_BLOCKS 32 /* of values under way; further ones are copied */
#define LENT_BYTES ((size_t)1 << 20)

/* --- producer ------------------------------------------------------------ */

struct kafka_producer {
	rd_kafka_t *rk;
	rd_kafka_queue_t *queue; /* of reports, errors, statistics */
	int bell;                /* eventfd that rings when it has some */
	rd_kafka_topic_t *topic;
	kafka_report *report;
	void *ctx;
	struct lent *lent; /* values, until their report */
	size_t queued;
	bool connected;  /* to any broker, by the last statistics */
	bool progressed; /* in this poll; the clock is read once */
	char trouble[ERROR_TEXT_MAX]; /* "" since the last good delivery */
	char down[ERROR_TEXT_MAX];    /* why not connected */
	int64_t
	    progress_ms; /* when something was confirmed or nothing waited */
};

static void
on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *m, void *opaque)
{
	struct kafka_producer *p = opaque;
	enum kafka_fate fate = kafka_fate_of(m->err);

	(void)rk;
	p->queued--;
	lent_back(p->lent, m->payload);
	if (fate == KAFKA_AGAIN)
		snprintf(p->trouble, sizeof(p->trouble), "%s",
		    rd_kafka_err2str(m->err));
	else
		p->trouble[0] = '\0';
	if (fate == KAFKA_DELIVERED)
		p->connected = true;
	p->progressed |= fate != KAFKA_AGAIN;
	p->report(p->ctx, (uint64_t)(uintptr_t)m->_private, fate,
	    fate == KAFKA_DELIVERED ? "" : rd_kafka_err2str(m->err));
}

static void
on_producer_error(rd_kafka_t *rk, int code, const char *reason, void *opaque)
{
	struct kafka_producer *p = opaque;
	static struct log_cause cause;

	(void)rk;
	snprintf(p->down, sizeof(p->down), "%s", reason);
	if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
		p->connected = false;
	log_limited(&cause, LOG_WARNING, "kafka", "%s: %s",
	    rd_kafka_err2name((rd_kafka_resp_err_t)code), reason);
}

static int
on_statistics(rd_kafka_t *rk, char *json, size_t len, void *opaque)
{
	struct kafka_producer *p = opaque;

	(void)rk;
	p->connected =
	    str_find(str_make(json, len), STR("\"state\":\"UP\"")) >= 0;
	return 0;
}

struct kafka_producer *
kafka_producer_open(const struct pairs *settings, const char *topic,
    kafka_report *report, void *ctx, struct error *err)
{
	struct kafka_producer *p = mem_zero(1, sizeof(*p));
	rd_kafka_conf_t *conf = kafka_conf(settings, true, p, err);
	const uint64_t ring = 1;

	p->bell = -1;
	if (conf == NULL)
		goto fail;
	rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
	rd_kafka_conf_set_error_cb(conf, on_producer_error);
	rd_kafka_conf_set_stats_cb(conf, on_statistics);
	p->report = report;
	p->ctx = ctx;
	p->lent = lent_new(LENT_BLOCKS, LENT_BYTES);
	p->progress_ms = clock_mono_ms();
	snprintf(p->down, sizeof(p->down), "no broker has answered yet");
	p->rk = kafka_client(RD_KAFKA_PRODUCER, conf, err);
	if (p->rk == NULL)
		goto fail;
	p->bell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (p->bell < 0) {
		error_set(
		    err, ERROR_RETRY, "kafka: eventfd: %s", strerror(errno));
		goto fail;
	}
	p->queue = rd_kafka_queue_get_main(p->rk);
	rd_kafka_queue_io_event_enable(p->queue, p->bell, &ring, sizeof(ring));
	p->topic = rd_kafka_topic_new(p->rk, topic, NULL);
	if (p->topic == NULL) {
		error_set(err, ERROR_FATAL, "kafka: topic %s: %s", topic,
		    rd_kafka_err2str(rd_kafka_last_error()));
		goto fail;
	}
	return p;
fail:
	kafka_producer_close(p);
	return NULL;
}

bool
kafka_producer_broken(const struct kafka_producer *p, struct error *err)
{
	char text[ERROR_TEXT_MAX / 2];
	rd_kafka_resp_err_t code =
	    rd_kafka_fatal_error(p->rk, text, sizeof(text));

	if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
		return false;
	error_set(
	    err, ERROR_FATAL, "kafka: the producer failed for good: %s", text);
	return true;
}

bool
kafka_produce(struct kafka_producer *p, struct str key, struct str value,
    uint64_t tag, struct error *err)
{
	rd_kafka_resp_err_t code;

	if (p->queued == 0)
		p->progress_ms = clock_mono_ms();
	if (rd_kafka_produce(p->topic, RD_KAFKA_PARTITION_UA,
		RD_KAFKA_MSG_F_COPY, (void *)(uintptr_t)value.data, value.len,
		key.data, key.len, (void *)(uintptr_t)tag) == 0) {
		p->queued++;
		return true;
	}
	code = rd_kafka_last_error();
	if (code == RD_KAFKA_RESP_ERR__FATAL && kafka_producer_broken(p, err))
		return false;
	return error_set(err,
	    kafka_fate_of(code) == KAFKA_REFUSED ? ERROR_REJECT : ERROR_RETRY,
	    "kafka: %s", rd_kafka_err2str(code));
}

char *
kafka_producer_room(struct kafka_producer *p)
{
	return lent_room(p->lent, KAFKA_ROOM);
}

void
kafka_producer_keep(struct kafka_producer *p, size_t len)
{
	lent_keep(p->lent, len);
}

size_t
kafka_produce_together(
    struct kafka_producer *p, struct kafka_outgoing *messages, size_t count)
{
	rd_kafka_message_t list[KAFKA_TOGETHER_MAX];
	size_t taken = 0;

	assert(count <= KAFKA_TOGETHER_MAX);
	for (size_t i = 0; i < count; i++)
		list[i] = (rd_kafka_message_t){
			.payload = (void *)(uintptr_t)messages[i].value.data,
			.len = messages[i].value.len,
			.key = (void *)(uintptr_t)messages[i].key.data,
			.key_len = messages[i].key.len,
			._private = (void *)(uintptr_t)messages[i].tag
		};
	if (p->queued == 0)
		p->progress_ms = clock_mono_ms();
	rd_kafka_produce_batch(
	    p->topic, RD_KAFKA_PARTITION_UA, 0, list, (int)count);
	for (size_t i = 0; i < count; i++) {
		messages[i].taken = list[i].err == RD_KAFKA_RESP_ERR_NO_ERROR;
		taken += messages[i].taken;
		if (!messages[i].taken)
			lent_back(p->lent, messages[i].value.data);
	}
	p->queued += taken;
	return taken;
}

static void
note_progress(struct kafka_producer *p)
{
	if (p->progressed)
		p->progress_ms = clock_mono_ms();
	p->progressed = false;
}

/*
 * Waiting is not left to librdkafka, which does it by the wall clock: set
 * back by an hour while it waits for 20 ms, it would wait for an hour.
 */
void
kafka_producer_poll(struct kafka_producer *p, int timeout_ms)
{
	struct pollfd bell = { .fd = p->bell, .events = POLLIN };
	uint64_t rung;

	if (rd_kafka_poll(p->rk, 0) == 0 && timeout_ms > 0 &&
	    poll(&bell, 1, timeout_ms) == 1 &&
	    read(p->bell, &rung, sizeof(rung)) == sizeof(rung))
		rd_kafka_poll(p->rk, 0);
	note_progress(p);
}

void
kafka_producer_hurry(struct kafka_producer *p, int timeout_ms)
{
	/* A timeout is no failure: the report comes by a later poll. */
	rd_kafka_flush(p->rk, timeout_ms);
	note_progress(p);
}

size_t
kafka_producer_queued(const struct kafka_producer *p)
{
	return p->queued;
}

bool
kafka_producer_healthy(
    const struct kafka_producer *p, char text[ERROR_TEXT_MAX])
{
	const char *why = NULL;

	if (!p->connected)
		why = p->down;
	else if (p->trouble[0] != '\0')
		why = p->trouble;
	else if (p->queued > 0 && clock_mono_ms() - p->progress_ms > STALLED_MS)
		why = "no record was confirmed for half a minute";
	if (why != NULL && text != NULL)
		snprintf(text, ERROR_TEXT_MAX, "%s", why);
	return why == NULL;
}

void
kafka_producer_close(struct kafka_producer *p)
{
	if (p == NULL)
		return;
	if (p->topic != NULL)
		rd_kafka_topic_destroy(p->topic);
	if (p->queue != NULL)
		rd_kafka_queue_destroy(p->queue);
	if (p->rk != NULL) {
		/* Else destroying waits for what no broker will confirm. */
		rd_kafka_purge(
		    p->rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
		rd_kafka_destroy(p->rk);
	}
	if (p->bell >= 0)
		close(p->bell);
	lent_free(p->lent); /* now that nobody looks at it */
	free(p);
}

/* --- consumer ------------------------------------------------------------ */

struct part {
	int32_t partition;
	bool lost;     /* paused for good: its offset is gone */
	bool unread;   /* paused until someone says from where */
	int64_t await; /* offset sought, until it has come; -1: none */
	int tries;
};

struct kafka_consumer {
	rd_kafka_t *rk;
	char *topic;
	struct kafka_events events;
	struct part *parts;
	size_t count;
	bool paused, closing;
	bool has_error; /* to be told by the next poll */
	struct error error;
};

static struct part *
part_of(struct kafka_consumer *c, int32_t partition)
{
	for (size_t i = 0; i < c->count; i++) {
		if (c->parts[i].partition == partition)
			return &c->parts[i];
	}
	return NULL;
}

static void
keep_error(struct kafka_consumer *c, enum error_kind kind, const char *text)
{
	if (c->has_error && c->error.kind == ERROR_FATAL)
		return;
	c->has_error = true;
	error_set(&c->error, kind, "kafka: topic %s: %s", c->topic, text);
}

static void
set_paused(struct kafka_consumer *c, bool paused)
{
	rd_kafka_topic_partition_list_t *list =
	    rd_kafka_topic_partition_list_new((int)c->count + 1);

	for (size_t i = 0; i < c->count; i++) {
		if (!c->parts[i].lost && !c->parts[i].unread)
			rd_kafka_topic_partition_list_add(
			    list, c->topic, c->parts[i].partition);
	}
	if (paused)
		rd_kafka_pause_partitions(c->rk, list);
	else
		rd_kafka_resume_partitions(c->rk, list);
	rd_kafka_topic_partition_list_destroy(list);
}

static void
take(struct kafka_consumer *c, const rd_kafka_topic_partition_list_t *offered)
{
	rd_kafka_topic_partition_list_t *list =
	    rd_kafka_topic_partition_list_new(offered->cnt + 1);
	rd_kafka_topic_partition_list_t *unread =
	    rd_kafka_topic_partition_list_new(1);
	rd_kafka_resp_err_t code;

	c->count = 0;
	c->parts =
	    mem_grow(c->parts, ((size_t)offered->cnt + 1) * sizeof(*c->parts));
	for (int i = 0; i < offered->cnt; i++) {
		int32_t partition = offered->elems[i].partition;
		int64_t offset = c->events.assigned(c->events.ctx, partition);

		if (offset < 0)
			rd_kafka_topic_partition_list_add(
			    unread, c->topic, partition);
		/* Unread from 0, paused: a logical offset would be asked from
		 * the broker, and its late answer undo the seek to come. */
		rd_kafka_topic_partition_list_add(list, c->topic, partition)
		    ->offset = offset < 0 ? 0 : offset;
		c->parts[c->count++] = (struct part){ .partition = partition,
			.unread = offset < 0,
			.await = -1 };
	}
	code = rd_kafka_assign(c->rk, list);
	if (unread->cnt > 0)
		rd_kafka_pause_partitions(c->rk, unread);
	rd_kafka_topic_partition_list_destroy(unread);
	rd_kafka_topic_partition_list_destroy(list);
	if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
		keep_error(c, ERROR_RETRY, rd_kafka_err2str(code));
	if (c->paused)
		set_paused(c, true);
}

static void
on_rebalance(rd_kafka_t *rk, rd_kafka_resp_err_t code,
    rd_kafka_topic_partition_list_t *list, void *opaque)
{
	struct kafka_consumer *c = opaque;

	if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS && !c->closing) {
		take(c, list);
		return;
	}
	if (code != RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS &&
	    code != RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
		keep_error(c, ERROR_RETRY, rd_kafka_err2str(code));
	for (size_t i = 0; i < c->count && !c->closing; i++)
		c->events.revoked(c->events.ctx, c->parts[i].partition);
	c->count = 0;
	rd_kafka_assign(rk, NULL);
}

static void
on_consumer_error(rd_kafka_t *rk, int code, const char *reason, void *opaque)
{
	struct kafka_consumer *c = opaque;
	static struct log_cause cause;

	(void)rk;
	if (code == RD_KAFKA_RESP_ERR__FATAL)
		keep_error(c, ERROR_FATAL, reason);
	log_limited(&cause, LOG_WARNING, "kafka", "%s: %s",
	    rd_kafka_err2name((rd_kafka_resp_err_t)code), reason);
}

struct kafka_consumer *
kafka_consumer_open(const struct pairs *settings, const char *group,
    const char *topic, const struct kafka_events *events, struct error *err)
{
	struct kafka_consumer *c = mem_zero(1, sizeof(*c));
	rd_kafka_conf_t *conf = kafka_conf(settings, false, c, err);
	rd_kafka_topic_partition_list_t *list;
	rd_kafka_resp_err_t code;

	c->topic = str_dup(str_of(topic));
	c->events = *events;
	if (conf == NULL)
		goto fail;
	if (!kafka_conf_set(conf, "group.id", group, err)) {
		rd_kafka_conf_destroy(conf);
		goto fail;
	}
	rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
	rd_kafka_conf_set_error_cb(conf, on_consumer_error);
	c->rk = kafka_client(RD_KAFKA_CONSUMER, conf, err);
	if (c->rk == NULL)
		goto fail;
	rd_kafka_poll_set_consumer(c->rk);
	list = rd_kafka_topic_partition_list_new(1);
	rd_kafka_topic_partition_list_add(list, topic, RD_KAFKA_PARTITION_UA);
	code = rd_kafka_subscribe(c->rk, list);
	rd_kafka_topic_partition_list_destroy(list);
	if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
		error_set(err, ERROR_FATAL, "kafka: topic %s: %s", topic,
		    rd_kafka_err2str(code));
		goto fail;
	}
	return c;
fail:
	kafka_consumer_close(c);
	return NULL;
}

static void
offset_lost(struct kafka_consumer *c, const rd_kafka_message_t *m)
{
	struct part *part = part_of(c, m->partition);
	rd_kafka_topic_partition_list_t *list;
	int64_t low = -1, high = -1;

	if (part == NULL || part->lost || part->unread)
		return;
	part->lost = true;
	list = rd_kafka_topic_partition_list_new(1);
	rd_kafka_topic_partition_list_add(list, c->topic, m->partition);
	rd_kafka_pause_partitions(c->rk, list);
	rd_kafka_topic_partition_list_destroy(list);
	pulse_rest();
	if (rd_kafka_query_watermark_offsets(c->rk, c->topic, m->partition,
		&low, &high, SEEK_MS) != RD_KAFKA_RESP_ERR_NO_ERROR)
		rd_kafka_get_watermark_offsets(
		    c->rk, c->topic, m->partition, &low, &high);
	pulse_turn();
	c->events.lost(c->events.ctx, m->partition, m->offset, low);
}

static void
bad_message(struct kafka_consumer *c, const rd_kafka_message_t *m)
{
	switch (m->err) {
	case RD_KAFKA_RESP_ERR__PARTITION_EOF:
		break;
	case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
	case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
		offset_lost(c, m);
		break;
	case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
	case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
		keep_error(c, ERROR_FATAL,
		    "it does not exist; `afterclick migrate` makes it");
		break;
	case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR__FATAL:
		keep_error(c, ERROR_FATAL, rd_kafka_message_errstr(m));
		break;
	default:
		keep_error(c, ERROR_RETRY, rd_kafka_message_errstr(m));
	}
}

static bool
seek(struct kafka_consumer *c, int32_t partition, int64_t offset,
    struct error *err)
{
	rd_kafka_topic_partition_list_t *list =
	    rd_kafka_topic_partition_list_new(1);
	rd_kafka_error_t *error;
	bool ok = false;

	rd_kafka_topic_partition_list_add(list, c->topic, partition)->offset =
	    offset;
	pulse_rest();
	error = rd_kafka_seek_partitions(c->rk, list, SEEK_MS);
	pulse_turn();
	if (error != NULL)
		error_set(err, ERROR_RETRY, "kafka: cannot seek: %s",
		    rd_kafka_error_string(error));
	else if (list->elems[0].err != RD_KAFKA_RESP_ERR_NO_ERROR)
		error_set(err, ERROR_RETRY, "kafka: cannot seek: %s",
		    rd_kafka_err2str(list->elems[0].err));
	else
		ok = true;
	if (error != NULL)
		rd_kafka_error_destroy(error);
	rd_kafka_topic_partition_list_destroy(list);
	return ok;
}

/* False for what was fetched before a seek: it is not next. */
static bool
wanted(struct kafka_consumer *c, const rd_kafka_message_t *m)
{
	struct part *part = part_of(c, m->partition);

	if (part == NULL || part->lost || part->unread)
		return false;
	if (part->await < 0 || m->offset == part->await) {
		part->await = -1;
		return true;
	}
	/* Or the offset is a gap in the log: then the same comes again. */
	if (part->tries++ < SEEK_TRIES &&
	    seek(c, m->partition, part->await, NULL))
		return false;
	if (m->offset < part->await)
		return false;
	part->await = -1;
	return true;
}

static void
fill(struct kafka_message *out, rd_kafka_message_t *m)
{
	rd_kafka_timestamp_type_t type;

	out->partition = m->partition;
	out->offset = m->offset;
	out->timestamp_ms = rd_kafka_message_timestamp(m, &type);
	out->key = str_make(m->key, m->key_len);
	out->value = str_make(m->payload, m->len);
	out->handle = m;
}

int
kafka_poll(struct kafka_consumer *c, struct kafka_message *out, int max,
    int timeout_ms, struct error *err)
{
	int count = 0;

	/* One at a time: in 2.0.2 batches skip offsets around a seek. */
	while (count < max && !c->has_error) {
		rd_kafka_message_t *m =
		    rd_kafka_consumer_poll(c->rk, count ? 0 : timeout_ms);

		if (m == NULL)
			break;
		if (m->err == RD_KAFKA_RESP_ERR_NO_ERROR && wanted(c, m)) {
			fill(&out[count++], m);
			continue;
		}
		if (m->err != RD_KAFKA_RESP_ERR_NO_ERROR)
			bad_message(c, m);
		rd_kafka_message_destroy(m);
		timeout_ms = 0;
	}
	if (count > 0 || !c->has_error)
		return count;
	c->has_error = false;
	if (err != NULL)
		*err = c->error;
	return -1;
}

void
kafka_release(struct kafka_message *messages, int count)
{
	for (int i = 0; i < count; i++)
		rd_kafka_message_destroy(messages[i].handle);
}

bool
kafka_seek(struct kafka_consumer *c, int32_t partition, int64_t offset,
    struct error *err)
{
	struct part *part = part_of(c, partition);

	if (part == NULL)
		return error_set(err, ERROR_RETRY,
		    "kafka: partition %" PRId32 " is not ours", partition);
	if (!seek(c, partition, offset, err))
		return false;
	part->await = offset;
	part->tries = 0;
	if (part->unread) {
		part->unread = false;
		if (!c->paused)
			set_paused(c, false);
	}
	return true;
}

void
kafka_pause(struct kafka_consumer *c, bool paused)
{
	if (c->paused == paused)
		return;
	c->paused = paused;
	set_paused(c, paused);
}

int64_t
kafka_end(struct kafka_consumer *c, int32_t partition)
{
	int64_t low, high;

	if (rd_kafka_get_watermark_offsets(c->rk, c->topic, partition, &low,
		&high) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return -1;
	return high < 0 ? -1 : high;
}

void
kafka_consumer_close(struct kafka_consumer *c)
{
	if (c == NULL)
		return;
	c->closing = true;
	if (c->rk != NULL) {
		rd_kafka_consumer_close(c->rk);
		rd_kafka_destroy(c->rk);
	}
	free(c->parts);
	free(c->topic);
	free(c);
}

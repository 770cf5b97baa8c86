/*
 * kafka_reader.c - stretches of a topic, read outside any group: nobody is
 * asked to share, and no position is kept.
 */
#include "common/kafka.h"

#include <inttypes.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/kafka_internal.h"

#define ASK_MS 30000
#define STALLED_MS 60000 /* records must be there: something is wrong */

struct stretch {
	int64_t next, to;
};

struct kafka_reader {
	rd_kafka_t *rk;
	rd_kafka_queue_t *queue;
	char *topic;
	struct stretch *at; /* by partition */
	int32_t count;
	int64_t left; /* records at most */
	int64_t moved_ms;
};

static bool
assign(struct kafka_reader *r, const struct kafka_range *range, size_t count,
    struct error *err)
{
	rd_kafka_topic_partition_list_t *list =
	    rd_kafka_topic_partition_list_new((int)count + 1);
	rd_kafka_resp_err_t code;

	for (size_t i = 0; i < count; i++) {
		if (range[i].partition >= r->count)
			r->count = range[i].partition + 1;
	}
	r->at = mem_zero((size_t)r->count + 1, sizeof(*r->at));
	for (size_t i = 0; i < count; i++) {
		if (range[i].low >= range[i].high)
			continue;
		rd_kafka_topic_partition_list_add(
		    list, r->topic, range[i].partition)
		    ->offset = range[i].low;
		r->at[range[i].partition] =
		    (struct stretch){ range[i].low, range[i].high };
		r->left += range[i].high - range[i].low;
	}
	code = rd_kafka_assign(r->rk, list);
	rd_kafka_topic_partition_list_destroy(list);
	return code == RD_KAFKA_RESP_ERR_NO_ERROR ||
	       error_set(err, ERROR_RETRY, "kafka: topic %s: %s", r->topic,
		   rd_kafka_err2str(code));
}

struct kafka_reader *
kafka_reader_open(const struct pairs *settings, const char *group,
    const char *topic, const struct kafka_range *range, size_t count,
    struct error *err)
{
	struct kafka_reader *r = mem_zero(1, sizeof(*r));
	rd_kafka_conf_t *conf = kafka_conf(settings, false, NULL, err);

	r->topic = str_dup(str_of(topic));
	r->moved_ms = clock_mono_ms();
	if (conf == NULL)
		goto fail;
	/* librdkafka wants a name to assign under; it is never joined. */
	if (!kafka_conf_set(conf, "group.id", group, err)) {
		rd_kafka_conf_destroy(conf);
		goto fail;
	}
	r->rk = kafka_client(RD_KAFKA_CONSUMER, conf, err);
	if (r->rk == NULL)
		goto fail;
	rd_kafka_poll_set_consumer(r->rk);
	r->queue = rd_kafka_queue_get_consumer(r->rk);
	if (!assign(r, range, count, err))
		goto fail;
	return r;
fail:
	kafka_reader_close(r);
	return NULL;
}

void
kafka_reader_close(struct kafka_reader *r)
{
	if (r == NULL)
		return;
	if (r->queue != NULL)
		rd_kafka_queue_destroy(r->queue);
	if (r->rk != NULL) {
		rd_kafka_consumer_close(r->rk);
		rd_kafka_destroy(r->rk);
	}
	free(r->topic);
	free(r->at);
	free(r);
}

static void
pause_partition(struct kafka_reader *r, int32_t partition)
{
	rd_kafka_topic_partition_list_t *list =
	    rd_kafka_topic_partition_list_new(1);

	rd_kafka_topic_partition_list_add(list, r->topic, partition);
	rd_kafka_pause_partitions(r->rk, list);
	rd_kafka_topic_partition_list_destroy(list);
}

/* True when M belongs to its partition's stretch, which it moves on. */
static bool
take(struct kafka_reader *r, const rd_kafka_message_t *m)
{
	struct stretch *s;
	int64_t before;

	if (m->partition >= r->count)
		return false;
	s = &r->at[m->partition];
	if (s->next >= s->to || m->offset < s->next)
		return false;
	before = s->next;
	s->next = m->offset + 1 < s->to ? m->offset + 1 : s->to;
	r->left -= s->next - before;
	r->moved_ms = clock_mono_ms();
	if (s->next == s->to)
		pause_partition(r, m->partition);
	return m->offset < s->to;
}

static bool
bad_message(
    struct kafka_reader *r, const rd_kafka_message_t *m, struct error *err)
{
	switch (m->err) {
	case RD_KAFKA_RESP_ERR__PARTITION_EOF:
		return true;
	case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
	case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
		return error_set(err, ERROR_FATAL,
		    "kafka: topic %s, partition %" PRId32
		    ": retention removed records that were to be read",
		    r->topic, m->partition);
	case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
	case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
	case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR__FATAL:
		return error_set(err, ERROR_FATAL, "kafka: topic %s: %s",
		    r->topic, rd_kafka_message_errstr(m));
	default:
		return error_set(err, ERROR_RETRY, "kafka: topic %s: %s",
		    r->topic, rd_kafka_message_errstr(m));
	}
}

int
kafka_reader_poll(struct kafka_reader *r, struct kafka_message *out, int max,
    int timeout_ms, struct error *err)
{
	rd_kafka_message_t *m[KAFKA_READER_MAX];
	ssize_t n = rd_kafka_consume_batch_queue(r->queue, timeout_ms, m,
	    (size_t)(max < KAFKA_READER_MAX ? max : KAFKA_READER_MAX));
	bool ok = true;
	int count = 0;

	for (ssize_t i = 0; i < n; i++) {
		rd_kafka_timestamp_type_t type;

		if (m[i]->err != RD_KAFKA_RESP_ERR_NO_ERROR)
			ok = bad_message(r, m[i], err) && ok;
		if (m[i]->err != RD_KAFKA_RESP_ERR_NO_ERROR || !take(r, m[i])) {
			rd_kafka_message_destroy(m[i]);
			continue;
		}
		out[count++] = (struct kafka_message){ m[i]->partition,
			m[i]->offset, rd_kafka_message_timestamp(m[i], &type),
			str_make(m[i]->key, m[i]->key_len),
			str_make(m[i]->payload, m[i]->len), m[i] };
	}
	if (count > 0)
		return count; /* an error comes again */
	if (ok && r->left > 0 && clock_mono_ms() - r->moved_ms > STALLED_MS)
		ok = error_set(err, ERROR_RETRY,
		    "kafka: topic %s: no record came for %d s", r->topic,
		    STALLED_MS / 1000);
	return ok ? 0 : -1;
}

int64_t
kafka_reader_left(const struct kafka_reader *r)
{
	return r->left;
}

bool
kafka_offsets_at(const struct pairs *settings, const char *topic, int64_t ms,
    struct kafka_range *range, size_t count, struct error *err)
{
	rd_kafka_conf_t *conf = kafka_conf(settings, false, NULL, err);
	rd_kafka_topic_partition_list_t *list;
	rd_kafka_resp_err_t code;
	rd_kafka_t *rk;

	if (conf == NULL)
		return false;
	rk = kafka_client(RD_KAFKA_CONSUMER, conf, err);
	if (rk == NULL)
		return false;
	list = rd_kafka_topic_partition_list_new((int)count);
	for (size_t i = 0; i < count; i++)
		rd_kafka_topic_partition_list_add(
		    list, topic, range[i].partition)
		    ->offset = ms;
	code = rd_kafka_offsets_for_times(rk, list, ASK_MS);
	for (size_t i = 0; i < count && code == RD_KAFKA_RESP_ERR_NO_ERROR;
	     i++) {
		code = list->elems[i].err;
		/* Nothing so late: the end. */
		range[i].low = list->elems[i].offset >= 0
				   ? list->elems[i].offset
				   : range[i].high;
	}
	rd_kafka_topic_partition_list_destroy(list);
	rd_kafka_destroy(rk);
	return code == RD_KAFKA_RESP_ERR_NO_ERROR ||
	       error_set(err, ERROR_RETRY, "kafka: topic %s: %s", topic,
		   rd_kafka_err2str(code));
}

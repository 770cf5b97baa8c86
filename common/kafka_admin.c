/*
 * kafka_admin.c - librdkafka's settings, checked against our promises, what
 * its errors ask for, and what is asked from brokers about a topic.
 */
#include "common/kafka_internal.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/kafka.h"
#include "common/log.h"
#include "common/process.h"

#define ADMIN_MS 30000
#define ASK_MS 500 /* at a time: who is to stop does not wait longer */

/* --- settings ------------------------------------------------------------ */

struct fixed {
	const char *key, *producer, *consumer; /* values; NULL: leave alone */
	const char *why; /* it may not be set; NULL: it may */
};

/* What is set before the user's settings, and what those may not touch. */
static const struct fixed fixed[] = {
	{ "enable.idempotence", "true", NULL,
	    "without it a retry could reorder or double records" },
	{ "acks", "all", NULL,
	    "a record counts only when every replica has it" },
	{ "request.required.acks", NULL, NULL,
	    "a record counts only when every replica has it" },
	{ "message.timeout.ms", "0", NULL,
	    "a record must outlive any outage of Kafka" },
	{ "delivery.timeout.ms", NULL, NULL,
	    "a record must outlive any outage of Kafka" },
	{ "enable.gapless.guarantee", NULL, NULL,
	    "the spool resends by itself" },
	{ "transactional.id", NULL, NULL, "no transactions are used" },
	{ "partitioner", "murmur2_random", NULL,
	    "all records of a visitor must be in one partition, wherever "
	    "they were produced" },
	{ "group.id", NULL, NULL, "it is the setting `group`" },
	{ "enable.auto.commit", NULL, "false",
	    "positions are committed with the rows, in PostgreSQL" },
	{ "enable.auto.offset.store", NULL, "false",
	    "positions are committed with the rows, in PostgreSQL" },
	{ "auto.offset.reset", NULL, "error",
	    "records that are gone must be noticed" },
	{ "allow.auto.create.topics", NULL, "false",
	    "`afterclick migrate` makes the topic as it must be" },
	{ "partition.assignment.strategy", NULL, "range,roundrobin",
	    "partitions are taken over all at once" },
	{ "enable.partition.eof", NULL, "false", "it is not used" },
	{ "statistics.interval.ms", "1000", NULL, "health is read from it" },
	{ "linger.ms", "50", NULL, NULL },
	{ "compression.codec", "lz4", NULL, NULL },
	/* Memory: the backlog waits in the spool, not here. */
	{ "queue.buffering.max.messages", "100000", NULL, NULL },
	{ "queue.buffering.max.kbytes", "131072", NULL, NULL },
	/* 2.0.2 sleeps a second whenever its queue is full: a queue that
	 * ends by bytes only keeps it from that. */
	{ "queued.min.messages", NULL, "10000000", NULL },
	{ "queued.max.messages.kbytes", NULL, "262144", NULL },
};
#define FIXED_COUNT (sizeof(fixed) / sizeof(*fixed))

bool
kafka_conf_set(rd_kafka_conf_t *conf, const char *key, const char *value,
    struct error *err)
{
	char text[ERROR_TEXT_MAX / 2];

	if (rd_kafka_conf_set(conf, key, value, text, sizeof(text)) !=
	    RD_KAFKA_CONF_OK)
		return error_set(err, ERROR_FATAL, "kafka: %s: %s", key, text);
	return true;
}

/* Of settings that are not theirs to make: why. NULL: all others. */
static const char *
why_fixed(const char *key)
{
	for (size_t i = 0; i < FIXED_COUNT; i++) {
		if (fixed[i].why != NULL && strcmp(key, fixed[i].key) == 0)
			return fixed[i].why;
	}
	return NULL;
}

static bool
set_pair(rd_kafka_conf_t *conf, const struct pair *pair, struct error *err)
{
	const char *why = why_fixed(pair->key);

	if (why != NULL)
		return error_set(err, ERROR_FATAL,
		    "kafka: %s cannot be set: %s", pair->key, why);
	return kafka_conf_set(conf, pair->key, pair->value, err);
}

/*
 * What an error of Produce asks for. What is not listed here is AGAIN: the
 * record stays in the spool, and the same number makes a double harmless.
 * Retriable errors (leader moved, not enough replicas, timeouts) rarely get
 * here: librdkafka repeats those without end, as no message times out.
 */
static const struct {
	rd_kafka_resp_err_t code;
	enum kafka_fate fate;
} fates[] = {
	{ RD_KAFKA_RESP_ERR_NO_ERROR, KAFKA_DELIVERED },
	/* Never: the record itself is wrong for the topic. */
	{ RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, KAFKA_REFUSED },
	{ RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, KAFKA_REFUSED },
	{ RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE, KAFKA_REFUSED },
	{ RD_KAFKA_RESP_ERR_INVALID_RECORD, KAFKA_REFUSED },
	{ RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, KAFKA_REFUSED },
	/* Again, by the next producer: this one is fatal from here on. */
	{ RD_KAFKA_RESP_ERR__FATAL, KAFKA_AGAIN },
	{ RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, KAFKA_AGAIN },
	{ RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID, KAFKA_AGAIN },
	{ RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, KAFKA_AGAIN },
	{ RD_KAFKA_RESP_ERR_PRODUCER_FENCED, KAFKA_AGAIN },
	/* Again, when somebody has put it right: permanent is not a drop. */
	{ RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, KAFKA_AGAIN },
	{ RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, KAFKA_AGAIN },
	{ RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, KAFKA_AGAIN },
	{ RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, KAFKA_AGAIN },
	{ RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT, KAFKA_AGAIN },
	{ RD_KAFKA_RESP_ERR_POLICY_VIOLATION, KAFKA_AGAIN },
};

enum kafka_fate
kafka_fate_of(rd_kafka_resp_err_t code)
{
	for (size_t i = 0; i < sizeof(fates) / sizeof(*fates); i++) {
		if (fates[i].code == code)
			return fates[i].fate;
	}
	return KAFKA_AGAIN;
}

static void
on_log(const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
	static struct log_cause errors, others;

	(void)rk;
	if (level <= 3)
		log_limited(
		    &errors, LOG_WARNING, "kafka", "%s: %s", facility, text);
	else
		log_limited(&others, level <= 6 ? LOG_INFO : LOG_DEBUG, "kafka",
		    "%s: %s", facility, text);
}

rd_kafka_conf_t *
kafka_conf(const struct pairs *settings, bool producer, void *opaque,
    struct error *err)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	bool ok = true;

	for (size_t i = 0; i < FIXED_COUNT && ok; i++) {
		const char *value =
		    producer ? fixed[i].producer : fixed[i].consumer;

		if (value != NULL)
			ok = kafka_conf_set(conf, fixed[i].key, value, err);
	}
	for (size_t i = 0; i < settings->count && ok; i++)
		ok = set_pair(conf, &settings->at[i], err);
	if (!ok) {
		rd_kafka_conf_destroy(conf);
		return NULL;
	}
	rd_kafka_conf_set_log_cb(conf, on_log);
	rd_kafka_conf_set_opaque(conf, opaque);
	return conf;
}

/* Takes CONF. */
rd_kafka_t *
kafka_client(rd_kafka_type_t type, rd_kafka_conf_t *conf, struct error *err)
{
	char text[ERROR_TEXT_MAX / 2];
	rd_kafka_t *rk = rd_kafka_new(type, conf, text, sizeof(text));

	if (rk == NULL) {
		rd_kafka_conf_destroy(conf);
		error_set(err, ERROR_FATAL, "kafka: %s", text);
	}
	return rk;
}

/* --- administration ------------------------------------------------------ */

/* What became of creating TOPIC. */
static bool
created_as(rd_kafka_event_t *event, const char *topic, bool *created,
    struct error *err)
{
	const rd_kafka_CreateTopics_result_t *result =
	    event == NULL ? NULL : rd_kafka_event_CreateTopics_result(event);
	const rd_kafka_topic_result_t **topics;
	rd_kafka_resp_err_t code;
	size_t count;

	if (result == NULL)
		return error_set(err, ERROR_RETRY,
		    "kafka: no answer to the creation of topic %s", topic);
	if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return error_set(err, ERROR_RETRY,
		    "kafka: cannot create topic %s: %s", topic,
		    rd_kafka_event_error_string(event));
	topics = rd_kafka_CreateTopics_result_topics(result, &count);
	assert(count == 1);
	code = rd_kafka_topic_result_error(topics[0]);
	*created = code == RD_KAFKA_RESP_ERR_NO_ERROR;
	if (*created || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
		return true;
	return error_set(err, ERROR_FATAL, "kafka: cannot create topic %s: %s",
	    topic, rd_kafka_topic_result_error_string(topics[0]));
}

bool
kafka_topic_create(const struct pairs *settings, const char *topic,
    int partitions, int replication, int64_t retention_ms, bool *created,
    struct error *err)
{
	rd_kafka_conf_t *conf = kafka_conf(settings, false, NULL, err);
	rd_kafka_AdminOptions_t *options = NULL;
	rd_kafka_NewTopic_t *wish = NULL;
	rd_kafka_queue_t *queue = NULL;
	rd_kafka_event_t *event = NULL;
	char text[ERROR_TEXT_MAX / 2], retention[24];
	rd_kafka_t *rk;
	bool ok = false;

	*created = false;
	if (conf == NULL)
		return false;
	rk = kafka_client(RD_KAFKA_CONSUMER, conf, err);
	if (rk == NULL)
		return false;
	wish = rd_kafka_NewTopic_new(
	    topic, partitions, replication, text, sizeof(text));
	if (wish == NULL) {
		error_set(err, ERROR_FATAL, "kafka: topic %s: %s", topic, text);
		goto out;
	}
	snprintf(retention, sizeof(retention), "%" PRId64, retention_ms);
	rd_kafka_NewTopic_set_config(wish, "retention.ms", retention);
	options = rd_kafka_AdminOptions_new(rk, RD_KAFKA_ADMIN_OP_CREATETOPICS);
	rd_kafka_AdminOptions_set_request_timeout(
	    options, ADMIN_MS, text, sizeof(text));
	queue = rd_kafka_queue_new(rk);
	rd_kafka_CreateTopics(rk, &wish, 1, options, queue);
	event = rd_kafka_queue_poll(queue, ADMIN_MS + 1000);
	ok = created_as(event, topic, created, err);
out:
	if (event != NULL)
		rd_kafka_event_destroy(event);
	if (queue != NULL)
		rd_kafka_queue_destroy(queue);
	if (options != NULL)
		rd_kafka_AdminOptions_destroy(options);
	if (wish != NULL)
		rd_kafka_NewTopic_destroy(wish);
	rd_kafka_destroy(rk);
	return ok;
}

/* The value of retention.ms in the answer EVENT on TOPIC. */
static bool
retention_in(
    rd_kafka_event_t *event, const char *topic, int64_t *ms, struct error *err)
{
	const rd_kafka_DescribeConfigs_result_t *result =
	    event == NULL ? NULL : rd_kafka_event_DescribeConfigs_result(event);
	const rd_kafka_ConfigResource_t **topics;
	const rd_kafka_ConfigEntry_t **entries;
	size_t count;

	if (result == NULL)
		return error_set(err, ERROR_RETRY,
		    "kafka: no answer on the settings of topic %s", topic);
	if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return error_set(err, ERROR_RETRY,
		    "kafka: settings of topic %s: %s", topic,
		    rd_kafka_event_error_string(event));
	topics = rd_kafka_DescribeConfigs_result_resources(result, &count);
	assert(count == 1);
	if (rd_kafka_ConfigResource_error(topics[0]) !=
	    RD_KAFKA_RESP_ERR_NO_ERROR)
		return error_set(err, ERROR_FATAL,
		    "kafka: settings of topic %s: %s", topic,
		    rd_kafka_ConfigResource_error_string(topics[0]));
	entries = rd_kafka_ConfigResource_configs(topics[0], &count);
	for (size_t i = 0; i < count; i++) {
		const char *value = rd_kafka_ConfigEntry_value(entries[i]);

		if (strcmp(rd_kafka_ConfigEntry_name(entries[i]),
			"retention.ms") == 0 &&
		    value != NULL) {
			*ms = strtoll(value, NULL, 10);
			return true;
		}
	}
	return error_set(err, ERROR_FATAL,
	    "kafka: the brokers do not say how long topic %s keeps records",
	    topic);
}

bool
kafka_topic_retention(const struct pairs *settings, const char *topic,
    int64_t *ms, struct error *err)
{
	rd_kafka_conf_t *conf = kafka_conf(settings, false, NULL, err);
	rd_kafka_ConfigResource_t *about;
	rd_kafka_queue_t *queue;
	rd_kafka_event_t *event;
	rd_kafka_t *rk;
	bool ok;

	if (conf == NULL)
		return false;
	rk = kafka_client(RD_KAFKA_CONSUMER, conf, err);
	if (rk == NULL)
		return false;
	about = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic);
	queue = rd_kafka_queue_new(rk);
	rd_kafka_DescribeConfigs(rk, &about, 1, NULL, queue);
	event = rd_kafka_queue_poll(queue, ADMIN_MS);
	ok = retention_in(event, topic, ms, err);
	if (event != NULL)
		rd_kafka_event_destroy(event);
	rd_kafka_queue_destroy(queue);
	rd_kafka_ConfigResource_destroy(about);
	rd_kafka_destroy(rk);
	return ok;
}

/* Asks brokers about TOPIC for ADMIN_MS, or until we are to stop. */
static rd_kafka_resp_err_t
ask(rd_kafka_t *rk, rd_kafka_topic_t *topic,
    const struct rd_kafka_metadata **meta)
{
	int64_t end_ms = clock_mono_ms() + ADMIN_MS;
	rd_kafka_resp_err_t code;

	do {
		code = rd_kafka_metadata(rk, 0, topic, meta, ASK_MS);
	} while ((code == RD_KAFKA_RESP_ERR__TIMED_OUT ||
		     code == RD_KAFKA_RESP_ERR__TRANSPORT) &&
		 clock_mono_ms() < end_ms && !process_stopping());
	return code;
}

/* The number of TOPIC's partitions, -1 and ERR. */
static int
partitions_of(rd_kafka_t *rk, const char *topic, struct error *err)
{
	rd_kafka_topic_t *rkt = rd_kafka_topic_new(rk, topic, NULL);
	const struct rd_kafka_metadata *meta;
	rd_kafka_resp_err_t code;
	int count = -1;

	code = ask(rk, rkt, &meta);
	rd_kafka_topic_destroy(rkt);
	if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
		error_set(err, ERROR_RETRY,
		    "kafka: no broker of bootstrap.servers has answered when "
		    "asked for topic %s: %s",
		    topic, rd_kafka_err2str(code));
		return -1;
	}
	code = meta->topic_cnt == 1 ? meta->topics[0].err
				    : RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
	if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
		count = meta->topics[0].partition_cnt;
	else if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
		 code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC)
		error_set(err, ERROR_FATAL,
		    "kafka: topic %s does not exist; `afterclick migrate` "
		    "makes it",
		    topic);
	else
		error_set(err, ERROR_RETRY, "kafka: topic %s: %s", topic,
		    rd_kafka_err2str(code));
	rd_kafka_metadata_destroy(meta);
	return count;
}

bool
kafka_ranges(const struct pairs *settings, const char *topic,
    struct kafka_range **out, size_t *count, struct error *err)
{
	rd_kafka_conf_t *conf = kafka_conf(settings, false, NULL, err);
	struct kafka_range *ranges = NULL;
	rd_kafka_t *rk;
	bool ok = false;
	int n;

	if (conf == NULL)
		return false;
	rk = kafka_client(RD_KAFKA_CONSUMER, conf, err);
	if (rk == NULL)
		return false;
	n = partitions_of(rk, topic, err);
	if (n < 0)
		goto out;
	ranges = mem_zero((size_t)n + 1, sizeof(*ranges));
	for (int i = 0; i < n; i++) {
		rd_kafka_resp_err_t code;

		ranges[i].partition = i;
		code = rd_kafka_query_watermark_offsets(
		    rk, topic, i, &ranges[i].low, &ranges[i].high, ADMIN_MS);
		if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
			error_set(err, ERROR_RETRY,
			    "kafka: topic %s, partition %d: %s", topic, i,
			    rd_kafka_err2str(code));
			goto out;
		}
	}
	*out = ranges;
	*count = (size_t)n;
	ranges = NULL; /* the caller's now */
	ok = true;
out:
	free(ranges);
	rd_kafka_destroy(rk);
	return ok;
}

void
kafka_check_settings(const void *value, struct config_place *place)
{
	const struct pairs *kafka = value;
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char text[ERROR_TEXT_MAX / 2];
	bool where = false;

	for (size_t i = 0; i < kafka->count; i++) {
		const struct pair *p = &kafka->at[i];
		const char *why = why_fixed(p->key);

		if (why != NULL)
			config_complain(
			    place, p->key, "cannot be set: %s", why);
		else if (rd_kafka_conf_set(conf, p->key, p->value, text,
			     sizeof(text)) != RD_KAFKA_CONF_OK)
			config_complain(place, p->key, "%s", text);
		if (strcmp(p->key, "bootstrap.servers") == 0 ||
		    strcmp(p->key, "metadata.broker.list") == 0)
			where |= p->value[0] != '\0';
	}
	if (!where)
		config_complain(place, NULL,
		    "bootstrap.servers is missing or empty: host:port of a "
		    "broker or more");
	rd_kafka_conf_destroy(conf);
}

void
kafka_check_topic(const void *value, struct config_place *place)
{
	char *const *topic = value;
	size_t len = strlen(*topic);

	if (len == 0 || len > 249 || strcmp(*topic, ".") == 0 ||
	    strcmp(*topic, "..") == 0 ||
	    strspn(*topic, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVW"
			   "XYZ0123456789._-") != len)
		config_complain(place, NULL,
		    "must be 1 to 249 of a-z, A-Z, 0-9, ., _ and -");
}

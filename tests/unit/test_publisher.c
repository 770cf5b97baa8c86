/*
 * test_publisher.c - from spool to Kafka, with librdkafka's mock brokers:
 * every record arrives whatever Produce answers, under its own number and
 * with a floor that is true.
 */
#include "collector/publisher.h"

#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/metrics.h"

#define TOPIC "hits"
#define PATIENCE_MS 30000
#define PRODUCE 0 /* ApiKey */
#define SEQ_END 30000

static char root[64], where[128], dead[128];
static rd_kafka_t *mock_owner;
static rd_kafka_mock_cluster_t *mock;
static struct pair pairs[4];
static struct pairs settings = { pairs, 0 };

static _Atomic uint64_t good;

static void
synced(void *ctx, uint64_t seq, bool ok)
{
	(void)ctx;
	assert_true(ok);
	good = seq;
}

static void
set(const char *key, const char *value)
{
	pairs[settings.count++] = (struct pair){ strdup(key), strdup(value) };
}

static int
setup(void **state)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char text[200];

	(void)state;
	strcpy(root, "/tmp/test-publisher-XXXXXX");
	if (mkdtemp(root) == NULL)
		return -1;
	snprintf(where, sizeof(where), "%s/spool", root);
	snprintf(dead, sizeof(dead), "%s/dead.jsonl", root);
	rd_kafka_conf_set(conf, "log_level", "0", NULL, 0);
	mock_owner = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof(text));
	mock = rd_kafka_mock_cluster_new(mock_owner, 3);
	rd_kafka_mock_topic_create(mock, TOPIC, 4, 1);
	settings.count = 0;
	set("bootstrap.servers", rd_kafka_mock_cluster_bootstraps(mock));
	set("linger.ms", "5");
	set("retry.backoff.ms", "10");
	good = 0;
	return 0;
}

static int
teardown(void **state)
{
	char command[128];

	(void)state;
	for (size_t i = 0; i < settings.count; i++) {
		free(pairs[i].key);
		free(pairs[i].value);
	}
	rd_kafka_mock_cluster_destroy(mock);
	rd_kafka_destroy(mock_owner);
	snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

static struct spool_dir *
open_dir(void)
{
	struct spool_settings spool = { where, INT64_C(64) << 20, 1 << 20,
		DURABILITY_MEMORY };
	struct error err;
	struct spool_dir *dir = spool_dir_open(&spool, &err);

	if (dir == NULL)
		fail_msg("%s", err.text);
	return dir;
}

static struct publisher *
start(struct spool_dir *dir)
{
	struct publisher_settings publisher = { &settings, TOPIC, dead };
	struct error err;
	struct publisher *p = publisher_start(dir, &publisher, &err);

	if (p == NULL)
		fail_msg("%s", err.text);
	return p;
}

/* Appends records FROM..TO and waits until they are in the spool. */
static void
append(struct spool *sp, uint64_t from, uint64_t to)
{
	int64_t give_up = clock_mono_ms() + PATIENCE_MS;
	char value[64], key[24];
	uint64_t seq = 0;

	for (uint64_t n = from; n <= to; n++) {
		snprintf(value, sizeof(value),
		    "{\"v\":1,\"order_id\":\"%" PRIu64 "\"}", n);
		snprintf(key, sizeof(key), "visitor-%" PRIu64, n % 97);
		seq = spool_append(sp, str_of(key), str_of(value), NULL);
		assert_int_not_equal(0, seq);
		if (n % 50 == 0)
			spool_flush(sp);
	}
	spool_flush(sp);
	while (good < seq)
		assert_true(clock_mono_ms() < give_up);
}

/* What the topic holds. */
struct seen {
	int times[SEQ_END + 1];       /* by seq */
	uint64_t floors[SEQ_END + 1]; /* the highest floor it came with */
	uint64_t number[SEQ_END + 1]; /* the record's own */
	size_t messages, distinct;
};
static struct seen seen;

static uint64_t
field(const rd_kafka_message_t *m, const char *name)
{
	char text[512];
	const char *at;

	snprintf(
	    text, sizeof(text), "%.*s", (int)m->len, (const char *)m->payload);
	at = strstr(text, name);
	assert_non_null(at);
	return strtoull(at + strlen(name), NULL, 10);
}

/* Reads the topic until EXPECTED different numbers of spool ID were seen. */
static void
read_topic(uint64_t id, size_t expected)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	rd_kafka_topic_partition_list_t *list;
	int64_t give_up = clock_mono_ms() + PATIENCE_MS;
	char text[200], id_text[64];
	rd_kafka_t *rk;

	memset(&seen, 0, sizeof(seen));
	snprintf(
	    id_text, sizeof(id_text), "\"spool_id\":\"%016" PRIx64 "\"", id);
	rd_kafka_conf_set(conf, "bootstrap.servers",
	    rd_kafka_mock_cluster_bootstraps(mock), NULL, 0);
	rd_kafka_conf_set(conf, "group.id", "test", NULL, 0);
	rd_kafka_conf_set(conf, "auto.offset.reset", "earliest", NULL, 0);
	rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof(text));
	list = rd_kafka_topic_partition_list_new(4);
	for (int i = 0; i < 4; i++)
		rd_kafka_topic_partition_list_add(list, TOPIC, i)->offset =
		    RD_KAFKA_OFFSET_BEGINNING;
	rd_kafka_assign(rk, list);
	rd_kafka_topic_partition_list_destroy(list);
	while (seen.distinct < expected && clock_mono_ms() < give_up) {
		rd_kafka_message_t *m = rd_kafka_consumer_poll(rk, 100);
		uint64_t seq, floor;

		if (m == NULL || m->err != 0 ||
		    memmem(m->payload, m->len, id_text, strlen(id_text)) ==
			NULL) {
			if (m != NULL)
				rd_kafka_message_destroy(m);
			continue;
		}
		seq = field(m, "\"seq\":");
		floor = field(m, "\"floor\":");
		assert_true(seq >= 1 && seq <= SEQ_END);
		assert_true(floor <= seq);
		seen.number[seq] = field(m, "\"order_id\":\"");
		if (floor > seen.floors[seq])
			seen.floors[seq] = floor;
		if (seen.times[seq]++ == 0)
			seen.distinct++;
		seen.messages++;
		rd_kafka_message_destroy(m);
	}
	rd_kafka_consumer_close(rk);
	rd_kafka_destroy(rk);
	assert_int_equal(expected, seen.distinct);
}

static void
all_arrived(uint64_t id, uint64_t count)
{
	read_topic(id, count);
	for (uint64_t seq = 1; seq <= count; seq++) {
		assert_true(seen.times[seq] > 0);
		assert_int_equal(seq, seen.number[seq]);
	}
}

/* Appends COUNT records, stops orderly, finds all of them on the topic. */
static void
publish(uint64_t count)
{
	struct spool_dir *dir = open_dir();
	struct spool *sp = spool_open(dir, synced, NULL, NULL);
	struct publisher *p = start(dir);
	uint64_t id = spool_id(sp);

	append(sp, 1, count);
	spool_stop(sp);
	assert_true(publisher_stop(p, PATIENCE_MS));
	spool_dir_close(dir);
	all_arrived(id, count);
}

static void
every_record_arrives_once_when_nothing_fails(void **state)
{
	(void)state;
	publish(20000);
	assert_int_equal(20000, seen.messages);
}

static void
retriable_errors_lose_nothing(void **state)
{
	static const rd_kafka_resp_err_t errors[] = {
		RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
		RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND,
		RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
		RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
		RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
		RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR,
		RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE,
		RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
		RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART
	};

	(void)state;
	rd_kafka_mock_push_request_errors_array(
	    mock, PRODUCE, sizeof(errors) / sizeof(*errors), errors);
	publish(2000);
}

static void
permanent_errors_of_the_topic_are_waited_out(void **state)
{
	int64_t before = metrics_get(METRIC_PUBLISH_RETRIED);

	(void)state;
	rd_kafka_mock_push_request_errors(mock, PRODUCE, 3,
	    RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
	    RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
	    RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED);
	publish(2000);
	assert_true(metrics_get(METRIC_PUBLISH_RETRIED) > before);
}

static void
a_fatal_producer_is_rebuilt_and_everything_is_sent_again(void **state)
{
	int64_t before = metrics_get(METRIC_PUBLISH_REBUILDS);

	(void)state;
	rd_kafka_mock_push_request_errors(
	    mock, PRODUCE, 1, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
	publish(3000);
	assert_int_equal(before + 1, metrics_get(METRIC_PUBLISH_REBUILDS));
}

static void
a_batch_refused_for_its_size_is_tried_record_by_record(void **state)
{
	int64_t before = metrics_get(METRIC_PUBLISH_REFUSED);

	(void)state;
	rd_kafka_mock_push_request_errors(
	    mock, PRODUCE, 1, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
	publish(20);
	assert_int_equal(before, metrics_get(METRIC_PUBLISH_REFUSED));
	assert_int_equal(-1, access(dead, F_OK));
}

static void
a_record_too_large_is_set_aside_with_its_reason(void **state)
{
	struct spool_dir *dir = open_dir();
	struct spool *sp = spool_open(dir, synced, NULL, NULL);
	int64_t before = metrics_get(METRIC_PUBLISH_REFUSED);
	struct publisher *p;
	char value[3000], line[4000];
	FILE *f;

	(void)state;
	set("message.max.bytes", "2000");
	p = start(dir);
	snprintf(value, sizeof(value), "{\"v\":1,\"title\":\"%02500d\"}", 0);
	assert_int_equal(
	    1, spool_append(sp, str_of("k\""), str_of(value), NULL));
	append(sp, 2, 50);
	spool_stop(sp);
	assert_true(publisher_stop(p, PATIENCE_MS));
	spool_dir_close(dir);
	assert_int_equal(before + 1, metrics_get(METRIC_PUBLISH_REFUSED));
	f = fopen(dead, "r");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	assert_non_null(strstr(line, "\"reason\":"));
	assert_non_null(strstr(line, "\"key\":\"k\\\"\""));
	assert_non_null(strstr(line, "\"seq\":1"));
	assert_non_null(strstr(line, "}}\n"));
	assert_null(fgets(line, sizeof(line), f));
	fclose(f);
}

static void
a_floor_never_passes_an_unconfirmed_record(void **state)
{
	struct spool_dir *dir = open_dir();
	struct spool *sp = spool_open(dir, synced, NULL, NULL);
	struct publisher *p;
	uint64_t id = spool_id(sp);
	int64_t give_up = clock_mono_ms() + PATIENCE_MS;

	(void)state;
	/* One broker answers late: its partitions' records stay open. */
	rd_kafka_mock_broker_set_rtt(mock, 1, 1000);
	p = start(dir);
	append(sp, 1, 300);
	/* Read by the publisher only; asked here when nothing moves. */
	append(sp, 301, 600);
	while (spool_pending(sp) > 0)
		assert_true(clock_mono_ms() < give_up);
	rd_kafka_mock_broker_set_rtt(mock, 1, 0);
	append(sp, 601, 610);
	spool_stop(sp);
	assert_true(publisher_stop(p, PATIENCE_MS));
	spool_dir_close(dir);
	all_arrived(id, 610);
	/* Sent while the slow ones were open, and after they were closed. */
	assert_true(seen.floors[600] < 600);
	assert_int_equal(601, seen.floors[601]);
}

static void
what_a_deadline_leaves_is_sent_by_the_next_run(void **state)
{
	struct spool_dir *dir = open_dir();
	struct spool *sp = spool_open(dir, synced, NULL, NULL);
	struct publisher *p = start(dir);
	uint64_t id = spool_id(sp);
	int64_t began, give_up = clock_mono_ms() + PATIENCE_MS;
	size_t count;

	(void)state;
	append(sp, 1, 500);
	while (spool_pending(sp) > 0)
		assert_true(clock_mono_ms() < give_up);
	for (int broker = 1; broker <= 3; broker++)
		rd_kafka_mock_broker_set_down(mock, broker);
	append(sp, 501, 1000);
	spool_stop(sp);
	began = clock_mono_ms();
	assert_false(publisher_stop(p, 300));
	assert_true(clock_mono_ms() - began < 5000);
	spool_dir_close(dir);
	for (int broker = 1; broker <= 3; broker++)
		rd_kafka_mock_broker_set_up(mock, broker);
	dir = open_dir();
	p = start(dir);
	assert_true(publisher_stop(p, PATIENCE_MS));
	spool_dir_list(dir, &count);
	assert_int_equal(0, count);
	spool_dir_close(dir);
	all_arrived(id, 1000);
}

static void
without_kafka_health_says_so_and_the_processor_rests(void **state)
{
	struct spool_dir *dir;
	struct spool *sp;
	struct publisher *p;
	char reason[ERROR_TEXT_MAX] = "";
	int64_t give_up, busy;
	clock_t before;

	(void)state;
	for (int broker = 1; broker <= 3; broker++)
		rd_kafka_mock_broker_set_down(mock, broker);
	dir = open_dir();
	sp = spool_open(dir, synced, NULL, NULL);
	p = start(dir);
	append(sp, 1, 1000);
	before = clock();
	give_up = clock_mono_ms() + 1500;
	while (clock_mono_ms() < give_up) {
		struct timespec step = { 0, 50000000 };

		nanosleep(&step, NULL);
	}
	busy = (int64_t)(clock() - before) * 1000 / CLOCKS_PER_SEC;
	assert_true(busy < 600);
	assert_false(publisher_healthy(p, reason));
	assert_int_not_equal(0, strlen(reason));
	for (int broker = 1; broker <= 3; broker++)
		rd_kafka_mock_broker_set_up(mock, broker);
	give_up = clock_mono_ms() + PATIENCE_MS;
	while (!publisher_healthy(p, NULL) || spool_pending(sp) > 0)
		assert_true(clock_mono_ms() < give_up);
	assert_true(publisher_stop(p, PATIENCE_MS));
	spool_dir_close(dir);
}

struct told {
	_Atomic uint64_t floor;
};

static void
on_confirmed(void *ctx, struct spool *sp, uint64_t floor)
{
	struct told *told = ctx;

	(void)sp;
	if (floor <= told->floor)
		abort();
	told->floor = floor;
}

static void
confirmations_are_told_in_rising_order(void **state)
{
	struct spool_dir *dir = open_dir();
	struct publisher *p = start(dir);
	struct told told = { 0 };
	struct spool *sp;

	(void)state;
	publisher_on_confirmed(p, on_confirmed, &told);
	sp = spool_open(dir, synced, NULL, NULL);
	append(sp, 1, 3000);
	spool_stop(sp);
	assert_true(publisher_stop(p, PATIENCE_MS));
	assert_int_equal(3001, told.floor);
	spool_dir_close(dir);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(every_record_arrives_once_when_nothing_fails),
		TEST(retriable_errors_lose_nothing),
		TEST(permanent_errors_of_the_topic_are_waited_out),
		TEST(a_fatal_producer_is_rebuilt_and_everything_is_sent_again),
		TEST(a_batch_refused_for_its_size_is_tried_record_by_record),
		TEST(a_record_too_large_is_set_aside_with_its_reason),
		TEST(a_floor_never_passes_an_unconfirmed_record),
		TEST(what_a_deadline_leaves_is_sent_by_the_next_run),
		TEST(without_kafka_health_says_so_and_the_processor_rests),
		TEST(confirmations_are_told_in_rising_order),
	};

	log_start("test_publisher", LOG_ERROR + 1);
	return cmocka_run_group_tests_name("publisher", tests, NULL, NULL);
}

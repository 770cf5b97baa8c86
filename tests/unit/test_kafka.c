/*
 * test_kafka.c - settings, producer and consumer against librdkafka's mock
 * brokers.
 */
#include "common/kafka.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "common/clock.h"
#include "common/log.h"

#define TOPIC "hits"
#define PATIENCE_MS 30000
#define PRODUCE 0 /* ApiKeys */
#define FETCH 1

static rd_kafka_t *mock_owner;
static rd_kafka_mock_cluster_t *mock;
static struct pair pairs[4];
static struct pairs settings = { pairs, 0 };

static int
setup(void **state)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();

	(void)state;
	rd_kafka_conf_set(conf, "log_level", "0", NULL, 0);
	mock_owner = rd_kafka_new(RD_KAFKA_PRODUCER, conf, NULL, 0);
	mock = rd_kafka_mock_cluster_new(mock_owner, 1);
	rd_kafka_mock_topic_create(mock, TOPIC, 2, 1);
	pairs[0] = (struct pair){ strdup("bootstrap.servers"),
		strdup(rd_kafka_mock_cluster_bootstraps(mock)) };
	pairs[1] = (struct pair){ strdup("linger.ms"), strdup("5") };
	settings.count = 2;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < settings.count; i++) {
		free(pairs[i].key);
		free(pairs[i].value);
	}
	rd_kafka_mock_cluster_destroy(mock);
	rd_kafka_destroy(mock_owner);
	return 0;
}

/* --- producer ------------------------------------------------------------ */

struct reports {
	int fates[3];
	uint64_t tags; /* their sum */
};

static void
on_report(void *ctx, uint64_t tag, enum kafka_fate fate, const char *reason)
{
	struct reports *r = ctx;

	assert_non_null(reason);
	r->fates[fate]++;
	r->tags += tag;
}

static struct kafka_producer *
producer(struct reports *r)
{
	struct error err;
	struct kafka_producer *p =
	    kafka_producer_open(&settings, TOPIC, on_report, r, &err);

	if (p == NULL)
		fail_msg("%s", err.text);
	return p;
}

/* Produces COUNT messages "value-N" with tags N = 1.. and waits for reports. */
static void
produce(struct kafka_producer *p, int count)
{
	int64_t give_up = clock_mono_ms() + PATIENCE_MS;
	char value[32], key[32];

	for (int n = 1; n <= count; n++) {
		snprintf(value, sizeof(value), "value-%d", n);
		snprintf(key, sizeof(key), "key-%d", n);
		assert_true(kafka_produce(
		    p, str_of(key), str_of(value), (uint64_t)n, NULL));
	}
	while (kafka_producer_queued(p) > 0) {
		assert_true(clock_mono_ms() < give_up);
		kafka_producer_poll(p, 100);
	}
}

static void
fill_topic(int count)
{
	struct reports r = { { 0 }, 0 };
	struct kafka_producer *p = producer(&r);

	produce(p, count);
	assert_int_equal(count, r.fates[KAFKA_DELIVERED]);
	assert_int_equal((uint64_t)count * ((uint64_t)count + 1) / 2, r.tags);
	assert_true(kafka_producer_healthy(p, NULL));
	kafka_producer_close(p);
}

static void
settings_that_would_break_a_promise_are_refused_by_name(void **state)
{
	static const char *const keys[] = { "acks", "enable.idempotence",
		"message.timeout.ms", "enable.auto.commit", "auto.offset.reset",
		"group.id", "partitioner", "transactional.id" };
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		struct pair one = { (char *)(uintptr_t)keys[i],
			(char *)(uintptr_t) "1" };
		struct pairs set = { &one, 1 };

		assert_null(
		    kafka_producer_open(&set, TOPIC, on_report, NULL, &err));
		assert_int_equal(ERROR_FATAL, err.kind);
		assert_non_null(strstr(err.text, keys[i]));
		assert_non_null(strstr(err.text, "cannot be set"));
	}
}

static void
an_unknown_setting_is_refused_by_name(void **state)
{
	struct pair one = { (char *)(uintptr_t) "no.such.thing",
		(char *)(uintptr_t) "1" };
	struct pairs set = { &one, 1 };
	struct error err;

	(void)state;
	assert_null(kafka_producer_open(&set, TOPIC, on_report, NULL, &err));
	assert_non_null(strstr(err.text, "no.such.thing"));
}

static void
messages_are_delivered_and_reported_with_their_tags(void **state)
{
	(void)state;
	fill_topic(1000);
}

/* Produces one message that gets CODE and says what became of it. */
static enum kafka_fate
fate_of(rd_kafka_resp_err_t code)
{
	struct reports r = { { 0 }, 0 };
	struct kafka_producer *p = producer(&r);

	rd_kafka_mock_push_request_errors(mock, PRODUCE, 1, code);
	produce(p, 1);
	kafka_producer_close(p);
	for (int fate = 0; fate < 3; fate++) {
		if (r.fates[fate] > 0)
			return (enum kafka_fate)fate;
	}
	fail();
	return KAFKA_AGAIN;
}

static void
each_kind_of_produce_error_has_its_fate(void **state)
{
	(void)state;
	assert_int_equal(
	    KAFKA_DELIVERED, fate_of(RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS));
	assert_int_equal(
	    KAFKA_DELIVERED, fate_of(RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT));
	assert_int_equal(
	    KAFKA_AGAIN, fate_of(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED));
	assert_int_equal(
	    KAFKA_REFUSED, fate_of(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE));
	assert_int_equal(
	    KAFKA_REFUSED, fate_of(RD_KAFKA_RESP_ERR_INVALID_RECORD));
}

static void
a_fatal_error_says_so_from_then_on(void **state)
{
	struct reports r = { { 0 }, 0 };
	struct kafka_producer *p = producer(&r);
	struct error err;

	(void)state;
	rd_kafka_mock_push_request_errors(
	    mock, PRODUCE, 1, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
	produce(p, 1);
	assert_int_equal(1, r.fates[KAFKA_AGAIN]);
	assert_true(kafka_producer_broken(p, &err));
	assert_false(kafka_produce(p, STR("k"), STR("v"), 1, &err));
	assert_int_equal(ERROR_FATAL, err.kind);
	kafka_producer_close(p);
	fill_topic(5);
}

static void
a_full_queue_asks_to_retry_and_a_long_message_is_rejected(void **state)
{
	struct reports r = { { 0 }, 0 };
	struct kafka_producer *p;
	struct error err;

	(void)state;
	pairs[2] = (struct pair){ strdup("queue.buffering.max.messages"),
		strdup("1") };
	pairs[3] = (struct pair){ strdup("message.max.bytes"), strdup("1000") };
	settings.count = 4;
	p = producer(&r);
	assert_false(kafka_produce(
	    p, STR("k"), str_make((char[2000]){ 0 }, 2000), 1, &err));
	assert_int_equal(ERROR_REJECT, err.kind);
	assert_true(kafka_produce(p, STR("k"), STR("v"), 1, &err));
	assert_false(kafka_produce(p, STR("k"), STR("v"), 2, &err));
	assert_int_equal(ERROR_RETRY, err.kind);
	kafka_producer_close(p);
}

static void
messages_taken_together_are_reported_and_the_others_named(void **state)
{
	struct kafka_outgoing out[KAFKA_TOGETHER_MAX];
	int64_t give_up = clock_mono_ms() + PATIENCE_MS;
	struct reports r = { { 0 }, 0 };
	struct kafka_producer *p;

	(void)state;
	pairs[2] = (struct pair){ strdup("queue.buffering.max.messages"),
		strdup("10") };
	pairs[3] = (struct pair){ strdup("message.max.bytes"), strdup("1000") };
	settings.count = 4;
	p = producer(&r);
	for (int i = 0; i < KAFKA_TOGETHER_MAX; i++) {
		size_t len = i == 3 ? 2000 : 1;
		char *room = kafka_producer_room(p);

		memset(room, 'v', len);
		kafka_producer_keep(p, len);
		out[i] = (struct kafka_outgoing){ STR("k"), str_make(room, len),
			(uint64_t)i + 1, false };
	}
	assert_int_equal(
	    10, kafka_produce_together(p, out, KAFKA_TOGETHER_MAX));
	for (int i = 0; i < KAFKA_TOGETHER_MAX; i++)
		assert_int_equal(i < 11 && i != 3, out[i].taken);
	assert_int_equal(10, kafka_producer_queued(p));
	while (kafka_producer_queued(p) > 0) {
		assert_true(clock_mono_ms() < give_up);
		kafka_producer_poll(p, 100);
	}
	assert_int_equal(10, r.fates[KAFKA_DELIVERED]);
	kafka_producer_close(p);
}

/* --- consumer ------------------------------------------------------------ */

struct world {
	int64_t start[2]; /* where to begin; -1: not */
	int assigned, revoked, lost;
	int64_t lost_offset;
};

static int64_t
on_assigned(void *ctx, int32_t partition)
{
	struct world *w = ctx;

	w->assigned++;
	return w->start[partition];
}

static void
on_revoked(void *ctx, int32_t partition)
{
	struct world *w = ctx;

	(void)partition;
	w->revoked++;
}

static void
on_lost(void *ctx, int32_t partition, int64_t offset, int64_t low)
{
	struct world *w = ctx;

	(void)partition;
	w->lost++;
	w->lost_offset = offset;
	assert_int_equal(0, low);
}

static struct kafka_consumer *
consumer(struct world *w, const char *topic)
{
	struct kafka_events events = { on_assigned, on_revoked, on_lost, w };
	static int number; /* the mock is slow to forget who left a group */
	struct error err;
	struct kafka_consumer *c;
	char group[32];

	snprintf(group, sizeof(group), "group-%d", ++number);
	free(pairs[1].key);
	free(pairs[1].value);
	pairs[1] = (struct pair){ strdup("fetch.wait.max.ms"), strdup("50") };
	c = kafka_consumer_open(&settings, group, topic, &events, &err);
	if (c == NULL)
		fail_msg("%s", err.text);
	return c;
}

/*
 * Polls until WANT messages came, each right behind the one before in its
 * partition; NEXT holds the offsets to come.
 */
static void
consume(struct kafka_consumer *c, int want, int64_t next[2])
{
	struct kafka_message m[64];
	int64_t give_up = clock_mono_ms() + PATIENCE_MS;
	struct error err;

	while (want > 0) {
		int n = kafka_poll(c, m, want < 64 ? want : 64, 100, &err);

		assert_true(clock_mono_ms() < give_up);
		if (n < 0)
			fail_msg("%s", err.text);
		for (int i = 0; i < n; i++) {
			assert_int_equal(next[m[i].partition], m[i].offset);
			next[m[i].partition]++;
			assert_true(str_starts(m[i].value, STR("value-")));
			assert_true(str_starts(m[i].key, STR("key-")));
			assert_true(m[i].timestamp_ms > 0);
		}
		kafka_release(m, n);
		want -= n;
	}
}

static void
consumption_starts_where_the_events_say_and_misses_nothing(void **state)
{
	struct world w = { .start = { 0, 0 } };
	struct kafka_consumer *c;
	int64_t next[2] = { 0, 0 };

	(void)state;
	fill_topic(500);
	c = consumer(&w, TOPIC);
	consume(c, 500, next);
	assert_int_equal(2, w.assigned);
	assert_int_equal(next[0], kafka_end(c, 0));
	assert_int_equal(next[1], kafka_end(c, 1));
	kafka_consumer_close(c);
	w.start[0] = next[0] - 3;
	w.start[1] = -1;
	memcpy(next, w.start, sizeof(next));
	c = consumer(&w, TOPIC);
	consume(c, 3, next);
	kafka_consumer_close(c);
}

static void
after_a_seek_reading_goes_on_exactly_there(void **state)
{
	struct world w = { .start = { 0, 0 } };
	struct kafka_consumer *c;
	int64_t next[2] = { 0, 0 };
	struct error err;

	(void)state;
	fill_topic(1000);
	c = consumer(&w, TOPIC);
	for (int i = 0; i < 10; i++) {
		consume(c, 60, next);
		for (int part = 0; part < 2; part++) {
			next[part] /= 2;
			assert_true(kafka_seek(c, part, next[part], &err));
		}
	}
	consume(c, 1000 - (int)(next[0] + next[1]), next);
	kafka_consumer_close(c);
}

static void
a_paused_consumer_gets_nothing_and_then_everything(void **state)
{
	struct world w = { .start = { 0, 0 } };
	struct kafka_consumer *c;
	int64_t next[2] = { 0, 0 };
	struct kafka_message m[8];
	struct error err;

	(void)state;
	fill_topic(400);
	c = consumer(&w, TOPIC);
	consume(c, 50, next);
	kafka_pause(c, true);
	for (int i = 0; i < 5; i++)
		assert_int_equal(0, kafka_poll(c, m, 8, 50, &err));
	kafka_pause(c, false);
	consume(c, 350, next);
	kafka_consumer_close(c);
}

static void
an_offset_that_is_gone_is_told_and_the_rest_goes_on(void **state)
{
	struct world w = { .start = { 1000000, 0 } };
	struct kafka_consumer *c;
	struct kafka_message m[64];
	int64_t give_up = clock_mono_ms() + PATIENCE_MS;
	struct error err;
	int other = 0;

	(void)state;
	fill_topic(200);
	c = consumer(&w, TOPIC);
	while (w.lost == 0 || other == 0) {
		int n = kafka_poll(c, m, 64, 100, &err);

		assert_true(clock_mono_ms() < give_up);
		assert_true(n >= 0);
		for (int i = 0; i < n; i++)
			other += m[i].partition == 1;
		kafka_release(m, n);
	}
	assert_int_equal(1, w.lost);
	kafka_consumer_close(c);
}

static void
a_missing_topic_is_named_with_the_remedy(void **state)
{
	static const rd_kafka_resp_err_t error =
	    RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
	struct kafka_range *ranges;
	struct error err;
	size_t count;

	(void)state;
	/* The mock cluster makes any topic; so it is told to say no. */
	rd_kafka_mock_topic_set_error(mock, "missing", error);
	assert_false(kafka_ranges(&settings, "missing", &ranges, &count, &err));
	assert_int_equal(ERROR_FATAL, err.kind);
	assert_non_null(strstr(err.text, "missing"));
	assert_non_null(strstr(err.text, "afterclick migrate"));
}

static void
a_consumer_of_a_missing_topic_stops_with_the_remedy(void **state)
{
	struct world w = { .start = { 0, 0 } };
	int64_t give_up = clock_mono_ms() + PATIENCE_MS;
	struct kafka_message m[4];
	struct kafka_consumer *c;
	struct error err;

	(void)state;
	rd_kafka_mock_topic_set_error(
	    mock, "missing", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
	c = consumer(&w, "missing");
	while (kafka_poll(c, m, 4, 100, &err) >= 0)
		assert_true(clock_mono_ms() < give_up);
	assert_int_equal(ERROR_FATAL, err.kind);
	assert_non_null(strstr(err.text, "missing"));
	assert_non_null(strstr(err.text, "afterclick migrate"));
	kafka_consumer_close(c);
}

static void
ranges_tell_start_and_end_of_each_partition(void **state)
{
	struct kafka_range *ranges;
	struct error err;
	size_t count;

	(void)state;
	fill_topic(100);
	if (!kafka_ranges(&settings, TOPIC, &ranges, &count, &err))
		fail_msg("%s", err.text);
	assert_int_equal(2, count);
	assert_int_equal(0, ranges[0].low);
	assert_int_equal(100, ranges[0].high + ranges[1].high);
	free(ranges);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(settings_that_would_break_a_promise_are_refused_by_name),
		TEST(an_unknown_setting_is_refused_by_name),
		TEST(messages_are_delivered_and_reported_with_their_tags),
		TEST(each_kind_of_produce_error_has_its_fate),
		TEST(a_fatal_error_says_so_from_then_on),
		TEST(a_full_queue_asks_to_retry_and_a_long_message_is_rejected),
		TEST(messages_taken_together_are_reported_and_the_others_named),
		TEST(
		    consumption_starts_where_the_events_say_and_misses_nothing),
		TEST(after_a_seek_reading_goes_on_exactly_there),
		TEST(a_paused_consumer_gets_nothing_and_then_everything),
		TEST(an_offset_that_is_gone_is_told_and_the_rest_goes_on),
		TEST(a_missing_topic_is_named_with_the_remedy),
		TEST(a_consumer_of_a_missing_topic_stops_with_the_remedy),
		TEST(ranges_tell_start_and_end_of_each_partition),
	};

	log_start("test_kafka", LOG_ERROR + 1);
	return cmocka_run_group_tests_name("kafka", tests, NULL, NULL);
}

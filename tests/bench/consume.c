/*
 * consume.c - what reading alone costs: takes COUNT messages of a topic
 * through common/kafka.h, as the aggregator does, and drops them. Prints the
 * time from the first message to the last and the processor time of it all.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "common/clock.h"
#include "common/kafka.h"

#define BATCH 1000
#define PATIENCE_MS 30000

static int64_t
from_the_start(void *ctx, int32_t partition)
{
	(void)ctx;
	(void)partition;
	return 0;
}

static void
revoked(void *ctx, int32_t partition)
{
	(void)ctx;
	(void)partition;
}

static void
lost(void *ctx, int32_t partition, int64_t offset, int64_t low)
{
	(void)ctx;
	fprintf(stderr, "partition %d begins at %" PRId64 ", not %" PRId64 "\n",
	    (int)partition, low, offset);
	exit(1);
}

static double
cpu_seconds(void)
{
	struct rusage use;

	getrusage(RUSAGE_SELF, &use);
	return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
	       (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

int
main(int argc, char **argv)
{
	static struct kafka_message messages[BATCH];
	struct kafka_events events = { from_the_start, revoked, lost, NULL };
	static char name[] = "bootstrap.servers";
	struct pair pair = { .key = name };
	struct pairs settings = { .at = &pair, .count = 1 };
	struct kafka_consumer *c;
	struct error err;
	uint64_t wanted, seen = 0, bytes = 0;
	int64_t first_ms = 0, last_ms = clock_mono_ms();

	if (argc != 5) {
		fprintf(stderr, "usage: consume BROKERS TOPIC GROUP COUNT\n");
		return 2;
	}
	pair.value = argv[1];
	wanted = strtoull(argv[4], NULL, 10);
	c = kafka_consumer_open(&settings, argv[3], argv[2], &events, &err);
	if (c == NULL) {
		fprintf(stderr, "consume: %s\n", err.text);
		return 1;
	}
	while (seen < wanted) {
		int n = kafka_poll(c, messages, BATCH, 100, &err);
		int64_t now_ms = clock_mono_ms();

		if (n < 0 || (n == 0 && now_ms - last_ms > PATIENCE_MS)) {
			fprintf(stderr, "consume: %s\n",
			    n < 0 ? err.text : "no more messages come");
			return 1;
		}
		if (n == 0)
			continue;
		if (seen == 0)
			first_ms = now_ms;
		for (int i = 0; i < n; i++)
			bytes += messages[i].value.len;
		seen += (uint64_t)n;
		last_ms = now_ms;
		kafka_release(messages, n);
	}
	printf("{\"records\": %" PRIu64 ", \"bytes\": %" PRIu64
	       ", \"seconds\": %.3f, \"cpu_seconds\": %.3f}\n",
	    seen, bytes, (double)(last_ms - first_ms) / 1e3, cpu_seconds());
	kafka_consumer_close(c);
	return 0;
}

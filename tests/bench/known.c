/*
 * known.c - what the intake's memory of recent touches takes: fills both its
 * generations, then finds what is there. Prints bytes a touch and the time of
 * each.
 */
#include <inttypes.h>
#include <stdio.h>

#include "aggregator/store/known.h"
#include "common/clock.h"

#define TOUCHES 1500000 /* of a generation, as in consumer.c */
#define START INT64_C(1790000000000)

static struct visit_key
key(uint64_t n)
{
	return (struct visit_key){ { n * UINT64_C(0x9e3779b97f4a7c15), n },
		(int64_t)n };
}

int
main(void)
{
	struct known *k = known_new(TOUCHES);
	struct candidate at[KNOWN_MOST];
	uint64_t visits = 2 * TOUCHES - 1, whole = 0;
	int64_t start = clock_mono_ns(), middle, end;
	size_t touches, count, bytes;

	for (uint64_t n = 0; n < visits; n++) {
		struct candidate c = { .ts_ms = START + (int64_t)n,
			.start_ms = START + (int64_t)n,
			.in_visit = true };
		struct visit_key visit = key(n);

		known_put(k, &visit, &c, 1);
	}
	middle = clock_mono_ns();
	for (uint64_t n = 0; n < visits; n++) {
		struct visit_key visit = key(n * 7919 % visits);

		whole +=
		    known_find(k, &visit, START, at, &count) == KNOWN_WHOLE;
	}
	end = clock_mono_ns();
	bytes = known_bytes(k, &touches);
	if (whole != visits || touches != visits) {
		fprintf(stderr, "known: %" PRIu64 " of %" PRIu64 " found\n",
		    whole, visits);
		return 1;
	}
	printf("{\"touches\": %zu, \"bytes_per_touch\": %.2f, "
	       "\"put_ns\": %.1f, \"find_ns\": %.1f}\n",
	    touches, (double)bytes / (double)touches,
	    (double)(middle - start) / (double)visits,
	    (double)(end - middle) / (double)visits);
	known_free(k);
	return 0;
}

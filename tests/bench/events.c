/*
 * events.c - what reading the text alone costs: reads a file of events as
 * `afterclick attribute` does and drops them. Prints the rows and the time.
 */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "aggregator/cli/events.h"
#include "common/clock.h"

static double
cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

int
main(int argc, char **argv)
{
	struct record record;
	struct events *e;
	int64_t start = clock_mono_ns(), newest = 0;
	double cpu = cpu_ms();
	enum events_step step;

	if (argc != 2) {
		fprintf(stderr, "usage: events FILE\n");
		return 2;
	}
	e = events_open(argv[1], STR("shop"));
	if (e == NULL)
		return 1;
	while ((step = events_next(e, &record)) == EVENTS_NEXT) {
		if (record.time > newest)
			newest = record.time;
	}
	printf("{\"rows\": %" PRId64 ", \"newest\": %" PRId64
	       ", \"text_ms\": %.1f, \"text_cpu_ms\": %.1f}\n",
	    events_rows(e), newest, (double)(clock_mono_ns() - start) / 1e6,
	    cpu_ms() - cpu);
	events_close(e);
	return step == EVENTS_END ? 0 : 1;
}

/*
 * metrics.c - counters in shards, so that threads do not share cache lines.
 */
#include "common/metrics.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#define SHARDS 16 /* the last one is shared by all further threads */

struct shard {
	alignas(64) _Atomic uint64_t count[METRIC_COUNT];
};

static struct shard shards[SHARDS];
static _Atomic int64_t gauges[METRIC_COUNT];
static _Atomic unsigned next_shard;
static _Thread_local struct shard *own;

struct row {
	char program;
	bool gauge;
	const char *type, *name, *label, *help;
};

#define ROW(id, program, type, name, label, help)                              \
	{ program, type[0] == 'g', type, name, label, help },
static const struct row rows[] = { METRICS(ROW) };
#undef ROW

void
metrics_add(enum metric m, uint64_t n)
{
	_Atomic uint64_t *count;

	if (own == NULL) {
		unsigned next = atomic_fetch_add(&next_shard, 1);

		own = &shards[next < SHARDS ? next : SHARDS - 1];
	}
	count = &own->count[m];
	if (own == &shards[SHARDS - 1])
		atomic_fetch_add_explicit(count, n, memory_order_relaxed);
	else /* nobody else writes it */
		atomic_store_explicit(count,
		    atomic_load_explicit(count, memory_order_relaxed) + n,
		    memory_order_relaxed);
}

void
metrics_set(enum metric m, int64_t value)
{
	atomic_store_explicit(&gauges[m], value, memory_order_relaxed);
}

void
metrics_share(enum metric m, int64_t *part, int64_t value)
{
	atomic_fetch_add_explicit(
	    &gauges[m], value - *part, memory_order_relaxed);
	*part = value;
}

int64_t
metrics_get(enum metric m)
{
	uint64_t sum = 0;

	if (rows[m].gauge)
		return gauges[m];
	for (int i = 0; i < SHARDS; i++)
		sum += shards[i].count[m];
	return (int64_t)sum;
}

void
metrics_expose(char program, struct buf *out)
{
	const char *family = "";

	for (int m = 0; m < METRIC_COUNT; m++) {
		const struct row *r = &rows[m];

		if (r->program != program && r->program != 'B')
			continue;
		if (strcmp(r->name, family) != 0) {
			buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", r->name,
			    r->help, r->name, r->type);
			family = r->name;
		}
		buf_add_str(out, str_of(r->name));
		if (r->label[0] != '\0')
			buf_printf(out, "{%s}", r->label);
		buf_add_char(out, ' ');
		buf_add_int(out, metrics_get((enum metric)m));
		buf_add_char(out, '\n');
	}
}

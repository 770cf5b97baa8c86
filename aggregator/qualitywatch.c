/*
 * qualitywatch.c - the text of the gauges is made by who looks and copied by
 * who asks.
 */
#include "aggregator/qualitywatch.h"

#include <pthread.h>

#include "aggregator/store/sql.h" /* made from store/sql/ by make */
#include "common/clock.h"

enum { REST_MS = 60000, REST_TIMES = 99 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct buf text; /* behind the lock */
static int64_t next_ms; /* the looking thread's own */

/* Column COLUMN of all sites that have one, as the gauge NAME. */
static void
write_gauge(const struct postgres_rows *r, const char *name, const char *help,
    size_t column)
{
	buf_printf(&text, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
	for (size_t i = 0; i < postgres_rows_count(r); i++) {
		if (postgres_null(r, i, column))
			continue;
		/* A site's id has no character that would need a backslash. */
		buf_printf(&text, "%s{site=\"%.*s\"} %lld\n", name,
		    STR_ARG(postgres_text(r, i, 0)),
		    (long long)postgres_int(r, i, column));
	}
}

bool
qualitywatch_look(struct postgres *pg, struct error *err)
{
	struct postgres_args args = { 0 };
	int64_t began = clock_mono_ms(), took;
	struct postgres_rows *r;

	if (began < next_ms)
		return true;
	postgres_arg_int8(&args, QUALITYWATCH_MOST);
	r = postgres_query(pg, sql_site_quality, &args, err);
	postgres_args_free(&args);
	if (r == NULL)
		return error_wrap(err, "watching quality");
	took = (clock_mono_ms() - began) * REST_TIMES;
	next_ms = began + (took > REST_MS ? took : REST_MS);
	pthread_mutex_lock(&lock);
	text.len = 0;
	write_gauge(r, "afterclick_quality_last_hit_timestamp_seconds",
	    "When the collector received the site's last hit.", 1);
	write_gauge(r, "afterclick_quality_marks",
	    "Measures of yesterday that differ from the same weekday before.",
	    2);
	pthread_mutex_unlock(&lock);
	postgres_rows_free(r);
	return true;
}

void
qualitywatch_forget(void)
{
	pthread_mutex_lock(&lock);
	text.len = 0;
	pthread_mutex_unlock(&lock);
	next_ms = 0;
}

void
qualitywatch_expose(struct buf *out)
{
	pthread_mutex_lock(&lock);
	buf_add_str(out, buf_str(&text));
	pthread_mutex_unlock(&lock);
}

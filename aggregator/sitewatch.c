/*
 * sitewatch.c - a conversion seen to have come sets the count of views back;
 * views after that, times the usual conversions of a view, are missing.
 */
#include "aggregator/sitewatch.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "aggregator/store/sql.h" /* made from store/sql/ by make */
#include "common/clock.h"

enum {
	REST_MS = 1000, /* at least, and */
	REST_TIMES = 99
};

/* Columns of sql_site_watch. */
enum {
	SITE,
	LAST_DAY,
	CONVERSIONS,
	VIEWS,
	VIEWS_SINCE,
	RATE,
	ENOUGH,
	ORDERS,
	ORDERS_BEFORE,
	CLICKS,
	CLICKS_BEFORE,
	ALL_SITES
};

struct watched {
	char site[65];
	/* Of the last day with conversions: how many, and how many views there
	 * were when their number was last seen to change. */
	int32_t last_day;
	int64_t conversions, views_then;
	double missing;                /* NAN: not known, as are those below */
	double coverage[2], before[2]; /* of orders, of clicks */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct watched table[SITEWATCH_MOST]; /* all behind the lock */
static size_t count;
static int64_t unwatched;
static int64_t next_ms; /* the looking thread's own */

static double
number(const struct postgres_rows *r, size_t row, size_t column)
{
	return postgres_null(r, row, column) ? NAN
					     : postgres_double(r, row, column);
}

static const struct watched *
find(struct str site)
{
	for (size_t i = 0; i < count; i++) {
		if (str_is(site, table[i].site))
			return &table[i];
	}
	return NULL;
}

/* ROW as it is now, with what was known of its site. */
static struct watched
watch(const struct postgres_rows *r, size_t row)
{
	struct str site = postgres_text(r, row, SITE);
	const struct watched *old = find(site);
	int64_t views = postgres_int(r, row, VIEWS), since;
	struct watched w = {
		.last_day = postgres_day(r, row, LAST_DAY),
		.conversions = postgres_int(r, row, CONVERSIONS),
		.views_then = views,
		.missing = NAN,
		.coverage = { number(r, row, ORDERS), number(r, row, CLICKS) },
		.before = { number(r, row, ORDERS_BEFORE),
		    number(r, row, CLICKS_BEFORE) },
	};

	snprintf(w.site, sizeof(w.site), "%.*s", STR_ARG(site));
	if (old != NULL && old->last_day == w.last_day &&
	    old->conversions == w.conversions && old->views_then < views)
		w.views_then = old->views_then;
	since = postgres_int(r, row, VIEWS_SINCE) + views - w.views_then;
	if (!postgres_null(r, row, LAST_DAY) && postgres_bool(r, row, ENOUGH) &&
	    !postgres_null(r, row, RATE))
		w.missing = (double)since * postgres_double(r, row, RATE);
	return w;
}

bool
sitewatch_look(struct postgres *pg, struct error *err)
{
	struct postgres_args args = { 0 };
	struct watched fresh[SITEWATCH_MOST];
	int64_t began = clock_mono_ms(), took;
	struct postgres_rows *r;
	size_t n;

	if (began < next_ms)
		return true;
	postgres_arg_int8(&args, SITEWATCH_MOST);
	r = postgres_query(pg, sql_site_watch, &args, err);
	postgres_args_free(&args);
	if (r == NULL)
		return error_wrap(err, "watching sites");
	took = (clock_mono_ms() - began) * REST_TIMES;
	next_ms = began + (took > REST_MS ? took : REST_MS);
	n = postgres_rows_count(r);
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < n; i++)
		fresh[i] = watch(r, i);
	memcpy(table, fresh, n * sizeof(table[0]));
	count = n;
	unwatched = n == 0 ? 0 : postgres_int(r, 0, ALL_SITES) - (int64_t)n;
	pthread_mutex_unlock(&lock);
	postgres_rows_free(r);
	return true;
}

void
sitewatch_forget(void)
{
	pthread_mutex_lock(&lock);
	count = 0;
	unwatched = 0;
	pthread_mutex_unlock(&lock);
	next_ms = 0;
}

static void
head(const char *name, const char *help, struct buf *out)
{
	buf_printf(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

static void
sample(const char *name, const char *site, const char *of, double value,
    struct buf *out)
{
	if (isnan(value))
		return;
	/* A site's id has no character that would need a backslash. */
	buf_printf(out, "%s{site=\"%s\"%s%s%s} %.6g\n", name, site,
	    of[0] == '\0' ? "" : ",of=\"", of, of[0] == '\0' ? "" : "\"",
	    value);
}

void
sitewatch_expose(struct buf *out)
{
	static const char *const of[] = { "orders", "clicks" };

	pthread_mutex_lock(&lock);
	head("afterclick_site_missing_conversions",
	    "Conversions that the page views since the last one would have "
	    "brought at the rate of the 28 days before.",
	    out);
	for (size_t i = 0; i < count; i++)
		sample("afterclick_site_missing_conversions", table[i].site, "",
		    table[i].missing, out);
	head("afterclick_site_coverage",
	    "Share of the shop's orders, and of the ad platforms' clicks, of "
	    "the last seven days known that was tracked.",
	    out);
	for (size_t i = 0; i < count; i++)
		for (int k = 0; k < 2; k++)
			sample("afterclick_site_coverage", table[i].site, of[k],
			    table[i].coverage[k], out);
	head("afterclick_site_coverage_before",
	    "The same of the 28 days before these.", out);
	for (size_t i = 0; i < count; i++)
		for (int k = 0; k < 2; k++)
			sample("afterclick_site_coverage_before", table[i].site,
			    of[k], table[i].before[k], out);
	head("afterclick_sites_unwatched",
	    "Sites that have no such gauges, as there are too many.", out);
	buf_printf(
	    out, "afterclick_sites_unwatched %lld\n", (long long)unwatched);
	pthread_mutex_unlock(&lock);
}

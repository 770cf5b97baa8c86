/*
 * admin.c - ready means: a hit sent here would be answered 2xx and kept.
 *
 * Kafka away does not make us unready, as the spool takes the hits; the
 * body says so, for people and alerts. Only `durability: kafka` cannot
 * answer without it.
 */
#include "collector/admin.h"

#include <pthread.h>
#include <stdlib.h>

#include "collector/spool.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/metrics.h"
#include "common/server.h"

/* How long a refusing spool keeps us unready: then hits may try it again,
 * as nothing else would find out that there is room. */
#define REFUSED_MS 5000
#define STOP_MS 1000

struct admin {
	struct admin_settings set;
	struct server *server;
	pthread_t thread;
	pthread_mutex_t lock;
	bool draining; /* lock: held while the publisher is asked */
};

struct state {
	bool draining, stores, kafka;
	char reason[ERROR_TEXT_MAX];
};

static struct state
look(struct admin *a)
{
	struct state s = { .stores = true };
	int64_t now = clock_mono_ms();

	pthread_mutex_lock(&a->lock);
	s.draining = a->draining;
	if (!s.draining)
		s.kafka = publisher_healthy(a->set.publisher, s.reason);
	pthread_mutex_unlock(&a->lock);
	for (size_t i = 0; i < a->set.worker_count; i++) {
		if (worker_refused_ago_ms(a->set.workers[i], now) < REFUSED_MS)
			s.stores = false;
	}
	return s;
}

static void
healthz(struct admin *a, struct exchange *x)
{
	(void)a;
	exchange_header(x, "Content-Type", STR("text/plain"));
	exchange_answer(x, 200, STR("ok\n"));
}

static void
readyz(struct admin *a, struct exchange *x)
{
	struct state s = look(a);
	struct buf out = { 0 };
	struct json_writer w = json_write(&out);
	bool needs_kafka = a->set.durability == DURABILITY_KAFKA;
	bool ready = !s.draining && s.stores && (s.kafka || !needs_kafka);

	json_begin_object(&w);
	json_key(&w, STR("ready"));
	json_bool(&w, ready);
	json_key(&w, STR("draining"));
	json_bool(&w, s.draining);
	json_key(&w, STR("spool"));
	json_string(
	    &w, s.stores ? STR("ok") : STR("refused records a moment ago"));
	json_key(&w, STR("pending_records"));
	json_int(&w, metrics_get(METRIC_SPOOL_PENDING));
	json_key(&w, STR("kafka"));
	if (s.draining)
		json_string(&w, STR("not asked while draining"));
	else if (s.kafka)
		json_string(&w, STR("ok"));
	else
		json_string(&w, str_of(s.reason));
	json_key(&w, STR("needs_kafka"));
	json_bool(&w, needs_kafka);
	json_end_object(&w);
	buf_add_char(&out, '\n');
	exchange_header(x, "Content-Type", STR("application/json"));
	exchange_header(x, "Cache-Control", STR("no-store"));
	exchange_answer(x, ready ? 200 : 503, buf_str(&out));
	buf_free(&out);
}

static void
metrics(struct admin *a, struct exchange *x)
{
	struct buf out = { 0 };

	(void)a;
	metrics_expose('C', &out);
	exchange_header(
	    x, "Content-Type", STR("text/plain; version=0.0.4; charset=utf-8"));
	exchange_answer(x, 200, buf_str(&out));
	buf_free(&out);
}

/* --- /debug/hits ---------------------------------------------------------- */

static int
newest_first(const void *left, const void *right)
{
	const struct recent_hit *a = left, *b = right;

	return a->time_ms < b->time_ms ? 1 : a->time_ms > b->time_ms ? -1 : 0;
}

static void
show_text(struct json_writer *w, struct str key, const char *text)
{
	if (text[0] == '\0')
		return;
	json_key(w, key);
	json_string(w, str_of(text));
}

static void
show_hit(const struct recent_hit *hit, struct buf *out)
{
	struct json_writer w = json_write(out);

	json_begin_object(&w);
	json_key(&w, STR("time"));
	json_int(&w, hit->time_ms);
	json_key(&w, STR("verdict"));
	json_string(&w, hit->status == 0 ? STR("accepted") : STR("refused"));
	if (hit->status != 0) {
		json_key(&w, STR("status"));
		json_int(&w, hit->status);
	}
	show_text(&w, STR("reason"), hit->reason);
	show_text(&w, STR("dropped"), hit->dropped);
	show_text(&w, STR("site"), hit->site);
	show_text(&w, STR("lane"), hit->lane);
	show_text(&w, STR("type"), hit->type);
	show_text(&w, STR("event_id"), hit->event_id);
	show_text(&w, STR("visitor_id"), hit->visitor_id);
	show_text(&w, STR("order_id"), hit->order_id);
	show_text(&w, STR("ip"), hit->ip);
	json_end_object(&w);
	buf_add_char(out, '\n');
}

static void
hits(struct admin *a, struct exchange *x)
{
	struct str rest = exchange_request(x)->query, name, text, site;
	struct recent_hit *all =
	    mem_zero(a->set.worker_count * RECENT_COUNT, sizeof(*all));
	struct buf out = { 0 };
	size_t count = 0;
	int64_t most = RECENT_COUNT;
	bool good = true;

	site = STR_EMPTY;
	while (http_next_param(&rest, exchange_arena(x), &name, &text)) {
		if (str_is(name, "site"))
			site = text;
		else if (str_is(name, "n"))
			good = str_int(text, 0, RECENT_COUNT, &most) && good;
	}
	for (size_t i = 0; i < a->set.worker_count; i++)
		count +=
		    recent_read(worker_recent(a->set.workers[i]), all + count);
	qsort(all, count, sizeof(*all), newest_first);
	for (size_t i = 0; i < count && most > 0; i++) {
		if (site.len > 0 && !str_is(site, all[i].site))
			continue;
		show_hit(&all[i], &out);
		most--;
	}
	exchange_header(x, "Content-Type", STR("application/x-ndjson"));
	exchange_header(x, "Cache-Control", STR("no-store"));
	if (good)
		exchange_answer(x, 200, buf_str(&out));
	else
		exchange_answer(x, 400, STR("n is a number from 0 to 200\n"));
	buf_free(&out);
	free(all);
}

static const struct {
	struct str path;
	void (*serve)(struct admin *a, struct exchange *x);
} pages[] = {
	{ STR("/healthz"), healthz },
	{ STR("/readyz"), readyz },
	{ STR("/metrics"), metrics },
	{ STR("/debug/hits"), hits },
};

static void
on_request(struct exchange *x, void *ctx)
{
	const struct http_request *req = exchange_request(x);

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		if (!str_eq(req->path, pages[i].path))
			continue;
		if (req->method == HTTP_GET || req->method == HTTP_HEAD) {
			pages[i].serve(ctx, x);
			return;
		}
		exchange_header(x, "Allow", STR("GET, HEAD"));
		exchange_answer(x, 405, STR("GET or HEAD\n"));
		return;
	}
	exchange_answer(
	    x, 404, STR("/healthz, /readyz, /metrics or /debug/hits\n"));
}

static void *
run(void *arg)
{
	struct admin *a = arg;

	server_run(a->server);
	return NULL;
}

struct admin *
admin_start(const struct admin_settings *set, struct error *err)
{
	struct admin *a = mem_zero(1, sizeof(*a));
	int code;

	a->set = *set;
	pthread_mutex_init(&a->lock, NULL);
	a->server =
	    server_open(set->listen, &server_defaults, on_request, a, err);
	if (a->server == NULL)
		goto fail;
	code = pthread_create(&a->thread, NULL, run, a);
	if (code == 0)
		return a;
	error_set(
	    err, ERROR_FATAL, "cannot start a thread: %s", strerror(code));
fail:
	server_close(a->server);
	pthread_mutex_destroy(&a->lock);
	free(a);
	return NULL;
}

uint16_t
admin_port(const struct admin *a)
{
	return server_port(a->server);
}

void
admin_draining(struct admin *a)
{
	pthread_mutex_lock(&a->lock);
	a->draining = true;
	pthread_mutex_unlock(&a->lock);
}

void
admin_stop(struct admin *a)
{
	if (a == NULL)
		return;
	server_stop(a->server, STOP_MS);
	pthread_join(a->thread, NULL);
	server_close(a->server);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

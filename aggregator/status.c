/*
 * status.c - a small server for operators, on loopback by default.
 */
#include "aggregator/status.h"

#include <pthread.h>
#include <stdlib.h>

#include "aggregator/qualitywatch.h"
#include "aggregator/sitewatch.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/server.h"

struct status {
	struct world *w;
	struct server *server;
	pthread_t thread;
};

static void
answer_metrics(struct exchange *x)
{
	struct buf body = { NULL, 0, 0 };

	metrics_expose('A', &body);
	sitewatch_expose(&body);
	qualitywatch_expose(&body);
	exchange_header(
	    x, "Content-Type", STR("text/plain; version=0.0.4; charset=utf-8"));
	exchange_answer(x, 200, buf_str(&body));
	buf_free(&body);
}

/* Ready: records can be read and tables written. */
static void
answer_ready(struct exchange *x, struct world *w)
{
	bool ready = w->kafka_up && w->postgres_up && !w->stopping;
	struct str body = arena_printf(exchange_arena(x),
	    "{\"ready\":%s,\"kafka\":%s,\"postgres\":%s,\"stopping\":%s}\n",
	    ready ? "true" : "false", w->kafka_up ? "true" : "false",
	    w->postgres_up ? "true" : "false", w->stopping ? "true" : "false");

	exchange_header(x, "Content-Type", STR("application/json"));
	exchange_answer(x, ready ? 200 : 503, body);
}

/* Alive; sums that do not agree are said here and mended by no restart. */
static void
answer_health(struct exchange *x)
{
	int64_t wrong = metrics_get(METRIC_ROI_CHECK);

	exchange_answer(x, 200,
	    wrong == 0 ? STR("ok\n")
		       : arena_printf(exchange_arena(x),
			     "ok, but %lld sums of the tables do not agree: "
			     "see the view roi_check\n",
			     (long long)wrong));
}

static void
handle(struct exchange *x, void *ctx)
{
	struct status *a = ctx;
	const struct http_request *req = exchange_request(x);

	if (req->method != HTTP_GET && req->method != HTTP_HEAD) {
		exchange_header(x, "Allow", STR("GET, HEAD"));
		exchange_answer(x, 405, STR("GET only\n"));
	} else if (str_is(req->path, "/metrics")) {
		answer_metrics(x);
	} else if (str_is(req->path, "/readyz")) {
		answer_ready(x, a->w);
	} else if (str_is(req->path, "/healthz")) {
		answer_health(x);
	} else {
		exchange_answer(x, 404, STR("/healthz /readyz /metrics\n"));
	}
}

static void *
serve(void *arg)
{
	struct status *a = arg;

	server_run(a->server);
	return NULL;
}

struct status *
status_start(struct world *w, struct error *err)
{
	struct server_settings set = server_defaults;
	struct status *a = mem_zero(1, sizeof(*a));

	set.connections = 64;
	a->w = w;
	a->server = server_open(w->set->admin_listen, &set, handle, a, err);
	if (a->server == NULL) {
		free(a);
		return NULL;
	}
	if (pthread_create(&a->thread, NULL, serve, a) != 0) {
		log_error("status", "no thread could be started");
		abort();
	}
	return a;
}

uint16_t
status_port(const struct status *a)
{
	return server_port(a->server);
}

void
status_stop(struct status *a)
{
	if (a == NULL)
		return;
	server_stop(a->server, 1000);
	pthread_join(a->thread, NULL);
	server_close(a->server);
	free(a);
}

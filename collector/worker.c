/*
 * worker.c - the worker's thread owns server, spool (as its writer) and
 * request_shared. Others reach it through two things under one lock: the
 * verdicts on its records, in the order in which they were given, and the
 * next book of sites; each is followed by server_wake().
 */
#include "collector/worker.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "collector/request.h"
#include "collector/routes.h"
#include "common/clock.h"
#include "common/digest.h"
#include "common/log.h"
#include "common/server.h"

#define ADDRESSES 16384 /* that are short of tokens at one time */
#define SITES 1024

/* All records up to SEQ that had no verdict yet: durable, or lost. */
struct verdict {
	uint64_t seq;
	bool ok;
};

struct worker {
	struct request_shared shared;
	struct routes routes;
	struct arena *arena;
	struct server *server;
	struct site_book *book;
	struct recent *recent;
	pthread_t thread;
	bool started;

	pthread_mutex_t lock;
	struct verdict *verdicts; /* lock */
	size_t verdict_count;     /* lock */
	size_t verdict_room;      /* lock */
	struct site_book *next;   /* lock; NULL: no change */
	_Atomic bool report;      /* what was refused */
	_Atomic bool asked; /* whether it is alive, and not yet answered */
};

/* One of a kind after another says the same as the later one alone. */
static void
add_verdict(struct worker *w, struct verdict v)
{
	pthread_mutex_lock(&w->lock);
	if (w->verdict_count > 0 &&
	    w->verdicts[w->verdict_count - 1].ok == v.ok) {
		w->verdicts[w->verdict_count - 1] = v;
	} else {
		if (w->verdict_count == w->verdict_room) {
			w->verdict_room = 2 * w->verdict_room + 8;
			w->verdicts = mem_grow(w->verdicts,
			    w->verdict_room * sizeof(*w->verdicts));
		}
		w->verdicts[w->verdict_count++] = v;
	}
	pthread_mutex_unlock(&w->lock);
	server_wake(w->server);
}

/*
 * In the sync thread. When a group fails, all that was handed over by now
 * and is not durable is lost, and the worker says so: 503. A record handed
 * over since may be told the same though it is stored; its sender repeats
 * it under the same event id.
 */
static void
on_synced(void *ctx, uint64_t seq, bool ok)
{
	struct worker *w = ctx;
	int durability = w->shared.set->durability;

	if (durability == DURABILITY_DISK)
		add_verdict(w, (struct verdict){ seq, true });
	if (ok)
		return;
	atomic_store(&w->shared.refused_ms, clock_mono_ms());
	if (durability != DURABILITY_MEMORY)
		add_verdict(
		    w, (struct verdict){
			   atomic_load(&w->shared.highest_seq), false });
}

void
worker_confirmed(struct worker *w, uint64_t floor)
{
	if (w->shared.set->durability == DURABILITY_KAFKA && floor > 1)
		add_verdict(w, (struct verdict){ floor - 1, true });
}

void
worker_report(struct worker *w)
{
	atomic_store(&w->report, true);
	server_wake(w->server);
}

static uint64_t
append_refusals(void *ctx, struct str key, struct str value, struct error *err)
{
	struct worker *w = ctx;

	return request_spool(&w->shared, key, value, err);
}

void
worker_sites(struct worker *w, struct site_book *book)
{
	struct site_book *unused;

	pthread_mutex_lock(&w->lock);
	unused = w->next;
	w->next = site_book_hold(book);
	pthread_mutex_unlock(&w->lock);
	site_book_drop(unused);
	server_wake(w->server);
}

static void
on_wake(void *ctx)
{
	struct worker *w = ctx;
	struct verdict few[16];
	struct site_book *next;
	size_t count;

	atomic_store(&w->asked, false);
	do {
		pthread_mutex_lock(&w->lock);
		count = w->verdict_count;
		if (count > sizeof(few) / sizeof(few[0]))
			count = sizeof(few) / sizeof(few[0]);
		if (count > 0) {
			memcpy(few, w->verdicts, count * sizeof(few[0]));
			w->verdict_count -= count;
			memmove(w->verdicts, w->verdicts + count,
			    w->verdict_count * sizeof(few[0]));
		}
		next = w->next;
		w->next = NULL;
		pthread_mutex_unlock(&w->lock);
		if (next != NULL) {
			site_book_drop(w->book);
			w->book = next;
			w->shared.sites = &next->sites;
			w->shared.erased = next->erased;
			w->shared.limits = &next->limits;
		}
		for (size_t i = 0; i < count; i++) {
			if (few[i].ok)
				server_release(w->server, few[i].seq);
			else
				server_refuse(w->server, few[i].seq);
			refusals_verdict(
			    w->shared.refusals, few[i].seq, few[i].ok);
		}
	} while (count > 0);
	if (atomic_exchange(&w->report, false))
		refusals_flush(w->shared.refusals);
}

/*
 * What has gathered goes to the disk as one group. While another is on its
 * way there it waits for us to hear of that one: the clients answered then
 * send their next hits at once, and one sync serves those as well.
 */
static void
on_turn(void *ctx)
{
	struct worker *w = ctx;

	if (w->shared.set->durability != DURABILITY_DISK ||
	    !spool_syncing(w->shared.spool))
		spool_flush(w->shared.spool);
}

static void
on_request(struct exchange *x, void *ctx)
{
	struct worker *w = ctx;

	routes_serve(&w->routes, x, &w->shared);
}

static struct server_settings
server_limits(const struct collector_settings *set)
{
	struct server_settings s = server_defaults;

	s.limits.body_bytes = (uint32_t)set->http.max_body;
	s.header_ms = set->http.header_timeout_ms;
	s.body_ms = set->http.body_timeout_ms;
	s.idle_ms = set->http.idle_timeout_ms;
	s.answer_ms = set->http.answer_timeout_ms;
	s.connections =
	    (set->http.connections + set->workers - 1) / set->workers;
	s.net_connections =
	    (set->http.net_connections + set->workers - 1) / set->workers;
	s.body_rate = set->http.min_body_rate;
	s.reuse_port = true;
	return s;
}

static bool
may_proxy(void *proxies, struct str peer)
{
	return forwarded_trusts(proxies, peer);
}

static uint64_t
random_seed(void)
{
	uint64_t seed;

	digest_random(&seed, sizeof(seed));
	return seed;
}

struct worker *
worker_open(const struct worker_settings *set, struct site_book *book,
    struct error *err)
{
	struct worker *w = mem_zero(1, sizeof(*w));
	struct server_settings limits = server_limits(set->set);

	if (set->set->proxy_protocol == PROXY_PROTOCOL_REQUIRED) {
		limits.proxied = may_proxy;
		limits.proxied_ctx = (void *)(uintptr_t)set->proxies;
	}
	pthread_mutex_init(&w->lock, NULL);
	w->arena = arena_new(1024);
	w->book = site_book_hold(book);
	w->shared.set = set->set;
	w->shared.proxies = set->proxies;
	w->shared.cookie_key = set->cookie_key;
	w->shared.salt = set->salt;
	w->shared.sites = &book->sites;
	w->shared.erased = book->erased;
	w->shared.limits = &book->limits;
	w->shared.addresses = limits_new(ADDRESSES, random_seed());
	w->shared.site_hits = limits_new(SITES, random_seed());
	w->shared.inflate = inflate_new();
	w->shared.recent = w->recent = recent_new();
	w->shared.refusals = refusals_new(
	    set->set->durability != DURABILITY_MEMORY, append_refusals, w);
	atomic_init(&w->shared.refused_ms, INT64_MIN);
	routes_init(&w->routes, set->set);
	w->server = server_open(set->listen, &limits, on_request, w, err);
	if (w->server == NULL)
		goto fail;
	server_on_wake(w->server, on_wake, w);
	server_on_turn(w->server, on_turn, w);
	w->shared.spool = spool_open(set->dir, on_synced, w, err);
	if (w->shared.spool == NULL)
		goto fail;
	return w;
fail:
	worker_close(w);
	return NULL;
}

uint16_t
worker_port(const struct worker *w)
{
	return server_port(w->server);
}

struct spool *
worker_spool(const struct worker *w)
{
	return w->shared.spool;
}

struct recent *
worker_recent(const struct worker *w)
{
	return w->recent;
}

int64_t
worker_refused_ago_ms(const struct worker *w, int64_t mono_ms)
{
	int64_t at = atomic_load(&w->shared.refused_ms);

	return at == INT64_MIN ? INT64_MAX : mono_ms - at;
}

bool
worker_alive(struct worker *w)
{
	if (atomic_exchange(&w->asked, true))
		return false;
	server_wake(w->server);
	return true;
}

static void *
run(void *arg)
{
	struct worker *w = arg;

	pthread_setname_np(pthread_self(), "worker");
	server_run(w->server);
	refusals_flush(w->shared.refusals);
	spool_stop(w->shared.spool);
	return NULL;
}

bool
worker_start(struct worker *w, struct error *err)
{
	int code = pthread_create(&w->thread, NULL, run, w);

	if (code != 0)
		return error_set(err, ERROR_FATAL, "cannot start a thread: %s",
		    strerror(code));
	w->started = true;
	return true;
}

void
worker_stop(struct worker *w, int64_t deadline_ms)
{
	server_stop(w->server, deadline_ms);
}

void
worker_join(struct worker *w)
{
	if (w->started)
		pthread_join(w->thread, NULL);
	w->started = false;
}

void
worker_close(struct worker *w)
{
	if (w == NULL)
		return;
	server_close(w->server);
	site_book_drop(w->book);
	site_book_drop(w->next);
	arena_free(w->arena);
	buf_free(&w->shared.scratch);
	buf_free(&w->shared.inflated);
	inflate_free(w->shared.inflate);
	limits_free(w->shared.addresses);
	limits_free(w->shared.site_hits);
	recent_free(w->recent);
	refusals_free(w->shared.refusals);
	free(w->verdicts);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

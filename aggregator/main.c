/*
 * main.c - the aggregator: Kafka in, attribution, daily tables out.
 */
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "aggregator/status.h"
#include "aggregator/attributor.h"
#include "aggregator/consumer.h"
#include "aggregator/dashboard/dashboard.h"
#include "aggregator/models/models.h"
#include "aggregator/store/erase.h"
#include "aggregator/store/experiments.h"
#include "aggregator/store/migrate.h"
#include "aggregator/store/sql.h" /* made from store/sql/ by make */
#include "common/clock.h"
#include "common/log.h"
#include "common/manual.h"
#include "common/metrics.h"
#include "common/process.h"
#include "common/pulse.h"

#define PROGRAM "afterclick-aggregator"
#define SUMMARY                                                                \
	"reads hits from Kafka and keeps the daily campaign tables in "        \
	"PostgreSQL"
#define DEFAULT_CONFIG "/etc/afterclick/aggregator.yaml"

struct intake {
	struct world *w;
	struct attributor *attributor;
	int number;
	pthread_t thread;
};

static void *
consume(void *arg)
{
	struct intake *in = arg;

	consumer_run(in->w, in->number, attributor_wake, in->attributor);
	return NULL;
}

static void
start_intake(struct intake *in, struct world *w, struct attributor *attributor)
{
	for (int i = 0; i < (int)w->set->intake_workers; i++) {
		in[i] = (struct intake){
			.w = w, .attributor = attributor, .number = i
		};
		if (pthread_create(&in[i].thread, NULL, consume, &in[i]) != 0)
			abort();
	}
}

static void
report_problems(struct buf *problems)
{
	struct str rest = buf_str(problems), line;

	while (str_cut(&rest, '\n', &line)) {
		if (line.len > 0)
			fprintf(stderr, "%.*s\n", STR_ARG(line));
	}
}

/* The names that campaigns.yaml gives. */
static bool
publish_campaigns(struct world *w, struct postgres *pg, struct error *err)
{
	const struct rules *rules = atomic_load(&w->book)->rules;
	struct postgres_args args = { 0 };
	struct str *name = NULL;
	size_t n = 0;
	bool ok;

	while (rules_campaign(rules, n).len > 0) {
		name = mem_grow(name, (n + 1) * sizeof(*name));
		name[n] = rules_campaign(rules, n);
		n++;
	}
	postgres_arg_texts(&args, name, n);
	ok = postgres_exec(pg, sql_registered_put, &args, NULL, err);
	postgres_args_free(&args);
	free(name);
	return ok;
}

/* The goals of all sites, so that one which never fires is seen. */
static bool
publish_goals(const struct items *sites, struct postgres *pg, struct error *err)
{
	struct postgres_args args = { 0 };
	struct str *site = NULL, *goal = NULL;
	size_t n = 0;
	bool ok;

	for (size_t i = 0; i < sites->count; i++) {
		const struct site *s = (const struct site *)sites->at + i;
		const struct goal *g = s->goals.at;

		site = mem_grow(site, (n + s->goals.count) * sizeof(*site));
		goal = mem_grow(goal, (n + s->goals.count) * sizeof(*goal));
		for (size_t k = 0; k < s->goals.count; k++) {
			site[n] = str_of(s->id);
			goal[n++] = str_of(g[k].name);
		}
	}
	postgres_arg_texts(&args, site, n);
	postgres_arg_texts(&args, goal, n);
	ok = postgres_exec(pg, sql_goal_put, &args, NULL, err);
	postgres_args_free(&args);
	free(site);
	free(goal);
	return ok;
}

/* The sites and models of the configuration into their tables, for views. */
static bool
publish_names(struct world *w, struct postgres *pg, struct error *err)
{
	const struct items *sites = &atomic_load(&w->book)->sites.list;
	struct postgres_args args = { 0 };
	bool ok = true;

	for (size_t i = 0; ok && i < sites->count; i++) {
		const struct site *s = (const struct site *)sites->at + i;

		postgres_args_reset(&args);
		postgres_arg_text(&args, str_of(s->id));
		postgres_arg_text(&args, str_of(s->timezone));
		postgres_arg_text(&args, str_of(s->currency));
		postgres_arg_int8(&args, s->margin_micros);
		postgres_arg_int8(&args, s->lookback_ms);
		ok = postgres_exec(pg, sql_site_put, &args, NULL, err);
	}
	for (int m = 0; ok && m < MODEL_ALL; m++) {
		postgres_args_reset(&args);
		postgres_arg_int4(&args, m);
		postgres_arg_text(&args, str_of(models[m]->name));
		postgres_arg_text(&args, str_of(models[m]->summary));
		postgres_arg_bool(&args, m >= MODEL_COUNT);
		ok = postgres_exec(pg, sql_model_put, &args, NULL, err);
	}
	postgres_args_free(&args);
	return ok && publish_campaigns(w, pg, err) &&
	       publish_goals(sites, pg, err) &&
	       experiments_publish(pg, &atomic_load(&w->book)->sites, err);
}

/* Waits for PostgreSQL, not for a person: a wrong password ends it. */
static bool
prepare_database(struct world *w)
{
	int64_t wait_ms = 100;
	struct error err;

	while (!process_stopping()) {
		struct postgres *pg = world_connect(w, "start", &err);
		bool ok = pg != NULL && migrate_check(pg, &err) &&
			  publish_names(w, pg, &err) &&
			  erase_restored(pg, w->set->erased_file,
			      &atomic_load(&w->book)->sites, &err);

		postgres_close(pg);
		if (ok)
			return true;
		if (!world_may_retry(w, "start", &err))
			return false;
		poll(NULL, 0, (int)wait_ms);
		wait_ms = wait_ms * 2 < 5000 ? wait_ms * 2 : 5000;
	}
	return false;
}

static void
reload(struct world *w)
{
	struct buf problems = { NULL, 0, 0 };
	struct error err;
	struct postgres *pg;

	if (!world_load(w, &problems)) {
		log_error("main", "sites and channels stay as they were: %s",
		    buf_text(&problems));
	} else {
		pg = world_connect(w, "reload", &err);
		if (pg == NULL || !publish_names(w, pg, &err))
			log_warning("main", "%s", err.text);
		postgres_close(pg);
		log_info("main", "sites and channels reloaded");
	}
	buf_free(&problems);
}

/* A sign of life for systemd, if every thread gives one. */
static void
feed_watchdog(int64_t now_ms, int64_t limit_ms)
{
	static struct log_cause cause;
	char name[PULSE_NAME_MAX];

	if (!pulse_stuck(now_ms, limit_ms, name))
		process_notify("WATCHDOG=1");
	else
		log_limited(&cause, LOG_ERROR, "main",
		    "a thread (%s) gives no sign of life, so we give systemd "
		    "none",
		    name);
}

static void
serve_until_stopped(struct world *w, int signals)
{
	int watchdog_ms = process_watchdog_ms();
	int64_t due = 0;

	while (!w->stopping) {
		struct pollfd fd = { .fd = signals, .events = POLLIN };
		char drop[64];

		if (watchdog_ms > 0 && clock_mono_ms() >= due) {
			due = clock_mono_ms();
			feed_watchdog(due, INT64_C(2) * watchdog_ms);
			due += watchdog_ms;
		}
		if (poll(&fd, 1, 200) > 0 && read(signals, drop, 64) < 0)
			continue;
		if (process_stopping())
			w->stopping = true;
		else if (process_reload())
			reload(w);
	}
}

static int
run(struct world *w, int signals)
{
	struct intake in[SETTINGS_INTAKE_MAX];
	struct attributor *attributor;
	struct checker *checker;
	struct status *admin;
	struct dashboard *dashboard = NULL;
	struct error err;

	admin = status_start(w, &err);
	if (admin == NULL || !dashboard_start(w, &dashboard, &err)) {
		log_error("main", "%s", err.text);
		status_stop(admin);
		return EXIT_FAILED;
	}
	if (prepare_database(w)) {
		checker = checker_start(w);
		attributor =
		    attributor_start(w, w->set->attribution_workers, checker);
		start_intake(in, w, attributor);
		printf("ready admin=127.0.0.1:%u", status_port(admin));
		if (dashboard != NULL)
			printf(" dashboard=127.0.0.1:%u",
			    dashboard_port(dashboard));
		printf("\n");
		fflush(stdout);
		process_notify("READY=1");
		serve_until_stopped(w, signals);
		process_notify("STOPPING=1");
		log_info("main", "stopping");
		for (int i = 0; i < (int)w->set->intake_workers; i++)
			pthread_join(in[i].thread, NULL);
		attributor_join(attributor);
		checker_join(checker);
	}
	dashboard_stop(dashboard);
	status_stop(admin);
	return w->failed ? EXIT_FAILED : EXIT_OK;
}

int
main(int argc, char **argv)
{
	struct process_options opt;
	struct aggregator_settings set;
	struct arena *arena = arena_new(1 << 16);
	struct buf text = { NULL, 0, 0 };
	struct world w = { .set = &set };
	int code;

	process_no_core();
	process_options(&opt, argc, argv, PROGRAM, SUMMARY, DEFAULT_CONFIG);
	if (opt.man) {
		manual_daemon(PROGRAM, SUMMARY, DEFAULT_CONFIG,
		    aggregator_settings, &text);
		fwrite(text.data, 1, text.len, stdout);
		buf_free(&text);
		arena_free(arena);
		return EXIT_OK;
	}
	log_start(PROGRAM, LOG_INFO);
	if (!aggregator_settings_load(opt.config, &set, arena, &text) ||
	    (!opt.healthcheck && !opt.print_config && !world_load(&w, &text))) {
		report_problems(&text);
		code = EXIT_CONFIG;
	} else if (opt.healthcheck) {
		code = process_healthcheck(set.admin_listen);
	} else if (opt.print_config) {
		config_print(aggregator_settings, &set, &text);
		fwrite(text.data, 1, text.len, stdout);
		code = EXIT_OK;
	} else if (opt.check_config) {
		printf("%s: good\n", opt.config);
		code = EXIT_OK;
	} else {
		log_start(
		    "afterclick-aggregator", (enum log_level)set.log_level);
		code = run(&w, process_signals());
	}
	world_free(&w);
	buf_free(&text);
	arena_free(arena);
	return code;
}

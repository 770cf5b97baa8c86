/*
 * main.c - afterclick-collector: HTTP in, Kafka out.
 *
 * Starts from the disk outwards (spool, workers, publisher, admin) and stops
 * in the other direction: first unready, then no new connections, then the
 * answers that are due, then what Kafka will still take. What is left stays
 * in the spool for the next start.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/admin.h"
#include "collector/dead_letters.h"
#include "common/forwarded.h"
#include "collector/publisher.h"
#include "collector/settings.h"
#include "collector/spool.h"
#include "collector/worker.h"
#include "collector/salt.h"
#include "common/clock.h"
#include "common/digest.h"
#include "common/log.h"
#include "common/manual.h"
#include "common/metrics.h"
#include "common/process.h"
#include "common/socket.h"

#define PROGRAM "afterclick-collector"
#define SUMMARY "takes hits by HTTP, keeps them on disk, puts them on Kafka"
#define DEFAULT_CONFIG "/etc/afterclick/collector.yaml"
#define KEY_BYTES 32
#define CHECK_MS 1000 /* of yesterday's salt and the list of the erased */

struct collector {
	const char *config;
	struct collector_settings set;
	struct arena *arena;
	struct forwarded proxies;
	struct str cookie_key;
	struct salt *salt;
	struct site_book *book;
	int64_t erased_version; /* of the list in the book */
	const char *dead_letters;
	struct buf forgotten; /* what they and the erased were last time */
	struct spool_dir *dir;
	struct worker **workers;
	size_t worker_count; /* open */
	struct publisher *publisher;
	struct admin *admin;
};

/*
 * The key that signs cookies when the configuration names none: made once,
 * kept beside the spool, so that visitors outlive a restart.
 */
static bool
own_key(struct collector *c, struct error *err)
{
	struct str path =
	    arena_printf(c->arena, "%s/cookie.key", c->set.spool.dir);
	uint8_t bytes[KEY_BYTES];
	char hex[2 * KEY_BYTES + 1];
	bool ok = false;
	ssize_t len;
	int fd;

	fd = open(path.data, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0) {
		len = read(fd, hex, sizeof(hex) - 1);
		close(fd);
		if (len != (ssize_t)sizeof(hex) - 1)
			return error_set(err, ERROR_FATAL,
			    "%s: is not a key of %zu characters; remove it to "
			    "have a new one made, or set cookie_key",
			    path.data, sizeof(hex) - 1);
		c->cookie_key =
		    arena_str(c->arena, str_make(hex, sizeof(hex) - 1));
		return true;
	}
	if (errno != ENOENT)
		return error_set(
		    err, ERROR_FATAL, "%s: %s", path.data, strerror(errno));
	digest_random(bytes, sizeof(bytes));
	digest_hex(bytes, sizeof(bytes), hex);
	struct str temp = arena_printf(c->arena, "%s.new", path.data);
	fd = open(temp.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_set(
		    err, ERROR_FATAL, "%s: %s", temp.data, strerror(errno));
	ok = write(fd, hex, sizeof(hex) - 1) == (ssize_t)sizeof(hex) - 1 &&
	     fsync(fd) == 0 && rename(temp.data, path.data) == 0;
	if (!ok)
		error_set(
		    err, ERROR_FATAL, "%s: %s", path.data, strerror(errno));
	close(fd);
	c->cookie_key = arena_str(c->arena, str_make(hex, sizeof(hex) - 1));
	if (ok)
		log_info("main", "made a key for cookies: %s", path.data);
	return ok;
}

static void
on_confirmed(void *ctx, struct spool *spool, uint64_t floor)
{
	struct collector *c = ctx;

	for (size_t i = 0; i < c->worker_count; i++) {
		if (worker_spool(c->workers[i]) == spool)
			worker_confirmed(c->workers[i], floor);
	}
}

/* HOST:PORT with the port that the first worker was given. */
static const char *
listen_text(struct collector *c, const char *listen, uint16_t port)
{
	ptrdiff_t colon = 0;
	struct str text = str_of(listen);

	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == ':')
			colon = (ptrdiff_t)i;
	}
	return arena_printf(
	    c->arena, "%.*s:%u", (int)colon, listen, (unsigned)port)
	    .data;
}

static bool
open_workers(struct collector *c, struct error *err)
{
	struct worker_settings ws = {
		.set = &c->set,
		.proxies = &c->proxies,
		.cookie_key = c->cookie_key,
		.salt = c->salt,
		.dir = c->dir,
		.listen = c->set.listen,
	};
	size_t wanted = (size_t)c->set.workers;

	/* Our own workers share the port in any case, so it takes a listener
	 * that does not to find out whether somebody else is there. */
	if (!c->set.reuse_port) {
		int probe = socket_listen(c->set.listen, false, err);

		if (probe < 0)
			return false;
		close(probe);
	}
	c->workers = arena_zero(c->arena, wanted, sizeof(*c->workers));
	while (c->worker_count < wanted) {
		struct worker *w = worker_open(&ws, c->book, err);

		if (w == NULL)
			return false;
		c->workers[c->worker_count++] = w;
		ws.listen = listen_text(c, c->set.listen, worker_port(w));
	}
	return true;
}

/* When FILE was last written; 0 when there is none. */
static int64_t
version(const char *file)
{
	struct stat about;

	if (stat(file, &about) != 0)
		return 0;
	return (int64_t)about.st_mtim.tv_sec * 1000000000 +
	       about.st_mtim.tv_nsec;
}

/* What Kafka never took of those who are erased goes, too. As long as letters,
 * list and sites are the same there is nothing to do. */
static void
forget_dead_letters(struct collector *c)
{
	const struct items *list = &c->book->sites.list;
	const struct site *sites = list->at;
	struct buf now = { 0 };
	struct str *ids;

	if (c->book->erased == NULL || erased_count(c->book->erased) == 0)
		return;
	ids = mem_zero(list->count + 1, sizeof(*ids));
	buf_printf(&now, "%lld %lld", (long long)version(c->dead_letters),
	    (long long)c->erased_version);
	for (size_t i = 0; i < list->count; i++) {
		ids[i] = str_of(sites[i].id);
		buf_printf(&now, " %s", sites[i].id);
	}
	if (!str_eq(buf_str(&now), buf_str(&c->forgotten)) &&
	    dead_letters_forget(
		c->dead_letters, c->book->erased, ids, list->count)) {
		buf_free(&c->forgotten);
		c->forgotten = now;
	} else {
		buf_free(&now);
	}
	free(ids);
}

static bool
start(struct collector *c, struct error *err)
{
	struct spool_settings ss = {
		.dir = c->set.spool.dir,
		.max_bytes = c->set.spool.max_bytes,
		.segment_bytes = c->set.spool.segment_bytes,
		.durability = c->set.durability,
	};
	struct publisher_settings ps = {
		.kafka = &c->set.kafka,
		.topic = c->set.topic,
		.dead_letters = c->dead_letters,
	};
	struct admin_settings as = {
		.listen = c->set.admin_listen,
		.durability = c->set.durability,
	};

	if (!forwarded_parse(
		&c->proxies, &c->set.trusted_proxies, c->arena, err))
		return false;
	c->dir = spool_dir_open(&ss, err);
	if (c->dir == NULL)
		return false;
	forget_dead_letters(c);
	c->cookie_key = str_of(c->set.cookie_key);
	if (c->cookie_key.len == 0 && !own_key(c, err))
		return false;
	c->salt = salt_open(
	    arena_printf(c->arena, "%s/day.salt", c->set.spool.dir).data,
	    clock_wall_ms());
	if (!open_workers(c, err))
		return false;
	c->publisher = publisher_start(c->dir, &ps, err);
	if (c->publisher == NULL)
		return false;
	publisher_on_confirmed(c->publisher, on_confirmed, c);
	as.publisher = c->publisher;
	as.workers = c->workers;
	as.worker_count = c->worker_count;
	c->admin = admin_start(&as, err);
	if (c->admin == NULL)
		return false;
	for (size_t i = 0; i < c->worker_count; i++) {
		if (!worker_start(c->workers[i], err))
			return false;
	}
	return true;
}

/* True when every record reached Kafka. Also undoes half a start. */
static bool
stop(struct collector *c)
{
	int64_t end = clock_mono_ms() + c->set.drain_timeout_ms, left;
	bool all = true;

	if (c->admin != NULL)
		admin_draining(c->admin);
	for (size_t i = 0; i < c->worker_count; i++)
		worker_stop(c->workers[i], c->set.drain_timeout_ms);
	for (size_t i = 0; i < c->worker_count; i++) {
		worker_join(c->workers[i]);
		spool_stop(worker_spool(c->workers[i]));
	}
	left = end - clock_mono_ms();
	if (c->publisher != NULL)
		all = publisher_stop(c->publisher, left > 0 ? left : 0);
	admin_stop(c->admin);
	for (size_t i = 0; i < c->worker_count; i++)
		worker_close(c->workers[i]);
	spool_dir_close(c->dir);
	salt_close(c->salt);
	return all;
}

/* True when FRESH differs from what we run with in more than may change
 * while we run. Secrets look all alike here. */
static bool
needs_restart(const struct collector *c, const struct collector_settings *fresh)
{
	struct collector_settings old = c->set;
	struct buf a = { 0 }, b = { 0 };
	bool differs;

	old.limits = fresh->limits;
	old.log_level = fresh->log_level;
	old.sites_file = fresh->sites_file;
	config_print(collector_setting_table, &old, &a);
	config_print(collector_setting_table, fresh, &b);
	differs = !str_eq(buf_str(&a), buf_str(&b));
	buf_free(&a);
	buf_free(&b);
	return differs;
}

/*
 * Everything is read and checked before anything changes: a mistake leaves
 * all as it was.
 */
static void
reload(struct collector *c)
{
	struct arena *arena = arena_new(16384);
	struct collector_settings fresh;
	struct site_book *book = NULL;
	struct buf problems = { 0 };
	struct str rest, line;

	c->erased_version = version(c->set.erased_file);
	if (settings_load(c->config, &fresh, arena, &problems)) {
		/* The limits are shared among those who are there. */
		fresh.workers = c->set.workers;
		book = site_book_load(&fresh, &problems);
	}
	rest = buf_str(&problems);
	if (book == NULL) {
		while (str_cut(&rest, '\n', &line)) {
			if (line.len > 0)
				log_error("main", "%.*s", STR_ARG(line));
		}
		log_error("main", "all settings are as they were");
		metrics_inc(METRIC_RELOADS_REFUSED);
	} else {
		site_book_drop(c->book);
		c->book = book;
		for (size_t i = 0; i < c->worker_count; i++)
			worker_sites(c->workers[i], book);
		log_least((enum log_level)fresh.log_level);
		log_info("main", "read %zu sites", book->sites.list.count);
		if (needs_restart(c, &fresh))
			log_warning("main",
			    "some settings have changed that take a restart");
		metrics_inc(METRIC_RELOADS);
		forget_dead_letters(c);
	}
	buf_free(&problems);
	arena_free(arena);
}

/* A sign of life for systemd, if every worker gives one. */
static void
feed_watchdog(struct collector *c)
{
	bool alive = true;

	for (size_t i = 0; i < c->worker_count; i++)
		alive = worker_alive(c->workers[i]) && alive;
	if (alive)
		process_notify("WATCHDOG=1");
}

static void
serve(struct collector *c, int signals)
{
	struct pollfd poll_fd = { .fd = signals, .events = POLLIN };
	int watchdog_ms = process_watchdog_ms();
	int64_t reported = clock_mono_ms();
	int wait_ms =
	    c->set.refusals_ms < CHECK_MS ? (int)c->set.refusals_ms : CHECK_MS;
	char drop[64];

	if (watchdog_ms > 0 && watchdog_ms < wait_ms)
		wait_ms = watchdog_ms;
	while (!process_stopping()) {
		/* Yesterday's salt goes, whether hits come or not. */
		salt_turn(c->salt, clock_wall_ms());
		if (watchdog_ms > 0)
			feed_watchdog(c);
		if (clock_mono_ms() - reported >= c->set.refusals_ms) {
			reported = clock_mono_ms();
			for (size_t i = 0; i < c->worker_count; i++)
				worker_report(c->workers[i]);
		}
		if (poll(&poll_fd, 1, wait_ms) > 0 &&
		    read(signals, drop, sizeof(drop)) < 0 && errno != EAGAIN &&
		    errno != EINTR)
			break;
		if (process_reload() ||
		    version(c->set.erased_file) != c->erased_version)
			reload(c);
	}
}

static int
run(struct collector *c)
{
	struct error err;
	int signals = process_signals();
	bool all;

	if (!start(c, &err)) {
		log_error("main", "%s", err.text);
		stop(c);
		return EXIT_FAILED;
	}
	printf("ready listen=%s admin=%s\n",
	    listen_text(c, c->set.listen, worker_port(c->workers[0])),
	    listen_text(c, c->set.admin_listen, admin_port(c->admin)));
	fflush(stdout);
	process_notify("READY=1");
	serve(c, signals);
	process_notify("STOPPING=1");
	log_info("main", "stopping");
	all = stop(c);
	log_info("main", "stopped%s",
	    all ? "" : "; the spool keeps what Kafka has not confirmed");
	return EXIT_OK;
}

static void
print_config(const struct collector_settings *set)
{
	struct buf out = { 0 };

	config_print(collector_setting_table, set, &out);
	fwrite(out.data, 1, out.len, stdout);
	buf_free(&out);
}

int
main(int argc, char **argv)
{
	struct collector c = { 0 };
	struct process_options opt;
	struct buf problems = { 0 };
	int code = EXIT_OK;

	process_no_core();
	process_options(&opt, argc, argv, PROGRAM, SUMMARY, DEFAULT_CONFIG);
	if (opt.man) {
		manual_daemon(PROGRAM, SUMMARY, DEFAULT_CONFIG,
		    collector_setting_table, &problems);
		fwrite(problems.data, 1, problems.len, stdout);
		buf_free(&problems);
		return EXIT_OK;
	}
	log_start(PROGRAM, LOG_INFO);
	c.arena = arena_new(16384);
	c.config = opt.config;
	if (settings_load(opt.config, &c.set, c.arena, &problems)) {
		c.dead_letters = arena_printf(
		    c.arena, "%s/dead-letters.jsonl", c.set.spool.dir)
				     .data;
		c.erased_version = version(c.set.erased_file);
		c.book = site_book_load(&c.set, &problems);
	}
	if (c.book == NULL) {
		fwrite(problems.data, 1, problems.len, stderr);
		code = EXIT_CONFIG;
	} else if (opt.print_config) {
		print_config(&c.set);
	} else if (opt.healthcheck) {
		code = process_healthcheck(c.set.admin_listen);
	} else if (opt.check_config) {
		printf("%s: good\n", opt.config);
	} else {
		log_start(PROGRAM, (enum log_level)c.set.log_level);
		code = run(&c);
	}
	site_book_drop(c.book);
	arena_free(c.arena);
	buf_free(&c.forgotten);
	buf_free(&problems);
	return code;
}

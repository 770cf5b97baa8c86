/*
 * spool_dir.c - the spool directory: one process owns it, what an earlier
 * run left in it is found again, and files that are done with are kept for
 * the next segment, as overwriting blocks is cheaper than making them: until
 * the process ends, for what they held is personal.
 */
#include "collector/spool_internal.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/digest.h"
#include "common/log.h"
#include "common/metrics.h"

#define POOL_MAX 8 /* more than that goes back to the disk */
#define POOL_PREFIX "free-"

struct spool_dir {
	int fd;
	char *path;
	int64_t max_bytes, segment_bytes;
	int durability;

	pthread_mutex_t lock;
	struct spool_segment *pool;
	size_t pool_count;
	int64_t bytes; /* of all files */
	struct spool *first, *last;
	void (*durable)(void *ctx);
	void *durable_ctx;

	struct spool **list; /* the publisher's */
};

int
spool_dir_fd(const struct spool_dir *dir)
{
	return dir->fd;
}

int
spool_dir_durability(const struct spool_dir *dir)
{
	return dir->durability;
}

/* Opens and locks PATH; -1 and a sentence if it is not ours to use. */
static int
claim(const char *path, struct error *err)
{
	struct stat st;
	int fd;

	if (mkdir(path, 0700) != 0 && errno != EEXIST) {
		if (errno == ENOENT)
			error_set(err, ERROR_FATAL,
			    "spool directory %s: its parent directory does "
			    "not exist",
			    path);
		else
			error_set(err, ERROR_FATAL,
			    "spool directory %s: cannot make it: %s", path,
			    strerror(errno));
		return -1;
	}
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		error_set(err, ERROR_FATAL, "spool directory %s: %s", path,
		    errno == ENOTDIR ? "it is not a directory"
				     : strerror(errno));
		return -1;
	}
	if (fstat(fd, &st) != 0) {
		error_set(err, ERROR_FATAL, "spool directory %s: %s", path,
		    strerror(errno));
		goto fail;
	}
	if (st.st_uid != geteuid()) {
		error_set(err, ERROR_FATAL,
		    "spool directory %s: it belongs to user %u, but this "
		    "process runs as user %u",
		    path, (unsigned)st.st_uid, (unsigned)geteuid());
		goto fail;
	}
	if (faccessat(fd, ".", W_OK | X_OK, AT_EACCESS) != 0) {
		error_set(err, ERROR_FATAL,
		    "spool directory %s: it cannot be written: %s", path,
		    strerror(errno));
		goto fail;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		error_set(err, ERROR_FATAL, "spool directory %s: %s", path,
		    errno == EWOULDBLOCK ? "another process is using it"
					 : strerror(errno));
		goto fail;
	}
	return fd;
fail:
	close(fd);
	return -1;
}

static struct spool *
spool_of(struct spool_dir *dir, uint64_t id)
{
	struct spool *sp;

	for (sp = dir->first; sp != NULL; sp = sp->next) {
		if (sp->id == id)
			return sp;
	}
	sp = spool_new(dir, id);
	sp->recovered = true;
	atomic_store(&sp->ended, true);
	spool_dir_add(dir, sp);
	return sp;
}

/* Takes in the segment NAME of an earlier run. */
static bool
recover_segment(struct spool_dir *dir, const char *name, struct error *err)
{
	struct spool_segment *seg;
	struct spool *sp;
	uint64_t id, damaged, first_seq = 0;
	int64_t first_ms = 0;
	uint32_t index;

	if (!spool_segment_named(name, &id, &index))
		return true;
	seg = spool_segment_find(dir->fd, name, err);
	if (seg == NULL)
		return error_wrap(err, "spool directory %s", dir->path);
	dir->bytes += seg->size;
	spool_segment_reset(seg, id, index);
	sp = spool_of(dir, id);
	damaged = spool_segment_recover(
	    seg, dir->fd, &sp->last_seq, &first_seq, &first_ms);
	if (damaged > 0) {
		metrics_add(METRIC_SPOOL_DAMAGED, damaged);
		log_warning("spool",
		    "%s/%s: %" PRIu64 " damaged records skipped, %" PRIu64
		    " whole ones kept",
		    dir->path, name, damaged, (uint64_t)seg->records);
	}
	if (seg->records == 0) {
		spool_dir_give(dir, seg);
		return true;
	}
	if (sp->first == NULL) {
		sp->oldest_ms = first_ms;
		sp->floor = first_seq;
	}
	spool_add_segment(sp, seg);
	atomic_fetch_add(&sp->written_count, seg->records);
	return true;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in DIR in order, so that a spool's segments are as well. */
static bool
names(struct spool_dir *dir, struct buf *out, struct error *err)
{
	int fd = openat(dir->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	char *copy;

	if (d == NULL) {
		if (fd >= 0)
			close(fd);
		return error_set(err, ERROR_FATAL, "spool directory %s: %s",
		    dir->path, strerror(errno));
	}
	while ((entry = readdir(d)) != NULL) {
		copy = str_dup(str_of(entry->d_name));
		buf_add(out, &copy, sizeof(copy));
	}
	closedir(d);
	return true;
}

static bool
recover(struct spool_dir *dir, struct error *err)
{
	struct buf all = { NULL, 0, 0 };
	uint64_t records = 0;
	bool ok = names(dir, &all, err);
	char **name = (char **)(void *)all.data;
	size_t count = all.len / sizeof(*name);

	if (count > 0)
		qsort(name, count, sizeof(*name), by_name);
	for (size_t i = 0; i < count; i++) {
		if (str_starts(str_of(name[i]), STR(POOL_PREFIX)))
			unlinkat(dir->fd, name[i], 0);
		else if (ok)
			ok = recover_segment(dir, name[i], err);
		free(name[i]);
	}
	buf_free(&all);
	for (struct spool *sp = dir->first; sp != NULL; sp = sp->next)
		records += spool_pending(sp);
	if (records > 0)
		log_info("spool",
		    "%s: %" PRIu64 " records of an earlier run to publish",
		    dir->path, records);
	return ok;
}

struct spool_dir *
spool_dir_open(const struct spool_settings *set, struct error *err)
{
	struct spool_dir *dir;
	int64_t segment = set->segment_bytes;
	int fd;

	if (set->max_bytes < SPOOL_SEGMENT_MIN) {
		error_set(err, ERROR_FATAL,
		    "spool directory %s: max_bytes must be %d at least",
		    set->dir, SPOOL_SEGMENT_MIN);
		return NULL;
	}
	fd = claim(set->dir, err);
	if (fd < 0)
		return NULL;
	/* A few at least, so that some can be full while others drain. */
	if (segment > set->max_bytes / 8)
		segment = set->max_bytes / 8;
	if (segment < SPOOL_SEGMENT_MIN)
		segment = SPOOL_SEGMENT_MIN;
	if (segment > SPOOL_SEGMENT_MAX)
		segment = SPOOL_SEGMENT_MAX;
	dir = mem_zero(1, sizeof(*dir));
	dir->fd = fd;
	dir->path = str_dup(str_of(set->dir));
	dir->max_bytes = set->max_bytes;
	dir->segment_bytes = segment & ~INT64_C(4095);
	dir->durability = set->durability;
	pthread_mutex_init(&dir->lock, NULL);
	if (!recover(dir, err)) {
		spool_dir_close(dir);
		return NULL;
	}
	return dir;
}

void
spool_dir_close(struct spool_dir *dir)
{
	if (dir == NULL)
		return;
	while (dir->first != NULL) {
		struct spool *sp = dir->first;

		spool_stop(sp);
		dir->first = sp->next;
		spool_free(sp);
	}
	while (dir->pool != NULL) {
		struct spool_segment *seg = dir->pool;

		/* Kafka has what it holds, and may be told to forget it. */
		unlinkat(dir->fd, seg->name, 0);
		dir->pool = seg->next;
		spool_segment_free(seg);
	}
	pthread_mutex_destroy(&dir->lock);
	close(dir->fd); /* and with it the lock */
	free(dir->list);
	free(dir->path);
	free(dir);
}

void
spool_dir_add(struct spool_dir *dir, struct spool *sp)
{
	pthread_mutex_lock(&dir->lock);
	if (dir->last == NULL)
		dir->first = sp;
	else
		dir->last->next = sp;
	dir->last = sp;
	pthread_mutex_unlock(&dir->lock);
}

/* From the pool, or NULL; *MAKE says whether a new one may be made. */
static struct spool_segment *
from_pool(struct spool_dir *dir, bool *make)
{
	struct spool_segment *seg;

	pthread_mutex_lock(&dir->lock);
	seg = dir->pool;
	if (seg != NULL) {
		dir->pool = seg->next;
		dir->pool_count--;
	}
	*make =
	    seg == NULL && dir->bytes + dir->segment_bytes <= dir->max_bytes;
	if (*make)
		dir->bytes += dir->segment_bytes;
	pthread_mutex_unlock(&dir->lock);
	return seg;
}

static void
forget(struct spool_dir *dir, struct spool_segment *seg)
{
	unlinkat(dir->fd, seg->name, 0);
	pthread_mutex_lock(&dir->lock);
	dir->bytes -= seg->size;
	pthread_mutex_unlock(&dir->lock);
	spool_segment_free(seg);
}

struct spool_segment *
spool_dir_take(
    struct spool_dir *dir, uint64_t id, uint32_t index, struct error *err)
{
	char name[SPOOL_NAME_MAX];
	struct spool_segment *seg;
	bool may_make;

	spool_segment_name(name, id, index);
	seg = from_pool(dir, &may_make);
	if (seg == NULL && !may_make) {
		error_set(err, ERROR_RETRY,
		    "spool directory %s: max_bytes (%" PRId64 ") is reached",
		    dir->path, dir->max_bytes);
		return NULL;
	}
	if (seg == NULL) {
		seg = spool_segment_create(
		    dir->fd, name, dir->segment_bytes, err);
		if (seg == NULL) {
			pthread_mutex_lock(&dir->lock);
			dir->bytes -= dir->segment_bytes;
			pthread_mutex_unlock(&dir->lock);
			goto fail;
		}
	} else {
		if (!spool_segment_open(seg, dir->fd, err)) {
			forget(dir, seg);
			goto fail;
		}
		if (renameat(dir->fd, seg->name, dir->fd, name) != 0) {
			error_set(err, ERROR_RETRY, "cannot rename %s: %s",
			    seg->name, strerror(errno));
			forget(dir, seg);
			goto fail;
		}
		memcpy(seg->name, name, sizeof(name));
	}
	spool_segment_reset(seg, id, index);
	/* A record is not durable in a file whose name is not. */
	if (dir->durability == DURABILITY_DISK &&
	    spool_calls.fsync(dir->fd) != 0) {
		error_set(err, ERROR_RETRY, "cannot sync the directory: %s",
		    strerror(errno));
		forget(dir, seg);
		goto fail;
	}
	return seg;
fail:
	error_wrap(err, "spool directory %s", dir->path);
	return NULL;
}

void
spool_dir_give(struct spool_dir *dir, struct spool_segment *seg)
{
	char name[SPOOL_NAME_MAX];
	bool keep;

	if (seg->fd >= 0)
		close(seg->fd);
	seg->fd = -1;
	pthread_mutex_lock(&dir->lock);
	keep = !seg->cut && seg->size == dir->segment_bytes &&
	       dir->pool_count < POOL_MAX;
	pthread_mutex_unlock(&dir->lock);
	/* Out of the way of a restart, which would publish it again. */
	if (keep && strncmp(seg->name, POOL_PREFIX, strlen(POOL_PREFIX)) != 0) {
		snprintf(name, sizeof(name), POOL_PREFIX "%.*s",
		    (int)(sizeof(name) - sizeof(POOL_PREFIX)), seg->name);
		keep = renameat(dir->fd, seg->name, dir->fd, name) == 0;
		if (keep)
			memcpy(seg->name, name, sizeof(name));
	}
	if (!keep) {
		forget(dir, seg);
		return;
	}
	pthread_mutex_lock(&dir->lock);
	seg->next = dir->pool;
	dir->pool = seg;
	dir->pool_count++;
	pthread_mutex_unlock(&dir->lock);
}

void
spool_dir_on_durable(struct spool_dir *dir, void (*call)(void *ctx), void *ctx)
{
	pthread_mutex_lock(&dir->lock);
	dir->durable = call;
	dir->durable_ctx = ctx;
	pthread_mutex_unlock(&dir->lock);
}

void
spool_dir_durable(struct spool_dir *dir)
{
	/* Under the lock, so that a publisher that ends is not called. */
	pthread_mutex_lock(&dir->lock);
	if (dir->durable != NULL)
		dir->durable(dir->durable_ctx);
	pthread_mutex_unlock(&dir->lock);
}

/* Takes the drained spools of earlier runs out of DIR's list. */
static struct spool *
take_drained(struct spool_dir *dir)
{
	struct spool **at = &dir->first, *last = NULL, *drained = NULL;

	while (*at != NULL) {
		struct spool *sp = *at;

		if (sp->recovered && spool_drained(sp)) {
			*at = sp->next;
			sp->next = drained;
			drained = sp;
		} else {
			last = sp;
			at = &sp->next;
		}
	}
	dir->last = last;
	return drained;
}

static int
by_age(const void *a, const void *b)
{
	const struct spool *x = *(struct spool *const *)a;
	const struct spool *y = *(struct spool *const *)b;

	if (x->recovered != y->recovered)
		return x->recovered ? -1 : 1;
	return x->oldest_ms < y->oldest_ms ? -1 : x->oldest_ms > y->oldest_ms;
}

struct spool **
spool_dir_list(struct spool_dir *dir, size_t *count)
{
	struct spool *drained;
	size_t n = 0;

	pthread_mutex_lock(&dir->lock);
	drained = take_drained(dir);
	for (struct spool *sp = dir->first; sp != NULL; sp = sp->next)
		n++;
	dir->list = mem_grow(dir->list, (n + 1) * sizeof(*dir->list));
	n = 0;
	for (struct spool *sp = dir->first; sp != NULL; sp = sp->next)
		dir->list[n++] = sp;
	pthread_mutex_unlock(&dir->lock);
	while (drained != NULL) {
		struct spool *sp = drained;

		drained = sp->next;
		spool_free(sp);
	}
	qsort(dir->list, n, sizeof(*dir->list), by_age);
	*count = n;
	return dir->list;
}

void
spool_dir_gauges(struct spool_dir *dir, int64_t now_ms)
{
	int64_t bytes = 0, oldest = -1, records = 0;
	size_t count;
	struct spool **list = spool_dir_list(dir, &count);

	for (size_t i = 0; i < count; i++) {
		int64_t ms = spool_oldest(list[i], &bytes);

		records += (int64_t)spool_pending(list[i]);
		if (ms >= 0 && (oldest < 0 || ms < oldest))
			oldest = ms;
	}
	metrics_set(METRIC_SPOOL_PENDING, records);
	metrics_set(METRIC_SPOOL_BYTES, bytes);
	metrics_set(METRIC_SPOOL_OLDEST,
	    oldest < 0 || oldest > now_ms ? 0 : (now_ms - oldest) / 1000);
}

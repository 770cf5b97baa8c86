#include "aggregator/cli/watch.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/digest.h"
#include "common/process.h"
#include "common/str.h"

#define REST_S 2 /* a file younger than this may still be written */
#define FILES_MAX 100000

/* A file of the folder, as it last was offered. */
struct seen {
	char *name;
	int64_t size, ns; /* of its last change */
	uint8_t digest[SHA256_BYTES];
	bool taken;
};

/* One that is to be looked at now. */
struct found {
	char *name;
	int64_t size, ns;
};

struct watch {
	const char *dir;
	watch_take *take;
	void *ctx;
	struct seen *seen;
	size_t seen_count;
	struct found *found;
	size_t count;
	bool restless; /* some file was too young */
};

static bool
is_table(const char *name)
{
	static const char *const ends[] = { ".csv", ".tsv", ".txt", ".csv.gz",
		".tsv.gz", ".txt.gz" };
	struct str s = str_of(name), tail;

	if (name[0] == '.')
		return false;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t n = strlen(ends[i]);

		tail = s.len > n ? str_from(s, s.len - n) : STR_EMPTY;
		if (str_ieq(tail, str_of(ends[i])))
			return true;
	}
	return false;
}

static struct seen *
find(struct watch *w, const char *name)
{
	for (size_t i = 0; i < w->seen_count; i++) {
		if (strcmp(w->seen[i].name, name) == 0)
			return &w->seen[i];
	}
	return NULL;
}

static int
oldest_first(const void *va, const void *vb)
{
	const struct found *a = va, *b = vb;

	if (a->ns != b->ns)
		return a->ns < b->ns ? -1 : 1;
	return strcmp(a->name, b->name);
}

static void
consider(struct watch *w, const char *name)
{
	struct buf path = { 0 };
	struct timespec now;
	struct seen *s;
	struct stat st;
	int64_t ns;

	buf_printf(&path, "%s/%s", w->dir, name);
	if (stat(buf_text(&path), &st) != 0 || !S_ISREG(st.st_mode))
		goto out;
	ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	s = find(w, name);
	if (s != NULL && s->taken && s->size == st.st_size && s->ns == ns)
		goto out;
	clock_gettime(CLOCK_REALTIME, &now);
	/* One from the future is no reason to wait. */
	if (now.tv_sec >= st.st_mtim.tv_sec &&
	    now.tv_sec - st.st_mtim.tv_sec < REST_S) {
		w->restless = true;
		goto out;
	}
	if (w->count == FILES_MAX)
		goto out;
	w->found = mem_grow(w->found, (w->count + 1) * sizeof(*w->found));
	w->found[w->count++] =
	    (struct found){ str_dup(str_of(name)), st.st_size, ns };
out:
	buf_free(&path);
}

/* Remembers that F was offered with DIGEST. */
static void
remember(
    struct watch *w, const struct found *f, const uint8_t *digest, bool taken)
{
	struct seen *s = find(w, f->name);

	if (s == NULL) {
		w->seen =
		    mem_grow(w->seen, (w->seen_count + 1) * sizeof(*w->seen));
		s = &w->seen[w->seen_count++];
		s->name = str_dup(str_of(f->name));
	}
	s->size = f->size;
	s->ns = f->ns;
	s->taken = taken;
	memcpy(s->digest, digest, SHA256_BYTES);
}

static void
offer(struct watch *w, const struct found *f)
{
	uint8_t digest[SHA256_BYTES];
	struct buf path = { 0 };
	struct seen *s = find(w, f->name);
	bool taken;

	buf_printf(&path, "%s/%s", w->dir, f->name);
	if (!digest_sha256_file(buf_text(&path), digest)) {
		fprintf(stderr, "%s: %s\n", buf_text(&path), strerror(errno));
	} else {
		taken = s != NULL && s->taken &&
			memcmp(s->digest, digest, SHA256_BYTES) == 0;
		if (!taken)
			taken = w->take(w->ctx, buf_text(&path), digest);
		remember(w, f, digest, taken);
	}
	buf_free(&path);
}

static bool
look(struct watch *w)
{
	DIR *dir = opendir(w->dir);
	struct dirent *entry;

	w->restless = false;
	w->count = 0;
	if (dir == NULL) {
		fprintf(
		    stderr, "afterclick: %s: %s\n", w->dir, strerror(errno));
		return false;
	}
	while ((entry = readdir(dir)) != NULL) {
		if (is_table(entry->d_name))
			consider(w, entry->d_name);
	}
	closedir(dir);
	if (w->count > 1)
		qsort(w->found, w->count, sizeof(*w->found), oldest_first);
	for (size_t i = 0; i < w->count; i++) {
		if (!process_stopping())
			offer(w, &w->found[i]);
		free(w->found[i].name);
	}
	return true;
}

int
watch_folder(const char *dir, int64_t every_ms, watch_take *take, void *ctx)
{
	struct watch w = { .dir = dir, .take = take, .ctx = ctx };
	int signals = process_signals();
	bool ok;

	do {
		ok = look(&w);
		if (ok && !process_stopping())
			process_rest(
			    signals, w.restless && every_ms > REST_S * 1000
					 ? REST_S * 1000
					 : every_ms);
	} while (ok && !process_stopping());
	for (size_t i = 0; i < w.seen_count; i++)
		free(w.seen[i].name);
	free(w.seen);
	free(w.found);
	return ok ? EXIT_OK : EXIT_FAILED;
}

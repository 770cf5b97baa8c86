/*
 * dead_letters.c - one line for a record, synced, so that the spool may let
 * go of it. The spool's directory is locked: the file is this process's own.
 */
#include "collector/dead_letters.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static bool
write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

static void
add_quoted(struct buf *out, struct str text)
{
	buf_add_char(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (c == '"' || c == '\\')
			buf_printf(out, "\\%c", c);
		else if (c < 0x20)
			buf_printf(out, "\\u%04x", c);
		else
			buf_add_char(out, (char)c);
	}
	buf_add_char(out, '"');
}

bool
dead_letters_add(
    const char *path, struct str key, struct str record, const char *reason)
{
	static struct log_cause cause;
	struct buf line = { NULL, 0, 0 };
	bool ok = false;
	int fd;

	/* The line break in front ends what a full disk may have torn. */
	buf_printf(
	    &line, "\n{\"time\":%" PRId64 ",\"reason\":", clock_wall_ms());
	add_quoted(&line, str_of(reason));
	buf_add_str(&line, STR(",\"key\":"));
	add_quoted(&line, key);
	buf_add_str(&line, STR(",\"record\":"));
	buf_add_str(&line, record);
	buf_add_str(&line, STR("}\n"));
	pthread_mutex_lock(&lock);
	fd = open(
	    path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0) {
		off_t size = lseek(fd, 0, SEEK_END);
		size_t from = size == 0;

		ok = write_all(fd, line.data + from, line.len - from) &&
		     fsync(fd) == 0;
	}
	if (!ok)
		log_limited(&cause, LOG_ERROR, "publisher",
		    "cannot write dead letters to %s: %s", path,
		    strerror(errno));
	if (fd >= 0)
		close(fd);
	pthread_mutex_unlock(&lock);
	buf_free(&line);
	return ok;
}

/* Copies IN to OUT but for what is to be forgotten; how many lines those were,
 * or -1. */
static int64_t
copy_the_rest(FILE *in, FILE *out, const struct erased *e,
    const struct str *sites, size_t count)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	int64_t gone = 0;

	while ((len = getline(&line, &cap, in)) > 0) {
		struct str text = str_make(line, (size_t)len), head = text;
		ptrdiff_t key = str_find(text, STR(",\"key\":"));

		if (!erased_in_text(e, sites, count, text)) {
			fwrite(line, 1, (size_t)len, out);
			continue;
		}
		gone++;
		/* Of a torn line not even the reason is sure. */
		head = key > 0 && line[0] == '{' ? str_head(text, (size_t)key)
						 : STR_EMPTY;
		fprintf(out, "%.*s%s\"erased\":true}\n", STR_ARG(head),
		    head.len > 0 ? "," : "{");
	}
	free(line);
	if (ferror(in) || fflush(out) != 0 || ferror(out))
		return -1;
	return gone;
}

/* NEW takes the place of PATH, and is there after a power cut. */
static bool
replace(FILE *out, const char *new, const char *path)
{
	char *copy = str_dup(str_of(path));
	int dir = -1;
	bool ok = fsync(fileno(out)) == 0 && rename(new, path) == 0 &&
		  (dir = open(dirname(copy), O_RDONLY | O_CLOEXEC)) >= 0 &&
		  fsync(dir) == 0;

	if (dir >= 0)
		close(dir);
	free(copy);
	return ok;
}

bool
dead_letters_forget(const char *path, const struct erased *e,
    const struct str *sites, size_t count)
{
	struct buf new = { NULL, 0, 0 };
	FILE *in, *out = NULL;
	int64_t gone = -1;
	bool ok = false;
	int fd;

	buf_printf(&new, "%s.new", path);
	pthread_mutex_lock(&lock);
	in = fopen(path, "re");
	if (in == NULL) {
		ok = errno == ENOENT;
		goto out;
	}
	fd = open(buf_text(&new),
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	out = fd < 0 ? NULL : fdopen(fd, "w");
	if (out == NULL)
		goto out;
	gone = copy_the_rest(in, out, e, sites, count);
	ok = gone == 0 || (gone > 0 && replace(out, buf_text(&new), path));
	if (gone > 0 && ok)
		log_info("publisher",
		    "%" PRId64 " dead letters of who was erased are emptied",
		    gone);
out:
	if (!ok)
		log_error("publisher",
		    "cannot take who was erased out of %s: %s; delete it", path,
		    strerror(errno));
	if (in != NULL)
		fclose(in);
	if (out != NULL)
		fclose(out);
	if (gone <= 0 || !ok)
		unlink(buf_text(&new));
	pthread_mutex_unlock(&lock);
	buf_free(&new);
	return ok;
}

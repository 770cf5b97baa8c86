/*
 * lines.c - a file that begins as gzip does is inflated, others are taken as
 * they are.
 */
#include "aggregator/cli/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/inflate.h"

#define READ_BYTES 65536

struct lines {
	int fd;
	char *name;
	int64_t size; /* of the file on disk; 0: not known */
	uint64_t number;
	char *data; /* READ_BYTES; bytes [from, to) are not yet used */
	size_t from, to;
	struct inflate *gzip; /* NULL: a plain file */
	char *packed;         /* READ_BYTES of the gzip file */
	struct str rest;      /* of PACKED, not yet inflated */
	int64_t taken;        /* bytes read from the file */
	bool begun;
	struct buf line; /* one that lay across reads */
	bool ended;
};

struct lines *
lines_open(const char *file, struct error *err)
{
	struct lines *l;
	struct stat st;
	bool standard = strcmp(file, "-") == 0;
	int fd =
	    standard ? dup(STDIN_FILENO) : open(file, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) != 0 || S_ISDIR(st.st_mode)) {
		error_set(err, ERROR_FATAL, "%s: %s", file,
		    fd >= 0 && S_ISDIR(st.st_mode) ? "is a directory"
						   : strerror(errno));
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	l = mem_zero(1, sizeof(*l));
	l->fd = fd;
	l->name = str_dup(standard ? STR("standard input") : str_of(file));
	l->size = S_ISREG(st.st_mode) ? st.st_size : 0;
	l->data = mem_alloc(READ_BYTES);
	return l;
}

void
lines_close(struct lines *l)
{
	if (l == NULL)
		return;
	close(l->fd);
	inflate_free(l->gzip);
	free(l->packed);
	buf_free(&l->line);
	free(l->name);
	free(l->data);
	free(l);
}

/* Fills TO with what the file has next; 0 at its end, -1 and ERR. */
static ssize_t
take(struct lines *l, char *to, struct error *err)
{
	size_t got = 0;
	ssize_t n = 1;

	/* A pipe gives little at a time; two bytes tell what kind it is. */
	while (n > 0 && got < (l->begun ? 1u : 2u)) {
		n = read(l->fd, to + got, READ_BYTES - got);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n > 0)
			got += (size_t)n;
	}
	if (n < 0) {
		error_set(err, ERROR_FATAL, "%s: %s", l->name, strerror(errno));
		return -1;
	}
	l->taken += (int64_t)got;
	return (ssize_t)got;
}

/* The first bytes are in DATA: are they gzip's? */
static void
begin(struct lines *l, size_t got)
{
	l->begun = true;
	if (got < 2 || memcmp(l->data, "\x1f\x8b", 2) != 0)
		return;
	l->gzip = inflate_new();
	inflate_start(l->gzip, INFLATE_GZIP);
	l->packed = l->data;
	l->rest = str_make(l->packed, got);
	l->data = mem_alloc(READ_BYTES);
}

/* Inflates the next piece into DATA; as take(). */
static ssize_t
unpack(struct lines *l, struct error *err)
{
	for (;;) {
		size_t made;
		ssize_t got;

		if (inflate_next(l->gzip, &l->rest, l->data, READ_BYTES,
			&made) == INFLATE_BAD &&
		    made == 0) {
			error_set(err, ERROR_FATAL,
			    "%s: the gzip file is damaged", l->name);
			return -1;
		}
		if (made > 0)
			return (ssize_t)made;
		got = take(l, l->packed, err);
		if (got < 0)
			return -1;
		if (got == 0 && inflate_whole(l->gzip))
			return 0;
		if (got == 0) {
			error_set(err, ERROR_FATAL,
			    "%s: the gzip file ends too early", l->name);
			return -1;
		}
		l->rest = str_make(l->packed, (size_t)got);
	}
}

/* Reads on when all is used. False at the end, or with ERR when FAILED. */
static bool
fill(struct lines *l, bool *failed, struct error *err)
{
	ssize_t got;

	*failed = false;
	if (l->from < l->to)
		return true;
	if (l->ended)
		return false;
	if (l->gzip != NULL) {
		got = unpack(l, err);
	} else {
		got = take(l, l->data, err);
		if (!l->begun && got >= 0) {
			begin(l, (size_t)got);
			if (l->gzip != NULL)
				got = unpack(l, err);
		}
	}
	if (got > 0) {
		l->from = 0;
		l->to = (size_t)got;
		return true;
	}
	l->ended = true;
	*failed = got < 0;
	return false;
}

enum lines_step
lines_next(struct lines *l, size_t max, struct str *line, struct error *err)
{
	bool failed, any = false, whole = false, cut = false;

	l->line.len = 0;
	while (!whole) {
		const char *start, *end;
		size_t len, room;

		if (!fill(l, &failed, err)) {
			if (failed)
				return LINES_FAILED;
			break;
		}
		any = true;
		start = l->data + l->from;
		end = memchr(start, '\n', l->to - l->from);
		len = end ? (size_t)(end - start) : l->to - l->from;
		whole = end != NULL;
		l->from += len + (whole ? 1 : 0);
		room = max - l->line.len;
		if (len > room) {
			cut = true;
			len = room;
		}
		if (whole && l->line.len == 0) {
			*line = str_make(start, len); /* the usual case */
			goto got;
		}
		buf_add(&l->line, start, len);
	}
	if (!any)
		return LINES_END;
	*line = buf_str(&l->line);
got:
	l->number++;
	if (!cut && line->len > 0 && line->data[line->len - 1] == '\r')
		line->len--;
	return cut ? LINES_LONG : LINES_NEXT;
}

enum lines_step
lines_next_text(
    struct lines *l, size_t max, struct str *line, struct error *err)
{
	enum lines_step step;

	do
		step = lines_next(l, max, line, err);
	while (step == LINES_NEXT && str_trim(*line).len == 0);
	return step;
}

ssize_t
lines_read(struct lines *l, char *out, size_t room, struct error *err)
{
	bool failed;
	size_t n;

	if (!fill(l, &failed, err))
		return failed ? -1 : 0;
	n = l->to - l->from < room ? l->to - l->from : room;
	memcpy(out, l->data + l->from, n);
	l->from += n;
	return (ssize_t)n;
}

int
lines_peek(struct lines *l, struct error *err)
{
	bool failed;

	return fill(l, &failed, err) ? (unsigned char)l->data[l->from] : -1;
}

uint64_t
lines_number(const struct lines *l)
{
	return l->number;
}

int
lines_percent(const struct lines *l)
{
	return l->size <= 0 ? -1 : (int)(l->taken * 100 / l->size);
}

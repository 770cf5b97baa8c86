/*
 * dead_letters.c - one line for a record, synced, so that the spool may let
 * go of it.
 */
#include "collector/dead_letters.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"

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
	buf_free(&line);
	return ok;
}

#include "aggregator/cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
fail(const char *path, struct error *err)
{
	return error_set(err, ERROR_FATAL, "%s: %s", path, strerror(errno));
}

static bool
write_all(int fd, struct str text)
{
	while (text.len > 0) {
		ssize_t n = write(fd, text.data, text.len);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			text = str_from(text, (size_t)n);
	}
	return true;
}

/* Into what is there and no regular file: it is not ours to replace. */
static bool
write_into(const char *path, struct str text, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok;

	if (fd < 0)
		return fail(path, err);
	ok = write_all(fd, text);
	if (!ok)
		fail(path, err);
	if (close(fd) != 0 && ok)
		ok = fail(path, err);
	return ok;
}

/* The rights a file gets that is created anew. */
static mode_t
usual_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

bool
output_write(const char *path, struct str text, struct error *err)
{
	struct buf part = { 0 };
	struct stat st;
	char *real = realpath(path, NULL);
	const char *target = real != NULL ? real : path;
	bool there = stat(target, &st) == 0, ok;
	int fd;

	if (there && !S_ISREG(st.st_mode)) {
		ok = write_into(target, text, err);
		free(real);
		return ok;
	}
	buf_printf(&part, "%s.XXXXXX", target);
	buf_text(&part);
	fd = mkostemp(part.data, O_CLOEXEC);
	ok = fd >= 0 &&
	     fchmod(fd, there ? st.st_mode & 0777 : usual_mode()) == 0 &&
	     write_all(fd, text) && fsync(fd) == 0;
	if (!ok)
		fail(path, err);
	if (fd >= 0 && close(fd) != 0 && ok)
		ok = fail(path, err);
	if (ok && rename(part.data, target) != 0)
		ok = fail(path, err);
	if (!ok && fd >= 0)
		unlink(part.data);
	free(real);
	buf_free(&part);
	return ok;
}

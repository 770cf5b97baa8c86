/*
 * sites_text.h - sites from a text in a test, as from a file of the same.
 */
#ifndef TESTS_UNIT_SITES_TEXT_H
#define TESTS_UNIT_SITES_TEXT_H

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/site.h"

/* False, and PROBLEMS says why, when YAML is refused. */
static bool
sites_of_text(const char *yaml, struct sites *to, struct arena *arena,
    struct buf *problems)
{
	char name[] = "/tmp/test_sites_XXXXXX";
	ssize_t len = (ssize_t)strlen(yaml);
	int fd = mkstemp(name);
	bool ok = fd >= 0 && write(fd, yaml, (size_t)len) == len;

	close(fd);
	ok = ok && sites_load(name, to, arena, problems);
	unlink(name);
	return ok;
}

#endif

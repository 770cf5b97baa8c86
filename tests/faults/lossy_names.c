/*
 * lossy_names.c - names that wait for a sync of their directory.
 */
#include "lossy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct name *names;

bool
names_below(int dir, const char *path, char out[PATH_MAX])
{
	char base[PATH_MAX] = "", link[64];
	ssize_t n = 0;

	if (lossy_root_len == 0)
		return false;
	if (path[0] == '/') {
		snprintf(out, PATH_MAX, "%s", path);
	} else {
		if (dir == AT_FDCWD) {
			if (getcwd(base, sizeof(base)) == NULL)
				return false;
		} else {
			snprintf(link, sizeof(link), "/proc/self/fd/%d", dir);
			n = readlink(link, base, sizeof(base) - 1);
			if (n < 0)
				return false;
			base[n] = '\0';
		}
		if (strcmp(path, ".") == 0)
			snprintf(out, PATH_MAX, "%s", base);
		else if ((size_t)snprintf(out, PATH_MAX, "%s/%s", base, path) >=
			 PATH_MAX)
			return false;
	}
	return strncmp(out, lossy_root, lossy_root_len) == 0 &&
	       (out[lossy_root_len] == '/' || out[lossy_root_len] == '\0');
}

struct name *
names_find(const char *shown)
{
	for (struct name *n = names; n != NULL; n = n->next) {
		if (strcmp(n->shown, shown) == 0)
			return n;
	}
	return NULL;
}

struct name *
names_add(const char *shown, const char *real)
{
	struct name *n = names_find(shown);

	if (n == NULL) {
		n = calloc(1, sizeof(*n));
		if (n == NULL)
			abort();
		snprintf(n->shown, PATH_MAX, "%s", shown);
		n->next = names;
		names = n;
	}
	snprintf(n->real, PATH_MAX, "%s", real);
	return n;
}

void
names_drop(struct name *gone)
{
	struct name **at = &names;

	while (*at != gone)
		at = &(*at)->next;
	*at = gone->next;
	free(gone);
}

/* Where SHOWN lies: itself, another name, or NULL and ENOENT. */
const char *
names_lies(const char *shown)
{
	struct name *n = names_find(shown);

	if (n == NULL)
		return shown;
	if (n->real[0] == '\0') {
		errno = ENOENT;
		return NULL;
	}
	return n->real;
}

/* The directory is synced: names become what they show. */
void
names_settle(void)
{
	while (names != NULL) {
		struct name *n = names;

		if (n->real[0] != '\0')
			lossy_renameat(AT_FDCWD, n->real, AT_FDCWD, n->shown);
		names_drop(n);
	}
}

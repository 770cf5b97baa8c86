/*
 * oom.c - memory that runs out at a chosen moment, for LD_PRELOAD.
 *
 * $OOM_CONTROL is a file of 64-bit numbers shared with the test: how many
 * allocations from now on the one is that fails (0: none), how many have
 * failed, and how many there were since the test last set that to 0.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum knob { LEFT, FAILED, COUNT, KNOBS = 32 };

/* glibc's own, below the names that are replaced here. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

static _Atomic int64_t *control;

__attribute__((constructor)) static void
start(void)
{
	const char *path = getenv("OOM_CONTROL");
	int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
	void *map;

	if (fd < 0)
		return;
	map = mmap(NULL, KNOBS * sizeof(int64_t), PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);
	close(fd);
	if (map != MAP_FAILED)
		control = map;
}

static bool
fails(void)
{
	if (control == NULL)
		return false;
	control[COUNT]++;
	if (control[LEFT] <= 0 || --control[LEFT] != 0)
		return false;
	control[FAILED]++;
	errno = ENOMEM;
	return true;
}

void *
malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *
calloc(size_t count, size_t size)
{
	return fails() ? NULL : __libc_calloc(count, size);
}

void *
realloc(void *old, size_t size)
{
	return fails() ? NULL : __libc_realloc(old, size);
}

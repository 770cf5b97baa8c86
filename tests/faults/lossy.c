/*
 * lossy.c - a disk that forgets, for LD_PRELOAD.
 *
 * kill -9 does not test fsync: the kernel still has every byte. With this
 * library what is written below $LOSSY_DIR waits in the process until it is
 * synced, and the names of new and renamed files until their directory is:
 * SIGKILL becomes a power cut. A file whose name is not durable lies under
 * ".lossy-N"; whoever plays the power cut removes those (power_cut() in
 * world.py). Like a real cache the library shows the process all it wrote.
 *
 * $LOSSY_CONTROL is a file of 64-bit numbers, shared with the test, which
 * makes calls fail and counts them; see enum knob. A length is never late
 * (ftruncate, fallocate pass through), and a file mapped for writing aborts:
 * it would escape.
 */
#include "lossy.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* Numbers of the control file; world.py has the same list. */
enum knob {
	WRITE_ENOSPC, /* the n-th write from now fails; 0: none */
	WRITE_EIO,
	WRITE_HALF,  /* every n-th write takes half */
	SYNC_EIO,    /* the n-th sync from now fails and drops what waited */
	SYNC_MS,     /* how long a sync takes */
	LEAK,        /* percent of writes of which a part is durable early */
	FULL,        /* every write and reservation: ENOSPC */
	KILL_WRITE,  /* dies before the n-th write from now */
	KILL_SYNC,   /* dies before the n-th sync */
	KILL_SYNCED, /* dies right after the n-th sync */
	WRITES,      /* from here on: counted by us */
	SYNCS,
	DIR_SYNCS,
	FAILED,
	LEAKED,
	KNOBS = 32
};

#define FDS 4096
#define SECTOR 512

struct extent {
	struct extent *next;
	off_t at;
	size_t len;
	char data[];
};
/* What waits for a sync of one file. */
struct file {
	struct file *next;
	dev_t dev;
	ino_t ino;
	struct extent *first, **last;
};

static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
char lossy_root[PATH_MAX];
size_t lossy_root_len;
static volatile int64_t none[KNOBS], *knob = none;
static struct file *files;
static struct file *open_file[FDS];
static bool open_dir[FDS], appends[FDS];
static int serial;
static unsigned dice = 1;

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_pread)(int, void *, size_t, off_t);
static int (*real_fsync)(int), (*real_fdatasync)(int), (*real_close)(int);
static int (*real_openat)(int, const char *, int, ...);
int (*lossy_renameat)(int, const char *, int, const char *);
static int (*real_unlinkat)(int, const char *, int);
static int (*real_fstatat)(int, const char *, struct stat *, int);
static int (*real_ftruncate)(int, off_t);
static int (*real_fallocate)(int, int, off_t, off_t);
static void *(*real_mmap)(void *, size_t, int, int, int, off_t);

static void __attribute__((constructor)) begin(void)
{
	const char *dir = getenv("LOSSY_DIR"), *control;

	if (real_write != NULL)
		return;
#define REAL(name) *(void **)&real_##name = dlsym(RTLD_NEXT, #name)
	REAL(pwrite);
	REAL(pread);
	REAL(fsync);
	REAL(fdatasync);
	REAL(close);
	REAL(openat);
	*(void **)&lossy_renameat = dlsym(RTLD_NEXT, "renameat");
	REAL(unlinkat);
	REAL(fstatat);
	REAL(ftruncate);
	REAL(fallocate);
	REAL(mmap);
	REAL(write);
	if (dir == NULL || realpath(dir, lossy_root) == NULL) {
		lossy_root[0] = '\0';
		return;
	}
	lossy_root_len = strlen(lossy_root);
	dice = (unsigned)getpid() ^ (unsigned)time(NULL);
	control = getenv("LOSSY_CONTROL");
	if (control != NULL) {
		int fd = real_openat(AT_FDCWD, control, O_RDWR | O_CLOEXEC);
		void *at = fd < 0
			       ? MAP_FAILED
			       : real_mmap(NULL, KNOBS * sizeof(int64_t),
				     PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

		if (at == MAP_FAILED) {
			fprintf(stderr, "lossy: no control file %s\n", control);
			abort();
		}
		knob = at;
		real_close(fd);
	}
}

static void
hold(void)
{
	begin();
	pthread_mutex_lock(&lock);
}

static void
let_go(void)
{
	int code = errno;

	pthread_mutex_unlock(&lock);
	errno = code;
}

/* Counts KNOB down; true when it has come to its end. */
static bool
due(enum knob which)
{
	return knob[which] > 0 && --knob[which] == 0;
}

static void
maybe_die(enum knob which)
{
	if (due(which))
		kill(getpid(), SIGKILL);
}

/* --- contents --------------------------------------------------------------
 */

static struct file *
file_of(int fd)
{
	return fd >= 0 && fd < FDS ? open_file[fd] : NULL;
}

static void
track(int fd, int flags)
{
	struct stat st;
	struct file *f;

	if (fd < 0 || fd >= FDS || fstat(fd, &st) != 0)
		return;
	open_file[fd] = NULL;
	open_dir[fd] = S_ISDIR(st.st_mode);
	appends[fd] = (flags & O_APPEND) != 0;
	if (!S_ISREG(st.st_mode))
		return;
	for (f = files; f != NULL; f = f->next) {
		if (f->dev == st.st_dev && f->ino == st.st_ino)
			break;
	}
	if (f == NULL) {
		f = calloc(1, sizeof(*f));
		if (f == NULL)
			abort();
		f->dev = st.st_dev;
		f->ino = st.st_ino;
		f->last = &f->first;
		f->next = files;
		files = f;
	}
	open_file[fd] = f;
}

static void
forget_waiting(struct file *f)
{
	while (f->first != NULL) {
		struct extent *e = f->first;

		f->first = e->next;
		free(e);
	}
	f->last = &f->first;
}

/* Some sectors of a write reach the disk before the rest. */
static void
leak(int fd, const char *data, size_t len, off_t at)
{
	off_t from, to;

	if (len == 0 || (int64_t)(rand_r(&dice) % 100) >= knob[LEAK])
		return;
	from = (at + (off_t)(rand_r(&dice) % len)) / SECTOR * SECTOR;
	to = from + (1 + (off_t)(rand_r(&dice) % 8)) * SECTOR;
	if (rand_r(&dice) % 2 == 0)
		from = at; /* the beginning without the end */
	if (from < at)
		from = at;
	if (to > at + (off_t)len)
		to = at + (off_t)len;
	if (to > from &&
	    real_pwrite(fd, data + (from - at), (size_t)(to - from), from) > 0)
		knob[LEAKED]++;
}

static ssize_t
put(int fd, struct file *f, const char *data, size_t len, off_t at)
{
	struct extent *e;

	knob[WRITES]++;
	maybe_die(KILL_WRITE);
	if (knob[FULL] || due(WRITE_ENOSPC)) {
		knob[FAILED]++;
		errno = ENOSPC;
		return -1;
	}
	if (due(WRITE_EIO)) {
		knob[FAILED]++;
		errno = EIO;
		return -1;
	}
	if (knob[WRITE_HALF] > 0 && len > 1 &&
	    knob[WRITES] % knob[WRITE_HALF] == 0)
		len /= 2;
	e = malloc(sizeof(*e) + len);
	if (e == NULL)
		abort();
	e->next = NULL;
	e->at = at;
	e->len = len;
	memcpy(e->data, data, len);
	*f->last = e;
	f->last = &e->next;
	leak(fd, data, len, at);
	return (ssize_t)len;
}

static int
sync_file(int fd, int (*real)(int))
{
	struct file *f = file_of(fd);
	struct timespec wait;

	/* Slow before it holds the lock: others go on. */
	wait.tv_sec = knob[SYNC_MS] / 1000;
	wait.tv_nsec = knob[SYNC_MS] % 1000 * 1000000;
	if (knob[SYNC_MS] > 0)
		nanosleep(&wait, NULL);
	hold();
	knob[SYNCS]++;
	maybe_die(KILL_SYNC);
	if (due(SYNC_EIO)) {
		knob[FAILED]++;
		forget_waiting(f);
		let_go();
		errno = EIO;
		return -1;
	}
	for (struct extent *e = f->first; e != NULL; e = e->next) {
		size_t done = 0;

		while (done < e->len) {
			ssize_t n = real_pwrite(fd, e->data + done,
			    e->len - done, e->at + (off_t)done);

			if (n < 0 && errno == EINTR)
				continue;
			if (n <= 0) {
				let_go();
				return -1;
			}
			done += (size_t)n;
		}
	}
	forget_waiting(f);
	let_go();
	if (real(fd) != 0)
		return -1;
	hold();
	maybe_die(KILL_SYNCED);
	let_go();
	return 0;
}

static int
any_sync(int fd, int (*real)(int))
{
	begin();
	if (fd >= 0 && fd < FDS && open_dir[fd]) {
		hold();
		knob[DIR_SYNCS]++;
		names_settle();
		let_go();
		return real(fd);
	}
	return file_of(fd) != NULL ? sync_file(fd, real) : real(fd);
}

int
fsync(int fd)
{
	begin();
	return any_sync(fd, real_fsync);
}

int
fdatasync(int fd)
{
	begin();
	return any_sync(fd, real_fdatasync);
}

ssize_t
pwrite(int fd, const void *data, size_t len, off_t at)
{
	ssize_t n;

	begin();
	if (file_of(fd) == NULL)
		return real_pwrite(fd, data, len, at);
	hold();
	n = put(fd, file_of(fd), data, len, at);
	let_go();
	return n;
}

/* The end of FD's file, with what waits. */
static off_t
end_of(int fd)
{
	struct stat st;
	off_t end = fstat(fd, &st) == 0 ? st.st_size : 0;

	for (struct extent *e = file_of(fd)->first; e != NULL; e = e->next) {
		if (e->at + (off_t)e->len > end)
			end = e->at + (off_t)e->len;
	}
	return end;
}

ssize_t
write(int fd, const void *data, size_t len)
{
	ssize_t n;
	off_t at;

	begin();
	if (file_of(fd) == NULL)
		return real_write(fd, data, len);
	hold();
	at = appends[fd] ? end_of(fd) : lseek(fd, 0, SEEK_CUR);
	n = put(fd, file_of(fd), data, len, at);
	if (n > 0)
		lseek(fd, at + n, SEEK_SET);
	let_go();
	return n;
}

ssize_t
writev(int fd, const struct iovec *part, int count)
{
	ssize_t sum = 0;

	for (int i = 0; i < count; i++) {
		ssize_t n = write(fd, part[i].iov_base, part[i].iov_len);

		if (n < 0)
			return sum > 0 ? sum : n;
		sum += n;
		if ((size_t)n < part[i].iov_len)
			break;
	}
	return sum;
}

ssize_t
pread(int fd, void *data, size_t len, off_t at)
{
	ssize_t n;

	begin();
	if (file_of(fd) == NULL)
		return real_pread(fd, data, len, at);
	hold();
	n = real_pread(fd, data, len, at);
	for (struct extent *e = file_of(fd)->first; n >= 0 && e != NULL;
	     e = e->next) {
		off_t from = e->at > at ? e->at : at;
		off_t to = e->at + (off_t)e->len < at + (off_t)len
			       ? e->at + (off_t)e->len
			       : at + (off_t)len;

		if (from >= to)
			continue;
		if (from > at + n) /* a hole before it */
			memset((char *)data + n, 0, (size_t)(from - at - n));
		memcpy((char *)data + (from - at), e->data + (from - e->at),
		    (size_t)(to - from));
		if (to - at > n)
			n = (ssize_t)(to - at);
	}
	let_go();
	return n;
}

int
ftruncate(int fd, off_t len)
{
	int code;

	begin();
	hold();
	if (file_of(fd) != NULL) {
		for (struct extent *e = file_of(fd)->first; e; e = e->next) {
			if (e->at >= len)
				e->len = 0;
			else if (e->at + (off_t)e->len > len)
				e->len = (size_t)(len - e->at);
		}
	}
	code = real_ftruncate(fd, len);
	let_go();
	return code;
}

int
fallocate(int fd, int mode, off_t at, off_t len)
{
	begin();
	if (file_of(fd) != NULL && knob[FULL]) {
		knob[FAILED]++;
		errno = ENOSPC;
		return -1;
	}
	return real_fallocate(fd, mode, at, len);
}

void *
mmap(void *at, size_t len, int prot, int flags, int fd, off_t from)
{
	begin();
	if (file_of(fd) != NULL && (prot & PROT_WRITE) &&
	    (flags & MAP_SHARED)) {
		fprintf(stderr, "lossy: a mapped file escapes this test\n");
		abort();
	}
	return real_mmap(at, len, prot, flags, fd, from);
}

static int
open_lossy(int dir, const char *path, int flags, mode_t mode)
{
	char shown[PATH_MAX], hidden[PATH_MAX];
	struct stat st;
	const char *real;
	int fd;

	begin();
	if (!names_below(dir, path, shown))
		return real_openat(dir, path, flags, mode);
	hold();
	real = names_lies(shown);
	if ((flags & O_CREAT) &&
	    (real == NULL ||
		(real == shown &&
		    real_fstatat(AT_FDCWD, shown, &st, AT_SYMLINK_NOFOLLOW)))) {
		snprintf(hidden, sizeof(hidden), "%s/.lossy-%d-%d", lossy_root,
		    (int)getpid(), ++serial);
		real = hidden;
		names_add(shown, hidden);
	}
	fd = real == NULL ? -1 : real_openat(AT_FDCWD, real, flags, mode);
	if (fd >= 0)
		track(fd, flags);
	else if (real == hidden)
		names_drop(names_find(shown));
	let_go();
	return fd;
}

static mode_t
mode_of(int flags, va_list more)
{
	return flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
}

int
openat(int dir, const char *path, int flags, ...)
{
	va_list more;
	mode_t mode;

	va_start(more, flags);
	mode = mode_of(flags, more);
	va_end(more);
	return open_lossy(dir, path, flags, mode);
}

int
open(const char *path, int flags, ...)
{
	va_list more;
	mode_t mode;

	va_start(more, flags);
	mode = mode_of(flags, more);
	va_end(more);
	return open_lossy(AT_FDCWD, path, flags, mode);
}

int
close(int fd)
{
	int code;

	begin();
	hold();
	if (fd >= 0 && fd < FDS) {
		open_file[fd] = NULL;
		open_dir[fd] = appends[fd] = false;
	}
	code = real_close(fd);
	let_go();
	return code;
}

int
closedir(DIR *dir)
{
	static int (*real)(DIR *);
	int fd = dirfd(dir);

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "closedir");
	hold();
	if (fd >= 0 && fd < FDS)
		open_dir[fd] = false;
	let_go();
	return real(dir);
}

int
renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	char old[PATH_MAX], new[PATH_MAX];
	const char *real;
	struct stat st;

	begin();
	if (!names_below(from_dir, from, old) || !names_below(to_dir, to, new))
		return lossy_renameat(from_dir, from, to_dir, to);
	hold();
	real = names_lies(old);
	if (real == NULL || (real == old && real_fstatat(AT_FDCWD, old, &st,
						AT_SYMLINK_NOFOLLOW) != 0)) {
		let_go();
		return -1;
	}
	if (real == old) {
		names_add(new, old);
		names_add(old, "");
	} else {
		char place[PATH_MAX];

		snprintf(place, sizeof(place), "%s", real);
		names_add(new, place);
		/* Back under its durable name, or hidden still. */
		if (strcmp(place, new) == 0)
			names_drop(names_find(new));
		names_add(old, "");
	}
	let_go();
	return 0;
}

int
rename(const char *from, const char *to)
{
	return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

int
unlinkat(int dir, const char *path, int flags)
{
	char shown[PATH_MAX];
	const char *real;
	struct name *n;
	int code;

	begin();
	if (!names_below(dir, path, shown))
		return real_unlinkat(dir, path, flags);
	hold();
	real = names_lies(shown);
	code = real == NULL ? -1 : real_unlinkat(AT_FDCWD, real, flags);
	n = names_find(shown);
	if (code == 0 && n != NULL)
		names_drop(n);
	let_go();
	return code;
}

int
unlink(const char *path)
{
	return unlinkat(AT_FDCWD, path, 0);
}

int
fstatat(int dir, const char *path, struct stat *st, int flags)
{
	char shown[PATH_MAX];
	const char *real;
	int code;

	begin();
	if (!names_below(dir, path, shown))
		return real_fstatat(dir, path, st, flags);
	hold();
	real = names_lies(shown);
	code = real == NULL ? -1 : real_fstatat(AT_FDCWD, real, st, flags);
	let_go();
	return code;
}

int
stat(const char *path, struct stat *st)
{
	return fstatat(AT_FDCWD, path, st, 0);
}

int
lstat(const char *path, struct stat *st)
{
	return fstatat(AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW);
}

/* The same under their 64-bit names; off_t has 64 bits here. */
_Static_assert(sizeof(off_t) == 8, "lossy.c is for 64-bit systems");
#define ALSO(name) __attribute__((alias(#name)))
ssize_t pwrite64(int fd, const void *data, size_t len, off_t at) ALSO(pwrite);
ssize_t pread64(int fd, void *data, size_t len, off_t at) ALSO(pread);
int ftruncate64(int fd, off_t len) ALSO(ftruncate);
int fallocate64(int fd, int mode, off_t at, off_t len) ALSO(fallocate);
int open64(const char *path, int flags, ...) ALSO(open);
int openat64(int dir, const char *path, int flags, ...) ALSO(openat);
void *mmap64(void *at, size_t len, int prot, int flags, int fd, off_t from)
    ALSO(mmap);

/*
 * spool_segment.c - records in a preallocated file.
 *
 * Overwriting blocks that exist already is the cheapest durable write: the
 * sync has no metadata to carry. So files are reserved and zeroed ahead, and
 * used again when their records are on Kafka.
 */
#include "collector/spool_segment.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/spool.h"
#include "common/digest.h"

#define CHUNK 262144 /* read at once; holds the largest record */
#define SLICE 131072 /* zeroed at once: a group waits for one at most */
#define ALIGN ((size_t)8)

struct spool_calls spool_calls = { pwrite, fdatasync, fsync, fallocate };

size_t
spool_segment_room(size_t key_len, size_t value_len)
{
	size_t bytes = sizeof(struct spool_header) + key_len + value_len;

	return (bytes + ALIGN - 1) & ~(ALIGN - 1);
}

void
spool_segment_encode(
    struct buf *group, uint64_t seq, struct str key, struct str value)
{
	struct spool_header head = { .seq = seq,
		.key_len = (uint32_t)key.len,
		.value_len = (uint32_t)value.len };
	size_t room = spool_segment_room(key.len, value.len);
	size_t pad = room - sizeof(head) - key.len - value.len;

	buf_reserve(group, room);
	buf_add(group, &head, sizeof(head));
	buf_add_str(group, key);
	buf_add_str(group, value);
	buf_add(group, "\0\0\0\0\0\0\0", pad);
}

void
spool_segment_name(char name[SPOOL_NAME_MAX], uint64_t id, uint32_t index)
{
	snprintf(name, SPOOL_NAME_MAX, "%016" PRIx64 "-%08" PRIx32 ".seg", id,
	    index);
}

bool
spool_segment_named(const char *name, uint64_t *id, uint32_t *index)
{
	char again[SPOOL_NAME_MAX];

	if (sscanf(name, "%16" SCNx64 "-%8" SCNx32 ".seg", id, index) != 2)
		return false;
	spool_segment_name(again, *id, *index);
	return strcmp(name, again) == 0;
}

static uint32_t
seed_of(const struct spool_segment *seg)
{
	struct {
		uint64_t id, index;
	} place = { seg->spool_id, seg->index };

	return digest_crc32c(0, &place, sizeof(place));
}

/* Never 0, so that zero blocks are no record's beginning. */
static uint32_t
stamp_of(const struct spool_segment *seg)
{
	return ~seed_of(seg) | 1;
}

static uint32_t
crc_of(uint32_t seed, const void *record, size_t payload)
{
	size_t skip = offsetof(struct spool_header, seq);

	return digest_crc32c(seed, (const char *)record + skip,
	    sizeof(struct spool_header) - skip + payload);
}

static enum error_kind
kind_of(int code)
{
	switch (code) {
	case ENOSPC:
	case EDQUOT:
	case EMFILE:
	case ENFILE:
	case ENOMEM:
	case EIO:
		return ERROR_RETRY;
	default:
		return ERROR_FATAL;
	}
}

static struct spool_segment *
make(int fd, const char *name, int64_t size)
{
	struct spool_segment *seg = mem_zero(1, sizeof(*seg));

	seg->fd = fd;
	seg->size = size;
	snprintf(seg->name, sizeof(seg->name), "%s", name);
	return seg;
}

struct spool_segment *
spool_segment_create(int dir, const char *name, int64_t size, struct error *err)
{
	int fd = openat(dir, name,
	    O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	int code;

	if (fd < 0) {
		error_set(err, kind_of(errno), "cannot create %s: %s", name,
		    strerror(errno));
		return NULL;
	}
	do {
		code = spool_calls.fallocate(fd, 0, 0, size) == 0 ? 0 : errno;
	} while (code == EINTR);
	/* Without it the disk may fill while we write: refused then. */
	if (code != 0 && code != EOPNOTSUPP && code != ENOSYS) {
		error_set(err, kind_of(code),
		    "cannot reserve %" PRId64 " bytes for %s: %s", size, name,
		    strerror(code));
		close(fd);
		unlinkat(dir, name, 0);
		return NULL;
	}
	return make(fd, name, size);
}

struct spool_segment *
spool_segment_find(int dir, const char *name, struct error *err)
{
	struct spool_segment *seg;
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		error_set(err, kind_of(errno), "cannot look at %s: %s", name,
		    strerror(errno));
		return NULL;
	}
	if (!S_ISREG(st.st_mode)) {
		error_set(err, ERROR_FATAL, "%s is not a file", name);
		return NULL;
	}
	seg = make(-1, name, st.st_size);
	seg->filled = st.st_blocks * 512 >= st.st_size ? st.st_size : 0;
	return seg;
}

bool
spool_segment_open(struct spool_segment *seg, int dir, struct error *err)
{
	seg->fd = openat(dir, seg->name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (seg->fd < 0)
		return error_set(err, kind_of(errno), "cannot open %s: %s",
		    seg->name, strerror(errno));
	return true;
}

void
spool_segment_close(struct spool_segment *seg)
{
	if (seg->fd >= 0)
		close(seg->fd);
	seg->fd = -1;
	atomic_store_explicit(&seg->closed, true, memory_order_release);
}

void
spool_segment_reset(struct spool_segment *seg, uint64_t id, uint32_t index)
{
	seg->next = NULL;
	seg->spool_id = id;
	seg->index = index;
	seg->written = 0;
	seg->end = 0;
	seg->records = 0;
	seg->closed = false;
	seg->cut = false;
	seg->read = 0;
	seg->live = 0;
	seg->passed = false;
}

void
spool_segment_free(struct spool_segment *seg)
{
	if (seg == NULL)
		return;
	if (seg->fd >= 0)
		close(seg->fd);
	free(seg);
}

static int
write_all(int fd, const char *data, size_t len, int64_t at)
{
	while (len > 0) {
		ssize_t n = spool_calls.pwrite(fd, data, len, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0 ? ENOSPC : errno;
		data += n;
		len -= (size_t)n;
		at += n;
	}
	return 0;
}

bool
spool_segment_write(struct spool_segment *seg, struct buf *group, size_t *from,
    int64_t now_ms, bool sync, uint64_t *records, uint64_t *last,
    struct error *err)
{
	uint32_t seed = seed_of(seg), stamp = stamp_of(seg);
	size_t space = (size_t)(seg->size - seg->written);
	size_t to = *from;
	int code;

	while (to < group->len) {
		char *record = group->data + to;
		struct spool_header head;
		size_t room;

		memcpy(&head, record, sizeof(head));
		room = spool_segment_room(head.key_len, head.value_len);
		if (to - *from + room > space)
			break;
		head.stamp = stamp;
		head.time_ms = now_ms;
		memcpy(record, &head, sizeof(head));
		head.crc = crc_of(seed, record, head.key_len + head.value_len);
		memcpy(record, &head.crc, sizeof(head.crc));
		*last = head.seq;
		++*records;
		to += room;
	}
	code =
	    write_all(seg->fd, group->data + *from, to - *from, seg->written);
	if (code != 0)
		return error_set(err, ERROR_RETRY, "cannot write %s: %s",
		    seg->name, strerror(code));
	/* EINTR is a failure as well: what it leaves behind nobody says. */
	if (sync && spool_calls.fdatasync(seg->fd) != 0)
		return error_set(err, ERROR_RETRY, "cannot sync %s: %s",
		    seg->name, strerror(errno));
	seg->written += (int64_t)(to - *from);
	if (seg->filled < seg->written)
		seg->filled = seg->written;
	*from = to;
	return true;
}

void
spool_segment_publish(struct spool_segment *seg, uint64_t records)
{
	atomic_fetch_add(&seg->records, records);
	atomic_store_explicit(&seg->end, seg->written, memory_order_release);
}

void
spool_segment_abandon(struct spool_segment *seg)
{
	/*
	 * Its later records were refused (503). They would be delivered after
	 * a restart, which is allowed as the sender cannot know, but not nice:
	 * cut them off if the disk still lets us.
	 */
	seg->cut = true;
	if (ftruncate(seg->fd, seg->written) != 0) {
		/* As said: allowed. */
	}
	spool_segment_close(seg);
}

bool
spool_segment_fill(struct spool_segment *seg)
{
	static const char zeros[SLICE];
	int64_t left = seg->size - seg->filled;
	size_t len = left < SLICE ? (size_t)left : SLICE;

	if (left <= 0)
		return false;
	if (write_all(seg->fd, zeros, len, seg->filled) != 0 ||
	    spool_calls.fdatasync(seg->fd) != 0) {
		/* Only speed is lost; records find out for themselves. */
		seg->filled = seg->size;
		return false;
	}
	seg->filled += (int64_t)len;
	return seg->filled < seg->size;
}

static bool
lent(const struct spool_cursor *c, int64_t at)
{
	return at >= c->lent_at && at < c->lent_at + (int64_t)c->lent_len;
}

bool
spool_cursor_near(const struct spool_cursor *c)
{
	return lent(c, c->at) ||
	       (c->at >= c->base && c->at < c->base + (int64_t)c->len);
}

/* Lends NEED bytes at AT, reading ahead up to LIMIT; NULL on a bad disk. */
static const char *
look(struct spool_cursor *c, int64_t at, size_t need, int64_t limit)
{
	if (lent(c, at))
		return c->lent + (at - c->lent_at);
	if (c->data == NULL)
		c->data = mem_alloc(CHUNK);
	if (at < c->base || at + (int64_t)need > c->base + (int64_t)c->len) {
		int64_t left = limit - at;
		size_t want = left < CHUNK ? (size_t)left : CHUNK;

		c->base = at;
		c->len = 0;
		while (c->len < want) {
			ssize_t n = pread(c->fd, c->data + c->len,
			    want - c->len, at + (int64_t)c->len);

			if (n < 0 && errno == EINTR)
				continue;
			if (n <= 0)
				break;
			c->len += (size_t)n;
		}
		if (c->len < need)
			return NULL;
	}
	return c->data + (at - c->base);
}

/* True when a whole record of SEG stands at AT; its bytes in *ROOM. */
static bool
whole(struct spool_cursor *c, uint32_t seed, int64_t at, int64_t limit,
    struct spool_found *out, size_t *room)
{
	struct spool_header head;
	const char *record;
	size_t payload;

	if (limit - at < (int64_t)sizeof(head))
		return false;
	record = look(c, at, sizeof(head), limit);
	if (record == NULL)
		return false;
	memcpy(&head, record, sizeof(head));
	payload = (size_t)head.key_len + head.value_len;
	if (payload > SPOOL_RECORD_MAX || head.seq <= c->last_seq ||
	    head.seq > SPOOL_SEQ_MAX)
		return false;
	*room = spool_segment_room(head.key_len, head.value_len);
	/* The padding may be cut off; nothing is lost with it. */
	if (limit - at < (int64_t)(sizeof(head) + payload))
		return false;
	record = look(c, at, sizeof(head) + payload, limit);
	if (record == NULL ||
	    (!lent(c, at) && crc_of(seed, record, payload) != head.crc))
		return false;
	out->at = at;
	out->seq = head.seq;
	out->time_ms = head.time_ms;
	out->key = str_make(record + sizeof(head), head.key_len);
	out->value =
	    str_make(record + sizeof(head) + head.key_len, head.value_len);
	return true;
}

bool
spool_cursor_next(struct spool_cursor *c, const struct spool_segment *seg,
    int64_t limit, struct spool_found *out)
{
	uint32_t seed = seed_of(seg), stamp = stamp_of(seg);
	uint64_t skipped = 0;
	int64_t start = c->at;
	size_t room;

	for (int64_t at = start; at < limit; at += (int64_t)ALIGN) {
		const char *bytes;
		uint32_t here = 0;

		bytes = limit - at < (int64_t)ALIGN ? NULL
						    : look(c, at, ALIGN, limit);
		if (bytes != NULL)
			memcpy(&here,
			    bytes + offsetof(struct spool_header, stamp),
			    sizeof(here));
		/* The first place deserves a look even with a bad stamp. */
		if (here != stamp && at != start)
			continue;
		if (whole(c, seed, at, limit, out, &room)) {
			c->damaged += at == start ? 0 : skipped ? skipped : 1;
			c->last_seq = out->seq;
			c->at = at + (int64_t)room;
			return true;
		}
		if (here == stamp)
			skipped++;
	}
	c->damaged += skipped;
	if (start < limit)
		c->at = limit;
	return false;
}

bool
spool_cursor_open(struct spool_cursor *c, int dir,
    const struct spool_segment *seg, int64_t at)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = openat(dir, seg->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	c->at = at;
	c->base = 0;
	c->len = 0;
	c->lent_len = 0;
	return c->fd >= 0;
}

void
spool_cursor_free(struct spool_cursor *c)
{
	if (c->fd >= 0)
		close(c->fd);
	free(c->data);
	*c = SPOOL_CURSOR_NONE;
}

/* Cuts SEG at END, so that the next start does not count its tail again. */
static void
cut(struct spool_segment *seg, int dir, int64_t end)
{
	int fd = openat(dir, seg->name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return;
	if (ftruncate(fd, end) == 0) {
		seg->size = end;
		seg->cut = true;
	}
	close(fd);
}

uint64_t
spool_segment_recover(struct spool_segment *seg, int dir, uint64_t *last_seq,
    uint64_t *first_seq, int64_t *first_ms)
{
	struct spool_cursor c = SPOOL_CURSOR_NONE;
	struct spool_found found;
	uint64_t records = 0, inside = 0, damaged;
	int64_t end = 0;

	c.last_seq = *last_seq;
	seg->closed = true;
	if (!spool_cursor_open(&c, dir, seg, 0))
		return 0;
	while (spool_cursor_next(&c, seg, seg->size, &found)) {
		if (records++ == 0) {
			*first_seq = found.seq;
			*first_ms = found.time_ms;
		}
		end = c.at < seg->size ? c.at : seg->size;
		inside = c.damaged;
	}
	damaged = c.damaged;
	if (damaged > inside)
		cut(seg, dir, end);
	*last_seq = c.last_seq;
	seg->end = end;
	seg->records = records;
	spool_cursor_free(&c);
	return damaged;
}

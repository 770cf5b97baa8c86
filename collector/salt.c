/*
 * salt.c - DAY and the salt as hex in one line, replaced whole.
 */
#include "collector/salt.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/calendar.h"
#include "common/digest.h"
#include "common/log.h"

#define LINE_MAX_BYTES 128

struct salt {
	pthread_mutex_t lock; /* of the two below */
	int64_t day;
	uint8_t bytes[SALT_BYTES];
	char *file;
};

static bool
read_file(struct salt *s, int64_t today)
{
	char line[LINE_MAX_BYTES];
	int fd = open(s->file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t len = fd < 0 ? -1 : read(fd, line, sizeof(line));
	struct str rest, day;
	int64_t number;

	if (fd >= 0)
		close(fd);
	if (len <= 0)
		return false;
	rest = str_make(line, (size_t)len);
	if (!str_cut(&rest, ' ', &day) ||
	    !str_int(day, 0, INT64_MAX, &number) || number != today ||
	    !digest_unhex(str_trim(rest), s->bytes, SALT_BYTES))
		return false;
	s->day = today;
	return true;
}

static bool
write_whole(const char *name, const char *text, size_t len)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool ok;

	if (fd < 0)
		return false;
	ok = write(fd, text, len) == (ssize_t)len && fsync(fd) == 0;
	return close(fd) == 0 && ok;
}

static void
write_file(struct salt *s)
{
	char hex[2 * SALT_BYTES + 1], line[LINE_MAX_BYTES];
	struct buf temp = { 0 };
	int len;

	digest_hex(s->bytes, SALT_BYTES, hex);
	len = snprintf(line, sizeof(line), "%lld %s\n", (long long)s->day, hex);
	buf_printf(&temp, "%s.new", s->file);
	if (!write_whole(buf_text(&temp), line, (size_t)len) ||
	    rename(buf_text(&temp), s->file) != 0) {
		log_warning("salt",
		    "%s: %s; visitors without cookies are new ones after a "
		    "restart",
		    s->file, strerror(errno));
		/* An old one must not outlive its day there. */
		unlink(s->file);
	}
	buf_free(&temp);
}

/* Under the lock. A clock that steps back keeps the newer day's. */
static void
turn(struct salt *s, int64_t now_ms)
{
	int64_t today = now_ms / DAY_MS;

	if (today <= s->day)
		return;
	s->day = today;
	digest_random(s->bytes, SALT_BYTES);
	write_file(s);
}

struct salt *
salt_open(const char *file, int64_t now_ms)
{
	struct salt *s = mem_zero(1, sizeof(*s));

	pthread_mutex_init(&s->lock, NULL);
	s->file = str_dup(str_of(file));
	s->day = -1;
	if (!read_file(s, now_ms / DAY_MS))
		turn(s, now_ms);
	return s;
}

void
salt_close(struct salt *s)
{
	if (s == NULL)
		return;
	pthread_mutex_destroy(&s->lock);
	memset(s->bytes, 0, sizeof(s->bytes));
	free(s->file);
	free(s);
}

void
salt_turn(struct salt *s, int64_t now_ms)
{
	pthread_mutex_lock(&s->lock);
	turn(s, now_ms);
	pthread_mutex_unlock(&s->lock);
}

void
salt_ids(struct salt *s, int64_t now_ms, struct str site, struct str address,
    struct str user_agent, char visitor[SALT_ID_LEN + 1],
    char visit[SALT_ID_LEN + 1])
{
	uint8_t key[SALT_BYTES], mac[SHA256_BYTES];
	struct buf text = { 0 };

	pthread_mutex_lock(&s->lock);
	turn(s, now_ms);
	memcpy(key, s->bytes, sizeof(key));
	pthread_mutex_unlock(&s->lock);
	buf_printf(&text, "%.*s\n%.*s\n%.*s", STR_ARG(site), STR_ARG(address),
	    STR_ARG(user_agent));
	digest_hmac_sha256(
	    str_make((const char *)key, sizeof(key)), buf_str(&text), mac);
	buf_free(&text);
	memset(key, 0, sizeof(key));
	memcpy(visitor, "d.", 2);
	digest_base64url(mac, 16, visitor + 2);
	memcpy(visit, "d.", 2);
	digest_base64url(mac + 16, 16, visit + 2);
}

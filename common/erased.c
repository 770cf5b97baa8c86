/*
 * erased.c - a set of 128-bit hashes with its secret, as a text file of a
 * line each: read whole, replaced whole.
 */
#include "common/erased.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD "afterclick erased 1"
#define ALIAS "erased-"
#define SECRET_BYTES 32
#define FILE_MAX_BYTES (INT64_C(1) << 32) /* a hundred million people */

struct erased {
	uint8_t secret[SECRET_BYTES]; /* entries by the first half, names by
				       * the second */
	bool has_secret;
	struct hash128 *at; /* open addressing; zero: free */
	size_t count, cap;  /* cap is a power of two, or 0 */
};

/* --- the set -----------------------------------------------------------------
 */

static bool
is_zero(struct hash128 h)
{
	return (h.hi | h.lo) == 0;
}

/* Where ENTRY stands or would. */
static size_t
place(const struct erased *e, struct hash128 entry)
{
	size_t i = (size_t)entry.lo & (e->cap - 1);

	while (!is_zero(e->at[i]) &&
	       (e->at[i].hi != entry.hi || e->at[i].lo != entry.lo))
		i = (i + 1) & (e->cap - 1);
	return i;
}

static void
widen(struct erased *e)
{
	struct erased old = *e;

	e->cap = old.cap == 0 ? 1024 : old.cap * 2;
	e->at = mem_zero(e->cap, sizeof(*e->at));
	for (size_t i = 0; i < old.cap; i++) {
		if (!is_zero(old.at[i]))
			e->at[place(e, old.at[i])] = old.at[i];
	}
	free(old.at);
}

bool
erased_lists(const struct erased *e, struct hash128 entry)
{
	return e->count > 0 && !is_zero(e->at[place(e, entry)]);
}

bool
erased_add(struct erased *e, struct hash128 entry)
{
	size_t i;

	if (2 * (e->count + 1) > e->cap)
		widen(e);
	i = place(e, entry);
	if (!is_zero(e->at[i]))
		return false;
	e->at[i] = entry;
	e->count++;
	return true;
}

size_t
erased_count(const struct erased *e)
{
	return e->count;
}

bool
erased_has_secret(const struct erased *e)
{
	return e->has_secret;
}

void
erased_make_secret(struct erased *e)
{
	digest_random(e->secret, sizeof(e->secret));
	e->has_secret = true;
}

struct hash128
erased_fingerprint(const struct erased *e)
{
	return digest_siphash(e->secret, STR(HEAD));
}

struct hash128
erased_entry(const struct erased *e, struct hash128 key)
{
	char bytes[16];

	memcpy(bytes, &key.hi, 8);
	memcpy(bytes + 8, &key.lo, 8);
	return digest_siphash(e->secret, str_make(bytes, sizeof(bytes)));
}

bool
erased_has(const struct erased *e, struct hash128 key)
{
	return e != NULL && e->count > 0 &&
	       erased_lists(e, erased_entry(e, key));
}

/* --- the file ----------------------------------------------------------------
 */

static bool
read_line(struct erased *e, struct str line, size_t number)
{
	uint8_t bytes[16];
	struct hash128 entry;

	if (number == 1)
		return str_is(line, HEAD);
	if (number == 2) {
		e->has_secret = digest_unhex(line, e->secret, SECRET_BYTES);
		return e->has_secret;
	}
	if (!digest_unhex(line, bytes, sizeof(bytes)))
		return false;
	memcpy(&entry.hi, bytes, 8);
	memcpy(&entry.lo, bytes + 8, 8);
	(void)erased_add(e, entry);
	return true;
}

static bool
read_text(
    struct erased *e, const char *file, struct str text, struct error *err)
{
	struct str line;
	size_t number = 0;

	while (str_cut(&text, '\n', &line) && (line.len > 0 || text.len > 0)) {
		if (!read_line(e, line, ++number))
			return error_set(err, ERROR_FATAL,
			    "%s:%zu: not a list of the erased as `afterclick "
			    "forget` writes it: bring back the last good copy",
			    file, number);
	}
	return number >= 2 ||
	       error_set(err, ERROR_FATAL,
		   "%s: cut off before its secret: bring back the last good "
		   "copy",
		   file);
}

static bool
read_file(struct erased *e, const char *file, struct error *err)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	struct buf text = { 0 };
	struct stat about;
	ssize_t n = -1;
	bool ok = false;

	if (fd < 0 && errno == ENOENT)
		return true;
	if (fd < 0 || fstat(fd, &about) != 0)
		goto out;
	if (!S_ISREG(about.st_mode) || about.st_size > FILE_MAX_BYTES) {
		errno = EFBIG;
		goto out;
	}
	buf_reserve(&text, (size_t)about.st_size + 1);
	while ((n = read(fd, text.data + text.len, text.cap - text.len)) > 0) {
		text.len += (size_t)n;
		buf_reserve(&text, 4096);
	}
	ok = n == 0;
out:
	if (!ok)
		error_set(err, ERROR_FATAL, "%s: %s", file, strerror(errno));
	else
		ok = read_text(e, file, buf_str(&text), err);
	if (fd >= 0)
		close(fd);
	buf_free(&text);
	return ok;
}

struct erased *
erased_new(void)
{
	return mem_zero(1, sizeof(struct erased));
}

struct erased *
erased_load(const char *file, struct error *err)
{
	struct erased *e = erased_new();

	if (read_file(e, file, err))
		return e;
	erased_free(e);
	return NULL;
}

void
erased_free(struct erased *e)
{
	if (e == NULL)
		return;
	free(e->at);
	free(e);
}

static void
add_hex(struct buf *out, const void *bytes, size_t len)
{
	char hex[2 * SECRET_BYTES + 1];

	digest_hex(bytes, len, hex);
	buf_printf(out, "%s\n", hex);
}

static int
by_value(const void *va, const void *vb)
{
	const struct hash128 *a = va, *b = vb;

	if (a->hi != b->hi)
		return a->hi < b->hi ? -1 : 1;
	return a->lo < b->lo ? -1 : a->lo > b->lo;
}

struct hash128 *
erased_all(const struct erased *e)
{
	struct hash128 *sorted = mem_alloc((e->count + 1) * sizeof(*sorted));
	size_t n = 0;

	for (size_t i = 0; i < e->cap; i++) {
		if (!is_zero(e->at[i]))
			sorted[n++] = e->at[i];
	}
	qsort(sorted, n, sizeof(*sorted), by_value);
	return sorted;
}

/* Sorted, so that the order in which people went does not show. */
static void
write_text(const struct erased *e, struct buf *out)
{
	struct hash128 *sorted = erased_all(e);

	buf_printf(out, "%s\n", HEAD);
	add_hex(out, e->secret, SECRET_BYTES);
	for (size_t i = 0; i < e->count; i++) {
		char bytes[16];

		memcpy(bytes, &sorted[i].hi, 8);
		memcpy(bytes + 8, &sorted[i].lo, 8);
		add_hex(out, bytes, sizeof(bytes));
	}
	free(sorted);
}

/* The folder of FILE; free() it. */
static char *
folder_of(const char *file)
{
	const char *slash = strrchr(file, '/');

	return slash == NULL
		   ? str_dup(STR("."))
		   : str_dup(str_make(file, (size_t)(slash - file) + 1));
}

/* To whom FILE was readable the new one is: a service and an operator may be
 * two users. The first one is readable to its folder's group. False: not ours
 * to give, it is readable to us and our group. */
static bool
keep_owner(int fd, const char *file)
{
	char *folder = folder_of(file);
	struct stat about;
	bool ok;

	if (stat(file, &about) == 0)
		ok = fchown(fd, about.st_uid, about.st_gid) == 0 &&
		     fchmod(fd, about.st_mode & 0777) == 0;
	else
		ok = stat(folder, &about) == 0 &&
		     fchown(fd, (uid_t)-1, about.st_gid) == 0;
	free(folder);
	return ok;
}

static bool
write_whole(int fd, struct str text)
{
	while (text.len > 0) {
		ssize_t n = write(fd, text.data, text.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		text = str_from(text, (size_t)n);
	}
	return fsync(fd) == 0;
}

static bool
sync_folder(const char *file)
{
	char *folder = folder_of(file);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	free(folder);
	return ok;
}

bool
erased_save(const struct erased *e, const char *file, struct error *err)
{
	struct buf text = { 0 }, temp = { 0 };
	int fd;
	bool ok = false;

	write_text(e, &text);
	buf_printf(&temp, "%s.new", file);
	fd = open(
	    buf_text(&temp), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	if (fd >= 0) {
		(void)keep_owner(fd, file);
		ok = write_whole(fd, buf_str(&text));
		ok = close(fd) == 0 && ok;
		ok = ok && rename(buf_text(&temp), file) == 0 &&
		     sync_folder(file);
	}
	if (!ok)
		error_set(err, ERROR_FATAL,
		    "%s: %s: the list of the erased "
		    "cannot be written",
		    file, strerror(errno));
	buf_free(&text);
	buf_free(&temp);
	return ok;
}

/* --- records -----------------------------------------------------------------
 */

static bool
listed(const struct erased *e, enum person_kind kind, struct str site,
    struct str id)
{
	return id.len > 0 && erased_has(e, person_key(kind, site, id));
}

bool
erased_names(const struct erased *e, const struct record *r)
{
	if (e == NULL || e->count == 0)
		return false;
	return listed(e, PERSON_VISITOR, r->site, r->visitor_id) ||
	       listed(e, PERSON_USER, r->site, r->user_id) ||
	       listed(e, PERSON_ORDER, r->site, r->order_id) ||
	       listed(e, PERSON_EMAIL, r->site, r->email_sha256) ||
	       listed(e, PERSON_EMAIL, r->site, r->email_google_sha256) ||
	       listed(e, PERSON_PHONE, r->site, r->phone_sha256) ||
	       listed(e, PERSON_PHONE, r->site, r->phone_digits_sha256) ||
	       (r->visitor_id.len == 0 && r->user_id.len == 0 &&
		   listed(e, PERSON_CLICK, r->site, r->click_id));
}

static bool
ends_word(char c)
{
	return c == '"' || c == ',' || c == '&' || c == '?' || c == '\\' ||
	       c == '{' || c == '}' || (unsigned char)c <= ' ';
}

static bool
ends_quote(char c)
{
	return c == '"';
}

static bool
is_somebody(const struct erased *e, const struct str *sites, size_t count,
    struct str word)
{
	static const enum person_kind kinds[] = { PERSON_VISITOR, PERSON_USER,
		PERSON_CLICK, PERSON_EMAIL, PERSON_PHONE, PERSON_ORDER };

	for (size_t k = 0; k < count; k++) {
		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
			if (listed(e, kinds[i], sites[k], word))
				return true;
		}
	}
	return false;
}

static bool
has_word(const struct erased *e, const struct str *sites, size_t count,
    struct str text, bool (*ends)(char c))
{
	size_t from = 0;

	for (size_t i = 0; i <= text.len; i++) {
		if (i < text.len && !ends(text.data[i]))
			continue;
		if (is_somebody(
			e, sites, count, str_make(text.data + from, i - from)))
			return true;
		from = i + 1;
	}
	return false;
}

bool
erased_in_text(const struct erased *e, const struct str *sites, size_t count,
    struct str text)
{
	return e != NULL && e->count > 0 &&
	       (has_word(e, sites, count, text, ends_word) ||
		   has_word(e, sites, count, text, ends_quote));
}

bool
erased_is_alias(struct str text)
{
	return str_starts(text, STR(ALIAS));
}

struct str
erased_alias(const struct erased *e, struct str site, struct str text,
    struct arena *arena)
{
	char base64[DIGEST_BASE64_MAX(16)];
	uint8_t hash[SHA256_BYTES];
	struct str joined;

	if (text.len == 0 || erased_is_alias(text))
		return text;
	joined =
	    arena_printf(arena, "%.*s\n%.*s", STR_ARG(site), STR_ARG(text));
	digest_hmac_sha256(
	    str_make((const char *)e->secret + 16, SECRET_BYTES - 16), joined,
	    hash);
	digest_base64url(hash, 16, base64);
	return arena_printf(arena, "%s%s", ALIAS, base64);
}

/* What stays of a record; all other texts go. */
static const enum record_field kept[] = { RECORD_type, RECORD_site, RECORD_lane,
	RECORD_user_agent, RECORD_purpose, RECORD_name, RECORD_goal,
	RECORD_value, RECORD_currency, RECORD_new_customer, RECORD_consent,
	RECORD_spool_id };

static bool
stays(size_t field)
{
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		if (field == kept[i])
			return true;
	}
	return false;
}

void
erased_strip(const struct erased *e, struct record *r, struct arena *arena)
{
	struct str event = erased_alias(e, r->site, r->event_id, arena);
	struct str order = erased_alias(e, r->site, r->order_id, arena);
	struct str refund = erased_alias(e, r->site, r->refund_id, arena);

	for (size_t i = 0; i < RECORD_FIELD_COUNT; i++) {
		if (record_fields[i].is_text && !stays(i))
			*(struct str *)((char *)r + record_fields[i].offset) =
			    STR_EMPTY;
	}
	r->session_start = 0;
	r->event_id = event;
	r->order_id = order;
	r->refund_id = refund;
}

#include "aggregator/journey/hosts.h"

#include <assert.h>
#include <stdlib.h>

#include "aggregator/journey/tables.h"
#include "aggregator/journey/url.h"
#include "common/digest.h"

#define MISSING (-1)
#define NAME_MAX_BYTES 64 /* of a source that is no host */
#define LABELS_MAX 8      /* deeper names are looked up by their last labels */

/* A row that asks for a path, behind the row of its host. */
struct path_row {
	struct path_row *next;
	struct str prefix; /* with its '/' */
	struct str source;
	enum host_category category;
};

struct row {
	struct str host;   /* the key; without its leading dot */
	struct str source; /* empty: only paths of this host are known */
	enum host_category category;
	bool below; /* hosts below it too */
	struct path_row *paths;
};

struct hosts {
	struct row *slots;  /* open addressing; a free one has no host */
	size_t count, size; /* size is a power of two */
};

const char *const host_categories[HOST_CATEGORIES + 1] = { "none", "search",
	"social", "video", "shopping", "mail", "ai", "payment", NULL };

struct hosts *
hosts_new(void)
{
	struct hosts *h = mem_zero(1, sizeof(*h));

	h->size = 256;
	h->slots = mem_zero(h->size, sizeof(*h->slots));
	return h;
}

void
hosts_free(struct hosts *h)
{
	if (h == NULL)
		return;
	for (size_t i = 0; i < h->size; i++) {
		struct path_row *next, *p = h->slots[i].paths;

		for (; p != NULL; p = next) {
			next = p->next;
			free(p);
		}
	}
	free(h->slots);
	free(h);
}

/* The slot of HOST, or the free one where it would go. */
static struct row *
slot(const struct hosts *h, struct str host)
{
	size_t i = digest_hash64(host, 0) & (h->size - 1);

	while (h->slots[i].host.len > 0 && !str_eq(h->slots[i].host, host))
		i = (i + 1) & (h->size - 1);
	return &h->slots[i];
}

static void
grow(struct hosts *h)
{
	struct row *old = h->slots;
	size_t size = h->size;

	h->size *= 2;
	h->slots = mem_zero(h->size, sizeof(*h->slots));
	for (size_t i = 0; i < size; i++) {
		if (old[i].host.len > 0)
			*slot(h, old[i].host) = old[i];
	}
	free(old);
}

void
hosts_add(struct hosts *h, struct str host, struct str source,
    enum host_category category)
{
	bool below = host.len > 1 && host.data[0] == '.';
	ptrdiff_t slash;
	struct str path = STR_EMPTY;
	struct row *row;

	if (below)
		host = str_from(host, 1);
	slash =
	    host.len > 0 && host.data[0] != '=' ? str_find_char(host, '/') : -1;
	if (slash >= 0) {
		path = str_from(host, (size_t)slash);
		host = str_head(host, (size_t)slash);
	}
	host = url_bare_host(host);
	if (host.len == 0)
		return;
	if (h->count * 2 >= h->size)
		grow(h);
	row = slot(h, host);
	if (row->host.len == 0) {
		h->count++;
		row->host = host;
		row->below = below;
	}
	if (path.len > 0) {
		struct path_row *p = mem_alloc(sizeof(*p));

		*p = (struct path_row){ row->paths, path, source, category };
		row->paths = p;
		row->below = row->below || below;
		return;
	}
	row->below = below;
	row->source = source;
	row->category = category;
}

void
hosts_add_table(struct hosts *h, struct str table)
{
	struct str column[3];

	while (tables_next(&table, column, 3)) {
		int category = 0;

		while (category < HOST_CATEGORIES &&
		       !str_is(column[2], host_categories[category]))
			category++;
		assert(category < HOST_CATEGORIES); /* compiled in */
		hosts_add(
		    h, column[0], column[1], (enum host_category)category);
	}
}

static bool
under(struct str path, struct str prefix)
{
	return str_starts(path, prefix) &&
	       (path.len == prefix.len || path.data[prefix.len] == '/');
}

/* The category by the row with key KEY, where KEY is the end of the host or,
 * when WHOLE, all of it; or MISSING. */
static int
look(const struct hosts *h, struct str key, bool whole, struct str path,
    struct str *source)
{
	const struct row *row = slot(h, key);

	if (row->host.len == 0 || !(whole || row->below))
		return MISSING;
	for (const struct path_row *p = row->paths; p != NULL; p = p->next) {
		if (under(path, p->prefix)) {
			*source = p->source;
			return (int)p->category;
		}
	}
	if (row->source.len == 0)
		return MISSING;
	*source = row->source;
	return (int)row->category;
}

static bool
is_country(struct str label)
{
	return label.len == 2 && label.data[0] >= 'a' && label.data[0] <= 'z' &&
	       label.data[1] >= 'a' && label.data[1] <= 'z';
}

/* The second level under which some countries register names. */
static bool
is_second_level(struct str label)
{
	static const char *const known[] = { "com", "co", "org", "net", "edu",
		"ne", "or", "ac", "it", "gov" };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (str_is(label, known[i]))
			return true;
	}
	return false;
}

/* HOST with its last label, if a country (and what stands before it like
 * "co."), replaced by "{}"; empty when it has none. */
static struct str
any_country(struct str host, char buf[URL_HOST_MAX + 3])
{
	size_t end = host.len, start;
	struct str label;

	for (int i = 0; i < 2; i++) {
		for (start = end; start > 0 && host.data[start - 1] != '.';)
			start--;
		label = str_make(host.data + start, end - start);
		if (i == 0 ? !is_country(label) : !is_second_level(label))
			break;
		if (start == 0)
			return STR_EMPTY;
		end = start - 1;
	}
	if (end == host.len)
		return STR_EMPTY;
	memcpy(buf, host.data, end);
	memcpy(buf + end, ".{}", 3);
	return str_make(buf, end + 3);
}

/* "de.search.yahoo.com" as "{}.search.yahoo.com". */
static struct str
any_country_before(struct str host, char buf[URL_HOST_MAX + 3])
{
	if (host.len < 4 || host.data[2] != '.' ||
	    !is_country(str_head(host, 2)))
		return STR_EMPTY;
	memcpy(buf, "{}", 2);
	memcpy(buf + 2, host.data + 2, host.len - 2);
	return str_make(buf, host.len);
}

/* The host that REST is the end of: as it is, then with any country. */
static int
look_around(const struct hosts *h, struct str rest, bool whole, struct str path,
    struct str *source)
{
	char buf[URL_HOST_MAX + 3];
	int found = look(h, rest, whole, path, source);
	struct str key;

	if (found != MISSING)
		return found;
	key = any_country(rest, buf);
	if (key.len > 0)
		found = look(h, key, whole, path, source);
	if (found != MISSING || !whole)
		return found;
	key = any_country_before(rest, buf);
	return key.len > 0 ? look(h, key, whole, path, source) : MISSING;
}

/* Looks for HOST and the hosts above it, the longest first. */
static int
climb(
    const struct hosts *h, struct str host, struct str path, struct str *source)
{
	struct str rest = host;
	size_t dots = 0;

	for (size_t i = 0; i < host.len; i++)
		dots += host.data[i] == '.';
	for (;;) {
		bool whole = rest.len == host.len;

		if (whole || dots < LABELS_MAX) {
			int found = look_around(h, rest, whole, path, source);

			if (found != MISSING)
				return found;
		}
		if (dots == 0)
			return MISSING;
		rest = str_from(rest, (size_t)str_find_char(rest, '.') + 1);
		dots--;
	}
}

enum host_category
hosts_find(
    const struct hosts *h, struct str host, struct str path, struct str *source)
{
	int found;

	host = url_bare_host(host);
	if (host.len == 0 || host.len > URL_HOST_MAX)
		return HOST_NONE;
	found = climb(h, host, path, source);
	if (found == MISSING && str_starts(host, STR("m.")))
		found = climb(h, str_from(host, 2), path, source);
	return found == MISSING ? HOST_NONE : (enum host_category)found;
}

enum host_category
hosts_category(const struct hosts *h, struct str source)
{
	char key[NAME_MAX_BYTES + 1];
	struct str unused;
	int found = MISSING;

	if (source.len > 0 && source.len <= NAME_MAX_BYTES) {
		key[0] = '=';
		memcpy(key + 1, source.data, source.len);
		found = look(
		    h, str_make(key, source.len + 1), true, STR_EMPTY, &unused);
	}
	if (found != MISSING)
		return (enum host_category)found;
	if (str_find_char(source, '.') > 0)
		return hosts_find(h, source, STR_EMPTY, &unused);
	return HOST_NONE;
}

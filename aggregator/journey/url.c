#include "aggregator/journey/url.h"

enum { OTHER, NAME, PORT, END };

/* What a byte may be in front of the path. Above ASCII: a host not yet in
 * punycode. A backslash ends a host, as it does for browsers. */
static inline int
kind_of(unsigned char c)
{
	static const uint8_t kinds[256] = {
		['a' ... 'z'] = NAME,
		['A' ... 'Z'] = NAME,
		['0' ... '9'] = NAME,
		['-'] = NAME,
		['.'] = NAME,
		['_'] = NAME,
		[0x80 ... 0xff] = NAME,
		[':'] = PORT,
		['/'] = END,
		['?'] = END,
		['#'] = END,
		['\\'] = END,
	};

	return kinds[c];
}

static bool
is_digits(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] < '0' || s.data[i] > '9')
			return false;
	}
	return s.len <= 5;
}

static bool
is_host(struct str s)
{
	if (s.len == 0 || s.len > URL_HOST_MAX || s.data[0] == '.')
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (kind_of((unsigned char)s.data[i]) != NAME)
			return false;
	}
	return true;
}

static bool
is_ipv6(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.data[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
			(c >= 'A' && c <= 'F') || c == ':' || c == '.'))
			return false;
	}
	return s.len >= 2 && s.len <= 45;
}

/* The host of "user@host:port", or the empty str. */
static struct str
host_of(struct str authority)
{
	struct str host;
	ptrdiff_t colon;

	for (size_t i = authority.len; i > 0; i--) {
		if (authority.data[i - 1] == '@') {
			authority = str_from(authority, i);
			break;
		}
	}
	if (authority.len > 0 && authority.data[0] == '[') {
		ptrdiff_t close = str_find_char(authority, ']');

		if (close < 0 ||
		    !is_ipv6(str_make(authority.data + 1, (size_t)close - 1)))
			return STR_EMPTY;
		return str_head(authority, (size_t)close + 1);
	}
	host = authority;
	colon = str_find_char(authority, ':');
	if (colon >= 0) {
		if (!is_digits(str_from(authority, (size_t)colon + 1)))
			return STR_EMPTY;
		host = str_head(authority, (size_t)colon);
	}
	if (host.len > 1 && host.data[host.len - 1] == '.')
		host.len--;
	return is_host(host) ? host : STR_EMPTY;
}

/* The length of "scheme:" when "//" follows it, else 0. */
static size_t
scheme_length(struct str s)
{
	for (size_t i = 0; i < s.len && i < 32; i++) {
		char c = s.data[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
			continue;
		if (i > 0 && ((c >= '0' && c <= '9') || c == '+' || c == '-' ||
				 c == '.'))
			continue;
		if (c == ':' && i > 0 && i + 2 < s.len &&
		    s.data[i + 1] == '/' && s.data[i + 2] == '/')
			return i + 1;
		return 0;
	}
	return 0;
}

void
url_parse(struct str text, struct url *out)
{
	struct str rest = str_trim(text);
	size_t scheme = scheme_length(rest), end = 0;
	bool absolute = scheme > 0, plain = true;
	const char *hash, *mark;

	*out = (struct url){ .host = STR_EMPTY };
	if (absolute) {
		out->scheme = str_head(rest, scheme - 1);
		rest = str_from(rest, scheme + 2);
	} else if (str_starts(rest, STR("//"))) {
		absolute = true;
		rest = str_from(rest, 2);
	}
	for (; end < rest.len; end++) {
		int kind = kind_of((unsigned char)rest.data[end]);

		if (kind == END)
			break;
		plain = plain && kind == NAME;
	}
	if (plain && absolute && end > 0 && end <= URL_HOST_MAX &&
	    rest.data[0] != '.' && rest.data[end - 1] != '.') {
		out->host = str_head(rest, end); /* as nearly always */
		rest = str_from(rest, end);
	} else if (absolute || str_find_char(str_head(rest, end), '.') > 0) {
		out->host = host_of(str_head(rest, end));
		if (absolute || out->host.len > 0)
			rest = str_from(rest, end);
	}
	hash = rest.len > 0 ? memchr(rest.data, '#', rest.len) : NULL;
	if (hash != NULL)
		rest.len = (size_t)(hash - rest.data);
	mark = rest.len > 0 ? memchr(rest.data, '?', rest.len) : NULL;
	out->path = rest;
	if (mark != NULL) {
		out->path.len = (size_t)(mark - rest.data);
		out->query = str_from(rest, out->path.len + 1);
	}
}

struct str
url_bare_host(struct str host)
{
	size_t i = 3;

	if (!str_istarts(host, STR("www")))
		return host;
	while (i < host.len && host.data[i] >= '0' && host.data[i] <= '9')
		i++;
	if (i + 1 < host.len && host.data[i] == '.' &&
	    str_find_char(str_from(host, i + 1), '.') > 0)
		return str_from(host, i + 1);
	return host;
}

static bool
covers(struct str own, struct str host)
{
	if (str_starts(own, STR("*."))) {
		struct str tail = str_from(own, 1); /* with its dot */

		return host.len > tail.len &&
		       str_ieq(str_from(host, host.len - tail.len), tail);
	}
	return str_ieq(url_bare_host(own), host);
}

bool
url_is_own(const struct site *site, struct str page_host, struct str host)
{
	struct str bare;

	if (host.len == 0)
		return false;
	if (str_eq(page_host, host)) /* as nearly always */
		return true;
	bare = url_bare_host(host);
	if (str_ieq(url_bare_host(page_host), bare))
		return true;
	for (size_t i = 0; site != NULL && i < site->hosts.count; i++) {
		if (covers(str_of(site->hosts.at[i]), bare))
			return true;
	}
	return false;
}

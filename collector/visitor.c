/*
 * visitor.c - cookies are ID.FIRST.SIG and ID.START.LAST.CAME.SIG; SIG is
 * the first half of an HMAC-SHA256 over all before it, as base64url. The
 * visit's is made over "s." and the rest, so neither cookie can be passed
 * off as the other.
 */
#include "collector/visitor.h"

#include "collector/consent.h"
#include "common/digest.h"

#define SIGNATURE_BYTES 16
#define SIGNATURE_LEN 22
#define CAME_LEN 16                      /* two hashes as hex */
#define LAST_MS INT64_C(253402300799999) /* year 9999 */

void
visitor_mint_id(char out[VISITOR_ID_LEN + 1])
{
	/* One call for many ids: the generator's start costs more than its
	 * bytes. Used bytes are never handed out again. */
	static _Thread_local uint8_t pool[4096];
	static _Thread_local size_t left;

	if (left < 16) {
		digest_random(pool, sizeof(pool));
		left = sizeof(pool);
	}
	left -= 16;
	digest_base64url(pool + left, 16, out);
	memset(pool + left, 0, 16);
}

static void
sign(struct str key, struct str text, char out[SIGNATURE_LEN + 1])
{
	uint8_t mac[SHA256_BYTES];

	digest_hmac_sha256(key, text, mac);
	digest_base64url(mac, SIGNATURE_BYTES, out);
}

static bool
is_id(struct str s)
{
	if (s.len != VISITOR_ID_LEN)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.data[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
			(c >= 'A' && c <= 'Z') || c == '-' || c == '_'))
			return false;
	}
	return true;
}

/*
 * Cuts ".SIG" off COOKIE and verifies it over PREFIX and what is left. The
 * signature's text is compared, not its bytes, so each cookie has only one
 * accepted spelling.
 */
static bool
verify(struct str key, const char *prefix, struct str *cookie)
{
	char text[VISITOR_COOKIE_MAX + 8], good[SIGNATURE_LEN + 1];
	size_t body, prefix_len = strlen(prefix);

	if (cookie->len <= SIGNATURE_LEN + 1 ||
	    cookie->len > VISITOR_COOKIE_MAX)
		return false;
	body = cookie->len - SIGNATURE_LEN - 1;
	if (cookie->data[body] != '.')
		return false;
	memcpy(text, prefix, prefix_len);
	memcpy(text + prefix_len, cookie->data, body);
	sign(key, str_make(text, prefix_len + body), good);
	if (!digest_equal(good, cookie->data + body + 1, SIGNATURE_LEN))
		return false;
	cookie->len = body;
	return true;
}

bool
visitor_read(
    struct visitor *v, struct str key, struct str cookie, int64_t now_ms)
{
	struct str id;

	if (!verify(key, "", &cookie))
		return false;
	if (!str_cut(&cookie, '.', &id) || !is_id(id) ||
	    !str_int(cookie, 0, LAST_MS / 1000, &v->first_s))
		return false;
	if (now_ms / 1000 - v->first_s >= VISITOR_LIFE_S)
		return false;
	memcpy(v->id, id.data, id.len);
	v->id[id.len] = '\0';
	return true;
}

void
visitor_mint(struct visitor *v, int64_t now_ms)
{
	visitor_mint_id(v->id);
	v->first_s = now_ms / 1000;
}

/* These three put text at AT and return its end; printf would take longer
 * than the signature. */
static char *
put(char *at, struct str text)
{
	if (text.len > 0)
		memcpy(at, text.data, text.len);
	return at + text.len;
}

static char *
put_int(char *at, int64_t value)
{
	char digits[20];
	size_t from = sizeof(digits);

	do {
		digits[--from] = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	return put(at, str_make(digits + from, sizeof(digits) - from));
}

static char *
put_hash(char *at, uint32_t hash)
{
	const uint8_t bytes[4] = { (uint8_t)(hash >> 24), (uint8_t)(hash >> 16),
		(uint8_t)(hash >> 8), (uint8_t)hash };

	digest_hex(bytes, sizeof(bytes), at);
	return at + 2 * sizeof(bytes);
}

struct str
visitor_write(
    const struct visitor *v, struct str key, char out[VISITOR_COOKIE_MAX])
{
	char *at = put(out, str_make(v->id, VISITOR_ID_LEN));

	*at++ = '.';
	at = put_int(at, v->first_s);
	sign(key, str_make(out, (size_t)(at - out)), at + 1);
	*at = '.';
	return str_make(out, (size_t)(at - out) + 1 + SIGNATURE_LEN);
}

bool
visitor_session_read(struct session *s, struct str key, struct str cookie)
{
	struct str id, start, last;
	uint8_t came[CAME_LEN / 2];

	if (!verify(key, "s.", &cookie))
		return false;
	if (!str_cut(&cookie, '.', &id) || !is_id(id) ||
	    !str_cut(&cookie, '.', &start) || !str_cut(&cookie, '.', &last) ||
	    !str_int(start, 0, LAST_MS, &s->start_ms) ||
	    !str_int(last, 0, LAST_MS, &s->last_ms) ||
	    !digest_unhex(cookie, came, sizeof(came)))
		return false;
	s->came.campaign = (uint32_t)came[0] << 24 | (uint32_t)came[1] << 16 |
			   (uint32_t)came[2] << 8 | came[3];
	s->came.referrer = (uint32_t)came[4] << 24 | (uint32_t)came[5] << 16 |
			   (uint32_t)came[6] << 8 | came[7];
	memcpy(s->id, id.data, id.len);
	s->id[id.len] = '\0';
	return true;
}

struct str
visitor_session_write(
    const struct session *s, struct str key, char out[VISITOR_COOKIE_MAX])
{
	char text[VISITOR_COOKIE_MAX];
	char *at = put(text, STR("s."));
	size_t body;

	at = put(at, str_make(s->id, VISITOR_ID_LEN));
	*at++ = '.';
	at = put_int(at, s->start_ms);
	*at++ = '.';
	at = put_int(at, s->last_ms);
	*at++ = '.';
	at = put_hash(at, s->came.campaign);
	at = put_hash(at, s->came.referrer);
	body = (size_t)(at - text) - 2;
	memcpy(out, text + 2, body);
	out[body] = '.';
	sign(key, str_make(text, body + 2), out + body + 1);
	return str_make(out, body + 1 + SIGNATURE_LEN);
}

/* The sign's own signature: over "x.", the parts and the user agent. */
static void
sign_link(struct str key, struct str parts, struct str user_agent,
    char out[SIGNATURE_LEN + 1])
{
	struct buf text = { 0 };

	buf_add_str(&text, STR("x."));
	buf_add_str(&text, parts);
	buf_add_char(&text, '\n');
	buf_add_str(&text, user_agent);
	sign(key, buf_str(&text), out);
	buf_free(&text);
}

struct str
visitor_link_write(struct str key, struct str visitor, struct str session,
    struct str user_agent, int64_t now_ms, char out[VISITOR_LINK_MAX])
{
	struct visitor v;
	struct session s;
	char *at = out;

	if (!visitor_read(&v, key, visitor, now_ms))
		return STR_EMPTY;
	at = put(at, visitor);
	*at++ = '*';
	if (visitor_session_read(&s, key, session))
		at = put(at, session);
	*at++ = '*';
	at = put_int(at, now_ms / 1000);
	sign_link(key, str_make(out, (size_t)(at - out)), user_agent, at + 1);
	*at++ = '*';
	return str_make(out, (size_t)(at - out) + SIGNATURE_LEN);
}

bool
visitor_link_read(struct visitor *v, struct session *s, bool *has_session,
    struct str key, struct str text, struct str user_agent, int64_t now_ms)
{
	char good[SIGNATURE_LEN + 1];
	struct str parts, visitor, session;
	int64_t made;

	*has_session = false;
	if (text.len < SIGNATURE_LEN + 1 || text.len > VISITOR_LINK_MAX)
		return false;
	parts = str_head(text, text.len - SIGNATURE_LEN - 1);
	sign_link(key, parts, user_agent, good);
	if (text.data[parts.len] != '*' ||
	    !digest_equal(good, text.data + parts.len + 1, SIGNATURE_LEN))
		return false;
	if (!str_cut(&parts, '*', &visitor) ||
	    !str_cut(&parts, '*', &session) ||
	    !str_int(parts, 0, LAST_MS / 1000, &made))
		return false;
	/* Another collector's clock may be a little ahead. */
	if (now_ms / 1000 - made > VISITOR_LINK_S ||
	    made - now_ms / 1000 > VISITOR_LINK_S ||
	    !visitor_read(v, key, visitor, now_ms))
		return false;
	*has_session = visitor_session_read(s, key, session);
	return true;
}

bool
visitor_session_hit(
    struct session *s, bool known, struct arrival came, int64_t now_ms)
{
	bool fresh = !known || now_ms - s->last_ms >= VISITOR_SESSION_MS;

	if (came.campaign != 0)
		fresh = fresh || came.campaign != s->came.campaign;
	else if (came.referrer != 0)
		fresh = fresh || came.referrer != s->came.referrer;
	if (fresh) {
		visitor_mint_id(s->id);
		s->start_ms = now_ms;
		s->came = came;
	} else {
		if (came.campaign != 0)
			s->came.campaign = came.campaign;
		if (came.referrer != 0)
			s->came.referrer = came.referrer;
	}
	/* A clock that steps back must not end the visit twice. */
	if (fresh || now_ms > s->last_ms)
		s->last_ms = now_ms;
	return fresh;
}

struct str
visitor_url_host(struct str url)
{
	ptrdiff_t at = str_find(url, STR("://"));
	struct str host;

	if (at < 0)
		return STR_EMPTY;
	host = str_from(url, (size_t)at + 3);
	for (size_t i = 0; i < host.len; i++) {
		if (host.data[i] == '/' || host.data[i] == '?' ||
		    host.data[i] == '#' || host.data[i] == '\\') {
			host.len = i;
			break;
		}
	}
	for (size_t i = host.len; i > 0; i--) {
		if (host.data[i - 1] == '@') {
			host = str_from(host, i);
			break;
		}
	}
	if (host.len > 0 && host.data[0] == '[') {
		at = str_find_char(host, ']');
		return at < 0 ? STR_EMPTY : str_head(host, (size_t)at + 1);
	}
	at = str_find_char(host, ':');
	return at < 0 ? host : str_head(host, (size_t)at);
}

/* Joins TEXT into HASH; 0 stays for "nothing at all". */
static uint32_t
join(uint32_t hash, struct str text)
{
	uint32_t more = (uint32_t)digest_hash64(text, hash);

	return more == 0 ? 1 : more;
}

/* The campaign parameters of URL, in their order and spelling. */
static uint32_t
url_campaign(struct str url)
{
	ptrdiff_t at = str_find_char(url, '?');
	struct str rest, param, name;
	uint32_t hash = 0;

	if (at < 0)
		return 0;
	rest = str_from(url, (size_t)at + 1);
	at = str_find_char(rest, '#');
	if (at >= 0)
		rest = str_head(rest, (size_t)at);
	while (str_cut(&rest, '&', &param)) {
		at = str_find_char(param, '=');
		if (at <= 0 || (size_t)at + 1 == param.len)
			continue;
		name = str_head(param, (size_t)at);
		if (str_istarts(name, STR("utm_")) || consent_is_click_id(name))
			hash = join(hash, param);
	}
	return hash;
}

/* True when HOST is NAME or lies below it. */
static bool
at_or_below(struct str host, struct str name)
{
	if (name.len == 0 || host.len < name.len ||
	    !str_ieq(str_from(host, host.len - name.len), name))
		return false;
	return host.len == name.len ||
	       host.data[host.len - name.len - 1] == '.';
}

static uint32_t
referrer_host(const struct record *r, const struct sites *sites,
    const struct site *site, const struct texts *ignored)
{
	struct str host = visitor_url_host(r->referrer);
	char lower[256];

	if (host.len == 0 || host.len > sizeof(lower))
		return 0;
	if (str_ieq(host, visitor_url_host(r->url)) ||
	    sites_by_host(sites, host) == site)
		return 0;
	for (size_t i = 0; i < ignored->count; i++) {
		if (at_or_below(host, str_of(ignored->at[i])))
			return 0;
	}
	for (size_t i = 0; i < host.len; i++) {
		char c = host.data[i];

		lower[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
	}
	return join(0, str_make(lower, host.len));
}

struct arrival
visitor_arrival(const struct record *r, const struct sites *sites,
    const struct site *site, const struct texts *ignored)
{
	const struct str stated[] = { r->source, r->medium, r->campaign,
		r->term, r->content, r->click_id };
	struct arrival came = { 0 };

	for (size_t i = 0; i < sizeof(stated) / sizeof(stated[0]); i++) {
		if (stated[i].len > 0)
			came.campaign =
			    join(came.campaign + (uint32_t)i, stated[i]);
	}
	if (came.campaign == 0)
		came.campaign = url_campaign(r->url);
	came.referrer = referrer_host(r, sites, site, ignored);
	return came;
}

struct str
visitor_set_cookie(struct arena *arena, const char *name, struct str value,
    const struct cookie_attributes *how)
{
	bool none = how->cross_site && how->secure;
	struct str domain = str_of(how->domain);
	char *text =
	    arena_alloc(arena, strlen(name) + value.len + domain.len + 128);
	char *at = put(text, str_of(name));

	at = put(at, STR("="));
	at = put(at, value);
	at = put(at, STR("; Max-Age="));
	at = put_int(at, how->max_age_s);
	at = put(at, STR("; Path=/"));
	if (!how->readable)
		at = put(at, STR("; HttpOnly"));
	at = put(at, STR("; SameSite="));
	at = put(at, none ? STR("None") : STR("Lax"));
	if (how->secure)
		at = put(at, STR("; Secure"));
	if (domain.len > 0) {
		at = put(at, STR("; Domain="));
		at = put(at, domain);
	}
	*at = '\0';
	return str_make(text, (size_t)(at - text));
}

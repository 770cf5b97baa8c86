/*
 * consent.c - two tables: which purpose, when denied, takes which field, and
 * which URL parameters name one person's click.
 */
#include "collector/consent.h"

const struct consent consent_unknown = { { 'u', 'u', 'u', 'u' } };

static const struct str purposes[CONSENT_PURPOSES] = {
	[CONSENT_AD_STORAGE] = STR("ad_storage"),
	[CONSENT_ANALYTICS_STORAGE] = STR("analytics_storage"),
	[CONSENT_AD_USER_DATA] = STR("ad_user_data"),
	[CONSENT_AD_PERSONALIZATION] = STR("ad_personalization"),
};

/*
 * Without analytics nothing may stay that tells one person from another;
 * campaign names stay, as they are shared by all who clicked.
 */
static const struct {
	enum consent_purpose purpose;
	enum record_field field;
} drops[] = {
	{ CONSENT_ANALYTICS_STORAGE, RECORD_visitor_id },
	{ CONSENT_ANALYTICS_STORAGE, RECORD_session_id },
	{ CONSENT_ANALYTICS_STORAGE, RECORD_session_start },
	{ CONSENT_ANALYTICS_STORAGE, RECORD_user_id },
	{ CONSENT_ANALYTICS_STORAGE, RECORD_ip },
	{ CONSENT_ANALYTICS_STORAGE, RECORD_user_agent },
	{ CONSENT_ANALYTICS_STORAGE, RECORD_screen },
	{ CONSENT_ANALYTICS_STORAGE, RECORD_language },
	{ CONSENT_ANALYTICS_STORAGE, RECORD_items },
	{ CONSENT_ANALYTICS_STORAGE, RECORD_props },
	{ CONSENT_ANALYTICS_STORAGE, RECORD_click_id },
	{ CONSENT_ANALYTICS_STORAGE, RECORD_email_sha256 },
	{ CONSENT_ANALYTICS_STORAGE, RECORD_phone_sha256 },
	{ CONSENT_ANALYTICS_STORAGE, RECORD_email_google_sha256 },
	{ CONSENT_ANALYTICS_STORAGE, RECORD_phone_digits_sha256 },
	{ CONSENT_AD_STORAGE, RECORD_click_id },
	{ CONSENT_AD_USER_DATA, RECORD_email_sha256 },
	{ CONSENT_AD_USER_DATA, RECORD_phone_sha256 },
	{ CONSENT_AD_USER_DATA, RECORD_email_google_sha256 },
	{ CONSENT_AD_USER_DATA, RECORD_phone_digits_sha256 },
};

/* Names that carry the id of one click; those that people add themselves
 * (utm_*) are not here. */
static const struct str click_ids[] = {
	STR("gclid"),
	STR("gbraid"),
	STR("wbraid"),
	STR("dclid"),
	STR("gclsrc"),
	STR("msclkid"),
	STR("ttclid"),
	STR("twclid"),
	STR("li_fat_id"),
	STR("rdt_cid"),
	STR("sccid"),
	STR("epik"),
	STR("qclid"),
	STR("fbclid"),
	STR("igshid"),
	STR("yclid"),
};

int
consent_find(struct str name)
{
	for (int i = 0; i < CONSENT_PURPOSES; i++) {
		if (str_eq(name, purposes[i]))
			return i;
	}
	return -1;
}

bool
consent_set(struct consent *c, enum consent_purpose purpose, struct str value)
{
	static const struct str words[] = { STR("granted"), STR("denied"),
		STR("unknown") };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (str_eq(value, words[i]) ||
		    str_eq(value, str_head(words[i], 1))) {
			c->letter[purpose] = words[i].data[0];
			return true;
		}
	}
	return false;
}

bool
consent_letters(struct consent *c, struct str letters)
{
	struct consent read = consent_unknown;

	if (letters.len != CONSENT_PURPOSES)
		return false;
	for (int i = 0; i < CONSENT_PURPOSES; i++) {
		if (!consent_set(&read, (enum consent_purpose)i,
			str_make(letters.data + i, 1)))
			return false;
	}
	*c = read;
	return true;
}

void
consent_gpc(struct consent *c)
{
	c->letter[CONSENT_AD_STORAGE] = 'd';
	c->letter[CONSENT_AD_USER_DATA] = 'd';
	c->letter[CONSENT_AD_PERSONALIZATION] = 'd';
}

static void
drop(struct record *r, enum record_field field)
{
	const struct record_field_info *info = &record_fields[field];
	char *at = (char *)r + info->offset;

	if (info->is_text)
		*(struct str *)at = STR_EMPTY;
	else
		*(int64_t *)at = 0;
}

void
consent_apply(const struct consent *c, struct record *r, struct arena *arena)
{
	for (size_t i = 0; i < sizeof(drops) / sizeof(drops[0]); i++) {
		if (consent_denies(c, drops[i].purpose))
			drop(r, drops[i].field);
	}
	if (consent_denies(c, CONSENT_ANALYTICS_STORAGE)) {
		r->url = consent_strip_all(r->url, arena);
		r->referrer = consent_strip_all(r->referrer, arena);
	} else if (consent_denies(c, CONSENT_AD_STORAGE)) {
		r->url = consent_strip(r->url, arena);
		r->referrer = consent_strip(r->referrer, arena);
	}
	r->consent = arena_str(arena, str_make(c->letter, CONSENT_PURPOSES));
}

bool
consent_is_click_id(struct str name)
{
	for (size_t i = 0; i < sizeof(click_ids) / sizeof(click_ids[0]); i++) {
		if (name.len == click_ids[i].len && str_ieq(name, click_ids[i]))
			return true;
	}
	return false;
}

static bool
separates(char c)
{
	return c == '?' || c == '&' || c == '#' || c == ';';
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A name may be written with escapes: g%63lid is gclid to every reader. */
static struct str
plain_name(struct str name, char *copy, size_t room)
{
	size_t len = 0;

	if (str_find_char(name, '%') < 0)
		return name;
	for (size_t i = 0; i < name.len && len < room; i++) {
		char c = name.data[i];

		if (c == '%' && i + 2 < name.len &&
		    hex_value(name.data[i + 1]) >= 0 &&
		    hex_value(name.data[i + 2]) >= 0) {
			c = (char)(hex_value(name.data[i + 1]) << 4 |
				   hex_value(name.data[i + 2]));
			i += 2;
		}
		copy[len++] = c;
	}
	return str_make(copy, len);
}

/* The parameter that begins at URL[at] ends at the result. */
static size_t
param_end(struct str url, size_t at)
{
	while (at < url.len && !separates(url.data[at]))
		at++;
	return at;
}

static struct str
param_name(struct str param, char *copy, size_t room)
{
	ptrdiff_t equals = str_find_char(param, '=');

	return plain_name(
	    equals < 0 ? param : str_head(param, (size_t)equals), copy, room);
}

static bool
param_is_click_id(char sign, struct str param)
{
	char copy[32];

	(void)sign;
	return consent_is_click_id(param_name(param, copy, sizeof(copy)));
}

static bool
param_is_link(char sign, struct str param)
{
	char copy[32];

	(void)sign;
	return str_is(param_name(param, copy, sizeof(copy)), "_ac_x");
}

/* Whatever may name one person: all but campaigns and a router's path. */
static bool
param_is_own(char sign, struct str param)
{
	char copy[32];

	if (sign == '#' && param.len > 0 &&
	    (param.data[0] == '/' || param.data[0] == '!'))
		return false;
	return !str_istarts(param_name(param, copy, sizeof(copy)), STR("utm_"));
}

/* Where the parameters begin: at the first '?' or '#'. */
static size_t
params_start(struct str url)
{
	size_t at = 0;

	while (at < url.len && url.data[at] != '?' && url.data[at] != '#')
		at++;
	return at;
}

static struct str
strip(struct str url, struct arena *arena,
    bool (*drops_param)(char sign, struct str param))
{
	size_t at = params_start(url), len = 0, end;
	char *out = NULL;
	char owed = 0; /* the '?' or '#' of a parameter that was left out */

	for (; at < url.len; at = end) {
		char sign = url.data[at];
		struct str param;

		end = param_end(url, at + 1);
		param = str_make(url.data + at + 1, end - at - 1);
		if (sign == '?' || sign == '#')
			owed = 0;
		if (drops_param(sign, param)) {
			if (out == NULL) {
				out = arena_alloc(arena, url.len);
				memcpy(out, url.data, at);
				len = at;
			}
			if (sign == '?' || sign == '#')
				owed = sign;
		} else if (out != NULL) {
			out[len++] = owed ? owed : sign;
			memcpy(out + len, param.data, param.len);
			len += param.len;
			owed = 0;
		}
	}
	return out == NULL ? url : str_make(out, len);
}

struct str
consent_strip(struct str url, struct arena *arena)
{
	return strip(url, arena, param_is_click_id);
}

struct str
consent_strip_link(struct str url, struct arena *arena)
{
	return strip(url, arena, param_is_link);
}

struct str
consent_strip_all(struct str url, struct arena *arena)
{
	return strip(url, arena, param_is_own);
}

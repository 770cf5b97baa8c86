/*
 * config_print.c - settings back to YAML that reads again as the same, but
 * for secrets; and addresses.
 */
#include "common/config.h"

#include <ctype.h>

#include "common/config_value.h"

/* May stand without quotes, whatever is around it. */
static bool
is_plain(struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (isalnum(c) || strchr("_./", c) != NULL)
			continue;
		if (i > 0 && i + 1 < text.len && strchr("-:+@%", c) != NULL)
			continue;
		return false;
	}
	return text.len > 0 && !str_is(text, "null");
}

/*
 * Bytes of the character at P that YAML does not take, or does not keep, as
 * it is; 0 if it does. Its number goes to CODE.
 */
static size_t
special(struct str rest, unsigned *code)
{
	const unsigned char *p = (const unsigned char *)rest.data;

	*code = p[0];
	if (p[0] < 0x20 || p[0] == 0x7f || p[0] == '"' || p[0] == '\\')
		return 1;
	if (rest.len >= 2 && p[0] == 0xc2 && p[1] < 0xa0) {
		*code = p[1];
		return 2;
	}
	if (rest.len < 3 || (p[0] & 0xf0) != 0xe0)
		return 0;
	*code = (unsigned)(p[0] & 15) << 12 | (unsigned)(p[1] & 63) << 6 |
		(p[2] & 63);
	return *code == 0x2028 || *code == 0x2029 || *code == 0xfeff ||
		       *code >= 0xfffe
		   ? 3
		   : 0;
}

static void
print_text(struct str text, struct buf *out)
{
	unsigned code;
	size_t n;

	if (is_plain(text)) {
		buf_add_str(out, text);
		return;
	}
	buf_add_char(out, '"');
	for (size_t i = 0; i < text.len; i += n ? n : 1) {
		struct str rest = str_from(text, i);

		n = special(rest, &code);
		if (n > 0)
			buf_printf(out, "\\u%04x", code);
		else if (str_starts(rest, STR("${")))
			buf_add_str(out, STR("$$"));
		else
			buf_add_char(out, *rest.data);
	}
	buf_add_char(out, '"');
}

static void
print_secret(const char *text, struct buf *out)
{
	buf_add_str(out, *text ? STR("\"***\"") : STR("\"\""));
}

/* How much of REST is a password's value, in libpq's quotes or without. */
static size_t
password_value(struct str rest)
{
	char quote = rest.len > 0 ? rest.data[0] : '\0';
	size_t i = 1;

	if (quote != '\'' && quote != '"') {
		for (i = 0; i < rest.len &&
			    !isspace((unsigned char)rest.data[i]) &&
			    rest.data[i] != '&' && rest.data[i] != ';';)
			i += rest.data[i] == '\\' && i + 1 < rest.len ? 2 : 1;
		return i;
	}
	while (i < rest.len && rest.data[i] != quote)
		i += rest.data[i] == '\\' && i + 1 < rest.len ? 2 : 1;
	return i < rest.len ? i + 1 : rest.len;
}

/* The password of user:password@host at the head of REST, if it is one. */
static struct str
userinfo_password(struct str rest)
{
	size_t end = 0, at = 0, colon = 0;

	while (end < rest.len && strchr("/?# ", rest.data[end]) == NULL) {
		if (rest.data[end] == '@')
			at = end;
		if (rest.data[end] == ':' && colon == 0)
			colon = end;
		end++;
	}
	return colon > 0 && at > colon
		   ? str_make(rest.data + colon + 1, at - colon - 1)
		   : STR_EMPTY;
}

/*
 * TEXT without the passwords that may stand in a setting which is no secret
 * as a whole: a DSN, a URL, a list of keywords.
 */
static void
print_masked(struct str text, struct buf *out)
{
	struct buf plain = { 0 };

	for (size_t i = 0; i < text.len;) {
		struct str rest = str_from(text, i), hidden = STR_EMPTY;
		size_t n = 1;

		if (str_starts(rest, STR("://"))) {
			n = 3;
			hidden = userinfo_password(str_from(rest, n));
		} else if (str_istarts(rest, STR("pass"))) {
			/* However it is spelt. */
			for (n = 4; n < rest.len &&
				    isalpha((unsigned char)rest.data[n]);)
				n++;
			while (n < rest.len && rest.data[n] == ' ')
				n++;
			if (n < rest.len && rest.data[n] == '=') {
				for (n++; n < rest.len && rest.data[n] == ' ';)
					n++;
				hidden = str_head(str_from(rest, n),
				    password_value(str_from(rest, n)));
			}
		}
		if (hidden.len > 0) {
			buf_add_str(
			    &plain, str_make(rest.data,
					(size_t)(hidden.data - rest.data)));
			buf_add_str(&plain, STR("***"));
			n = (size_t)(hidden.data - rest.data) + hidden.len;
		} else {
			buf_add_str(&plain, str_head(rest, n));
		}
		i += n;
	}
	print_text(buf_str(&plain), out);
	buf_free(&plain);
}

/* Of Kafka's settings, those that sign in. */
static bool
is_secret_key(const char *key)
{
	static const char *const parts[] = { "password", "secret", "key.pem",
		"jaas", "oauthbearer.config", NULL };

	for (int i = 0; parts[i] != NULL; i++) {
		if (strcasestr(key, parts[i]) != NULL)
			return true;
	}
	return false;
}

static void
indent(int depth, struct buf *out)
{
	buf_printf(out, "%*s", depth * 2, "");
}

static void
print_texts(const struct texts *texts, bool secret, int depth, struct buf *out)
{
	if (texts->count == 0)
		buf_add_str(out, STR(" []"));
	buf_add_char(out, '\n');
	for (size_t i = 0; i < texts->count; i++) {
		indent(depth + 1, out);
		buf_add_str(out, STR("- "));
		if (secret)
			print_secret(texts->at[i], out);
		else
			print_text(str_of(texts->at[i]), out);
		buf_add_char(out, '\n');
	}
}

static void
print_pairs(const struct pairs *pairs, int depth, struct buf *out)
{
	if (pairs->count == 0)
		buf_add_str(out, STR(" {}"));
	buf_add_char(out, '\n');
	for (size_t i = 0; i < pairs->count; i++) {
		const struct pair *p = &pairs->at[i];

		indent(depth + 1, out);
		print_text(str_of(p->key), out);
		buf_add_str(out, STR(": "));
		if (is_secret_key(p->key))
			print_secret(p->value, out);
		else
			print_masked(str_of(p->value), out);
		buf_add_char(out, '\n');
	}
}

static void print_table(const struct setting *table, const void *target,
    int depth, bool dash, bool help, struct buf *out);

static void
print_items(const struct setting *s, const struct items *items, int depth,
    struct buf *out)
{
	if (items->count == 0)
		buf_add_str(out, STR(" []"));
	buf_add_char(out, '\n');
	for (size_t i = 0; i < items->count; i++)
		print_table(s->fields, (const char *)items->at + i * s->size,
		    depth + 2, true, i == 0, out);
}

static int64_t
number(const struct setting *s, const void *target)
{
	if (s->kind == SETTING_BOOL)
		return *(const bool *)target;
	if (s->kind == SETTING_CHOICE)
		return *(const int *)target;
	return *(const int64_t *)target;
}

/* What stands behind the colon, and the end of the line. */
static void
print_value(
    const struct setting *s, const void *target, int depth, struct buf *out)
{
	switch (s->kind) {
	case SETTING_TEXTS:
	case SETTING_SECRETS:
		print_texts(target, s->kind == SETTING_SECRETS, depth, out);
		return;
	case SETTING_PAIRS:
		print_pairs(target, depth, out);
		return;
	case SETTING_LIST:
		print_items(s, target, depth, out);
		return;
	case SETTING_GROUP:
		buf_add_char(out, '\n');
		print_table(s->fields, target, depth + 1, false, true, out);
		return;
	default:
		break;
	}
	buf_add_char(out, ' ');
	if (s->kind == SETTING_SECRET)
		print_secret(*(char *const *)target, out);
	else if (s->kind == SETTING_TEXT)
		print_masked(str_of(*(char *const *)target), out);
	else if (s->kind == SETTING_FILE)
		print_text(str_of(*(char *const *)target), out);
	else
		config_value_write(s, number(s, target), out);
	buf_add_char(out, '\n');
}

/* DASH: the table is a list's element. HELP: with comments. */
static void
print_table(const struct setting *table, const void *target, int depth,
    bool dash, bool help, struct buf *out)
{
	for (const struct setting *s = table; s->key != NULL; s++) {
		if (help && s->help != NULL) {
			indent(depth, out);
			buf_printf(out, "# %s\n", s->help);
		}
		indent(depth - dash, out);
		buf_printf(out, "%s%s:", dash ? "- " : "", s->key);
		print_value(s, (const char *)target + s->offset, depth, out);
		dash = false;
	}
}

void
config_print(const struct setting *table, const void *target, struct buf *out)
{
	print_table(table, target, 0, false, true, out);
}

bool
config_address(const char *text, char host[64], uint16_t *port)
{
	const char *colon = strrchr(text, ':');
	struct str name;
	int64_t value;

	if (colon == NULL || colon[1] == '-' ||
	    !str_int(str_of(colon + 1), 0, UINT16_MAX, &value))
		return false;
	name = str_make(text, (size_t)(colon - text));
	if (name.len > 0 && name.data[0] == '[') {
		if (name.len < 4 || name.data[name.len - 1] != ']')
			return false;
		name = str_make(name.data + 1, name.len - 2);
		if (str_find_char(name, ':') < 0)
			return false;
	} else if (str_find_char(name, ':') >= 0) {
		return false;
	}
	if (name.len >= 64)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		if (!isalnum((unsigned char)name.data[i]) &&
		    strchr(".-_:%", name.data[i]) == NULL)
			return false;
	}
	memcpy(host, name.data, name.len);
	host[name.len] = '\0';
	*port = (uint16_t)value;
	return true;
}

void
config_check_address(const void *value, struct config_place *place)
{
	char *const *text = value;
	char host[64];
	uint16_t port;

	if (!config_address(*text, host, &port))
		config_complain(place, NULL, "\"%s\" is not host:port", *text);
}

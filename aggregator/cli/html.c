/*
 * html.c - a scanner by the rules of the HTML standard that matter here: how
 * tags, attributes and raw text end.
 */
#include "aggregator/cli/html.h"

#include <ctype.h>

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/* The place in S from FROM on that ends the tag: its '>', or the end. */
static size_t
tag_end(struct str s, size_t from)
{
	char quote = 0;
	bool value = false; /* only there quotes quote */

	for (size_t i = from; i < s.len; i++) {
		char c = s.data[i];

		if (quote != 0) {
			if (c == quote)
				quote = 0;
		} else if (c == '>') {
			return i;
		} else if (value && (c == '"' || c == '\'')) {
			quote = c;
			value = false;
		} else if (!is_space(c)) {
			value = c == '=';
		}
	}
	return s.len;
}

/* Behind the end tag of the raw text element NAME. */
static struct str
skip_raw(struct str rest, struct str name)
{
	for (size_t i = 0; i + 2 + name.len <= rest.len; i++) {
		if (rest.data[i] == '<' && rest.data[i + 1] == '/' &&
		    str_ieq(str_make(rest.data + i + 2, name.len), name))
			return str_from(rest, i);
	}
	return STR_EMPTY;
}

static struct str
skip_comment(struct str rest)
{
	ptrdiff_t end = str_find(rest, STR("-->"));

	return end < 0 ? STR_EMPTY : str_from(rest, (size_t)end + 3);
}

bool
html_next(struct str *rest, struct html_tag *tag)
{
	ptrdiff_t at;
	size_t end, name;

	while ((at = str_find_char(*rest, '<')) >= 0) {
		*rest = str_from(*rest, (size_t)at + 1);
		if (str_starts(*rest, STR("!--"))) {
			*rest = skip_comment(str_from(*rest, 3));
			continue;
		}
		if (rest->len == 0 || !isalpha((unsigned char)rest->data[0]))
			continue;
		end = tag_end(*rest, 0);
		for (name = 0; name < end && !is_space(rest->data[name]) &&
			       rest->data[name] != '/';
		     name++)
			;
		tag->name = str_head(*rest, name);
		tag->attributes = str_make(rest->data + name, end - name);
		*rest = str_from(*rest, end + 1);
		tag->after = *rest;
		if (str_ieq(tag->name, STR("script")) ||
		    str_ieq(tag->name, STR("style")))
			*rest = skip_raw(*rest, tag->name);
		return true;
	}
	return false;
}

/* The next attribute of *REST. */
static bool
next_attribute(struct str *rest, struct str *name, struct str *value)
{
	size_t i = 0, from;

	while (
	    i < rest->len && (is_space(rest->data[i]) || rest->data[i] == '/'))
		i++;
	from = i;
	while (i < rest->len && !is_space(rest->data[i]) &&
	       rest->data[i] != '/' && (rest->data[i] != '=' || i == from))
		i++;
	*name = str_make(rest->data + from, i - from);
	*value = STR_EMPTY;
	while (i < rest->len && is_space(rest->data[i]))
		i++;
	if (i < rest->len && rest->data[i] == '=') {
		char quote = 0;

		i++;
		while (i < rest->len && is_space(rest->data[i]))
			i++;
		if (i < rest->len &&
		    (rest->data[i] == '"' || rest->data[i] == '\''))
			quote = rest->data[i++];
		from = i;
		while (i < rest->len && (quote ? rest->data[i] != quote
					       : !is_space(rest->data[i])))
			i++;
		*value = str_make(rest->data + from, i - from);
		i += quote != 0;
	}
	*rest = str_from(*rest, i);
	return name->len > 0;
}

/* TEXT with the references that addresses have. */
static struct str
resolve(struct str text, struct arena *arena)
{
	static const struct {
		struct str name;
		char c;
	} known[] = { { STR("&amp;"), '&' }, { STR("&#38;"), '&' },
		{ STR("&#x26;"), '&' }, { STR("&quot;"), '"' },
		{ STR("&#39;"), '\'' }, { STR("&lt;"), '<' },
		{ STR("&gt;"), '>' } };
	char *out = arena_alloc(arena, text.len + 1);
	size_t len = 0;

	while (text.len > 0) {
		size_t step = 1;

		out[len] = text.data[0];
		for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++) {
			if (text.data[0] == '&' &&
			    str_istarts(text, known[k].name)) {
				out[len] = known[k].c;
				step = known[k].name.len;
			}
		}
		/* No C string holds a NUL. */
		len += out[len] != '\0';
		text = str_from(text, step);
	}
	out[len] = '\0';
	return str_make(out, len);
}

const char *
html_attribute(
    const struct html_tag *tag, const char *name, struct arena *arena)
{
	struct str rest = tag->attributes, found, value;

	while (next_attribute(&rest, &found, &value)) {
		if (str_ieq(found, str_of(name)))
			return resolve(str_trim(value), arena).data;
	}
	return NULL;
}

struct str
html_text(const struct html_tag *tag, struct arena *arena)
{
	ptrdiff_t end = str_find_char(tag->after, '<');

	return resolve(
	    str_trim(end < 0 ? tag->after : str_head(tag->after, (size_t)end)),
	    arena);
}

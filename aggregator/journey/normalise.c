#include "aggregator/journey/normalise.h"

#include <stdlib.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

static bool
is_control(unsigned char c)
{
	return c < 0x20 || c == 0x7f;
}

/* The last place at or before MAX where a character of S begins. */
static struct str
cut(struct str s, size_t max)
{
	if (s.len <= max)
		return s;
	while (max > 0 && ((unsigned char)s.data[max] & 0xc0) == 0x80)
		max--;
	return str_head(s, max);
}

/* Well-formed UTF-8 without control characters. */
static struct str
repair(struct arena *arena, struct str s)
{
	char *out = arena_alloc(arena, s.len * 3 + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.len;) {
		const uint8_t *at = (const uint8_t *)s.data + i;
		ucs4_t c;
		int len = u8_mbtoucr(&c, at, s.len - i);

		if (len <= 0) {
			memcpy(out + n, "\xef\xbf\xbd", 3);
			n += 3;
			i++;
			continue;
		}
		if (len == 1 && is_control(*at)) {
			out[n++] = ' ';
		} else {
			memcpy(out + n, at, (size_t)len);
			n += (size_t)len;
		}
		i += (size_t)len;
	}
	return str_make(out, n);
}

static bool
is_space(ucs4_t c)
{
	/* Marks of editors: no-break, zero width, byte order. */
	return uc_is_property_white_space(c) || c == 0x200b || c == 0xfeff;
}

/* For well-formed text. */
static struct str
trim(struct str s)
{
	ucs4_t c;

	while (s.len > 0) {
		int n = u8_mbtouc(&c, (const uint8_t *)s.data, s.len);

		if (!is_space(c))
			break;
		s = str_from(s, (size_t)n);
	}
	while (s.len > 0) {
		size_t n = 1;

		while (n < s.len && n < 4 &&
		       ((unsigned char)s.data[s.len - n] & 0xc0) == 0x80)
			n++;
		u8_mbtouc(&c, (const uint8_t *)s.data + s.len - n, n);
		if (!is_space(c))
			break;
		s.len -= n;
	}
	return s;
}

static struct str
normalise_unicode(struct arena *arena, struct str s, bool keep)
{
	size_t len = 0;
	uint8_t *lower;
	struct str out;

	s = trim(repair(arena, s));
	if (s.len == 0)
		return STR_EMPTY;
	/* No language: a Turkish campaign is the same on every machine. */
	lower = keep ? u8_normalize(UNINORM_NFC, (const uint8_t *)s.data, s.len,
			   NULL, &len)
		     : u8_tolower((const uint8_t *)s.data, s.len, NULL,
			   UNINORM_NFC, NULL, &len);
	if (lower == NULL)
		return s; /* it was checked: cannot be */
	out = arena_str(arena,
	    trim(cut(str_make((const char *)lower, len), NORMALISE_MAX)));
	free(lower);
	return out;
}

struct str
normalise(struct arena *arena, struct str text)
{
	return normalise_case(arena, text, false);
}

struct str
normalise_case(struct arena *arena, struct str text, bool keep)
{
	bool change = false;
	char *out;

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (c >= 0x80)
			return normalise_unicode(arena, text, keep);
		change =
		    change || (!keep && c >= 'A' && c <= 'Z') || is_control(c);
	}
	text = str_trim(str_head(str_trim(text), NORMALISE_MAX));
	if (!change || text.len == 0)
		return text;
	out = arena_alloc(arena, text.len);
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (is_control((unsigned char)c))
			c = ' ';
		else if (!keep && c >= 'A' && c <= 'Z')
			c += 'a' - 'A';
		out[i] = c;
	}
	return str_trim(str_make(out, text.len));
}

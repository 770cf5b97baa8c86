#include "common/address.h"

#include "common/digest.h"

bool
address_email(struct str text, struct arena *arena, struct str *out)
{
	char *lower;

	text = str_trim(text);
	if (text.len < 3 || text.len > 254 || str_find_char(text, '@') <= 0)
		return false;
	lower = arena_alloc(arena, text.len);
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		lower[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
	}
	*out = str_make(lower, text.len);
	return true;
}

bool
address_phone(struct str text, struct arena *arena, struct str *out)
{
	char digits[20] = "+";
	size_t len = 1;

	text = str_trim(text);
	if (str_starts(text, STR("00")))
		text = str_from(text, 2);
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (c >= '0' && c <= '9' && len < 16)
			digits[len++] = c;
		else if (memchr("+ -().\t/", c, 8) == NULL ||
			 (c == '+' && i > 0))
			return false;
	}
	if (len < 7)
		return false;
	*out = arena_str(arena, str_make(digits, len));
	return true;
}

struct str
address_hash(struct str text, struct arena *arena)
{
	uint8_t bytes[SHA256_BYTES];
	char *hex = arena_alloc(arena, 2 * SHA256_BYTES + 1);

	digest_sha256(text, bytes);
	digest_hex(bytes, sizeof(bytes), hex);
	return str_make(hex, 2 * SHA256_BYTES);
}

struct str
address_google_email(struct str email, struct arena *arena)
{
	ptrdiff_t at = str_find_char(email, '@');
	struct str domain = str_from(email, (size_t)at);
	char *out;
	size_t len = 0;

	if (!str_is(domain, "@gmail.com") && !str_is(domain, "@googlemail.com"))
		return STR_EMPTY;
	out = arena_alloc(arena, email.len);
	for (ptrdiff_t i = 0; i < at && email.data[i] != '+'; i++) {
		if (email.data[i] != '.')
			out[len++] = email.data[i];
	}
	if (len == 0 || len == (size_t)at)
		return STR_EMPTY;
	memcpy(out + len, domain.data, domain.len);
	return str_make(out, len + domain.len);
}

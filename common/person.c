/*
 * person.c - SITE and ID joined by NUL, which neither holds.
 */
#include "common/person.h"

struct hash128
person_key(enum person_kind kind, struct str site, struct str id)
{
	char text[1024];
	size_t len = 0;

	/* Both are bounded far below by the record's field table. */
	site = str_head(site, sizeof(text) / 2);
	if (site.len + id.len + 1 > sizeof(text))
		id = str_head(id, sizeof(text) - site.len - 1);
	if (site.len > 0)
		memcpy(text, site.data, site.len);
	len = site.len;
	text[len++] = '\0';
	if (id.len > 0)
		memcpy(text + len, id.data, id.len);
	return digest_hash128(str_make(text, len + id.len), kind);
}

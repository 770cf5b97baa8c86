/*
 * tcf.c - base64url, most significant bit first, fields at fixed places.
 */
#include "collector/tcf.h"

#define PURPOSES_AT 152 /* bits before the purposes that have consent */
#define PURPOSES 24
#define CORE_BITS_LEAST (PURPOSES_AT + PURPOSES)

static int
digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '-' ? 62 : c == '_' ? 63 : -1;
}

/* Purpose N, from 1. */
static bool
has(struct str core, int n)
{
	size_t bit = (size_t)(PURPOSES_AT + n - 1);

	return digit(core.data[bit / 6]) >> (5 - bit % 6) & 1;
}

static char
letter(bool granted)
{
	return granted ? 'g' : 'd';
}

bool
tcf_read(struct consent *c, struct str tc)
{
	struct str core;
	bool one;

	if (tc.len > TCF_MAX || !str_cut(&tc, '.', &core) ||
	    6 * core.len < CORE_BITS_LEAST || digit(core.data[0]) != 2)
		return false;
	for (size_t i = 0; i < core.len; i++) {
		if (digit(core.data[i]) < 0)
			return false;
	}
	one = has(core, 1);
	c->letter[CONSENT_AD_STORAGE] = letter(one);
	c->letter[CONSENT_ANALYTICS_STORAGE] = letter(one && has(core, 8));
	c->letter[CONSENT_AD_USER_DATA] = letter(one && has(core, 7));
	c->letter[CONSENT_AD_PERSONALIZATION] =
	    letter(one && has(core, 3) && has(core, 4));
	return true;
}

/* currency.h - what a currency code looks like, said once. */
#ifndef COMMON_CURRENCY_H
#define COMMON_CURRENCY_H

#include "common/str.h"

/* Whether S is three letters A-Z, as ISO 4217 has them. Which of them are
 * currencies changes with the years: rates decide that. */
static inline bool
currency_is_code(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] < 'A' || s.data[i] > 'Z')
			return false;
	}
	return s.len == 3;
}

/* S, of any case, as a code into OUT; false when it is none. */
static inline bool
currency_code(struct str s, char out[3])
{
	for (size_t i = 0; i < s.len && i < 3; i++) {
		char c = s.data[i];

		out[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
	}
	return s.len == 3 && currency_is_code(str_make(out, 3));
}

#endif

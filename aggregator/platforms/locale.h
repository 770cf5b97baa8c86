/*
 * locale.h - numbers and dates as the exports of each country write them.
 *
 * Strict: a group of thousands has three digits (in English two are allowed
 * in front of the last, as in India), so that "1,50" is never taken for 150
 * nor "1.234" for a thousand where it is one and a bit.
 */
#ifndef AGGREGATOR_PLATFORMS_LOCALE_H
#define AGGREGATOR_PLATFORMS_LOCALE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/str.h"

/* X(id, name, decimal sign, order of a date, what it is) */
#define LOCALES(X)                                                             \
	X(EN, "en", '.', "mdy", "English, 1,234.56 and 3/31/2026")             \
	X(EN_GB, "en-GB", '.', "dmy", "English, 1,234.56 and 31/3/2026")       \
	X(DE, "de", ',', "dmy", "German, 1.234,56")                            \
	X(FR, "fr", ',', "dmy", "French, 1 234,56")                            \
	X(ES, "es", ',', "dmy", "Spanish, 1.234,56")                           \
	X(IT, "it", ',', "dmy", "Italian, 1.234,56")                           \
	X(NL, "nl", ',', "dmy", "Dutch, 1.234,56")                             \
	X(PT, "pt", ',', "dmy", "Portuguese, 1.234,56")

#define LOCALE_ID(id, name, decimal, order, help) LOCALE_##id,
enum locale { LOCALES(LOCALE_ID) LOCALE_COUNT };
#undef LOCALE_ID

/* "en", "de", also "de-DE" or "de_AT"; false when we know no such. */
bool locale_find(struct str name, enum locale *l) MUST_CHECK;
const char *locale_name(enum locale l);
/* "en, en-GB, de, ..." for messages. */
const char *locale_list(void);

/* White space of any kind cut off both ends, byte order marks too. */
struct str locale_trim(struct str s);

/* Whether S is how exports say "nothing": empty, "--", "-", a dash, "N/A". */
bool locale_blank(struct str s);

/*
 * Reads all of S as money into micros: sign or brackets in front or around,
 * a currency's sign or code before or behind, thousands in groups. False
 * when it is no such number, has more than six places or is too large.
 */
bool locale_micros(enum locale l, struct str s, int64_t *micros) MUST_CHECK;
/* A whole number from 0 to 2^53, thousands in groups; ".0" behind is fine. */
bool locale_count(enum locale l, struct str s, int64_t *n) MUST_CHECK;

/*
 * A day: 2026-03-31, 20260331 and 2026/03/31 anywhere; in the locale's order
 * 31.03.2026, 3/31/2026; with the month's name "31. März 2026", "Mar 31,
 * 2026", "31 de marzo de 2026". A time of 00:00 behind it is fine.
 */
bool locale_day(enum locale l, struct str s, int32_t *day) MUST_CHECK;

#endif

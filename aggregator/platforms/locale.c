#include "aggregator/platforms/locale.h"

#include <stdio.h>

#include "common/calendar.h"
#include "common/currency.h"

#define NUMBER_MAX 64 /* bytes, signs and spaces included */

static const struct {
	const char *name;
	char decimal;
	const char *order;
} locales[] = {
#define ROW(id, name, decimal, order, help) { name, decimal, order },
	LOCALES(ROW)
#undef ROW
};

const char *
locale_name(enum locale l)
{
	return locales[l].name;
}

const char *
locale_list(void)
{
	/* Each row begins with ", ". */
#define NAME(id, name, decimal, order, help) ", " name
	return &LOCALES(NAME)[2];
#undef NAME
}

bool
locale_find(struct str name, enum locale *l)
{
	struct str language = name;

	for (int i = 0; i < LOCALE_COUNT; i++) {
		if (str_ieq(name, str_of(locales[i].name))) {
			*l = (enum locale)i;
			return true;
		}
	}
	if (str_ieq(name, STR("en_GB"))) {
		*l = LOCALE_EN_GB;
		return true;
	}
	/* A country behind it changes nothing else that we read; but
	 * Switzerland writes 1'234.56. */
	if (name.len != 5 || (name.data[2] != '-' && name.data[2] != '_') ||
	    str_istarts(str_from(name, 3), STR("ch")))
		return false;
	language.len = 2;
	return locale_find(language, l);
}

/* --- spaces ----------------------------------------------------------------
 */

/* Bytes of the white space that S begins with; 0: none. */
static size_t
space_at(struct str s)
{
	static const char *const wide[] = {
		"\xc2\xa0",     /* no-break */
		"\xe2\x80\xaf", /* narrow no-break, as in French numbers */
		"\xe2\x80\x89", /* thin */
		"\xe2\x80\x8b", /* zero width */
		"\xef\xbb\xbf", /* byte order mark */
	};

	if (s.len == 0)
		return 0;
	if (s.data[0] == ' ' || (s.data[0] >= '\t' && s.data[0] <= '\r'))
		return 1;
	if ((unsigned char)s.data[0] < 0xc2)
		return 0;
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++) {
		if (str_starts(s, str_of(wide[i])))
			return strlen(wide[i]);
	}
	return 0;
}

struct str
locale_trim(struct str s)
{
	size_t n;

	while ((n = space_at(s)) > 0)
		s = str_from(s, n);
	while (s.len > 0) {
		size_t back = 1;

		while (back < s.len && back < 3 &&
		       ((unsigned char)s.data[s.len - back] & 0xc0) == 0x80)
			back++;
		if (space_at(str_from(s, s.len - back)) != back)
			break;
		s.len -= back;
	}
	return s;
}

bool
locale_blank(struct str s)
{
	static const char *const blanks[] = { "", "-", "--", "---",
		"\xe2\x80\x93", "\xe2\x80\x94", "n/a", "null" };

	s = locale_trim(s);
	for (size_t i = 0; i < sizeof(blanks) / sizeof(blanks[0]); i++) {
		if (str_ieq(s, str_of(blanks[i])))
			return true;
	}
	return false;
}

/* --- numbers ----------------------------------------------------------------
 */

/* Cuts PREFIX off S. */
static bool
cut_front(struct str *s, const char *prefix)
{
	if (!str_starts(*s, str_of(prefix)))
		return false;
	*s = locale_trim(str_from(*s, strlen(prefix)));
	return true;
}

static bool
cut_back(struct str *s, const char *suffix)
{
	if (!str_ends(*s, str_of(suffix)))
		return false;
	s->len -= strlen(suffix);
	*s = locale_trim(*s);
	return true;
}

/* "CA$", "A$", "R$": a dollar sign with the land's letters before it. */
static bool
cut_dollar(struct str *s)
{
	size_t n = 0;

	while (n < s->len && n < 3 && s->data[n] >= 'A' && s->data[n] <= 'Z')
		n++;
	if (n == s->len || n == 3 || s->data[n] != '$')
		return false;
	*s = locale_trim(str_from(*s, n + 1));
	return true;
}

/* U+20A0 to U+20BF are signs of currencies, the euro's and rupee's too. */
static bool
cut_sign(struct str *s)
{
	if (s->len < 3 || !str_starts(*s, STR("\xe2\x82")) ||
	    (unsigned char)s->data[2] < 0xa0)
		return false;
	*s = locale_trim(str_from(*s, 3));
	return true;
}

/* Takes a currency's sign or code off one end of S. */
static void
cut_currency(struct str *s)
{
	static const char *const signs[] = { "$", "\xe2\x82\xac" /* euro */,
		"\xc2\xa3" /* pound */, "\xc2\xa5" /* yen */, "kr.", "kr",
		"z\xc5\x82", "K\xc4\x8d", "Ft", "lei", "TL", "\xe2\x82\xbd",
		"\xe2\x82\xba", "\xe2\x82\xb9" };
	struct str tail;

	if (cut_dollar(s) || cut_sign(s))
		return;
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		if (cut_front(s, signs[i]) || cut_back(s, signs[i]))
			return;
	}
	if (s->len > 3 && currency_is_code(str_head(*s, 3))) {
		*s = locale_trim(str_from(*s, 3));
		return;
	}
	tail = s->len > 3 ? str_from(*s, s->len - 3) : STR_EMPTY;
	if (tail.len == 3 && currency_is_code(tail)) {
		s->len -= 3;
		*s = locale_trim(*s);
	}
}

static bool
cut_minus(struct str *s)
{
	return cut_front(s, "-") || cut_front(s, "\xe2\x88\x92");
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/*
 * What separates thousands at the head of S: 1 a sign, 2 a space (*LEN bytes
 * of it), 0 nothing. French and Portuguese use spaces, Spanish both.
 */
static int
group_at(enum locale l, struct str s, size_t *len)
{
	char sign = locales[l].decimal == '.' ? ',' : '.';

	if (s.len > 0 && s.data[0] == sign && l != LOCALE_FR) {
		*len = 1;
		return 1;
	}
	*len = locales[l].decimal == '.' ? 0 : space_at(s);
	return *len > 0 ? 2 : 0;
}

/* S without its groups, and with a point, into OUT. */
static bool
plain_number(enum locale l, struct str s, char out[NUMBER_MAX], size_t *n)
{
	size_t run = 0, middle = 0, len;
	int group = 0, kind;

	*n = 0;
	if (s.len == 0 || s.len >= NUMBER_MAX || !is_digit(s.data[0]))
		return false;
	for (; s.len > 0 && s.data[0] != locales[l].decimal;) {
		if (is_digit(s.data[0])) {
			out[(*n)++] = s.data[0];
			s = str_from(s, 1);
			run++;
			continue;
		}
		kind = group_at(l, s, &len);
		if (kind == 0 || (group != 0 && kind != group))
			return false;
		/* One to three digits first, then three each; in India two,
		 * but for the last. */
		if (run > 3 || (group != 0 && middle != 0 && run != middle) ||
		    (group != 0 && run != 3 &&
			(run != 2 || locales[l].decimal != '.')))
			return false;
		if (group != 0)
			middle = run;
		group = kind;
		run = 0;
		s = str_from(s, len);
	}
	if (group != 0 && run != 3)
		return false;
	if (s.len == 0)
		return true;
	out[(*n)++] = '.';
	for (s = str_from(s, 1); s.len > 0; s = str_from(s, 1)) {
		if (!is_digit(s.data[0]))
			return false;
		out[(*n)++] = s.data[0];
	}
	return out[*n - 1] != '.';
}

bool
locale_micros(enum locale l, struct str s, int64_t *micros)
{
	char plain[NUMBER_MAX + 1];
	bool minus, brackets;
	size_t n;

	s = locale_trim(s);
	if (s.len > NUMBER_MAX)
		return false;
	brackets = s.len > 2 && s.data[0] == '(' && s.data[s.len - 1] == ')';
	if (brackets)
		s = locale_trim(str_make(s.data + 1, s.len - 2));
	minus = cut_minus(&s);
	if (s.len > 0 && (!is_digit(s.data[0]) || !is_digit(s.data[s.len - 1])))
		cut_currency(&s);
	if (!minus)
		minus = cut_minus(&s);
	if (brackets && minus)
		return false;
	plain[0] = '-';
	if (!plain_number(l, s, plain + 1, &n))
		return false;
	return str_micros(
	    minus || brackets ? str_make(plain, n + 1) : str_make(plain + 1, n),
	    micros);
}

bool
locale_count(enum locale l, struct str s, int64_t *count)
{
	char plain[NUMBER_MAX];
	struct str whole;
	ptrdiff_t point;
	size_t n;

	if (!plain_number(l, locale_trim(s), plain, &n))
		return false;
	whole = str_make(plain, n);
	point = str_find_char(whole, '.');
	for (size_t i = (size_t)(point < 0 ? (ptrdiff_t)n : point + 1); i < n;
	     i++) {
		if (plain[i] != '0')
			return false;
	}
	if (point >= 0)
		whole.len = (size_t)point;
	return str_int(whole, 0, INT64_C(1) << 53, count);
}

/* --- days -------------------------------------------------------------------
 */

static const char *const months[][12] = {
	{ "january", "february", "march", "april", "may", "june", "july",
	    "august", "september", "october", "november", "december" },
	{ "januar", "februar", "märz", "april", "mai", "juni", "juli", "august",
	    "september", "oktober", "november", "dezember" },
	{ "janvier", "février", "mars", "avril", "mai", "juin", "juillet",
	    "août", "septembre", "octobre", "novembre", "décembre" },
	{ "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio",
	    "agosto", "septiembre", "octubre", "noviembre", "diciembre" },
	{ "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno",
	    "luglio", "agosto", "settembre", "ottobre", "novembre",
	    "dicembre" },
	{ "januari", "februari", "maart", "april", "mei", "juni", "juli",
	    "augustus", "september", "oktober", "november", "december" },
	{ "janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho",
	    "agosto", "setembro", "outubro", "novembro", "dezembro" },
};

/* Short forms that do not begin the long one. */
static const struct {
	const char *text;
	int month;
} short_months[] = { { "mrz", 3 }, { "mrt", 3 }, { "sept", 9 }, { "juil", 7 } };

/* The month that S names or begins with, at least three letters; 0: none. A
 * short form that fits several ("jui", "ma") is none. */
static int
month_of(enum locale l, struct str s)
{
	const char *const *name =
	    months[l <= LOCALE_EN_GB ? 0 : l - LOCALE_EN_GB];
	int found = 0;

	if (s.len > 0 && s.data[s.len - 1] == '.')
		s.len--;
	if (s.len < 3)
		return 0;
	for (size_t i = 0; i < sizeof(short_months) / sizeof(short_months[0]);
	     i++) {
		if (str_ieq(s, str_of(short_months[i].text)))
			return short_months[i].month;
	}
	for (int i = 0; i < 12; i++) {
		if (str_ieq(str_of(name[i]), s))
			return i + 1;
		if (str_istarts(str_of(name[i]), s)) {
			if (found != 0)
				return 0;
			found = i + 1;
		}
	}
	return found;
}

static bool
real_day(int64_t year, int64_t month, int64_t mday, int32_t *day)
{
	char text[80];

	snprintf(text, sizeof(text), "%04lld-%02lld-%02lld", (long long)year,
	    (long long)month, (long long)mday);
	return calendar_parse_day(str_of(text), day);
}

/* Cuts a trailing midnight off S, however long it is written. */
static struct str
without_midnight(struct str s)
{
	static const char *const tails[] = { " 00:00", " 00:00:00", "T00:00:00",
		"T00:00:00Z", " 0:00", " 12:00:00 AM", " 12:00 AM" };

	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		if (str_ends(s, str_of(tails[i])))
			return str_head(s, s.len - strlen(tails[i]));
	}
	return s;
}

/* The words and numbers of S, at most MAX; more than that is no date. */
static size_t
parts_of(struct str s, struct str *part, size_t max)
{
	size_t n = 0;

	while (s.len > 0) {
		size_t gap = space_at(s), len = 0;

		if (gap == 0 && memchr(",./-", s.data[0], 4) != NULL)
			gap = 1;
		if (gap > 0) {
			s = str_from(s, gap);
			continue;
		}
		while (len < s.len && space_at(str_from(s, len)) == 0 &&
		       memchr(",./-", s.data[len], 4) == NULL)
			len++;
		if (n == max)
			return max + 1;
		part[n++] = str_head(s, len);
		s = str_from(s, len);
	}
	return n;
}

/* Drops a weekday in front of, and "de" between, the parts. */
static size_t
drop_words(enum locale l, struct str *part, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		bool number = is_digit(part[i].data[0]);

		if (!number && month_of(l, part[i]) == 0)
			continue;
		part[kept++] = part[i];
	}
	return kept;
}

static bool
worded_day(enum locale l, struct str *part, int32_t *day)
{
	int64_t mday, year;
	int at = month_of(l, part[0]) != 0 ? 0 : 1;
	struct str number = part[1 - at];

	/* The French 1er, the English 1st. */
	if (number.len > 2 && !is_digit(number.data[number.len - 1]))
		number.len -= 2;
	return str_int(number, 1, 31, &mday) &&
	       str_int(part[2], 1900, 2200, &year) &&
	       real_day(year, month_of(l, part[at]), mday, day);
}

static bool
numbered_day(enum locale l, const struct str *part, int32_t *day)
{
	const char *order = locales[l].order;
	int64_t value[3];

	if (part[0].len == 4)
		order = "ymd";
	for (int i = 0; i < 3; i++) {
		bool year = order[i] == 'y';

		/* A year of two digits could be a day: not taken. */
		if (year ? part[i].len != 4 : part[i].len > 2)
			return false;
		if (!str_int(part[i], 0, 9999,
			&value[year              ? 0
			       : order[i] == 'm' ? 1
						 : 2]))
			return false;
	}
	return real_day(value[0], value[1], value[2], day);
}

bool
locale_day(enum locale l, struct str s, int32_t *day)
{
	struct str part[8];
	int64_t number;
	size_t n;

	s = without_midnight(locale_trim(s));
	if (s.len == 10 && s.data[4] == '-')
		return calendar_parse_day(s, day);
	if (s.len == 8 && str_int(s, 19000101, 22001231, &number))
		return real_day(
		    number / 10000, number / 100 % 100, number % 100, day);
	if (s.len > 60)
		return false;
	n = parts_of(s, part, 8);
	if (n > 8 || n < 3)
		return false;
	if (n == 3 && is_digit(part[0].data[0]) && is_digit(part[1].data[0]))
		return numbered_day(l, part, day);
	if (drop_words(l, part, n) != 3)
		return false;
	return (month_of(l, part[0]) != 0 || month_of(l, part[1]) != 0) &&
	       worded_day(l, part, day);
}

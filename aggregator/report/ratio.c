/*
 * ratio.c - PostgreSQL's choice of places: at least 16 digits that count,
 * judged by the first base-10000 digits of both.
 */
#include "aggregator/report/ratio.h"

#define BASE 10000
#define GROUP 4         /* decimal digits in one of numeric's */
#define DIGITS_LEAST 16 /* NUMERIC_MIN_SIG_DIGITS */
#define PLACES 12       /* to which both are brought: whole groups */

/* The first base-10000 digit of N, which has PLACES places, and its power. */
static void
first_digit(ratio_int n, int *digit, int *weight)
{
	int groups = 0;

	*digit = *weight = 0;
	if (n == 0)
		return;
	for (; n >= BASE; n /= BASE)
		groups++;
	*digit = (int)n;
	*weight = groups - PLACES / GROUP;
}

static ratio_int
widened(struct decimal d)
{
	ratio_int n = d.digits;

	for (int i = d.places; i < PLACES; i++)
		n *= 10;
	return n;
}

static int
larger(int a, int b)
{
	return a > b ? a : b;
}

static void
add_whole(struct buf *out, ratio_int n)
{
	char text[48];
	size_t at = sizeof(text);

	do
		text[--at] = (char)('0' + (int)(n % 10));
	while ((n /= 10) > 0);
	buf_add(out, text + at, sizeof(text) - at);
}

void
ratio_add(struct buf *out, struct decimal a, struct decimal b)
{
	ratio_int n = widened(a), d = widened(b), whole, rest;
	bool negative = (n < 0) != (d < 0), carry;
	int digit[2], weight[2], places;
	char text[64];

	if (d == 0)
		return;
	n = n < 0 ? -n : n;
	d = d < 0 ? -d : d;
	first_digit(n, &digit[0], &weight[0]);
	first_digit(d, &digit[1], &weight[1]);
	places = DIGITS_LEAST -
		 GROUP * (weight[0] - weight[1] - (digit[0] <= digit[1]));
	places = larger(larger(places, 0), larger(a.places, b.places));
	whole = n / d;
	rest = n % d;
	for (int i = 0; i < places; i++) {
		rest *= 10;
		text[i] = (char)('0' + (int)(rest / d));
		rest %= d;
	}
	carry = rest * 2 >= d; /* half away from zero */
	for (int i = places; carry && i-- > 0;) {
		carry = text[i] == '9';
		text[i] = carry ? '0' : (char)(text[i] + 1);
	}
	whole += carry;
	for (int i = 0; negative && whole == 0; i++) {
		if (i == places)
			negative = false; /* there is no -0 */
		else if (text[i] != '0')
			break;
	}
	if (negative)
		buf_add_char(out, '-');
	add_whole(out, whole);
	if (places > 0)
		buf_add_char(out, '.');
	buf_add(out, text, (size_t)places);
}

void
ratio_add_micros(struct buf *out, int64_t micros)
{
	uint64_t n = micros < 0 ? 0 - (uint64_t)micros : (uint64_t)micros;
	char text[8] = ".";

	if (micros < 0)
		buf_add_char(out, '-');
	add_whole(out, (ratio_int)(n / 1000000));
	n %= 1000000;
	for (int i = 6; i > 0; i--, n /= 10)
		text[i] = (char)('0' + n % 10);
	buf_add(out, text, 7);
}

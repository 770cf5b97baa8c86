/*
 * calendar.c - civil dates by arithmetic, time zones from TZif files
 * (RFC 8536), beyond their last transition by the POSIX rule in the footer.
 */
#include "common/calendar.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/str.h"

/* --- dates ---------------------------------------------------------------- */

/* Days from civil by eras of 400 years, which all have 146,097 days. */
int32_t
calendar_day(int year, int month, int day)
{
	int y = month <= 2 ? year - 1 : year;
	int era = (y >= 0 ? y : y - 399) / 400;
	int in_era = y - era * 400;
	int in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 +
	       in_year - 719468;
}

void
calendar_civil(int32_t day, int *year, int *month, int *mday)
{
	int z = day + 719468;
	int era = (z >= 0 ? z : z - 146096) / 146097;
	int in_era = z - era * 146097;
	int y =
	    (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	int in_year = in_era - (365 * y + y / 4 - y / 100);
	int m = (5 * in_year + 2) / 153;

	*mday = in_year - (153 * m + 2) / 5 + 1;
	*month = m < 10 ? m + 3 : m - 9;
	*year = y + era * 400 + (*month <= 2);
}

/* Cuts N digits from *S. */
static bool
digits(struct str *s, size_t n, int *value)
{
	int64_t v;

	if (s->len < n || s->data[0] == '-' ||
	    !str_int(str_head(*s, n), 0, 9999, &v))
		return false;
	*s = str_from(*s, n);
	*value = (int)v;
	return true;
}

static bool
literal(struct str *s, char c)
{
	if (s->len == 0 || s->data[0] != c)
		return false;
	*s = str_from(*s, 1);
	return true;
}

static bool
date(struct str *s, int32_t *day)
{
	int year, month, mday, y, m, d;

	if (!digits(s, 4, &year) || !literal(s, '-') || !digits(s, 2, &month) ||
	    !literal(s, '-') || !digits(s, 2, &mday))
		return false;
	if (year < 1900 || year > 2200 || month < 1 || month > 12 || mday < 1)
		return false;
	*day = calendar_day(year, month, mday);
	calendar_civil(*day, &y, &m, &d);
	return y == year && m == month && d == mday;
}

bool
calendar_parse_day(struct str s, int32_t *day)
{
	int32_t d;

	if (!date(&s, &d) || s.len > 0)
		return false;
	*day = d;
	return true;
}

void
calendar_format_day(int32_t day, char out[11])
{
	int year, month, mday;
	char text[40];

	calendar_civil(day, &year, &month, &mday);
	snprintf(text, sizeof(text), "%04d-%02d-%02d", year, month, mday);
	memcpy(out, text, 10);
	out[10] = '\0';
}

/* "Z" or "+hh:mm" into seconds east. */
static bool
zone_suffix(struct str *s, int *seconds)
{
	int sign, hours, minutes;

	if (literal(s, 'Z') || literal(s, 'z')) {
		*seconds = 0;
		return true;
	}
	if (literal(s, '+'))
		sign = 1;
	else if (literal(s, '-'))
		sign = -1;
	else
		return false;
	if (!digits(s, 2, &hours) || !literal(s, ':') ||
	    !digits(s, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*seconds = sign * (hours * 3600 + minutes * 60);
	return true;
}

bool
calendar_parse_instant(struct str s, int64_t *ms)
{
	int hour, minute, second, offset, fraction = 0, scale = 100;
	int32_t day;

	if (!date(&s, &day))
		return false;
	if (!literal(&s, 'T') && !literal(&s, 't') && !literal(&s, ' '))
		return false;
	if (!digits(&s, 2, &hour) || !literal(&s, ':') ||
	    !digits(&s, 2, &minute) || !literal(&s, ':') ||
	    !digits(&s, 2, &second))
		return false;
	if (hour > 23 || minute > 59 || second > 60)
		return false;
	if (second == 60) /* a leap second belongs to the second before */
		second = 59;
	if (literal(&s, '.')) {
		size_t places = 0;

		for (; s.len > 0 && s.data[0] >= '0' && s.data[0] <= '9';
		     places++, scale /= 10) {
			fraction += (s.data[0] - '0') * scale;
			s = str_from(s, 1);
		}
		if (places == 0)
			return false;
	}
	if (!zone_suffix(&s, &offset) || s.len > 0)
		return false;
	*ms = (int64_t)day * DAY_MS +
	      ((int64_t)hour * 3600 + minute * 60 + second - offset) * 1000 +
	      fraction;
	return true;
}

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

void
calendar_format_instant(int64_t ms, char out[25])
{
	int32_t day = (int32_t)floor_div(ms, DAY_MS);
	int in_day = (int)(ms - (int64_t)day * DAY_MS);
	char text[64];

	calendar_format_day(day, out);
	snprintf(text, sizeof(text), "T%02d:%02d:%02d.%03dZ", in_day / 3600000,
	    in_day / 60000 % 60, in_day / 1000 % 60, in_day % 1000);
	memcpy(out + 10, text, 14);
	out[24] = '\0';
}

/* --- zones ------------------------------------------------------------------
 */

#define ZONE_FILE_MAX (256 * 1024)

/* One switch of a POSIX TZ rule: Mm.w.d/time, Jn or n. */
struct rule_date {
	char kind; /* 'M', 'J' (1-365, no 29 Feb) or 'N' (0-365) */
	int month, week, weekday, yday;
	int32_t time_s; /* local wall clock, may be negative or over a day */
};

struct zone {
	size_t count;
	int64_t *at_s;     /* instants of the transitions, ascending */
	int32_t *offset_s; /* in force from each on */
	int32_t first_s;   /* before the first */
	bool has_rule;     /* the footer's rule, after the last */
	bool has_dst;
	int32_t standard_s, summer_s;
	struct rule_date begin, end;
};

static int64_t
big_endian(const unsigned char *at, int bytes)
{
	uint64_t v = bytes == 4 && at[0] & 0x80 ? UINT32_MAX : 0;

	for (int i = 0; i < bytes; i++)
		v = v << 8 | at[i];
	return (int64_t)v;
}

/* "[+-]h[h[h]][:mm[:ss]]" in seconds. */
static bool
rule_time(struct str *s, int32_t *seconds)
{
	int sign = 1, part[3] = { 0, 0, 0 };

	if (literal(s, '-'))
		sign = -1;
	else
		(void)literal(s, '+');
	for (int i = 0; i < 3; i++) {
		size_t n = 0;
		int64_t v;

		while (n < s->len && n < 3 && s->data[n] >= '0' &&
		       s->data[n] <= '9')
			n++;
		if (n == 0 || !str_int(str_head(*s, n), 0, 167, &v))
			return false;
		part[i] = (int)v;
		*s = str_from(*s, n);
		if (!literal(s, ':'))
			break;
	}
	*seconds = sign * (part[0] * 3600 + part[1] * 60 + part[2]);
	return true;
}

static bool
rule_name(struct str *s)
{
	size_t n = 0;

	if (literal(s, '<')) {
		ptrdiff_t end = str_find_char(*s, '>');

		if (end < 0)
			return false;
		*s = str_from(*s, (size_t)end + 1);
		return true;
	}
	while (n < s->len && ((s->data[n] | 32) >= 'a') &&
	       ((s->data[n] | 32) <= 'z'))
		n++;
	*s = str_from(*s, n);
	return n >= 3;
}

static bool
small(struct str *s, int *value)
{
	size_t n = 0;
	int64_t v;

	while (n < s->len && n < 3 && s->data[n] >= '0' && s->data[n] <= '9')
		n++;
	if (n == 0 || !str_int(str_head(*s, n), 0, 365, &v))
		return false;
	*s = str_from(*s, n);
	*value = (int)v;
	return true;
}

static bool
rule_switch(struct str *s, struct rule_date *r)
{
	*r = (struct rule_date){ .time_s = 7200 };
	if (!literal(s, ','))
		return false;
	if (literal(s, 'M')) {
		r->kind = 'M';
		if (!small(s, &r->month) || !literal(s, '.') ||
		    !small(s, &r->week) || !literal(s, '.') ||
		    !small(s, &r->weekday) || r->month < 1 || r->month > 12 ||
		    r->week < 1 || r->week > 5 || r->weekday > 6)
			return false;
	} else {
		r->kind = literal(s, 'J') ? 'J' : 'N';
		if (!small(s, &r->yday))
			return false;
	}
	return !literal(s, '/') || rule_time(s, &r->time_s);
}

/* "CET-1CEST,M3.5.0,M10.5.0/3"; offsets count westwards in this notation. */
static bool
read_rule(struct zone *z, struct str s)
{
	int32_t west;

	if (s.len == 0)
		return true;
	if (!rule_name(&s) || !rule_time(&s, &west))
		return false;
	z->standard_s = -west;
	z->has_rule = true;
	if (s.len == 0)
		return true;
	if (!rule_name(&s))
		return false;
	z->summer_s = z->standard_s + 3600;
	if (s.len > 0 && s.data[0] != ',') {
		if (!rule_time(&s, &west))
			return false;
		z->summer_s = -west;
	}
	z->has_dst = true;
	return rule_switch(&s, &z->begin) && rule_switch(&s, &z->end) &&
	       s.len == 0;
}

static int64_t
rule_instant_s(const struct rule_date *r, int year, int32_t offset_before)
{
	int32_t day;

	if (r->kind == 'M') {
		int32_t first = calendar_day(year, r->month, 1);
		int weekday = ((first + 4) % 7 + 7) % 7; /* 1970: Thursday */
		int32_t next = r->month == 12
				   ? calendar_day(year + 1, 1, 1)
				   : calendar_day(year, r->month + 1, 1);

		day =
		    first + (r->weekday - weekday + 7) % 7 + 7 * (r->week - 1);
		if (day >= next) /* week 5 is the last one */
			day -= 7;
	} else {
		day = calendar_day(year, 1, 1) + r->yday;
		/* J counts 29 February never: 1 March is always day 60. */
		if (r->kind == 'J') {
			int32_t march = calendar_day(year, 3, 1);

			day = r->yday >= 60 ? march + r->yday - 60 : day - 1;
		}
	}
	return (int64_t)day * 86400 + r->time_s - offset_before;
}

static int32_t
rule_offset_s(const struct zone *z, int64_t at_s)
{
	int year, month, mday;
	int64_t begin, end;

	if (!z->has_dst)
		return z->standard_s;
	calendar_civil((int32_t)floor_div(at_s + z->standard_s, 86400), &year,
	    &month, &mday);
	begin = rule_instant_s(&z->begin, year, z->standard_s);
	end = rule_instant_s(&z->end, year, z->summer_s);
	if (begin < end)
		return at_s >= begin && at_s < end ? z->summer_s
						   : z->standard_s;
	/* The southern summer spans the new year. */
	return at_s >= end && at_s < begin ? z->standard_s : z->summer_s;
}

struct tzif {
	uint32_t isut, isstd, leap, times, types, chars;
};

static bool
read_header(struct str s, struct tzif *h)
{
	const unsigned char *at = (const unsigned char *)s.data;

	if (s.len < 44 || memcmp(at, "TZif", 4) != 0)
		return false;
	h->isut = (uint32_t)big_endian(at + 20, 4);
	h->isstd = (uint32_t)big_endian(at + 24, 4);
	h->leap = (uint32_t)big_endian(at + 28, 4);
	h->times = (uint32_t)big_endian(at + 32, 4);
	h->types = (uint32_t)big_endian(at + 36, 4);
	h->chars = (uint32_t)big_endian(at + 40, 4);
	return h->times <= 4096 && h->types >= 1 && h->types <= 256 &&
	       h->chars <= 4096 && h->leap <= 4096 && h->isut <= 256 &&
	       h->isstd <= 256;
}

static size_t
body_bytes(const struct tzif *h, size_t time_size)
{
	return h->times * (time_size + 1) + h->types * 6 + h->chars +
	       h->leap * (time_size + 4) + h->isstd + h->isut;
}

static bool
read_zone(struct zone *z, struct str s)
{
	struct tzif h;
	const unsigned char *times, *kinds, *types;
	bool wide = s.len > 4 && s.data[4] >= '2';
	size_t size = wide ? 8 : 4;

	if (!read_header(s, &h))
		return false;
	if (wide) { /* the second block repeats the first in 64 bits */
		s = str_from(s, 44 + body_bytes(&h, 4));
		if (!read_header(s, &h))
			return false;
	}
	s = str_from(s, 44);
	if (s.len < body_bytes(&h, size))
		return false;
	times = (const unsigned char *)s.data;
	kinds = times + h.times * size;
	types = kinds + h.times;
	z->count = h.times;
	z->at_s = mem_zero(h.times, sizeof(*z->at_s));
	z->offset_s = mem_zero(h.times, sizeof(*z->offset_s));
	z->first_s = (int32_t)big_endian(types, 4);
	for (uint32_t i = 0; i < h.times; i++) {
		if (kinds[i] >= h.types)
			return false;
		z->at_s[i] = big_endian(times + i * size, (int)size);
		z->offset_s[i] = (int32_t)big_endian(types + kinds[i] * 6, 4);
	}
	s = str_from(s, body_bytes(&h, size));
	if (!wide || s.len < 2 || s.data[0] != '\n')
		return true;
	s = str_from(s, 1);
	return read_rule(z,
	    str_head(s,
		(size_t)(str_find_char(s, '\n') < 0 ? (ptrdiff_t)s.len
						    : str_find_char(s, '\n'))));
}

static bool
good_name(const char *name)
{
	if (name[0] == '\0' || name[0] == '/' || strstr(name, "..") != NULL ||
	    strlen(name) > 64)
		return false;
	return strspn(name,
		   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		   "0123456789_+-/") == strlen(name);
}

/* The bytes of the zone file into *OUT, which the caller frees. */
static bool
slurp(const char *name, struct buf *out, struct error *err)
{
	char path[128];
	struct stat st;
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return error_set(err, ERROR_FATAL,
		    "no time zone %s (%s: %s; is tzdata installed?)", name,
		    path, strerror(errno));
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    st.st_size > ZONE_FILE_MAX) {
		close(fd);
		return error_set(
		    err, ERROR_FATAL, "%s is no time zone file", path);
	}
	buf_reserve(out, (size_t)st.st_size + 1);
	while (
	    (got = read(fd, out->data + out->len, out->cap - out->len)) > 0) {
		out->len += (size_t)got;
		if (out->len == out->cap)
			break;
	}
	close(fd);
	return true;
}

struct zone *
zone_open(const char *name, struct error *err)
{
	struct buf file = { NULL, 0, 0 };
	struct zone *z = NULL;

	if (!good_name(name)) {
		error_set(err, ERROR_FATAL,
		    "\"%.64s\" is no time zone name such as Europe/Berlin",
		    name);
		return NULL;
	}
	if (!slurp(name, &file, err))
		goto out;
	z = mem_zero(1, sizeof(*z));
	if (!read_zone(z, buf_str(&file))) {
		error_set(err, ERROR_FATAL,
		    "the time zone file of %s is damaged", name);
		zone_free(z);
		z = NULL;
	}
out:
	buf_free(&file);
	return z;
}

void
zone_free(struct zone *z)
{
	if (z == NULL)
		return;
	free(z->at_s);
	free(z->offset_s);
	free(z);
}

int32_t
zone_offset_s(const struct zone *z, int64_t ms)
{
	int64_t at_s = floor_div(ms, 1000);
	size_t low = 0, high = z->count;

	if (z->count == 0)
		return z->has_rule ? rule_offset_s(z, at_s) : z->first_s;
	if (z->has_rule && at_s >= z->at_s[z->count - 1])
		return rule_offset_s(z, at_s);
	while (low < high) { /* the first transition after at_s */
		size_t mid = low + (high - low) / 2;

		if (z->at_s[mid] <= at_s)
			low = mid + 1;
		else
			high = mid;
	}
	return low == 0 ? z->first_s : z->offset_s[low - 1];
}

int32_t
zone_day(const struct zone *z, int64_t ms)
{
	return (int32_t)floor_div(
	    ms + (int64_t)zone_offset_s(z, ms) * 1000, DAY_MS);
}

int64_t
zone_day_start_ms(const struct zone *z, int32_t day)
{
	int64_t midnight = (int64_t)day * DAY_MS;
	/* The answer lies within a day of UTC's midnight: search for the
	 * first instant whose local day is DAY. zone_day() never falls by
	 * more than clocks go back over midnight, which no zone's rule does
	 * for longer than a day. */
	int64_t low = midnight - 26 * 3600000, high = midnight + 26 * 3600000;

	while (low < high) {
		int64_t mid = low + (high - low) / 2;

		if (zone_day(z, mid) >= day)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

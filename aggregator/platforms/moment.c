#include "aggregator/platforms/moment.h"

#include "common/calendar.h"

/* Exactly N digits off *S. */
static bool
digits(struct str *s, size_t n, int *out)
{
	*out = 0;
	if (s->len < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (s->data[i] < '0' || s->data[i] > '9')
			return false;
		*out = *out * 10 + (s->data[i] - '0');
	}
	*s = str_from(*s, n);
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

/* The clock of a day into ms; a fraction of a second may follow. */
static bool
read_clock(struct str *s, int64_t *ms)
{
	int hour, minute, second = 0, digit, scale = 100;

	if (!digits(s, 2, &hour) || !literal(s, ':') ||
	    !digits(s, 2, &minute) || hour > 23 || minute > 59)
		return false;
	if (literal(s, ':') && (!digits(s, 2, &second) || second > 60))
		return false;
	if (second == 60) /* a leap second belongs to the second before */
		second = 59;
	*ms = ((int64_t)hour * 3600 + minute * 60 + second) * 1000;
	if (!literal(s, '.'))
		return true;
	if (!digits(s, 1, &digit))
		return false;
	do {
		*ms += (int64_t)digit * scale;
		scale /= 10;
	} while (digits(s, 1, &digit));
	return true;
}

/* "Z", "UTC", "+hh:mm", "+hhmm"; false when S is none of them. */
static bool
read_offset(struct str s, int64_t *ms)
{
	int hours, minutes;
	int64_t sign;

	*ms = 0;
	if (str_ieq(s, STR("Z")) || str_ieq(s, STR("UTC")) ||
	    str_ieq(s, STR("GMT")))
		return true;
	if (literal(&s, '+'))
		sign = 1;
	else if (literal(&s, '-'))
		sign = -1;
	else
		return false;
	if (!digits(&s, 2, &hours))
		return false;
	literal(&s, ':');
	if (!digits(&s, 2, &minutes) || s.len > 0 || hours > 23 || minutes > 59)
		return false;
	*ms = sign * ((int64_t)hours * 3600 + minutes * 60) * 1000;
	return true;
}

bool
moment_parse(struct str s, const struct zone *zone, int64_t *ms, bool *clock)
{
	int64_t local, in_day = DAY_MS / 2, offset;
	int32_t day;

	*clock = true;
	s = str_trim(s);
	if (calendar_parse_instant(s, ms) ||
	    str_int(s, INT64_C(100000000000), INT64_C(1) << 53, ms))
		return true;
	if (!calendar_parse_day(str_head(s, 10), &day))
		return false;
	s = str_from(s, 10);
	*clock = s.len > 0;
	if (*clock && ((!literal(&s, 'T') && !literal(&s, ' ')) ||
			  !read_clock(&s, &in_day)))
		return false;
	local = (int64_t)day * DAY_MS + in_day;
	s = str_trim(s);
	if (s.len > 0) {
		if (!read_offset(s, &offset))
			return false;
		*ms = local - offset;
		return true;
	}
	/* The offset in force is that of the instant we look for. */
	*ms = local - (int64_t)zone_offset_s(zone, local) * 1000;
	*ms = local - (int64_t)zone_offset_s(zone, *ms) * 1000;
	return true;
}

/*
 * accesslog.c - a strict reader of the combined log format.
 *
 * Strict, as a log's text is written by strangers: a quote that a client
 * sent arrives escaped, so a line that does not fit the format letter by
 * letter is a line whose fields cannot be told apart.
 */
#include "aggregator/cli/accesslog.h"

#include <arpa/inet.h>

#include "common/calendar.h"
#include "common/digest.h"

#define TEXT_MAX 2048 /* of url and referrer in a hit */
#define AGENT_MAX 512

static bool
reject(struct error *err, const char *what)
{
	return error_set(err, ERROR_REJECT, "%s", what);
}

/* The next field of *REST, up to a space; *REST moves behind the space. */
static bool
word(struct str *rest, struct str *out)
{
	ptrdiff_t end = str_find_char(*rest, ' ');

	if (end <= 0)
		return false;
	*out = str_head(*rest, (size_t)end);
	*rest = str_from(*rest, (size_t)end + 1);
	return true;
}

static bool
is_address(struct str s)
{
	char text[INET6_ADDRSTRLEN];
	unsigned char binary[16];

	if (s.len >= sizeof(text) || memchr(s.data, 0, s.len) != NULL)
		return false;
	memcpy(text, s.data, s.len);
	text[s.len] = '\0';
	return inet_pton(AF_INET, text, binary) == 1 ||
	       inet_pton(AF_INET6, text, binary) == 1;
}

/* COUNT digits at AT of S as a number, or -1. */
static int
digits(struct str s, size_t at, size_t count)
{
	int value = 0;

	for (size_t i = at; i < at + count; i++) {
		if (s.data[i] < '0' || s.data[i] > '9')
			return -1;
		value = value * 10 + (s.data[i] - '0');
	}
	return value;
}

static int
month(struct str name)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12; i++) {
		if (memcmp(name.data, names + 3 * i, 3) == 0)
			return i + 1;
	}
	return -1;
}

/* "17/May/2015:10:05:03 +0000" */
static bool
instant(struct str s, int64_t *ms)
{
	int mday, mon, year, hour, minute, second, zone_h, zone_m;
	int y, m, d;
	int32_t day;
	int64_t offset_s;

	if (s.len != 26 || s.data[2] != '/' || s.data[6] != '/' ||
	    s.data[11] != ':' || s.data[14] != ':' || s.data[17] != ':' ||
	    s.data[20] != ' ' || (s.data[21] != '+' && s.data[21] != '-'))
		return false;
	mday = digits(s, 0, 2);
	mon = month(str_from(s, 3));
	year = digits(s, 7, 4);
	hour = digits(s, 12, 2);
	minute = digits(s, 15, 2);
	second = digits(s, 18, 2);
	zone_h = digits(s, 22, 2);
	zone_m = digits(s, 24, 2);
	if (mday < 1 || mon < 1 || year < 1970 || hour < 0 || hour > 23 ||
	    minute < 0 || minute > 59 || second < 0 || second > 60 ||
	    zone_h < 0 || zone_h > 14 || zone_m < 0 || zone_m > 59)
		return false;
	day = calendar_day(year, mon, mday);
	calendar_civil(day, &y, &m, &d);
	if (y != year || m != mon || d != mday)
		return false; /* 31 February */
	if (second == 60)
		second = 59; /* a leap second has no number */
	offset_s = zone_h * 3600 + zone_m * 60;
	if (s.data[21] == '-')
		offset_s = -offset_s;
	*ms = day * DAY_MS +
	      (hour * 3600 + minute * 60 + second - offset_s) * INT64_C(1000);
	return *ms >= 0;
}

/*
 * The text between quotes at the start of *REST, still escaped; *REST moves
 * behind the closing quote.
 */
static bool
quoted(struct str *rest, struct str *out)
{
	size_t i;

	if (rest->len == 0 || rest->data[0] != '"')
		return false;
	for (i = 1; i < rest->len && rest->data[i] != '"'; i++) {
		if (rest->data[i] == '\\')
			i++;
	}
	if (i >= rest->len)
		return false;
	*out = str_make(rest->data + 1, i - 1);
	*rest = str_from(*rest, i + 1);
	return true;
}

static bool
is_control(unsigned char c)
{
	return c < 0x20 || c == 0x7f;
}

/* Undoes the escapes of S into OUT, which holds S.len bytes. */
static size_t
unescape(struct str s, char *out)
{
	size_t n = 0;
	unsigned char byte;

	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] != '\\' || i + 1 == s.len) {
			out[n++] = s.data[i];
		} else if (s.data[i + 1] == '"' || s.data[i + 1] == '\\') {
			out[n++] = s.data[++i];
		} else if (s.data[i + 1] == 'x' && i + 3 < s.len &&
			   digest_unhex(
			       str_make(s.data + i + 2, 2), &byte, 1)) {
			out[n++] = (char)byte;
			i += 3;
		} else if (strchr("bnrtv", s.data[i + 1]) != NULL) {
			out[n++] = ' ';
			i++;
		} else {
			out[n++] = '\\'; /* no escape of any server's */
		}
	}
	return n;
}

/* How many bytes the UTF-8 character at the start of S has; 0: none. */
static size_t
character(struct str s)
{
	for (size_t n = 1; n <= 4 && n <= s.len; n++) {
		if (str_utf8(str_head(s, n)))
			return n;
	}
	return 0;
}

/* S unescaped, without controls, as UTF-8 of at most MAX bytes. */
static struct str
clean(struct str s, size_t max, struct arena *arena)
{
	char *raw, *out;
	size_t len, n = 0, step;

	if (str_is(s, "-"))
		return STR_EMPTY;
	raw = arena_alloc(arena, s.len + 1);
	len = unescape(s, raw);
	for (size_t i = 0; i < len; i++) {
		if (is_control((unsigned char)raw[i]))
			raw[i] = ' ';
	}
	if (len <= max && str_utf8(str_make(raw, len)))
		return str_make(raw, len);
	out = arena_alloc(arena, max + 1);
	for (size_t i = 0; i < len; i += step ? step : 1) {
		step = character(str_make(raw + i, len - i));
		if (n + (step ? step : 3) > max)
			break;
		memcpy(
		    out + n, step ? raw + i : "\xef\xbf\xbd", step ? step : 3);
		n += step ? step : 3;
	}
	return str_make(out, n);
}

static bool
is_token(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if ((s.data[i] < 'A' || s.data[i] > 'Z') && s.data[i] != '-' &&
		    s.data[i] != '_')
			return false;
	}
	return s.len > 0 && s.len <= 32;
}

/* "GET /path HTTP/1.1"; or "-", when the client said nothing. */
static bool
request(struct str text, struct arena *arena, struct accesslog_line *out)
{
	struct str rest = text, version;

	if (str_is(text, "-"))
		return true;
	if (!word(&rest, &out->method) || !is_token(out->method))
		return false;
	if (!word(&rest, &out->target))
		return false;
	version = rest;
	if (!str_starts(version, STR("HTTP/")) || version.len < 6 ||
	    version.len > 8 || str_find_char(version, ' ') >= 0)
		return false;
	out->target = clean(out->target, TEXT_MAX, arena);
	return str_find_char(out->target, ' ') < 0 &&
	       (str_starts(out->target, STR("/")) ||
		   str_istarts(out->target, STR("http://")) ||
		   str_istarts(out->target, STR("https://")) ||
		   str_is(out->target, "*") || str_is(out->method, "CONNECT"));
}

bool
accesslog_parse(struct str line, struct arena *arena,
    struct accesslog_line *out, struct error *err)
{
	struct str rest = line, ignored, text;
	ptrdiff_t at;
	int64_t number;

	memset(out, 0, sizeof(*out));
	if (line.len > ACCESSLOG_LINE_MAX)
		return reject(err, "the line is too long");
	for (size_t i = 0; i < line.len; i++) {
		if (is_control((unsigned char)line.data[i]) &&
		    line.data[i] != '\t')
			return reject(err, "a control character in the line");
	}
	if (!word(&rest, &out->ip) || !is_address(out->ip))
		return reject(err, "the line does not begin with an address");
	/* A user name may hold spaces, so the time is looked for. */
	if (!word(&rest, &ignored) || (at = str_find(rest, STR(" ["))) <= 0)
		return reject(err, "no [time] after the user's name");
	rest = str_from(rest, (size_t)at + 2);
	at = str_find_char(rest, ']');
	if (at < 0 || !instant(str_head(rest, (size_t)at), &out->time_ms))
		return reject(
		    err, "the time is not like [17/May/2015:10:05:03 +0000]");
	rest = str_from(rest, (size_t)at + 1);
	if (!str_starts(rest, STR(" \"")))
		return reject(err, "no \"request\" after the time");
	rest = str_from(rest, 1);
	if (!quoted(&rest, &text))
		return reject(err, "the request has no closing quote");
	if (!request(text, arena, out))
		return reject(err, "the request is none of HTTP");
	if (!str_starts(rest, STR(" ")))
		return reject(err, "no status after the request");
	rest = str_from(rest, 1);
	if (!word(&rest, &text) || text.len != 3 ||
	    !str_int(text, 100, 599, &number))
		return reject(
		    err, "the status is not a number from 100 to 599");
	out->status = (int)number;
	if (!word(&rest, &text) ||
	    (!str_is(text, "-") && !str_int(text, 0, INT64_MAX, &number)))
		return reject(err, "the size is neither a number nor -, or no "
				   "referrer follows it (combined format)");
	if (!quoted(&rest, &text))
		return reject(err, "the referrer is not in quotes");
	out->referrer = clean(text, TEXT_MAX, arena);
	if (!str_starts(rest, STR(" ")))
		return reject(err, "no user agent after the referrer");
	rest = str_from(rest, 1);
	if (!quoted(&rest, &text))
		return reject(err, "the user agent is not in quotes");
	if (rest.len != 0 && rest.data[0] != ' ')
		return reject(err, "text follows the user agent's quote");
	out->user_agent = clean(text, AGENT_MAX, arena);
	return true;
}

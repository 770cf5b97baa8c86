/*
 * events.c - a table says how each field is read; a row is read whole or
 * refused.
 */
#include "aggregator/cli/events.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "aggregator/cli/lines.h"
#include "aggregator/platforms/csv.h"
#include "common/address.h"
#include "common/calendar.h"
#include "common/clock.h"
#include "common/currency.h"
#include "common/digest.h"
#include "common/json.h"

#define TOLD_MAX 100 /* complaints; all are counted */
#define PROGRESS_MS 200
#define TIME_MAX (INT64_C(1) << 53)
#define VALUE_LIMIT (INT64_C(1000000000000) * 1000000) /* 10^12 in micros */
#define ROW_BYTES CSV_ROW_MAX

enum field_kind {
	LETTERS, /* consent of a record; an event's object is not applied */
	UNUSED,  /* known, but no number depends on it */
	TEXT,
	URL, /* as TEXT; what is too long is cut */
	ID,
	TYPE,
	TIME,
	VALUE,
	CURRENCY,
	HASH,
	EMAIL, /* hashed as the collector does; */
	PHONE
};

struct field {
	const char *name;
	enum field_kind kind;
	enum record_field to;
};

#define FIELD(name, kind)                                                      \
	{                                                                      \
#name, kind, RECORD_##name                                     \
	}
static const struct field fields[] = {
	FIELD(event_id, ID),
	FIELD(type, TYPE),
	FIELD(time, TIME),
	FIELD(site, TEXT),
	FIELD(visitor_id, TEXT),
	FIELD(session_id, TEXT),
	FIELD(user_id, TEXT),
	FIELD(url, URL),
	FIELD(referrer, URL),
	FIELD(user_agent, URL),
	FIELD(source, TEXT),
	FIELD(medium, TEXT),
	FIELD(campaign, TEXT),
	FIELD(term, TEXT),
	FIELD(content, TEXT),
	FIELD(click_id, TEXT),
	FIELD(name, TEXT),
	FIELD(goal, TEXT),
	FIELD(order_id, TEXT),
	FIELD(value, VALUE),
	FIELD(currency, CURRENCY),
	FIELD(refund_id, TEXT),
	FIELD(lane, TEXT),
	FIELD(purpose, TEXT),
	FIELD(received_at, TIME),
	FIELD(sent_at, TIME),
	FIELD(session_start, TIME),
	FIELD(title, URL),
	FIELD(ip, UNUSED),
	FIELD(language, UNUSED),
	FIELD(screen, UNUSED),
	FIELD(items, UNUSED),
	FIELD(new_customer, UNUSED),
	FIELD(email_sha256, HASH),
	FIELD(phone_sha256, HASH),
	{ "email", EMAIL, RECORD_email_sha256 },
	{ "phone", PHONE, RECORD_phone_sha256 },
	FIELD(experiment, UNUSED),
	FIELD(variant, UNUSED),
	FIELD(consent, LETTERS),
	FIELD(props, UNUSED),
	FIELD(v, UNUSED),
	FIELD(spool_id, UNUSED),
	FIELD(seq, UNUSED),
	FIELD(floor, UNUSED),
};
#define FIELDS ((int)(sizeof(fields) / sizeof(fields[0])))
_Static_assert(sizeof(fields) / sizeof(fields[0]) <= 64, "one bit a field");

struct events {
	struct lines *lines;
	struct csv *csv;      /* NULL: JSON a line */
	struct error failure; /* of the lines below the csv */
	const char *name;
	struct str default_site;
	int of[CSV_FIELDS_MAX]; /* field of each column, -1: not ours */
	size_t width;
	int64_t line, rows, refused;
	struct arena *arena; /* of a row */
	bool terminal;
	int64_t shown_ms;
};

/* --- telling -------------------------------------------------------------- */

static void
clear_progress(struct events *e)
{
	if (e->shown_ms != 0)
		fprintf(stderr, "\r\033[K");
}

static void
progress(struct events *e)
{
	int64_t now;
	int percent;

	if (!e->terminal || e->rows % 4096 != 0)
		return;
	now = clock_mono_ms();
	if (now - e->shown_ms < PROGRESS_MS)
		return;
	e->shown_ms = now;
	percent = lines_percent(e->lines);
	fprintf(stderr, "\r\033[K%s: %lld events", e->name, (long long)e->rows);
	if (percent >= 0)
		fprintf(stderr, ", %d %%", percent);
}

void
events_refuse(struct events *e, const char *what)
{
	clear_progress(e);
	if (++e->refused <= TOLD_MAX)
		fprintf(
		    stderr, "%s:%lld: %s\n", e->name, (long long)e->line, what);
	if (e->refused == TOLD_MAX)
		fprintf(
		    stderr, "%s: further rows are refused silently\n", e->name);
}

/* --- one field ------------------------------------------------------------ */

static bool
is_id(struct str s)
{
	if (s.len == 0 || s.len > 64)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.data[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c >= '0' && c <= '9') || c == '_' || c == '.' ||
			c == ':' || c == '-'))
			return false;
	}
	return true;
}

static bool
is_type(struct str s)
{
	static const char *const types[] = { "page", "event", "conversion",
		"refund", "identify", "exposure", "consent" };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (str_is(s, types[i]))
			return true;
	}
	return false;
}

/* The first MAX bytes of S, a parameter or a character never torn. */
static struct str
cut(struct str s, size_t max)
{
	size_t at = max;

	if (s.len <= max)
		return s;
	while (at > 0 && ((unsigned char)s.data[at] & 0xc0) == 0x80)
		at--;
	s.len = at;
	while (at > 0 && s.data[at - 1] != '&' && s.data[at - 1] != '?')
		at--;
	return at > 0 ? str_head(s, at - 1) : s;
}

static bool
read_value(struct str s, struct error *err)
{
	int64_t micros;

	if (s.len > record_fields[RECORD_value].max || !str_micros(s, &micros))
		return error_set(err, ERROR_REJECT,
		    "value: must be a decimal with at most six places");
	if (s.data[0] == '-')
		return error_set(
		    err, ERROR_REJECT, "value: must not be negative");
	if (micros >= VALUE_LIMIT)
		return error_set(
		    err, ERROR_REJECT, "value: must be below 10^12");
	return true;
}

static bool
read_currency(struct events *e, struct str *s, struct error *err)
{
	char *upper = arena_alloc(e->arena, 3);

	if (!currency_code(*s, upper))
		return error_set(err, ERROR_REJECT,
		    "currency: must be three letters of ISO 4217");
	s->data = upper;
	return true;
}

/* One letter a purpose, as record.h has it. */
static bool
is_consent(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] != 'g' && s.data[i] != 'd' && s.data[i] != 'u')
			return false;
	}
	return s.len == record_fields[RECORD_consent].max;
}

/* S, which is not empty, as field F of R. */
static bool
read_field(struct events *e, const struct field *f, struct str s,
    struct record *r, struct error *err)
{
	void *to = (char *)r + record_fields[f->to].offset;
	size_t max = record_fields[f->to].max;
	uint8_t bytes[SHA256_BYTES];
	char *hex;

	switch (f->kind) {
	case UNUSED:
		return true;
	case TEXT:
		if (s.len > max)
			return error_set(err, ERROR_REJECT,
			    "%s: longer than %zu bytes", f->name, max);
		break;
	case URL:
		s = cut(s, max);
		break;
	case LETTERS:
		if (!is_consent(s))
			return true;
		break;
	case ID:
		if (!is_id(s))
			return error_set(err, ERROR_REJECT,
			    "%s: must be 1 to 64 characters of "
			    "A-Za-z0-9_.:-",
			    f->name);
		break;
	case TYPE:
		if (!is_type(s))
			return error_set(err, ERROR_REJECT,
			    "type: must be page, event, conversion, refund, "
			    "identify, exposure or consent");
		break;
	case TIME:
		if (str_int(s, 0, TIME_MAX, to) ||
		    (calendar_parse_instant(s, to) && *(int64_t *)to >= 0))
			return true;
		return error_set(err, ERROR_REJECT,
		    "%s: must be ms since 1970 or RFC 3339", f->name);
	case VALUE:
		s = str_trim(s);
		if (!read_value(s, err))
			return false;
		break;
	case HASH:
		if (!digest_unhex(s, bytes, sizeof(bytes)))
			return error_set(err, ERROR_REJECT,
			    "%s: must be 64 hex digits", f->name);
		hex = arena_alloc(e->arena, 2 * SHA256_BYTES + 1);
		digest_hex(bytes, sizeof(bytes), hex);
		s = str_make(hex, 2 * SHA256_BYTES);
		break;
	case EMAIL:
		if (!address_email(s, e->arena, &s))
			return error_set(err, ERROR_REJECT,
			    "email: must be an address such as a@b.example");
		s = address_hash(s, e->arena);
		break;
	case PHONE:
		if (!address_phone(s, e->arena, &s))
			return error_set(err, ERROR_REJECT,
			    "phone: must be digits with country code, such as "
			    "+16505551212");
		s = address_hash(s, e->arena);
		break;
	case CURRENCY:
		if (!read_currency(e, &s, err))
			return false;
		break;
	}
	*(struct str *)to = s;
	return true;
}

static bool
is_lane(struct str s)
{
	return str_is(s, "server") || str_is(s, "import") ||
	       str_is(s, "browser") || str_is(s, "pixel") ||
	       str_is(s, "redirect");
}

/* What a row leaves out, and what it may not. */
static bool
complete(struct events *e, struct record *r, struct error *err)
{
	int64_t micros;

	if (r->lane.len > 0 && !is_lane(r->lane))
		return error_set(err, ERROR_REJECT,
		    "lane: must be browser, pixel, redirect, server or "
		    "import");
	if (r->time == 0 && r->received_at == 0)
		return error_set(err, ERROR_REJECT, "time: is missing");
	if (r->lane.len == 0)
		r->lane = STR("server");
	if (r->received_at == 0)
		r->received_at = r->time;
	if (r->type.len == 0)
		r->type = STR("page");
	if (r->site.len == 0)
		r->site = e->default_site;
	if (r->event_id.len == 0)
		r->event_id =
		    arena_printf(e->arena, "line:%lld", (long long)e->line);
	if (str_is(r->type, "event") && r->name.len == 0)
		return error_set(
		    err, ERROR_REJECT, "name: is needed in an event");
	if (!str_is(r->type, "refund"))
		return true;
	if (r->order_id.len == 0)
		return error_set(
		    err, ERROR_REJECT, "order_id: is needed in a refund");
	if (!str_micros(r->value, &micros) || micros == 0)
		return error_set(
		    err, ERROR_REJECT, "value: must be positive in a refund");
	return true;
}

/* --- rows of CSV ---------------------------------------------------------- */

static ssize_t
read_lines(void *ctx, char *out, size_t room)
{
	struct events *e = ctx;

	return lines_read(e->lines, out, room, &e->failure);
}

static int
find_field(struct str name)
{
	for (int i = 0; i < FIELDS; i++) {
		if (str_is(name, fields[i].name))
			return i;
	}
	return -1;
}

static bool
read_head(struct events *e)
{
	struct csv_row row;
	struct error err;
	uint64_t seen = 0;

	switch (csv_next(e->csv, &row, &err)) {
	case CSV_ROW:
		break;
	case CSV_END:
		fprintf(stderr, "%s: empty\n", e->name);
		return false;
	default:
		fprintf(stderr, "%s:%lld: %s\n", e->name, (long long)row.line,
		    e->failure.text[0] ? e->failure.text : err.text);
		return false;
	}
	e->width = row.count;
	for (size_t i = 0; i < row.count; i++) {
		int f = find_field(str_trim(row.field[i]));

		e->of[i] = f;
		if (f < 0) {
			fprintf(stderr, "%s:%lld: column %zu is not used\n",
			    e->name, (long long)row.line, i + 1);
			continue;
		}
		if (seen >> f & 1) {
			fprintf(stderr, "%s:%lld: %s: stands twice\n", e->name,
			    (long long)row.line, fields[f].name);
			return false;
		}
		seen |= UINT64_C(1) << f;
	}
	if (seen >> find_field(STR("time")) & 1 ||
	    seen >> find_field(STR("received_at")) & 1)
		return true;
	fprintf(stderr, "%s:%lld: time: column is missing\n", e->name,
	    (long long)row.line);
	return false;
}

static bool
read_row(struct events *e, const struct csv_row *row, struct record *r,
    struct error *err)
{
	if (row->count != e->width)
		return error_set(err, ERROR_REJECT,
		    "%zu fields where the head has %zu", row->count, e->width);
	for (size_t i = 0; i < row->count; i++) {
		if (e->of[i] >= 0 && row->field[i].len > 0 &&
		    !read_field(e, &fields[e->of[i]], row->field[i], r, err))
			return false;
	}
	return true;
}

static enum events_step
next_csv(struct events *e, struct record *r, bool *good, struct error *err)
{
	struct csv_row row;

	switch (csv_next(e->csv, &row, err)) {
	case CSV_END:
		return EVENTS_END;
	case CSV_FAILED:
		*err = e->failure;
		return EVENTS_FAILED;
	case CSV_BAD:
		e->line = row.line;
		*good = false;
		return EVENTS_NEXT;
	case CSV_ROW:
		break;
	}
	e->line = row.line;
	*good = read_row(e, &row, r, err);
	return EVENTS_NEXT;
}

/* --- lines of JSON -------------------------------------------------------- */

static bool
read_member(struct events *e, struct str key, enum json_type type,
    struct str value, uint64_t *seen, struct record *r, struct error *err)
{
	int f = find_field(key);

	if (f < 0 || fields[f].kind == UNUSED)
		return true;
	if (*seen >> f & 1)
		return error_set(
		    err, ERROR_REJECT, "%s: stands twice", fields[f].name);
	*seen |= UINT64_C(1) << f;
	if (type == JSON_NULL || value.len == 0)
		return true; /* as good as absent */
	if (fields[f].kind == LETTERS && type != JSON_STRING)
		return true;
	if (type != JSON_STRING && type != JSON_NUMBER)
		return error_set(
		    err, ERROR_REJECT, "%s: must be a string", fields[f].name);
	return read_field(e, &fields[f], value, r, err);
}

/* Members that nest (items, props, consent) need the tree. */
static bool
read_tree(
    struct events *e, struct str line, struct record *r, struct error *err)
{
	const struct json *tree = json_read(e->arena, line, err);
	uint64_t seen = 0;

	if (tree == NULL)
		return false;
	if (tree->type != JSON_OBJECT)
		return error_set(err, ERROR_REJECT, "an event is an object");
	*r = (struct record){ 0 };
	for (const struct json *m = tree->child; m != NULL; m = m->next) {
		struct str value = m->child != NULL || m->type == JSON_TRUE ||
					   m->type == JSON_FALSE ||
					   m->type == JSON_OBJECT ||
					   m->type == JSON_ARRAY
				       ? m->raw
				       : m->text;

		if (!read_member(e, m->key, m->type, value, &seen, r, err))
			return false;
	}
	return true;
}

static bool
read_line(
    struct events *e, struct str line, struct record *r, struct error *err)
{
	struct json_flat flat = json_flat_start(line, e->arena);
	struct str key, value;
	enum json_type type;
	uint64_t seen = 0;

	while (json_flat_next(&flat, &key, &type, &value, err)) {
		if (!read_member(e, key, type, value, &seen, r, err))
			return false;
	}
	return flat.ended || read_tree(e, line, r, err);
}

static enum events_step
next_json(struct events *e, struct record *r, bool *good, struct error *err)
{
	struct str line;
	enum lines_step step = lines_next_text(e->lines, ROW_BYTES, &line, err);

	if (step == LINES_END)
		return EVENTS_END;
	if (step == LINES_FAILED)
		return EVENTS_FAILED;
	e->line = (int64_t)lines_number(e->lines);
	*good = step == LINES_LONG
		    ? error_set(err, ERROR_REJECT, "longer than 1 MiB")
		    : read_line(e, line, r, err);
	return EVENTS_NEXT;
}

/* --- the file ------------------------------------------------------------- */

struct events *
events_open(const char *file, struct str default_site)
{
	struct events *e;
	struct error err;
	struct lines *lines = lines_open(file, &err);
	int first;

	if (lines == NULL) {
		fprintf(stderr, "afterclick: %s\n", err.text);
		return NULL;
	}
	e = mem_zero(1, sizeof(*e));
	e->lines = lines;
	e->name = strcmp(file, "-") == 0 ? "stdin" : file;
	e->default_site = default_site;
	e->arena = arena_new(65536);
	e->terminal = isatty(STDERR_FILENO);
	err.text[0] = '\0';
	first = lines_peek(lines, &err);
	if (first < 0) {
		fprintf(stderr, "%s: %s\n", e->name,
		    err.text[0] ? err.text : "empty");
		events_close(e);
		return NULL;
	}
	if (first == '{')
		return e;
	e->csv = csv_new(read_lines, e);
	if (!read_head(e)) {
		events_close(e);
		return NULL;
	}
	return e;
}

void
events_close(struct events *e)
{
	if (e == NULL)
		return;
	clear_progress(e);
	csv_free(e->csv);
	lines_close(e->lines);
	arena_free(e->arena);
	free(e);
}

enum events_step
events_next(struct events *e, struct record *record)
{
	enum events_step step;
	struct error err;
	bool good;

	for (;;) {
		arena_reset(e->arena);
		*record = (struct record){ .v = RECORD_VERSION };
		step = e->csv != NULL ? next_csv(e, record, &good, &err)
				      : next_json(e, record, &good, &err);
		if (step == EVENTS_FAILED) {
			clear_progress(e);
			fprintf(stderr, "%s: %s\n", e->name, err.text);
		}
		if (step != EVENTS_NEXT)
			return step;
		e->rows++;
		progress(e);
		if (good && complete(e, record, &err))
			return EVENTS_NEXT;
		events_refuse(e, err.text);
	}
}

int64_t
events_rows(const struct events *e)
{
	return e->rows;
}

int64_t
events_refused(const struct events *e)
{
	return e->refused;
}

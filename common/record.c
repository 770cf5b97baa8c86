/*
 * record.c - records to JSON and back, by the one field table.
 *
 * A decoded record is one that record_encode() could have written: each
 * field at most once, of its type, within its limit.
 */
#include "common/record.h"

#include <assert.h>
#include <inttypes.h>

#include "common/json.h"

#define INT_MAX_EXACT (INT64_C(1) << 53)

#define IS_TEXT_TEXT true
#define IS_TEXT_INT false
#define FIELD_INFO(field, kind, limit, text)                                   \
	{ #field, IS_TEXT_##kind, limit, offsetof(struct record, field), text },
const struct record_field_info record_fields[RECORD_FIELD_COUNT] = {
	RECORD_FIELDS(FIELD_INFO)
};

/* The names as they are compared and as they are written. */
#define FIELD_NAME(field, kind, limit, text) { #field, sizeof(#field) - 1 },
static const struct str names[] = { RECORD_FIELDS(FIELD_NAME) };
#define FIELD_KEY(field, kind, limit, text)                                    \
	{ ",\"" #field "\":", sizeof(",\"" #field "\":") - 1 },
static const struct str keys[] = { RECORD_FIELDS(FIELD_KEY) };

_Static_assert(RECORD_FIELD_COUNT <= 64, "record_decode's set of fields");

static struct str *
text_of(const struct record *r, const struct record_field_info *field)
{
	return (struct str *)((char *)(uintptr_t)r + field->offset);
}

static int64_t *
int_of(const struct record *r, const struct record_field_info *field)
{
	return (int64_t *)((char *)(uintptr_t)r + field->offset);
}

/*
 * The field called NAME, or -1. Looks from START on first: fields come in
 * the table's order, so a whole record costs one walk through the table.
 */
static int
find_from(struct str name, int start)
{
	for (int i = start; i < RECORD_FIELD_COUNT; i++) {
		if (str_eq(names[i], name))
			return i;
	}
	for (int i = 0; i < start; i++) {
		if (str_eq(names[i], name))
			return i;
	}
	return -1;
}

int
record_find(struct str name)
{
	return find_from(name, 0);
}

static bool
encode_text(const struct record_field_info *field, struct str text,
    struct json_writer *w, struct error *err)
{
	/* Bad bytes grow threefold: look closer only where that matters. */
	if (text.len > field->max ||
	    (text.len * 3 > field->max && json_text_bytes(text) > field->max))
		return error_set(err, ERROR_REJECT,
		    "record: %s is longer than %zu bytes", field->name,
		    field->max);
	json_string(w, text);
	return true;
}

bool
record_encode(const struct record *r, struct buf *out, struct error *err)
{
	size_t start = out->len;
	struct json_writer w = json_write(out);

	buf_reserve(out, 1024);
	buf_add_str(out, STR("{\"v\":"));
	buf_add_int(out, RECORD_VERSION);
	for (int i = RECORD_v + 1; i < RECORD_spool_id; i++) {
		const struct record_field_info *field = &record_fields[i];

		w.comma = false;
		if (field->is_text) {
			struct str text = *text_of(r, field);

			if (text.len == 0)
				continue;
			buf_add_str(out, keys[i]);
			if (!encode_text(field, text, &w, err))
				goto undo;
		} else {
			int64_t value = *int_of(r, field);

			if (value == 0)
				continue;
			if (value < 0 || value > INT_MAX_EXACT) {
				error_set(err, ERROR_REJECT,
				    "record: %s is out of range", field->name);
				goto undo;
			}
			buf_add_str(out, keys[i]);
			buf_add_int(out, value);
		}
	}
	buf_add_char(out, '}');
	if (out->len - start > RECORD_MAX_BYTES - RECORD_SEAL_BYTES) {
		error_set(err, ERROR_REJECT,
		    "record: more than %d bytes when written",
		    RECORD_MAX_BYTES);
		goto undo;
	}
	return true;
undo:
	out->len = start;
	return false;
}

_Static_assert(RECORD_spool_id + 3 == RECORD_FIELD_COUNT,
    "record_encode stops where record_seal goes on");

void
record_seal(struct buf *out, struct str json, uint64_t spool_id, uint64_t seq,
    uint64_t floor)
{
	static const char hex[] = "0123456789abcdef";
	char id[16];

	assert(json.len > 2 && json.data[json.len - 1] == '}');
	assert(seq <= INT_MAX_EXACT && floor <= INT_MAX_EXACT);
	for (int i = 15; i >= 0; i--, spool_id >>= 4)
		id[i] = hex[spool_id & 15];
	buf_reserve(out, json.len + RECORD_SEAL_BYTES);
	buf_add(out, json.data, json.len - 1);
	buf_add_str(out, keys[RECORD_spool_id]);
	buf_add_char(out, '"');
	buf_add(out, id, sizeof(id));
	buf_add_char(out, '"');
	buf_add_str(out, keys[RECORD_seq]);
	buf_add_int(out, (int64_t)seq);
	buf_add_str(out, keys[RECORD_floor]);
	buf_add_int(out, (int64_t)floor);
	buf_add_char(out, '}');
}

static bool
decode_field(struct record *r, const struct record_field_info *field,
    enum json_type type, struct str value, struct error *err)
{
	if (field->is_text) {
		if (type != JSON_STRING)
			return error_set(err, ERROR_REJECT,
			    "record: %s is no string", field->name);
		if (value.len > field->max)
			return error_set(err, ERROR_REJECT,
			    "record: %s is longer than %zu bytes", field->name,
			    field->max);
		*text_of(r, field) = value;
		return true;
	}
	if (type != JSON_NUMBER ||
	    !str_int(value, 0, INT_MAX_EXACT, int_of(r, field)))
		return error_set(err, ERROR_REJECT,
		    "record: %s is no whole number from 0 to 2^53",
		    field->name);
	/* Before the other fields: they may have another meaning then. */
	if (field == &record_fields[RECORD_v] && r->v != RECORD_VERSION)
		return error_set(err, ERROR_REJECT,
		    "record: version %" PRId64 ", we read %d", r->v,
		    RECORD_VERSION);
	return true;
}

/*
 * The next member of FLAT: its field into *FIELD, or -1. We write fields in
 * the table's order, so nearly always it is one from NEXT on, written as we
 * write it.
 */
static bool
next_field(struct json_flat *flat, int next, int *field, enum json_type *type,
    struct str *value, struct error *err)
{
	const char *at = flat->rest.data;
	struct str key;
	bool ok;

	for (int i = next; flat->rest.len > 3 && i < RECORD_FIELD_COUNT; i++) {
		if (keys[i].data[2] == at[2] && keys[i].data[3] == at[3] &&
		    json_flat_guess(flat, keys[i], type, value, &ok, err)) {
			*field = i;
			return ok;
		}
	}
	if (!json_flat_next(flat, &key, type, value, err))
		return false;
	*field = find_from(key, next);
	return true;
}

bool
record_decode(
    struct record *r, struct str json, struct arena *arena, struct error *err)
{
	struct json_flat flat = json_flat_start(json, arena);
	struct str value;
	enum json_type type;
	uint64_t seen = 0;
	int i, next = 0;

	*r = (struct record){ 0 };
	while (next_field(&flat, next, &i, &type, &value, err)) {
		if (i < 0)
			continue;
		if (seen >> i & 1)
			return error_set(err, ERROR_REJECT,
			    "record: %s is there twice", record_fields[i].name);
		seen |= UINT64_C(1) << i;
		if (!decode_field(r, &record_fields[i], type, value, err))
			return false;
		next = i + 1;
	}
	if (!flat.ended)
		return error_wrap(err, "record");
	if (r->v == 0)
		return error_set(
		    err, ERROR_REJECT, "record: without a version");
	return true;
}

struct str
record_key(const struct record *r)
{
	if (r->visitor_id.len > 0)
		return r->visitor_id;
	if (r->user_id.len > 0)
		return r->user_id;
	return r->order_id.len > 0 ? r->order_id : r->event_id;
}

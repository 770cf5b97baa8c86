/*
 * json.h - strict bounded JSON (RFC 8259): a reader into a tree, a scanner
 * for flat objects, and a writer.
 *
 * Refused: depth over JSON_DEPTH_MAX, duplicate keys, malformed UTF-8,
 * unpaired surrogates, \u0000, a byte order mark, anything behind the value.
 * Numbers keep their text, so none is too big. Errors name the byte, from 0.
 */
#ifndef COMMON_JSON_H
#define COMMON_JSON_H

#include "common/arena.h"
#include "common/error.h"
#include "common/str.h"

#define JSON_DEPTH_MAX 32

enum json_type {
	JSON_NULL,
	JSON_FALSE,
	JSON_TRUE,
	JSON_NUMBER, /* text holds the number as written */
	JSON_STRING, /* text holds the unescaped string */
	JSON_ARRAY,
	JSON_OBJECT
};

struct json {
	enum json_type type;
	struct str text;    /* of a number or string; else empty */
	struct str key;     /* unescaped; of an object's member */
	struct str raw;     /* the value's own bytes in the input */
	struct json *child; /* first member or element */
	struct json *next;  /* following sibling */
	size_t count;       /* members or elements */
};

/*
 * Reads all of TEXT. The tree lives in ARENA and borrows from TEXT. NULL and
 * ERR (ERROR_REJECT) when TEXT is not exactly one acceptable value.
 */
struct json *json_read(
    struct arena *arena, struct str text, struct error *err) MUST_CHECK;

/* The member called KEY of OBJECT; NULL when absent or no object. */
const struct json *json_find(const struct json *object, const char *key);

/*
 * The flat scanner, for the hot path: walks one object whose values are
 * strings and numbers (also true, false, null) and nothing nested.
 */
struct json_flat {
	struct str rest;
	struct arena *arena; /* unescaped strings go here when they differ */
	bool started;
	bool ended;       /* the object was read whole and well */
	const char *base; /* where the text began: errors count from here */
};
struct json_flat json_flat_start(struct str object, struct arena *arena);
/*
 * The next member into KEY, TYPE and VALUE (a string's text unescaped, a
 * number's as written; borrowed from the input where nothing was escaped).
 * False at the end (f->ended true) or with ERR set. Duplicate keys are the
 * caller's to notice.
 */
bool json_flat_next(struct json_flat *f, struct str *key, enum json_type *type,
    struct str *value, struct error *err);
/*
 * Whether the next member is written just so up to its value: WRITTEN is
 * `,"key":` with nothing that would have to be escaped. Then its value is
 * read as json_flat_next() would, *OK says how; else nothing has moved.
 */
bool json_flat_guess(struct json_flat *f, struct str written,
    enum json_type *type, struct str *value, bool *ok, struct error *err);

/*
 * The writer: appends to OUT; commas and colons come by themselves. Text
 * that is not UTF-8 is written with U+FFFD in place of each bad byte and of
 * each NUL, so what we write is what json_read() takes.
 * `<`, U+2028 and U+2029 are escaped, so the result may stand inside HTML.
 */
struct json_writer {
	struct buf *out;
	bool comma;
};
struct json_writer json_write(struct buf *out);
void json_begin_object(struct json_writer *w);
void json_end_object(struct json_writer *w);
void json_begin_array(struct json_writer *w);
void json_end_array(struct json_writer *w);
void json_key(struct json_writer *w, struct str key);
void json_string(struct json_writer *w, struct str value);
void json_int(struct json_writer *w, int64_t value);
void json_micros(struct json_writer *w, int64_t micros); /* 12.5 */
void json_bool(struct json_writer *w, bool value);
void json_null(struct json_writer *w);
/* VALUE as it is: the caller knows that it is JSON. */
void json_raw(struct json_writer *w, struct str value);
/* How long VALUE is once written and read again: bad bytes become three. */
size_t json_text_bytes(struct str value);

#endif

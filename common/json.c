/*
 * json.c - JSON in and out.
 *
 * The reader and the flat scanner share their strings and numbers, so what
 * one refuses the other refuses too. A string without escapes is lent from
 * the input; only bytes over 0x7f cost a look at UTF-8.
 */
#include "common/json.h"

#include <stdlib.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* A place in the text that is being read. */
struct cursor {
	const char *p, *end, *base;
	struct arena *arena;
	struct error *err;
};

static bool
refuse(const struct cursor *c, const char *what)
{
	return error_set(
	    c->err, ERROR_REJECT, "json: byte %td: %s", c->p - c->base, what);
}

static inline const char *
skip_space(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
		p++;
	return p;
}

/*
 * The first quote, backslash or control character from P on, or END. HIGH is
 * set when a byte over 0x7f lies before it.
 */
static inline const char *
skip_plain(const char *p, const char *end, bool *high)
{
#ifdef __SSE2__
	const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\');
	const __m128i last_control = _mm_set1_epi8(0x1f);

	while (end - p >= 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
		__m128i stop =
		    _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, quote),
				     _mm_cmpeq_epi8(v, slash)),
			_mm_cmpeq_epi8(_mm_min_epu8(v, last_control), v));
		unsigned stops = (unsigned)_mm_movemask_epi8(stop);
		unsigned highs = (unsigned)_mm_movemask_epi8(v);

		if (stops != 0) {
			unsigned n = (unsigned)__builtin_ctz(stops);

			*high |= (highs & ((1U << n) - 1)) != 0;
			return p + n;
		}
		*high |= highs != 0;
		p += 16;
	}
#endif
	for (; p < end; p++) {
		unsigned char b = (unsigned char)*p;

		if (b == '"' || b == '\\' || b < 0x20)
			break;
		*high |= b >= 0x80;
	}
	return p;
}

/* Reads the four digits of an escape at c->p; -1 if they are none. */
static int32_t
read_hex4(const struct cursor *c, const char *p)
{
	int32_t unit = 0;

	if (c->end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char d = p[i];

		if (d >= '0' && d <= '9')
			unit = unit * 16 + (d - '0');
		else if (d >= 'a' && d <= 'f')
			unit = unit * 16 + (d - 'a' + 10);
		else if (d >= 'A' && d <= 'F')
			unit = unit * 16 + (d - 'A' + 10);
		else
			return -1;
	}
	return unit;
}

static char *
put_utf8(char *out, uint32_t code)
{
	if (code < 0x80) {
		*out++ = (char)code;
	} else if (code < 0x800) {
		*out++ = (char)(0xc0 | code >> 6);
		*out++ = (char)(0x80 | (code & 0x3f));
	} else if (code < 0x10000) {
		*out++ = (char)(0xe0 | code >> 12);
		*out++ = (char)(0x80 | (code >> 6 & 0x3f));
		*out++ = (char)(0x80 | (code & 0x3f));
	} else {
		*out++ = (char)(0xf0 | code >> 18);
		*out++ = (char)(0x80 | (code >> 12 & 0x3f));
		*out++ = (char)(0x80 | (code >> 6 & 0x3f));
		*out++ = (char)(0x80 | (code & 0x3f));
	}
	return out;
}

/* Reads the uXXXX (or a pair of them) at c->p into *OUT. */
static bool
read_unicode(struct cursor *c, char **out)
{
	int32_t unit = read_hex4(c, c->p + 1), low;
	uint32_t code;

	if (unit < 0)
		return refuse(c, "\\u needs four hex digits");
	if (unit == 0)
		return refuse(c, "\\u0000 is not allowed");
	code = (uint32_t)unit;
	if (unit >= 0xdc00 && unit <= 0xdfff)
		return refuse(c, "second half of a surrogate pair alone");
	if (unit >= 0xd800 && unit <= 0xdbff) {
		low = -1;
		if (c->end - c->p >= 7 && c->p[5] == '\\' && c->p[6] == 'u')
			low = read_hex4(c, c->p + 7);
		if (low < 0xdc00 || low > 0xdfff)
			return refuse(
			    c, "first half of a surrogate pair alone");
		code = 0x10000 + ((code - 0xd800) << 10) +
		       ((uint32_t)low - 0xdc00);
		c->p += 6;
	}
	c->p += 5;
	*out = put_utf8(*out, code);
	return true;
}

static bool
read_escape(struct cursor *c, char **out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at;

	if (c->p == c->end)
		return refuse(c, "string without an end");
	if (*c->p == 'u')
		return read_unicode(c, out);
	at = *c->p == '\0' ? NULL : strchr(from, *c->p);
	if (at == NULL)
		return refuse(c, "unknown escape");
	*(*out)++ = to[at - from];
	c->p++;
	return true;
}

/*
 * Finishes a string that has escapes: BEGIN is behind its quote, c->p at the
 * first backslash. What it says is never longer than how it is written, so
 * one look for the closing quote bounds the copy.
 */
static bool
read_escaped(struct cursor *c, const char *begin, struct str *text, bool *high)
{
	const char *close = c->p;
	char *copy, *out;

	for (;;) {
		close = skip_plain(close, c->end, high);
		if (close == c->end || *close != '\\' || close + 1 == c->end)
			break;
		close += 2;
	}
	copy = arena_alloc(c->arena, (size_t)(close - begin) + 1);
	out = copy;
	for (;;) {
		memcpy(out, begin, (size_t)(c->p - begin));
		out += c->p - begin;
		if (c->p == c->end)
			return refuse(c, "string without an end");
		if (*c->p == '"')
			break;
		if (*c->p != '\\')
			return refuse(c, "control character in a string");
		c->p++;
		if (!read_escape(c, &out))
			return false;
		begin = c->p;
		c->p = skip_plain(c->p, c->end, high);
	}
	*text = str_make(copy, (size_t)(out - copy));
	return true;
}

/* Reads the string whose opening quote is at c->p. */
static inline bool
read_string(struct cursor *c, struct str *text)
{
	const char *begin = ++c->p;
	bool high = false;

	c->p = skip_plain(begin, c->end, &high);
	if (c->p == c->end)
		return refuse(c, "string without an end");
	if (*c->p == '"')
		*text = str_make(begin, (size_t)(c->p - begin));
	else if (*c->p != '\\')
		return refuse(c, "control character in a string");
	else if (!read_escaped(c, begin, text, &high))
		return false;
	if (high && !str_utf8(str_make(begin, (size_t)(c->p - begin)))) {
		c->p = begin;
		return refuse(c, "string is not UTF-8");
	}
	c->p++;
	return true;
}

static bool
skip_digits(struct cursor *c)
{
	const char *begin = c->p;

	while (c->p < c->end && *c->p >= '0' && *c->p <= '9')
		c->p++;
	return c->p > begin;
}

static bool
read_number(struct cursor *c, struct str *text)
{
	const char *begin = c->p;

	if (*c->p == '-')
		c->p++;
	if (c->p < c->end && *c->p == '0')
		c->p++;
	else if (!skip_digits(c))
		return refuse(c, "expected a digit");
	if (c->p < c->end && *c->p >= '0' && *c->p <= '9')
		return refuse(c, "number with a leading zero");
	if (c->p < c->end && *c->p == '.') {
		c->p++;
		if (!skip_digits(c))
			return refuse(c, "expected a digit");
	}
	if (c->p < c->end && (*c->p == 'e' || *c->p == 'E')) {
		c->p++;
		if (c->p < c->end && (*c->p == '+' || *c->p == '-'))
			c->p++;
		if (!skip_digits(c))
			return refuse(c, "expected a digit");
	}
	*text = str_make(begin, (size_t)(c->p - begin));
	return true;
}

static bool
read_word(struct cursor *c, enum json_type *type)
{
	static const struct {
		struct str word;
		enum json_type type;
	} words[] = { { { "null", 4 }, JSON_NULL },
		{ { "true", 4 }, JSON_TRUE }, { { "false", 5 }, JSON_FALSE } };
	struct str rest = str_make(c->p, (size_t)(c->end - c->p));

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (str_starts(rest, words[i].word)) {
			*type = words[i].type;
			c->p += words[i].word.len;
			return true;
		}
	}
	if (str_starts(rest, STR("\xef\xbb\xbf")))
		return refuse(c, "byte order mark");
	return refuse(c, "expected a value");
}

/* Reads the string, number or word at c->p. */
static inline bool
read_scalar(struct cursor *c, enum json_type *type, struct str *text)
{
	if (c->p == c->end)
		return refuse(c, "expected a value");
	if (*c->p == '"') {
		*type = JSON_STRING;
		return read_string(c, text);
	}
	if (*c->p == '-' || (*c->p >= '0' && *c->p <= '9')) {
		*type = JSON_NUMBER;
		return read_number(c, text);
	}
	*text = STR_EMPTY;
	return read_word(c, type);
}

/* Reads `"key" :` and the space behind it. */
static bool
read_key(struct cursor *c, struct str *key)
{
	if (c->p == c->end || *c->p != '"')
		return refuse(c, "expected a key");
	if (!read_string(c, key))
		return false;
	c->p = skip_space(c->p, c->end);
	if (c->p == c->end || *c->p != ':')
		return refuse(c, "expected ':'");
	c->p = skip_space(c->p + 1, c->end);
	return true;
}

static int
by_key(const void *left, const void *right)
{
	const struct json *a = *(struct json *const *)left;
	const struct json *b = *(struct json *const *)right;
	int order = str_cmp(a->key, b->key);

	if (order != 0)
		return order;
	return a->raw.data < b->raw.data ? -1 : 1;
}

/*
 * The place of the first member of OBJECT whose key came before, or NULL.
 * Small objects pair by pair; large ones sorted, since a stranger who may
 * send ten thousand members must not cost us fifty million comparisons.
 */
static const char *
find_duplicate(struct arena *arena, const struct json *object)
{
	const struct json **sorted;
	const char *first = NULL;
	size_t n = 0;

	if (object->count <= 16) {
		for (const struct json *a = object->child; a; a = a->next) {
			for (const struct json *b = object->child; b != a;
			     b = b->next) {
				if (str_eq(a->key, b->key))
					return a->raw.data;
			}
		}
		return NULL;
	}
	sorted = arena_zero(arena, object->count, sizeof(const struct json *));
	for (const struct json *m = object->child; m; m = m->next)
		sorted[n++] = m;
	qsort(sorted, n, sizeof(const struct json *), by_key);
	for (size_t i = 1; i < n; i++) {
		const char *at = sorted[i]->raw.data;

		if (str_eq(sorted[i - 1]->key, sorted[i]->key) &&
		    (first == NULL || at < first))
			first = at;
	}
	return first;
}

static bool read_value(struct cursor *c, struct json *value, int depth);

/* Reads the members or elements up to the closing bracket. */
static bool
read_children(struct cursor *c, struct json *parent, int depth)
{
	bool object = parent->type == JSON_OBJECT;
	char close = object ? '}' : ']';
	struct json **tail = &parent->child;

	if (depth > JSON_DEPTH_MAX)
		return refuse(c, "nested too deep");
	c->p = skip_space(c->p + 1, c->end);
	if (c->p < c->end && *c->p == close) {
		c->p++;
		return true;
	}
	for (;;) {
		struct json *child = arena_zero(c->arena, 1, sizeof(*child));

		if (object && !read_key(c, &child->key))
			return false;
		if (!read_value(c, child, depth))
			return false;
		*tail = child;
		tail = &child->next;
		parent->count++;
		c->p = skip_space(c->p, c->end);
		if (c->p < c->end && *c->p == close)
			break;
		if (c->p == c->end || *c->p != ',')
			return refuse(c, object ? "expected ',' or '}'"
						: "expected ',' or ']'");
		c->p = skip_space(c->p + 1, c->end);
	}
	c->p++;
	return true;
}

static bool
read_value(struct cursor *c, struct json *value, int depth)
{
	const char *begin = c->p, *twice;

	if (c->p < c->end && (*c->p == '{' || *c->p == '[')) {
		value->type = *c->p == '{' ? JSON_OBJECT : JSON_ARRAY;
		if (!read_children(c, value, depth + 1))
			return false;
		if (value->type == JSON_OBJECT &&
		    (twice = find_duplicate(c->arena, value)) != NULL) {
			c->p = twice;
			return refuse(c, "key that came before");
		}
	} else if (!read_scalar(c, &value->type, &value->text)) {
		return false;
	}
	value->raw = str_make(begin, (size_t)(c->p - begin));
	return true;
}

struct json *
json_read(struct arena *arena, struct str text, struct error *err)
{
	const char *begin = text.data ? text.data : "";
	struct cursor c = { begin, begin + text.len, begin, arena, err };
	struct json *root = arena_zero(arena, 1, sizeof(*root));

	c.p = skip_space(c.p, c.end);
	if (!read_value(&c, root, 0))
		return NULL;
	c.p = skip_space(c.p, c.end);
	if (c.p != c.end) {
		(void)refuse(&c, "something behind the value");
		return NULL;
	}
	return root;
}

const struct json *
json_find(const struct json *object, const char *key)
{
	struct str wanted = str_of(key);

	if (object == NULL || object->type != JSON_OBJECT)
		return NULL;
	for (const struct json *m = object->child; m; m = m->next) {
		if (str_eq(m->key, wanted))
			return m;
	}
	return NULL;
}

struct json_flat
json_flat_start(struct str object, struct arena *arena)
{
	if (object.data == NULL)
		object = STR("");
	return (struct json_flat){
		.rest = object, .arena = arena, .base = object.data
	};
}

/* Moves behind the closing '}' at c->p; nothing may follow. */
static bool
flat_end(struct json_flat *f, struct cursor *c)
{
	c->p = skip_space(c->p + 1, c->end);
	if (c->p != c->end)
		return refuse(c, "something behind the value");
	f->rest = str_make(c->end, 0);
	f->ended = true;
	return false;
}

/* Reads the value at c->p, and leaves F behind it. */
static inline bool
flat_value(struct json_flat *f, struct cursor *c, enum json_type *type,
    struct str *value)
{
	if (c->p < c->end && (*c->p == '{' || *c->p == '['))
		return refuse(c, "nested value in a flat object");
	if (!read_scalar(c, type, value))
		return false;
	f->started = true;
	f->rest = str_make(c->p, (size_t)(c->end - c->p));
	return true;
}

bool
json_flat_next(struct json_flat *f, struct str *key, enum json_type *type,
    struct str *value, struct error *err)
{
	struct cursor c = { f->rest.data, f->rest.data + f->rest.len, f->base,
		f->arena, err };

	if (f->ended)
		return false;
	c.p = skip_space(c.p, c.end);
	if (c.p == c.end || *c.p != (f->started ? ',' : '{')) {
		if (f->started && c.p < c.end && *c.p == '}')
			return flat_end(f, &c);
		return refuse(
		    &c, f->started ? "expected ',' or '}'" : "expected '{'");
	}
	c.p = skip_space(c.p + 1, c.end);
	if (!f->started && c.p < c.end && *c.p == '}')
		return flat_end(f, &c);
	return read_key(&c, key) && flat_value(f, &c, type, value);
}

bool
json_flat_guess(struct json_flat *f, struct str written, enum json_type *type,
    struct str *value, bool *ok, struct error *err)
{
	struct cursor c = { f->rest.data, f->rest.data + f->rest.len, f->base,
		f->arena, err };

	if (!f->started || !str_starts(f->rest, written))
		return false;
	c.p = skip_space(c.p + written.len, c.end);
	*ok = flat_value(f, &c, type, value);
	return true;
}

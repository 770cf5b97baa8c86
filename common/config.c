/*
 * config.c - a YAML tree read into structs, as tables say.
 *
 * Nothing stops at the first problem: each is noted with its place, and all
 * are told at the end in the order in which they stand in the file.
 */
#include "common/config.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/config_value.h"
#include "common/yaml.h"

#define PROBLEMS_MAX 200 /* told; the others are counted */
#define GUESS_BYTES 40   /* longer keys get no suggestion */

struct problem {
	unsigned line, col;
	size_t order;
	struct str text;
};

struct reader {
	const char *name, *dir;
	struct arena *arena;
	struct problem list[PROBLEMS_MAX];
	size_t total;
};

/* Where in the tree we are: its path as text, and its node. */
struct config_place {
	struct reader *reader;
	const struct yaml *node;
	struct str path; /* "" is the root */
};

static void
note(struct reader *r, unsigned line, unsigned col, struct str path,
    struct str what)
{
	size_t n = r->total++;

	if (n >= PROBLEMS_MAX)
		return;
	r->list[n] = (struct problem){ line, col, n,
		arena_printf(r->arena, "%.*s%s%.*s", STR_ARG(path),
		    path.len ? ": " : "", STR_ARG(what)) };
}

static void complain(const struct config_place *at, const char *fmt, ...)
    PRINTF_LIKE(2, 3);
static void
complain(const struct config_place *at, const char *fmt, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		abort();
	va_end(args);
	note(at->reader, at->node->line, at->node->col, at->path, str_of(text));
	free(text);
}

static void
complain_yaml(void *ctx, unsigned line, unsigned col, const char *what)
{
	note(ctx, line, col, STR_EMPTY, str_of(what));
}

/* Keys come from outside: fit for a terminal and not too long. */
static struct str
child_path(const struct config_place *up, struct str key)
{
	struct buf clean = { 0 };
	struct str path;

	config_quote(key, &clean);
	path = arena_printf(up->reader->arena, "%.*s%s%.*s", STR_ARG(up->path),
	    up->path.len ? "." : "", (int)clean.len - 2, clean.data + 1);
	buf_free(&clean);
	return path;
}

static struct config_place
element(const struct config_place *up, const struct yaml *node, size_t index)
{
	return (struct config_place){ up->reader, node,
		arena_printf(
		    up->reader->arena, "%.*s[%zu]", STR_ARG(up->path), index) };
}

/* The node at SUB below NODE, or the nearest above it that exists. */
static const struct yaml *
descend(const struct yaml *node, const char *sub)
{
	while (*sub != '\0') {
		const struct yaml *child = node->child;
		char *end = NULL;

		if (*sub == '[') {
			size_t n = strtoul(sub + 1, &end, 10);

			while (child != NULL && n-- > 0)
				child = child->next;
			assert(*end == ']');
			sub = end + 1;
		} else {
			size_t len;

			sub += *sub == '.';
			len = strlen(sub);
			/* Keys of pairs have dots in them. */
			while (child != NULL &&
			       !str_eq(child->key, str_make(sub, len)))
				child = child->next;
			if (child != NULL)
				return child;
			child = node->child;
			len = strcspn(sub, ".[");
			while (child != NULL &&
			       !str_eq(child->key, str_make(sub, len)))
				child = child->next;
			sub += len;
		}
		if (child == NULL)
			break;
		node = child;
	}
	return node;
}

void
config_complain(
    struct config_place *place, const char *sub, const char *fmt, ...)
{
	struct config_place at = *place;
	char *text = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		abort();
	va_end(args);
	if (sub != NULL) {
		bool dot = at.path.len > 0 && *sub != '[' && *sub != '.';

		at.node = descend(at.node, sub);
		at.path = arena_printf(at.reader->arena, "%.*s%s%s",
		    STR_ARG(at.path), dot ? "." : "", sub);
	}
	complain(&at, "%s", text);
	free(text);
}

/* How many letters to add, drop, change or swap to make A of B. */
static size_t
distance(struct str a, struct str b)
{
	size_t row[3][GUESS_BYTES + 1];
	size_t *before = row[0], *last = row[1], *now = row[2], *spare;

	for (size_t j = 0; j <= b.len; j++)
		last[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		now[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			bool same = a.data[i - 1] == b.data[j - 1];
			size_t best = last[j - 1] + !same;

			if (last[j] + 1 < best)
				best = last[j] + 1;
			if (now[j - 1] + 1 < best)
				best = now[j - 1] + 1;
			if (i > 1 && j > 1 && a.data[i - 1] == b.data[j - 2] &&
			    a.data[i - 2] == b.data[j - 1] &&
			    before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			now[j] = best;
		}
		spare = before;
		before = last;
		last = now;
		now = spare;
	}
	return last[b.len];
}

/* The key of TABLE that KEY was probably meant to be, or NULL. */
static const char *
guess(const struct setting *table, struct str key)
{
	const char *nearest = NULL;
	size_t least = key.len / 3 + 1;

	if (key.len > GUESS_BYTES)
		return NULL;
	for (const struct setting *s = table; s->key != NULL; s++) {
		struct str known = str_of(s->key);
		size_t far;

		if (known.len > GUESS_BYTES)
			continue;
		far = distance(key, known);
		if (far < known.len && (nearest ? far < least : far <= least)) {
			nearest = s->key;
			least = far;
		}
	}
	return nearest;
}

static bool
is_nothing(const struct yaml *node)
{
	return node->kind == YAML_SCALAR && !node->quoted &&
	       (node->text.len == 0 || str_is(node->text, "~") ||
		   str_is(node->text, "null"));
}

/* True when the node is a KIND; else that is told. Nothing is an empty one. */
static bool
is_kind(const struct config_place *at, enum yaml_kind kind)
{
	static const char *const names[] = { "a single value", "a list",
		"a map" };

	if (at->node->broken)
		return false;
	if (kind == YAML_SCALAR && is_nothing(at->node)) {
		complain(at, "has no value (an empty text is \"\")");
		return false;
	}
	if (at->node->kind == kind || is_nothing(at->node))
		return true;
	complain(
	    at, "expected %s, found %s", names[kind], names[at->node->kind]);
	return false;
}

/* The scalar's text, ${} replaced; false: told. */
static bool
read_text(const struct config_place *at, struct str *text)
{
	struct buf why = { 0 };
	bool ok = false;

	if (!is_kind(at, YAML_SCALAR))
		return false;
	if (!config_expand(
		at->node->text, at->reader->dir, at->reader->arena, text, &why))
		complain(at, "%s", buf_text(&why));
	else if (text->len > 0 && memchr(text->data, '\0', text->len) != NULL)
		complain(at, "holds a NUL byte");
	else
		ok = true;
	buf_free(&why);
	return ok;
}

static char *
own_text(struct reader *r, struct str text)
{
	return (char *)(uintptr_t)arena_str(r->arena, text.len ? text : STR(""))
	    .data;
}

static void
store_value(const struct setting *s, void *target, int64_t value)
{
	if (s->kind == SETTING_BOOL)
		*(bool *)target = value != 0;
	else if (s->kind == SETTING_CHOICE)
		*(int *)target = (int)value;
	else
		*(int64_t *)target = value;
}

static void
read_scalar(const struct config_place *at, const struct setting *s,
    struct str text, void *target)
{
	struct buf why = { 0 };
	int64_t value;

	if (s->kind == SETTING_TEXT || s->kind == SETTING_SECRET)
		*(char **)target = own_text(at->reader, text);
	else if (s->kind == SETTING_FILE)
		*(char **)target =
		    config_path(text, at->reader->dir, at->reader->arena);
	else if (config_value_read(s, text, &value, &why))
		store_value(s, target, value);
	else
		complain(at, "%s", buf_text(&why));
	buf_free(&why);
}

static void
read_texts(const struct config_place *at, struct texts *texts)
{
	const struct yaml *child = at->node->child;
	struct str text;

	*texts = (struct texts){ 0 };
	if (!is_kind(at, YAML_LIST))
		return;
	texts->at = arena_zero(
	    at->reader->arena, at->node->count + 1, sizeof(texts->at[0]));
	for (size_t i = 0; child != NULL; child = child->next, i++) {
		struct config_place place = element(at, child, i);

		if (read_text(&place, &text))
			texts->at[texts->count++] = own_text(at->reader, text);
	}
}

/* Tells of each key that came before. */
static void
refuse_duplicates(const struct config_place *map)
{
	for (const struct yaml *b = map->node->child; b; b = b->next) {
		const struct yaml *a = map->node->child;

		while (a != b && !str_eq(a->key, b->key))
			a = a->next;
		if (a != b)
			note(map->reader, b->key_line, b->key_col,
			    child_path(map, b->key),
			    arena_printf(map->reader->arena,
				"is there twice, first on line %u",
				a->key_line));
	}
}

static void
read_pairs(const struct config_place *at, struct pairs *pairs)
{
	struct str text;

	*pairs = (struct pairs){ 0 };
	if (!is_kind(at, YAML_MAP))
		return;
	refuse_duplicates(at);
	pairs->at = arena_zero(
	    at->reader->arena, at->node->count + 1, sizeof(pairs->at[0]));
	for (const struct yaml *c = at->node->child; c; c = c->next) {
		struct config_place place = { at->reader, c,
			child_path(at, c->key) };

		if (!read_text(&place, &text))
			continue;
		if (memchr(c->key.data, '\0', c->key.len) != NULL) {
			complain(&place, "its key holds a NUL byte");
			continue;
		}
		pairs->at[pairs->count++] =
		    (struct pair){ own_text(at->reader, c->key),
			    own_text(at->reader, text) };
	}
}

static void read_group(
    const struct config_place *at, const struct setting *table, void *target);

static void
read_items(
    const struct config_place *at, const struct setting *s, struct items *items)
{
	const struct yaml *child = at->node->child;

	*items = (struct items){ 0 };
	if (!is_kind(at, YAML_LIST))
		return;
	items->at = arena_zero(at->reader->arena, at->node->count + 1, s->size);
	for (; child != NULL; child = child->next, items->count++) {
		struct config_place place = element(at, child, items->count);

		read_group(&place, s->fields,
		    (char *)items->at + items->count * s->size);
	}
}

/* Reads the value of S, which is there. */
static void
read_setting(
    const struct config_place *at, const struct setting *s, void *target)
{
	size_t before = at->reader->total;
	struct str text;

	switch (s->kind) {
	case SETTING_TEXTS:
	case SETTING_SECRETS:
		read_texts(at, target);
		break;
	case SETTING_PAIRS:
		read_pairs(at, target);
		break;
	case SETTING_GROUP:
		read_group(at, s->fields, target);
		break;
	case SETTING_LIST:
		read_items(at, s, target);
		break;
	default:
		if (read_text(at, &text))
			read_scalar(at, s, text, target);
		break;
	}
	/* A check may rely on whole values. */
	if (s->check != NULL && !at->node->broken &&
	    at->reader->total == before) {
		struct config_place place = *at;

		s->check(target, &place);
	}
}

/* The value of S when the map at UP does not name it. */
static void
read_absent(
    const struct config_place *up, const struct setting *s, void *target)
{
	struct yaml empty = { .kind = s->kind == SETTING_GROUP ? YAML_MAP
							       : YAML_SCALAR,
		.line = up->node->line,
		.col = up->node->col };
	struct config_place at = { up->reader, &empty,
		child_path(up, str_of(s->key)) };

	if (s->kind == SETTING_GROUP) {
		read_setting(&at, s, target);
	} else if (s->fallback == NULL) {
		complain(&at, "missing: %s", s->help ? s->help : "required");
	} else if (s->kind == SETTING_TEXTS || s->kind == SETTING_SECRETS ||
		   s->kind == SETTING_PAIRS || s->kind == SETTING_LIST) {
		if (*s->fallback != '\0')
			at.node = yaml_read(str_of(s->fallback),
			    up->reader->arena, complain_yaml, up->reader);
		assert(at.node != NULL);
		read_setting(&at, s, target);
	} else {
		read_scalar(&at, s, str_of(s->fallback), target);
	}
}

static const struct yaml *
find_child(const struct yaml *map, const char *key)
{
	const struct yaml *c = map->child;

	while (c != NULL && !str_is(c->key, key))
		c = c->next;
	return c;
}

static void
refuse_unknown(const struct config_place *at, const struct setting *table)
{
	for (const struct yaml *c = at->node->child; c; c = c->next) {
		const struct setting *s = table;
		const char *meant;

		while (s->key != NULL && !str_is(c->key, s->key))
			s++;
		if (s->key != NULL)
			continue;
		meant = guess(table, c->key);
		note(at->reader, c->key_line, c->key_col,
		    child_path(at, c->key),
		    meant ? arena_printf(at->reader->arena,
				"unknown setting, did you mean \"%s\"?", meant)
			  : STR("unknown setting"));
	}
}

static void
read_group(
    const struct config_place *at, const struct setting *table, void *target)
{
	bool map = is_kind(at, YAML_MAP);

	if (map) {
		refuse_duplicates(at);
		refuse_unknown(at, table);
	}
	for (const struct setting *s = table; map && s->key != NULL; s++) {
		void *place = (char *)target + s->offset;
		const struct yaml *child = find_child(at->node, s->key);

		if (child != NULL) {
			struct config_place below = { at->reader, child,
				child_path(at, child->key) };

			read_setting(&below, s, place);
		} else {
			read_absent(at, s, place);
		}
	}
}

static int
by_place(const void *left, const void *right)
{
	const struct problem *a = left, *b = right;

	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	if (a->col != b->col)
		return a->col < b->col ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

static void
tell(struct reader *r, struct buf *problems)
{
	size_t n = r->total < PROBLEMS_MAX ? r->total : PROBLEMS_MAX;

	qsort(r->list, n, sizeof(r->list[0]), by_place);
	for (size_t i = 0; i < n; i++) {
		const struct problem *p = &r->list[i];

		buf_printf(problems, "%s:%u:%u: ", r->name, p->line, p->col);
		buf_add_str(problems, p->text);
		buf_add_char(problems, '\n');
	}
	if (r->total > n)
		buf_printf(
		    problems, "%s: %zu more problems\n", r->name, r->total - n);
}

/* The directory that NAME stands in, absolute if that can be found out. */
static const char *
directory(const char *name, struct arena *arena)
{
	const char *slash = strrchr(name, '/');
	struct str dir = slash == NULL ? STR(".")
			 : slash == name
			     ? STR("/")
			     : str_make(name, (size_t)(slash - name));
	const char *result = arena_str(arena, dir).data;
	char *real = realpath(result, NULL);

	if (real != NULL)
		result = arena_str(arena, str_of(real)).data;
	free(real);
	return result;
}

bool
config_read(const char *name, struct str text, const struct setting *table,
    void *target, struct arena *arena, struct buf *problems)
{
	struct reader *r = arena_zero(arena, 1, sizeof(*r));
	struct config_place root = { .reader = r };

	r->name = name;
	r->dir = directory(name, arena);
	r->arena = arena;
	root.node = yaml_read(text, arena, complain_yaml, r);
	if (root.node != NULL)
		read_group(&root, table, target);
	tell(r, problems);
	return r->total == 0;
}

bool
config_load(const char *file, const struct setting *table, void *target,
    struct arena *arena, struct buf *problems)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	struct buf text = { 0 };
	ssize_t n = -1;
	bool ok = false;

	/* One byte too many is enough for yaml_read() to refuse. */
	while (fd >= 0 && text.len <= YAML_BYTES_MAX) {
		buf_reserve(&text, 65536);
		n = read(fd, text.data + text.len, 65536);
		if (n <= 0)
			break;
		text.len += (size_t)n;
	}
	if (n < 0)
		buf_printf(problems, "%s: cannot be read: %s\n", file,
		    strerror(errno));
	else
		ok = config_read(
		    file, buf_str(&text), table, target, arena, problems);
	if (fd >= 0)
		close(fd);
	buf_free(&text);
	return ok;
}

/*
 * fuzz_json.c - whatever the reader takes, the writer writes so that it
 * reads again equal, and the flat scanner sees the same members.
 */
#include "common/json.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
write_tree(struct json_writer *w, const struct json *v)
{
	switch (v->type) {
	case JSON_NULL:
		json_null(w);
		break;
	case JSON_FALSE:
	case JSON_TRUE:
		json_bool(w, v->type == JSON_TRUE);
		break;
	case JSON_NUMBER:
		json_raw(w, v->text);
		break;
	case JSON_STRING:
		assert(json_text_bytes(v->text) == v->text.len);
		json_string(w, v->text);
		break;
	case JSON_ARRAY:
		json_begin_array(w);
		for (const struct json *c = v->child; c; c = c->next)
			write_tree(w, c);
		json_end_array(w);
		break;
	case JSON_OBJECT:
		json_begin_object(w);
		for (const struct json *c = v->child; c; c = c->next) {
			json_key(w, c->key);
			write_tree(w, c);
		}
		json_end_object(w);
		break;
	}
}

static void
same(const struct json *a, const struct json *b)
{
	const struct json *x = a->child, *y = b->child;

	assert(a->type == b->type && a->count == b->count);
	assert(str_eq(a->text, b->text) && str_eq(a->key, b->key));
	for (; x && y; x = x->next, y = y->next)
		same(x, y);
	assert(x == NULL && y == NULL);
}

/* TREE is NULL when json_read() refused. */
static void
check_flat(struct arena *arena, struct str text, const struct json *tree)
{
	struct json_flat f = json_flat_start(text, arena);
	const struct json *member = tree ? tree->child : NULL;
	struct str key, value;
	enum json_type type;
	struct error err;
	bool flat = tree != NULL && tree->type == JSON_OBJECT;

	while (json_flat_next(&f, &key, &type, &value, &err)) {
		if (tree == NULL)
			continue;
		assert(member != NULL && member->type == type);
		assert(str_eq(member->key, key));
		assert(str_eq(member->text, value));
		member = member->next;
	}
	for (member = flat ? tree->child : NULL; member; member = member->next)
		flat &=
		    member->type != JSON_ARRAY && member->type != JSON_OBJECT;
	/* It leaves duplicates to its caller, so it may take more. */
	if (flat)
		assert(f.ended);
	else if (tree != NULL)
		assert(!f.ended);
}

/* Any bytes, as text to write, become a string that is read. */
static void
check_text(struct arena *arena, struct str text)
{
	struct buf out = { 0 };
	struct json_writer w = json_write(&out);
	struct json *v;

	json_string(&w, text);
	v = json_read(arena, buf_str(&out), NULL);
	assert(v != NULL && v->text.len == json_text_bytes(text));
	if (v->text.len == text.len && str_utf8(text))
		assert(str_eq(v->text, text));
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(4096);
	struct str text = str_make((const char *)data, size);
	struct error err;
	struct json *tree = json_read(arena, text, &err), *again;
	struct buf out = { 0 };
	struct json_writer w = json_write(&out);

	if (tree != NULL) {
		write_tree(&w, tree);
		again = json_read(arena, buf_str(&out), &err);
		assert(again != NULL);
		same(tree, again);
	}
	check_flat(arena, text, tree);
	check_text(arena, text);
	buf_free(&out);
	arena_free(arena);
	return 0;
}

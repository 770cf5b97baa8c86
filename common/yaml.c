/*
 * yaml.c - libyaml's events made into a tree.
 *
 * Events, not libyaml's own documents: those resolve aliases, and a few
 * lines of aliases can make a tree of billions.
 */
#include "common/yaml.h"

#include <yaml.h>

#include "common/error.h"

struct reader {
	yaml_parser_t parser;
	struct str text;
	struct arena *arena;
	yaml_complaint *complain;
	void *ctx;
};

static void
complain_at(struct reader *r, yaml_mark_t mark, const char *what)
{
	r->complain(
	    r->ctx, (unsigned)mark.line + 1, (unsigned)mark.column + 1, what);
}

/* Line and column of a byte that is no text at all, so libyaml has no mark. */
static yaml_mark_t
mark_of_byte(struct str text, size_t offset)
{
	yaml_mark_t mark = { 0 };

	for (size_t i = 0; i < text.len && i < offset; i++) {
		if (text.data[i] == '\n') {
			mark.line++;
			mark.column = 0;
		} else if (((unsigned char)text.data[i] & 0xc0) != 0x80) {
			mark.column++;
		}
	}
	return mark;
}

static void
complain_syntax(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	const char *problem = p->problem ? p->problem : "cannot be read";
	struct buf what = { 0 };

	buf_add_str(&what, str_of(problem));
	if (p->context != NULL)
		buf_printf(&what, " (%s from line %zu)", p->context,
		    p->context_mark.line + 1);
	complain_at(r,
	    p->error == YAML_READER_ERROR
		? mark_of_byte(r->text, p->problem_offset)
		: p->problem_mark,
	    buf_text(&what));
	buf_free(&what);
}

/* The next event into EVENT, which the caller deletes; false: told. */
static bool
next_event(struct reader *r, yaml_event_t *event)
{
	if (yaml_parser_parse(&r->parser, event))
		return true;
	complain_syntax(r);
	return false;
}

static struct yaml *
new_node(struct reader *r, enum yaml_kind kind, yaml_mark_t mark)
{
	struct yaml *node = arena_zero(r->arena, 1, sizeof(*node));

	node->kind = kind;
	node->line = (unsigned)mark.line + 1;
	node->col = (unsigned)mark.column + 1;
	return node;
}

static void
refuse_extras(struct reader *r, struct yaml *node, yaml_mark_t mark,
    const yaml_char_t *anchor, const yaml_char_t *tag)
{
	if (anchor != NULL)
		complain_at(r, mark, "anchors are not allowed");
	if (tag != NULL)
		complain_at(r, mark, "tags are not allowed");
	node->broken |= anchor != NULL || tag != NULL;
}

static struct yaml *read_node(struct reader *r, yaml_event_t *event, int depth);

/* Reads elements up to the end of the list NODE. */
static bool
read_list(struct reader *r, struct yaml *node, int depth)
{
	struct yaml **tail = &node->child;
	yaml_event_t event;

	for (;;) {
		if (!next_event(r, &event))
			return false;
		if (event.type == YAML_SEQUENCE_END_EVENT)
			break;
		*tail = read_node(r, &event, depth + 1);
		if (*tail == NULL)
			return false;
		tail = &(*tail)->next;
		node->count++;
	}
	yaml_event_delete(&event);
	return true;
}

/* Reads members up to the end of the map NODE. */
static bool
read_map(struct reader *r, struct yaml *node, int depth)
{
	struct yaml **tail = &node->child, *key, *value;
	yaml_event_t event;

	for (;;) {
		if (!next_event(r, &event))
			return false;
		if (event.type == YAML_MAPPING_END_EVENT)
			break;
		key = read_node(r, &event, depth + 1);
		if (key == NULL || !next_event(r, &event))
			return false;
		value = read_node(r, &event, depth + 1);
		if (value == NULL)
			return false;
		if (key->kind != YAML_SCALAR) {
			r->complain(r->ctx, key->line, key->col,
			    "a key must be a text");
			node->broken = true;
			continue;
		}
		if (key->broken)
			continue;
		if (++node->count > YAML_KEYS_MAX) {
			r->complain(
			    r->ctx, key->line, key->col, "too many keys");
			return false;
		}
		value->key = key->text;
		value->key_line = key->line;
		value->key_col = key->col;
		*tail = value;
		tail = &value->next;
	}
	yaml_event_delete(&event);
	return true;
}

/* Reads the node that EVENT begins, and deletes EVENT. NULL: told. */
static struct yaml *
read_node(struct reader *r, yaml_event_t *event, int depth)
{
	yaml_mark_t mark = event->start_mark;
	struct yaml *node = NULL;
	bool ok = true;

	switch (event->type) {
	case YAML_SCALAR_EVENT:
		node = new_node(r, YAML_SCALAR, mark);
		node->text = arena_str(
		    r->arena, str_make((const char *)event->data.scalar.value,
				  event->data.scalar.length));
		node->quoted =
		    event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
		refuse_extras(r, node, mark, event->data.scalar.anchor,
		    event->data.scalar.tag);
		break;
	case YAML_ALIAS_EVENT:
		node = new_node(r, YAML_SCALAR, mark);
		node->broken = true;
		complain_at(r, mark, "aliases are not allowed");
		break;
	case YAML_SEQUENCE_START_EVENT:
		node = new_node(r, YAML_LIST, mark);
		refuse_extras(r, node, mark, event->data.sequence_start.anchor,
		    event->data.sequence_start.tag);
		break;
	case YAML_MAPPING_START_EVENT:
		node = new_node(r, YAML_MAP, mark);
		refuse_extras(r, node, mark, event->data.mapping_start.anchor,
		    event->data.mapping_start.tag);
		break;
	default:
		complain_at(r, mark, "cannot be read");
		ok = false;
		break;
	}
	yaml_event_delete(event);
	if (ok && node->kind != YAML_SCALAR && depth > YAML_DEPTH_MAX) {
		complain_at(r, mark, "nested too deep");
		ok = false;
	}
	if (ok && node->kind == YAML_LIST)
		ok = read_list(r, node, depth);
	else if (ok && node->kind == YAML_MAP)
		ok = read_map(r, node, depth);
	return ok ? node : NULL;
}

/* Reads the document and makes sure that it is the only one. */
static struct yaml *
read_stream(struct reader *r)
{
	struct yaml *root = NULL;
	yaml_event_t event;
	yaml_event_type_t type;
	yaml_mark_t mark;

	for (;;) {
		if (!next_event(r, &event))
			return NULL;
		type = event.type;
		mark = event.start_mark;
		if (type == YAML_STREAM_END_EVENT) {
			yaml_event_delete(&event);
			break;
		}
		if (type == YAML_DOCUMENT_START_EVENT && root != NULL) {
			complain_at(r, mark, "more than one document");
			yaml_event_delete(&event);
			break;
		}
		if (type == YAML_STREAM_START_EVENT ||
		    type == YAML_DOCUMENT_START_EVENT ||
		    type == YAML_DOCUMENT_END_EVENT) {
			yaml_event_delete(&event);
			continue;
		}
		root = read_node(r, &event, 1);
		if (root == NULL)
			return NULL;
	}
	if (root == NULL || (root->kind == YAML_SCALAR && !root->quoted &&
				!root->broken && root->text.len == 0))
		root = new_node(r, YAML_MAP, (yaml_mark_t){ 0 });
	return root;
}

struct yaml *
yaml_read(
    struct str text, struct arena *arena, yaml_complaint *complain, void *ctx)
{
	struct reader r = {
		.text = text, .arena = arena, .complain = complain, .ctx = ctx
	};
	struct yaml *root;

	if (text.len > YAML_BYTES_MAX) {
		complain(ctx, 1, 1, "more than 1 MiB of text");
		return NULL;
	}
	if (!yaml_parser_initialize(&r.parser)) {
		complain(ctx, 1, 1, "out of memory");
		return NULL;
	}
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser,
	    (const unsigned char *)(text.data ? text.data : ""), text.len);
	root = read_stream(&r);
	yaml_parser_delete(&r.parser);
	return root;
}

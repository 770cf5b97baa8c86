#include "aggregator/platforms/export_json.h"

void
export_text(struct json_writer *w, const char *key, struct str value)
{
	if (value.len == 0)
		return;
	json_key(w, str_of(key));
	json_string(w, value);
}

void
export_number(struct json_writer *w, const char *key, int64_t value)
{
	json_key(w, str_of(key));
	json_int(w, value);
}

void
export_money(struct json_writer *w, const char *key, int64_t micros)
{
	json_key(w, str_of(key));
	json_micros(w, micros);
}

void
export_list(struct json_writer *w, const char *key, struct str value)
{
	if (value.len == 0)
		return;
	export_array(w, key);
	json_string(w, value);
	json_end_array(w);
}

void
export_object(struct json_writer *w, const char *key)
{
	json_key(w, str_of(key));
	json_begin_object(w);
}

void
export_array(struct json_writer *w, const char *key)
{
	json_key(w, str_of(key));
	json_begin_array(w);
}

struct str
export_find(const struct json *object, const char *path)
{
	struct str rest = str_of(path), part;
	char key[64];

	while (object != NULL && str_cut(&rest, '.', &part)) {
		if (part.len >= sizeof(key))
			return STR_EMPTY;
		memcpy(key, part.data, part.len);
		key[part.len] = '\0';
		object = json_find(object, key);
	}
	return object == NULL ? STR_EMPTY : object->text;
}

const struct json *
export_tree(const struct export_answer *a)
{
	return json_read(a->arena, a->body, NULL);
}

/* export_json.h - what the JSON platforms write and read alike. */
#ifndef AGGREGATOR_PLATFORMS_EXPORT_JSON_H
#define AGGREGATOR_PLATFORMS_EXPORT_JSON_H

#include "aggregator/platforms/export.h"
#include "common/json.h"

/* KEY and a string VALUE; nothing for an empty one. */
void export_text(struct json_writer *w, const char *key, struct str value);
void export_number(struct json_writer *w, const char *key, int64_t value);
void export_money(struct json_writer *w, const char *key, int64_t micros);
/* KEY and a list of one string; nothing for an empty one. */
void export_list(struct json_writer *w, const char *key, struct str value);
void export_object(struct json_writer *w, const char *key);
void export_array(struct json_writer *w, const char *key);

/* The text at PATH ("error.message") of OBJECT; empty when it is not there. */
struct str export_find(const struct json *object, const char *path);
/* The answer's body as a tree, or NULL. */
const struct json *export_tree(const struct export_answer *a);

#endif

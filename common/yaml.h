/*
 * yaml.h - the part of YAML that settings need, as a tree that knows where
 * everything stands. The only file that knows libyaml is yaml.c.
 *
 * One document; no anchors, aliases or tags; keys are texts. Depth, size and
 * keys per map are bounded.
 */
#ifndef COMMON_YAML_H
#define COMMON_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "common/arena.h"
#include "common/str.h"

#define YAML_BYTES_MAX (1 << 20)
#define YAML_DEPTH_MAX 16
#define YAML_KEYS_MAX 1000

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml {
	enum yaml_kind kind;
	unsigned line, col; /* of the value, from 1 */
	bool quoted;        /* a scalar in quotes or a block */
	bool broken;        /* complained about already; hold no value */
	struct str text;    /* of a scalar */
	struct str key;     /* of a map's member */
	unsigned key_line, key_col;
	struct yaml *child, *next;
	size_t count; /* members or elements */
};

/* Hears what is wrong at LINE:COL; WHAT dies after the call. */
typedef void yaml_complaint(
    void *ctx, unsigned line, unsigned col, const char *what);

/*
 * Reads TEXT into a tree in ARENA. An empty document is an empty map. NULL
 * when it cannot go on; what is refused but does not stop the reading only
 * marks its node as broken. Each has been told to COMPLAIN(CTX) then.
 */
struct yaml *yaml_read(
    struct str text, struct arena *arena, yaml_complaint *complain, void *ctx);

#endif

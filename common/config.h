/*
 * config.h - settings from YAML, by tables.
 *
 * Every module owns a `const struct setting x_settings[]`; from it come the
 * checks, --check-config, --print-config and config.5. All problems of a
 * file are reported in one run, each as `file:line:col: path: what`.
 *
 * In any scalar ${VAR} and ${VAR:-default} are taken from the environment,
 * ${file:PATH} from a file without its last newline; PATH and every
 * SETTING_FILE are relative to the file they stand in. $${ stands for ${.
 */
#ifndef COMMON_CONFIG_H
#define COMMON_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/arena.h"
#include "common/error.h"
#include "common/str.h"

struct texts {
	char **at;
	size_t count;
};
struct pair {
	char *key, *value;
};
struct pairs {
	struct pair *at;
	size_t count;
};
struct items {
	void *at; /* COUNT structs of the setting's size */
	size_t count;
};

enum setting_kind {
	SETTING_BOOL,     /* bool: true/false */
	SETTING_INT,      /* int64_t in [min, max] */
	SETTING_BYTES,    /* int64_t in [min, max]: 64MiB, 8KiB, 512 */
	SETTING_DURATION, /* int64_t ms in [min, max]: 250ms 30s 5m 12h 30d */
	SETTING_MICROS,   /* int64_t micros in [min, max]: 0.35 */
	SETTING_TEXT,     /* char *, NUL-terminated, never NULL */
	SETTING_SECRET,   /* the same, shown as "***" */
	SETTING_FILE,     /* char *, a path made absolute; "" stays "" */
	SETTING_CHOICE,   /* int, index into choices */
	SETTING_TEXTS,    /* struct texts */
	SETTING_SECRETS,  /* struct texts, shown as "***" */
	SETTING_PAIRS,    /* struct pairs: any keys, scalar values, untouched */
	SETTING_GROUP,    /* a struct inside, described by fields */
	SETTING_LIST      /* struct items of structs, described by fields */
};

/* Where a value stands, for config_complain(). */
struct config_place;

struct setting {
	const char *key; /* NULL ends a table */
	enum setting_kind kind;
	size_t offset;
	/* As it would be written, nothing expanded; NULL: required. A GROUP
	 * has none: absent, its fields take theirs. */
	const char *fallback;
	const char *help;           /* one line */
	int64_t min, max;           /* both 0: any */
	const char *const *choices; /* ends in NULL */
	const struct setting *fields;
	size_t size; /* of a LIST's struct */
	/* What the kind cannot say; NULL: nothing. VALUE is well-formed. */
	void (*check)(const void *value, struct config_place *place);
};

/*
 * From a check: tells a problem of the value at SUB ("[2].hosts[0]"; NULL
 * is the checked value itself).
 */
void config_complain(struct config_place *place, const char *sub,
    const char *fmt, ...) PRINTF_LIKE(3, 4);

/* A check of a SETTING_TEXT: it is an address, see config_address(). */
void config_check_address(const void *value, struct config_place *place);

/*
 * Reads FILE into TARGET by TABLE; defaults first. What it points to lives
 * in ARENA. False when anything is wrong: PROBLEMS then holds one line per
 * problem, TARGET is not to be used.
 */
bool config_load(const char *file, const struct setting *table, void *target,
    struct arena *arena, struct buf *problems) MUST_CHECK;
/* The same from TEXT, which stands in a file called NAME. */
bool config_read(const char *name, struct str text, const struct setting *table,
    void *target, struct arena *arena, struct buf *problems) MUST_CHECK;

/*
 * Appends to OUT the settings in force as YAML, defaults included, each with
 * its help as a comment; secrets, values of pairs whose key signs in, and
 * passwords in a DSN or URL as "***".
 */
void config_print(
    const struct setting *table, const void *target, struct buf *out);

/* "host:port", ":port" or "[v6]:port" cut in two; false if malformed. */
bool config_address(const char *text, char host[64], uint16_t *port) MUST_CHECK;

#endif

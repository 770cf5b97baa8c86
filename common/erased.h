/*
 * erased.h - who was erased: keyed hashes of visitors, users, addresses,
 * orders and click ids, from a file that collectors and aggregators share. A
 * record that names one of them is nobody's from here on: what is left of it
 * is that there was a hit or an order of some value.
 *
 * The file holds the secret and the hashes; without the secret nobody can ask
 * whether an id is among them. Names in its place (alias) are keyed hashes as
 * well: an order and its refund still belong together, and to nobody.
 */
#ifndef COMMON_ERASED_H
#define COMMON_ERASED_H

#include "common/arena.h"
#include "common/person.h"
#include "common/record.h"

struct erased;

/* FILE need not be there: then nobody was erased, and there is no secret. NULL
 * and ERR (ERROR_FATAL) when it is no such file. The caller owns the result. */
struct erased *erased_load(const char *file, struct error *err) MUST_CHECK;
/* Nobody yet, without a secret. The caller owns the result. */
struct erased *erased_new(void);
void erased_free(struct erased *e); /* NULL is allowed */

bool erased_has_secret(const struct erased *e);
/* Gives E, which has none, a secret. */
void erased_make_secret(struct erased *e);
/* Tells two secrets apart and nothing else. */
struct hash128 erased_fingerprint(const struct erased *e);
size_t erased_count(const struct erased *e);
/* What stands in the list for KEY, a person_key(). */
struct hash128 erased_entry(const struct erased *e, struct hash128 key);
/* Adds ENTRY; false when it is there already. */
bool erased_add(struct erased *e, struct hash128 entry);
/* A copy of all entries, in the order of their values; free() it. */
struct hash128 *erased_all(const struct erased *e) MUST_CHECK;
bool erased_lists(const struct erased *e, struct hash128 entry);
/* The list as it is now takes FILE's place, whole. */
bool erased_save(
    const struct erased *e, const char *file, struct error *err) MUST_CHECK;

/* Whether the list holds KEY. NULL lists nobody. */
bool erased_has(const struct erased *e, struct hash128 key);
/* Whether R names anybody listed. A click id is looked at where nothing else
 * says whose the hit is: links are passed on. */
bool erased_names(const struct erased *e, const struct record *r);
/* Whether TEXT, which is no record, holds a word that is somebody's id on one
 * of SITES. */
bool erased_in_text(const struct erased *e, const struct str *sites,
    size_t count, struct str text);

/* Takes from R all that tells whose it is, where it came from and from which
 * page; event, order and refund get names of no meaning. The user agent stays,
 * for telling bots. Texts live in ARENA. */
void erased_strip(
    const struct erased *e, struct record *r, struct arena *arena);
/* The name in place of TEXT on SITE; TEXT itself when it is one. */
struct str erased_alias(const struct erased *e, struct str site,
    struct str text, struct arena *arena);
bool erased_is_alias(struct str text);

#endif

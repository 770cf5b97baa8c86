/*
 * person.h - the keys under which the tables know who somebody is: 128-bit
 * hashes of site and id. A visitor and a user of one name are two.
 */
#ifndef COMMON_PERSON_H
#define COMMON_PERSON_H

#include "common/digest.h"

/* Seeds of the hashes; they stand in tables and are never changed. */
enum person_kind {
	PERSON_VISITOR = 1,
	PERSON_USER = 2,
	PERSON_EVENT = 3, /* nobody: a hit that tells nothing of who it is */
	PERSON_CLICK = 5, /* gclid=... */
	PERSON_EMAIL = 6, /* SHA-256 of the address, in hex */
	PERSON_PHONE = 7, /* the same of the number */
	PERSON_ORDER = 8
};

struct hash128 person_key(
    enum person_kind kind, struct str site, struct str id);

#endif

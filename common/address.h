/*
 * address.h - e-mail addresses and phone numbers as ad platforms want them
 * before they are hashed; what is stored is never the address itself.
 */
#ifndef COMMON_ADDRESS_H
#define COMMON_ADDRESS_H

#include "common/arena.h"
#include "common/str.h"

/* TEXT trimmed and lower-cased into OUT; false when it is no address such as
 * a@b.example. */
bool address_email(
    struct str text, struct arena *arena, struct str *out) MUST_CHECK;
/* The digits of TEXT behind one '+', as E.164 writes it (00 in front means
 * '+'), into OUT; false when it is no number with a country code. */
bool address_phone(
    struct str text, struct arena *arena, struct str *out) MUST_CHECK;
/*
 * An address of Google's own without dots and +suffix, as its enhanced
 * conversions ask for; empty when that changes nothing. EMAIL is what
 * address_email() gave.
 */
struct str address_google_email(struct str email, struct arena *arena);
/* SHA-256 of TEXT in hex. */
struct str address_hash(struct str text, struct arena *arena);

#endif

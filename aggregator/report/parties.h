/*
 * parties.h - numbers for the visitors and users that something is known of
 * beyond their touches: whom they are linked to, what they bought.
 */
#ifndef AGGREGATOR_REPORT_PARTIES_H
#define AGGREGATOR_REPORT_PARTIES_H

#include <stddef.h>

#include "common/digest.h"

#define PARTIES_NOBODY UINT32_MAX
/* The bits of a key's hi that tell it apart, with all of lo: 104 are kept of
 * a visitor's touches. Of a thousand million visitors two share them once in
 * forty million million times. */
#define PARTIES_HI_BITS UINT64_C(0xff000000ffffffff)

struct parties;

/* The caller owns the result. */
struct parties *parties_new(void);
void parties_free(struct parties *p); /* NULL is allowed */

/* The number of the visitor or user of KEY: they share one range, from 0. */
uint32_t parties_no(struct parties *p, struct hash128 key);
/* The same, or PARTIES_NOBODY when it has none. */
uint32_t parties_find(const struct parties *p, struct hash128 key);
struct hash128 parties_key(const struct parties *p, uint32_t party);
size_t parties_count(const struct parties *p);
size_t parties_bytes(const struct parties *p);

#endif

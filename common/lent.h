/*
 * lent.h - memory that is lent to somebody in pieces, one after another, and
 * is used again when all the pieces around are back: for many short texts of
 * the same short life, without a malloc() and free() each.
 */
#ifndef COMMON_LENT_H
#define COMMON_LENT_H

#include <stdbool.h>
#include <stddef.h>

struct lent;

/* At most COUNT blocks of BYTES (a power of two). A few that are not used
 * keep their memory; that of all others is the system's. */
struct lent *lent_new(size_t count, size_t bytes);
/* Whether pieces are back or not. NULL is allowed. */
void lent_free(struct lent *l);
/* Room for BYTES, not yet a piece; NULL when all blocks are out. The next
 * call gives the same place unless lent_keep() comes first. */
char *lent_room(struct lent *l, size_t bytes);
/* The first LEN bytes of the last room are a piece. */
void lent_keep(struct lent *l, size_t len);
/* False when PIECE is not of L. Else it is back. */
bool lent_back(struct lent *l, const void *piece);

#endif

/*
 * manual.h - pages of the manual (mdoc), made from the tables that the
 * programs themselves read by.
 */
#ifndef COMMON_MANUAL_H
#define COMMON_MANUAL_H

#include "common/config.h"
#include "common/str.h"

#define MANUAL_DATE "November 27, 2026" /* of the last change to a page */

/* The head: .Dd, .Dt, .Os and NAME. SECTION is a number. */
void manual_begin(
    const char *name, int section, const char *what, struct buf *out);
/* TEXT as running text: lines are broken anew, sentences begin one. */
void manual_text(struct str text, struct buf *out);
/* TEXT as it is, in lines. */
void manual_literal(struct str text, struct buf *out);
/* The settings of TABLE, as a list: kind, default, range and help. */
void manual_settings(const struct setting *table, struct buf *out);

/* The page of a daemon: NAME, what it is for, its options, what its settings
 * file is and holds. */
void manual_daemon(const char *name, const char *what, const char *config,
    const struct setting *table, struct buf *out);

#endif

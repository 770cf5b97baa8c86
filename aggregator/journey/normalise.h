/*
 * normalise.h - one spelling for names that people type: sources, mediums,
 * campaigns, of hits and of costs alike, so that both meet in one row.
 */
#ifndef AGGREGATOR_JOURNEY_NORMALISE_H
#define AGGREGATOR_JOURNEY_NORMALISE_H

#include "common/arena.h"
#include "common/str.h"

#define NORMALISE_MAX 200 /* bytes of a result */

/*
 * TEXT without white space at its ends, in Unicode's form NFC, lower-case,
 * at most NORMALISE_MAX bytes (cut between characters); control characters
 * become spaces, bytes that are not UTF-8 U+FFFD. Doing it twice changes
 * nothing. Borrows from TEXT when nothing had to change, else from ARENA.
 */
struct str normalise(struct arena *arena, struct str text);
/* The same, with the case of its letters kept if KEEP. */
struct str normalise_case(struct arena *arena, struct str text, bool keep);

#endif

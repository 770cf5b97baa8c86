/*
 * hit_inputs.h - what a client may state about a hit, input by input; the
 * part of hit.c that is a table.
 */
#ifndef COLLECTOR_HIT_INPUTS_H
#define COLLECTOR_HIT_INPUTS_H

#include "collector/hit.h"

/* A hit in the making. */
struct hit_draft {
	const struct hit_context *ctx;
	struct record *r;
	struct consent consent;
	struct consent tcf;      /* unknown where no TC string came */
	bool gpc;                /* the browser says so by script */
	struct str email, phone; /* plain and normalised */
	int64_t value_micros;
	uint64_t seen; /* inputs by index */
	struct hit_refusal *no;
};

/* Takes the input called NAME into D, or refuses; unknown ones are counted
 * and skipped, repeated ones skipped. */
bool hit_input(struct hit_draft *d, struct str name,
    const struct hit_stated *value) MUST_CHECK;

/* Fills D's refusal. Always false. */
bool hit_refuse(struct hit_draft *d, enum metric metric, const char *field,
    const char *why);

/* S within MAX bytes, cut between two characters of UTF-8. */
struct str hit_cut_text(struct str s, size_t max);
/* The same, cut before the parameter that does not fit whole: half of one
 * would be a value that nobody sent. */
struct str hit_cut_url(struct str url, size_t max);
/* True when S is 1 to 64 characters of A-Za-z0-9_.:- */
bool hit_is_id(struct str s);

#endif

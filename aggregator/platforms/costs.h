/*
 * costs.h - the one reader of cost tables, for every platform: finds the
 * table's head below titles and dates, its columns in any language, and
 * turns rows into costs. It reads no file and keeps no rows.
 */
#ifndef AGGREGATOR_PLATFORMS_COSTS_H
#define AGGREGATOR_PLATFORMS_COSTS_H

#include "aggregator/platforms/csv.h"
#include "aggregator/platforms/platform.h"

#define COSTS_NAME_BYTES 200 /* as of a hit's source, medium and campaign */
#define COSTS_ABOVE_MAX 40   /* rows above the head at most */

struct costs_settings {
	const struct platform *platform;
	bool has_locale; /* LOCALE is said; else the titles tell it */
	enum locale locale;
	/* Empty: as the file, then the platform says. */
	struct str source, medium, account;
	struct str currency; /* of rows that name none; may be empty */
};

/* Texts are lent from the row and the settings. */
struct cost_row {
	int32_t day;
	struct str site; /* empty unless the file has the column */
	struct str account, source, medium, campaign, campaign_id;
	struct str currency; /* empty: named by no one */
	int64_t micros;
	int64_t clicks, impressions; /* -1: not given */
};

struct costs_problem {
	const char *column; /* "" for the row itself */
	char text[200];
};

struct costs;
struct costs *costs_new(const struct costs_settings *set); /* copied */
void costs_free(struct costs *c);                          /* NULL too */

enum costs_step {
	COSTS_ABOVE,   /* a title or the like, above the head */
	COSTS_HEAD,    /* the head was found */
	COSTS_ROW,     /* OUT was read */
	COSTS_TOTAL,   /* a sum, or a note below the table: not a cost */
	COSTS_REFUSED, /* PROBLEM says why */
	COSTS_STOP     /* this is no such table: PROBLEM says why */
};
/* Takes the file's next row. */
enum costs_step costs_take(struct costs *c, const struct csv_row *row,
    struct cost_row *out, struct costs_problem *problem) MUST_CHECK;

/* At the file's end: whether a head was found; else PROBLEM tells what the
 * nearest row lacks. */
bool costs_found(const struct costs *c, struct costs_problem *problem);
/* The locale in force, once the head is found. */
enum locale costs_locale(const struct costs *c);
/* Appends the titles of the head that mean nothing to us. */
void costs_unused(const struct costs *c, struct buf *out);

#endif

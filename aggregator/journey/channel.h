/*
 * channel.h - the rules that put (source, medium, campaign) into a channel.
 *
 * A pure function of the three and the rules: the tables key by it.
 */
#ifndef AGGREGATOR_JOURNEY_CHANNEL_H
#define AGGREGATOR_JOURNEY_CHANNEL_H

#include "aggregator/journey/hosts.h"
#include "common/config.h"

/* One rule as it stands in the configuration; all it names must hold. */
struct channel_row {
	char *name, *channel;
	int source_category; /* 0: any, else 1 + enum host_category */
	char *source, *medium, *campaign; /* regular expressions; "": any */
};
extern const struct setting channel_row_settings[];

struct channels;

/*
 * Compiles ROWS (struct channel_row, lent for the result's life). What is
 * wrong is added to PROBLEMS, a line each beginning with FILE; then the
 * result is NULL. The caller owns it.
 */
struct channels *channels_new(
    struct items rows, const char *file, struct buf *problems) MUST_CHECK;
void channels_free(struct channels *c); /* NULL is allowed */

/*
 * The channel of SOURCE, MEDIUM and CAMPAIGN (normalised) by the first rule
 * that holds; *RULE is its name. "Unassigned" and "none" when none does.
 */
struct str channels_find(const struct channels *c, const struct hosts *hosts,
    struct str source, struct str medium, struct str campaign,
    struct str *rule);

#endif

/* train_paths.h - the paths to train from, of the database or of a file. */
#ifndef AGGREGATOR_CLI_TRAIN_PATHS_H
#define AGGREGATOR_CLI_TRAIN_PATHS_H

#include "aggregator/models/learn.h"
#include "aggregator/report/names.h"

struct postgres;

struct train_paths {
	struct names *names; /* of the channels, by their numbers */
	struct learn_path *at;
	size_t count, cap;
	int32_t *channel; /* of all paths */
	size_t channels, channel_cap;
	int64_t conversions, nulls, value_micros;
	int64_t refused; /* rows of a file */
};

/* Zero T first; train_paths_free() in any case. */
bool train_paths_query(struct train_paths *t, struct postgres *pg, int32_t from,
    int32_t to, const char *site, struct error *err) MUST_CHECK;
/* FILE is CSV as `afterclick paths --csv` writes it, "-" for stdin. False:
 * told on stderr. */
bool train_paths_read(struct train_paths *t, const char *file) MUST_CHECK;
void train_paths_free(struct train_paths *t);

/* What the models take; false and ERR when there are too many channels. */
bool train_paths_lend(const struct train_paths *t, struct learn_paths *out,
    struct error *err) MUST_CHECK;

#endif

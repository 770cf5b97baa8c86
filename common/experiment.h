/*
 * experiment.h - experiments of sites.yaml, and which arm a visitor is in.
 *
 * The arm is a function of the configuration and the visitor's id, so it is
 * kept nowhere and never changes while the configuration stays. Anyone can
 * compute it: docs/experiments.md says how.
 */
#ifndef COMMON_EXPERIMENT_H
#define COMMON_EXPERIMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/config.h"

struct zone;

struct variant {
	const char *name;
	int64_t weight_micros;
};

struct experiment {
	char *name;
	char *salt; /* its name where none is set */
	char *goal;
	/* The first is the control. A holdout's are made by
	 * experiments_prepare(): holdout, exposed. */
	struct items variants;  /* struct variant */
	int64_t share_micros;   /* of the visitors that take part */
	char *group;            /* of which a visitor is in one at most */
	int assign;             /* enum experiment_assign */
	int64_t holdout_micros; /* 0: no holdout */
	struct texts campaigns; /* a holdout's: their clicks and cost */
	char *holdout_to;       /* where clicks of those held out lead */
	int64_t planned_n;      /* customers an arm; 0: not planned */
	char *start, *end;
	int64_t window_ms; /* 0: until the end */
	int64_t revenue_cap_micros;
	int64_t cuped_ms;
	/* Filled by experiments_prepare(). */
	int64_t start_ms, end_ms;
};
enum experiment_assign { EXPERIMENT_BY_SITE, EXPERIMENT_BY_COLLECTOR };

#define EXPERIMENT_EXPOSED "exposed"
#define EXPERIMENT_HOLDOUT "holdout"

extern const struct setting experiment_settings[];

/* The check of a list of experiments. */
void experiments_check(const void *value, struct config_place *place);
/* Once after loading: days become instants of ZONE, holdouts get arms. */
void experiments_prepare(
    struct items *experiments, const struct zone *zone, struct arena *arena);

/* Whether TS_MS lies between its start and its end. */
bool experiment_runs(const struct experiment *e, int64_t ts_ms);
/* The experiment of EXPERIMENTS called NAME, or NULL. */
const struct experiment *experiments_find(
    const struct items *experiments, struct str name);
/* The holdout of EXPERIMENTS that splits the clicks of CAMPAIGN, or NULL. */
const struct experiment *experiments_of_campaign(
    const struct items *experiments, struct str campaign);
/* The arm of VISITOR in E, which is one of EXPERIMENTS; NULL: takes no part. */
const struct variant *experiment_assign(const struct items *experiments,
    const struct experiment *e, struct str visitor);

#endif

/*
 * context.h - what most commands need first: the settings, the sites and
 * the database. Each failure is told on stderr and is an exit code.
 */
#ifndef AGGREGATOR_CLI_CONTEXT_H
#define AGGREGATOR_CLI_CONTEXT_H

#include "aggregator/settings.h"
#include "common/site.h"

struct cli;
struct postgres;

struct context {
	struct arena *arena;
	struct aggregator_settings set;
	struct sites sites;
	bool has_sites;
	struct postgres *pg;
};

/* Loads the settings alone. False: *CODE is the exit code. Zero C first;
 * context_close() in any case. */
bool context_settings(
    struct context *c, const struct cli *cli, int *code) MUST_CHECK;
/* The sites; the settings first. */
bool context_sites(struct context *c, int *code) MUST_CHECK;
/* Says so on stderr when sites.yaml has no SITE (NULL: not asked for): what the
 * tables still have of a site that is no more may be looked at. */
void context_site_hint(const struct context *c, const char *site);
/* Connects; MIGRATED asks that the database be at this program's version. */
bool context_postgres(struct context *c, bool migrated, int *code) MUST_CHECK;
void context_close(struct context *c);

/* Says ERR on stderr; EXIT_FAILED. */
int context_fail(const struct error *err);

/* Writes OUT to stdout and frees it; EXIT_FAILED when stdout is closed or
 * full. */
int context_print(struct buf *out);

#endif

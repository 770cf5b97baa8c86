/*
 * init_files.h - the files of a new configuration: those of config/ with a
 * few values put in, a site to begin with, and secrets of its own.
 */
#ifndef AGGREGATOR_CLI_INIT_FILES_H
#define AGGREGATOR_CLI_INIT_FILES_H

#include "common/error.h"
#include "common/str.h"

/* What goes in; every text may stand between double quotes in YAML. */
struct init_values {
	const char *site, *time_zone, *currency;
	const char *domain;    /* without www. */
	const char *collector; /* the host that it is reached by */
	const char *kafka;     /* NULL: as in config/ */
	const char *postgres;  /* NULL: as in config/ */
	const char *spool;     /* NULL: a folder beside the files */
	bool local;            /* a trial on this machine, without a domain */
};

/*
 * Writes the configuration for V into DIR, which is made if it is missing,
 * all of it or, when one of its files is there and FORCE was not said, none.
 * Secrets that are there are kept in any case. *REAL (the caller frees it) is
 * DIR's whole path.
 */
bool init_files_write(const struct init_values *v, const char *dir, bool force,
    char **real, struct error *err) MUST_CHECK;

#endif

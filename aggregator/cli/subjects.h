/*
 * subjects.h - whom `forget` and `subject-export` are about: ids on the
 * command line, or one a line in a file.
 */
#ifndef AGGREGATOR_CLI_SUBJECTS_H
#define AGGREGATOR_CLI_SUBJECTS_H

#include "aggregator/cli/context.h"
#include "aggregator/cli/options.h"
#include "aggregator/store/erase.h"

struct subjects_options {
	const char *visitor, *user, *order, *email, *site;
};

/* Rows of the table of options of a command whose options begin with struct
 * subjects_options. */
#define SUBJECTS_ROW(name, text)                                               \
	{                                                                      \
#name, OPTIONS_TEXT, offsetof(struct subjects_options, name),  \
		    .value = "ID", .help = text                                \
	}
#define SUBJECTS_ROWS                                                          \
	SUBJECTS_ROW(visitor,                                                  \
	    "a visitor id, as in the cookie _ac_v up to its first dot; "       \
	    "@FILE or -: one a line"),                                         \
	    SUBJECTS_ROW(user, "the site's own id of a person; @FILE or -"),   \
	    SUBJECTS_ROW(order, "an order: whoever placed it; @FILE or -"),    \
	    SUBJECTS_ROW(                                                      \
		email, "an e-mail address or its SHA-256 in hex; @FILE or -"), \
	{                                                                      \
		"site", OPTIONS_TEXT, offsetof(struct subjects_options, site), \
		    .value = "SITE", .help = "on this site only; default: all" \
	}

struct subjects {
	struct erase_request *at;
	size_t count;
	const struct str *sites;
	size_t site_count;
};

/*
 * What both commands begin with: settings, sites, PostgreSQL, and into OUT whom
 * OPT and the operands name; operands are further ids of the one kind that an
 * option names. NOBODY: none may be named, and all sites are meant. ERASE is
 * told where to look. Texts live in C->arena. False: *CODE is the exit code,
 * the reason was told.
 */
bool subjects_open(struct context *c, const struct cli *cli, bool nobody,
    const struct subjects_options *opt, const struct operands *operands,
    struct subjects *out, struct erase *erase, int *code) MUST_CHECK;

#endif

/*
 * html.h - the tags of a page, as far as one must read HTML to find scripts,
 * images and links in it: no tree, and nothing is refused.
 */
#ifndef AGGREGATOR_CLI_HTML_H
#define AGGREGATOR_CLI_HTML_H

#include "common/arena.h"
#include "common/str.h"

struct html_tag {
	struct str name, attributes; /* as written; lent by the page */
	struct str after;            /* the page from behind the tag */
};

/* The next tag that opens something in *REST, which moves behind it; comments
 * and what is inside scripts and styles are passed over. */
bool html_next(struct str *rest, struct html_tag *tag);

/* The value of TAG's attribute NAME (lower case), its character references
 * resolved: NUL-terminated, in ARENA. NULL: it has none of that name. */
const char *html_attribute(
    const struct html_tag *tag, const char *name, struct arena *arena);

/* The text up to the next tag behind TAG, white space at its ends cut. */
struct str html_text(const struct html_tag *tag, struct arena *arena);

#endif

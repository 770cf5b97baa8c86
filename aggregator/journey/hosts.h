/*
 * hosts.h - who stands behind a host: the name marketers know it by and what
 * kind of place it is.
 *
 * A row's host is exact ("news.google.com"), or with a dot before it stands
 * for the hosts below too (".t.co"); "{}" is a country, at the end
 * ("google.{}": google.fr, google.co.uk) or in front; a path may follow
 * ("bing.com/chat"). "=name" names a source that is no host. "www." and
 * "m." before a host do not matter. Later rows win.
 */
#ifndef AGGREGATOR_JOURNEY_HOSTS_H
#define AGGREGATOR_JOURNEY_HOSTS_H

#include "common/arena.h"
#include "common/str.h"

enum host_category {
	HOST_NONE,
	HOST_SEARCH,
	HOST_SOCIAL,
	HOST_VIDEO,
	HOST_SHOPPING,
	HOST_MAIL,
	HOST_AI,
	HOST_PAYMENT,
	HOST_CATEGORIES
};

/* Names in the order of the enum, ended by NULL. */
extern const char *const host_categories[HOST_CATEGORIES + 1];

struct hosts;

/* An empty table. The caller owns the result. */
struct hosts *hosts_new(void);
void hosts_free(struct hosts *h); /* NULL is allowed */
/* Adds a row. HOST (lower-case) and SOURCE are lent for H's life. */
void hosts_add(struct hosts *h, struct str host, struct str source,
    enum host_category category);
/* Adds the rows of a table of host, source and category. */
void hosts_add_table(struct hosts *h, struct str table);

/*
 * The category of HOST (lower-case), PATH deciding where rows have one; its
 * name goes to *SOURCE, which stays as it is for a host in no row.
 */
enum host_category hosts_find(const struct hosts *h, struct str host,
    struct str path, struct str *source);
/* The category of a source by name or host. */
enum host_category hosts_category(const struct hosts *h, struct str source);

#endif

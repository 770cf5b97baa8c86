/*
 * tables.h - the data that is compiled in: data/NAME.tsv as text, one line a
 * row, columns between tabs. Lent for ever.
 */
#ifndef AGGREGATOR_JOURNEY_TABLES_H
#define AGGREGATOR_JOURNEY_TABLES_H

#include "common/str.h"

/* host, source, category. A row of tables_hosts_more() wins over one of
 * tables_hosts(), which tools/make-hosts makes. */
struct str tables_hosts(void);
struct str tables_hosts_more(void);
/* name, flags, literal, regular expression; made by tools/make-bots. */
struct str tables_bots(void);

/*
 * Cuts the next row off *REST into COUNT columns; missing ones are empty.
 * False at the end.
 */
bool tables_next(struct str *rest, struct str *column, size_t count);

#endif

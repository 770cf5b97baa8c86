#include "aggregator/journey/tables.h"

#include "aggregator/journey/data.h" /* made from data/ by make */

struct str
tables_hosts(void)
{
	return str_make(data_hosts, sizeof(data_hosts) - 1);
}

struct str
tables_hosts_more(void)
{
	return str_make(data_hosts_more, sizeof(data_hosts_more) - 1);
}

struct str
tables_bots(void)
{
	return str_make(data_bots, sizeof(data_bots) - 1);
}

bool
tables_next(struct str *rest, struct str *column, size_t count)
{
	struct str line;

	do {
		if (!str_cut(rest, '\n', &line))
			return false;
	} while (line.len == 0);
	for (size_t i = 0; i < count; i++) {
		if (!str_cut(&line, '\t', &column[i]))
			column[i] = STR_EMPTY;
	}
	return true;
}

/*
 * micros.c - reads lines of "LOCALE<tab>NUMBER" and writes for each the
 * micros that locale_micros() finds, or "-": the other end of a test that
 * has Python's Decimal to compare with.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

#include "aggregator/platforms/locale.h"

int
main(void)
{
	char *text = NULL;
	size_t room = 0;
	ssize_t n;

	while ((n = getline(&text, &room, stdin)) > 0) {
		struct str rest = str_make(text, (size_t)n - 1), name;
		enum locale l;
		int64_t micros;

		if (!str_cut(&rest, '\t', &name) || !locale_find(name, &l))
			return 2;
		if (locale_micros(l, rest, &micros))
			printf("%" PRId64 "\n", micros);
		else
			puts("-");
	}
	free(text);
	return 0;
}

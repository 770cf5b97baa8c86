/*
 * fuzz_tcf.c - whatever a TC string holds: consent is set whole or not at
 * all, nothing is granted without purpose 1, and neither what follows the
 * core nor bits behind the purposes change the verdict.
 */
#include <assert.h>
#include <string.h>

#include "collector/tcf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
same(const struct consent *a, const struct consent *b)
{
	return memcmp(a->letter, b->letter, sizeof(a->letter)) == 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str tc = str_make((const char *)data, size), core, rest = tc;
	struct consent c = consent_unknown, again = consent_unknown;
	struct arena *arena;

	if (!tcf_read(&c, tc)) {
		assert(same(&c, &consent_unknown));
		return 0;
	}
	for (int i = 0; i < CONSENT_PURPOSES; i++) {
		assert(c.letter[i] == 'g' || c.letter[i] == 'd');
		if (c.letter[CONSENT_AD_STORAGE] == 'd')
			assert(c.letter[i] == 'd');
	}
	assert(size <= TCF_MAX && str_cut(&rest, '.', &core));
	assert(tcf_read(&again, core) && same(&c, &again));
	arena = arena_new(2 * TCF_MAX);
	again = consent_unknown;
	core = arena_printf(arena, "%.*s_AZaz09-", STR_ARG(core));
	assert(
	    core.len > TCF_MAX || (tcf_read(&again, core) && same(&c, &again)));
	arena_free(arena);
	return 0;
}

/*
 * facts_harness.h - what reads hits in the tests of facts: the sites of
 * sites_yaml, which the test defines before it includes this, the channels
 * that ship, and no facts yet.
 */
#ifndef TESTS_UNIT_FACTS_HARNESS_H
#define TESTS_UNIT_FACTS_HARNESS_H

#include <stdio.h>

#include "aggregator/journey/facts.h"
#include "tests/unit/sites_text.h"

static struct arena *arena;
static struct sites sites;
static struct rules *rules;
static struct facts *facts;

static int
set_up(void **ctx)
{
	struct buf problems = { NULL, 0, 0 };
	bool ok;

	(void)ctx;
	arena = arena_new(1 << 14);
	ok = sites_of_text(sites_yaml, &sites, arena, &problems);
	if (ok)
		rules = rules_load("config/channels.yaml", &problems);
	ok = rules != NULL && rules_add_goals(rules, &sites, &problems);
	if (problems.len > 0)
		fprintf(stderr, "%s", buf_text(&problems));
	buf_free(&problems);
	facts = facts_new();
	return !ok;
}

static int
tear_down(void **ctx)
{
	(void)ctx;
	facts_free(facts);
	rules_free(rules);
	sites_close(&sites);
	arena_free(arena);
	return 0;
}

#endif

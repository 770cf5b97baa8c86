/*
 * facts_harness.h - what reads hits in the tests of facts: the sites of
 * sites_yaml, which the test defines before it includes this, the channels
 * that ship, and no facts yet.
 */
#ifndef TESTS_UNIT_FACTS_HARNESS_H
#define TESTS_UNIT_FACTS_HARNESS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aggregator/journey/facts.h"

static struct arena *arena;
static struct sites sites;
static struct rules *rules;
static struct facts *facts;

static int
set_up(void **ctx)
{
	char name[] = "/tmp/test_facts_XXXXXX";
	struct buf problems = { NULL, 0, 0 };
	int fd = mkstemp(name);
	ssize_t len = (ssize_t)strlen(sites_yaml);
	bool ok = fd >= 0 && write(fd, sites_yaml, (size_t)len) == len;

	(void)ctx;
	arena = arena_new(1 << 14);
	close(fd);
	ok = ok && sites_load(name, &sites, arena, &problems);
	unlink(name);
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

/*
 * fuzz_classify.c - whatever an address, a referrer or an agent holds: the
 * origin is complete, in its bounds and in UTF-8, and its channel follows
 * from the names it shows.
 *
 * The input's lines are url, referrer, source, medium, campaign, click id,
 * user agent and purpose. Run from the root of the tree.
 */
#include "aggregator/journey/classify.h"

#include <assert.h>
#include <stdlib.h>

#include "aggregator/journey/normalise.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct rules *rules;
static struct arena *arena;

static void
prepare(void)
{
	struct buf problems = { NULL, 0, 0 };

	if (rules != NULL)
		return;
	arena = arena_new(65536);
	rules = rules_load("config/channels.yaml", &problems);
	assert(rules != NULL);
	buf_free(&problems);
}

static void
check_name(struct str name)
{
	assert(name.len > 0 && name.len <= NORMALISE_MAX + 60);
	assert(str_utf8(name));
	assert(str_eq(normalise(arena, name), name));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = str_make((const char *)data, size);
	struct record r = { .lane = STR("browser") };
	struct str *const fields[] = { &r.url, &r.referrer, &r.source,
		&r.medium, &r.campaign, &r.click_id, &r.user_agent,
		&r.purpose };
	char *own[] = { (char[]){ "shop.example" },
		(char[]){ "*.shop.example" } };
	const struct site site = { .hosts = { own, 2 } };
	struct origin o, again;

	if (size > 16384)
		return 0;
	prepare();
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (!str_cut(&rest, '\n', fields[i]))
			break;
	}
	classify_hit(rules, &site, &r, arena, &o);
	check_name(o.source);
	check_name(o.medium);
	check_name(o.campaign);
	assert(o.channel.len > 0 && o.rule.len > 0);
	classify_names(
	    rules, &site, o.source, o.medium, o.campaign, arena, &again);
	assert(str_eq(o.source, again.source));
	assert(str_eq(o.medium, again.medium));
	assert(str_eq(o.campaign, again.campaign));
	assert(str_eq(o.channel, again.channel));
	(void)classify_bot(rules, &r);
	arena_reset(arena);
	return 0;
}

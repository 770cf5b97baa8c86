/*
 * origins.c - a hash table in an arena.
 */
#include "aggregator/journey/origins.h"

#include "common/digest.h"

uint64_t
origins_name(struct buf *text, const struct origin *o)
{
	const struct str *part[] = { &o->source, &o->medium, &o->campaign,
		&o->term, &o->content, &o->click_id, &o->campaign_id };

	text->len = 0;
	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		if (i > 0)
			buf_add_char(text, '\x1f');
		buf_add_str(text, *part[i]);
	}
	return digest_hash64(buf_str(text), 0);
}

const struct origin *
origins_keep(struct arena *a, const struct origin *o)
{
	struct origin *k = arena_alloc(a, sizeof(*k));

	*k = (struct origin){ .tagged = o->tagged,
		.channel = arena_str(a, o->channel),
		.source = arena_str(a, o->source),
		.medium = arena_str(a, o->medium),
		.campaign = arena_str(a, o->campaign),
		.term = arena_str(a, o->term),
		.content = arena_str(a, o->content),
		.click_id = arena_str(a, o->click_id),
		.campaign_id = arena_str(a, o->campaign_id),
		.rule = o->rule };
	return k;
}

static bool
same(const struct origin *a, const struct origin *b)
{
	return a->tagged == b->tagged && str_eq(a->channel, b->channel) &&
	       str_eq(a->source, b->source) && str_eq(a->medium, b->medium) &&
	       str_eq(a->campaign, b->campaign) && str_eq(a->term, b->term) &&
	       str_eq(a->content, b->content) &&
	       str_eq(a->click_id, b->click_id) &&
	       str_eq(a->campaign_id, b->campaign_id);
}

/* The slot of the origin O of SITE, or the free one where it goes. */
static uint32_t *
find(const struct origins *all, const struct site *site, const struct origin *o,
    uint64_t name)
{
	size_t at = (size_t)name;

	for (;; at++) {
		uint32_t *slot = &all->slot[at & (all->slots - 1)];
		const struct origin_fact *known;

		if (*slot == 0)
			return slot;
		known = &all->at[*slot - 1];
		if (known->name == name && known->site == site &&
		    same(known->origin, o))
			return slot;
	}
}

static void
grow(struct origins *all, struct arena *arena)
{
	struct origin_fact *larger;

	all->slots = all->slots == 0 ? 16 : all->slots * 2;
	all->slot = arena_zero(arena, all->slots, sizeof(*all->slot));
	larger = arena_alloc(arena, all->slots / 2 * sizeof(*larger));
	if (all->count > 0)
		memcpy(larger, all->at, all->count * sizeof(*larger));
	all->at = larger;
	for (size_t i = 0; i < all->count; i++)
		*find(all, larger[i].site, larger[i].origin, larger[i].name) =
		    (uint32_t)i + 1;
}

uint32_t
origins_no(struct origins *all, struct arena *arena, const struct site *site,
    const struct origin *o, uint64_t name)
{
	uint32_t *slot;

	if (all->count * 2 >= all->slots)
		grow(all, arena);
	slot = find(all, site, o, name);
	if (*slot == 0) {
		all->at[all->count++] =
		    (struct origin_fact){ site, origins_keep(arena, o), name };
		*slot = (uint32_t)all->count;
	}
	return *slot - 1;
}

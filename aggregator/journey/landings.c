/*
 * landings.c - a direct-mapped table. A landing is kept when it comes for the
 * second time: click ids, which come once, cost a hash and no copy.
 */
#include "aggregator/journey/landings.h"

#include <stdlib.h>

#include "aggregator/journey/origins.h"
#include "aggregator/journey/url.h"
#include "common/digest.h"

enum { LANDINGS = 2048, LOOKED_AT_MAX = 1024 /* bytes */ };

struct slot {
	uint64_t hash;
	uint64_t round; /* of another one is only the hash */
	const struct rules *rules;
	const struct site *site;
	struct str looked_at; /* NULL data: came once */
	struct landing landing;
};

struct landings {
	uint64_t round;
	struct buf text;
	struct landing last; /* that is not kept */
	struct slot at[LANDINGS];
};

struct landings *
landings_new(void)
{
	struct landings *l = mem_zero(1, sizeof(*l));

	l->round = 1;
	return l;
}

void
landings_free(struct landings *l)
{
	if (l == NULL)
		return;
	buf_free(&l->text);
	free(l);
}

void
landings_reset(struct landings *l)
{
	l->round++;
}

/*
 * All that classify_hit() looks at in RECORD, in l->text; false when that is
 * much, or is said by the record's own fields. The path of a page is not.
 */
static bool
gather(struct landings *l, const struct record *r)
{
	struct url page;

	if ((r->source.len | r->medium.len | r->campaign.len | r->term.len |
		r->content.len | r->click_id.len) != 0 ||
	    r->url.len + r->referrer.len > LOOKED_AT_MAX)
		return false;
	url_parse(r->url, &page);
	l->text.len = 0;
	buf_add(&l->text, &page.host.len, sizeof(page.host.len));
	buf_add(&l->text, &page.query.len, sizeof(page.query.len));
	buf_add_str(&l->text, page.host);
	buf_add_str(&l->text, page.query);
	buf_add_str(&l->text, r->referrer);
	return true;
}

static struct landing *
classify(struct landings *l, const struct rules *rules, const struct site *site,
    const struct record *r, struct arena *arena)
{
	l->last.place = LANDING_NO_PLACE;
	classify_hit(rules, site, r, arena, &l->last.origin);
	return &l->last;
}

struct landing *
landings_find(struct landings *l, const struct rules *rules,
    const struct site *site, const struct record *r, struct arena *arena)
{
	struct slot *s;
	struct landing *found;
	uint64_t hash;
	bool again;

	if (!gather(l, r))
		return classify(l, rules, site, r, arena);
	hash = digest_hash64(buf_str(&l->text), (uint64_t)(uintptr_t)site);
	s = &l->at[hash % LANDINGS];
	if (s->hash == hash && s->round == l->round && s->rules == rules &&
	    s->site == site && s->looked_at.data != NULL &&
	    str_eq(s->looked_at, buf_str(&l->text)))
		return &s->landing;
	found = classify(l, rules, site, r, arena);
	again = s->hash == hash;
	*s = (struct slot){ .hash = hash };
	if (again) {
		s->round = l->round;
		s->rules = rules;
		s->site = site;
		s->looked_at = arena_str(arena, buf_str(&l->text));
		s->landing =
		    (struct landing){ *origins_keep(arena, &found->origin),
			    LANDING_NO_PLACE };
		return &s->landing;
	}
	return found;
}

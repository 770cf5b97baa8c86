/*
 * fuzz_compatible.c - whatever other systems' clients send: it becomes a
 * record that can be written and read again, or is refused for a reason. The
 * first byte says whose it is.
 */
#include <assert.h>
#include <stdlib.h>

#include "collector/ga4.h"
#include "collector/matomo.h"
#include "collector/plausible.h"
#include "collector/segment.h"
#include "collector/snowplow.h"
#include "collector/umami.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct site site_list[] = { { .id = (char *)"shop" } };
static const struct sites sites = { .list = { site_list, 1 } };

static void
check(struct foreign *f, struct arena *arena)
{
	struct hit_context ctx = { .lane = f->lane,
		.sites = &sites,
		.arena = arena,
		.now_ms = 1700000000000,
		.ip = STR("203.0.113.0"),
		.user_agent = STR("agent") };
	struct record r, again;
	struct hit_refusal no = { 0 };
	const struct hit_pair *pair;
	struct buf out = { 0 };
	struct error err;
	size_t count;

	assert(f->count <= FOREIGN_PAIRS_MAX);
	assert(f->prop_count <= FOREIGN_PROPS_MAX);
	if (f->no != NULL || f->nothing)
		return;
	pair = foreign_pairs(f, &count);
	if (!hit_from_pairs(&ctx, site_list, pair, count, &r, &no)) {
		assert(no.why != NULL && no.field != NULL);
		return;
	}
	if (record_encode(&r, &out, &err))
		assert(record_decode(&again, buf_str(&out), arena, &err));
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena;
	struct foreign *f;
	struct params p;
	const struct json *root, *e;
	enum hit_lane lane;
	char *copy;
	struct str text;

	if (size == 0)
		return 0;
	arena = arena_new(4096);
	f = arena_alloc(arena, sizeof(*f));
	copy = malloc(size);
	memcpy(copy, data, size);
	text = str_make(copy + 1, size - 1);
	lane = data[0] & 8 ? HIT_SERVER : HIT_BROWSER;
	p = params_new(arena);
	foreign_start(f, arena, lane, 1700000000000);
	switch (data[0] & 7) {
	case 0:
		params_query(&p, arena, text);
		f->lane = snowplow_lane(&p);
		snowplow_read(f, &p);
		break;
	case 1:
		params_query(&p, arena, text);
		matomo_read(f, &p);
		break;
	case 2:
		params_query(&p, arena, text);
		ga4_read_gtag(f, &p);
		break;
	default:
		root = json_read(arena, text, NULL);
		if (root == NULL)
			goto out;
		e = json_find(root, "events");
		if ((data[0] & 7) == 3)
			segment_read(f, root, STR("track"), STR_EMPTY);
		else if ((data[0] & 7) == 4)
			plausible_read(f, root);
		else if ((data[0] & 7) == 5)
			umami_read(f, root);
		else if ((data[0] & 7) == 6 && e != NULL && e->child != NULL)
			ga4_read_event(f, root, e->child, 0);
		else {
			params_json(&p, root);
			f->lane = snowplow_lane(&p);
			snowplow_read(f, &p);
		}
	}
	check(f, arena);
out:
	free(copy);
	arena_free(arena);
	return 0;
}

#include "aggregator/store/campaign_ids.h"

#include "aggregator/store/sql.h" /* made from store/sql/ by make */

bool
campaign_ids_write(struct postgres *pg, const struct facts *f,
    const int32_t *dim, struct arena *arena, struct error *err)
{
	size_t count = f->touches.count, n = 0;
	struct str *site = arena_alloc(arena, count * sizeof(*site));
	struct str *id = arena_alloc(arena, count * sizeof(*id));
	int32_t *where = arena_alloc(arena, count * sizeof(*where));
	struct postgres_args args = { 0 };
	int64_t fresh = 0;
	bool ok = true;

	for (size_t i = 0; i < count; i++) {
		const struct touch_fact *t = &f->touches.at[i];

		if (t->origin->campaign_id.len == 0)
			continue;
		site[n] = str_of(t->site->id);
		id[n] = t->origin->campaign_id;
		where[n++] = dim[i];
	}
	if (n == 0)
		return true;
	postgres_arg_texts(&args, site, n);
	postgres_arg_texts(&args, id, n);
	postgres_arg_int4s(&args, where, n);
	ok = postgres_exec(pg, sql_campaign_hit_put, &args, &fresh, err);
	if (ok && fresh > 0) {
		postgres_args_reset(&args);
		postgres_arg_texts(&args, site, n);
		postgres_arg_texts(&args, id, n);
		ok = postgres_exec(pg, sql_cost_lock, NULL, NULL, err) &&
		     postgres_exec(pg, sql_cost_match, &args, NULL, err);
	}
	postgres_args_free(&args);
	return ok;
}

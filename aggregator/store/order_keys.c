/*
 * order_keys.c - two statements: the locks, then the names that hold now.
 */
#include "aggregator/store/order_keys.h"

#include <stdlib.h>

#include "aggregator/store/sql.h" /* made from store/sql/ by make */

static struct order_keys
collect(const struct facts *f, struct arena *arena)
{
	size_t most = f->conversions.count + f->refunds.count;
	struct order_keys k = { arena_alloc(arena, most * sizeof(struct str)),
		arena_alloc(arena, most * sizeof(struct str)), 0, NULL, 0 };

	for (size_t i = 0; i < f->conversions.count; i++) {
		const struct conversion_fact *c = &f->conversions.at[i];

		if (c->dedup_key.len == 0)
			continue;
		k.site[k.count] = str_of(c->site->id);
		k.key[k.count++] = c->dedup_key;
	}
	for (size_t i = 0; i < f->refunds.count; i++) {
		k.site[k.count] = str_of(f->refunds.at[i].site->id);
		k.key[k.count++] = f->refunds.at[i].order_id;
	}
	return k;
}

static bool
lock(struct postgres *pg, const struct order_keys *k, struct error *err)
{
	struct postgres_args args = { 0 };
	bool ok;

	if (k->count == 0)
		return true;
	postgres_arg_texts(&args, k->site, k->count);
	postgres_arg_texts(&args, k->key, k->count);
	ok = postgres_exec(pg, sql_order_lock, &args, NULL, err);
	postgres_args_free(&args);
	return ok;
}

static int
by_site_and_key(const void *va, const void *vb)
{
	const struct order_name *a = va, *b = vb;
	int order = str_cmp(a->site, b->site);

	return order != 0 ? order : str_cmp(a->key, b->key);
}

struct str
order_keys_name(const struct order_keys *k, struct str site, struct str key)
{
	struct order_name want = { site, key, STR_EMPTY };
	const struct order_name *found;

	if (k->named_count == 0)
		return key;
	found = bsearch(&want, k->named, k->named_count, sizeof(*k->named),
	    by_site_and_key);
	return found != NULL ? found->hash : key;
}

/* After the locks: an order that is hashed meanwhile was waited for there. */
static bool
name_all(struct order_keys *k, struct postgres *pg, struct arena *arena,
    struct error *err)
{
	struct postgres_args args = { 0 };
	struct postgres_rows *rows;

	if (k->count == 0)
		return true;
	postgres_arg_texts(&args, k->site, k->count);
	postgres_arg_texts(&args, k->key, k->count);
	rows = postgres_query(pg, sql_order_names, &args, err);
	postgres_args_free(&args);
	if (rows == NULL)
		return false;
	k->named_count = postgres_rows_count(rows);
	k->named = arena_alloc(arena, k->named_count * sizeof(*k->named));
	for (size_t i = 0; i < k->named_count; i++)
		k->named[i] = (struct order_name){
			arena_str(arena, postgres_text(rows, i, 0)),
			arena_str(arena, postgres_text(rows, i, 1)),
			arena_str(arena, postgres_text(rows, i, 2))
		};
	postgres_rows_free(rows);
	for (size_t i = 0; i < k->count; i++)
		k->key[i] = order_keys_name(k, k->site[i], k->key[i]);
	return true;
}

bool
order_keys_lock(struct order_keys *k, struct postgres *pg,
    const struct facts *f, struct arena *arena, struct error *err)
{
	*k = collect(f, arena);
	return lock(pg, k, err) && name_all(k, pg, arena, err);
}

/*
 * erase_again.c - the list against tables that know less than it: a backup
 * from before an erasure was restored. All keys of the tables are hashed and
 * looked up, as hashes cannot be turned into keys.
 */
#include "aggregator/store/erase.h"

#include <stdlib.h>

#include "aggregator/store/sql.h" /* made from store/sql/ by make */
#include "aggregator/store/suppressed.h"

enum { AT_ONCE = 500 };

/* Requests that the tables' own keys have become. */
struct found {
	struct erase_request *at;
	size_t count, cap;
	struct arena *arena; /* of their texts */
};

static void
add(struct found *f, struct erase_request r)
{
	if (f->count == f->cap) {
		f->cap = f->cap == 0 ? 256 : f->cap * 2;
		f->at = mem_grow(f->at, f->cap * sizeof(*f->at));
	}
	r.again = true;
	f->at[f->count++] = r;
}

static void
match_keys(struct erase *e, const struct postgres_rows *r, struct found *f)
{
	for (size_t i = 0; i < postgres_rows_count(r); i++) {
		struct hash128 key = postgres_uuid(r, i, 1);

		if (erased_has(e->list, key))
			add(f,
			    (struct erase_request){
				.kind = (enum person_kind)postgres_int(r, i, 0),
				.key = key });
	}
}

static void
match_orders(struct erase *e, const struct postgres_rows *r, struct found *f)
{
	for (size_t i = 0; i < postgres_rows_count(r); i++) {
		struct str site = postgres_text(r, i, 0);
		struct str order = postgres_text(r, i, 1);

		if (erased_has(e->list, person_key(PERSON_ORDER, site, order)))
			add(f, (struct erase_request){ .kind = PERSON_ORDER,
				   .id = arena_str(f->arena, order),
				   .site = arena_str(f->arena, site) });
	}
}

/* All rows of the cursor that DECLARE opens, to MATCH. */
static bool
walk(struct erase *e, const char *declare, const char *fetch,
    void (*match)(
	struct erase *e, const struct postgres_rows *r, struct found *f),
    struct found *f, struct error *err)
{
	size_t n = 1;

	if (!postgres_script(e->pg, declare, err))
		return false;
	while (n > 0) {
		struct postgres_rows *r =
		    postgres_query(e->pg, fetch, NULL, err);

		if (r == NULL)
			return false;
		n = postgres_rows_count(r);
		match(e, r, f);
		postgres_rows_free(r);
	}
	return true;
}

static bool
find(struct erase *e, struct found *f, struct error *err)
{
	bool ok = postgres_begin(e->pg, err) &&
		  walk(e, sql_erase_again_keys, sql_erase_again_key_rows,
		      match_keys, f, err) &&
		  walk(e, sql_erase_again_orders, sql_erase_again_order_rows,
		      match_orders, f, err);

	postgres_rollback(e->pg);
	return ok;
}

static bool
put_list(struct erase *e, struct error *err)
{
	struct hash128 *all = erased_all(e->list);
	struct postgres_args args = { 0 };
	bool ok;

	postgres_arg_uuids(&args, all, erased_count(e->list));
	postgres_arg_uuid(&args, erased_fingerprint(e->list));
	ok = postgres_exec(e->pg, sql_suppression_put, &args, NULL, err);
	postgres_args_free(&args);
	free(all);
	return ok;
}

static void
sum_up(struct erase_counts *sum, const struct erase_counts *n, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		sum->visitors += n[i].visitors;
		sum->users += n[i].users;
		sum->addresses += n[i].addresses;
		sum->orders += n[i].orders;
		sum->touches += n[i].touches;
		sum->conversions += n[i].conversions;
		sum->exposures += n[i].exposures;
		sum->exports += n[i].exports;
	}
}

bool
erase_again(struct erase *e, struct erase_counts *sum, struct error *err)
{
	struct found f = { .arena = arena_new(1 << 16) };
	struct erase_counts n[AT_ONCE];
	bool ok = find(e, &f, err);
	size_t count;

	for (size_t i = 0; ok && i < f.count; i += count) {
		count = f.count - i < AT_ONCE ? f.count - i : AT_ONCE;
		ok = erase_group(e, f.at + i, count, n, err);
		if (ok)
			sum_up(sum, n, count);
	}
	/* Last: a list that the table lacks is what tells to begin again. */
	ok = ok && put_list(e, err);
	free(f.at);
	arena_free(f.arena);
	return ok;
}

bool
erase_restored(struct postgres *pg, const char *file, const struct sites *sites,
    struct error *err)
{
	const struct site *at = sites->list.at;
	struct erase e = { .pg = pg, .site_count = sites->list.count };
	struct erase_counts sum = { 0 };
	struct str *site;
	struct postgres_rows *r =
	    postgres_query(pg, sql_suppression_count, NULL, err);
	int64_t rows = r != NULL ? postgres_int(r, 0, 0) : 0;
	bool ok;

	postgres_rows_free(r);
	e.list = r != NULL ? suppressed_load(pg, file, err) : NULL;
	if (e.list == NULL)
		return false;
	e.arena = arena_new(1 << 16);
	site = mem_alloc((e.site_count + 1) * sizeof(*site));
	for (size_t i = 0; i < e.site_count; i++)
		site[i] = str_of(at[i].id);
	e.sites = site;
	ok = (int64_t)erased_count(e.list) == rows ||
	     (erase_open(pg, err) && erase_again(&e, &sum, err));
	erased_free(e.list);
	arena_free(e.arena);
	free(site);
	return ok;
}

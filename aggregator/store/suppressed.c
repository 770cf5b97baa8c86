#include "aggregator/store/suppressed.h"

#include <stdlib.h>

#include "aggregator/store/sql.h" /* made from store/sql/ by make */
#include "common/metrics.h"

static bool
add_rows(struct erased *e, const struct postgres_rows *r, const char *file,
    struct error *err)
{
	struct hash128 ours, theirs;

	if (postgres_rows_count(r) == 0)
		return true;
	if (!erased_has_secret(e))
		return error_set(err, ERROR_FATAL,
		    "erased_file: %s is not there, and %zu ids are erased: "
		    "bring it back from another machine or a backup, or they "
		    "would be taken in again",
		    file, postgres_rows_count(r));
	ours = erased_fingerprint(e);
	for (size_t i = 0; i < postgres_rows_count(r); i++) {
		theirs = postgres_uuid(r, i, 1);
		if (theirs.hi != ours.hi || theirs.lo != ours.lo)
			return error_set(err, ERROR_FATAL,
			    "erased_file: %s has another secret than the "
			    "tables were written with: bring back the one "
			    "that belongs to this database",
			    file);
		(void)erased_add(e, postgres_uuid(r, i, 0));
	}
	return true;
}

struct erased *
suppressed_load(struct postgres *pg, const char *file, struct error *err)
{
	struct postgres_rows *r =
	    postgres_query(pg, sql_suppression_list, NULL, err);
	struct erased *e = r != NULL ? erased_load(file, err) : NULL;

	if (e != NULL && !add_rows(e, r, file, err)) {
		erased_free(e);
		e = NULL;
	}
	postgres_rows_free(r);
	return e;
}

static bool
load_order_secret(struct suppressed *s, struct postgres *pg, struct error *err)
{
	struct postgres_rows *r =
	    postgres_query(pg, sql_order_secret, NULL, err);

	if (r == NULL)
		return false;
	s->order_secret.len = 0;
	if (postgres_rows_count(r) > 0)
		buf_add_str(&s->order_secret, postgres_bytes(r, 0, 0));
	postgres_rows_free(r);
	return true;
}

/* What stands for ORDER once its id is a hash: see the function order_hash. */
static struct str
old_order(const struct suppressed *s, struct str site, struct str order,
    struct arena *arena)
{
	char hex[2 * SHA256_BYTES + 1];
	uint8_t hash[SHA256_BYTES];
	struct buf text = { 0 };

	buf_add_str(&text, buf_str(&s->order_secret));
	buf_printf(&text, "%.*s\n%.*s", STR_ARG(site), STR_ARG(order));
	digest_sha256(buf_str(&text), hash);
	buf_free(&text);
	digest_hex(hash, sizeof(hash), hex);
	return arena_printf(arena, "h.%s", hex);
}

struct str
suppressed_order(const struct suppressed *s, struct str site, struct str order,
    struct arena *arena)
{
	struct str old;

	if (s->list == NULL || erased_count(s->list) == 0 || order.len == 0)
		return order;
	if (erased_has(s->list, person_key(PERSON_ORDER, site, order)))
		return erased_alias(s->list, site, order, arena);
	old = old_order(s, site, order, arena);
	if (erased_has(s->list, person_key(PERSON_ORDER, site, old)))
		return erased_alias(s->list, site, old, arena);
	return order;
}

bool
suppressed_refresh(struct suppressed *s, struct postgres *pg, const char *file,
    struct error *err)
{
	struct postgres_rows *r =
	    postgres_query(pg, sql_suppression_count, NULL, err);
	struct erased *fresh;
	int64_t rows;

	if (r == NULL)
		return false;
	rows = postgres_int(r, 0, 0);
	postgres_rows_free(r);
	if (s->list != NULL && rows == s->rows)
		return true;
	if (!load_order_secret(s, pg, err))
		return false;
	fresh = suppressed_load(pg, file, err);
	if (fresh == NULL)
		return false;
	erased_free(s->list);
	s->list = fresh;
	s->rows = rows;
	return true;
}

void
suppressed_free(struct suppressed *s)
{
	erased_free(s->list);
	buf_free(&s->order_secret);
	s->list = NULL;
}

/* Strips R if it names somebody, and says whether it did. */
static bool
strip(const struct suppressed *s, struct record *r, struct arena *arena)
{
	struct str order = suppressed_order(s, r->site, r->order_id, arena);

	if (!erased_names(s->list, r) && str_eq(order, r->order_id))
		return false;
	erased_strip(s->list, r, arena);
	if (order.len > 0 && erased_is_alias(order))
		r->order_id = order;
	return true;
}

void
suppressed_apply(
    const struct suppressed *s, struct record *r, struct arena *arena)
{
	if (strip(s, r, arena))
		metrics_inc(METRIC_RECORDS_ERASED);
}

struct str
suppressed_dead(
    const struct suppressed *s, const struct sites *sites, struct str record)
{
	const struct site *at = sites->list.at;
	size_t n = sites->list.count;
	struct arena *arena;
	struct record r;
	struct error err;
	struct str *id;
	bool hide;

	if (s->list == NULL || erased_count(s->list) == 0)
		return record;
	arena = arena_new(4096);
	id = arena_alloc(arena, (n + 1) * sizeof(*id));
	for (size_t i = 0; i < n; i++)
		id[i] = str_of(at[i].id);
	hide =
	    (record_decode(&r, record, arena, &err) && strip(s, &r, arena)) ||
	    erased_in_text(s->list, id, n, record);
	arena_free(arena);
	return hide ? STR_EMPTY : record;
}

/*
 * erase.c - the steps of an erasure, one transaction for a group of requests:
 * whom it is about, new names for what stays, the rows, the list of those who
 * must not come back, the receipts.
 */
#include "aggregator/store/erase.h"

#include <stdlib.h>

#include "aggregator/store/sql.h" /* made from store/sql/ by make */

enum { ROUNDS = 1000 };

/* --- whom it is about ------------------------------------------------------
 */

/* Arrays that grow in an arena: whom requests name. */
struct named {
	int32_t *request, *kind;
	struct hash128 *key;
	size_t count;
};

static void
name_key(struct erase *e, struct named *n, size_t request,
    enum person_kind kind, struct hash128 key)
{
	n->request[n->count] = (int32_t)request;
	n->kind[n->count] = (int32_t)kind;
	n->key[n->count++] = key;
	e->entry[e->entry_count++] = erased_entry(e->list, key);
}

static void
name(struct erase *e, struct named *n, size_t request, enum person_kind kind,
    struct str site, struct str id)
{
	if (id.len > 0)
		name_key(e, n, request, kind, person_key(kind, site, id));
}

static struct named
name_all(struct erase *e, const struct erase_request *r, size_t count)
{
	size_t most = 2 * count * (e->site_count + 1);
	struct named n = { arena_alloc(e->arena, most * 4),
		arena_alloc(e->arena, most * 4),
		arena_alloc(e->arena, most * 16), 0 };

	e->entry = arena_alloc(e->arena, most * 16);
	e->first = arena_alloc(e->arena, (count + 1) * 4);
	e->entries = arena_alloc(e->arena, (count + 1) * 4);
	e->entry_count = 0;
	for (size_t i = 0; i < count; i++) {
		e->first[i] = (int32_t)e->entry_count + 1;
		if (r[i].again && r[i].kind == PERSON_ORDER) {
			name(e, &n, i, r[i].kind, r[i].site, r[i].id);
		} else if (r[i].again) {
			name_key(e, &n, i, r[i].kind, r[i].key);
		}
		for (size_t k = 0; !r[i].again && k < e->site_count; k++) {
			name(e, &n, i, r[i].kind, e->sites[k], r[i].id);
			/* A browser that names itself stands with c. before. */
			name(e, &n, i, r[i].kind, e->sites[k],
			    r[i].kind == PERSON_VISITOR &&
				    !str_starts(r[i].id, STR("c."))
				? arena_printf(
				      e->arena, "c.%.*s", STR_ARG(r[i].id))
				: r[i].other);
		}
		e->entries[i] = (int32_t)e->entry_count + 1 - e->first[i];
	}
	return n;
}

static bool
put_names(struct erase *e, const struct named *n, struct error *err)
{
	struct postgres_args args = { 0 };
	bool ok;

	postgres_arg_int4s(&args, n->request, n->count);
	postgres_arg_int4s(&args, n->kind, n->count);
	postgres_arg_uuids(&args, n->key, n->count);
	ok = postgres_exec(e->pg, sql_erase_start, &args, NULL, err);
	postgres_args_free(&args);
	return ok;
}

/* The texts of requests of KIND, on each site, to the statement SQL. */
static bool
put_texts(struct erase *e, const struct erase_request *r, size_t count,
    enum person_kind kind, const char *sql, struct error *err)
{
	size_t most = 2 * count * (e->site_count + 1), n = 0;
	int32_t *request = arena_alloc(e->arena, most * 4);
	struct str *site = arena_alloc(e->arena, most * sizeof(*site));
	struct str *text = arena_alloc(e->arena, most * sizeof(*text));
	struct postgres_args args = { 0 };
	bool ok;

	for (size_t i = 0; i < count; i++) {
		struct str both[2] = { r[i].id, r[i].other };

		for (size_t k = 0; k < 2 * e->site_count; k++) {
			if (r[i].kind != kind || both[k % 2].len == 0 ||
			    (r[i].again && !str_eq(r[i].site, e->sites[k / 2])))
				continue;
			request[n] = (int32_t)i;
			site[n] = e->sites[k / 2];
			text[n++] = both[k % 2];
		}
	}
	if (n == 0)
		return true;
	postgres_arg_int4s(&args, request, n);
	postgres_arg_texts(&args, site, n);
	postgres_arg_texts(&args, text, n);
	ok = postgres_exec(e->pg, sql, &args, NULL, err);
	postgres_args_free(&args);
	return ok;
}

static bool
follow(struct erase *e, struct error *err)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct postgres_rows *r =
		    postgres_query(e->pg, sql_erase_follow, NULL, err);
		int64_t found;

		if (r == NULL)
			return false;
		found = postgres_int(r, 0, 0);
		postgres_rows_free(r);
		if (found == 0)
			return true;
	}
	return error_set(err, ERROR_FATAL,
	    "what belongs to these ids has no end after %d steps", ROUNDS);
}

static bool
count_all(
    struct erase *e, size_t count, struct erase_counts *out, struct error *err)
{
	struct postgres_args args = { 0 };
	struct postgres_rows *r;

	postgres_arg_int4(&args, (int32_t)count);
	r = postgres_query(e->pg, sql_erase_counts, &args, err);
	postgres_args_free(&args);
	if (r == NULL)
		return false;
	for (size_t i = 0; i < count; i++)
		out[i] = (struct erase_counts){ postgres_int(r, i, 1),
			postgres_int(r, i, 2), postgres_int(r, i, 3),
			postgres_int(r, i, 4), postgres_int(r, i, 5),
			postgres_int(r, i, 6), postgres_int(r, i, 7),
			postgres_int(r, i, 8) };
	postgres_rows_free(r);
	return true;
}

bool
erase_find(struct erase *e, const struct erase_request *requests, size_t count,
    struct erase_counts *counts, struct error *err)
{
	struct named n;

	arena_reset(e->arena);
	n = name_all(e, requests, count);
	return postgres_script(e->pg, sql_erase_stage, err) &&
	       put_names(e, &n, err) &&
	       put_texts(e, requests, count, PERSON_ORDER,
		   sql_erase_start_orders, err) &&
	       put_texts(e, requests, count, PERSON_EMAIL,
		   sql_erase_start_addresses, err) &&
	       follow(e, err) && count_all(e, count, counts, err);
}

/* --- those who must not come back ------------------------------------------
 */

/* Entries to be: those named by requests and all that was found. */
struct entries {
	struct hash128 *at;
	size_t count, cap;
};

static void
list(struct erase *e, struct entries *to, struct hash128 entry)
{
	if (to->count == to->cap) {
		to->cap = to->cap == 0 ? 1024 : to->cap * 2;
		to->at = mem_grow(to->at, to->cap * sizeof(*to->at));
	}
	to->at[to->count++] = entry;
	(void)erased_add(e->list, entry);
}

static void
list_id(struct erase *e, struct entries *to, enum person_kind kind,
    struct str site, struct str id)
{
	if (id.len > 0)
		list(e, to, erased_entry(e->list, person_key(kind, site, id)));
}

static bool
list_keys(struct erase *e, struct entries *to, struct error *err)
{
	struct postgres_rows *r =
	    postgres_query(e->pg, sql_erase_keys, NULL, err);

	if (r == NULL)
		return false;
	for (size_t i = 0; i < postgres_rows_count(r); i++)
		list(e, to, erased_entry(e->list, postgres_uuid(r, i, 0)));
	postgres_rows_free(r);
	return true;
}

/* --- new names -------------------------------------------------------------
 */

static struct hash128
random_number(void)
{
	struct hash128 h;

	digest_random(&h, sizeof(h));
	return h;
}

static bool
name_orders(struct erase *e, struct entries *to, struct error *err)
{
	struct postgres_rows *r =
	    postgres_query(e->pg, sql_erase_orders, NULL, err);
	struct postgres_args args = { 0 };
	struct str *text[3];
	size_t n;
	bool ok;

	if (r == NULL)
		return false;
	n = postgres_rows_count(r);
	for (int k = 0; k < 3; k++)
		text[k] = arena_alloc(e->arena, (n + 1) * sizeof(struct str));
	for (size_t i = 0; i < n; i++) {
		text[0][i] = postgres_text(r, i, 0);
		text[1][i] = postgres_text(r, i, 1);
		text[2][i] =
		    erased_alias(e->list, text[0][i], text[1][i], e->arena);
		list_id(e, to, PERSON_ORDER, text[0][i], text[1][i]);
	}
	for (int k = 0; k < 3; k++)
		postgres_arg_texts(&args, text[k], n);
	ok = postgres_exec(e->pg, sql_erase_shop_put, &args, NULL, err);
	postgres_args_free(&args);
	postgres_rows_free(r);
	return ok;
}

static bool
name_refunds(struct erase *e, struct error *err)
{
	struct postgres_rows *r =
	    postgres_query(e->pg, sql_erase_refunds, NULL, err);
	struct postgres_args args = { 0 };
	struct str *text[5];
	size_t n;
	bool ok;

	if (r == NULL)
		return false;
	n = postgres_rows_count(r);
	for (int k = 0; k < 5; k++)
		text[k] = arena_alloc(e->arena, (n + 1) * sizeof(struct str));
	for (size_t i = 0; i < n; i++) {
		text[0][i] = postgres_text(r, i, 0);
		text[1][i] = postgres_text(r, i, 1);
		for (size_t k = 1; k < 4; k++)
			text[k + 1][i] = erased_alias(e->list, text[0][i],
			    postgres_text(r, i, k), e->arena);
	}
	for (int k = 0; k < 5; k++)
		postgres_arg_texts(&args, text[k], n);
	ok = postgres_exec(e->pg, sql_erase_refund_put, &args, NULL, err);
	postgres_args_free(&args);
	postgres_rows_free(r);
	return ok;
}

/* The addresses that row I of the conversions names. */
static void
list_addresses(struct erase *e, struct entries *to,
    const struct postgres_rows *r, size_t i)
{
	static const enum person_kind kinds[] = { PERSON_CLICK, PERSON_EMAIL,
		PERSON_EMAIL, PERSON_PHONE, PERSON_PHONE };
	struct str site = postgres_text(r, i, 0);

	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		if (postgres_bool(r, i, 4))
			list_id(
			    e, to, kinds[k], site, postgres_text(r, i, 5 + k));
	}
}

static bool
name_conversions(struct erase *e, struct entries *to, struct error *err)
{
	struct postgres_rows *r =
	    postgres_query(e->pg, sql_erase_events, NULL, err);
	struct postgres_args args = { 0 };
	struct hash128 *customer;
	struct str *text[4];
	bool *stands, ok;
	size_t n;

	if (r == NULL)
		return false;
	n = postgres_rows_count(r);
	for (int k = 0; k < 4; k++)
		text[k] = arena_alloc(e->arena, (n + 1) * sizeof(struct str));
	customer = arena_alloc(e->arena, (n + 1) * sizeof(*customer));
	stands = arena_alloc(e->arena, n + 1);
	for (size_t i = 0; i < n; i++) {
		text[0][i] = postgres_text(r, i, 0);
		text[1][i] = postgres_text(r, i, 1);
		text[2][i] =
		    erased_alias(e->list, text[0][i], text[1][i], e->arena);
		text[3][i] = erased_alias(
		    e->list, text[0][i], postgres_text(r, i, 2), e->arena);
		customer[i] = random_number();
		stands[i] = postgres_bool(r, i, 3);
		list_addresses(e, to, r, i);
	}
	for (int k = 0; k < 4; k++)
		postgres_arg_texts(&args, text[k], n);
	postgres_arg_uuids(&args, customer, n);
	postgres_arg_bools(&args, stands, n);
	ok = postgres_exec(e->pg, sql_erase_alias_put, &args, NULL, err);
	postgres_args_free(&args);
	postgres_rows_free(r);
	return ok;
}

/* --- records that were set aside -------------------------------------------
 */

static bool
is_theirs(const struct erase *e, struct str text, struct arena *scratch)
{
	struct record r;
	struct error err;

	arena_reset(scratch);
	return (record_decode(&r, text, scratch, &err) &&
		   erased_names(e->list, &r)) ||
	       erased_in_text(e->list, e->sites, e->site_count, text);
}

/* Deletes those of the page R that name somebody listed. */
static bool
delete_letters(struct erase *e, const struct postgres_rows *r,
    struct arena *scratch, struct error *err)
{
	size_t n = 0, rows = postgres_rows_count(r);
	struct str *topic = arena_alloc(e->arena, rows * sizeof(*topic));
	int32_t *partition = arena_alloc(e->arena, rows * sizeof(*partition));
	int64_t *offset = arena_alloc(e->arena, rows * sizeof(*offset));
	struct postgres_args args = { 0 };
	bool ok;

	for (size_t i = 0; i < rows; i++) {
		if (!is_theirs(e, postgres_bytes(r, i, 3), scratch))
			continue;
		topic[n] = postgres_text(r, i, 0);
		partition[n] = (int32_t)postgres_int(r, i, 1);
		offset[n++] = postgres_int(r, i, 2);
	}
	postgres_arg_texts(&args, topic, n);
	postgres_arg_int4s(&args, partition, n);
	postgres_arg_int8s(&args, offset, n);
	ok = n == 0 ||
	     postgres_exec(e->pg, sql_dead_letters_delete, &args, NULL, err);
	postgres_args_free(&args);
	e->dead_letters += (int64_t)n;
	return ok;
}

static bool
dead_letters(struct erase *e, struct error *err)
{
	struct arena *scratch = arena_new(1 << 16);
	struct buf topic = { 0 };
	int64_t partition = -1, offset = -1;
	bool ok = true, more = true;

	while (ok && more) {
		struct postgres_args args = { 0 };
		struct postgres_rows *r;
		size_t n;

		postgres_arg_text(&args, buf_str(&topic));
		postgres_arg_int4(&args, (int32_t)partition);
		postgres_arg_int8(&args, offset);
		r = postgres_query(e->pg, sql_erase_dead_letters, &args, err);
		postgres_args_free(&args);
		ok = r != NULL;
		n = ok ? postgres_rows_count(r) : 0;
		more = n > 0;
		if (more) {
			ok = delete_letters(e, r, scratch, err);
			topic.len = 0;
			buf_add_str(&topic, postgres_text(r, n - 1, 0));
			partition = postgres_int(r, n - 1, 1);
			offset = postgres_int(r, n - 1, 2);
		}
		postgres_rows_free(r);
	}
	buf_free(&topic);
	arena_free(scratch);
	return ok;
}

/* --- the end ---------------------------------------------------------------
 */

static bool
suppress(struct erase *e, const struct entries *n, struct error *err)
{
	struct postgres_args args = { 0 };
	bool ok;

	postgres_arg_uuids(&args, n->at, n->count);
	postgres_arg_uuid(&args, erased_fingerprint(e->list));
	ok = postgres_exec(e->pg, sql_suppression_put, &args, NULL, err);
	postgres_args_free(&args);
	return ok;
}

static const char *
kind_name(enum person_kind kind)
{
	return kind == PERSON_VISITOR ? "visitor"
	       : kind == PERSON_USER  ? "user"
	       : kind == PERSON_ORDER ? "order"
				      : "email";
}

static bool
put_receipts(struct erase *e, const struct erase_request *r, size_t count,
    const struct erase_counts *c, struct error *err)
{
	static const size_t offsets[] = {
		offsetof(struct erase_counts, visitors),
		offsetof(struct erase_counts, users),
		offsetof(struct erase_counts, addresses),
		offsetof(struct erase_counts, orders),
		offsetof(struct erase_counts, touches),
		offsetof(struct erase_counts, conversions),
		offsetof(struct erase_counts, exposures),
		offsetof(struct erase_counts, exports),
	};
	struct str *kind = arena_alloc(e->arena, count * sizeof(*kind));
	int64_t *number = arena_alloc(e->arena, count * sizeof(*number));
	struct postgres_args args = { 0 };
	bool ok;

	for (size_t i = 0; i < count; i++)
		kind[i] =
		    r[i].again ? STR("again") : str_of(kind_name(r[i].kind));
	postgres_arg_texts(&args, kind, count);
	postgres_arg_int4s(&args, e->first, count);
	postgres_arg_int4s(&args, e->entries, count);
	postgres_arg_uuids(&args, e->entry, e->entry_count);
	for (size_t k = 0; k < sizeof(offsets) / sizeof(offsets[0]); k++) {
		for (size_t i = 0; i < count; i++)
			number[i] = *(
			    const int64_t *)((const char *)&c[i] + offsets[k]);
		postgres_arg_int8s(&args, number, count);
	}
	ok = postgres_exec(e->pg, sql_erase_receipts, &args, NULL, err);
	postgres_args_free(&args);
	return ok;
}

static bool
erase_rows(struct erase *e, struct entries *n, struct error *err)
{
	return list_keys(e, n, err) && name_orders(e, n, err) &&
	       name_refunds(e, err) && name_conversions(e, n, err) &&
	       postgres_script(e->pg, sql_erase_rows, err) &&
	       suppress(e, n, err) && dead_letters(e, err);
}

bool
erase_group(struct erase *e, const struct erase_request *requests, size_t count,
    struct erase_counts *counts, struct error *err)
{
	struct entries n = { 0 };
	int64_t letters = e->dead_letters;
	bool ok;

	if (!postgres_begin(e->pg, err))
		return false;
	ok = postgres_script(e->pg, sql_erase_lock, err) &&
	     erase_find(e, requests, count, counts, err);
	for (size_t i = 0; ok && i < e->entry_count; i++)
		list(e, &n, e->entry[i]);
	ok = ok && erase_rows(e, &n, err) &&
	     put_receipts(e, requests, count, counts, err) &&
	     postgres_commit(e->pg, err) == POSTGRES_COMMITTED;
	free(n.at);
	if (ok)
		return true;
	e->dead_letters = letters;
	postgres_rollback(e->pg);
	return false;
}

bool
erase_open(struct postgres *pg, struct error *err)
{
	struct postgres_rows *r =
	    postgres_query(pg, sql_rebuild_lock, NULL, err);
	bool ours;

	if (r == NULL)
		return false;
	ours = postgres_bool(r, 0, 0);
	postgres_rows_free(r);
	if (!ours)
		return error_set(err, ERROR_RETRY,
		    "a rebuild or another erasure is running: try again when "
		    "it has ended");
	/* One that was interrupted holds rows of its own; it begins anew. */
	return postgres_script(pg, sql_rebuild_clean, err);
}

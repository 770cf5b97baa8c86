/*
 * dims.c - a hash table in front of the table dimension.
 */
#include "aggregator/store/dims.h"

#include <stdlib.h>

#include "aggregator/store/sql.h" /* made from store/sql/ by make */

/* Beyond this the memory is emptied: someone is inventing campaigns. */
#define REMEMBERED_MAX (1u << 20)

struct entry {
	struct hash128 key; /* all zero: free */
	int32_t dim;
};

struct dims {
	struct entry *at;
	size_t slots, count;
};

struct dims *
dims_new(void)
{
	struct dims *d = mem_zero(1, sizeof(*d));

	d->slots = 1024;
	d->at = mem_zero(d->slots, sizeof(*d->at));
	return d;
}

void
dims_free(struct dims *d)
{
	if (d == NULL)
		return;
	free(d->at);
	free(d);
}

struct dim_name
dims_unattributed(struct str site)
{
	return (struct dim_name){ site, STR("(none)"), STR("(none)"),
		STR("(unattributed)"), STR("Unattributed") };
}

static struct hash128
key_of(const struct dim_name *n, struct buf *scratch)
{
	scratch->len = 0;
	buf_add_str(scratch, n->site);
	buf_add_char(scratch, '\0');
	buf_add_str(scratch, n->source);
	buf_add_char(scratch, '\0');
	buf_add_str(scratch, n->medium);
	buf_add_char(scratch, '\0');
	buf_add_str(scratch, n->campaign);
	return digest_hash128(buf_str(scratch), 0);
}

static struct entry *
slot(struct dims *d, struct hash128 key)
{
	size_t at = key.lo & (d->slots - 1);

	while (d->at[at].dim != 0 &&
	       (d->at[at].key.hi != key.hi || d->at[at].key.lo != key.lo))
		at = (at + 1) & (d->slots - 1);
	return &d->at[at];
}

static void
remember(struct dims *d, struct hash128 key, int32_t dim)
{
	struct entry *e;

	if (d->count >= REMEMBERED_MAX) {
		memset(d->at, 0, d->slots * sizeof(*d->at));
		d->count = 0;
	}
	if (d->count * 2 >= d->slots) {
		struct entry *old = d->at;
		size_t slots = d->slots;

		d->slots *= 2;
		d->at = mem_zero(d->slots, sizeof(*d->at));
		for (size_t i = 0; i < slots; i++) {
			if (old[i].dim != 0)
				*slot(d, old[i].key) = old[i];
		}
		free(old);
	}
	e = slot(d, key);
	if (e->dim == 0)
		d->count++;
	*e = (struct entry){ key, dim };
}

/* Adds MISSING names (COUNT of them) and finds their numbers. */
static bool
fetch(struct postgres *pg, const struct dim_name *missing, size_t count,
    int32_t *out, struct error *err)
{
	struct postgres_args args = { 0 };
	struct postgres_rows *rows = NULL;
	struct str *column = mem_alloc(count * sizeof(*column));
	bool ok = false;

	for (size_t c = 0; c < 5; c++) {
		for (size_t i = 0; i < count; i++)
			column[i] = c == 0   ? missing[i].site
				    : c == 1 ? missing[i].source
				    : c == 2 ? missing[i].medium
				    : c == 3 ? missing[i].campaign
					     : missing[i].channel;
		postgres_arg_texts(&args, column, count);
	}
	if (!postgres_exec(pg, sql_dimension_put, &args, NULL, err))
		goto out;
	args.count = 4; /* the same without the channel */
	rows = postgres_query(pg, sql_dimension_find, &args, err);
	if (rows == NULL)
		goto out;
	if (postgres_rows_count(rows) != count) {
		error_set(err, ERROR_RETRY,
		    "dimensions vanished while they were being added");
		goto out;
	}
	for (size_t i = 0; i < count; i++)
		out[postgres_int(rows, i, 0) - 1] =
		    (int32_t)postgres_int(rows, i, 1);
	ok = true;
out:
	postgres_rows_free(rows);
	postgres_args_free(&args);
	free(column);
	return ok;
}

bool
dims_resolve(struct dims *d, struct postgres *pg, const struct dim_name *names,
    size_t count, int32_t *out, struct error *err)
{
	struct buf scratch = { NULL, 0, 0 };
	struct dim_name *missing = NULL;
	size_t *place = NULL;
	int32_t *found = NULL;
	size_t n = 0;
	bool ok = false;

	for (size_t i = 0; i < count; i++) {
		struct entry *e = slot(d, key_of(&names[i], &scratch));

		out[i] = e->dim;
		if (e->dim != 0)
			continue;
		if (missing == NULL) {
			missing = mem_alloc(count * sizeof(*missing));
			place = mem_alloc(count * sizeof(*place));
		}
		missing[n] = names[i];
		place[n++] = i;
	}
	if (n > 0) {
		found = mem_alloc(n * sizeof(*found));
		if (!fetch(pg, missing, n, found, err))
			goto out;
		for (size_t i = 0; i < n; i++) {
			out[place[i]] = found[i];
			remember(d, key_of(&missing[i], &scratch), found[i]);
		}
	}
	ok = true;
out:
	buf_free(&scratch);
	free(missing);
	free(place);
	free(found);
	return ok;
}

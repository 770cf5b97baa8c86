#include "aggregator/store/pin.h"

#include "aggregator/models/models.h"
#include "aggregator/store/sql.h" /* made from store/sql/ by make */
#include "common/postgres.h"

static void
arg_site(struct postgres_args *a, struct str site)
{
	if (site.len > 0)
		postgres_arg_text(a, site);
	else
		postgres_arg_null(a);
}

static void
arg_from(struct postgres_args *a, const struct pin_request *q)
{
	if (q->has_from)
		postgres_arg_day(a, q->from_day);
	else
		postgres_arg_null(a);
}

/* What the answer R says against it. */
static bool
verdict(const struct postgres_rows *r, const struct pin_request *q,
    struct error *err)
{
	const char *model = models[q->model]->name;
	struct str of;

	if (postgres_rows_count(r) == 0)
		return error_set(err, ERROR_REJECT,
		    "%s has no version %lld: `afterclick models` lists them",
		    model, (long long)q->version);
	of = postgres_text(r, 0, 0);
	if (of.len > 0 && q->site.len > 0 && !str_eq(of, q->site))
		return error_set(err, ERROR_REJECT,
		    "version %lld of %s was learnt from the site %.*s",
		    (long long)q->version, model, STR_ARG(of));
	if (postgres_int(r, 0, 1) == 0)
		return error_set(err, ERROR_REJECT,
		    "no site %.*s is in the database yet: `afterclick migrate`",
		    STR_ARG(q->site));
	if (postgres_bool(r, 0, 2) && !q->restate)
		return error_set(err, ERROR_REJECT,
		    "a day before today would change: say --restate");
	return true;
}

/* Checks Q and puts the version's own site into it when it names none. */
static bool
check(struct postgres *pg, struct pin_request *q, struct buf *site,
    struct error *err)
{
	struct postgres_args args = { 0 };
	struct postgres_rows *r;
	bool ok;

	postgres_arg_int4(&args, q->model);
	postgres_arg_int4(&args, (int32_t)q->version);
	arg_site(&args, q->site);
	arg_from(&args, q);
	r = postgres_query(pg, sql_pin_check, &args, err);
	postgres_args_free(&args);
	if (r == NULL)
		return false;
	ok = verdict(r, q, err);
	if (ok && q->site.len == 0) {
		buf_add_str(site, postgres_text(r, 0, 0));
		q->site = buf_str(site);
	}
	postgres_rows_free(r);
	return ok;
}

bool
pin_version(
    struct postgres *pg, const struct pin_request *request, struct error *err)
{
	struct pin_request q = *request;
	struct postgres_args args = { 0 };
	struct buf site = { 0 };
	bool ok = false;

	if (!postgres_exec(pg, sql_pin_lock, NULL, NULL, err) ||
	    (q.version > 0 && !check(pg, &q, &site, err)))
		goto out;
	arg_site(&args, q.site);
	arg_from(&args, &q);
	postgres_arg_bool(&args, q.restate);
	if (!postgres_exec(pg, sql_pin_dirty, &args, NULL, err))
		goto out;
	postgres_args_reset(&args);
	postgres_arg_int4(&args, q.model);
	arg_site(&args, q.site);
	arg_from(&args, &q);
	postgres_arg_bool(&args, q.restate);
	if (!postgres_exec(pg, sql_pin_clear, &args, NULL, err))
		goto out;
	postgres_arg_int4(&args, (int32_t)q.version);
	ok = q.version == 0 || postgres_exec(pg, sql_pin_put, &args, NULL, err);
out:
	postgres_args_free(&args);
	buf_free(&site);
	return ok;
}

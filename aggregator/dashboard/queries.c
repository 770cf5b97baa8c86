/*
 * queries.c - each question is one statement, whose JSON PostgreSQL makes;
 * every one has a limit on its rows and on its time.
 */
#include "aggregator/dashboard/queries.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "aggregator/report/grid.h"
#include "aggregator/store/sql.h"
#include "common/json.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/postgres.h"

#define WAITING_MOST 64
#define BODY_MOST (8 << 20)
#define CAMPAIGNS_MOST 2000 /* of JSON */
#define CSV_MOST 100000
#define MODEL_CAMPAIGNS 200
#define CONVERSIONS_MOST 5000
#define PATHS_MOST 50

/* $n of a statement, in order. */
enum arg { NONE, FROM, TO, SITE, MODEL, BASIS, FIRST, SECOND };

static const struct asked {
	const char *sql;
	enum arg args[6];
	int64_t first, second;
} asked[ASK_COUNT] = {
	[ASK_ABOUT] = { sql_dashboard_about, { NONE }, 0, 0 },
	[ASK_OVERVIEW] = { sql_dashboard_overview,
	    { FROM, TO, SITE, MODEL, BASIS }, 0, 0 },
	[ASK_CAMPAIGNS] = { sql_dashboard_campaigns,
	    { FROM, TO, SITE, MODEL, BASIS, FIRST }, CAMPAIGNS_MOST, 0 },
	[ASK_CAMPAIGNS_CSV] = { sql_dashboard_campaigns,
	    { FROM, TO, SITE, MODEL, BASIS, FIRST }, CSV_MOST, 0 },
	[ASK_MODELS] = { sql_dashboard_models, { FROM, TO, SITE, BASIS, FIRST },
	    MODEL_CAMPAIGNS, 0 },
	[ASK_PATHS] = { sql_dashboard_paths, { FROM, TO, SITE, FIRST, SECOND },
	    CONVERSIONS_MOST, PATHS_MOST },
	[ASK_QUALITY] = { sql_dashboard_quality, { FROM, TO, SITE }, 0, 0 },
	[ASK_EXPERIMENTS] = { sql_dashboard_experiments, { SITE }, 0, 0 },
	[ASK_QUALITY_DAYS] = { sql_dashboard_quality_days, { FROM, TO, SITE },
	    0, 0 },
	[ASK_TAG_HEALTH] = { sql_dashboard_tag_health, { SITE }, 0, 0 },
};

struct job {
	enum question question;
	struct params params;
	uint64_t ticket;
	struct job *next;
};

struct worker {
	struct queries *of;
	struct postgres *pg;
	pthread_t thread;
};

struct queries {
	const struct aggregator_settings *set;
	void (*wake)(void *);
	void *ctx;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct job *jobs, **jobs_end;
	struct answer *answers, **answers_end;
	size_t waiting;
	bool stopping;
	size_t worker_count;
	struct worker workers[];
};

/* --- PostgreSQL ----------------------------------------------------------- */

/* Says once when the role could do more than read. */
static void
look_at_role(struct postgres *pg)
{
	static atomic_bool told;
	struct error err;
	struct postgres_rows *rows =
	    postgres_query(pg, sql_dashboard_may_write, NULL, &err);

	if (rows != NULL && postgres_bool(rows, 0, 0) &&
	    !atomic_exchange(&told, true))
		log_warning("dashboard",
		    "its role in PostgreSQL may write; better give "
		    "dashboard.dsn the role of postgres.reader");
	postgres_rows_free(rows);
}

static bool
connected(struct worker *k, struct error *err)
{
	const struct aggregator_settings *set = k->of->set;
	bool own = set->dashboard.dsn[0] != '\0';
	struct postgres_args args = { .count = 0 };
	struct postgres_rows *rows;

	if (k->pg != NULL && !postgres_broken(k->pg))
		return true;
	postgres_close(k->pg);
	k->pg = postgres_open(own ? set->dashboard.dsn : set->postgres.dsn,
	    own ? set->dashboard.password : set->postgres.password,
	    "afterclick-aggregator dashboard", err);
	if (k->pg == NULL)
		return false;
	postgres_arg_int8(&args, set->dashboard.timeout_ms);
	rows = postgres_query(k->pg, sql_dashboard_session, &args, err);
	postgres_args_free(&args);
	if (rows == NULL) {
		postgres_close(k->pg);
		k->pg = NULL;
		return false;
	}
	postgres_rows_free(rows);
	look_at_role(k->pg);
	return true;
}

static struct postgres_rows *
query(struct worker *k, const struct asked *a, const struct params *p,
    struct error *err)
{
	struct postgres_args args = { .count = 0 };
	struct postgres_rows *rows;

	for (size_t i = 0; i < sizeof(a->args) / sizeof(a->args[0]); i++) {
		switch (a->args[i]) {
		case NONE:
			break;
		case FROM:
		case TO:
			postgres_arg_day(
			    &args, a->args[i] == FROM ? p->from : p->to);
			break;
		case SITE:
			postgres_arg_text(&args, str_of(p->site));
			break;
		case MODEL:
			postgres_arg_text(&args, str_of(p->model));
			break;
		case BASIS:
			postgres_arg_int4(&args, p->basis);
			break;
		case FIRST:
		case SECOND:
			postgres_arg_int8(
			    &args, a->args[i] == FIRST ? a->first : a->second);
			break;
		}
	}
	rows = postgres_query(k->pg, a->sql, &args, err);
	postgres_args_free(&args);
	return rows;
}

/* --- answers -------------------------------------------------------------- */

static void
fail(struct answer *a, int status, const char *text)
{
	struct json_writer w;

	a->body.len = 0;
	a->csv = false;
	a->status = status;
	w = json_write(&a->body);
	json_begin_object(&w);
	json_key(&w, STR("error"));
	json_string(&w, str_of(text));
	json_end_object(&w);
	metrics_add(METRIC_DASHBOARD_FAILED, 1);
}

/* Rows as {"columns":[...],"rows":[[...]]}. */
static void
show_rows(const struct postgres_rows *rows, struct buf *out)
{
	size_t columns = postgres_rows_columns(rows);
	struct json_writer w = json_write(out);

	json_begin_object(&w);
	json_key(&w, STR("columns"));
	json_begin_array(&w);
	for (size_t c = 0; c < columns; c++)
		json_string(&w, str_of(postgres_column(rows, c)));
	json_end_array(&w);
	json_key(&w, STR("rows"));
	json_begin_array(&w);
	for (size_t r = 0; r < postgres_rows_count(rows); r++) {
		json_begin_array(&w);
		for (size_t c = 0; c < columns; c++)
			grid_json(rows, r, c, &w);
		json_end_array(&w);
	}
	json_end_array(&w);
	json_end_object(&w);
}

/* With what this process' checker knows: the sums that do not agree, null
 * while it has not added any up. */
static void
show_quality(struct str json, struct buf *out)
{
	if (metrics_get(METRIC_CHECK_LAST_RUN) > 0)
		buf_printf(out, "{\"roi_check\":%lld,",
		    (long long)metrics_get(METRIC_ROI_CHECK));
	else
		buf_add_str(out, STR("{\"roi_check\":null,"));
	buf_add_str(out, str_from(json, 1));
}

static void
show(const struct job *j, const struct postgres_rows *rows, struct answer *a)
{
	a->status = 200;
	if (j->question == ASK_CAMPAIGNS_CSV) {
		a->csv = true;
		/* Without margin and all_rows. */
		grid_csv(rows, postgres_rows_columns(rows) - 2, &a->body);
	} else if (j->question == ASK_CAMPAIGNS) {
		show_rows(rows, &a->body);
	} else if (j->question == ASK_QUALITY) {
		show_quality(postgres_text(rows, 0, 0), &a->body);
	} else {
		buf_add_str(&a->body, postgres_text(rows, 0, 0));
	}
	if (a->body.len > BODY_MOST)
		fail(a, 422, "that is more than fits one answer; ask for less");
}

/* What the failure ERR means for who asked. */
static void
explain(struct answer *a, const struct error *err)
{
	static struct log_cause cause;

	log_limited(&cause, LOG_WARNING, "dashboard", "%s", err->text);
	if (strstr(err->text, "statement timeout") != NULL)
		fail(a, 504,
		    "the query took longer than dashboard.timeout; ask for "
		    "fewer days");
	else if (err->kind == ERROR_RETRY)
		fail(a, 503, "PostgreSQL does not answer");
	else
		fail(a, 500, "the query failed; the aggregator's log says why");
}

static void
work(struct worker *k, const struct job *j, struct answer *a)
{
	const struct asked *question = &asked[j->question];
	struct postgres_rows *rows = NULL;
	struct error err;

	metrics_add(METRIC_DASHBOARD_QUERIES, 1);
	if (!connected(k, &err)) {
		explain(a, &err);
		return;
	}
	rows = query(k, question, &j->params, &err);
	if (rows == NULL)
		explain(a, &err);
	else
		show(j, rows, a);
	postgres_rows_free(rows);
}

/* --- the threads ---------------------------------------------------------- */

static struct job *
next_job(struct queries *q)
{
	struct job *j = NULL;

	pthread_mutex_lock(&q->lock);
	while (q->jobs == NULL && !q->stopping)
		pthread_cond_wait(&q->more, &q->lock);
	if (!q->stopping) {
		j = q->jobs;
		q->jobs = j->next;
		if (q->jobs == NULL)
			q->jobs_end = &q->jobs;
		q->waiting--;
	}
	pthread_mutex_unlock(&q->lock);
	return j;
}

static void *
serve(void *arg)
{
	struct worker *k = arg;
	struct queries *q = k->of;
	struct job *j;

	while ((j = next_job(q)) != NULL) {
		struct answer *a = mem_zero(1, sizeof(*a));

		a->ticket = j->ticket;
		work(k, j, a);
		free(j);
		pthread_mutex_lock(&q->lock);
		*q->answers_end = a;
		q->answers_end = &a->next;
		pthread_mutex_unlock(&q->lock);
		q->wake(q->ctx);
	}
	postgres_close(k->pg);
	return NULL;
}

struct queries *
queries_start(
    const struct aggregator_settings *set, void (*wake)(void *), void *ctx)
{
	size_t count = (size_t)set->dashboard.workers;
	struct queries *q =
	    mem_zero(1, sizeof(*q) + count * sizeof(q->workers[0]));

	q->set = set;
	q->wake = wake;
	q->ctx = ctx;
	q->jobs_end = &q->jobs;
	q->answers_end = &q->answers;
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->more, NULL);
	for (; q->worker_count < count; q->worker_count++) {
		struct worker *k = &q->workers[q->worker_count];

		k->of = q;
		if (pthread_create(&k->thread, NULL, serve, k) != 0)
			abort();
	}
	return q;
}

bool
queries_full(struct queries *q)
{
	bool full;

	pthread_mutex_lock(&q->lock);
	full = q->waiting >= WAITING_MOST;
	pthread_mutex_unlock(&q->lock);
	if (full)
		metrics_add(METRIC_DASHBOARD_FAILED, 1);
	return full;
}

void
queries_ask(struct queries *q, enum question question, const struct params *p,
    uint64_t ticket)
{
	struct job *j = mem_zero(1, sizeof(*j));

	j->question = question;
	j->params = *p;
	j->ticket = ticket;
	pthread_mutex_lock(&q->lock);
	*q->jobs_end = j;
	q->jobs_end = &j->next;
	q->waiting++;
	pthread_cond_signal(&q->more);
	pthread_mutex_unlock(&q->lock);
}

struct answer *
queries_take(struct queries *q)
{
	struct answer *a;

	pthread_mutex_lock(&q->lock);
	a = q->answers;
	if (a != NULL) {
		q->answers = a->next;
		if (q->answers == NULL)
			q->answers_end = &q->answers;
	}
	pthread_mutex_unlock(&q->lock);
	return a;
}

void
answer_free(struct answer *a)
{
	if (a == NULL)
		return;
	buf_free(&a->body);
	free(a);
}

void
queries_stop(struct queries *q)
{
	struct job *j;

	if (q == NULL)
		return;
	pthread_mutex_lock(&q->lock);
	q->stopping = true;
	pthread_cond_broadcast(&q->more);
	pthread_mutex_unlock(&q->lock);
	for (size_t i = 0; i < q->worker_count; i++)
		pthread_join(q->workers[i].thread, NULL);
	while ((j = q->jobs) != NULL) {
		q->jobs = j->next;
		free(j);
	}
	for (struct answer *a; (a = queries_take(q)) != NULL;)
		answer_free(a);
	pthread_cond_destroy(&q->more);
	pthread_mutex_destroy(&q->lock);
	free(q);
}

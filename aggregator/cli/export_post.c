/*
 * export_post.c - an export by HTTPS. A request's rows are marked sent before
 * its first byte leaves and answered once the answer is read; where nobody
 * knows whether it arrived, it goes again only to a platform that knows an id
 * it has seen.
 */
#include "aggregator/cli/export_run.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "aggregator/cli/transfer.h"
#include "common/clock.h"

#define BACKOFF_MIN_MS 500
#define BACKOFF_MAX_MS 30000
#define ANSWER_S 60L
#define HEADERS_MAX 8

struct export_poster {
	struct export_run *run;
	const char *shown; /* the URL as given: without a token */
	int64_t give_up_ms;
	struct transfers *transfers;
	const char *headers[HEADERS_MAX]; /* the last is NULL */
	size_t count;
	char *made[2]; /* those of them that are ours */
	size_t mades;
	struct buf body;
};

/* TEXT with all but unreserved characters as %XX. */
static void
add_escaped(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || strchr("-._~", c) != NULL)
			buf_add_char(out, (char)c);
		else
			buf_printf(out, "%%%02X", c);
	}
}

static const char *
version_of(const struct export_run *run)
{
	return run->target.version[0] != '\0' ? run->target.version
					      : run->platform->version;
}

/* Where requests go: a URL without a path gets the platform's own. */
static void
full_url(const struct export_run *run, const char *url, struct buf *out)
{
	const char *host = strstr(url, "://"), *path;

	path = strchr(host ? host + 3 : url, '/');
	if (path != NULL && path[1] != '\0') {
		buf_add_str(out, str_of(url));
	} else {
		buf_add_str(out,
		    path ? str_make(url, (size_t)(path - url)) : str_of(url));
		for (const char *p = run->platform->path; *p != '\0'; p++) {
			if (*p != '%')
				buf_add_char(out, *p);
			else
				add_escaped(out, *++p == 'a'
						     ? run->target.account
						     : version_of(run));
		}
	}
	if (run->platform->token_header[0] == '\0') {
		buf_add_str(out, strchr(buf_text(out), '?')
				     ? STR("&api_secret=")
				     : STR("?api_secret="));
		add_escaped(out, run->target.token);
	}
}

/* NAME and VALUE as the next header. */
static void
add_header(struct export_poster *p, const char *name, const char *value)
{
	struct buf text = { 0 };

	buf_add_str(&text, str_of(name));
	buf_add_str(&text, str_of(value));
	p->made[p->mades] = str_dup(buf_str(&text));
	p->headers[p->count++] = p->made[p->mades++];
	buf_free(&text);
}

static void
make_headers(struct export_poster *p)
{
	const struct export_platform *platform = p->run->platform;
	const char *const *own = platform->headers;

	p->headers[p->count++] = "Content-Type: application/json";
	for (; own != NULL && *own != NULL; own++) {
		assert(p->count < HEADERS_MAX - 3);
		p->headers[p->count++] = *own;
	}
	if (platform->version_header != NULL)
		add_header(p, platform->version_header, version_of(p->run));
	if (platform->token_header[0] != '\0')
		add_header(p, platform->token_header, p->run->target.token);
}

struct export_poster *
export_poster_open(struct export_run *run,
    const struct export_post_settings *set, struct error *err)
{
	struct export_poster *p = mem_zero(1, sizeof(*p));
	struct buf url = { 0 };

	p->run = run;
	p->shown = set->url;
	p->give_up_ms = set->give_up_ms;
	full_url(run, set->url, &url);
	p->transfers =
	    transfers_open(&(struct transfer_settings){ .url = buf_text(&url),
			       .slots = 1,
			       .ca_file = set->ca_file,
			       .answer_s = ANSWER_S },
		err);
	buf_free(&url);
	make_headers(p);
	if (p->transfers == NULL) {
		export_poster_close(p);
		return NULL;
	}
	return p;
}

void
export_poster_close(struct export_poster *p)
{
	if (p == NULL)
		return;
	transfers_close(p->transfers);
	for (size_t i = 0; i < p->mades; i++)
		free(p->made[i]);
	buf_free(&p->body);
	free(p);
}

/* One request, to its end. */
static bool
exchange(struct export_poster *p, struct transfer_end *end, struct error *err)
{
	p->run->n.requests++;
	if (!transfers_start(
		p->transfers, 0, p->headers, buf_str(&p->body), err))
		return false;
	while (!transfers_next(p->transfers, end))
		transfers_wait(p->transfers, 1000);
	return true;
}

static bool
mark(struct export_poster *p, struct exports_row *const *rows, size_t count,
    const char *state, struct error *err)
{
	return exports_mark(
	    p->run->c.pg, &p->run->scope, rows, count, state, NULL, NULL, err);
}

/* Sure that nothing was taken: the rows are as if never sent. */
static bool
give_back(struct export_poster *p, struct exports_row *const *rows,
    size_t count, struct error *err)
{
	struct error second;

	return mark(p, rows, count, "prepared", &second) ||
	       error_wrap(err, "%s; and then", second.text);
}

static bool
settle(struct export_poster *p, struct exports_row *const *rows,
    const struct export_answer *a, struct error *err)
{
	for (size_t i = 0; i < a->rows; i++) {
		p->run->n.accepted += a->taken[i];
		p->run->n.rejected += !a->taken[i];
	}
	return exports_mark(p->run->c.pg, &p->run->scope, rows, a->rows, NULL,
	    a->taken, a->reason, err);
}

/* What an attempt came to. */
enum outcome {
	DONE,   /* the answer stands */
	SPOILT, /* some rows must go before the others may */
	LATER,  /* surely nothing was taken */
	UNKNOWN,
	NEVER /* ERR says why; nothing was taken */
};

static enum outcome
judge(struct export_poster *p, const struct transfer_end *end,
    struct export_answer *a, struct error *err)
{
	if (!end->answered) {
		error_set(err, end->hopeless ? ERROR_FATAL : ERROR_RETRY,
		    "%s: %s", p->shown, end->problem);
		return end->hopeless ? NEVER : end->unsent ? LATER : UNKNOWN;
	}
	a->status = end->status;
	a->body = end->body;
	switch (p->run->platform->read(a)) {
	case EXPORT_DECIDED:
		return DONE;
	case EXPORT_ALL_BAD:
		return SPOILT;
	case EXPORT_FORBIDDEN:
		error_set(err, ERROR_FATAL,
		    "%s: the platform refuses the token or the account (%ld): "
		    "%.*s",
		    p->shown, end->status, STR_ARG(str_head(end->body, 200)));
		return NEVER;
	case EXPORT_RETRY:
		break;
	}
	error_set(
	    err, ERROR_RETRY, "%s: the answer was %ld", p->shown, end->status);
	/* Behind another 5xx the request may have been carried out. */
	return end->status >= 500 && end->status != 503 ? UNKNOWN : LATER;
}

/* Tries until the rows are decided, refused whole, or it is of no use. */
static enum outcome
insist(struct export_poster *p, struct export_answer *a, bool *maybe,
    struct error *err)
{
	int64_t begun_ms = clock_mono_ms(), wait_ms = BACKOFF_MIN_MS, now_ms;
	struct transfer_end end;
	enum outcome outcome;

	for (;;) {
		if (!exchange(p, &end, err))
			return NEVER;
		outcome = judge(p, &end, a, err);
		*maybe = *maybe || outcome == UNKNOWN;
		if (outcome != LATER && outcome != UNKNOWN)
			return outcome;
		if (outcome == UNKNOWN && p->run->platform->dedup_ms == 0)
			return UNKNOWN;
		if (end.answered && end.retry_after_s * 1000 > wait_ms)
			wait_ms = end.retry_after_s * 1000;
		now_ms = clock_mono_ms();
		if (now_ms + wait_ms - begun_ms > p->give_up_ms)
			return *maybe ? UNKNOWN : LATER;
		p->run->n.retries++;
		while (clock_mono_ms() < now_ms + wait_ms)
			transfers_wait(p->transfers,
			    (int)(now_ms + wait_ms - clock_mono_ms()) + 1);
		wait_ms =
		    wait_ms * 2 < BACKOFF_MAX_MS ? wait_ms * 2 : BACKOFF_MAX_MS;
	}
}

static bool post(struct export_poster *p, struct exports_row *const *rows,
    size_t count, struct error *err);

/* The request was refused for some of its rows: those that were named are
 * rejected and the others sent; with none named, each half by itself. */
static bool
part(struct export_poster *p, struct exports_row *const *rows,
    const struct export_answer *a, struct error *err)
{
	struct exports_row **good = mem_zero(a->rows, sizeof(*good));
	struct exports_row **bad = mem_zero(a->rows, sizeof(*bad));
	struct export_answer no = *a;
	size_t goods = 0, half = a->rows / 2;
	bool ok;

	no.rows = 0;
	for (size_t i = 0; i < a->rows; i++) {
		if (a->reason[i].len == 0) {
			good[goods++] = rows[i];
			continue;
		}
		no.taken[no.rows] = false;
		no.reason[no.rows] = a->reason[i];
		bad[no.rows++] = rows[i];
	}
	if (no.rows == 0)
		ok = post(p, rows, half, err) &&
		     post(p, rows + half, a->rows - half, err);
	else
		ok = settle(p, bad, &no, err) && post(p, good, goods, err);
	free(good);
	free(bad);
	return ok;
}

static bool
post(struct export_poster *p, struct exports_row *const *rows, size_t count,
    struct error *err)
{
	const struct export_row **list = mem_zero(count + 1, sizeof(*list));
	struct export_answer a = { .rows = count };
	enum outcome outcome;
	bool maybe = false, ok = false;

	if (count == 0) {
		free(list);
		return true;
	}
	a.arena = arena_new(16384);
	a.taken = arena_zero(a.arena, count, sizeof(*a.taken));
	a.reason = arena_zero(a.arena, count, sizeof(*a.reason));
	for (size_t i = 0; i < count; i++)
		list[i] = &rows[i]->row;
	p->body.len = 0;
	p->run->platform->body(&p->run->target, list, count, &p->body);
	outcome = insist(p, &a, &maybe, err);
	if (outcome == DONE)
		ok = settle(p, rows, &a, err);
	else if (outcome == SPOILT)
		ok = part(p, rows, &a, err);
	else if (!maybe)
		give_back(p, rows, count, err);
	arena_free(a.arena);
	free(list);
	return ok;
}

bool
export_poster_send(struct export_poster *p, struct exports_row *const *rows,
    size_t count, struct error *err)
{
	size_t most = (size_t)p->run->platform->batch;

	for (size_t i = 0; i < count; i += most) {
		size_t n = count - i < most ? count - i : most;

		if (!mark(p, rows + i, n, "sent", err) ||
		    !post(p, rows + i, n, err))
			return false;
	}
	return true;
}

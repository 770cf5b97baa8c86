/*
 * refusals.c - a row a site; its counts wait, are sent, and are forgotten once
 * the spool has them.
 */
#include "collector/refusals.h"

#include <stdlib.h>
#include <string.h>

#include "collector/visitor.h"
#include "common/json.h"
#include "common/log.h"
#include "common/record.h"

#define QUARTER_MS INT64_C(900000) /* every zone's day begins with one */

/* The reasons are those of the metrics' labels. */
#define LABEL(id, program, type, name, label, help) label,
static const char *const labels[METRIC_COUNT] = { METRICS(LABEL) };
#undef LABEL
enum {
	FIRST = METRIC_REJECTED_JSON,
	REASONS = METRIC_REJECTED_SPOOL - FIRST + 1 + 1,
	ADDRESS_RATE = REASONS - 1 /* METRIC_LIMITED, which has no label */
};

struct row {
	char *site;
	int64_t last_ms; /* of what waits */
	uint64_t waits[REASONS], sent[REASONS];
	uint64_t
	    seq; /* of the last record that was sent; 0: none is on its way */
};

struct refusals {
	bool durable;
	refusals_append *append;
	void *ctx;
	struct row *row;
	size_t count;
	size_t latest; /* the row of the last refusal */
	bool waiting;
	int64_t quarter; /* that all that waits is of */
	struct buf props, json;
};

struct refusals *
refusals_new(bool durable, refusals_append *append, void *ctx)
{
	struct refusals *r = mem_zero(1, sizeof(*r));

	r->durable = durable;
	r->append = append;
	r->ctx = ctx;
	return r;
}

void
refusals_free(struct refusals *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->count; i++)
		free(r->row[i].site);
	free(r->row);
	buf_free(&r->props);
	buf_free(&r->json);
	free(r);
}

static struct str
reason_name(int reason)
{
	const char *label = labels[FIRST + reason];

	if (reason == ADDRESS_RATE)
		return STR("address_rate");
	label += strlen("reason=\"");
	return str_make(label, strlen(label) - 1);
}

/* There are as many rows as the settings have had sites. */
static struct row *
row_of(struct refusals *r, const char *site)
{
	if (r->latest < r->count && strcmp(r->row[r->latest].site, site) == 0)
		return &r->row[r->latest];
	for (r->latest = 0; r->latest < r->count; r->latest++) {
		if (strcmp(r->row[r->latest].site, site) == 0)
			return &r->row[r->latest];
	}
	r->row = mem_grow(r->row, (r->count + 1) * sizeof(*r->row));
	r->row[r->count] = (struct row){ .site = str_dup(str_of(site)) };
	return &r->row[r->count++];
}

void
refusals_add(struct refusals *r, const struct site *site, enum metric why,
    uint64_t hits, int64_t now_ms)
{
	struct row *row;

	if (r->waiting && r->quarter != now_ms / QUARTER_MS)
		refusals_flush(r);
	row = row_of(r, site->id);
	row->waits[why == METRIC_LIMITED ? ADDRESS_RATE : (int)why - FIRST] +=
	    hits;
	row->last_ms = now_ms;
	r->waiting = true;
	r->quarter = now_ms / QUARTER_MS;
}

/* What waits in ROW as JSON into R's props; false: nothing does. */
static bool
write_props(struct refusals *r, const struct row *row)
{
	struct json_writer w;
	bool any = false;

	r->props.len = 0;
	w = json_write(&r->props);
	json_begin_object(&w);
	for (int i = 0; i < REASONS; i++) {
		if (row->waits[i] == 0)
			continue;
		any = true;
		json_key(&w, reason_name(i));
		json_int(&w, (int64_t)row->waits[i]);
	}
	json_end_object(&w);
	return any;
}

static bool
send_row(struct refusals *r, struct row *row, struct error *err)
{
	char id[VISITOR_ID_LEN + 1];
	struct record rec = { .type = STR("refused"),
		.site = str_of(row->site),
		.lane = STR("collector"),
		.received_at = row->last_ms,
		.props = buf_str(&r->props) };
	uint64_t seq;

	visitor_mint_id(id);
	rec.event_id = str_make(id, VISITOR_ID_LEN);
	r->json.len = 0;
	if (!record_encode(&rec, &r->json, err))
		return false;
	seq = r->append(r->ctx, record_key(&rec), buf_str(&r->json), err);
	if (seq == 0)
		return false;
	for (int i = 0; i < REASONS; i++) {
		row->sent[i] += r->durable ? row->waits[i] : 0;
		row->waits[i] = 0;
	}
	row->seq = r->durable ? seq : 0;
	return true;
}

void
refusals_flush(struct refusals *r)
{
	static struct log_cause kept;
	struct error err;

	if (!r->waiting)
		return;
	r->waiting = false;
	for (size_t i = 0; i < r->count; i++) {
		if (write_props(r, &r->row[i]) &&
		    !send_row(r, &r->row[i], &err)) {
			r->waiting = true;
			log_limited(&kept, LOG_WARNING, "refusals",
			    "counts of refused hits wait: %s", err.text);
		}
	}
}

void
refusals_verdict(struct refusals *r, uint64_t seq, bool ok)
{
	for (size_t i = 0; i < r->count; i++) {
		struct row *row = &r->row[i];

		if (row->seq == 0 || row->seq > seq)
			continue;
		row->seq = 0;
		for (int k = 0; k < REASONS; k++) {
			row->waits[k] += ok ? 0 : row->sent[k];
			row->sent[k] = 0;
		}
		r->waiting |= !ok;
	}
}

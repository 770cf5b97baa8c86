/*
 * sheets.c - rows of text; the full outer join of traffic, cells and costs
 * that the view makes in SQL.
 */
#include "aggregator/report/sheets.h"

#include <stdlib.h>

#include "aggregator/models/models.h"
#include "aggregator/platforms/csv.h"
#include "aggregator/report/ratio.h"

#define FLUSH_BYTES 262144
#define END "\r\n" /* as grid_csv() */

static const char *const bases[] = { "conversion", "touch" };
#define BASES 2

static void
next(struct buf *out)
{
	buf_add_char(out, ',');
}

static void
text(struct buf *out, struct str s)
{
	csv_text(out, s);
	next(out);
}

static void
day(struct buf *out, int32_t d)
{
	char s[11];

	calendar_format_day(d, s);
	text(out, str_of(s));
}

static void
micros(struct buf *out, int64_t n)
{
	ratio_add_micros(out, n);
	next(out);
}

/* A timestamptz in UTC as psql prints it. */
static void
instant(struct buf *out, int64_t ms)
{
	char s[25];
	size_t len = 23;

	calendar_format_instant(ms, s); /* 2026-03-01T12:00:00.250Z */
	s[10] = ' ';
	while (s[len - 1] == '0' && len > 20)
		len--;
	if (len == 20)
		len--; /* the point */
	buf_add(out, s, len);
	buf_add_str(out, STR("+00,"));
}

static void
uuid(struct buf *out, struct hash128 h)
{
	buf_printf(out, "%08x-%04x-%04x-%04x-%012llx,", (unsigned)(h.hi >> 32),
	    (unsigned)(h.hi >> 16 & 0xffff), (unsigned)(h.hi & 0xffff),
	    (unsigned)(h.lo >> 48),
	    (unsigned long long)(h.lo & 0xffffffffffff));
}

static void
names(struct buf *out, const struct offline_dim *d)
{
	text(out, d->channel);
	text(out, d->source);
	text(out, d->medium);
	text(out, d->campaign);
}

/* --- conversions ---------------------------------------------------------- */

void
sheets_credits_head(struct buf *out)
{
	buf_add_str(out,
	    STR("site,event_id,customer,conversion_time,goal,order_id,model,"
		"touch_no,touch_time,touch_event_id,channel,source,medium,"
		"campaign,conversion_day,touch_day,conversions,gross_revenue,"
		"refunds,net_revenue" END));
}

void
sheets_credits(const struct offline *o, struct hash128 customer,
    const struct conversion_fact *fact, const struct conversion *c,
    struct buf *out)
{
	struct buf head = { 0 }, tail = { 0 };

	text(&head, c->site);
	text(&head, c->event_id);
	uuid(&head, customer);
	instant(&head, fact->ts_ms);
	text(&head, fact->goal);
	text(&head, fact->order_id);
	for (size_t i = 0; i < c->credit_count; i++) {
		const struct credit *k = &c->credits[i];

		tail.len = 0;
		buf_add_int(&tail, k->touch_no);
		next(&tail);
		if (k->has_touch)
			instant(&tail, k->touch_ts_ms);
		else
			next(&tail);
		text(&tail, k->has_touch ? k->touch_event_id : STR_EMPTY);
		names(&tail, offline_dim(o, k->dim));
		day(&tail, k->conversion_day);
		day(&tail, k->touch_day);
		for (int m = 0; m < MODEL_COUNT; m++) {
			buf_add_str(out, buf_str(&head));
			text(out, str_of(models[m]->name));
			buf_add_str(out, buf_str(&tail));
			micros(out, k->share[m]);
			micros(out, k->value[m]);
			micros(out, k->refund[m]);
			ratio_add_micros(out, k->value[m] - k->refund[m]);
			buf_add_str(out, STR(END));
		}
	}
	buf_free(&head);
	buf_free(&tail);
}

void
sheets_waiting_head(struct buf *out)
{
	buf_add_str(out,
	    STR("site,event_id,conversion_time,day,goal,order_id,"
		"original_value,original_currency,reporting_currency" END));
}

void
sheets_waiting(const struct conversion_fact *fact, const struct conversion *c,
    struct buf *out)
{
	text(out, c->site);
	text(out, c->event_id);
	instant(out, fact->ts_ms);
	day(out, c->day);
	text(out, fact->goal);
	text(out, fact->order_id);
	micros(out, fact->value_micros);
	text(out, fact->currency);
	csv_text(out, str_of(fact->site->currency));
	buf_add_str(out, STR(END));
}

/* --- campaign_roi_daily --------------------------------------------------- */

/* A day and campaign, and what there is of it; NULL or none. */
struct spot {
	int32_t day, dim;
	const struct offline_dim *names;
	const struct daily_traffic *traffic;
	const struct offline_spent *spent;
	const struct daily_cell *cell;
	size_t cells;
};

struct spots {
	struct spot *at;
	size_t count;
};

static int
spot_order(const void *va, const void *vb)
{
	const struct spot *a = va, *b = vb;
	int order = strcmp(a->names->site->id, b->names->site->id);

	if (order == 0)
		order = (a->day > b->day) - (a->day < b->day);
	if (order == 0)
		order = str_cmp(a->names->source, b->names->source);
	if (order == 0)
		order = str_cmp(a->names->medium, b->names->medium);
	return order != 0 ? order
			  : str_cmp(a->names->campaign, b->names->campaign);
}

/* Spots of the same day and campaign become one. */
static void
unite(struct spots *s)
{
	size_t n = 0;

	if (s->count > 0)
		qsort(s->at, s->count, sizeof(*s->at), spot_order);
	for (size_t i = 0; i < s->count; i++) {
		struct spot *to;

		if (n == 0 || s->at[n - 1].day != s->at[i].day ||
		    s->at[n - 1].dim != s->at[i].dim) {
			s->at[n++] = s->at[i];
			continue;
		}
		to = &s->at[n - 1];
		if (s->at[i].traffic != NULL)
			to->traffic = s->at[i].traffic;
		if (s->at[i].spent != NULL)
			to->spent = s->at[i].spent;
		if (s->at[i].cells > 0) {
			to->cell = s->at[i].cell;
			to->cells = s->at[i].cells;
		}
	}
	s->count = n;
}

static struct spots
gather(struct offline *o)
{
	size_t traffics, cells, costs, n = 0;
	const struct daily_traffic *t =
	    daily_traffic(offline_daily(o), &traffics);
	const struct daily_cell *c = daily_cells(offline_daily(o), &cells);
	const struct offline_spent *p = offline_spent(o, &costs);
	struct spots s = { .at = mem_alloc((traffics + cells + costs + 1) *
					   sizeof(*s.at)) };

	for (size_t i = 0; i < traffics; i++)
		s.at[n++] = (struct spot){
			.day = t[i].day, .dim = t[i].dim, .traffic = &t[i]
		};
	for (size_t i = 0; i < costs; i++)
		s.at[n++] = (struct spot){
			.day = p[i].day, .dim = p[i].dim, .spent = &p[i]
		};
	for (size_t i = 0, end; i < cells; i = end) {
		for (end = i; end < cells && c[end].day == c[i].day &&
			      c[end].dim == c[i].dim;)
			end++;
		s.at[n++] = (struct spot){ .day = c[i].day,
			.dim = c[i].dim,
			.cell = &c[i],
			.cells = end - i };
	}
	s.count = n;
	for (size_t i = 0; i < n; i++)
		s.at[i].names = offline_dim(o, s.at[i].dim);
	unite(&s);
	return s;
}

static const struct daily_cell *
cell_of(const struct spot *s, int basis, int model)
{
	static const struct daily_cell nothing;

	for (size_t i = 0; i < s->cells; i++) {
		if (s->cell[i].basis == basis && s->cell[i].model == model)
			return &s->cell[i];
	}
	return &nothing;
}

static struct decimal
money(int64_t n)
{
	return (struct decimal){ n, 6 };
}

static struct decimal
whole(int64_t n)
{
	return (struct decimal){ n < 0 ? 0 : n, 0 };
}

static void
ratio(struct buf *out, bool known, struct decimal a, struct decimal b)
{
	if (known)
		ratio_add(out, a, b);
	next(out);
}

static void
given(struct buf *out, int64_t n)
{
	if (n >= 0)
		buf_add_int(out, n);
	next(out);
}

/* What the view's WHERE asks. */
static bool
is_shown(const struct spot *s, const struct daily_cell *c)
{
	const struct offline_spent *p = s->spent;

	return s->traffic != NULL || c->conversions != 0 || c->value != 0 ||
	       c->refund != 0 || c->booked_refund != 0 ||
	       (p != NULL && (p->waiting || p->micros != 0 || p->clicks > 0 ||
				 p->impressions > 0));
}

static void
ratios(struct buf *out, const struct spot *s, const struct daily_cell *c,
    bool paid, int64_t cost, int64_t clicks)
{
	const struct site *site = s->names->site;
	int64_t net = c->value - c->refund;
	struct decimal profit = { (ratio_int)net * site->margin_micros -
				      (ratio_int)cost * 1000000,
		12 };

	ratio(out, paid, money(net), money(cost));
	ratio(out, paid, profit, money(cost));
	ratio(out, paid, money(cost), money(c->conversions));
	ratio(out, paid, money(cost), money(c->new_customers));
	ratio(out, true, money(c->conversions),
	    whole(s->traffic != NULL ? s->traffic->visits : 0));
	ratio(out, true, money(c->order_value), money(c->orders));
	ratio(out, clicks >= 0,
	    whole(s->traffic != NULL ? s->traffic->touches : 0), whole(clicks));
}

static void
row(struct buf *out, const struct spot *s, int basis, int model)
{
	const struct daily_cell *c = cell_of(s, basis, model);
	int64_t cost = s->spent != NULL ? s->spent->micros : 0;
	int64_t clicks = s->spent != NULL ? s->spent->clicks : -1;
	int64_t seen = s->spent != NULL ? s->spent->impressions : -1;
	bool paid = s->spent == NULL || !s->spent->waiting;
	struct decimal mille = { (ratio_int)cost * 1000, 6 };

	if (!is_shown(s, c))
		return;
	text(out, str_of(s->names->site->id));
	day(out, s->day);
	text(out, str_of(bases[basis]));
	text(out, str_of(models[model]->name));
	names(out, s->names);
	given(out, s->traffic != NULL ? s->traffic->visits : 0);
	given(out, s->traffic != NULL ? s->traffic->touches : 0);
	micros(out, c->conversions);
	micros(out, c->orders);
	micros(out, c->new_customers);
	micros(out, c->value);
	micros(out, c->refund);
	micros(out, c->value - c->refund);
	given(out, seen);
	given(out, clicks);
	if (paid)
		ratio_add_micros(out, cost);
	next(out);
	ratios(out, s, c, paid, cost, clicks);
	text(out, str_of(s->names->site->currency));
	micros(out, c->order_value);
	micros(out, c->booked_refund);
	ratio(out, paid, money(c->value), money(cost));
	ratio(out, paid && clicks >= 0, money(cost), whole(clicks));
	ratio(out, paid && seen >= 0, mille, whole(seen));
	if (clicks >= 0 && seen >= 0)
		ratio_add(out, whole(clicks), whole(seen));
	buf_add_str(out, STR(END));
}

bool
sheets_daily(struct offline *o, struct buf *out, sheets_flush *flush, void *ctx)
{
	struct spots s = gather(o);
	bool ok = true;

	buf_add_str(out,
	    STR("site,day,date_basis,model,channel,source,medium,campaign,"
		"visits,touches,conversions,orders,new_customers,"
		"gross_revenue,refunds,net_revenue,impressions,clicks,cost,"
		"roas,roi,cpa,cac,cvr,aov,tracking_rate,currency,"
		"order_revenue,booked_refunds,gross_roas,cpc,cpm,ctr" END));
	for (size_t first = 0, end; ok && first < s.count; first = end) {
		for (end = first;
		     end < s.count && s.at[end].day == s.at[first].day &&
		     s.at[end].names->site == s.at[first].names->site;)
			end++;
		for (int k = 0; k < BASES * MODEL_COUNT; k++) {
			for (size_t i = first; i < end; i++)
				row(out, &s.at[i], k / MODEL_COUNT,
				    k % MODEL_COUNT);
		}
		if (out->len > FLUSH_BYTES)
			ok = flush(ctx, out);
	}
	free(s.at);
	return ok && flush(ctx, out);
}

/* --- paths ---------------------------------------------------------------- */

struct way {
	struct str path;
	struct offline_path_row row;
};

static int
way_order(const void *va, const void *vb)
{
	const struct way *a = va, *b = vb;
	int order = strcmp(a->row.site->id, b->row.site->id);

	if (order == 0)
		order = (a->row.conversions < b->row.conversions) -
			(a->row.conversions > b->row.conversions);
	if (order == 0)
		order = (a->row.nulls < b->row.nulls) -
			(a->row.nulls > b->row.nulls);
	return order != 0 ? order : str_cmp(a->path, b->path);
}

bool
sheets_paths(struct offline *o, struct buf *out, sheets_flush *flush, void *ctx)
{
	struct arena *arena = arena_new(1 << 16);
	struct buf path = { 0 };
	struct way *at = NULL;
	size_t n = 0, cap = 0;
	struct offline_path_row p;
	bool ok = true;

	for (; offline_path(o, n, &p); n++) {
		if (n == cap) {
			cap = cap == 0 ? 256 : cap * 2;
			at = mem_grow(at, cap * sizeof(*at));
		}
		path.len = 0;
		for (size_t i = 0; i < p.count; i++) {
			if (i > 0)
				buf_add_str(&path, STR(" > "));
			buf_add_str(&path, p.channel[i]);
		}
		p.channel = NULL; /* it was lent */
		at[n] = (struct way){ arena_str(arena, buf_str(&path)), p };
	}
	if (n > 0)
		qsort(at, n, sizeof(*at), way_order);
	buf_add_str(out, STR("path,conversions,value,nulls,site" END));
	for (size_t i = 0; ok && i < n; i++) {
		text(out, at[i].path);
		given(out, at[i].row.conversions);
		micros(out, at[i].row.value_micros);
		given(out, at[i].row.nulls);
		csv_text(out, str_of(at[i].row.site->id));
		buf_add_str(out, STR(END));
		if (out->len > FLUSH_BYTES)
			ok = flush(ctx, out);
	}
	free(at);
	buf_free(&path);
	arena_free(arena);
	return ok && flush(ctx, out);
}

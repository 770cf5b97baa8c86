/*
 * attribute.c - paths, credits, refunds: exact to the micro.
 */
#include "aggregator/models/attribute.h"

#include <stdlib.h>

int64_t
attribute_time(int64_t ts_ms, int64_t click_ms)
{
	return ts_ms < click_ms && ts_ms >= click_ms - ATTRIBUTE_EARLY_MS
		   ? click_ms
		   : ts_ms;
}

int64_t
attribute_convert(int64_t micros, int64_t rate_micros)
{
	__int128 product = (__int128)micros * rate_micros;
	__int128 half = product < 0 ? -500000 : 500000;
	__int128 result = (product + half) / 1000000;

	if (result > INT64_MAX)
		return INT64_MAX;
	if (result < -INT64_MAX)
		return -INT64_MAX;
	return (int64_t)result;
}

bool
attribute_credits(const struct credit *credits, size_t count, int model)
{
	for (size_t i = 0; i < count; i++) {
		if (credits[i].share[model] != 0)
			return true;
	}
	return false;
}

void
attribute_split_refund(const struct credit *credits, size_t count, int model,
    int64_t amount, int64_t *part)
{
	int64_t *shares;
	bool any = false;

	if (!attribute_credits(credits, count, model)) {
		for (size_t i = 0; i < count; i++)
			part[i] = 0;
		return;
	}
	shares = mem_alloc(count * sizeof(*shares));
	for (size_t i = 0; i < count; i++) {
		shares[i] = credits[i].value[model];
		any = any || shares[i] != 0;
	}
	for (size_t i = 0; !any && i < count; i++)
		shares[i] = credits[i].share[model];
	models_split_shares(amount, shares, count, part);
	free(shares);
}

/* The refunds of C that count: in order, together at most its value. */
static void
count_refunds(struct conversion *c, struct arena *arena)
{
	c->refunded_micros = 0;
	c->refunds_counted = 0;
	c->refund_days =
	    arena_zero(arena, c->refund_count, sizeof(*c->refund_days));
	c->refund_micros =
	    arena_zero(arena, c->refund_count, sizeof(*c->refund_micros));
	for (size_t i = 0; i < c->refund_count; i++) {
		int64_t amount = c->refunds[i].value_micros;
		int64_t left = c->reporting_micros - c->refunded_micros;
		size_t n = c->refunds_counted;

		if (c->foreign)
			amount = attribute_convert(amount, c->rate_micros);
		if (amount > left)
			amount = left;
		if (amount <= 0)
			continue;
		c->refund_days[n] = zone_day(c->zone, c->refunds[i].ts_ms);
		c->refund_micros[n] = amount;
		c->refunds_counted++;
		c->refunded_micros += amount;
	}
}

/* The touches of the look-back, both ends included: [*FROM, *TO). */
static void
find_path(const struct conversion *c, const struct touch *touches, size_t count,
    size_t *from, size_t *to)
{
	size_t low = 0, high = count;

	while (low < high) { /* the first touch after the conversion */
		size_t mid = low + (high - low) / 2;

		if (touches[mid].ts_ms <= c->ts_ms)
			low = mid + 1;
		else
			high = mid;
	}
	*to = low;
	low = 0;
	high = *to;
	while (low < high) { /* the first inside the look-back */
		size_t mid = low + (high - low) / 2;

		if (touches[mid].ts_ms < c->ts_ms - c->lookback_ms)
			low = mid + 1;
		else
			high = mid;
	}
	*from = low;
}

size_t
attribute_thin(
    const struct attribute_path *rules, struct touch *at, size_t count)
{
	bool all_direct = true;
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		all_direct = all_direct && at[i].direct;
	for (size_t i = 0; i < count; i++) {
		if (rules->exclude_direct && at[i].direct && !all_direct)
			continue;
		if (rules->exposure && n > 0 && at[n - 1].dim == at[i].dim)
			continue;
		at[n++] = at[i];
	}
	return n;
}

/* When the latest conversion of C's goal before it was; of those of one
 * instant none is before the other. BEFORE are ordered by time. */
static int64_t
last_reset(
    const struct conversion *c, const struct conversion *before, size_t count)
{
	while (count-- > 0) {
		const struct conversion *b = &before[count];

		if (!b->duplicate && b->ts_ms < c->ts_ms &&
		    str_eq(b->goal, c->goal) && str_eq(b->site, c->site))
			return b->ts_ms;
	}
	return INT64_MIN;
}

/* The touches AT[0..*COUNT) of C's look-back as its site's options leave
 * them. BEFORE are the customer's earlier conversions. */
static const struct touch *
make_path(const struct conversion *c, const struct conversion *before,
    size_t before_count, const struct touch *at, size_t *count,
    struct arena *arena)
{
	struct touch *kept;

	if (c->path.reset) {
		int64_t reset_ms = last_reset(c, before, before_count);

		for (; *count > 0 && at->ts_ms <= reset_ms; at++)
			--*count;
	}
	if (*count == 0 || (!c->path.exclude_direct && !c->path.exposure))
		return at;
	kept = arena_alloc(arena, *count * sizeof(*kept));
	memcpy(kept, at, *count * sizeof(*kept));
	*count = attribute_thin(&c->path, kept, *count);
	return kept;
}

/* The last touches of the path AT[0..*COUNT), when it is too long. */
static const struct touch *
last_touches(struct conversion *c, const struct touch *at, size_t *count)
{
	if (*count <= ATTRIBUTE_TOUCHES_MAX)
		return at;
	c->left_out = *count - ATTRIBUTE_TOUCHES_MAX;
	*count = ATTRIBUTE_TOUCHES_MAX;
	return at + c->left_out;
}

static void
credit_unattributed(struct conversion *c, struct arena *arena)
{
	struct credit *k = arena_zero(arena, 1, sizeof(*k));

	k->dim = c->unattributed_dim;
	k->conversion_day = k->touch_day = c->day;
	for (int m = 0; m < MODEL_ALL; m++) {
		if (m >= MODEL_COUNT && pins_find(c->pins, m, c->day) == NULL)
			continue;
		k->share[m] = 1000000;
		k->value[m] = c->reporting_micros;
	}
	c->credits = k;
	c->credit_count = 1;
}

static void
credit_path(struct conversion *c, const struct touch *touches, size_t n,
    struct arena *arena)
{
	struct credit *k = arena_zero(arena, n, sizeof(*k));
	double *weight = arena_zero(arena, n, sizeof(*weight));
	int64_t *part = arena_zero(arena, n, sizeof(*part));
	int64_t *time_ms = arena_zero(arena, n, sizeof(*time_ms));
	bool *direct = arena_zero(arena, n, sizeof(*direct));
	int32_t *channel = arena_zero(arena, n, sizeof(*channel));
	struct path path = { .count = n,
		.time_ms = time_ms,
		.direct = direct,
		.conversion_ms = c->ts_ms,
		.channel = channel };

	for (size_t i = 0; i < n; i++) {
		time_ms[i] = touches[i].ts_ms;
		direct[i] = touches[i].direct;
		channel[i] = touches[i].channel;
		k[i].touch_no = (int32_t)i + 1;
		k[i].dim = touches[i].dim;
		k[i].has_touch = true;
		k[i].touch_ts_ms = touches[i].ts_ms;
		k[i].touch_event_id = touches[i].event_id;
		k[i].conversion_day = c->day;
		k[i].touch_day = zone_day(c->zone, touches[i].ts_ms);
	}
	for (int m = 0; m < MODEL_ALL; m++) {
		if (m >= MODEL_COUNT) {
			const struct pin *pin = pins_find(c->pins, m, c->day);

			if (pin == NULL)
				continue;
			path.learnt = pin->weight;
			path.channels = c->pins->channels;
		}
		models[m]->weigh(&path, weight);
		models_split(1000000, weight, n, part);
		for (size_t i = 0; i < n; i++)
			k[i].share[m] = part[i];
		models_split(c->reporting_micros, weight, n, part);
		for (size_t i = 0; i < n; i++)
			k[i].value[m] = part[i];
	}
	c->credits = k;
	c->credit_count = n;
}

static void
credit_refunds(struct conversion *c, struct arena *arena)
{
	int64_t *part = arena_zero(arena, c->credit_count, sizeof(*part));

	for (size_t r = 0; r < c->refunds_counted; r++) {
		for (int m = 0; m < MODEL_ALL; m++) {
			if (!attribute_credits(c->credits, c->credit_count, m))
				continue;
			attribute_split_refund(c->credits, c->credit_count, m,
			    c->refund_micros[r], part);
			for (size_t i = 0; i < c->credit_count; i++)
				c->credits[i].refund[m] += part[i];
		}
	}
}

void
attribute(const struct touch *touches, size_t touch_count,
    struct conversion *conversions, size_t conversion_count,
    struct arena *arena)
{
	bool bought = false;

	for (size_t i = 0; i < conversion_count; i++) {
		struct conversion *c = &conversions[i];
		const struct touch *path;
		size_t from, to;

		c->day = zone_day(c->zone, c->ts_ms);
		c->state = c->duplicate                 ? OUTCOME_DUPLICATE
			   : c->foreign && !c->has_rate ? OUTCOME_WAITING
							: OUTCOME_COUNTED;
		c->reporting_micros =
		    c->state != OUTCOME_COUNTED ? 0
		    : c->foreign
			? attribute_convert(c->value_micros, c->rate_micros)
			: c->value_micros;
		c->credit_count = c->left_out = 0;
		c->new_customer = false;
		if (c->state == OUTCOME_DUPLICATE) {
			c->refund_count = 0;
			count_refunds(c, arena);
			continue;
		}
		if (c->purchase && !bought) {
			c->new_customer = true;
			bought = true;
		}
		count_refunds(c, arena);
		if (c->state == OUTCOME_WAITING)
			continue;
		find_path(c, touches, touch_count, &from, &to);
		to -= from;
		path = make_path(c, conversions, i, touches + from, &to, arena);
		path = last_touches(c, path, &to);
		if (to == 0)
			credit_unattributed(c, arena);
		else
			credit_path(c, path, to, arena);
		credit_refunds(c, arena);
	}
}

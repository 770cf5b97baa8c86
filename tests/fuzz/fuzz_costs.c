/*
 * fuzz_costs.c - any bytes as a cost export of any platform (the first byte
 * says which, and the locale): nothing breaks, and what is taken for a cost
 * keeps its promises.
 */
#include "aggregator/platforms/costs.h"

#include <assert.h>
#include <stdlib.h>

#include "common/currency.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ssize_t
hand_out(void *ctx, char *out, size_t room)
{
	struct str *rest = ctx;
	size_t n = rest->len < room ? rest->len : room;

	if (n > 0)
		memcpy(out, rest->data, n);
	*rest = str_from(*rest, n);
	return (ssize_t)n;
}

static void
check(const struct cost_row *r)
{
	assert(r->micros >= 0);
	assert(r->clicks >= -1 && r->impressions >= -1);
	assert(r->source.len > 0);
	assert(r->campaign.len <= COSTS_NAME_BYTES);
	assert(r->account.len <= COSTS_NAME_BYTES);
	assert(r->currency.len == 0 || currency_is_code(r->currency));
	assert(str_utf8(r->campaign) && str_utf8(r->campaign_id));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct costs_settings set = { .platform = NULL };
	struct str rest;
	struct csv *csv;
	struct costs *costs;
	struct csv_row row;
	struct cost_row cost;
	struct costs_problem problem;
	struct error err;
	enum csv_result result;
	enum costs_step step = COSTS_ABOVE;

	if (size == 0)
		return 0;
	set.platform = platform_at((data[0] - 'a') % 8u);
	set.has_locale = data[0] >= 'i';
	set.locale = (enum locale)(data[0] % LOCALE_COUNT);
	if (set.platform == NULL)
		return 0;
	rest = str_make((const char *)data + 1, size - 1);
	csv = csv_new(hand_out, &rest);
	csv_sniff(csv);
	costs = costs_new(&set);
	while (step != COSTS_STOP &&
	       (result = csv_next(csv, &row, &err)) != CSV_END) {
		if (result == CSV_BAD)
			continue;
		step = costs_take(costs, &row, &cost, &problem);
		if (step == COSTS_ROW)
			check(&cost);
		if (step == COSTS_REFUSED || step == COSTS_STOP)
			assert(problem.text[0] != '\0');
	}
	costs_free(costs);
	csv_free(csv);
	return 0;
}

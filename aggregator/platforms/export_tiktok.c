/*
 * TikTok's Events API 1.3. A request may be taken in part: the answer lists
 * what was not.
 */
#include "aggregator/platforms/export_json.h"
#include "common/calendar.h"

static const char *const clicks[] = { "ttclid", NULL };

static void
add_event(struct json_writer *w, const struct export_target *t,
    const struct export_row *row)
{
	json_begin_object(w);
	export_text(w, "event", str_of(export_goal(t, row->goal)));
	export_text(w, "event_id", row->event_id);
	export_number(w, "event_time", export_time_ms(row) / 1000);
	if (export_consent(row, EXPORT_AD_PERSONALIZATION) == 'd') {
		json_key(w, STR("limited_data_use"));
		json_bool(w, true);
	}
	export_object(w, "user");
	export_text(w, "ttclid", export_click_value(row));
	export_text(w, "email", row->email);
	export_text(w, "phone", row->phone);
	export_text(w, "user_agent", row->user_agent);
	json_end_object(w);
	export_object(w, "page");
	export_text(w, "url", row->page_url);
	json_end_object(w);
	export_object(w, "properties");
	export_money(w, "value", row->value_micros);
	export_text(w, "currency", row->currency);
	export_text(w, "order_id", row->transaction_id);
	json_end_object(w);
	json_end_object(w);
}

static void
body(const struct export_target *t, const struct export_row *const *rows,
    size_t count, struct buf *out)
{
	struct json_writer w = json_write(out);

	json_begin_object(&w);
	export_text(&w, "event_source", STR("web"));
	export_text(&w, "event_source_id", str_of(t->account));
	export_array(&w, "data");
	for (size_t i = 0; i < count; i++)
		add_event(&w, t, rows[i]);
	json_end_array(&w);
	json_end_object(&w);
}

static enum export_verdict
partly(struct export_answer *a, const struct json *failed)
{
	struct str reason;
	int64_t at;

	export_all(a, true, STR_EMPTY);
	for (const struct json *f = failed->child; f != NULL; f = f->next) {
		if (!str_int(export_find(f, "order_in_batch"), 0,
			(int64_t)a->rows - 1, &at))
			return EXPORT_ALL_BAD;
		reason = export_find(f, "error_message");
		a->taken[at] = false;
		a->reason[at] =
		    reason.len > 0 ? reason : STR("refused without a reason");
	}
	return EXPORT_DECIDED;
}

static enum export_verdict
read_answer(struct export_answer *a)
{
	enum export_verdict v;
	const struct json *tree, *data;
	struct str code, reason;

	if (export_status(a, &v))
		return v;
	tree = export_tree(a);
	code = export_find(tree, "code");
	data = tree ? json_find(tree, "data") : NULL;
	data = data ? json_find(data, "failed_events") : NULL;
	if (data != NULL && data->type == JSON_ARRAY && data->count > 0)
		return partly(a, data);
	if (str_is(code, "0"))
		return export_all(a, true, export_find(tree, "request_id"));
	/* 401xx is the token, 40100 and 50xxx are "later". */
	if (str_is(code, "40100") || str_starts(code, STR("50")))
		return EXPORT_RETRY;
	if (str_starts(code, STR("401")))
		return EXPORT_FORBIDDEN;
	reason = export_find(tree, "message");
	return export_none(a, reason);
}

const struct export_platform export_tiktok = {
	.name = "tiktok",
	.clicks = clicks,
	.dedup_ms = 2 * DAY_MS,
	.batch = 1000,
	.personalization = true,
	.needs_page = true,
	.path = "/open_api/v1.3/event/track/",
	.token_header = "Access-Token: ",
	.body = body,
	.read = read_answer,
};

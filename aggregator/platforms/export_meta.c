/*
 * Meta's Conversions API. An event older than seven days refuses its whole
 * request. The address is never sent: we hold a truncated one only.
 */
#include "aggregator/platforms/export_json.h"
#include "common/calendar.h"

static const char *const clicks[] = { "fbclid", NULL };

static bool
has_page(const struct export_row *row)
{
	return row->page_url.len > 0 && row->user_agent.len > 0;
}

static void
add_event(struct json_writer *w, const struct export_target *t,
    const struct export_row *row)
{
	int64_t click_ms = row->click_ms > 0 ? row->click_ms : row->ts_ms;
	struct buf fbc = { 0 };

	buf_printf(&fbc, "fb.1.%lld.", (long long)click_ms);
	buf_add_str(&fbc, export_click_value(row));
	json_begin_object(w);
	export_text(w, "event_name", str_of(export_goal(t, row->goal)));
	export_number(w, "event_time", export_time_ms(row) / 1000);
	export_text(w, "event_id", row->event_id);
	export_text(w, "action_source",
	    has_page(row) ? STR("website") : str_of(t->action_source));
	if (has_page(row))
		export_text(w, "event_source_url", row->page_url);
	if (export_consent(row, EXPORT_AD_PERSONALIZATION) == 'd') {
		json_key(w, STR("opt_out")); /* measured, not learned from */
		json_bool(w, true);
	}
	export_object(w, "user_data");
	export_list(w, "em", row->email);
	export_list(w, "ph", row->phone_digits);
	export_text(w, "client_user_agent", row->user_agent);
	export_text(w, "fbc", buf_str(&fbc));
	json_end_object(w);
	export_object(w, "custom_data");
	export_money(w, "value", row->value_micros);
	export_text(w, "currency", row->currency);
	export_text(w, "order_id", row->transaction_id);
	json_end_object(w);
	json_end_object(w);
	buf_free(&fbc);
}

static void
body(const struct export_target *t, const struct export_row *const *rows,
    size_t count, struct buf *out)
{
	struct json_writer w = json_write(out);

	json_begin_object(&w);
	export_array(&w, "data");
	for (size_t i = 0; i < count; i++)
		add_event(&w, t, rows[i]);
	json_end_array(&w);
	json_end_object(&w);
}

static enum export_verdict
read_answer(struct export_answer *a)
{
	enum export_verdict v;
	struct str reason, code;
	const struct json *tree = export_tree(a);

	/* 190: the token; 4, 17, 80004 and 613: too many calls. */
	code = export_find(tree, "error.code");
	if (str_is(code, "190"))
		return EXPORT_FORBIDDEN;
	if (str_is(code, "4") || str_is(code, "17") || str_is(code, "80004") ||
	    str_is(code, "613") || str_is(code, "2"))
		return EXPORT_RETRY;
	if (export_status(a, &v))
		return v;
	if (a->status >= 200 && a->status < 300)
		return export_all(a, true, export_find(tree, "fbtrace_id"));
	reason = export_find(tree, "error.error_user_msg");
	if (reason.len == 0)
		reason = export_find(tree, "error.message");
	return export_none(a, reason);
}

static const char *
refuse(const struct export_target *t, const struct export_row *row)
{
	(void)t;
	return !has_page(row) && !row->server
		   ? "a web event needs page and user agent"
		   : NULL;
}

static unsigned
left_out(const struct export_row *row)
{
	return row->phone.len > 0 && row->phone_digits.len == 0
		   ? EXPORT_LEFT_PHONE
		   : 0;
}

const struct export_platform export_meta = {
	.name = "meta",
	.clicks = clicks,
	.age_ms = 7 * DAY_MS,
	.dedup_ms = 2 * DAY_MS,
	.batch = 1000,
	.personalization = true,
	.path = "/%v/%a/events",
	.version = "v21.0",
	.token_header = "Authorization: Bearer ",
	.body = body,
	.read = read_answer,
	.refuse = refuse,
	.left_out = left_out,
};

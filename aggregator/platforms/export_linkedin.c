/* LinkedIn's Conversions API: a batch, answered element by element. */
#include "aggregator/platforms/export_json.h"
#include "common/calendar.h"

static const char *const clicks[] = { "li_fat_id", NULL };
static const char *const headers[] = { "X-Restli-Protocol-Version: 2.0.0",
	"X-RestLi-Method: BATCH_CREATE", NULL };

static void
add_id(struct json_writer *w, struct str type, struct str value)
{
	if (value.len == 0)
		return;
	json_begin_object(w);
	export_text(w, "idType", type);
	export_text(w, "idValue", value);
	json_end_object(w);
}

static void
add_event(struct json_writer *w, const struct export_target *t,
    const struct export_row *row)
{
	struct buf text = { 0 };

	buf_printf(&text, "urn:lla:llaPartnerConversion:%s",
	    export_goal(t, row->goal));
	json_begin_object(w);
	export_text(w, "conversion", buf_str(&text));
	export_number(w, "conversionHappenedAt", export_time_ms(row));
	text.len = 0;
	buf_add_micros(&text, row->value_micros);
	export_object(w, "conversionValue");
	export_text(w, "currencyCode", row->currency);
	export_text(w, "amount", buf_str(&text));
	json_end_object(w);
	export_text(w, "eventId", row->event_id);
	export_object(w, "user");
	export_array(w, "userIds");
	add_id(w, STR("SHA256_EMAIL"), row->email);
	add_id(w, STR("LINKEDIN_FIRST_PARTY_ADS_TRACKING_UUID"),
	    export_click_value(row));
	json_end_array(w);
	json_end_object(w);
	json_end_object(w);
	buf_free(&text);
}

static void
body(const struct export_target *t, const struct export_row *const *rows,
    size_t count, struct buf *out)
{
	struct json_writer w = json_write(out);

	json_begin_object(&w);
	export_array(&w, "elements");
	for (size_t i = 0; i < count; i++)
		add_event(&w, t, rows[i]);
	json_end_array(&w);
	json_end_object(&w);
}

static enum export_verdict
read_answer(struct export_answer *a)
{
	enum export_verdict v;
	const struct json *tree, *list;
	int64_t status;
	size_t i = 0;

	if (export_status(a, &v))
		return v;
	tree = export_tree(a);
	list = tree ? json_find(tree, "elements") : NULL;
	if (list == NULL || list->count != a->rows) {
		struct str reason = export_find(tree, "message");

		if (a->status >= 200 && a->status < 300)
			return export_all(a, true, STR_EMPTY);
		return export_none(a, reason);
	}
	for (const struct json *e = list->child; e != NULL; e = e->next, i++) {
		a->taken[i] =
		    str_int(export_find(e, "status"), 0, 999, &status) &&
		    status >= 200 && status < 300;
		a->reason[i] = export_find(e, "error.message");
		if (!a->taken[i] && a->reason[i].len == 0)
			a->reason[i] = STR("refused without a reason");
	}
	return EXPORT_DECIDED;
}

static unsigned
left_out(const struct export_row *row)
{
	return row->phone.len > 0 ? EXPORT_LEFT_PHONE : 0; /* it has no field */
}

const struct export_platform export_linkedin = {
	.name = "linkedin",
	.clicks = clicks,
	.age_ms = 90 * DAY_MS,
	.dedup_ms = 90 * DAY_MS,
	.batch = 5000,
	.path = "/rest/conversionEvents",
	.version = "202506",
	.version_header = "LinkedIn-Version: ",
	.headers = headers,
	.token_header = "Authorization: Bearer ",
	.body = body,
	.read = read_answer,
	.left_out = left_out,
};

/*
 * Google Analytics 4, Measurement Protocol: a request per event, as one
 * belongs to one client. It answers 2xx to whatever it is sent. A refund is
 * an event of its own there. The client id is made from our visitor, as the
 * site's own GA client id is not known.
 */
#include "aggregator/platforms/export_json.h"
#include "common/calendar.h"

static struct str
consent(const struct export_row *row, int purpose)
{
	char letter = export_consent(row, purpose);

	return letter == 'g'   ? STR("GRANTED")
	       : letter == 'd' ? STR("DENIED")
			       : STR_EMPTY;
}

static void
body(const struct export_target *t, const struct export_row *const *rows,
    size_t count, struct buf *out)
{
	const struct export_row *row = rows[0];
	struct json_writer w = json_write(out);
	struct str data = consent(row, EXPORT_AD_USER_DATA);
	struct str ads = consent(row, EXPORT_AD_PERSONALIZATION);
	bool refund = row->kind != EXPORT_CONVERSION;

	(void)count; /* a batch is one */
	json_begin_object(&w);
	export_text(&w, "client_id", row->client_id);
	export_number(&w, "timestamp_micros",
	    1000 * (refund ? t->now_ms : export_time_ms(row)));
	if (data.len + ads.len > 0) {
		export_object(&w, "consent");
		export_text(&w, "ad_user_data", data);
		export_text(&w, "ad_personalization", ads);
		json_end_object(&w);
	}
	export_array(&w, "events");
	json_begin_object(&w);
	export_text(&w, "name",
	    refund ? STR("refund") : str_of(export_goal(t, row->goal)));
	export_object(&w, "params");
	export_text(&w, "transaction_id", row->transaction_id);
	export_money(&w, "value",
	    refund ? row->before_micros - row->value_micros
		   : row->value_micros);
	export_text(&w, "currency", row->currency);
	json_end_object(&w);
	json_end_object(&w);
	json_end_array(&w);
	json_end_object(&w);
}

static enum export_verdict
read_answer(struct export_answer *a)
{
	enum export_verdict v;

	if (export_status(a, &v))
		return v;
	return export_all(a, a->status >= 200 && a->status < 300,
	    a->status < 300 ? STR_EMPTY : STR("refused without a reason"));
}

static const char *
refuse(const struct export_target *t, const struct export_row *row)
{
	(void)t;
	return row->kind != EXPORT_CONVERSION &&
		       row->value_micros > row->before_micros
		   ? "the platform takes no higher value afterwards"
		   : NULL;
}

static unsigned
left_out(const struct export_row *row)
{
	return (row->email.len > 0 ? EXPORT_LEFT_EMAIL : 0) |
	       (row->phone.len > 0 ? EXPORT_LEFT_PHONE : 0);
}

const struct export_platform export_ga4 = {
	.name = "ga4",
	.age_ms = 3 * DAY_MS,
	.adjust_age_ms = 400 * DAY_MS, /* a refund has its own time */
	.batch = 1,
	.personalization = true,
	.path = "/mp/collect?measurement_id=%a",
	.token_header = "", /* it goes behind the URL: &api_secret= */
	.body = body,
	.read = read_answer,
	.refuse = refuse,
	.left_out = left_out,
};

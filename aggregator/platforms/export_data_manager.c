/*
 * Google's Data Manager API, events:ingest. One bad event refuses the whole
 * request; the answer names it as `events[N]` where Google can tell.
 */
#include "aggregator/platforms/export_json.h"
#include "common/calendar.h"

static const char *const clicks[] = { "gclid", "gbraid", "wbraid", NULL };

static void
account(struct json_writer *w, const char *key, const char *id)
{
	export_object(w, key);
	export_text(w, "accountType", STR("GOOGLE_ADS"));
	export_text(w, "accountId", str_of(id));
	json_end_object(w);
}

static struct str
consent(const struct export_row *row, int purpose)
{
	char letter = export_consent(row, purpose);

	return letter == 'g'   ? STR("CONSENT_GRANTED")
	       : letter == 'd' ? STR("CONSENT_DENIED")
			       : STR_EMPTY;
}

static void
add_consent(struct json_writer *w, const struct export_row *row)
{
	struct str data = consent(row, EXPORT_AD_USER_DATA);
	struct str ads = consent(row, EXPORT_AD_PERSONALIZATION);

	if (data.len + ads.len == 0)
		return;
	export_object(w, "consent");
	export_text(w, "adUserData", data);
	export_text(w, "adPersonalization", ads);
	json_end_object(w);
}

static void
add_user(struct json_writer *w, const struct export_row *row)
{
	struct str email =
	    row->email_google.len > 0 ? row->email_google : row->email;

	if (email.len + row->phone.len == 0)
		return;
	export_object(w, "userData");
	export_array(w, "userIdentifiers");
	if (email.len > 0) {
		json_begin_object(w);
		export_text(w, "emailAddress", email);
		json_end_object(w);
	}
	if (row->phone.len > 0) {
		json_begin_object(w);
		export_text(w, "phoneNumber", row->phone);
		json_end_object(w);
	}
	json_end_array(w);
	json_end_object(w);
}

static void
add_event(struct json_writer *w, const struct export_row *row)
{
	char when[25], name[16];
	struct str click = export_click_name(row);

	calendar_format_instant(export_time_ms(row), when);
	memcpy(name, click.data, click.len);
	name[click.len] = '\0';
	json_begin_object(w);
	/* Which of the destinations: the one of the goal. */
	export_list(w, "destinationReferences", row->goal);
	export_text(w, "eventTimestamp", str_of(when));
	export_text(w, "transactionId", row->transaction_id);
	export_money(w, "conversionValue", row->value_micros);
	export_text(w, "currency", row->currency);
	export_object(w, "adIdentifiers");
	export_text(w, name, export_click_value(row));
	json_end_object(w);
	add_user(w, row);
	add_consent(w, row);
	json_end_object(w);
}

static void
body(const struct export_target *t, const struct export_row *const *rows,
    size_t count, struct buf *out)
{
	struct json_writer w = json_write(out);

	json_begin_object(&w);
	export_array(&w, "destinations");
	for (size_t i = 0; i < t->goals->count; i++) {
		json_begin_object(&w);
		export_text(&w, "reference", str_of(t->goals->at[i].key));
		account(&w, "operatingAccount", t->account);
		if (t->login_account[0] != '\0')
			account(&w, "loginAccount", t->login_account);
		export_text(
		    &w, "productDestinationId", str_of(t->goals->at[i].value));
		json_end_object(&w);
	}
	json_end_array(&w);
	export_text(&w, "encoding", STR("HEX"));
	json_key(&w, STR("validateOnly"));
	json_bool(&w, false);
	export_array(&w, "events");
	for (size_t i = 0; i < count; i++)
		add_event(&w, rows[i]);
	json_end_array(&w);
	json_end_object(&w);
}

/* The events named in TEXT as `events[N]` are refused, so none was taken;
 * the others may be sent again. */
static size_t
mark_named(struct export_answer *a, struct str text, struct str reason)
{
	size_t named = 0;
	ptrdiff_t at, end;
	int64_t n;

	while ((at = str_find(text, STR("events["))) >= 0) {
		text = str_from(text, (size_t)at + 7);
		end = str_find_char(text, ']');
		if (end > 0 && str_int(str_head(text, (size_t)end), 0,
				   (int64_t)a->rows - 1, &n)) {
			named += a->reason[n].len == 0;
			a->reason[n] = reason;
		}
	}
	return named;
}

static enum export_verdict
read_answer(struct export_answer *a)
{
	enum export_verdict v;
	const struct json *tree;
	struct str reason;

	if (export_status(a, &v))
		return v;
	tree = export_tree(a);
	if (a->status >= 200 && a->status < 300)
		return export_all(a, true, export_find(tree, "requestId"));
	reason = export_find(tree, "error.message");
	if (reason.len == 0)
		reason = STR("refused without a reason");
	v = export_none(a, reason);
	if (v == EXPORT_ALL_BAD && mark_named(a, a->body, reason) == a->rows)
		return EXPORT_DECIDED;
	return v;
}

const struct export_platform export_data_manager = {
	.name = "google-data-manager",
	.clicks = clicks,
	.click_age_ms = 90 * DAY_MS,
	.dedup_ms = 90 * DAY_MS,
	.batch = 2000,
	.personalization = true,
	.path = "/v1/events:ingest",
	.token_header = "Authorization: Bearer ",
	.body = body,
	.read = read_answer,
};

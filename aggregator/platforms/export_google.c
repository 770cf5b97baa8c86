/*
 * Google Ads' upload files: click conversions by gclid, and adjustments by
 * order id. They have no column for gbraid and wbraid, and may have none for
 * what names a person.
 */
#include "aggregator/platforms/csv.h"
#include "aggregator/platforms/export.h"
#include "common/calendar.h"

static const char *const clicks[] = { "gclid", NULL };

static void
head(enum export_kind kind, struct buf *out)
{
	buf_add_str(out, STR("Parameters:TimeZone=+0000\r\n"));
	if (kind == EXPORT_CONVERSION)
		buf_add_str(
		    out, STR("Google Click ID,Conversion Name,Conversion Time,"
			     "Conversion Value,Conversion Currency,Order ID,"
			     "Ad User Data,Ad Personalization\r\n"));
	else
		buf_add_str(out, STR("Order ID,Conversion Name,Adjustment Time,"
				     "Adjustment Type,Adjusted Value,"
				     "Adjusted Value Currency\r\n"));
}

static struct str
consent(const struct export_row *row, int purpose)
{
	char letter = export_consent(row, purpose);

	return letter == 'g'   ? STR("Granted")
	       : letter == 'd' ? STR("Denied")
			       : STR_EMPTY;
}

static void
line(const struct export_target *t, const struct export_row *row,
    struct buf *out)
{
	struct str name = str_of(export_goal(t, row->goal));

	if (row->kind == EXPORT_CONVERSION) {
		csv_exact(out, export_click_value(row));
		buf_add_char(out, ',');
		csv_exact(out, name);
		buf_add_char(out, ',');
		export_datetime(export_time_ms(row), out);
		buf_add_char(out, ',');
		buf_add_micros(out, row->value_micros);
		buf_add_char(out, ',');
		csv_exact(out, row->currency);
		buf_add_char(out, ',');
		csv_exact(out, row->transaction_id);
		buf_add_char(out, ',');
		buf_add_str(out, consent(row, EXPORT_AD_USER_DATA));
		buf_add_char(out, ',');
		buf_add_str(out, consent(row, EXPORT_AD_PERSONALIZATION));
	} else {
		csv_exact(out, row->transaction_id);
		buf_add_char(out, ',');
		csv_exact(out, name);
		buf_add_char(out, ',');
		export_datetime(t->now_ms, out);
		if (row->kind == EXPORT_RETRACT) {
			buf_add_str(out, STR(",RETRACT,,"));
		} else {
			buf_add_str(out, STR(",RESTATE,"));
			buf_add_micros(out, row->value_micros);
			buf_add_char(out, ',');
			csv_exact(out, row->currency);
		}
	}
	buf_add_str(out, STR("\r\n"));
}

/* No escape may be put in front of an id, so a formula may not pass. */
static const char *
refuse(const struct export_target *t, const struct export_row *row)
{
	if (csv_formula(row->transaction_id) ||
	    csv_formula(export_click_value(row)))
		return "an id that a spreadsheet would take for a formula";
	return csv_formula(str_of(export_goal(t, row->goal)))
		   ? EXPORT_NAME_IS_FORMULA
		   : NULL;
}

static unsigned
left_out(const struct export_row *row)
{
	return (row->email.len > 0 ? EXPORT_LEFT_EMAIL : 0) |
	       (row->phone.len > 0 ? EXPORT_LEFT_PHONE : 0);
}

const struct export_platform export_google = {
	.name = "google",
	.clicks = clicks,
	.click_age_ms = 90 * DAY_MS,
	.adjust_age_ms = 55 * DAY_MS,
	.personalization = true,
	.csv_head = head,
	.csv_row = line,
	.refuse = refuse,
	.left_out = left_out,
};

/*
 * Microsoft Advertising's bulk files of offline conversions, version 6.0:
 * one for conversions, one for each kind of adjustment. Times are UTC. Its
 * e-mail hash wants dots and suffixes away before hashing, which a hash no
 * longer lets us do: both hashes stay empty, as the click id is there.
 */
#include "aggregator/platforms/csv.h"
#include "aggregator/platforms/export.h"
#include "common/calendar.h"

static const char *const clicks[] = { "msclkid", NULL };

static void
head(enum export_kind kind, struct buf *out)
{
	static const char *const heads[] = {
		[EXPORT_CONVERSION] =
		    "Type,Status,Id,Parent Id,Client Id,Name,"
		    "Conversion Currency Code,Conversion Name,"
		    "Conversion Time,Conversion Value,Microsoft Click Id,"
		    "Hashed Email Address,Hashed Phone Number,"
		    "External Attribution Credit,External Attribution Model"
		    "\r\nFormat Version,,,,,6.0,,,,,,,,,\r\n",
		[EXPORT_RESTATE] =
		    "Type,Adjustment Type,Client Id,Id,Name,Conversion Name,"
		    "Conversion Time,Adjustment Value,Microsoft Click Id,"
		    "Hashed Email Address,Hashed Phone Number,"
		    "Adjusted Currency Code,Adjustment Time"
		    "\r\nFormat Version,,,,6.0,,,,,,,,\r\n",
		[EXPORT_RETRACT] =
		    "Type,Adjustment Type,Client Id,Id,Name,Conversion Name,"
		    "Conversion Time,Microsoft Click Id,Hashed Email Address,"
		    "Hashed Phone Number,Adjustment Time"
		    "\r\nFormat Version,,,,6.0,,,,,,\r\n",
	};

	buf_add_str(out, str_of(heads[kind]));
}

/* M/D/YYYY h:mm:ss AM */
static void
when(int64_t ms, struct buf *out)
{
	int32_t day = (int32_t)(ms / DAY_MS);
	int s = (int)(ms % DAY_MS / 1000), hour = s / 3600;
	int year, month, mday;

	calendar_civil(day, &year, &month, &mday);
	buf_printf(out, "%d/%d/%d %d:%02d:%02d %s", month, mday, year,
	    hour % 12 == 0 ? 12 : hour % 12, s / 60 % 60, s % 60,
	    hour < 12 ? "AM" : "PM");
}

static void
line(const struct export_target *t, const struct export_row *row,
    struct buf *out)
{
	struct str name = str_of(export_goal(t, row->goal));

	if (row->kind == EXPORT_CONVERSION) {
		buf_add_str(out, STR("Offline Conversion,,,,,,"));
		csv_exact(out, row->currency);
		buf_add_char(out, ',');
	} else {
		buf_add_str(out, row->kind == EXPORT_RESTATE
				     ? STR("Offline Conversion,Restate,,,,")
				     : STR("Offline Conversion,Retract,,,,"));
	}
	csv_exact(out, name);
	buf_add_char(out, ',');
	when(export_time_ms(row), out);
	buf_add_char(out, ',');
	if (row->kind != EXPORT_RETRACT) {
		buf_add_micros(out, row->value_micros);
		buf_add_char(out, ',');
	}
	csv_exact(out, export_click_value(row));
	buf_add_str(out, STR(",,,"));
	if (row->kind == EXPORT_CONVERSION) {
		buf_add_char(out, ',');
	} else {
		if (row->kind == EXPORT_RESTATE) {
			csv_exact(out, row->currency);
			buf_add_char(out, ',');
		}
		when(t->now_ms, out);
	}
	buf_add_str(out, STR("\r\n"));
}

static const char *
refuse(const struct export_target *t, const struct export_row *row)
{
	if (csv_formula(export_click_value(row)))
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

const struct export_platform export_microsoft = {
	.name = "microsoft",
	.clicks = clicks,
	.click_age_ms = 90 * DAY_MS,
	.adjust_age_ms = 90 * DAY_MS,
	.csv_head = head,
	.csv_row = line,
	.refuse = refuse,
	.left_out = left_out,
};

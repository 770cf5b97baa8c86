/*
 * exports.c - the platforms that conversions go to, and the rules that hold
 * for all of them.
 */
#include "aggregator/platforms/export.h"

#include <stdio.h>

#include "common/calendar.h"

const char *const export_kinds[] = { "conversion", "restate", "retract" };

/* The one place where a platform is named. */
#define PLATFORMS(X)                                                           \
	X(google, "google")                                                    \
	X(data_manager, "google-data-manager")                                 \
	X(meta, "meta")                                                        \
	X(microsoft, "microsoft")                                              \
	X(tiktok, "tiktok")                                                    \
	X(linkedin, "linkedin")                                                \
	X(ga4, "ga4")

#define DECLARE(id, name) extern const struct export_platform export_##id;
PLATFORMS(DECLARE)
#define POINTER(id, name) &export_##id,
static const struct export_platform *const platforms[] = { PLATFORMS(POINTER) };
#define NAME(id, name) name,
const char *const export_names[] = { PLATFORMS(NAME) NULL };

const struct export_platform *
export_at(int index)
{
	return platforms[index];
}

const char *
export_goal(const struct export_target *t, struct str goal)
{
	for (size_t i = 0; i < t->goals->count; i++) {
		if (str_is(goal, t->goals->at[i].key))
			return t->goals->at[i].value;
	}
	return NULL;
}

struct str
export_click_name(const struct export_row *row)
{
	ptrdiff_t at = str_find_char(row->click_id, '=');

	return at < 0 ? STR_EMPTY : str_head(row->click_id, (size_t)at);
}

struct str
export_click_value(const struct export_row *row)
{
	ptrdiff_t at = str_find_char(row->click_id, '=');

	return at < 0 ? STR_EMPTY : str_from(row->click_id, (size_t)at + 1);
}

int64_t
export_time_ms(const struct export_row *row)
{
	return row->click_ms >= row->ts_ms ? row->click_ms + 1000 : row->ts_ms;
}

char
export_consent(const struct export_row *row, int purpose)
{
	return row->consent.len == 4 ? row->consent.data[purpose] : 'u';
}

void
export_datetime(int64_t ms, struct buf *out)
{
	char text[25];

	calendar_format_instant(ms, text);
	text[10] = ' ';
	buf_add(out, text, 19);
}

static bool
printable(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] <= ' ' || s.data[i] == 0x7f)
			return false;
	}
	return s.len > 0;
}

static const char *
refuse_consent(const struct export_platform *p, const struct export_target *t,
    const struct export_row *row)
{
	char user_data = export_consent(row, EXPORT_AD_USER_DATA);

	/* Where there are no clicks it is no ad platform. */
	if (p->clicks != NULL && user_data == 'd')
		return "ad_user_data was denied";
	if (t->require_consent && user_data != 'g')
		return "ad_user_data was not granted";
	if (export_consent(row, EXPORT_AD_PERSONALIZATION) == 'd' &&
	    !p->personalization)
		return "ad_personalization was denied, which the format "
		       "cannot say";
	return NULL;
}

static const char *
refuse_age(const struct export_platform *p, const struct export_target *t,
    const struct export_row *row)
{
	int64_t click_ms = row->click_ms > 0 ? row->click_ms : row->ts_ms;

	if (row->kind != EXPORT_CONVERSION)
		return t->now_ms - row->ts_ms > p->adjust_age_ms
			   ? "the conversion is too old to be adjusted"
			   : NULL;
	if (p->age_ms > 0 && t->now_ms - row->ts_ms > p->age_ms)
		return "the conversion is older than the platform takes";
	if (p->click_age_ms > 0 && t->now_ms - click_ms > p->click_age_ms)
		return "the click is older than the platform takes";
	return NULL;
}

const char *
export_refuse(const struct export_platform *p, const struct export_target *t,
    const struct export_row *row)
{
	const char *why;

	if (export_goal(t, row->goal) == NULL)
		return "its goal is not among the platform's goals in the "
		       "settings";
	if (row->kind != EXPORT_CONVERSION && p->adjust_age_ms == 0)
		return "the platform takes no adjustments";
	if (p->clicks != NULL && !printable(export_click_value(row)))
		return "no touch that counts is a click of the platform";
	if (row->ts_ms > t->now_ms)
		return "it lies in the future";
	why = refuse_consent(p, t, row);
	if (why == NULL)
		why = refuse_age(p, t, row);
	if (why == NULL && p->needs_page &&
	    (row->page_url.len == 0 || row->user_agent.len == 0))
		why = "the platform needs page and user agent";
	if (why == NULL && p->refuse != NULL)
		why = p->refuse(t, row);
	return why;
}

bool
export_status(const struct export_answer *a, enum export_verdict *v)
{
	if (a->status == 429 || a->status == 408 || a->status >= 500)
		*v = EXPORT_RETRY;
	else if (a->status == 401 || a->status == 403 || a->status == 404)
		*v = EXPORT_FORBIDDEN;
	else
		return false;
	return true;
}

enum export_verdict
export_all(struct export_answer *a, bool taken, struct str reason)
{
	for (size_t i = 0; i < a->rows; i++) {
		a->taken[i] = taken;
		a->reason[i] = reason;
	}
	return EXPORT_DECIDED;
}

enum export_verdict
export_none(struct export_answer *a, struct str reason)
{
	if (reason.len == 0)
		reason = STR("refused without a reason");
	export_all(a, false, a->rows == 1 ? reason : STR_EMPTY);
	return a->rows == 1 ? EXPORT_DECIDED : EXPORT_ALL_BAD;
}

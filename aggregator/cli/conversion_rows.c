/*
 * conversion_rows.c - a table says how each column is checked; what must
 * belong together is checked after.
 */
#include "aggregator/cli/conversion_rows.h"

#include <inttypes.h>
#include <stdio.h>

#include "aggregator/platforms/moment.h"
#include "common/arena.h"
#include "common/calendar.h"
#include "common/json.h"
#include "common/record.h"

#define PAST_MS (400 * DAY_MS) /* how old an event the collector takes */
#define AHEAD_MS INT64_C(300000)
#define VALUE_LIMIT (INT64_C(1000000000000) * 1000000) /* 10^12 in micros */

/*
 * X(id, name, alias, kind). MADE columns are written by hand below, CLICK
 * ones become the click_id of their name.
 */
#define COLUMNS(X)                                                             \
	X(TYPE, "type", NULL, MADE)                                            \
	X(ADJUSTMENT, "adjustment", "adjustment type", MADE)                   \
	X(ADJUSTED, "adjusted_value", "adjusted value", MADE)                  \
	X(SITE, "site", NULL, MADE)                                            \
	X(EVENT_ID, "event_id", NULL, MADE)                                    \
	X(TIME, "time", "conversion time", MADE)                               \
	X(VALUE, "value", "conversion value", MADE)                            \
	X(CURRENCY, "currency", "conversion currency", MADE)                   \
	X(GOAL, "goal", "conversion name", TEXT)                               \
	X(ORDER_ID, "order_id", "order id", TEXT)                              \
	X(REFUND_ID, "refund_id", NULL, TEXT)                                  \
	X(VISITOR_ID, "visitor_id", NULL, TEXT)                                \
	X(SESSION_ID, "session_id", NULL, TEXT)                                \
	X(USER_ID, "user_id", NULL, TEXT)                                      \
	X(CLICK_ID, "click_id", NULL, TEXT)                                    \
	X(GCLID, "gclid", "google click id", CLICK)                            \
	X(GBRAID, "gbraid", NULL, CLICK)                                       \
	X(WBRAID, "wbraid", NULL, CLICK)                                       \
	X(MSCLKID, "msclkid", "microsoft click id", CLICK)                     \
	X(FBCLID, "fbclid", NULL, CLICK)                                       \
	X(TTCLID, "ttclid", NULL, CLICK)                                       \
	X(LI_FAT_ID, "li_fat_id", NULL, CLICK)                                 \
	X(EMAIL, "email", NULL, ADDRESS)                                       \
	X(PHONE, "phone", "phone number", NUMBER)                              \
	X(EMAIL_SHA256, "email_sha256", "hashed email address", HASH)          \
	X(PHONE_SHA256, "phone_sha256", "hashed phone number", HASH)           \
	X(NEW_CUSTOMER, "new_customer", NULL, TRUTH)                           \
	X(CONSENT, "consent", NULL, TREE)                                      \
	X(AD_STORAGE, "ad_storage", NULL, GRANT)                               \
	X(ANALYTICS_STORAGE, "analytics_storage", NULL, GRANT)                 \
	X(AD_USER_DATA, "ad_user_data", "ad user data", GRANT)                 \
	X(AD_PERSONALIZATION, "ad_personalization", "ad personalization",      \
	    GRANT)                                                             \
	X(URL, "url", NULL, LONG)                                              \
	X(REFERRER, "referrer", NULL, LONG)                                    \
	X(TITLE, "title", NULL, LONG)                                          \
	X(USER_AGENT, "user_agent", NULL, LONG)                                \
	X(IP, "ip", NULL, LONG)                                                \
	X(LANGUAGE, "language", NULL, TEXT)                                    \
	X(SCREEN, "screen", NULL, TEXT)                                        \
	X(SOURCE, "source", NULL, TEXT)                                        \
	X(MEDIUM, "medium", NULL, TEXT)                                        \
	X(CAMPAIGN, "campaign", NULL, TEXT)                                    \
	X(TERM, "term", NULL, TEXT)                                            \
	X(CONTENT, "content", NULL, TEXT)                                      \
	X(NAME, "name", NULL, TEXT)                                            \
	X(ITEMS, "items", NULL, TREE)                                          \
	X(EXPERIMENT, "experiment", NULL, TEXT)                                \
	X(VARIANT, "variant", NULL, TEXT)                                      \
	X(PROPS, "props", NULL, TREE)

enum kind {
	MADE,
	TEXT,
	CLICK,
	ADDRESS,
	NUMBER,
	HASH,
	TRUTH,
	TREE,
	GRANT,
	LONG
};
#define ID(id, name, alias, kind) C_##id,
enum { COLUMNS(ID) C_COUNT };
#undef ID
#define COLUMN(id, name, alias, kind) { name, alias, false },
const struct rows_column conversion_columns[] = { COLUMNS(COLUMN){
    NULL, NULL, false } };
#undef COLUMN
#define KIND(id, name, alias, kind) kind,
static const enum kind kinds[] = { COLUMNS(KIND) };
#undef KIND
_Static_assert(C_COUNT <= CONVERSION_COLUMNS_MAX, "room for a row");

struct draft {
	struct rows *r;
	const struct str *values;
	const struct site *site;
	int64_t now_ms, value_micros;
	struct str type;
	bool has_value;
	char currency[4];
	struct conversion_row *row;
};

static bool
refuse(const struct draft *d, int column, const char *what)
{
	return rows_refuse(d->r, conversion_columns[column].name, what);
}

static bool
is_id(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.data[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c >= '0' && c <= '9') || c == '_' || c == '.' ||
			c == ':' || c == '-'))
			return false;
	}
	return s.len > 0 && s.len <= 64;
}

static bool
is_number(struct str s)
{
	size_t digits = 0;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.data[i];

		digits += c >= '0' && c <= '9';
		if (!(c >= '0' && c <= '9') &&
		    (memchr("+ -().\t/", c, 8) == NULL || (c == '+' && i > 0)))
			return false;
	}
	return digits >= 6 && digits <= 17;
}

static bool
is_tree(struct str s)
{
	struct arena *arena = arena_new(4096);
	bool ok = json_read(arena, s, NULL) != NULL;

	arena_free(arena);
	return ok;
}

/* One value that is not empty, by the KIND of its COLUMN. */
static bool
check(const struct draft *d, int column)
{
	struct str s = d->values[column];
	uint8_t bytes[SHA256_BYTES];
	char what[60];
	int field;

	switch (kinds[column]) {
	case MADE:
	case LONG: /* the collector cuts them */
		return true;
	case TEXT:
		field = record_find(str_of(conversion_columns[column].name));
		if (field < 0 || s.len <= record_fields[field].max)
			return true;
		snprintf(what, sizeof(what), "longer than %zu bytes",
		    record_fields[field].max);
		return refuse(d, column, what);
	case CLICK:
		return s.len + strlen(conversion_columns[column].name) <
			   record_fields[RECORD_click_id].max ||
		       refuse(d, column, "longer than 500 bytes");
	case ADDRESS:
		return (s.len >= 3 && s.len <= 254 &&
			   str_find_char(s, '@') > 0) ||
		       refuse(d, column, "not an address such as a@b.example");
	case NUMBER:
		return is_number(s) ||
		       refuse(d, column,
			   "not digits with country code, such as "
			   "+16505551212");
	case HASH:
		return digest_unhex(s, bytes, sizeof(bytes)) ||
		       refuse(d, column, "not 64 hex digits");
	case TRUTH:
		return str_is(s, "true") || str_is(s, "false") ||
		       str_is(s, "1") || str_is(s, "0") ||
		       refuse(d, column, "neither true nor false");
	case GRANT:
		return str_ieq(s, STR("granted")) ||
		       str_ieq(s, STR("denied")) ||
		       refuse(d, column, "neither granted nor denied");
	case TREE:
		return s.data[0] == '{' || s.data[0] == '['
			   ? is_tree(s) || refuse(d, column, "not JSON")
			   : column == C_CONSENT ||
				 refuse(d, column, "not JSON");
	}
	return true;
}

static bool
read_type(struct draft *d)
{
	struct str type = d->values[C_TYPE], adjust = d->values[C_ADJUSTMENT];
	static const char *const types[] = { "conversion", "refund", "page",
		"event", "identify", "exposure", "consent" };

	if (str_ieq(type, STR("restate")) || str_ieq(type, STR("retract"))) {
		adjust = type;
		type = STR("conversion");
	}
	d->type = type.len > 0 ? type : STR("conversion");
	d->row->adjusts = adjust.len > 0;
	if (adjust.len > 0) {
		d->type = STR("retract");
		if (str_ieq(adjust, STR("retract")) ||
		    str_ieq(adjust, STR("retraction")))
			return true;
		d->type = STR("restate");
		return str_ieq(adjust, STR("restate")) ||
		       str_ieq(adjust, STR("restatement")) ||
		       refuse(d, C_ADJUSTMENT, "neither restate nor retract");
	}
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (str_is(d->type, types[i]))
			return true;
	}
	return refuse(d, C_TYPE,
	    "not conversion, refund, restate, retract, page, event, "
	    "identify, exposure or consent");
}

static bool
read_money(struct draft *d)
{
	struct str value = d->values[C_VALUE], code = d->values[C_CURRENCY];
	int column = C_VALUE;

	if (d->row->adjusts && d->values[C_ADJUSTED].len > 0) {
		column = C_ADJUSTED;
		value = d->values[C_ADJUSTED];
	}
	d->has_value = value.len > 0;
	d->value_micros = 0;
	if (d->has_value && (value.len > record_fields[RECORD_value].max ||
				!str_micros(value, &d->value_micros)))
		return refuse(
		    d, column, "not a decimal with at most six places");
	if (d->value_micros < 0)
		return refuse(d, column, "negative");
	if (d->value_micros >= VALUE_LIMIT)
		return refuse(d, column, "10^12 or more");
	d->currency[0] = '\0';
	for (size_t i = 0; i < code.len && i < 3; i++) {
		char c = code.data[i];

		c = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
		if (code.len != 3 || c < 'A' || c > 'Z')
			return refuse(d, C_CURRENCY,
			    "not a code of ISO 4217 such as EUR");
		d->currency[i] = c;
		d->currency[i + 1] = '\0';
	}
	return true;
}

static bool
read_time(struct draft *d)
{
	bool clock;

	if (d->values[C_TIME].len == 0)
		return refuse(d, C_TIME, "missing");
	if (!moment_parse(
		d->values[C_TIME], d->site->zone, &d->row->time_ms, &clock))
		return refuse(
		    d, C_TIME, "not a time such as 2026-03-31 09:15:00+01:00");
	if (!clock)
		return refuse(d, C_TIME,
		    "a day without a clock: which touches came before it "
		    "cannot be told");
	if (d->row->time_ms < d->now_ms - PAST_MS)
		return refuse(d, C_TIME, "more than 400 days ago");
	if (d->row->time_ms > d->now_ms + AHEAD_MS)
		return refuse(d, C_TIME, "more than 5 minutes ahead");
	return true;
}

/* What each type cannot do without. */
static bool
complete(const struct draft *d)
{
	bool refund = str_is(d->type, "refund");
	int clicks = d->values[C_CLICK_ID].len > 0;

	if (d->values[C_SITE].len > 0 &&
	    !str_is(d->values[C_SITE], d->site->id))
		return refuse(d, C_SITE, "not the site of --site");
	if (d->values[C_EVENT_ID].len > 0 && !is_id(d->values[C_EVENT_ID]))
		return refuse(
		    d, C_EVENT_ID, "not 1 to 64 characters of A-Za-z0-9_.:-");
	for (int c = 0; c < C_COUNT; c++)
		clicks += kinds[c] == CLICK && d->values[c].len > 0;
	if (clicks > 1)
		return refuse(d, C_CLICK_ID, "more than one click id in a row");
	if (str_is(d->type, "event") && d->values[C_NAME].len == 0)
		return refuse(d, C_NAME, "needed in an event");
	if (str_is(d->type, "exposure") && d->values[C_EXPERIMENT].len == 0)
		return refuse(d, C_EXPERIMENT, "needed in an exposure");
	if (str_is(d->type, "exposure") && d->values[C_VARIANT].len == 0)
		return refuse(d, C_VARIANT, "needed in an exposure");
	if ((refund || d->row->adjusts) && d->values[C_ORDER_ID].len == 0)
		return refuse(d, C_ORDER_ID,
		    refund ? "needed in a refund" : "needed in an adjustment");
	if (refund && d->value_micros == 0)
		return refuse(d, C_VALUE, "must be positive in a refund");
	if (str_is(d->type, "restate") && !d->has_value)
		return refuse(d, C_VALUE, "needed to restate");
	return true;
}

static void
member(struct json_writer *w, const char *key, struct str value)
{
	if (value.len == 0)
		return;
	json_key(w, str_of(key));
	json_string(w, value);
}

/* All but the id, in the order of the table: what is hashed too. */
static void
write_facts(const struct draft *d, struct json_writer *w, struct buf *scratch)
{
	member(w, "type", d->type);
	member(w, "site", str_of(d->site->id));
	json_key(w, STR("time"));
	json_int(w, d->row->time_ms);
	if (d->has_value) {
		json_key(w, STR("value"));
		json_micros(w, d->value_micros);
	}
	member(w, "currency", str_of(d->currency));
	for (int c = 0; c < C_COUNT; c++) {
		struct str value = d->values[c];

		if (kinds[c] == MADE || value.len == 0)
			continue;
		if (kinds[c] != CLICK) {
			member(w, conversion_columns[c].name,
			    kinds[c] != GRANT                ? value
			    : str_ieq(value, STR("granted")) ? STR("granted")
							     : STR("denied"));
			continue;
		}
		scratch->len = 0;
		buf_printf(scratch, "%s=%.*s", conversion_columns[c].name,
		    STR_ARG(value));
		member(w, "click_id", buf_str(scratch));
	}
}

/* An order is the same conversion whatever else its row says: a corrected
 * value is a restatement. */
static struct hash128
identify(const struct draft *d, struct str facts)
{
	struct buf text = { 0 };
	struct hash128 hash;

	if (d->row->adjusts)
		buf_printf(&text, "%s\n%.*s\n%.*s\n%" PRId64 "\n%" PRId64,
		    d->site->id, STR_ARG(d->type),
		    STR_ARG(d->values[C_ORDER_ID]), d->row->time_ms,
		    d->value_micros);
	else if (str_is(d->type, "conversion") && d->values[C_ORDER_ID].len > 0)
		buf_printf(&text, "%s\norder\n%.*s\n%.*s", d->site->id,
		    STR_ARG(d->values[C_GOAL]), STR_ARG(d->values[C_ORDER_ID]));
	else if (str_is(d->type, "refund") && d->values[C_REFUND_ID].len > 0)
		buf_printf(&text, "%s\nrefund\n%.*s", d->site->id,
		    STR_ARG(d->values[C_REFUND_ID]));
	else
		buf_add_str(&text, facts);
	hash = digest_hash128(buf_str(&text), 0);
	buf_free(&text);
	return hash;
}

static void
write_event(const struct draft *d, struct buf *event)
{
	struct json_writer w = json_write(event);
	struct buf scratch = { 0 };
	char id[40];

	event->len = 0;
	json_begin_object(&w);
	write_facts(d, &w, &scratch);
	d->row->id = identify(d, buf_str(event));
	snprintf(id, sizeof(id), "i.%016" PRIx64 "%016" PRIx64, d->row->id.hi,
	    d->row->id.lo);
	member(&w, "event_id",
	    d->values[C_EVENT_ID].len > 0 ? d->values[C_EVENT_ID] : str_of(id));
	json_end_object(&w);
	buf_free(&scratch);
}

bool
conversion_row_read(struct rows *r, const struct str *values,
    const struct site *site, int64_t now_ms, struct conversion_row *row,
    struct buf *event)
{
	struct draft d = { .r = r,
		.values = values,
		.site = site,
		.now_ms = now_ms,
		.row = row };

	*row = (struct conversion_row){ .adjusts = false };
	if (!read_type(&d) || !read_time(&d) || !read_money(&d))
		return false;
	for (int c = 0; c < C_COUNT; c++) {
		if (values[c].len > 0 && !check(&d, c))
			return false;
	}
	if (!complete(&d))
		return false;
	if (!row->adjusts) {
		write_event(&d, event);
		return true;
	}
	row->id = identify(&d, STR_EMPTY);
	row->order_id = values[C_ORDER_ID];
	row->currency = values[C_CURRENCY];
	row->value_micros = str_is(d.type, "retract") ? 0 : d.value_micros;
	return true;
}

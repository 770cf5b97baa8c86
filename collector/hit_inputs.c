/*
 * hit_inputs.c - a table says for each input who may state it, how it is
 * read and where in the record it goes; all that is special about an input
 * is in its reader.
 */
#include "collector/hit_inputs.h"

#include <stddef.h>

#include "common/forwarded.h"
#include "collector/tcf.h"
#include "common/address.h"
#include "common/calendar.h"
#include "common/currency.h"
#include "common/digest.h"

#define STATES (HIT_SERVER | HIT_COMPATIBLE) /* for somebody else */
#define ALL (HIT_BROWSER | HIT_PIXEL | STATES)
#define LINK (ALL | HIT_REDIRECT) /* links say where a click came from */
#define SENT_MS_MAX (INT64_C(1) << 53)
#define VALUE_LIMIT (INT64_C(1000000000000) * 1000000) /* 10^12 in micros */
#define PROPS_MAX 32

struct input;
typedef bool reader(struct hit_draft *d, const struct input *in,
    const struct hit_stated *value);

struct input {
	struct str name;
	int lanes; /* who may state it */
	reader *read;
	enum record_field field; /* where a simple reader puts it */
	int purpose;             /* of a consent */
};

bool
hit_refuse(
    struct hit_draft *d, enum metric metric, const char *field, const char *why)
{
	*d->no = (struct hit_refusal){ field, why, metric };
	return false;
}

static bool
refuse(struct hit_draft *d, const struct input *in, const char *why)
{
	return hit_refuse(d, METRIC_REJECTED_FIELD, in->name.data, why);
}

static struct str *
text_at(struct record *r, enum record_field field)
{
	return (struct str *)((char *)r + record_fields[field].offset);
}

static int64_t *
int_at(struct record *r, enum record_field field)
{
	return (int64_t *)((char *)r + record_fields[field].offset);
}

static bool
is_text(const struct hit_stated *v)
{
	return v->type == JSON_STRING || v->type == JSON_NUMBER;
}

/* --- readers ------------------------------------------------------------ */
static bool
read_text(
    struct hit_draft *d, const struct input *in, const struct hit_stated *v)
{
	if (!is_text(v))
		return refuse(d, in, "must be a string");
	if (v->text.len > record_fields[in->field].max)
		return refuse(d, in, "is too long");
	*text_at(d->r, in->field) = v->text;
	return true;
}

struct str
hit_cut_text(struct str s, size_t max)
{
	if (s.len <= max)
		return s;
	while (max > 0 && ((unsigned char)s.data[max] & 0xc0) == 0x80)
		max--;
	return str_head(s, max);
}

struct str
hit_cut_url(struct str url, size_t max)
{
	struct str cut = hit_cut_text(url, max);

	if (cut.len == url.len || url.data[cut.len] == '&')
		return cut;
	for (size_t i = cut.len; i > 0; i--) {
		if (cut.data[i - 1] == '&' || cut.data[i - 1] == '?')
			return str_head(cut, i - 1);
	}
	return cut;
}

static bool
read_described(
    struct hit_draft *d, const struct input *in, const struct hit_stated *v)
{
	if (!is_text(v))
		return refuse(d, in, "must be a string");
	*text_at(d->r, in->field) =
	    hit_cut_text(v->text, record_fields[in->field].max);
	return true;
}

static bool
read_url(
    struct hit_draft *d, const struct input *in, const struct hit_stated *v)
{
	if (v->type != JSON_STRING)
		return refuse(d, in, "must be a string");
	*text_at(d->r, in->field) =
	    hit_cut_url(v->text, record_fields[in->field].max);
	return true;
}

bool
hit_is_id(struct str s)
{
	if (s.len == 0 || s.len > 64)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.data[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c >= '0' && c <= '9') || c == '_' || c == '.' ||
			c == ':' || c == '-'))
			return false;
	}
	return true;
}

static bool
read_id(struct hit_draft *d, const struct input *in, const struct hit_stated *v)
{
	if (!is_text(v) || !hit_is_id(v->text))
		return refuse(
		    d, in, "must be 1 to 64 characters of A-Za-z0-9_.:-");
	*text_at(d->r, in->field) = v->text;
	return true;
}

/* A browser's own id gets a mark, so that it can never be one of ours. */
static bool
read_own_id(
    struct hit_draft *d, const struct input *in, const struct hit_stated *v)
{
	char *own;

	if (d->ctx->lane == HIT_SERVER)
		return read_text(d, in, v);
	if (!read_id(d, in, v))
		return false;
	/* Not by printf, which costs as much as reading the whole query. */
	own = arena_alloc(d->ctx->arena, v->text.len + 2);
	memcpy(own, "c.", 2);
	memcpy(own + 2, v->text.data, v->text.len);
	*text_at(d->r, in->field) = str_make(own, v->text.len + 2);
	return true;
}

static bool
read_type(
    struct hit_draft *d, const struct input *in, const struct hit_stated *v)
{
	static const struct str types[] = { STR("page"), STR("event"),
		STR("conversion"), STR("refund"), STR("identify"),
		STR("exposure"), STR("consent") };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (v->type == JSON_STRING && str_eq(v->text, types[i])) {
			d->r->type = types[i];
			return true;
		}
	}
	return refuse(d, in,
	    "must be page, event, conversion, refund, identify, exposure or "
	    "consent");
}

static bool
read_time(
    struct hit_draft *d, const struct input *in, const struct hit_stated *v)
{
	int64_t *at = int_at(d->r, in->field);

	if (is_text(v) && str_int(v->text, 0, SENT_MS_MAX, at))
		return true;
	if (v->type == JSON_STRING && calendar_parse_instant(v->text, at) &&
	    *at >= 0)
		return true;
	return hit_refuse(d, METRIC_REJECTED_TIME, in->name.data,
	    "must be ms since 1970 or RFC 3339");
}

static bool
read_value(
    struct hit_draft *d, const struct input *in, const struct hit_stated *v)
{
	struct str text = str_trim(v->text);

	if (!is_text(v) || text.len > record_fields[in->field].max ||
	    !str_micros(text, &d->value_micros))
		return hit_refuse(d, METRIC_REJECTED_VALUE, in->name.data,
		    "must be a decimal with at most six places");
	if (text.data[0] == '-')
		return hit_refuse(d, METRIC_REJECTED_VALUE, in->name.data,
		    "must not be negative");
	if (d->value_micros >= VALUE_LIMIT)
		return hit_refuse(d, METRIC_REJECTED_VALUE, in->name.data,
		    "must be below 10^12");
	d->r->value = text;
	return true;
}

static bool
read_currency(
    struct hit_draft *d, const struct input *in, const struct hit_stated *v)
{
	char *upper;

	upper = arena_alloc(d->ctx->arena, 3);
	if (v->type != JSON_STRING || !currency_code(v->text, upper))
		return refuse(d, in, "must be three letters of ISO 4217");
	d->r->currency = str_make(upper, 3);
	return true;
}

static bool
read_truth(
    struct hit_draft *d, const struct input *in, const struct hit_stated *v)
{
	if (v->type == JSON_TRUE || str_is(v->text, "true") ||
	    str_is(v->text, "1"))
		*text_at(d->r, in->field) = STR("true");
	else if (v->type == JSON_FALSE || str_is(v->text, "false") ||
		 str_is(v->text, "0"))
		*text_at(d->r, in->field) = STR("false");
	else
		return refuse(d, in, "must be true or false");
	return true;
}

/* The tree of a structured value; from a query it is JSON in a string. */
static const struct json *
tree(struct hit_draft *d, const struct hit_stated *v)
{
	if (v->type == JSON_STRING)
		return json_read(d->ctx->arena, v->text, NULL);
	return v->node;
}

static bool
read_items(
    struct hit_draft *d, const struct input *in, const struct hit_stated *v)
{
	const struct json *list = tree(d, v);

	if (list == NULL || list->type != JSON_ARRAY)
		return refuse(d, in, "must be an array");
	if (list->raw.len > record_fields[in->field].max)
		return hit_refuse(
		    d, METRIC_REJECTED_SIZE, in->name.data, "is too long");
	d->r->items = list->raw;
	return true;
}

static bool
read_props(
    struct hit_draft *d, const struct input *in, const struct hit_stated *v)
{
	const struct json *object = tree(d, v);

	if (object == NULL || object->type != JSON_OBJECT)
		return refuse(d, in, "must be an object");
	if (object->count > PROPS_MAX)
		return hit_refuse(d, METRIC_REJECTED_SIZE, in->name.data,
		    "has more than 32 members");
	if (object->raw.len > record_fields[in->field].max)
		return hit_refuse(
		    d, METRIC_REJECTED_SIZE, in->name.data, "is too long");
	for (const struct json *m = object->child; m != NULL; m = m->next) {
		if (m->type != JSON_STRING && m->type != JSON_NUMBER)
			return refuse(
			    d, in, "must hold strings and numbers only");
	}
	d->r->props = object->count > 0 ? object->raw : STR_EMPTY;
	return true;
}

static bool
read_consent(
    struct hit_draft *d, const struct input *in, const struct hit_stated *v)
{
	const struct json *object;
	int purpose;

	if (v->type == JSON_STRING && consent_letters(&d->consent, v->text))
		return true;
	object = tree(d, v);
	if (object == NULL || object->type != JSON_OBJECT)
		return refuse(d, in, "must be an object");
	for (const struct json *m = object->child; m != NULL; m = m->next) {
		purpose = consent_find(m->key);
		if (purpose < 0 || m->type == JSON_NULL)
			continue;
		if (m->type != JSON_STRING ||
		    !consent_set(
			&d->consent, (enum consent_purpose)purpose, m->text))
			return refuse(d, in, "must say granted or denied");
	}
	return true;
}

/* What a consent platform of the page has noted; stated purposes win. */
static bool
read_tc(struct hit_draft *d, const struct input *in, const struct hit_stated *v)
{
	if (v->type != JSON_STRING || !tcf_read(&d->tcf, v->text))
		return refuse(d, in, "must be a TC string of version 2");
	return true;
}

static bool
read_gpc(
    struct hit_draft *d, const struct input *in, const struct hit_stated *v)
{
	(void)in;
	d->gpc = v->type == JSON_TRUE || str_is(v->text, "1") ||
		 str_is(v->text, "true");
	return true;
}

static bool
read_purpose(
    struct hit_draft *d, const struct input *in, const struct hit_stated *v)
{
	if (v->type != JSON_STRING ||
	    !consent_set(
		&d->consent, (enum consent_purpose)in->purpose, v->text))
		return refuse(d, in, "must be granted or denied");
	return true;
}

static bool
read_hash(
    struct hit_draft *d, const struct input *in, const struct hit_stated *v)
{
	uint8_t bytes[SHA256_BYTES];
	char *hex;

	if (v->type != JSON_STRING ||
	    !digest_unhex(v->text, bytes, sizeof(bytes)))
		return refuse(d, in, "must be 64 hex digits");
	hex = arena_alloc(d->ctx->arena, 2 * SHA256_BYTES + 1);
	digest_hex(bytes, sizeof(bytes), hex);
	*text_at(d->r, in->field) = str_make(hex, 2 * SHA256_BYTES);
	return true;
}

static bool
read_email(
    struct hit_draft *d, const struct input *in, const struct hit_stated *v)
{
	if (v->type != JSON_STRING ||
	    !address_email(v->text, d->ctx->arena, &d->email))
		return refuse(d, in, "must be an address such as a@b.example");
	return true;
}

static bool
read_phone(
    struct hit_draft *d, const struct input *in, const struct hit_stated *v)
{
	if (!is_text(v))
		return refuse(d, in, "must be a string");
	if (!address_phone(v->text, d->ctx->arena, &d->phone))
		return refuse(d, in,
		    "must be digits with country code, such as +16505551212");
	return true;
}

static bool
read_ip(struct hit_draft *d, const struct input *in, const struct hit_stated *v)
{
	char *out = arena_alloc(d->ctx->arena, FORWARDED_ADDRESS_MAX);

	if (v->type != JSON_STRING || !forwarded_truncate(v->text, out))
		return refuse(d, in, "must be an address");
	d->r->ip = str_of(out);
	return true;
}

/* It was read before all others. */
static bool
read_site(
    struct hit_draft *d, const struct input *in, const struct hit_stated *v)
{
	(void)d, (void)in, (void)v;
	return true;
}

/* --- the table ---------------------------------------------------------- */
#define TEXT(name)                                                             \
	{                                                                      \
		STR(#name), ALL, read_text, RECORD_##name, 0                   \
	}
#define READ(name, lanes, reader)                                              \
	{                                                                      \
		STR(#name), lanes, reader, RECORD_##name, 0                    \
	}
#define PURPOSE(name, purpose)                                                 \
	{                                                                      \
		STR(#name), ALL, read_purpose, RECORD_consent, purpose         \
	}

static const struct input inputs[] = {
	READ(type, ALL, read_type),
	READ(site, ALL, read_site),
	READ(event_id, ALL, read_id),
	READ(visitor_id, ALL, read_own_id),
	READ(session_id, ALL, read_own_id),
	TEXT(user_id),
	READ(time, ALL, read_time),
	READ(sent_at, ALL, read_time),
	READ(url, ALL, read_url),
	READ(referrer, ALL, read_url),
	READ(title, ALL, read_described),
	READ(user_agent, STATES, read_described),
	READ(ip, STATES, read_ip),
	TEXT(language),
	TEXT(screen),
	READ(source, LINK, read_text),
	READ(medium, LINK, read_text),
	READ(campaign, LINK, read_text),
	READ(term, LINK, read_text),
	READ(content, LINK, read_text),
	READ(click_id, LINK, read_text),
	TEXT(name),
	TEXT(goal),
	TEXT(order_id),
	READ(value, ALL, read_value),
	READ(currency, ALL, read_currency),
	READ(items, ALL, read_items),
	READ(new_customer, ALL, read_truth),
	TEXT(refund_id),
	READ(email_sha256, ALL, read_hash),
	READ(phone_sha256, ALL, read_hash),
	READ(email_google_sha256, ALL, read_hash),
	READ(phone_digits_sha256, ALL, read_hash),
	{ STR("email"), HIT_SERVER, read_email, RECORD_email_sha256, 0 },
	{ STR("phone"), HIT_SERVER, read_phone, RECORD_phone_sha256, 0 },
	TEXT(experiment),
	TEXT(variant),
	READ(consent, ALL, read_consent),
	{ STR("tc"), ALL, read_tc, RECORD_consent, 0 },
	{ STR("gpc"), ALL, read_gpc, RECORD_consent, 0 },
	PURPOSE(ad_storage, CONSENT_AD_STORAGE),
	PURPOSE(analytics_storage, CONSENT_ANALYTICS_STORAGE),
	PURPOSE(ad_user_data, CONSENT_AD_USER_DATA),
	PURPOSE(ad_personalization, CONSENT_AD_PERSONALIZATION),
	READ(props, ALL, read_props),
};
#define INPUT_COUNT (sizeof(inputs) / sizeof(inputs[0]))
_Static_assert(INPUT_COUNT <= 64, "struct hit_draft remembers 64 inputs");

bool
hit_input(struct hit_draft *d, struct str name, const struct hit_stated *value)
{
	const struct input *in = inputs, *end = inputs + INPUT_COUNT;

	while (in < end && !str_eq(in->name, name))
		in++;
	/* Others add parameters of their own to links. */
	if (d->ctx->lane == HIT_REDIRECT &&
	    (in == end || !(in->lanes & HIT_REDIRECT)))
		return true;
	if (in == end) {
		metrics_inc(METRIC_HITS_UNKNOWN_FIELDS);
		return true;
	}
	if (d->seen >> (in - inputs) & 1)
		return true; /* of a parameter's repetitions the first counts */
	d->seen |= UINT64_C(1) << (in - inputs);
	if (value->type == JSON_NULL ||
	    (value->type == JSON_STRING && value->text.len == 0))
		return true; /* as good as absent */
	if (!(in->lanes & (int)d->ctx->lane))
		return refuse(d, in, "may be stated on the server lane only");
	return in->read(d, in, value);
}

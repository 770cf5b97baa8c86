/*
 * foreign.c - inputs as a list, props as a bounded list beside it.
 */
#include "collector/foreign.h"

#include <math.h>
#include <stdlib.h>

#include "collector/cors.h"
#include "collector/hit_inputs.h"
#include "collector/pixel.h"
#include "collector/salt.h"
#include "common/calendar.h"
#include "common/digest.h"

#define PROP_KEY_MAX 64
#define PROP_TEXT_MAX 512
#define PROPS_BYTES_MAX 7000 /* below the record's limit when escaped */
#define ITEMS_BYTES_MAX 16384
#define HASH_LEN 32

/* Persons, not facts about what they did. */
static const char *const private_keys[] = { "email", "e_mail", "phone",
	"phone_number", "mobile", "ip", "ip_address", "address", "street",
	"first_name", "last_name", "firstname", "lastname", "full_name",
	"username", "birthday", "password", "token_auth", "token", "api_secret",
	NULL };

struct params
params_new(struct arena *arena)
{
	struct params p = { 0 };

	p.at = arena_alloc(arena, FOREIGN_PARAMS_MAX * sizeof(*p.at));
	return p;
}

static void
params_add(struct params *p, struct str name, struct str value)
{
	if (p->count == FOREIGN_PARAMS_MAX) {
		metrics_inc(METRIC_COMPATIBLE_DROPPED);
		return;
	}
	p->at[p->count++] = (struct param){ name, value, false };
}

void
params_query(struct params *p, struct arena *arena, struct str query)
{
	struct str name, value;

	while (http_next_param(&query, arena, &name, &value))
		params_add(p, name, value);
}

void
params_json(struct params *p, const struct json *object)
{
	if (object == NULL || object->type != JSON_OBJECT)
		return;
	for (const struct json *m = object->child; m != NULL; m = m->next) {
		if (m->type == JSON_STRING || m->type == JSON_NUMBER)
			params_add(p, m->key, m->text);
		else if (m->type != JSON_NULL)
			params_add(p, m->key, m->raw);
	}
}

struct str
params_get(const struct params *p, const char *name)
{
	for (size_t i = 0; i < p->count; i++) {
		if (str_is(p->at[i].name, name)) {
			p->at[i].asked = true;
			return p->at[i].value;
		}
	}
	return STR_EMPTY;
}

void
foreign_start(
    struct foreign *f, struct arena *arena, enum hit_lane lane, int64_t now_ms)
{
	f->arena = arena;
	f->lane = lane;
	f->now_ms = now_ms;
	f->nothing = f->has_visitor = false;
	f->no = f->no_field = NULL;
	f->no_metric = METRIC_REJECTED_FIELD;
	f->count = f->prop_count = f->prop_bytes = 0;
	f->dropped[0] = '\0';
}

void
foreign_dropped(struct foreign *f, struct str name)
{
	size_t len = strlen(f->dropped);

	metrics_inc(METRIC_COMPATIBLE_DROPPED);
	if (name.len + 3 > sizeof(f->dropped) - len)
		return;
	if (len > 0) {
		memcpy(f->dropped + len, ", ", 2);
		len += 2;
	}
	recent_text(f->dropped + len, sizeof(f->dropped) - len, name);
}

bool
foreign_listed(struct str key, const char *const *list)
{
	for (; list != NULL && *list != NULL; list++) {
		if (str_is(key, *list))
			return true;
	}
	return false;
}

void
foreign_unknown_params(
    struct foreign *f, const struct params *p, const char *const *known)
{
	for (size_t i = 0; !f->nothing && i < p->count; i++) {
		const struct param *one = &p->at[i];

		if (!one->asked && one->value.len > 0 &&
		    !foreign_listed(one->name, known))
			foreign_dropped(f, one->name);
	}
}

void
foreign_unknown_members(
    struct foreign *f, const struct json *object, const char *const *known)
{
	if (f->nothing || object == NULL || object->type != JSON_OBJECT)
		return;
	for (const struct json *m = object->child; m != NULL; m = m->next) {
		bool empty =
		    m->type == JSON_NULL ||
		    (m->type == JSON_STRING && m->text.len == 0) ||
		    ((m->type == JSON_OBJECT || m->type == JSON_ARRAY) &&
			m->child == NULL);

		if (!empty && !foreign_listed(m->key, known))
			foreign_dropped(f, m->key);
	}
}

void
foreign_bad(struct foreign *f, const char *field, const char *why)
{
	if (f->no != NULL)
		return;
	f->no_field = field;
	f->no = why;
	f->no_metric = METRIC_REJECTED_FIELD;
}

void
foreign_unproven(struct foreign *f, const char *field, const char *why)
{
	f->no_field = field;
	f->no = why;
	f->no_metric = METRIC_REJECTED_SIGNATURE;
}

static void
add(struct foreign *f, const char *name, struct str text)
{
	if (text.len == 0)
		return;
	if (f->count == FOREIGN_PAIRS_MAX) {
		foreign_dropped(f, str_of(name));
		return;
	}
	f->pair[f->count++] =
	    (struct hit_pair){ str_of(name), { JSON_STRING, text, NULL } };
}

static size_t
limit_of(const char *name)
{
	int field = record_find(str_of(name));

	return field >= 0 ? record_fields[field].max : PROP_TEXT_MAX;
}

void
foreign_text(struct foreign *f, const char *name, struct str text)
{
	bool url = strcmp(name, "url") == 0 || strcmp(name, "referrer") == 0;

	add(f, name,
	    url ? hit_cut_url(text, limit_of(name))
		: hit_cut_text(text, limit_of(name)));
}

static struct str
hashed(struct arena *arena, struct str text)
{
	uint8_t bytes[SHA256_BYTES];
	char hex[2 * SHA256_BYTES + 1];

	digest_sha256(text, bytes);
	digest_hex(bytes, sizeof(bytes), hex);
	return arena_printf(arena, "h.%.*s", HASH_LEN, hex);
}

void
foreign_id(struct foreign *f, const char *name, struct str text)
{
	bool strict = strcmp(name, "event_id") == 0;

	if (text.len > 0 &&
	    (text.len > limit_of(name) || (strict && !hit_is_id(text))))
		text = hashed(f->arena, text);
	add(f, name, text);
}

void
foreign_own_id(struct foreign *f, const char *name, struct str text)
{
	if (text.len == 0)
		return;
	if (!hit_is_id(text))
		text = hashed(f->arena, text);
	/* Other lanes get the mark of an id that is not ours from hit.h. */
	if (f->lane == HIT_SERVER)
		text = arena_printf(f->arena, "c.%.*s", STR_ARG(text));
	if (strcmp(name, "visitor_id") == 0)
		f->has_visitor = true;
	add(f, name, text);
}

void
foreign_value(struct foreign *f, struct str text)
{
	char copy[48], *end;
	int64_t micros;
	double value;

	text = str_trim(text);
	if (text.len == 0 || str_is(text, "false") || str_is(text, "null"))
		return;
	if (!str_micros(text, &micros) && text.len < sizeof(copy)) {
		memcpy(copy, text.data, text.len);
		copy[text.len] = '\0';
		value = strtod(copy, &end);
		if (*end == '\0' && isfinite(value) && fabs(value) < 1e12)
			text = arena_printf(f->arena, "%.6f", value);
	}
	/* What is no amount even so is refused there, with the reason. */
	add(f, "value", text);
}

void
foreign_currency(struct foreign *f, struct str text)
{
	bool good = text.len == 3;

	for (size_t i = 0; good && i < 3; i++)
		good = (text.data[i] | 0x20) >= 'a' &&
		       (text.data[i] | 0x20) <= 'z';
	if (good)
		add(f, "currency", text);
	else if (text.len > 0)
		foreign_bad(f, "currency", "must be three letters of ISO 4217");
}

void
foreign_time(struct foreign *f, const char *name, struct str text)
{
	int64_t ms;

	if (text.len == 0)
		return;
	if (str_int(text, 0, INT64_C(1) << 53, &ms) ||
	    (calendar_parse_instant(text, &ms) && ms >= 0))
		add(f, name, text);
	else
		foreign_dropped(f, str_of(name));
}

void
foreign_time_ms(struct foreign *f, int64_t ms)
{
	if (ms < 0 || ms > INT64_C(1) << 53) {
		foreign_dropped(f, STR("time"));
		return;
	}
	add(f, "time", arena_printf(f->arena, "%lld", (long long)ms));
	add(f, "sent_at", arena_printf(f->arena, "%lld", (long long)f->now_ms));
}

void
foreign_made_id(struct foreign *f, struct str what)
{
	add(f, "event_id", hashed(f->arena, what));
}

void
foreign_items(struct foreign *f, struct str raw)
{
	if (raw.len == 0)
		return;
	if (raw.len > ITEMS_BYTES_MAX || raw.data[0] != '[')
		foreign_dropped(f, STR("items"));
	else
		add(f, "items", raw);
}

static bool
is_private(struct str key)
{
	for (size_t i = 0; private_keys[i] != NULL; i++) {
		if (str_ieq(key, str_of(private_keys[i])))
			return true;
	}
	return false;
}

void
foreign_prop(struct foreign *f, struct str key, struct str text, bool number)
{
	key = hit_cut_text(key, PROP_KEY_MAX);
	if (!number)
		text = hit_cut_text(text, PROP_TEXT_MAX);
	if (key.len == 0 || text.len == 0)
		return;
	for (size_t i = 0; i < f->prop_count; i++) {
		if (str_eq(f->prop[i].key, key))
			return;
	}
	/* An escape may make six bytes of one. */
	if (f->prop_count == FOREIGN_PROPS_MAX || is_private(key) ||
	    (number && text.len > PROP_KEY_MAX) ||
	    f->prop_bytes + key.len + text.len > PROPS_BYTES_MAX) {
		foreign_dropped(f, key);
		return;
	}
	f->prop_bytes += key.len + text.len + 6;
	f->prop[f->prop_count++] = (struct foreign_prop){ key, text, number };
}

void
foreign_props(
    struct foreign *f, const struct json *object, const char *const *skip)
{
	if (object == NULL || object->type != JSON_OBJECT)
		return;
	for (const struct json *m = object->child; m != NULL; m = m->next) {
		if (m->type == JSON_NULL || foreign_listed(m->key, skip))
			continue;
		if (m->type == JSON_STRING || m->type == JSON_NUMBER)
			foreign_prop(
			    f, m->key, m->text, m->type == JSON_NUMBER);
		else if (m->type == JSON_TRUE || m->type == JSON_FALSE)
			foreign_prop(f, m->key, m->raw, false);
		else
			/* Nested: persons may be anywhere in it. */
			foreign_dropped(f, m->key);
	}
}

struct str
foreign_member(const struct json *object, const char *key)
{
	const struct json *m = json_find(object, key);

	return m != NULL && (m->type == JSON_STRING || m->type == JSON_NUMBER)
		   ? m->text
		   : STR_EMPTY;
}

void
foreign_matomo_campaign(struct foreign *f, struct str url)
{
	static const struct {
		const char *theirs, *older, *ours;
	} names[] = {
		{ "mtm_source", "pk_source", "source" },
		{ "mtm_medium", "pk_medium", "medium" },
		{ "mtm_campaign", "pk_campaign", "campaign" },
		{ "mtm_kwd", "pk_kwd", "term" },
		{ "mtm_content", "pk_content", "content" },
	};
	ptrdiff_t at = str_find_char(url, '?');
	struct str query, name, value;

	if (at < 0)
		return;
	query = str_from(url, (size_t)at + 1);
	at = str_find_char(query, '#');
	if (at >= 0)
		query = str_head(query, (size_t)at);
	while (http_next_param(&query, f->arena, &name, &value)) {
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			if (str_is(name, names[i].theirs) ||
			    str_is(name, names[i].older))
				foreign_text(f, names[i].ours, value);
		}
	}
}

const struct hit_pair *
foreign_pairs(struct foreign *f, size_t *count)
{
	struct buf text = { 0 };
	struct json_writer w = json_write(&text);

	*count = f->count;
	if (f->prop_count == 0)
		return f->pair;
	json_begin_object(&w);
	for (size_t i = 0; i < f->prop_count; i++) {
		json_key(&w, f->prop[i].key);
		if (f->prop[i].number)
			json_raw(&w, f->prop[i].text);
		else
			json_string(&w, f->prop[i].text);
	}
	json_end_object(&w);
	if (text.len > record_fields[RECORD_props].max) {
		foreign_dropped(f, STR("props"));
	} else {
		f->pair[f->count] = (struct hit_pair){ STR("props"),
			{ JSON_STRING, arena_str(f->arena, buf_str(&text)),
			    NULL } };
		*count = f->count + 1;
	}
	buf_free(&text);
	return f->pair;
}

/* --- with a request ------------------------------------------------------- */
void
foreign_context(struct request *r)
{
	request_context(r, HIT_BROWSER);
	r->context.cookies = NULL;
}

void
foreign_refuse(
    struct request *r, enum metric metric, const char *field, const char *why)
{
	r->dropped = NULL;
	request_verdict(
	    r, NULL, NULL, &(struct hit_refusal){ field, why, metric });
}

enum foreign_fate
foreign_take(struct request *r, struct foreign *f, const struct site *site,
    const char *unknown, enum metric protocol)
{
	const struct hit_context *ctx = &r->context;
	struct hit_context own = *ctx;
	struct hit_refusal no = { f->no_field, f->no, f->no_metric };
	const struct hit_pair *pair;
	struct record rec;
	size_t count;

	r->context.lane = own.lane = f->lane;
	r->dropped = f->dropped;
	if (f->lane == HIT_SERVER)
		own.gpc = false; /* of the server, not of the person */
	if (site == NULL) {
		foreign_refuse(r, METRIC_REJECTED_SITE, "", unknown);
		return FOREIGN_REFUSED;
	}
	if (f->no != NULL) {
		request_verdict(r, site, NULL, &no);
		return FOREIGN_REFUSED;
	}
	if (f->nothing) {
		metrics_inc(METRIC_COMPATIBLE_IGNORED);
		return FOREIGN_NOTHING;
	}
	pair = foreign_pairs(f, &count);
	if (!hit_from_pairs(&own, site, pair, count, &rec, &no) ||
	    !request_take(r, site, &rec, &no)) {
		request_verdict(r, site, &rec, &no);
		return no.metric == METRIC_REJECTED_SPOOL ||
			       no.metric == METRIC_REJECTED_RATE
			   ? FOREIGN_LATER
			   : FOREIGN_REFUSED;
	}
	metrics_inc(protocol);
	return FOREIGN_TAKEN;
}

const struct json *
foreign_body(struct request *r, bool *answered)
{
	const struct json *root;
	struct error err;
	struct str body;

	*answered = !request_body(r, &body);
	if (*answered)
		return NULL;
	root = json_read(r->arena, body, &err);
	if (root == NULL)
		foreign_refuse(
		    r, METRIC_REJECTED_JSON, "", "the body is no JSON");
	return root;
}

void
foreign_answer(struct request *r, bool later, int status, const char *type,
    struct str body)
{
	if (http_header(r->http, "Origin").len > 0)
		cors_apply(r, NULL);
	/* What was taken would be there twice, but for its event id. */
	if (later) {
		request_refuse(r, 503, "cannot be stored now, send it again");
		return;
	}
	if (body.len > 0)
		exchange_header(r->exchange, "Content-Type", str_of(type));
	exchange_header(r->exchange, "Cache-Control", STR("no-store"));
	request_answer(r, status, body);
}

void
foreign_image(struct request *r, bool later)
{
	exchange_header(
	    r->exchange, "Cross-Origin-Resource-Policy", STR("cross-origin"));
	foreign_answer(r, later, 200, "image/gif", pixel_image());
}

bool
foreign_by_page(const struct request *r)
{
	/* Node's fetch sends Sec-Fetch-Mode as well, but not the site. */
	return http_header(r->http, "Origin").len > 0 ||
	       http_header(r->http, "Sec-Fetch-Site").len > 0;
}

/*
 * Names the visitor and visit of a client that has no ids: the same address
 * and agent, for SITE (or NULL), by the day's salt (see salt.h). Neither is
 * kept.
 */
static void
name_daily(struct request *r, struct foreign *f, const struct site *site)
{
	char *visitor = arena_alloc(r->arena, SALT_ID_LEN + 1);
	char *visit = arena_alloc(r->arena, SALT_ID_LEN + 1);

	if (site == NULL || r->shared->salt == NULL)
		return;
	salt_ids(r->shared->salt, r->context.now_ms, str_of(site->id),
	    request_client(r), http_header(r->http, "User-Agent"), visitor,
	    visit);
	foreign_own_id(f, "visitor_id", str_make(visitor, SALT_ID_LEN));
	foreign_own_id(f, "session_id", str_make(visit, SALT_ID_LEN));
}

void
foreign_serve_event(struct request *r, const struct foreign_door *door)
{
	struct foreign *f = arena_alloc(r->arena, sizeof(*f));
	const struct json *event;
	const struct site *site;
	bool answered, later = false;

	if (r->http->method == HTTP_OPTIONS) {
		cors_preflight(r, "POST, OPTIONS");
		return;
	}
	foreign_context(r);
	event = foreign_body(r, &answered);
	if (answered)
		return;
	if (event != NULL) {
		site = sites_by_name(
		    r->shared->sites, door->kind, door->site(event));
		foreign_start(f, r->arena, HIT_BROWSER, r->context.now_ms);
		door->read(f, event);
		name_daily(r, f, site);
		later = foreign_take(r, f, site, door->unknown, door->metric) ==
			FOREIGN_LATER;
	}
	foreign_answer(r, later, door->status, door->type, str_of(door->body));
}

/*
 * facts.c - reads hits as touches, conversions, refunds and links.
 */
#include "aggregator/journey/facts.h"

#include <stdlib.h>

#include "common/currency.h"
#include "common/erased.h"
#include "common/experiment.h"
#include "common/person.h"

/* A hit that waited longer in the browser has a clock we do not trust. */
#define WAITED_MAX_MS (INT64_C(5) * 86400000)

/* A sender's clock that is further ahead is wrong; and what days and rows can
 * hold, in any time zone. */
#define AHEAD_MAX_MS (INT64_C(1) * 86400000)
#define TIME_LEAST_MS (INT64_C(2) * 86400000)
#define TIME_END_MS (INT64_C(50800) * 86400000) /* 2109 */

enum { SEED_EVENT = 3, SEED_SESSION = 4 };
static const enum person_kind handle_kind[FACTS_HANDLES] = { PERSON_CLICK,
	PERSON_EMAIL, PERSON_PHONE };

/* Verdicts on the user agents of late: most hits name one of a few. */
enum { AGENTS = 1024, AGENT_MAX = 512 };
struct agents {
	struct {
		const struct rules *rules;
		struct str bot;
		size_t len;
		char text[AGENT_MAX];
	} at[AGENTS];
};

struct facts *
facts_new(void)
{
	struct facts *f = mem_zero(1, sizeof(*f));

	f->arena = arena_new(1 << 20);
	f->agents = mem_zero(1, sizeof(*f->agents));
	f->landings = landings_new();
	return f;
}

void
facts_free(struct facts *f)
{
	if (f == NULL)
		return;
	arena_free(f->arena);
	free(f->agents);
	landings_free(f->landings);
	buf_free(&f->text);
	free(f);
}

void
facts_reset(struct facts *f)
{
	struct facts kept = { .arena = f->arena,
		.agents = f->agents,
		.landings = f->landings,
		.text = f->text,
		.kept_since_ms = f->kept_since_ms };

	arena_reset(kept.arena);
	landings_reset(kept.landings);
	*f = kept;
}

void *
facts_room(struct arena *a, void *at, size_t count, size_t *cap, size_t size)
{
	void *larger;

	if (count < *cap)
		return at;
	*cap = *cap == 0 ? 256 : *cap * 2;
	larger = arena_alloc(a, *cap * size);
	if (count > 0)
		memcpy(larger, at, count * size);
	return larger;
}

bool
facts_is_of_browser(const struct record *r)
{
	return str_is(r->lane, "browser") || str_is(r->lane, "pixel") ||
	       str_is(r->lane, "redirect") || str_is(r->lane, "compatible");
}

bool
facts_wait_is_possible(const struct record *r)
{
	int64_t waited = r->sent_at - r->time;

	return r->time > 0 && r->sent_at > 0 && waited >= 0 &&
	       waited <= WAITED_MAX_MS;
}

int64_t
facts_event_time_ms(const struct record *r)
{
	if (!facts_is_of_browser(r))
		return r->time > 0 ? r->time : r->received_at;
	return facts_wait_is_possible(r)
		   ? r->received_at - (r->sent_at - r->time)
		   : r->received_at;
}

bool
facts_time_is_possible(int64_t ms)
{
	return ms >= TIME_LEAST_MS && ms < TIME_END_MS;
}

struct hash128
facts_visitor_key(struct str site, struct str visitor_id)
{
	return person_key(PERSON_VISITOR, site, visitor_id);
}

struct hash128
facts_user_key(struct str site, struct str user_id)
{
	return person_key(PERSON_USER, site, user_id);
}

static int64_t
hash_of(struct str id, uint64_t seed)
{
	return (int64_t)digest_hash64(id, seed);
}

uint32_t
facts_origin_no(
    struct facts *f, const struct site *site, const struct origin *origin)
{
	struct origins *all = &f->origins;
	bool plain = !origin->tagged &&
		     (origin->term.len | origin->content.len |
			 origin->click_id.len | origin->campaign_id.len) == 0;
	uint32_t no;

	if (plain && all->plain != 0) {
		const struct origin_fact *known = &all->at[all->plain - 1];

		if (known->site == site &&
		    str_eq(known->origin->channel, origin->channel))
			return all->plain - 1;
	}
	no = origins_no(
	    all, f->arena, site, origin, origins_name(&f->text, origin));
	if (plain)
		all->plain = no + 1;
	return no;
}

static void
add_touch(struct facts *f, const struct site *site, const struct record *r,
    struct hash128 visitor, struct landing *landing, int64_t ts_ms,
    int32_t partition)
{
	const struct origin *origin = &landing->origin;
	bool in_visit = r->session_id.len > 0;
	struct touch_fact *t;
	uint64_t name;
	uint32_t no;

	if (!in_visit && !origin->tagged)
		return;
	if (landing->place == LANDING_NO_PLACE)
		landing->place = facts_origin_no(f, site, origin);
	no = landing->place;
	name = f->origins.at[no].name;
	t = FACTS_ADD(f, touches);
	*t = (struct touch_fact){ .site = site,
		.visitor = visitor,
		.session = in_visit ? hash_of(r->session_id, SEED_SESSION)
				    : hash_of(r->event_id, SEED_EVENT),
		.signature = !origin->tagged ? 0
			     : name == 0     ? 1
					     : (int64_t)name,
		.ts_ms = ts_ms,
		.event_id = arena_str(f->arena, r->event_id),
		.in_visit = in_visit,
		.session_start_ms =
		    r->session_start > 0 ? r->session_start : ts_ms,
		.start_is_said = r->session_start > 0 || !in_visit,
		.origin = f->origins.at[no].origin,
		.origin_no = no,
		.partition = partition };
}

static struct str
path_of(struct str url)
{
	ptrdiff_t at = str_find(url, STR("://"));
	ptrdiff_t end;

	if (at >= 0) {
		url = str_from(url, (size_t)at + 3);
		at = str_find_char(url, '/');
		url = at < 0 ? STR("/") : str_from(url, (size_t)at);
	}
	for (end = 0; (size_t)end < url.len; end++) {
		if (url.data[end] == '?' || url.data[end] == '#')
			break;
	}
	return str_head(url, (size_t)end);
}

/* The path with its query: what a url_regex looks at. */
static struct str
path_and_query(struct str url)
{
	struct str path = path_of(url);
	ptrdiff_t end;

	if (path.data < url.data || path.data > url.data + url.len)
		return path; /* "/" of an address without a path */
	path.len = (size_t)(url.data + url.len - path.data);
	end = str_find_char(path, '#');
	return end < 0 ? path : str_head(path, (size_t)end);
}

static bool
meets(const struct rules *rules, const struct goal *g, const struct record *r)
{
	if (g->event[0] != '\0')
		return str_is(r->type, "event") && str_is(r->name, g->event);
	/* The page has seen it, and says which goal it is. */
	if (goal_is_of_page(g))
		return str_is(r->type, "event") && str_is(r->goal, g->name);
	if (!str_is(r->type, "page"))
		return false;
	if (g->url[0] != '\0')
		return str_is(path_of(r->url), g->url);
	if (g->title[0] != '\0')
		return str_find(r->title, str_of(g->title)) >= 0;
	if (g->url_regex[0] != '\0')
		return rules_goal_matches(rules, g, path_and_query(r->url));
	return g->url_prefix[0] != '\0' &&
	       str_starts(path_of(r->url), str_of(g->url_prefix));
}

static const struct goal *
find_goal(const struct site *site, struct str name)
{
	const struct goal *goals = site->goals.at;

	for (size_t i = 0; i < site->goals.count; i++) {
		if (str_is(name, goals[i].name))
			return &goals[i];
	}
	return NULL;
}

struct money {
	int64_t micros;
	struct str currency;
};

/* Value and currency of R; absent is 0 of the site's. */
static bool
read_money(struct facts *f, const struct site *site, const struct record *r,
    struct money *out, struct error *err)
{
	out->micros = 0;
	if (r->value.len > 0 &&
	    (!str_micros(r->value, &out->micros) || out->micros < 0))
		return error_set(err, ERROR_REJECT,
		    "value \"%.*s\" is no amount", STR_ARG(r->value));
	if (r->currency.len > 0 && !currency_is_code(r->currency))
		return error_set(err, ERROR_REJECT,
		    "currency \"%.*s\" is no code of ISO 4217",
		    STR_ARG(r->currency));
	out->currency = r->currency.len > 0 ? arena_str(f->arena, r->currency)
					    : str_of(site->currency);
	return true;
}

/* Who a hit says it is of. */
struct person {
	bool has_visitor, has_user;
	struct hash128 visitor, user;
	struct str click_id; /* "" is none */
	struct hash128 handle[FACTS_HANDLES];
};

static bool
is_zero(const struct hash128 *h)
{
	return (h->hi | h->lo) == 0;
}

static struct conversion_fact *
add_conversion(struct facts *f, const struct site *site, const struct record *r,
    const struct person *who, int64_t ts_ms)
{
	bool erased = erased_is_alias(r->event_id);
	struct conversion_fact *c = FACTS_ADD(f, conversions);

	*c = (struct conversion_fact){ .site = site,
		.event_id = arena_str(f->arena, r->event_id),
		.ts_ms = ts_ms,
		.has_visitor = who->has_visitor,
		.has_user = who->has_user,
		.visitor = who->visitor,
		.user = who->user,
		.verified =
		    str_is(r->lane, "server") || str_is(r->lane, "import"),
		.lane = arena_str(f->arena, r->lane),
		.lookback_ms = site->lookback_ms,
		.click_id = arena_str(f->arena, who->click_id),
		.email_sha256 = arena_str(f->arena, r->email_sha256),
		.phone_sha256 = arena_str(f->arena, r->phone_sha256),
		.email_google_sha256 =
		    arena_str(f->arena, r->email_google_sha256),
		.phone_digits_sha256 =
		    arena_str(f->arena, r->phone_digits_sha256),
		.consent =
		    erased ? STR("dddd") : arena_str(f->arena, r->consent),
		.page_url = arena_str(f->arena, r->url),
		.user_agent =
		    erased ? STR_EMPTY : arena_str(f->arena, r->user_agent) };
	if (!who->has_visitor)
		memcpy(c->handle, who->handle, sizeof(c->handle));
	if (!who->has_visitor && !who->has_user &&
	    is_zero(&who->handle[FACTS_CLICK]) &&
	    is_zero(&who->handle[FACTS_EMAIL]) &&
	    is_zero(&who->handle[FACTS_PHONE])) {
		/* Nobody's: a customer of its own, without touches. */
		c->has_visitor = true;
		c->visitor =
		    person_key(PERSON_EVENT, str_of(site->id), r->event_id);
	}
	return c;
}

static void
add_explicit(struct facts *f, const struct site *site, const struct record *r,
    const struct person *who, int64_t ts_ms, const struct money *value)
{
	struct str goal = r->goal.len > 0 ? r->goal : STR("purchase");
	const struct goal *rule = find_goal(site, goal);
	struct conversion_fact *c;

	c = add_conversion(f, site, r, who, ts_ms);
	c->goal = arena_str(f->arena, goal);
	c->order_id = arena_str(f->arena, r->order_id);
	c->dedup_key = c->order_id;
	c->value_micros = value->micros;
	c->currency = value->currency;
	c->purchase = r->order_id.len > 0 || str_is(goal, "purchase");
	if (rule != NULL) {
		if (rule->lookback_ms > 0)
			c->lookback_ms = rule->lookback_ms;
		if (r->value.len == 0)
			c->value_micros = rule->value_micros;
	}
}

/* Names the visit SESSION of the one who converts: another's may have the
 * same id. */
static struct str
visit_key(struct arena *a, const struct conversion_fact *c, struct str session)
{
	const struct hash128 *who = c->has_visitor ? &c->visitor : &c->user;

	for (int i = FACTS_HANDLES; i-- > 0 && !c->has_visitor && !c->has_user;)
		who = is_zero(&c->handle[i]) ? who : &c->handle[i];

	return arena_printf(a, "visit %016llx%016llx %016llx",
	    (unsigned long long)who->hi, (unsigned long long)who->lo,
	    (unsigned long long)hash_of(session, SEED_SESSION));
}

/* The site's goals that a page view or event meets by itself. */
static void
add_by_rule(struct facts *f, const struct site *site, const struct rules *rules,
    const struct record *r, const struct person *who, int64_t ts_ms)
{
	const struct goal *goals = site->goals.at;

	for (size_t i = 0; i < site->goals.count; i++) {
		struct conversion_fact *c;

		if (!meets(rules, &goals[i], r))
			continue;
		c = add_conversion(f, site, r, who, ts_ms);
		c->event_id = arena_printf(
		    f->arena, "%.*s#%s", STR_ARG(r->event_id), goals[i].name);
		c->goal = str_of(goals[i].name);
		c->value_micros = goals[i].value_micros;
		c->currency = str_of(site->currency);
		if (goals[i].lookback_ms > 0)
			c->lookback_ms = goals[i].lookback_ms;
		if (goals[i].count == GOAL_ONCE_PER_VISIT &&
		    r->session_id.len > 0)
			c->dedup_key = visit_key(f->arena, c, r->session_id);
		if (goals[i].count == GOAL_ONCE &&
		    (who->has_visitor || who->has_user))
			c->dedup_key = visit_key(f->arena, c, STR_EMPTY);
	}
}

/*
 * What R says of its click id and addresses: whose they are, when it names a
 * visitor or user, and that a conversion names them, when it has no visitor.
 * An address that comes with a user is the user's, whatever the device.
 */
static void
add_handles(struct facts *f, const struct record *r, const struct person *who,
    bool touch, bool converted, int64_t ts_ms)
{
	for (int i = 0; i < FACTS_HANDLES; i++) {
		bool click = i == FACTS_CLICK;
		struct handle_fact one = { .handle = who->handle[i],
			.click = click,
			.wanted = converted && !who->has_visitor,
			.has_user = !click && who->has_user,
			.ts_ms = ts_ms };

		one.has_visitor =
		    who->has_visitor && !one.has_user && (touch || !click);
		one.party = one.has_user ? who->user : who->visitor;
		if (is_zero(&one.handle) ||
		    !(one.wanted || one.has_visitor || one.has_user))
			continue;
		one.event_id = arena_str(f->arena, r->event_id);
		*FACTS_ADD(f, handles) = one;
	}
}

static void
read_handles(const struct record *r, struct person *who)
{
	const struct str text[FACTS_HANDLES] = { who->click_id, r->email_sha256,
		r->phone_sha256 };

	for (int i = 0; i < FACTS_HANDLES; i++) {
		if (text[i].len > 0)
			who->handle[i] =
			    person_key(handle_kind[i], r->site, text[i]);
	}
}

static bool
refund_is_whole(
    const struct record *r, const struct money *value, struct error *err)
{
	if (r->order_id.len == 0)
		return error_set(
		    err, ERROR_REJECT, "a refund without order_id");
	if (value->micros == 0)
		return error_set(err, ERROR_REJECT, "a refund of nothing");
	return true;
}

static void
add_refund(struct facts *f, const struct site *site, const struct record *r,
    int64_t ts_ms, const struct money *value)
{
	struct refund_fact *refund = FACTS_ADD(f, refunds);

	*refund = (struct refund_fact){ .site = site,
		.refund_id = arena_str(f->arena,
		    r->refund_id.len > 0 ? r->refund_id : r->event_id),
		.order_id = arena_str(f->arena, r->order_id),
		.event_id = arena_str(f->arena, r->event_id),
		.ts_ms = ts_ms,
		.value_micros = value->micros,
		.currency = value->currency };
}

static void
count_hit(struct facts *f, const struct site *site, const struct record *r,
    struct str bot, int32_t day)
{
	struct hits_fact *h;

	for (size_t i = f->hits.count; i-- > 0;) {
		h = &f->hits.at[i];
		if (h->day == day && h->site == site && str_eq(h->bot, bot) &&
		    str_eq(h->type, r->type) && str_eq(h->lane, r->lane)) {
			h->hits++;
			return;
		}
	}
	h = FACTS_ADD(f, hits);
	*h = (struct hits_fact){ .day = day,
		.site = site,
		.type = arena_str(f->arena, r->type),
		.lane = arena_str(f->arena, r->lane),
		.bot = arena_str(f->arena, bot),
		.hits = 1 };
}

static struct str
bot_of(struct facts *f, const struct rules *rules, const struct record *r)
{
	struct str agent = r->user_agent;
	size_t slot;

	if (r->purpose.len > 0 || agent.len == 0 || agent.len > AGENT_MAX)
		return classify_bot(rules, r);
	slot = (size_t)digest_hash64(agent, 0) % AGENTS;
	if (f->agents->at[slot].rules != rules ||
	    !str_eq(agent,
		str_make(f->agents->at[slot].text, f->agents->at[slot].len))) {
		f->agents->at[slot].rules = rules;
		f->agents->at[slot].bot = classify_bot(rules, r);
		f->agents->at[slot].len = agent.len;
		memcpy(f->agents->at[slot].text, agent.data, agent.len);
	}
	return f->agents->at[slot].bot;
}

/* Consent of analytics_storage, as record.h orders the letters. */
static bool
denied(const struct record *r)
{
	return r->consent.len > 1 && r->consent.data[1] == 'd';
}

/* What lies outside the experiment's time was a trial of it. */
/*
 * Where the hash of the visitor says the arm, nobody else does: a browser
 * that names another would vote in it.
 */
static bool
is_forged(
    const struct site *site, const struct experiment *e, const struct record *r)
{
	const struct variant *v;

	if (e->assign != EXPERIMENT_BY_COLLECTOR && e->holdout_to[0] == '\0')
		return false;
	if (r->visitor_id.len == 0)
		return !str_is(r->lane, "server");
	v = experiment_assign(&site->experiments, e, r->visitor_id);
	return v == NULL || !str_eq(r->variant, str_of(v->name));
}

static void
add_exposure(struct facts *f, const struct site *site, const struct record *r,
    const struct person *who, int64_t ts_ms)
{
	const struct experiment *e;
	struct exposure_fact *x;

	if (r->experiment.len == 0 || r->variant.len == 0 || denied(r) ||
	    !(who->has_visitor || who->has_user))
		return;
	e = experiments_find(&site->experiments, r->experiment);
	if (e != NULL && !experiment_runs(e, ts_ms))
		return;
	if (e != NULL && is_forged(site, e, r)) {
		f->forged++;
		return;
	}
	x = FACTS_ADD(f, exposures);
	*x = (struct exposure_fact){ .site = site,
		.party = who->has_visitor ? who->visitor : who->user,
		.experiment = arena_str(f->arena, r->experiment),
		.variant = arena_str(f->arena, r->variant),
		.event_id = arena_str(f->arena, r->event_id),
		.ts_ms = ts_ms };
}

bool
facts_add(struct facts *f, const struct sites *sites, const struct rules *rules,
    const struct record *r, int32_t partition, struct error *err)
{
	const struct site *site = sites_find(sites, r->site);
	int64_t ts_ms = facts_event_time_ms(r);
	struct person who = { .has_visitor = r->visitor_id.len > 0,
		.has_user = r->user_id.len > 0 };
	bool refund = str_is(r->type, "refund");
	bool conversion = str_is(r->type, "conversion");
	struct landing *landing;
	size_t converted;
	struct money value;
	struct str bot;
	int32_t day;

	if (site == NULL)
		return error_set(err, ERROR_REJECT,
		    "site \"%.*s\" is not in the configuration",
		    STR_ARG(r->site));
	if (r->event_id.len == 0 || r->type.len == 0 || r->received_at <= 0)
		return error_set(err, ERROR_REJECT,
		    "event_id, type and received_at must be there");
	if (!facts_time_is_possible(ts_ms) ||
	    (r->session_start > 0 && !facts_time_is_possible(r->session_start)))
		return error_set(err, ERROR_REJECT,
		    "time or session_start is not between 1970 and 2109");
	if (ts_ms < f->kept_since_ms)
		return error_set(err, ERROR_REJECT,
		    "older than what is kept: the events it needs are gone "
		    "(retention.touches)");
	if (ts_ms - r->received_at > AHEAD_MAX_MS)
		return error_set(err, ERROR_REJECT,
		    "time is more than a day ahead of received_at: the "
		    "sender's clock is wrong");
	if (str_is(r->type, "refused"))
		return quality_refused(f, site, r, ts_ms, err);
	/* All that may be refused comes first: a record counts whole or is a
	 * dead letter. */
	if ((refund || conversion) && !read_money(f, site, r, &value, err))
		return false;
	if (refund && !refund_is_whole(r, &value, err))
		return false;
	if (refund)
		add_refund(f, site, r, ts_ms, &value);
	bot = bot_of(f, rules, r);
	day = zone_day(site->zone, ts_ms);
	count_hit(f, site, r, bot, day);
	quality_hit(f, site, r, day, ts_ms, bot);
	if (bot.len > 0)
		quality_bot(f, rules, site, r, day, bot);
	if (bot.len > 0 || refund || str_is(r->type, "consent"))
		return true;
	if (who.has_visitor)
		who.visitor = facts_visitor_key(r->site, r->visitor_id);
	if (who.has_user)
		who.user = facts_user_key(r->site, r->user_id);
	if (who.has_visitor && who.has_user) {
		struct link_fact *link = FACTS_ADD(f, links);

		*link = (struct link_fact){ who.visitor, who.user, ts_ms,
			arena_str(f->arena, r->event_id) };
	}
	add_exposure(f, site, r, &who, ts_ms);
	landing = landings_find(f->landings, rules, site, r, f->arena);
	who.click_id = landing->origin.click_id;
	read_handles(r, &who);
	converted = f->conversions.count;
	if (who.has_visitor)
		add_touch(f, site, r, who.visitor, landing, ts_ms, partition);
	else if (!who.has_user && denied(r))
		/* Somebody came by a campaign: who, nobody may know. */
		add_touch(f, site, r,
		    person_key(PERSON_EVENT, r->site, r->event_id), landing,
		    ts_ms, partition);
	if (conversion)
		add_explicit(f, site, r, &who, ts_ms, &value);
	else if (!erased_is_alias(r->event_id))
		/* Of an erased customer's visits nobody knows which is one. */
		add_by_rule(f, site, rules, r, &who, ts_ms);
	add_handles(f, r, &who, landing->origin.tagged,
	    f->conversions.count > converted, ts_ms);
	return true;
}

void
facts_add_dead(struct facts *f, int32_t partition, int64_t offset,
    struct str reason, struct str record)
{
	struct dead_fact *d = FACTS_ADD(f, dead);

	*d = (struct dead_fact){ .partition = partition,
		.offset = offset,
		.reason = arena_str(f->arena, reason),
		.record = arena_str(f->arena, record) };
}

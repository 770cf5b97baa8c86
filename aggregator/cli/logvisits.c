/*
 * logvisits.c - a hash table from visitor to the visit it is in: open
 * addressing, rebuilt without those who left when it fills up.
 */
#include "aggregator/cli/logvisits.h"

#include <stdlib.h>

#define SLOTS_MIN 1024
/* Longer than any line is late, and than a visit's silence. */
#define FORGET_MS (4 * LOGVISITS_IDLE_MS)

struct slot {
	struct hash128 visitor;
	bool used;
	int64_t last_ms;
	struct logvisit visit;
	struct logvisits_arrival came; /* the latest of each */
};

struct logvisits {
	struct slot *slots;
	size_t size, used; /* size is a power of two */
	int64_t newest_ms;
};

static const struct str click_ids[] = { STR("gclid"), STR("gbraid"),
	STR("wbraid"), STR("dclid"), STR("gclsrc"), STR("msclkid"),
	STR("ttclid"), STR("twclid"), STR("li_fat_id"), STR("rdt_cid"),
	STR("sccid"), STR("epik"), STR("qclid"), STR("fbclid"), STR("igshid"),
	STR("yclid") };

static bool
is_campaign(struct str name)
{
	if (str_istarts(name, STR("utm_")))
		return true;
	for (size_t i = 0; i < sizeof(click_ids) / sizeof(click_ids[0]); i++) {
		if (str_ieq(name, click_ids[i]))
			return true;
	}
	return false;
}

/* Joins TEXT into HASH; 0 stays for "nothing at all". */
static uint64_t
join(uint64_t hash, struct str text)
{
	uint64_t more = digest_hash64(text, hash);

	return more == 0 ? 1 : more;
}

/* The host of an http(s) URL, with neither port nor user. */
static struct str
url_host(struct str url)
{
	struct str host;
	ptrdiff_t at;

	if (str_istarts(url, STR("http://")))
		host = str_from(url, 7);
	else if (str_istarts(url, STR("https://")))
		host = str_from(url, 8);
	else
		return STR_EMPTY;
	for (size_t i = 0; i < host.len; i++) {
		if (strchr("/?#\\", host.data[i]) != NULL) {
			host.len = i;
			break;
		}
	}
	while ((at = str_find_char(host, '@')) >= 0)
		host = str_from(host, (size_t)at + 1);
	at =
	    host.len > 0 && host.data[0] == '[' ? -1 : str_find_char(host, ':');
	return at < 0 ? host : str_head(host, (size_t)at);
}

static uint64_t
referrer_host(const struct site *site, struct str url, struct str referrer)
{
	struct str host = url_host(referrer);
	uint64_t hash = 0;

	if (host.len == 0 || str_ieq(host, url_host(url)))
		return 0;
	for (size_t i = 0; i < site->hosts.count; i++) {
		if (str_ieq(host, str_of(site->hosts.at[i])))
			return 0;
	}
	for (size_t i = 0; i < host.len; i++) {
		char c = host.data[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c + 32);
		hash = hash * 1099511628211u + (unsigned char)c;
	}
	return join(hash, STR_EMPTY);
}

struct logvisits_arrival
logvisits_arrival(const struct site *site, struct str url, struct str referrer)
{
	struct logvisits_arrival came = { 0 };
	struct str rest, param;
	ptrdiff_t at = str_find_char(url, '#');

	came.referrer = referrer_host(site, url, referrer);
	if (at >= 0)
		url = str_head(url, (size_t)at);
	at = str_find_char(url, '?');
	if (at < 0)
		return came;
	rest = str_from(url, (size_t)at + 1);
	while (str_cut(&rest, '&', &param)) {
		at = str_find_char(param, '=');
		if (at > 0 && (size_t)at + 1 < param.len &&
		    is_campaign(str_head(param, (size_t)at)))
			came.campaign = join(came.campaign, param);
	}
	return came;
}

struct logvisits *
logvisits_new(void)
{
	struct logvisits *v = mem_zero(1, sizeof(*v));

	v->size = SLOTS_MIN;
	v->slots = mem_zero(v->size, sizeof(v->slots[0]));
	return v;
}

void
logvisits_free(struct logvisits *v)
{
	if (v == NULL)
		return;
	free(v->slots);
	free(v);
}

/* The slot of VISITOR, or the free one where it belongs. */
static struct slot *
find(struct slot *slots, size_t size, struct hash128 visitor)
{
	size_t i = visitor.lo & (size - 1);

	while (slots[i].used && (slots[i].visitor.lo != visitor.lo ||
				    slots[i].visitor.hi != visitor.hi))
		i = (i + 1) & (size - 1);
	return &slots[i];
}

static void
rebuild(struct logvisits *v)
{
	struct slot *old = v->slots;
	size_t old_size = v->size, live = 0;
	int64_t since = v->newest_ms - FORGET_MS;

	for (size_t i = 0; i < old_size; i++)
		live += old[i].used && old[i].last_ms >= since;
	while (live * 4 > v->size)
		v->size *= 2;
	v->slots = mem_zero(v->size, sizeof(v->slots[0]));
	v->used = live;
	for (size_t i = 0; i < old_size; i++) {
		if (old[i].used && old[i].last_ms >= since)
			*find(v->slots, v->size, old[i].visitor) = old[i];
	}
	free(old);
}

static bool
is_new(struct logvisits_arrival now, struct logvisits_arrival before)
{
	return (now.campaign != 0 && now.campaign != before.campaign) ||
	       (now.referrer != 0 && now.referrer != before.referrer);
}

struct logvisit
logvisits_hit(struct logvisits *v, struct hash128 visitor, int64_t time_ms,
    struct logvisits_arrival came, uint64_t first_id)
{
	struct slot *s;

	if (time_ms > v->newest_ms)
		v->newest_ms = time_ms;
	if (v->used * 2 >= v->size)
		rebuild(v);
	s = find(v->slots, v->size, visitor);
	if (!s->used || llabs(time_ms - s->last_ms) > LOGVISITS_IDLE_MS ||
	    is_new(came, s->came)) {
		v->used += s->used ? 0 : 1;
		*s = (struct slot){ .visitor = visitor,
			.used = true,
			.last_ms = time_ms,
			.visit = { first_id, time_ms },
			.came = came };
		return s->visit;
	}
	if (time_ms > s->last_ms)
		s->last_ms = time_ms;
	if (came.campaign != 0)
		s->came.campaign = came.campaign;
	if (came.referrer != 0)
		s->came.referrer = came.referrer;
	return s->visit;
}

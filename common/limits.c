/*
 * limits.c - sets of eight places, as a processor's cache has them: a key
 * has its place in one set, found by a keyed hash.
 */
#include "common/limits.h"

#include <netinet/in.h>
#include <stdlib.h>

#include "common/forwarded.h"
#include "common/digest.h"

#define WAYS 8
#define SECOND_US INT64_C(1000000)

struct place {
	uint64_t tag;    /* the key's whole hash; 0: free */
	int64_t full_us; /* when the bucket is full again */
};

struct limits {
	uint64_t seed;
	size_t mask; /* of the sets */
	struct place (*set)[WAYS];
};

struct limits *
limits_new(size_t count, uint64_t seed)
{
	struct limits *l = mem_zero(1, sizeof(*l));
	size_t sets = 1;

	while (sets * WAYS < count)
		sets *= 2;
	l->seed = seed;
	l->mask = sets - 1;
	l->set = mem_zero(sets, sizeof(*l->set));
	return l;
}

void
limits_free(struct limits *l)
{
	if (l == NULL)
		return;
	free(l->set);
	free(l);
}

/* The place of TAG, or the one it takes over. */
static struct place *
place_of(struct place set[WAYS], uint64_t tag, int64_t now_us)
{
	struct place *fullest = set;

	for (int i = 0; i < WAYS; i++) {
		if (set[i].tag == tag)
			return &set[i];
		if (set[i].full_us < fullest->full_us)
			fullest = &set[i];
	}
	fullest->tag = tag;
	fullest->full_us = now_us;
	return fullest;
}

static int64_t
each_us(struct limit limit)
{
	int64_t seconds = limit.seconds > 0 ? limit.seconds : 1;
	int64_t each = SECOND_US * seconds / limit.rate;

	return each < 1 ? 1 : each;
}

/* The bucket of KEY, and how long until it holds a token. */
static struct place *
bucket(struct limits *l, struct str key, struct limit limit, int64_t now_us,
    int64_t *wait)
{
	uint64_t hash = digest_hash64(key, l->seed);
	struct place *p = place_of(l->set[hash & l->mask], hash | 1, now_us);
	int64_t each = each_us(limit), left;

	if (p->full_us < now_us)
		p->full_us = now_us;
	left = p->full_us + each - now_us - each * limit.burst;
	*wait = left > 0 ? left : 0;
	return p;
}

int64_t
limits_take(
    struct limits *l, struct str key, struct limit limit, int64_t now_us)
{
	struct place *p;
	int64_t wait;

	if (limit.rate <= 0)
		return 0;
	p = bucket(l, key, limit, now_us, &wait);
	if (wait == 0)
		p->full_us += each_us(limit);
	return wait;
}

int64_t
limits_wait(
    struct limits *l, struct str key, struct limit limit, int64_t now_us)
{
	int64_t wait;

	if (limit.rate <= 0)
		return 0;
	(void)bucket(l, key, limit, now_us, &wait);
	return wait;
}

/* Who is not a stranger: the machine itself and its own networks. */
static bool
private_v4(const uint8_t a[4])
{
	return a[0] == 127 || a[0] == 10 || (a[0] == 192 && a[1] == 168) ||
	       (a[0] == 172 && (a[1] & 0xf0) == 16) ||
	       (a[0] == 169 && a[1] == 254);
}

static bool
private_v6(const struct in6_addr *a)
{
	return IN6_IS_ADDR_LOOPBACK(a) || IN6_IS_ADDR_LINKLOCAL(a) ||
	       (a->s6_addr[0] & 0xfe) == 0xfc;
}

struct str
limits_address(struct str address, bool private_too, char out[LIMITS_KEY_BYTES])
{
	struct in6_addr a;

	if (!forwarded_address(address, a.s6_addr))
		return STR_EMPTY;
	if (!IN6_IS_ADDR_V4MAPPED(&a)) {
		if (!private_too && private_v6(&a))
			return STR_EMPTY;
		memcpy(out, a.s6_addr, 8);
		return str_make(out, 8);
	}
	if (!private_too && private_v4(&a.s6_addr[12]))
		return STR_EMPTY;
	memcpy(out, &a.s6_addr[12], 4);
	return str_make(out, 4);
}

static int64_t
part(int64_t all, int64_t count)
{
	return (all + count - 1) / count;
}

struct limit
limits_share(struct limit limit, int64_t count)
{
	return (struct limit){ part(limit.rate, count),
		part(limit.burst, count), limit.seconds };
}

/*
 * limits.h - how many requests a client may send: token buckets in a table
 * of fixed size.
 *
 * A bucket is one number, the time at which it will be full again (the
 * generic cell rate algorithm), so a bucket that is full needs no entry: to
 * forget one costs nobody anything. When its place in the table is needed
 * the fullest bucket goes first, so that neither a client at its limit is
 * let off nor an honest one hurt by a flood of strangers.
 *
 * One thread owns a table. Nothing is allocated after limits_new().
 */
#ifndef COMMON_LIMITS_H
#define COMMON_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/str.h"

struct limits;

/* How fast a bucket fills, and what it holds. */
struct limit {
	int64_t rate; /* 0: no limit */
	int64_t burst;
	int64_t seconds; /* of RATE; 0 is 1 */
};

/*
 * A table for about COUNT buckets that are not full (16 bytes each). SEED is
 * secret, so that nobody can choose whom to collide with. The caller owns
 * the result.
 */
struct limits *limits_new(size_t count, uint64_t seed);
/* NULL is allowed. */
void limits_free(struct limits *l);

/*
 * Takes one token from the bucket of KEY at NOW_US (monotonic). 0 when there
 * was one; else how many microseconds until there will be.
 */
int64_t limits_take(
    struct limits *l, struct str key, struct limit limit, int64_t now_us);

/* The same answer, and nothing is taken. */
int64_t limits_wait(
    struct limits *l, struct str key, struct limit limit, int64_t now_us);

/*
 * The key of ADDRESS (text): an IPv4 address (mapped or not) itself, of IPv6
 * the /64, into OUT. The empty str when it is no address, and unless
 * PRIVATE_TOO for loopback, private and link-local ones.
 */
#define LIMITS_KEY_BYTES 8
struct str limits_address(
    struct str address, bool private_too, char out[LIMITS_KEY_BYTES]);

/* What each of COUNT workers may let through so that all keep to LIMIT. */
struct limit limits_share(struct limit limit, int64_t count);

#endif

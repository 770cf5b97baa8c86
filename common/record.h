/*
 * record.h - the hit as it travels: one flat JSON object on Kafka.
 *
 * RECORD_FIELDS is the one place where a field is named. Struct, encoder,
 * decoder, length limits, the fuzzers and docs/record.md follow from it.
 * A record holds raw facts only, never an interpretation, so that a change
 * of rules is a replay.
 */
#ifndef COMMON_RECORD_H
#define COMMON_RECORD_H

#include <stdint.h>

#include "common/arena.h"
#include "common/error.h"
#include "common/str.h"

#define RECORD_VERSION 1
#define RECORD_MAX_BYTES 49152 /* encoded; below the broker's 1 MB by far */

/*
 * X(name, KIND, max, meaning). KIND TEXT: a string of at most MAX bytes of
 * UTF-8. KIND INT: a whole number from 0 to 2^53. Absent is empty or 0.
 */
#define RECORD_FIELDS(X)                                                       \
	X(v, INT, 0, "version of this format, now 1")                          \
	X(event_id, TEXT, 64, "the sender's or a minted id; deduplicates")     \
	X(type, TEXT, 16,                                                      \
	    "page, event, conversion, refund, identify, exposure, consent; "   \
	    "refused: not of one hit, see below")                              \
	X(site, TEXT, 64, "the site's id in the configuration")                \
	X(lane, TEXT, 16,                                                      \
	    "browser, pixel, redirect, compatible, server, import or "         \
	    "collector")                                                       \
	X(received_at, INT, 0, "ms since 1970 when the collector read it")     \
	X(time, INT, 0, "ms since 1970 by the sender's clock")                 \
	X(sent_at, INT, 0, "ms since 1970 by the sender's clock when it sent") \
	X(visitor_id, TEXT, 80,                                                \
	    "from our cookie; c.ID when the browser named it itself")          \
	X(session_id, TEXT, 80, "the visit")                                   \
	X(session_start, INT, 0, "ms since 1970 when the visit began")         \
	X(user_id, TEXT, 128, "the site's own id of a person")                 \
	X(url, TEXT, 2048, "the page")                                         \
	X(referrer, TEXT, 2048, "the page before")                             \
	X(title, TEXT, 512, "the page's title")                                \
	X(user_agent, TEXT, 512, "the client's name of itself")                \
	X(ip, TEXT, 45, "the address, truncated to /24 or /48")                \
	X(purpose, TEXT, 32, "Sec-Purpose, Purpose or X-Moz: prefetch")        \
	X(language, TEXT, 35, "of the browser")                                \
	X(screen, TEXT, 16, "width x height")                                  \
	X(source, TEXT, 200, "explicit campaign source; wins over url")        \
	X(medium, TEXT, 200, "explicit campaign medium")                       \
	X(campaign, TEXT, 200, "explicit campaign name")                       \
	X(term, TEXT, 200, "explicit campaign term")                           \
	X(content, TEXT, 200, "explicit campaign content")                     \
	X(click_id, TEXT, 512, "an ad network's click: gclid=...")             \
	X(name, TEXT, 100, "name of a custom event")                           \
	X(goal, TEXT, 100, "goal of a conversion; purchase when absent")       \
	X(order_id, TEXT, 100, "the shop's order; deduplicates conversions")   \
	X(value, TEXT, 32, "decimal, at most six places")                      \
	X(currency, TEXT, 3, "ISO 4217; the site's when absent")               \
	X(items, TEXT, 16384, "JSON array of what was bought")                 \
	X(new_customer, TEXT, 5, "true or false, as the sender says")          \
	X(refund_id, TEXT, 100, "id of a refund; deduplicates")                \
	X(email_sha256, TEXT, 64, "normalised and hashed by the sender or us") \
	X(phone_sha256, TEXT, 64, "normalised and hashed by the sender or us") \
	X(email_google_sha256, TEXT, 64,                                       \
	    "of a Gmail address without dots and +suffix, if that differs")    \
	X(phone_digits_sha256, TEXT, 64, "of the phone number without its +")  \
	X(experiment, TEXT, 100, "of an exposure")                             \
	X(variant, TEXT, 100, "of an exposure")                                \
	X(consent, TEXT, 4,                                                    \
	    "ad_storage, analytics_storage, ad_user_data, "                    \
	    "ad_personalization: g, d or u each")                              \
	X(props, TEXT, 8192, "JSON object of further facts, flat")             \
	X(spool_id, TEXT, 16, "hex; which spool made seq")                     \
	X(seq, INT, 0, "number of the record in its spool, from 1")            \
	X(floor, INT, 0, "every lower seq of the spool is on Kafka")

#define RECORD_MEMBER_TEXT(name) struct str name;
#define RECORD_MEMBER_INT(name) int64_t name;
#define RECORD_MEMBER(name, kind, max, doc) RECORD_MEMBER_##kind(name)
struct record {
	RECORD_FIELDS(RECORD_MEMBER)
};
#undef RECORD_MEMBER

#define RECORD_ID(name, kind, max, doc) RECORD_##name,
enum record_field { RECORD_FIELDS(RECORD_ID) RECORD_FIELD_COUNT };
#undef RECORD_ID

struct record_field_info {
	const char *name;
	bool is_text;
	size_t max; /* bytes; texts only */
	size_t offset;
	const char *doc;
};
extern const struct record_field_info record_fields[RECORD_FIELD_COUNT];

/* The field called NAME, or -1. */
int record_find(struct str name);

/*
 * Appends R as one JSON object to OUT, absent fields left out, in the
 * table's order, without spool_id, seq and floor; v is always
 * RECORD_VERSION. Texts longer than their limit (bad UTF-8 counted as the
 * U+FFFD it becomes), numbers out of range and a record of more than
 * RECORD_MAX_BYTES once sealed are an ERROR_REJECT that names the field; OUT
 * is then as before.
 */
bool record_encode(
    const struct record *r, struct buf *out, struct error *err) MUST_CHECK;

/*
 * Appends to OUT the record JSON (as record_encode wrote it) completed by
 * its place in the spool: the last '}' makes way for the three fields. SEQ
 * and FLOOR are at most 2^53.
 */
#define RECORD_SEAL_BYTES 128 /* what that adds, at most */
void record_seal(struct buf *out, struct str json, uint64_t spool_id,
    uint64_t seq, uint64_t floor);

/*
 * Reads JSON into R. Texts borrow from JSON or ARENA. Unknown fields are
 * skipped (a newer writer), wrong types, duplicate or too long fields and a
 * version we cannot read are ERROR_REJECT.
 */
bool record_decode(struct record *r, struct str json, struct arena *arena,
    struct error *err) MUST_CHECK;

/* The key of R on Kafka: what keeps one visitor's hits in one partition. */
struct str record_key(const struct record *r);

#endif

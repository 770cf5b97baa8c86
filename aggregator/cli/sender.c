/*
 * sender.c - batches in slots: one fills while the others fly.
 */
#include "aggregator/cli/sender.h"

#include <stdio.h>
#include <stdlib.h>

#include "aggregator/cli/transfer.h"
#include "common/arena.h"
#include "common/clock.h"
#include "common/digest.h"
#include "common/json.h"

#define BATCH_EVENTS 100
#define BATCH_BYTES 49152 /* the collector's max_body is 65536 by default */
#define SLOTS_MAX 16
#define BACKOFF_MIN_MS 200
#define BACKOFF_MAX_MS 5000
#define ANSWER_S 60L

enum state { FREE, FLYING, RESTING };

struct slot {
	enum state state;
	struct buf body;
	struct str answer; /* lent by the transfer */
	uint64_t tags[BATCH_EVENTS];
	size_t count;
	int64_t due_ms; /* RESTING until then */
	int tries;
};

struct sender {
	struct sender_settings set;
	struct transfers *transfers;
	char *url;
	struct slot slots[SLOTS_MAX];
	size_t slot_count;
	struct slot *filling; /* or NULL */
	struct arena *arena;
	struct sender_counts counts;
	int64_t answered_ms; /* the last time the collector took something */
};

/* The URL events go to: with no path of its own, the default one. */
static char *
events_url(const char *url)
{
	struct buf out = { 0 };
	const char *host = strstr(url, "://");
	const char *path = strchr(host ? host + 3 : url, '/');
	char *result;

	if (path != NULL && path[1] != '\0')
		return str_dup(str_of(url));
	buf_add_str(
	    &out, path ? str_make(url, (size_t)(path - url)) : str_of(url));
	buf_add_str(&out, STR("/v1/events"));
	result = str_dup(buf_str(&out));
	buf_free(&out);
	return result;
}

struct sender *
sender_open(const struct sender_settings *set, struct error *err)
{
	struct sender *s = mem_zero(1, sizeof(*s));

	s->set = *set;
	s->slot_count = set->in_flight < 1 ? 1 : (size_t)set->in_flight;
	if (s->slot_count > SLOTS_MAX)
		s->slot_count = SLOTS_MAX;
	s->url = events_url(set->url);
	s->arena = arena_new(16384);
	s->transfers = transfers_open(
	    &(struct transfer_settings){
		.url = s->url, .slots = s->slot_count, .answer_s = ANSWER_S },
	    err);
	if (s->transfers == NULL) {
		sender_close(s);
		return NULL;
	}
	s->answered_ms = clock_mono_ms();
	return s;
}

void
sender_close(struct sender *s)
{
	if (s == NULL)
		return;
	transfers_close(s->transfers); /* they read the bodies */
	for (size_t i = 0; i < s->slot_count; i++)
		buf_free(&s->slots[i].body);
	arena_free(s->arena);
	free(s->url);
	free(s);
}

struct sender_counts
sender_counts(const struct sender *s)
{
	return s->counts;
}

/* A signature is good for minutes: made anew each time. */
static bool
launch(struct sender *s, struct slot *slot, struct error *err)
{
	struct buf text = { 0 };
	uint8_t mac[SHA256_BYTES];
	char hex[2 * SHA256_BYTES + 1], signature[128];
	const char *headers[] = { signature, "Content-Type: application/json",
		NULL };
	long long now_s = clock_wall_ms() / 1000;

	buf_printf(&text, "%lld.", now_s);
	buf_add_str(&text, buf_str(&slot->body));
	digest_hmac_sha256(s->set.key, buf_str(&text), mac);
	buf_free(&text);
	digest_hex(mac, sizeof(mac), hex);
	snprintf(signature, sizeof(signature),
	    "Afterclick-Signature: t=%lld,v1=%s", now_s, hex);
	slot->state = FLYING;
	if (transfers_start(s->transfers, (size_t)(slot - s->slots), headers,
		buf_str(&slot->body), err))
		return true;
	slot->state = RESTING;
	return false;
}

/* Reads the answer {"accepted":n,"rejected":[{"index":i,"reason":"..."}]}. */
static bool
settle(struct sender *s, struct slot *slot, struct error *err)
{
	const struct json *answer, *list, *index, *reason;
	int64_t at, rejected = 0, accepted = 0;

	arena_reset(s->arena);
	answer = json_read(s->arena, slot->answer, err);
	if (answer == NULL)
		return error_wrap(err, "%s: the answer", s->url);
	index = json_find(answer, "accepted");
	if (index == NULL || index->type != JSON_NUMBER ||
	    !str_int(index->text, 0, BATCH_EVENTS, &accepted))
		return error_set(err, ERROR_FATAL,
		    "%s: the answer names no number of accepted events",
		    s->url);
	list = json_find(answer, "rejected");
	for (list = list ? list->child : NULL; list; list = list->next) {
		index = json_find(list, "index");
		reason = json_find(list, "reason");
		if (index == NULL ||
		    !str_int(index->text, 0, (int64_t)slot->count - 1, &at))
			continue;
		rejected++;
		s->set.rejected(s->set.ctx, slot->tags[at],
		    reason ? reason->text : STR("no reason given"));
	}
	if (accepted + rejected != (int64_t)slot->count)
		return error_set(err, ERROR_FATAL,
		    "%s: the answer is for %lld events, not for the %zu sent",
		    s->url, (long long)(accepted + rejected), slot->count);
	s->counts.accepted += (uint64_t)accepted;
	s->counts.rejected += (uint64_t)rejected;
	s->answered_ms = clock_mono_ms();
	slot->state = FREE;
	slot->tries = 0;
	return true;
}

/* Puts SLOT aside for a while, or gives up for WHAT. */
static bool
rest(struct sender *s, struct slot *slot, const char *what, struct error *err)
{
	int64_t now_ms = clock_mono_ms(), wait_ms = BACKOFF_MIN_MS;

	if (now_ms - s->answered_ms >= s->set.give_up_ms)
		return error_set(err, ERROR_RETRY,
		    "%s: %s; given up after %lld s. Once the collector is "
		    "there, run the same command again: what has arrived does "
		    "not count twice",
		    s->url, what, (long long)(s->set.give_up_ms / 1000));
	for (int i = 0; i < slot->tries && wait_ms < BACKOFF_MAX_MS; i++)
		wait_ms *= 2;
	if (wait_ms > BACKOFF_MAX_MS)
		wait_ms = BACKOFF_MAX_MS;
	slot->tries++;
	s->counts.retries++;
	slot->due_ms = now_ms + wait_ms;
	slot->state = RESTING;
	return true;
}

/* A request has ended: what now? */
static bool
landed(struct sender *s, const struct transfer_end *end, struct error *err)
{
	struct slot *slot = &s->slots[end->slot];
	char what[48];

	slot->state = RESTING;
	slot->answer = end->body;
	if (end->hopeless)
		return error_set(
		    err, ERROR_FATAL, "%s: %s", s->url, end->problem);
	if (!end->answered)
		return rest(s, slot, end->problem, err);
	if (end->status == 200)
		return settle(s, slot, err);
	if (end->status >= 500 || end->status == 429 || end->status == 408) {
		snprintf(what, sizeof(what), "the answer was %ld", end->status);
		return rest(s, slot, what, err);
	}
	if (end->status == 401)
		return error_set(err, ERROR_FATAL,
		    "%s: the collector refuses our signature (401): the site's "
		    "api_keys here and at the collector must have a key in "
		    "common, and the clocks must agree",
		    s->url);
	return error_set(err, ERROR_FATAL, "%s: the answer was %ld: %.*s",
	    s->url, end->status, STR_ARG(str_head(end->body, 200)));
}

/* One turn: relaunch who has rested, move bytes, read what has ended. With
 * WAIT it sleeps until something can be done. */
static bool
turn(struct sender *s, bool wait, struct error *err)
{
	int wait_ms = 1000;
	struct transfer_end end;
	int64_t now_ms = clock_mono_ms();

	for (size_t i = 0; i < s->slot_count; i++) {
		struct slot *slot = &s->slots[i];

		if (slot->state != RESTING)
			continue;
		if (slot->due_ms <= now_ms) {
			if (!launch(s, slot, err))
				return false;
		} else if (slot->due_ms - now_ms < wait_ms) {
			wait_ms = (int)(slot->due_ms - now_ms);
		}
	}
	while (transfers_next(s->transfers, &end)) {
		if (!landed(s, &end, err))
			return false;
		wait = false;
	}
	if (wait)
		transfers_wait(s->transfers, wait_ms);
	return true;
}

static struct slot *
free_slot(struct sender *s)
{
	for (size_t i = 0; i < s->slot_count; i++) {
		if (s->slots[i].state == FREE)
			return &s->slots[i];
	}
	return NULL;
}

static bool
dispatch(struct sender *s, struct error *err)
{
	struct slot *slot = s->filling;

	if (slot == NULL)
		return true;
	s->filling = NULL;
	buf_add_str(&slot->body, STR("]}"));
	return launch(s, slot, err) && turn(s, false, err);
}

bool
sender_add(struct sender *s, struct str event, uint64_t tag, struct error *err)
{
	struct slot *slot = s->filling;

	if (slot != NULL && (slot->count == BATCH_EVENTS ||
				slot->body.len + event.len + 3 > BATCH_BYTES)) {
		if (!dispatch(s, err))
			return false;
		slot = NULL;
	}
	while (slot == NULL) {
		slot = free_slot(s);
		if (slot == NULL) {
			if (!turn(s, true, err))
				return false;
			continue;
		}
		slot->count = 0;
		slot->body.len = 0;
		buf_add_str(&slot->body, STR("{\"events\":["));
		s->filling = slot;
	}
	if (slot->count > 0)
		buf_add_char(&slot->body, ',');
	buf_add_str(&slot->body, event);
	slot->tags[slot->count++] = tag;
	return true;
}

bool
sender_finish(struct sender *s, struct error *err)
{
	if (!dispatch(s, err))
		return false;
	for (;;) {
		size_t busy = 0;

		for (size_t i = 0; i < s->slot_count; i++)
			busy += s->slots[i].state != FREE;
		if (busy == 0)
			return true;
		if (!turn(s, true, err))
			return false;
	}
}

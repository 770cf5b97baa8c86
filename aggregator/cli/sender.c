/*
 * sender.c - batches in slots: one fills while the others fly.
 */
#include "aggregator/cli/sender.h"

#include <curl/curl.h>
#include <stdlib.h>

#include "common/arena.h"
#include "common/clock.h"
#include "common/digest.h"
#include "common/json.h"

#define BATCH_EVENTS 100
#define BATCH_BYTES 49152 /* the collector's max_body is 65536 by default */
#define ANSWER_MAX (1 << 20)
#define SLOTS_MAX 16
#define BACKOFF_MIN_MS 200
#define BACKOFF_MAX_MS 5000
#define CONNECT_S 10L
#define ANSWER_S 60L

enum state { FREE, FLYING, RESTING };

struct slot {
	enum state state;
	CURL *easy;
	struct curl_slist *headers;
	struct buf body, answer;
	uint64_t tags[BATCH_EVENTS];
	size_t count;
	int64_t due_ms; /* RESTING until then */
	int tries;
	char problem[CURL_ERROR_SIZE];
};

struct sender {
	struct sender_settings set;
	CURLM *multi;
	char *url;
	struct slot slots[SLOTS_MAX];
	size_t slot_count;
	struct slot *filling; /* or NULL */
	struct arena *arena;
	struct sender_counts counts;
	int64_t answered_ms; /* the last time the collector took something */
};

static size_t
take_answer(char *data, size_t size, size_t count, void *ctx)
{
	struct slot *slot = ctx;

	if (slot->answer.len + size * count > ANSWER_MAX)
		return 0; /* no collector says as much */
	buf_add(&slot->answer, data, size * count);
	return size * count;
}

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

static bool
prepare(struct sender *s, struct slot *slot)
{
	CURL *c = slot->easy = curl_easy_init();

	return c != NULL &&
	       curl_easy_setopt(c, CURLOPT_URL, s->url) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https") ==
		   CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_PRIVATE, slot) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_POST, 1L) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, CONNECT_S) ==
		   CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_TIMEOUT, ANSWER_S) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_ERRORBUFFER, slot->problem) ==
		   CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_answer) ==
		   CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_WRITEDATA, slot) == CURLE_OK;
}

struct sender *
sender_open(const struct sender_settings *set, struct error *err)
{
	struct sender *s;
	bool ok;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		error_set(err, ERROR_FATAL, "libcurl does not start");
		return NULL;
	}
	s = mem_zero(1, sizeof(*s));
	s->set = *set;
	s->slot_count = set->in_flight < 1 ? 1 : (size_t)set->in_flight;
	if (s->slot_count > SLOTS_MAX)
		s->slot_count = SLOTS_MAX;
	s->url = events_url(set->url);
	s->arena = arena_new(16384);
	s->multi = curl_multi_init();
	ok = s->multi != NULL;
	for (size_t i = 0; ok && i < s->slot_count; i++)
		ok = prepare(s, &s->slots[i]);
	if (!ok) {
		error_set(err, ERROR_FATAL, "libcurl cannot use %s", set->url);
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
	for (size_t i = 0; i < s->slot_count; i++) {
		struct slot *slot = &s->slots[i];

		if (slot->state == FLYING)
			curl_multi_remove_handle(s->multi, slot->easy);
		curl_easy_cleanup(slot->easy);
		curl_slist_free_all(slot->headers);
		buf_free(&slot->body);
		buf_free(&slot->answer);
	}
	curl_multi_cleanup(s->multi);
	curl_global_cleanup();
	arena_free(s->arena);
	free(s->url);
	free(s);
}

struct sender_counts
sender_counts(const struct sender *s)
{
	return s->counts;
}

/* The headers of SLOT's body as sent now: a signature is good for minutes. */
static void
sign(struct sender *s, struct slot *slot)
{
	struct buf text = { 0 };
	uint8_t mac[SHA256_BYTES];
	char hex[2 * SHA256_BYTES + 1];
	long long now_s = clock_wall_ms() / 1000;

	buf_printf(&text, "%lld.", now_s);
	buf_add_str(&text, buf_str(&slot->body));
	digest_hmac_sha256(s->set.key, buf_str(&text), mac);
	digest_hex(mac, sizeof(mac), hex);
	text.len = 0;
	buf_printf(&text, "Afterclick-Signature: t=%lld,v1=%s", now_s, hex);
	curl_slist_free_all(slot->headers);
	slot->headers = curl_slist_append(NULL, buf_text(&text));
	slot->headers =
	    curl_slist_append(slot->headers, "Content-Type: application/json");
	/* curl would wait for a 100 before each larger body. */
	slot->headers = curl_slist_append(slot->headers, "Expect:");
	buf_free(&text);
}

static bool
launch(struct sender *s, struct slot *slot, struct error *err)
{
	sign(s, slot);
	slot->answer.len = 0;
	slot->problem[0] = '\0';
	slot->state = FLYING;
	curl_easy_setopt(slot->easy, CURLOPT_HTTPHEADER, slot->headers);
	curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDS, slot->body.data);
	curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDSIZE_LARGE,
	    (curl_off_t)slot->body.len);
	if (curl_multi_add_handle(s->multi, slot->easy) == CURLM_OK)
		return true;
	slot->state = RESTING;
	return error_set(err, ERROR_FATAL, "libcurl takes no request");
}

/* Reads the answer {"accepted":n,"rejected":[{"index":i,"reason":"..."}]}. */
static bool
settle(struct sender *s, struct slot *slot, struct error *err)
{
	const struct json *answer, *list, *index, *reason;
	int64_t at, rejected = 0, accepted = 0;

	arena_reset(s->arena);
	answer = json_read(s->arena, buf_str(&slot->answer), err);
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

/* SLOT's request has ended with CODE: what now? */
static bool
landed(struct sender *s, struct slot *slot, CURLcode code, struct error *err)
{
	long status = 0;
	char what[CURL_ERROR_SIZE + 32];

	if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL)
		return error_set(err, ERROR_FATAL, "%s: %s", s->url,
		    curl_easy_strerror(code));
	if (code != CURLE_OK) {
		snprintf(what, sizeof(what), "%s",
		    slot->problem[0] ? slot->problem
				     : curl_easy_strerror(code));
		return rest(s, slot, what, err);
	}
	curl_easy_getinfo(slot->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status == 200)
		return settle(s, slot, err);
	if (status >= 500 || status == 429 || status == 408) {
		snprintf(what, sizeof(what), "the answer was %ld", status);
		return rest(s, slot, what, err);
	}
	if (status == 401)
		return error_set(err, ERROR_FATAL,
		    "%s: the collector refuses our signature (401): the site's "
		    "api_keys here and at the collector must have a key in "
		    "common, and the clocks must agree",
		    s->url);
	return error_set(err, ERROR_FATAL, "%s: the answer was %ld: %.*s",
	    s->url, status,
	    (int)(slot->answer.len < 200 ? slot->answer.len : 200),
	    slot->answer.data ? slot->answer.data : "");
}

/* One turn: relaunch who has rested, move bytes, read what has ended. With
 * WAIT it sleeps until something can be done. */
static bool
turn(struct sender *s, bool wait, struct error *err)
{
	int running, left, wait_ms = 1000;
	CURLMsg *message;
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
	if (curl_multi_perform(s->multi, &running) != CURLM_OK)
		return error_set(err, ERROR_FATAL, "libcurl cannot go on");
	while ((message = curl_multi_info_read(s->multi, &left)) != NULL) {
		struct slot *slot = NULL;
		CURLcode code = message->data.result;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(
		    message->easy_handle, CURLINFO_PRIVATE, &slot);
		curl_multi_remove_handle(s->multi, slot->easy);
		slot->state = RESTING;
		if (!landed(s, slot, code, err))
			return false;
		wait = false;
	}
	if (wait)
		curl_multi_poll(s->multi, NULL, 0, wait_ms, NULL);
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

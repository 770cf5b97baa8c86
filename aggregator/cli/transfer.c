#include "aggregator/cli/transfer.h"

#include <assert.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX (1 << 20)
#define CONNECT_S 10L

struct slot {
	CURL *easy;
	struct curl_slist *headers;
	struct buf answer;
	bool flying;
	char problem[CURL_ERROR_SIZE];
};

struct transfers {
	CURLM *multi;
	struct slot *slots;
	size_t count;
	bool get;
};

static size_t
take_answer(char *data, size_t size, size_t count, void *ctx)
{
	struct slot *slot = ctx;

	if (slot->answer.len + size * count > ANSWER_MAX)
		return 0; /* nobody says as much */
	buf_add(&slot->answer, data, size * count);
	return size * count;
}

static bool
prepare(struct slot *slot, const struct transfer_settings *set)
{
	CURL *c = slot->easy = curl_easy_init();

	return c != NULL &&
	       curl_easy_setopt(c, CURLOPT_URL, set->url) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https") ==
		   CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_PRIVATE, slot) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_easy_setopt(c, set->get ? CURLOPT_HTTPGET : CURLOPT_POST,
		   1L) == CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, CONNECT_S) ==
		   CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_TIMEOUT, set->answer_s) ==
		   CURLE_OK &&
	       (set->ca_file == NULL || curl_easy_setopt(c, CURLOPT_CAINFO,
					    set->ca_file) == CURLE_OK) &&
	       curl_easy_setopt(c, CURLOPT_ERRORBUFFER, slot->problem) ==
		   CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_answer) ==
		   CURLE_OK &&
	       curl_easy_setopt(c, CURLOPT_WRITEDATA, slot) == CURLE_OK;
}

struct transfers *
transfers_open(const struct transfer_settings *set, struct error *err)
{
	struct transfers *t;
	bool ok;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		error_set(err, ERROR_FATAL, "libcurl does not start");
		return NULL;
	}
	t = mem_zero(1, sizeof(*t));
	t->count = set->slots;
	t->get = set->get;
	t->slots = mem_zero(t->count, sizeof(*t->slots));
	t->multi = curl_multi_init();
	ok = t->multi != NULL;
	for (size_t i = 0; ok && i < t->count; i++)
		ok = prepare(&t->slots[i], set);
	if (!ok) {
		/* Without the URL: there may be a secret in it. */
		error_set(err, ERROR_FATAL, "libcurl takes no such settings");
		transfers_close(t);
		return NULL;
	}
	return t;
}

void
transfers_close(struct transfers *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < t->count; i++) {
		struct slot *slot = &t->slots[i];

		if (slot->flying)
			curl_multi_remove_handle(t->multi, slot->easy);
		curl_easy_cleanup(slot->easy);
		curl_slist_free_all(slot->headers);
		buf_free(&slot->answer);
	}
	curl_multi_cleanup(t->multi);
	curl_global_cleanup();
	free(t->slots);
	free(t);
}

bool
transfers_start(struct transfers *t, size_t at, const char *const *headers,
    struct str body, struct error *err)
{
	struct slot *slot = &t->slots[at];

	assert(!slot->flying);
	slot->answer.len = 0;
	slot->problem[0] = '\0';
	curl_slist_free_all(slot->headers);
	/* curl would wait for a 100 before each larger body. */
	slot->headers = curl_slist_append(NULL, "Expect:");
	for (; *headers != NULL; headers++)
		slot->headers = curl_slist_append(slot->headers, *headers);
	curl_easy_setopt(slot->easy, CURLOPT_HTTPHEADER, slot->headers);
	if (!t->get) {
		curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDS, body.data);
		curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)body.len);
	}
	if (curl_multi_add_handle(t->multi, slot->easy) != CURLM_OK)
		return error_set(err, ERROR_FATAL, "libcurl takes no request");
	slot->flying = true;
	return true;
}

static bool
is_hopeless(CURLcode code)
{
	return code == CURLE_URL_MALFORMAT ||
	       code == CURLE_UNSUPPORTED_PROTOCOL ||
	       code == CURLE_PEER_FAILED_VERIFICATION ||
	       code == CURLE_SSL_CACERT_BADFILE;
}

static bool
is_unsent(CURLcode code)
{
	return is_hopeless(code) || code == CURLE_COULDNT_RESOLVE_HOST ||
	       code == CURLE_COULDNT_CONNECT || code == CURLE_SSL_CONNECT_ERROR;
}

bool
transfers_next(struct transfers *t, struct transfer_end *end)
{
	struct slot *slot = NULL;
	curl_off_t after = 0;
	CURLMsg *message;
	CURLcode code;
	int running, left;

	curl_multi_perform(t->multi, &running);
	do {
		message = curl_multi_info_read(t->multi, &left);
		if (message == NULL)
			return false;
	} while (message->msg != CURLMSG_DONE);
	code = message->data.result; /* dies with the next call */
	curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &slot);
	curl_multi_remove_handle(t->multi, slot->easy);
	slot->flying = false;
	*end = (struct transfer_end){ .slot = (size_t)(slot - t->slots),
		.answered = code == CURLE_OK,
		.hopeless = is_hopeless(code),
		.unsent = is_unsent(code),
		.problem =
		    slot->problem[0] ? slot->problem : curl_easy_strerror(code),
		.body = buf_str(&slot->answer) };
	if (end->answered) {
		curl_easy_getinfo(
		    slot->easy, CURLINFO_RESPONSE_CODE, &end->status);
		curl_easy_getinfo(slot->easy, CURLINFO_RETRY_AFTER, &after);
		end->retry_after_s = after;
		curl_easy_getinfo(
		    slot->easy, CURLINFO_REDIRECT_URL, &end->location);
		curl_easy_getinfo(
		    slot->easy, CURLINFO_CONTENT_TYPE, &end->content_type);
	}
	return true;
}

void
transfers_wait(struct transfers *t, int wait_ms)
{
	curl_multi_poll(t->multi, NULL, 0, wait_ms, NULL);
}

/* --- addresses ------------------------------------------------------------ */

static char *
take_part(CURLU *u, CURLUPart part)
{
	char *text = NULL, *copy;

	if (curl_url_get(u, part, &text, 0) != CURLUE_OK)
		return NULL;
	copy = str_dup(str_of(text));
	curl_free(text);
	return copy;
}

/* A and B joined by MARK; takes both, either may be NULL. */
static char *
glue(char *a, char mark, char *b)
{
	struct buf out = { 0 };

	if (b == NULL)
		return a;
	buf_printf(&out, "%s%c%s", a == NULL ? "" : a, mark, b);
	free(a);
	free(b);
	a = str_dup(buf_str(&out));
	buf_free(&out);
	return a;
}

bool
transfer_url_join(const char *base, const char *ref, struct transfer_url *out)
{
	CURLU *u = curl_url();
	bool ok =
	    u != NULL &&
	    (base == NULL ||
		curl_url_set(u, CURLUPART_URL, base, 0) == CURLUE_OK) &&
	    curl_url_set(u, CURLUPART_URL, ref, CURLU_URLENCODE) == CURLUE_OK;

	*out = (struct transfer_url){ 0 };
	if (ok) {
		curl_url_set(u, CURLUPART_FRAGMENT, NULL, 0);
		out->url = take_part(u, CURLUPART_URL);
		out->scheme = take_part(u, CURLUPART_SCHEME);
		out->host = glue(take_part(u, CURLUPART_HOST), ':',
		    take_part(u, CURLUPART_PORT));
		out->path = glue(take_part(u, CURLUPART_PATH), '?',
		    take_part(u, CURLUPART_QUERY));
	}
	curl_url_cleanup(u);
	return ok && out->url != NULL && out->host != NULL &&
	       out->path != NULL && out->scheme != NULL &&
	       (strcmp(out->scheme, "http") == 0 ||
		   strcmp(out->scheme, "https") == 0);
}

void
transfer_url_free(struct transfer_url *u)
{
	free(u->url);
	free(u->scheme);
	free(u->host);
	free(u->path);
	*u = (struct transfer_url){ 0 };
}

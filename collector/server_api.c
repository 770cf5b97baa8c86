/*
 * server_api.c - the server lane.
 *
 * Which keys may have signed is known only from the events' sites, so the
 * body is read first; reading is bounded and cheaper than trying the keys of
 * all sites. Each site's keys are tried once a request.
 */
#include "collector/server_api.h"

#include "collector/batch.h"
#include "common/digest.h"

#define SIGNATURES_MAX 4 /* v1 parts that are looked at */

struct signature {
	struct str t; /* as written: it is part of what was signed */
	int64_t time_s;
	uint8_t mac[SIGNATURES_MAX][SHA256_BYTES];
	size_t count;
};

static bool
read_signature(struct str header, struct signature *sig)
{
	struct str part;

	*sig = (struct signature){ 0 };
	while (str_cut(&header, ',', &part)) {
		part = str_trim(part);
		if (str_starts(part, STR("t="))) {
			if (sig->t.len > 0)
				return false;
			sig->t = str_from(part, 2);
		} else if (str_starts(part, STR("v1="))) {
			if (sig->count == SIGNATURES_MAX ||
			    !digest_unhex(str_from(part, 3),
				sig->mac[sig->count], SHA256_BYTES))
				return false;
			sig->count++;
		}
	}
	return sig->count > 0 && sig->t.len <= 19 &&
	       str_int(sig->t, 0, INT64_MAX, &sig->time_s);
}

const char *
server_api_verify(
    struct str header, struct str body, const struct texts *keys, int64_t now_s)
{
	struct signature sig;
	struct buf text = { 0 };
	bool good = false;

	if (header.len == 0)
		return "Afterclick-Signature is missing";
	if (!read_signature(header, &sig))
		return "Afterclick-Signature is not t=...,v1=...";
	if (sig.time_s > now_s + SERVER_API_SKEW_S ||
	    sig.time_s < now_s - SERVER_API_SKEW_S)
		return "the signature's time is more than 300 s away";
	buf_reserve(&text, sig.t.len + 1 + body.len);
	buf_add_str(&text, sig.t);
	buf_add_char(&text, '.');
	buf_add_str(&text, body);
	for (size_t k = 0; k < keys->count; k++) {
		uint8_t mac[SHA256_BYTES];

		if (keys->at[k][0] == '\0')
			continue; /* a secret that everybody knows */
		digest_hmac_sha256(str_of(keys->at[k]), buf_str(&text), mac);
		for (size_t i = 0; i < sig.count; i++)
			good |= digest_equal(mac, sig.mac[i], sizeof(mac));
	}
	buf_free(&text);
	return good ? NULL : "the signature is wrong";
}

/* What came of the signature for each site of the request so far. */
struct verdict {
	const struct site *site;
	const char *why; /* NULL: it is good */
	struct verdict *next;
};

static const struct verdict *
verdict_for(struct request *r, struct verdict **list, const struct site *site)
{
	struct verdict *v = *list;

	while (v != NULL && v->site != site)
		v = v->next;
	if (v != NULL)
		return v;
	v = arena_alloc(r->arena, sizeof(*v));
	v->site = site;
	v->why = server_api_verify(http_header(r->http, "Afterclick-Signature"),
	    r->http->body, &site->api_keys,
	    exchange_now_ms(r->exchange) / 1000);
	v->next = *list;
	*list = v;
	return v;
}

/* Refuses the request as a whole unless one of its sites has signed it. */
static bool
admit(struct request *r, const struct batch *b, struct verdict **list)
{
	const char *why = NULL;
	size_t known = 0, index = 0;

	for (const struct json *e = b->first; index < b->count;
	     e = e->next, index++) {
		const struct site *site = hit_site(&r->context, e);

		if (site == NULL)
			continue;
		known++;
		why = verdict_for(r, list, site)->why;
		if (why == NULL)
			return true;
	}
	if (known == 0) {
		request_refused(r, NULL, METRIC_REJECTED_SITE, b->count);
		request_refuse(r, 400, "site is missing or not one of ours");
	} else {
		request_refused(r, NULL, METRIC_REJECTED_SIGNATURE, b->count);
		request_refuse(r, 401, why);
	}
	return false;
}

void
server_api_handle(struct request *r)
{
	struct batch b;
	struct verdict *verdicts = NULL;
	size_t index = 0;

	request_context(r, HIT_SERVER);
	if (http_header(r->http, "Afterclick-Signature").len == 0) {
		request_refused(r, NULL, METRIC_REJECTED_SIGNATURE, 1);
		request_refuse(r, 401, "Afterclick-Signature is missing");
		return;
	}
	if (!batch_read(r, SERVER_API_EVENTS_MAX, &b) ||
	    !admit(r, &b, &verdicts))
		return;
	for (const struct json *e = b.first; index < b.count;
	     e = e->next, index++) {
		const struct site *site = hit_site(&r->context, e);
		const char *why =
		    site ? verdict_for(r, &verdicts, site)->why : NULL;

		if (why != NULL) {
			batch_refuse(r, &b, index, site, NULL,
			    &(struct hit_refusal){
				"", why, METRIC_REJECTED_SIGNATURE });
			continue;
		}
		batch_take(r, &b, index, e);
	}
	batch_answer(r, &b, 200);
	buf_free(&b.report);
}

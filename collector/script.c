/*
 * script.c - two files out of memory. Before the first stands, where a site
 * needs it, what the page must know of sites.yaml; its hash is of both.
 */
#include "collector/script.h"

#include <pthread.h>

#include "collector/tracker/tracker_js.h" /* made by make */
#include "common/digest.h"
#include "common/json.h"

#define HASH_BYTES 4
#define HASH_LEN ((size_t)2 * HASH_BYTES)
#define SHORT STR("public, max-age=3600")

static char extension_hash[HASH_LEN + 1];
static pthread_once_t hashed = PTHREAD_ONCE_INIT;

static struct str
tracker(void)
{
	return str_make(js_tracker, sizeof(js_tracker) - 1);
}

static struct str
extension(void)
{
	return str_make(js_extension, sizeof(js_extension) - 1);
}

static void
make_hash(struct str text, char out[HASH_LEN + 1])
{
	uint8_t sum[SHA256_BYTES];

	digest_sha256(text, sum);
	digest_hex(sum, HASH_BYTES, out);
}

static void
make_extension_hash(void)
{
	make_hash(extension(), extension_hash);
}

/* PLAIN is STEM.js or STEM. */
static struct str
stem_of(struct str plain, struct str *end)
{
	*end = str_ends(plain, STR(".js")) ? STR(".js") : STR_EMPTY;
	return str_head(plain, plain.len - end->len);
}

static bool
is_hash(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (strchr("0123456789abcdef", s.data[i]) == NULL)
			return false;
	}
	return s.len == HASH_LEN;
}

enum script_name
script_name(struct str plain, struct str path, struct str *hash)
{
	struct str end, stem = stem_of(plain, &end);
	bool more;

	*hash = STR_EMPTY;
	if (str_eq(plain, path))
		return SCRIPT_TRACKER;
	if (!str_starts(path, stem) || !str_ends(path, end) ||
	    path.len < stem.len + end.len + 1 + HASH_LEN)
		return SCRIPT_NONE;
	path =
	    str_head(str_from(path, stem.len), path.len - stem.len - end.len);
	more = str_starts(path, STR("-x"));
	*hash = str_from(path, more ? 2 : 1);
	if (path.data[0] != '-' || !is_hash(*hash))
		return SCRIPT_NONE;
	return more ? SCRIPT_EXTENSION : SCRIPT_TRACKER;
}

/* --- what the page must know ------------------------------------------------
 */
static void
write_texts(struct json_writer *w, struct str key, const struct texts *texts)
{
	if (texts->count == 0)
		return;
	json_key(w, key);
	json_begin_array(w);
	for (size_t i = 0; i < texts->count; i++)
		json_string(w, str_of(texts->at[i]));
	json_end_array(w);
}

static void
write_rule(struct json_writer *w, struct str key, const char *text)
{
	if (*text == '\0')
		return;
	json_key(w, key);
	json_string(w, str_of(text));
}

static void
write_goal(struct json_writer *w, const struct goal *g)
{
	json_begin_object(w);
	write_rule(w, STR("name"), g->name);
	write_rule(w, STR("form"), g->form);
	write_rule(w, STR("download"), g->download);
	write_rule(w, STR("outbound"), g->outbound);
	if (g->time_on_site_ms > 0) {
		json_key(w, STR("time_on_site"));
		json_int(w, g->time_on_site_ms);
	}
	if (g->scroll > 0) {
		json_key(w, STR("scroll"));
		json_int(w, g->scroll);
	}
	json_end_object(w);
}

static size_t
page_goals(const struct site *site)
{
	const struct goal *goals = site->goals.at;
	size_t count = 0;

	for (size_t i = 0; i < site->goals.count; i++)
		count += goal_is_of_page(&goals[i]);
	return count;
}

static void
write_goals(struct json_writer *w, const struct site *site)
{
	const struct goal *goals = site->goals.at;

	json_key(w, STR("goals"));
	json_begin_array(w);
	for (size_t i = 0; i < site->goals.count; i++) {
		if (goal_is_of_page(&goals[i]))
			write_goal(w, &goals[i]);
	}
	json_end_array(w);
}

struct str
script_tracker(struct arena *arena, const struct site *site)
{
	static const char *const consents[] = { "", "granted", "denied",
		"wait" };
	struct buf out = { 0 };
	struct json_writer w;
	struct str text;
	size_t goals = site == NULL ? 0 : page_goals(site);
	bool more =
	    site != NULL && (goals > 0 || site->consent_from.count > 0 ||
				site->link_hosts.count > 0);

	if (!more && (site == NULL || (site->consent == SITE_CONSENT_UNKNOWN &&
					  site->dnt == SITE_DNT_IGNORE)))
		return tracker();
	buf_add_str(&out, STR("document.currentScript.ac="));
	w = json_write(&out);
	json_begin_object(&w);
	write_rule(&w, STR("site"), site->id);
	write_rule(&w, STR("consent"), consents[site->consent]);
	if (site->dnt == SITE_DNT_DENY) {
		json_key(&w, STR("dnt"));
		json_raw(&w, STR("true"));
	}
	if (more) {
		json_key(&w, STR("extension"));
		json_raw(&w, STR("true"));
	}
	write_texts(&w, STR("consent_from"), &site->consent_from);
	write_texts(&w, STR("link_hosts"), &site->link_hosts);
	if (goals > 0)
		write_goals(&w, site);
	json_end_object(&w);
	buf_add_str(&out, STR(";\n"));
	buf_add_str(&out, tracker());
	text = arena_str(arena, buf_str(&out));
	buf_free(&out);
	return text;
}

/* --- answers ----------------------------------------------------------------
 */
static void
serve(struct request *r, struct str text, struct str named)
{
	struct str theirs = http_header(r->http, "If-None-Match"), one, etag;
	bool same = str_is(theirs, "*");
	char hash[HASH_LEN + 1];

	make_hash(text, hash);
	etag = arena_printf(r->arena, "\"%s\"", hash);
	while (!same && str_cut(&theirs, ',', &one)) {
		one = str_trim(one);
		if (str_starts(one, STR("W/")))
			one = str_from(one, 2);
		same = str_eq(one, etag);
	}
	exchange_header(r->exchange, "ETag", etag);
	/* An old name is served too: pages may be older than the script. */
	exchange_header(r->exchange, "Cache-Control",
	    str_is(named, hash) ? STR("public, max-age=31536000, immutable")
				: SHORT);
	/* The same bytes for everybody: any page may check and run them. */
	exchange_header(r->exchange, "Access-Control-Allow-Origin", STR("*"));
	exchange_header(
	    r->exchange, "Cross-Origin-Resource-Policy", STR("cross-origin"));
	if (same) {
		request_answer(r, 304, STR_EMPTY);
		return;
	}
	exchange_header(
	    r->exchange, "Content-Type", STR("text/javascript; charset=utf-8"));
	exchange_header(r->exchange, "X-Content-Type-Options", STR("nosniff"));
	request_answer(r, 200, text);
}

void
script_handle(struct request *r)
{
	struct str plain = str_of(r->shared->set->paths.script), hash, text;
	struct str end, stem = stem_of(plain, &end), id = STR_EMPTY;
	struct str rest = r->http->query, name, value;
	const struct site *site;
	char now[HASH_LEN + 1];

	if (script_name(plain, r->http->path, &hash) == SCRIPT_EXTENSION) {
		pthread_once(&hashed, make_extension_hash);
		serve(r, extension(), hash);
		return;
	}
	while (http_next_param(&rest, r->arena, &name, &value)) {
		if (id.len == 0 && str_is(name, "site"))
			id = value;
	}
	site = id.len > 0 ? sites_find(r->shared->sites, id)
			  : sites_by_host(r->shared->sites, r->http->host);
	text = script_tracker(r->arena, site);
	make_hash(text, now);
	/* Where the immutable name is to be seen. */
	exchange_header(r->exchange, "Content-Location",
	    arena_printf(r->arena, "%.*s-%s%.*s%s%s", STR_ARG(stem), now,
		STR_ARG(end), id.len > 0 && site != NULL ? "?site=" : "",
		id.len > 0 && site != NULL ? site->id : ""));
	serve(r, text, hash);
}

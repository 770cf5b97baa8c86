/*
 * verify_page.c - finds the tag by its name or attributes and asks the file
 * itself whether it is the tracker.
 */
#include "aggregator/cli/verify_page.h"

#include <string.h>

#include "common/clock.h"
#include "common/json.h"

#define ANSWER_S 10L
#define REDIRECTS_MAX 5
#define SIGNATURE "Afterclick tracker" /* the tracker's first comment */

/* One request. The answer's texts are copied to the arena. */
static bool
ask(struct fetcher *f, const char *url, struct fetched *out,
    const char **location)
{
	static const char *const headers[] = {
		"User-Agent: " VERIFY_AGENT "/1 (the site's own check)", NULL
	};
	int64_t left_s = (f->until_ms - clock_mono_ms()) / 1000 + 1;
	struct transfer_settings set = { .url = url,
		.slots = 1,
		.ca_file = f->ca_file,
		.answer_s = left_s < 1          ? 1
			    : left_s < ANSWER_S ? (long)left_s
						: ANSWER_S,
		.get = true };
	struct transfer_end end;
	struct transfers *t;
	struct error err;

	t = transfers_open(&set, &err);
	if (t == NULL || !transfers_start(t, 0, headers, STR_EMPTY, &err)) {
		out->problem = arena_str(f->arena, str_of(err.text)).data;
		transfers_close(t);
		return false;
	}
	while (!transfers_next(t, &end))
		transfers_wait(t, 1000);
	*location = NULL;
	if (end.answered) {
		out->status = end.status;
		out->html =
		    end.content_type != NULL &&
		    str_istarts(str_of(end.content_type), STR("text/html"));
		out->body = arena_str(f->arena, end.body);
		if (end.location != NULL)
			*location =
			    arena_str(f->arena, str_of(end.location)).data;
	} else {
		out->problem = arena_str(f->arena, str_of(end.problem)).data;
	}
	transfers_close(t);
	return out->problem == NULL;
}

bool
fetch(struct fetcher *f, const char *url, struct fetched *out)
{
	*out = (struct fetched){ .url = url };
	for (int i = 0; i <= REDIRECTS_MAX; i++) {
		const char *location;
		struct transfer_url u;
		bool ours;

		if (!ask(f, out->url, out, &location))
			return false;
		if (location == NULL)
			return true;
		ours = transfer_url_join(out->url, location, &u) &&
		       (f->host == NULL || strcmp(u.host, f->host) == 0);
		if (ours)
			out->url = arena_str(f->arena, str_of(u.url)).data;
		else
			out->elsewhere = location;
		transfer_url_free(&u);
		if (!ours)
			return true;
	}
	out->problem = "is redirected without an end";
	return false;
}

/* --- the tag ----------------------------------------------------------------
 */

/* The last part of URL's path. */
static struct str
file_name(const char *url)
{
	struct str path = str_head(str_of(url), strcspn(url, "?#"));

	for (size_t i = path.len; i-- > 0;) {
		if (path.data[i] == '/')
			return str_from(path, i + 1);
	}
	return path;
}

/* t.js, or t-HASH.js, the same under a name that never changes. */
static bool
is_named(const char *url, const char *script)
{
	struct str name = file_name(url), plain = str_of(script), end;
	ptrdiff_t dot = str_find_char(plain, '.');

	if (str_eq(name, plain))
		return true;
	if (dot < 0)
		return false;
	end = str_from(plain, (size_t)dot);
	return name.len == plain.len + 9 &&
	       str_starts(name, str_head(plain, (size_t)dot)) &&
	       name.data[dot] == '-' && str_ends(name, end);
}

/* The value of the parameter site in URL's query, or NULL. */
static const char *
site_param(struct arena *arena, const char *url)
{
	const char *at = strchr(url, '?');

	while (at != NULL) {
		at++;
		if (strncmp(at, "site=", 5) == 0)
			return arena_str(
			    arena, str_make(at + 5, strcspn(at + 5, "&#")))
			    .data;
		at = strchr(at, '&');
	}
	return NULL;
}

static const char *
joined(struct arena *arena, const char *base, const char *ref)
{
	struct transfer_url u;
	const char *url = transfer_url_join(base, ref, &u)
			      ? arena_str(arena, str_of(u.url)).data
			      : NULL;

	transfer_url_free(&u);
	return url;
}

/* The site that the file itself is made for: in the settings before it. */
static const char *
site_of_file(struct arena *arena, struct str body)
{
	static const char key[] = "\"site\":\"";
	ptrdiff_t end = str_find(body, STR(SIGNATURE));
	ptrdiff_t at;

	body = end < 0 ? STR_EMPTY : str_head(body, (size_t)end);
	at = str_find(body, str_of(key));
	if (at < 0)
		return NULL;
	body = str_from(body, (size_t)at + sizeof(key) - 1);
	end = str_find_char(body, '"');
	return end < 0 ? NULL
		       : arena_str(arena, str_head(body, (size_t)end)).data;
}

static void
read_script(struct page *p, struct fetcher *f, const struct html_tag *tag,
    const char *url)
{
	struct fetcher any = { f->arena, f->ca_file, NULL, f->until_ms };
	const char *endpoint = html_attribute(tag, "data-endpoint", f->arena);
	struct fetched got;

	if (p->kind != NULL) {
		p->remark = "the tag is there twice: the first one counts";
		return;
	}
	p->kind = "script";
	p->script = url;
	p->site = html_attribute(tag, "data-site", f->arena);
	if (p->site == NULL)
		p->site = site_param(f->arena, url);
	p->consent = html_attribute(tag, "data-consent", f->arena);
	p->endpoint = joined(
	    f->arena, endpoint ? p->url : url, endpoint ? endpoint : "e");
	if (!fetch(&any, url, &got))
		p->problem =
		    arena_printf(f->arena, "the script: %s", got.problem).data;
	else if (got.status != 200)
		p->problem = arena_printf(
		    f->arena, "the script is answered %ld", got.status)
				 .data;
	else if (str_find(got.body, STR(SIGNATURE)) < 0)
		p->problem = "the script is not the tracker";
	else if (p->site == NULL)
		p->site = site_of_file(f->arena, got.body);
	if (p->consent != NULL && strcmp(p->consent, "wait") == 0)
		p->remark = "sends nothing before it knows of consent";
}

static void
read_tag(struct page *p, struct fetcher *f, const struct html_tag *tag,
    const char *base, const char *script)
{
	bool is_script = str_ieq(tag->name, STR("script"));
	const char *src = html_attribute(tag, "src", f->arena);
	const char *url = src == NULL ? NULL : joined(f->arena, base, src);

	if (url == NULL)
		return;
	if (is_script &&
	    (is_named(url, script) ||
		html_attribute(tag, "data-site", f->arena) != NULL ||
		html_attribute(tag, "data-endpoint", f->arena) != NULL)) {
		read_script(p, f, tag, url);
	} else if (!is_script && p->kind == NULL &&
		   str_is(file_name(url), "p") &&
		   site_param(f->arena, url) != NULL) {
		p->kind = "pixel";
		p->script = p->endpoint = url;
		p->site = site_param(f->arena, url);
	}
}

void
verify_page(struct page *p, struct fetcher *f, const char *url, struct str body,
    const char *script, const char *site,
    void (*link)(void *ctx, const char *base, const char *ref), void *ctx)
{
	const char *base = url, *ref;
	struct str rest = body;
	struct html_tag tag;

	while (html_next(&rest, &tag)) {
		if (str_ieq(tag.name, STR("base"))) {
			ref = html_attribute(&tag, "href", f->arena);
			ref = ref == NULL ? NULL : joined(f->arena, url, ref);
			base = ref == NULL ? base : ref;
		} else if (str_ieq(tag.name, STR("a"))) {
			ref = html_attribute(&tag, "href", f->arena);
			if (ref != NULL)
				link(ctx, base, ref);
		} else if (str_ieq(tag.name, STR("title")) &&
			   p->title == NULL) {
			p->title = html_text(&tag, f->arena).data;
		} else if (str_ieq(tag.name, STR("script")) ||
			   str_ieq(tag.name, STR("img"))) {
			read_tag(p, f, &tag, base, script);
		}
	}
	if (p->kind == NULL)
		p->problem = "no tag";
	else if (site != NULL && p->problem == NULL &&
		 (p->site == NULL || strcmp(p->site, site) != 0))
		p->problem = arena_printf(f->arena, "the tag is of %s",
		    p->site ? p->site : "whatever site the host has")
				 .data;
}

void
verify_sends(const struct page *p, struct buf *out)
{
	struct json_writer w = json_write(out);

	json_begin_object(&w);
	json_key(&w, STR("type"));
	json_string(&w, STR("page"));
	if (p->site != NULL) {
		json_key(&w, STR("site"));
		json_string(&w, str_of(p->site));
	}
	json_key(&w, STR("url"));
	json_string(&w, str_of(p->url));
	if (p->title != NULL && p->title[0] != '\0') {
		json_key(&w, STR("title"));
		json_string(&w, str_of(p->title));
	}
	json_end_object(&w);
}

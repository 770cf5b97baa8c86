/*
 * afterclick verify-site - whether the tag is on the pages of one's own site,
 * whose hits they would be, and where they would go. Fetches politely: one
 * page at a time, of one host, what its robots.txt allows.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregator/cli/commands.h"
#include "aggregator/cli/context.h"
#include "aggregator/cli/options.h"
#include "aggregator/cli/robots.h"
#include "aggregator/cli/table.h"
#include "aggregator/cli/verify_page.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/process.h"

#define PAGES_MAX 1000
#define FOUND_MAX 10000 /* addresses that wait; further ones are not noted */
#define SITEMAPS_MAX 20

struct options {
	const char *site, *script, *pages, *ca_file;
	int64_t timeout_ms;
	bool json;
};

#define ROW(name, kind, member, value, help)                                   \
	{                                                                      \
		name, OPTIONS_##kind, offsetof(struct options, member), value, \
		    help, false, NULL                                          \
	}
static const struct options_row rows[] = {
	ROW("site", TEXT, site, "SITE", "the site whose tag must be there"),
	ROW("script", TEXT, script, "NAME",
	    "name of the tracker's file; default t.js"),
	ROW("pages", TEXT, pages, "N", "look at N pages at most; default 20"),
	ROW("timeout", DURATION, timeout_ms, "TIME",
	    "for all pages together; default 60s"),
	ROW("ca-file", TEXT, ca_file, "FILE",
	    "certificates to trust; default the system's"),
	ROW("json", FLAG, json, NULL, "as JSON"),
	{ NULL, OPTIONS_FLAG, 0, NULL, NULL, false, NULL },
};
static const struct options_command command = {
	.usage = "verify-site URL [--site SITE] [--script NAME] [--pages N]\n"
		 "       [--timeout TIME] [--ca-file FILE] [--json]",
	.summary =
	    "Fetches URL and pages of the same host that it links to or its "
	    "sitemap\n"
	    "names, as far as robots.txt allows, and says for each whether the "
	    "tag is\n"
	    "there, with which site and collector, and what it would send. "
	    "Exits 1 if\n"
	    "a page has none. Tags that a tag manager adds are not seen.",
	.rows = rows,
	.least = 1,
	.most = 1,
};

struct crawl {
	const struct options *opt;
	struct arena *arena;
	struct fetcher fetch;
	struct str robots;
	char *host;         /* the only one that is asked */
	const char **found; /* in the order they were */
	size_t found_count, next;
	struct page *page;
	size_t page_count;
};

/* Notes the page REF of BASE, if it is one of the host's and new. */
static void
add(void *ctx, const char *base, const char *ref)
{
	struct crawl *c = ctx;
	struct transfer_url u;

	if (transfer_url_join(base, ref, &u) && strcmp(u.host, c->host) == 0 &&
	    c->found_count < FOUND_MAX) {
		size_t i = 0;

		while (i < c->found_count && strcmp(c->found[i], u.url) != 0)
			i++;
		if (i == c->found_count)
			c->found[c->found_count++] =
			    arena_str(c->arena, str_of(u.url)).data;
	}
	transfer_url_free(&u);
}

/* The addresses between <loc> and </loc>: pages, or further sitemaps. */
static void
read_sitemap(struct crawl *c, const char *url, int *left)
{
	struct fetched got;
	struct html_tag tag;
	struct str rest;
	bool index;

	if ((*left)-- <= 0 || !fetch(&c->fetch, url, &got) || got.status != 200)
		return;
	index = str_find(got.body, STR("<sitemapindex")) >= 0;
	rest = got.body;
	while (html_next(&rest, &tag)) {
		struct transfer_url u;
		struct str text;

		if (!str_ieq(tag.name, STR("loc")))
			continue;
		text = html_text(&tag, c->arena);
		if (!index)
			add(c, url, text.data);
		else if (transfer_url_join(url, text.data, &u)) {
			if (strcmp(u.host, c->host) == 0)
				read_sitemap(c, u.url, left);
			transfer_url_free(&u);
		} else {
			transfer_url_free(&u);
		}
	}
}

static bool
read_robots(struct crawl *c, const char *start, struct error *err)
{
	struct transfer_url u;
	struct fetched got;

	if (!transfer_url_join(start, "/robots.txt", &u)) {
		transfer_url_free(&u);
		return true;
	}
	if (fetch(&c->fetch, u.url, &got) && got.status >= 500) {
		transfer_url_free(&u);
		return error_set(err, ERROR_FATAL,
		    "robots.txt is answered %ld: by its rules nothing may be "
		    "fetched now",
		    got.status);
	}
	if (got.status == 200)
		c->robots = got.body;
	transfer_url_free(&u);
	return true;
}

static bool
may_fetch(struct crawl *c, const char *url)
{
	struct transfer_url u;
	bool may = transfer_url_join(NULL, url, &u) &&
		   robots_allow(c->robots, STR(VERIFY_AGENT), str_of(u.path));

	transfer_url_free(&u);
	return may;
}

/* The start page decides about the host: a site may send on to its www. */
static bool
begin(struct crawl *c, const char *start, struct error *err)
{
	struct transfer_url u;
	struct fetched got;
	int sitemaps = SITEMAPS_MAX;

	if (!transfer_url_join(NULL, start, &u)) {
		transfer_url_free(&u);
		return error_set(err, ERROR_FATAL,
		    "%s is no address of a page: it begins with http:// or "
		    "https://",
		    start);
	}
	c->host = u.host;
	u.host = NULL;
	c->fetch.host = c->host;
	add(c, NULL, u.url);
	transfer_url_free(&u);
	if (!read_robots(c, start, err))
		return false;
	if (!may_fetch(c, start))
		return error_set(
		    err, ERROR_FATAL, "robots.txt forbids to fetch %s", start);
	if (!fetch(&c->fetch, start, &got))
		return error_set(
		    err, ERROR_FATAL, "%s: %s", start, got.problem);
	if (got.elsewhere != NULL)
		return error_set(err, ERROR_FATAL,
		    "%s leads to %s, another host: verify that one", start,
		    got.elsewhere);
	if (transfer_url_join(start, "/sitemap.xml", &u))
		read_sitemap(c, u.url, &sitemaps);
	transfer_url_free(&u);
	return true;
}

static void
crawl(struct crawl *c, size_t most)
{
	while (c->next < c->found_count && c->page_count < most) {
		const char *url = c->found[c->next++];
		struct page *p = &c->page[c->page_count];
		struct fetched got;

		if (!may_fetch(c, url))
			continue;
		*p = (struct page){ .url = url };
		if (clock_mono_ms() >= c->fetch.until_ms) {
			fprintf(stderr,
			    "afterclick: --timeout is over: %zu pages were not "
			    "looked at\n",
			    c->found_count - c->next + 1);
			return;
		}
		if (!fetch(&c->fetch, url, &got)) {
			p->problem = got.problem;
		} else if (got.elsewhere != NULL || !got.html) {
			continue; /* no page of the site's */
		} else if (got.status != 200) {
			p->status = got.status;
			p->problem =
			    arena_printf(c->arena, "answered %ld", got.status)
				.data;
		} else {
			p->status = got.status;
			verify_page(p, &c->fetch, got.url, got.body,
			    c->opt->script, c->opt->site, add, c);
		}
		c->page_count++;
	}
}

/* --- what was found ---------------------------------------------------------
 */

static void
show_table(const struct crawl *c, struct buf *out)
{
	struct table *t = table_new();
	const struct page *sends = NULL;
	static const char *const titles[] = { "page", "tag", "site",
		"collector", "remark" };

	for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
		table_column(t, titles[i], false);
	for (size_t i = 0; i < c->page_count; i++) {
		const struct page *p = &c->page[i];

		table_cell(t, str_of(p->url));
		table_cell(t, p->kind == NULL ? STR("none") : str_of(p->kind));
		table_tone(
		    t, p->kind == NULL || p->problem ? TABLE_BAD : TABLE_GOOD);
		table_cell(t, p->site != NULL ? str_of(p->site)
			      : p->kind       ? STR("(by host)")
					      : STR_EMPTY);
		table_cell(t, str_of(p->endpoint));
		table_cell(t, str_of(p->problem ? p->problem : p->remark));
		if (sends == NULL && p->kind != NULL && p->endpoint != NULL)
			sends = p;
	}
	table_show(t, table_colour(), out);
	table_free(t);
	if (sends == NULL)
		return;
	buf_printf(out, "\nfor example, %s would send to %s:\n", sends->url,
	    sends->endpoint);
	verify_sends(sends, out);
	buf_add_char(out, '\n');
}

static void
json_text(struct json_writer *w, const char *key, const char *text)
{
	json_key(w, str_of(key));
	if (text == NULL)
		json_null(w);
	else
		json_string(w, str_of(text));
}

static void
show_json(const struct crawl *c, struct buf *out)
{
	struct json_writer w = json_write(out);

	json_begin_array(&w);
	for (size_t i = 0; i < c->page_count; i++) {
		const struct page *p = &c->page[i];
		struct buf sends = { 0 };

		json_begin_object(&w);
		json_text(&w, "page", p->url);
		json_key(&w, STR("status"));
		json_int(&w, p->status);
		json_text(&w, "tag", p->kind);
		json_text(&w, "site", p->site);
		json_text(&w, "script", p->script);
		json_text(&w, "collector", p->endpoint);
		json_text(&w, "consent", p->consent);
		json_text(&w, "problem", p->problem);
		json_text(&w, "remark", p->remark);
		json_key(&w, STR("sends"));
		if (p->kind != NULL && p->endpoint != NULL) {
			verify_sends(p, &sends);
			json_raw(&w, buf_str(&sends));
		} else {
			json_null(&w);
		}
		json_end_object(&w);
		buf_free(&sends);
	}
	json_end_array(&w);
	buf_add_char(out, '\n');
}

static int
report(const struct crawl *c)
{
	struct buf out = { 0 };
	size_t bad = 0;
	int code;

	for (size_t i = 0; i < c->page_count; i++)
		bad += c->page[i].kind == NULL || c->page[i].problem != NULL;
	if (c->opt->json)
		show_json(c, &out);
	else
		show_table(c, &out);
	code = context_print(&out);
	if (bad > 0)
		fprintf(stderr, "%zu of %zu pages are not as they should be\n",
		    bad, c->page_count);
	return code != EXIT_OK || bad > 0 || c->page_count == 0 ? EXIT_FAILED
								: EXIT_OK;
}

int
cli_verify_site(int argc, char **argv, const struct cli *cli)
{
	struct options opt = {
		.script = "t.js", .pages = "20", .timeout_ms = 60000
	};
	struct crawl c = { .opt = &opt };
	struct operands url;
	struct error err;
	int64_t most;
	int code;

	(void)cli; /* pages alone, no settings of ours */
	if (!options_read(&command, argc, argv, &opt, &url, &code))
		return code;
	if (!str_int(str_of(opt.pages), 1, PAGES_MAX, &most)) {
		fprintf(stderr, "afterclick: --pages %s is not 1 to %d\n",
		    opt.pages, PAGES_MAX);
		return EXIT_USAGE;
	}
	c.arena = arena_new(1 << 20);
	c.found = arena_alloc(c.arena, FOUND_MAX * sizeof(*c.found));
	c.page = arena_zero(c.arena, (size_t)most, sizeof(*c.page));
	c.fetch = (struct fetcher){ .arena = c.arena,
		.ca_file = opt.ca_file,
		.until_ms = clock_mono_ms() + opt.timeout_ms };
	if (begin(&c, url.at[0], &err)) {
		crawl(&c, (size_t)most);
		code = report(&c);
	} else {
		code = context_fail(&err);
	}
	free(c.host);
	arena_free(c.arena);
	return code;
}

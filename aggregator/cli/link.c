/*
 * afterclick link - a link that counts the click and leads on, signed where
 * the site has a key.
 */
#include "common/link.h"

#include <stdio.h>

#include "aggregator/cli/commands.h"
#include "aggregator/cli/context.h"
#include "aggregator/cli/options.h"
#include "common/process.h"

struct options {
	const char *to, *site, *at;
	const char *source, *medium, *campaign, *term, *content;
};

#define TEXT(name, value, help)                                                \
	{                                                                      \
#name, OPTIONS_TEXT, offsetof(struct options, name), value,    \
		    help, false, NULL                                          \
	}
static const struct options_row rows[] = {
	{ "to", OPTIONS_TEXT, offsetof(struct options, to), "URL",
	    "where the link leads", true, NULL },
	{ "site", OPTIONS_TEXT, offsetof(struct options, site), "ID",
	    "the site that counts the click", true, NULL },
	TEXT(at, "URL",
	    "the collector's redirect; default https://HOST/r with "
	    "the site's first host"),
	TEXT(source, "NAME", "the click's source"),
	TEXT(medium, "NAME", "the click's medium"),
	TEXT(campaign, "NAME", "the click's campaign"),
	TEXT(term, "NAME", "the click's term"),
	TEXT(content, "NAME", "the click's content"),
	{ NULL, 0, 0, NULL, NULL, false, NULL },
};
#undef TEXT

static const struct options_command command = {
	"link --to URL --site ID [--campaign NAME] [--source NAME] "
	"[--medium NAME]",
	"Prints a link that counts a click on its way to URL. It is signed "
	"when the\nsite has a redirect_key, else URL's host must be one of its "
	"redirect_hosts.",
	rows, 0, 0
};

static void
add_encoded(struct buf *out, const char *name, struct str value)
{
	static const char hex[] = "0123456789ABCDEF";
	bool first = memchr(out->data, '?', out->len) == NULL;

	if (value.len == 0)
		return;
	buf_printf(out, "%c%s=", first ? '?' : '&', name);
	for (size_t i = 0; i < value.len; i++) {
		uint8_t c = (uint8_t)value.data[i];

		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		    (c >= 'A' && c <= 'Z') ||
		    (c != 0 && strchr("-._~", c) != NULL)) {
			buf_add_char(out, (char)c);
		} else {
			buf_add_char(out, '%');
			buf_add_char(out, hex[c >> 4]);
			buf_add_char(out, hex[c & 15]);
		}
	}
}

/* NULL, or why SITE would not follow a link to TO. */
static const char *
objection(const struct site *site, struct str to)
{
	struct link_target target;

	if (!link_parse(to, site->redirect_http, &target))
		return site->redirect_http
			   ? "--to is no plain http or https address: encode "
			     "what is not ASCII, and leave users out"
			   : "--to is no plain https address: encode what is "
			     "not ASCII, and leave users out";
	if (*site->redirect_key == '\0' && site->redirect_hosts.count == 0)
		return "the site has neither redirect_key nor redirect_hosts: "
		       "its redirects are off";
	if (*site->redirect_key == '\0' &&
	    !link_listed(&target, &site->redirect_hosts))
		return "the host is not one of the site's redirect_hosts, and "
		       "there is no redirect_key to sign with";
	return NULL;
}

static void
write_link(const struct options *opt, const struct site *site, struct buf *out)
{
	struct str to = str_of(opt->to), campaign = str_of(opt->campaign);
	char signature[LINK_SIGNATURE_LEN + 1];

	if (opt->at != NULL)
		buf_add_str(out, str_of(opt->at));
	else
		buf_printf(out, "https://%s/r", site->hosts.at[0]);
	add_encoded(out, "site", str_of(site->id));
	add_encoded(out, "source", str_of(opt->source));
	add_encoded(out, "medium", str_of(opt->medium));
	add_encoded(out, "campaign", campaign);
	add_encoded(out, "term", str_of(opt->term));
	add_encoded(out, "content", str_of(opt->content));
	add_encoded(out, "to", to);
	if (*site->redirect_key != '\0') {
		link_sign(str_of(site->redirect_key), str_of(site->id),
		    campaign, to, signature);
		add_encoded(out, "sig", str_of(signature));
	}
	buf_add_char(out, '\n');
}

int
cli_link(int argc, char **argv, const struct cli *cli)
{
	struct options opt = { 0 };
	struct operands operands;
	struct context c = { 0 };
	const struct site *site;
	struct buf out = { 0 };
	const char *why = NULL;
	int code;

	if (!options_read(&command, argc, argv, &opt, &operands, &code))
		return code;
	if (!context_settings(&c, cli, &code) || !context_sites(&c, &code)) {
		context_close(&c);
		return code;
	}
	site = sites_find(&c.sites, str_of(opt.site));
	if (site == NULL)
		why = "--site is not one of sites_file";
	else if (opt.at == NULL && site->hosts.count == 0)
		why = "the site has no hosts: say --at URL";
	else if (!str_utf8(str_of(opt.campaign)))
		why = "--campaign is not UTF-8";
	else
		why = objection(site, str_of(opt.to));
	if (why != NULL) {
		fprintf(stderr, "afterclick: %s\n", why);
		code = EXIT_FAILED;
	} else {
		write_link(&opt, site, &out);
		code = context_print(&out);
	}
	context_close(&c);
	return code;
}

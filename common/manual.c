#include "common/manual.h"

#include <ctype.h>
#include <stdio.h>

#include "common/config_value.h"

#define WIDTH 72

void
manual_begin(const char *name, int section, const char *what, struct buf *out)
{
	buf_add_str(out, STR(".Dd " MANUAL_DATE "\n.Dt "));
	for (const char *c = name; *c != '\0'; c++)
		buf_add_char(out, (char)toupper((unsigned char)*c));
	buf_printf(out, " %d\n.Os\n.Sh NAME\n.Nm %s\n.Nd ", section, name);
	buf_add_str(out, str_of(what));
	buf_add_char(out, '\n');
}

/* One word; a line must not begin like a request. */
static void
add_word(struct str word, bool first, struct buf *out)
{
	if (first && word.len > 0 && strchr(".'", word.data[0]) != NULL)
		buf_add_str(out, STR("\\&"));
	for (size_t i = 0; i < word.len; i++) {
		if (word.data[i] == '\\')
			buf_add_str(out, STR("\\e"));
		else if (word.data[i] == '-' && word.len > 1 &&
			 (i == 0 || word.data[0] == '-'))
			buf_add_str(out, STR("\\-")); /* an option */
		else
			buf_add_char(out, word.data[i]);
	}
}

void
manual_text(struct str text, struct buf *out)
{
	size_t line = 0;
	bool ended = false; /* the word before ended a sentence */

	while (text.len > 0) {
		size_t n = 0;

		while (n < text.len && !isspace((unsigned char)text.data[n]))
			n++;
		if (n > 0) {
			bool fresh = line == 0 || ended || line + n > WIDTH;

			if (fresh && line > 0)
				buf_add_char(out, '\n');
			else if (line > 0)
				buf_add_char(out, ' ');
			add_word(str_head(text, n), fresh, out);
			line = fresh ? n : line + n + 1;
			ended = n > 1 && (text.data[n - 1] == '.' ||
					     text.data[n - 1] == ':');
		}
		text = str_from(text, n < text.len ? n + 1 : n);
	}
	if (line > 0)
		buf_add_char(out, '\n');
}

void
manual_literal(struct str text, struct buf *out)
{
	struct str line;

	buf_add_str(out, STR(".Bd -literal -compact\n"));
	while (str_cut(&text, '\n', &line)) {
		struct str word;
		bool first = true;

		while (str_cut(&line, ' ', &word)) {
			if (!first)
				buf_add_char(out, ' ');
			add_word(word, first, out);
			first = false;
		}
		buf_add_char(out, '\n');
	}
	buf_add_str(out, STR(".Ed\n"));
}

static const char *
kind_of(const struct setting *s)
{
	static const char *const names[] = {
		[SETTING_BOOL] = "true|false",
		[SETTING_INT] = "number",
		[SETTING_BYTES] = "size",
		[SETTING_DURATION] = "time",
		[SETTING_MICROS] = "decimal",
		[SETTING_TEXT] = "text",
		[SETTING_SECRET] = "secret",
		[SETTING_FILE] = "file",
		[SETTING_CHOICE] = "choice",
		[SETTING_TEXTS] = "list of texts",
		[SETTING_SECRETS] = "list of secrets",
		[SETTING_PAIRS] = "pairs",
		[SETTING_GROUP] = "group",
		[SETTING_LIST] = "list",
	};

	return names[s->kind];
}

/* In brackets behind the kind: choices, range, default. */
static void
add_bounds(const struct setting *s, struct buf *out)
{
	bool ranged = s->min != 0 || s->max != 0;

	for (int i = 0; s->choices != NULL && s->choices[i] != NULL; i++)
		buf_printf(
		    out, "%s%s", i > 0 ? ", " : "One of ", s->choices[i]);
	if (s->choices != NULL)
		buf_add_str(out, STR(". "));
	if (ranged) {
		buf_add_str(
		    out, s->max == INT64_MAX ? STR("At least ") : STR("From "));
		config_value_write(s, s->min, out);
		if (s->max != INT64_MAX) {
			buf_add_str(out, STR(" to "));
			config_value_write(s, s->max, out);
		}
		buf_add_str(out, STR(". "));
	}
	if (s->kind == SETTING_GROUP)
		return;
	if (s->fallback == NULL)
		buf_add_str(out, STR("Required"));
	else if (s->fallback[0] == '\0')
		buf_add_str(out, STR("Default: none"));
	else
		buf_printf(out, "Default: %s", s->fallback);
}

static void add_setting(
    const struct setting *s, const char *path, struct buf *out);

static void
add_settings(const struct setting *table, const char *above, struct buf *out)
{
	struct buf path = { 0 };

	for (const struct setting *s = table; s->key != NULL; s++) {
		path.len = 0;
		buf_printf(&path, "%s%s", above, s->key);
		add_setting(s, buf_text(&path), out);
	}
	buf_free(&path);
}

static void
add_setting(const struct setting *s, const char *path, struct buf *out)
{
	struct buf text = { 0 };

	buf_printf(out, ".It Ic %s : Ar %s\n", path, kind_of(s));
	if (s->help != NULL) {
		buf_printf(&text, "%s.", s->help);
		manual_text(buf_str(&text), out);
	}
	text.len = 0;
	add_bounds(s, &text);
	manual_text(buf_str(&text), out);
	text.len = 0;
	if (s->fields != NULL) {
		buf_printf(
		    &text, "%s%s.", path, s->kind == SETTING_LIST ? "[]" : "");
		add_settings(s->fields, buf_text(&text), out);
	}
	buf_free(&text);
}

void
manual_settings(const struct setting *table, struct buf *out)
{
	buf_add_str(out, STR(".Bl -tag -width Ds\n"));
	add_settings(table, "", out);
	buf_add_str(out, STR(".El\n"));
}

void
manual_daemon(const char *name, const char *what, const char *config,
    const struct setting *table, struct buf *out)
{
	manual_begin(name, 8, what, out);
	buf_printf(out,
	    ".Sh SYNOPSIS\n"
	    ".Nm\n"
	    ".Op Fl -config Ar file\n"
	    ".Op Fl -check-config | -print-config | -healthcheck\n"
	    ".Sh DESCRIPTION\n"
	    ".Nm\n"
	    "runs in the foreground and writes its log to standard error.\n"
	    "Once it is ready it prints one line,\n"
	    ".Dq ready ,\n"
	    "with the addresses it listens at, and tells systemd.\n"
	    ".Bl -tag -width Ds\n"
	    ".It Fl -config Ar file\n"
	    "Read\n"
	    ".Ar file\n"
	    "instead of\n"
	    ".Pa %s .\n"
	    ".It Fl -check-config\n"
	    "Check the configuration and exit.\n"
	    ".It Fl -print-config\n"
	    "Print it as it is understood, without secrets, and exit.\n"
	    ".It Fl -healthcheck\n"
	    "Ask the running program whether it is ready; exit 0 if so.\n"
	    ".It Fl -man\n"
	    "Print this page and exit.\n"
	    ".It Fl -version\n"
	    "Print the version and exit.\n"
	    ".It Fl -help\n"
	    "Print the options and exit.\n"
	    ".El\n"
	    ".Pp\n"
	    "TERM and INT stop it, HUP makes it read again what may change\n"
	    "while it runs.\n"
	    ".Sh SETTINGS\n"
	    "The file is YAML.\n"
	    "Sizes are written 512, 64KiB or 8GiB, times 250ms, 10s, 5m or\n"
	    "30d.\n"
	    ".Li ${NAME}\n"
	    "and\n"
	    ".Li ${NAME:-default}\n"
	    "are taken from the environment,\n"
	    ".Li ${file:PATH}\n"
	    "from a file.\n",
	    config);
	manual_settings(table, out);
	buf_printf(out,
	    ".Sh FILES\n"
	    ".Bl -tag -width Ds\n"
	    ".It Pa %s\n"
	    "The settings.\n"
	    ".El\n"
	    ".Sh EXIT STATUS\n"
	    ".Bl -tag -width Ds\n"
	    ".It 0\n"
	    "It was stopped, or all is well.\n"
	    ".It 1\n"
	    "It failed.\n"
	    ".It 2\n"
	    "Wrong usage.\n"
	    ".It 78\n"
	    "Wrong configuration.\n"
	    ".El\n"
	    ".Sh SEE ALSO\n"
	    ".Xr afterclick 1 ,\n"
	    ".Xr afterclick-sites 5 ,\n"
	    ".Xr afterclick-%s 8\n",
	    config,
	    strcmp(name, "afterclick-collector") == 0 ? "aggregator"
						      : "collector");
}

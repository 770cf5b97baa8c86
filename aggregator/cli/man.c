/*
 * afterclick man - pages of the manual (mdoc), made from the tables of
 * commands, options and settings. `make man` writes them, `make install`
 * puts them where man(1) looks.
 */
#include <stdio.h>
#include <string.h>

#include "aggregator/cli/commands.h"
#include "aggregator/cli/context.h"
#include "aggregator/cli/options.h"
#include "common/manual.h"
#include "common/process.h"

static void
write_option(const struct options_row *row, struct buf *out)
{
	struct buf text = { 0 };

	buf_printf(out, ".It Fl -%s", row->name);
	if (row->kind != OPTIONS_FLAG)
		buf_printf(out, " Ar %s", row->value);
	buf_add_char(out, '\n');
	buf_add_str(&text, str_of(row->help));
	for (int i = 0; row->kind == OPTIONS_CHOICE && row->choices[i]; i++)
		buf_printf(
		    &text, "%s%s", i == 0 ? ": " : ", ", row->choices[i]);
	if (row->required)
		buf_add_str(&text, STR(" (required)"));
	manual_text(buf_str(&text), out);
	buf_free(&text);
}

static void
write_command(const struct cli_command *c, struct buf *out)
{
	const struct options_command *o = options_of(c->run, c->name);
	struct buf usage = { 0 };

	buf_printf(out, ".Ss %s\n", c->name);
	buf_printf(&usage, "afterclick %s", o->usage);
	manual_literal(buf_str(&usage), out);
	buf_add_str(out, STR(".Pp\n"));
	manual_text(str_of(o->summary), out);
	if (o->rows[0].name != NULL)
		buf_add_str(out, STR(".Bl -tag -width Ds\n"));
	for (const struct options_row *row = o->rows; row->name != NULL; row++)
		write_option(row, out);
	if (o->rows[0].name != NULL)
		buf_add_str(out, STR(".El\n"));
	buf_free(&usage);
}

static void
write_program(struct buf *out)
{
	manual_begin("afterclick", 1,
	    "conversion tracking and return on campaigns", out);
	buf_add_str(out,
	    STR(".Sh SYNOPSIS\n"
		".Nm\n"
		".Op Fl -config Ar file\n"
		".Ar command\n"
		".Op Ar argument ...\n"
		".Nm\n"
		".Cm help\n"
		".Op Ar command\n"
		".Sh DESCRIPTION\n"
		".Nm\n"
		"does one job for people: results go to standard output, "
		"all else to\n"
		"standard error.\n"
		".Bl -tag -width Ds\n"
		".It Fl -config Ar file\n"
		"Settings of the aggregator, before or behind the command.\n"
		".It Fl -version\n"
		"Print the version.\n"
		".El\n"
		".Sh COMMANDS\n"));
	for (const struct cli_command *c = cli_commands; c->name != NULL; c++)
		write_command(c, out);
	buf_add_str(out, STR(".Sh ENVIRONMENT\n"
			     ".Bl -tag -width Ds\n"
			     ".It Ev AFTERCLICK_CONFIG\n"
			     "Settings, where\n"
			     ".Fl -config\n"
			     "names none.\n"
			     ".It Ev COLLECTOR_URL\n"
			     "The collector that imports send to.\n"
			     ".It Ev COLLECTOR_ADMIN_URL\n"
			     "Its admin port, for\n"
			     ".Cm live .\n"
			     ".It Ev NO_COLOR\n"
			     "No colours on a terminal.\n"
			     ".El\n"
			     ".Sh FILES\n"
			     ".Bl -tag -width Ds\n"
			     ".It Pa " CLI_DEFAULT_CONFIG "\n"
			     "Settings, where neither names others.\n"
			     ".El\n"
			     ".Sh EXIT STATUS\n"
			     ".Bl -tag -width Ds\n"
			     ".It 0\n"
			     "All is well.\n"
			     ".It 1\n"
			     "Something failed or was refused.\n"
			     ".It 2\n"
			     "Wrong usage.\n"
			     ".It 78\n"
			     "Wrong configuration.\n"
			     ".El\n"
			     ".Sh SEE ALSO\n"
			     ".Xr afterclick-sites 5 ,\n"
			     ".Xr afterclick-aggregator 8 ,\n"
			     ".Xr afterclick-collector 8\n"));
}

static void
write_sites(struct buf *out)
{
	manual_begin("afterclick-sites", 5, "the sites that are measured", out);
	buf_add_str(
	    out, STR(".Sh DESCRIPTION\n"
		     "The file\n"
		     ".Pa sites.yaml\n"
		     "is read by the collector and the aggregator alike.\n"));
	manual_settings(site_settings, out);
	buf_add_str(out, STR(".Sh SEE ALSO\n"
			     ".Xr afterclick 1 ,\n"
			     ".Xr afterclick-aggregator 8 ,\n"
			     ".Xr afterclick-collector 8\n"));
}

static const char *const pages[] = { "afterclick", "sites", NULL };
static const struct options_row none[] = { { .name = NULL } };
static const struct options_command command = { "man afterclick|sites",
	"Prints a page of the manual in mdoc: afterclick(1) or "
	"afterclick-sites(5).\n"
	"Those of the daemons come from their own --man.",
	none, 1, 1 };

int
cli_man(int argc, char **argv, const struct cli *cli)
{
	struct operands page;
	struct buf out = { 0 };
	int code, target = 0;

	(void)cli;
	if (!options_read(&command, argc, argv, &target, &page, &code))
		return code;
	if (strcmp(page.at[0], pages[0]) == 0) {
		write_program(&out);
	} else if (strcmp(page.at[0], pages[1]) == 0) {
		write_sites(&out);
	} else {
		fprintf(stderr,
		    "afterclick: no page %s; there are afterclick and sites\n",
		    page.at[0]);
		return EXIT_USAGE;
	}
	return context_print(&out);
}

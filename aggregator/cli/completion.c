/*
 * afterclick completion - what bash, zsh and fish complete by, made from the
 * tables of commands and options: it cannot be out of date.
 */
#include <stdio.h>
#include <string.h>

#include "aggregator/cli/commands.h"
#include "aggregator/cli/context.h"
#include "aggregator/cli/options.h"
#include "aggregator/platforms/export.h"
#include "common/process.h"
#include "common/str.h"

static const char *const shells[] = { "bash", "zsh", "fish", NULL };
static const char *const audits[] = { "spend", NULL };
static const char *const letters[] = { "list", "retry", NULL };
static const char *const versions[] = { "versions", "pin", "unpin", "compare",
	NULL };
static const char *const trials[] = { "list", "show", "incrementality", "plan",
	NULL };
static const char *const pages[] = { "afterclick", "sites", NULL };

/* What the first operand may be, of commands where that is no file. */
static const struct {
	const char *command;
	const char *const *words;
} operands[] = { { "export", export_names }, { "completion", shells },
	{ "audit", audits }, { "dead-letters", letters },
	{ "models", versions }, { "experiments", trials }, { "man", pages } };

/* What a word that is asked for may be. */
enum expected { NOTHING_KNOWN, WORDS, FILES, FOLDERS };

static enum expected
value_of(const struct options_row *row)
{
	if (row->kind == OPTIONS_CHOICE)
		return WORDS;
	if (row->value == NULL)
		return NOTHING_KNOWN;
	return strcmp(row->value, "FILE") == 0  ? FILES
	       : strcmp(row->value, "DIR") == 0 ? FOLDERS
						: NOTHING_KNOWN;
}

static const char *const *
words_of(const char *command)
{
	for (size_t i = 0; i < sizeof(operands) / sizeof(operands[0]); i++) {
		if (strcmp(operands[i].command, command) == 0)
			return operands[i].words;
	}
	return NULL;
}

static enum expected
operand_of(const char *name, const struct options_command *c)
{
	return words_of(name) != NULL ? WORDS
	       : c->most != 0         ? FILES
				      : NOTHING_KNOWN;
}

static void
add_words(const char *const *words, struct buf *out)
{
	for (int i = 0; words[i] != NULL; i++)
		buf_printf(out, "%s%s", i > 0 ? " " : "", words[i]);
}

/* TEXT inside single quotes; SPECIAL ones get a backslash. */
static void
add_quoted(const char *text, const char *special, struct buf *out)
{
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			buf_add_str(out, STR("'\\''"));
		else if (strchr(special, *text) != NULL)
			buf_printf(out, "\\%c", *text);
		else
			buf_add_char(out, *text);
	}
}

/* --- bash -------------------------------------------------------------------
 */

static void
bash_option(const char *command, const struct options_row *row, struct buf *out)
{
	if (row->kind == OPTIONS_FLAG)
		return;
	buf_printf(out, "\t%s/--%s) ", command, row->name);
	switch (value_of(row)) {
	case WORDS:
		buf_add_str(out, STR("words='"));
		add_words(row->choices, out);
		buf_add_str(out, STR("' ;;\n"));
		break;
	case FILES:
		buf_add_str(out, STR("kind=-f ;;\n"));
		break;
	case FOLDERS:
		buf_add_str(out, STR("kind=-d ;;\n"));
		break;
	case NOTHING_KNOWN:
		buf_add_str(out, STR("return ;;\n"));
		break;
	}
}

static void
bash_command(const char *name, const struct options_command *c, struct buf *out)
{
	buf_printf(out, "\t%s/-*) words='", name);
	for (const struct options_row *row = c->rows; row->name != NULL; row++)
		buf_printf(out, "--%s ", row->name);
	buf_add_str(out, STR("--help' ;;\n"));
	if (operand_of(name, c) == WORDS) {
		buf_printf(out, "\t%s/*) words='", name);
		add_words(words_of(name), out);
		buf_add_str(out, STR("' ;;\n"));
	} else if (operand_of(name, c) == FILES) {
		buf_printf(out, "\t%s/*) kind=-f ;;\n", name);
	}
}

static void
bash(struct buf *out)
{
	buf_add_str(out,
	    STR("# afterclick completion bash\n"
		"_afterclick() {\n"
		"\tlocal cur=${COMP_WORDS[COMP_CWORD]} command= words= kind= "
		"i\n"
		"\tlocal prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
		"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
		"\t\tcase ${COMP_WORDS[i]} in\n"
		"\t\t--config) ((i++)) ;;\n"
		"\t\t-*) ;;\n"
		"\t\t*) command=${COMP_WORDS[i]}; break ;;\n"
		"\t\tesac\n"
		"\tdone\n"
		"\tCOMPREPLY=()\n"
		"\tcase $command/$prev in\n"
		"\t*/--config) kind=-f ;;\n"));
	for (const struct cli_command *c = cli_commands; c->name != NULL; c++) {
		const struct options_row *row =
		    options_of(c->run, c->name)->rows;

		for (; row->name != NULL; row++)
			bash_option(c->name, row, out);
	}
	buf_add_str(out, STR("\t*) case $command/$cur in\n"
			     "\t/-*) words='--config --version --help' ;;\n"
			     "\t/* | help/*) words='help"));
	for (const struct cli_command *c = cli_commands; c->name != NULL; c++)
		buf_printf(out, " %s", c->name);
	buf_add_str(out, STR("' ;;\n"));
	for (const struct cli_command *c = cli_commands; c->name != NULL; c++)
		bash_command(c->name, options_of(c->run, c->name), out);
	buf_add_str(out,
	    STR("\tesac ;;\n"
		"\tesac\n"
		"\tif [ -n \"$kind\" ]; then\n"
		"\t\tcompopt -o filenames 2>/dev/null\n"
		"\t\tmapfile -t COMPREPLY < <(compgen \"$kind\" -- \"$cur\")\n"
		"\telse\n"
		"\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- "
		"\"$cur\")\n"
		"\tfi\n"
		"}\n"
		"complete -F _afterclick afterclick\n"));
}

/* --- zsh --------------------------------------------------------------------
 */

static void
zsh_words(const char *what, enum expected kind, const char *const *words,
    struct buf *out)
{
	buf_printf(out, ":%s:", what);
	if (kind == WORDS) {
		buf_add_char(out, '(');
		add_words(words, out);
		buf_add_char(out, ')');
	} else if (kind == FILES) {
		buf_add_str(out, STR("_files"));
	} else if (kind == FOLDERS) {
		buf_add_str(out, STR("_files -/"));
	}
}

static void
zsh_command(const char *name, const struct options_command *c, struct buf *out)
{
	buf_printf(out, "\t\t%s) _arguments '--help[explain it]'", name);
	for (const struct options_row *row = c->rows; row->name != NULL;
	     row++) {
		buf_printf(out, " \\\n\t\t    '--%s[", row->name);
		add_quoted(row->help, "[]:\\", out);
		buf_add_char(out, ']');
		if (row->kind != OPTIONS_FLAG)
			zsh_words(row->value, value_of(row), row->choices, out);
		buf_add_char(out, '\'');
	}
	if (operand_of(name, c) != NOTHING_KNOWN) {
		buf_add_str(out, c->most < 0 ? STR(" \\\n\t\t    '*")
					     : STR(" \\\n\t\t    '1"));
		zsh_words("argument", operand_of(name, c), words_of(name), out);
		buf_add_char(out, '\'');
	}
	buf_add_str(out, STR(" ;;\n"));
}

static void
zsh(struct buf *out)
{
	buf_add_str(out, STR("#compdef afterclick\n"
			     "_afterclick() {\n"
			     "\tlocal context state line\n"
			     "\tlocal -a commands=(\n"
			     "\t    'help:explain a command'\n"));
	for (const struct cli_command *c = cli_commands; c->name != NULL; c++) {
		buf_printf(out, "\t    '%s:", c->name);
		add_quoted(c->summary, ":\\", out);
		buf_add_str(out, STR("'\n"));
	}
	buf_add_str(
	    out, STR("\t)\n"
		     "\t_arguments -C '--config[aggregator.yaml]:FILE:_files' "
		     "\\\n"
		     "\t    '--version[print the version]' '--help[list the "
		     "commands]' \\\n"
		     "\t    '1:command:->command' '*::argument:->argument'\n"
		     "\tcase $state in\n"
		     "\tcommand) _describe command commands ;;\n"
		     "\targument)\n"
		     "\t\tcase $words[1] in\n"
		     "\t\thelp) _describe command commands ;;\n"));
	for (const struct cli_command *c = cli_commands; c->name != NULL; c++)
		zsh_command(c->name, options_of(c->run, c->name), out);
	buf_add_str(out, STR("\t\tesac ;;\n"
			     "\tesac\n"
			     "}\n"
			     "if [ \"$funcstack[1]\" = _afterclick ]; then\n"
			     "\t_afterclick \"$@\"\n"
			     "else\n"
			     "\tcompdef _afterclick afterclick\n"
			     "fi\n"));
}

/* --- fish -------------------------------------------------------------------
 */

/* What follows -l NAME or stands for an operand. */
static void
fish_words(enum expected kind, const char *const *words, struct buf *out)
{
	if (kind == WORDS) {
		buf_add_str(out, STR(" -x -a '"));
		add_words(words, out);
		buf_add_char(out, '\'');
	} else if (kind == FILES) {
		buf_add_str(out, STR(" -r -F"));
	} else if (kind == FOLDERS) {
		buf_add_str(out, STR(" -x -a '(__fish_complete_directories)'"));
	} else {
		buf_add_str(out, STR(" -x"));
	}
}

/* As fish has it, a ' in '...' is \'. */
static void
fish_text(const char *text, struct buf *out)
{
	buf_add_str(out, STR(" -d '"));
	for (; *text != '\0'; text++) {
		if (*text == '\'' || *text == '\\')
			buf_add_char(out, '\\');
		buf_add_char(out, *text);
	}
	buf_add_str(out, STR("'\n"));
}

static void
fish_command(const char *name, const struct options_command *c, struct buf *out)
{
	static const char seen[] = "complete -c afterclick -n '__afterclick_on";

	for (const struct options_row *row = c->rows; row->name != NULL;
	     row++) {
		buf_printf(out, "%s %s' -l %s", seen, name, row->name);
		if (row->kind != OPTIONS_FLAG)
			fish_words(value_of(row), row->choices, out);
		fish_text(row->help, out);
	}
	if (operand_of(name, c) == WORDS) {
		buf_printf(out, "%s %s' -a '", seen, name);
		add_words(words_of(name), out);
		buf_add_str(out, STR("'\n"));
	} else if (operand_of(name, c) == FILES) {
		buf_printf(out, "%s %s' -F\n", seen, name);
	}
}

static void
fish(struct buf *out)
{
	buf_add_str(out,
	    STR("# afterclick completion fish\n"
		"# Whether the command is $argv[1]; without one, whether there "
		"is none yet.\n"
		"function __afterclick_on\n"
		"\tset -l words (commandline -opc)\n"
		"\tset -e words[1]\n"
		"\twhile set -q words[1]\n"
		"\t\tswitch $words[1]\n"
		"\t\tcase --config\n"
		"\t\t\tset -e words[1]\n"
		"\t\tcase '-*'\n"
		"\t\tcase '*'\n"
		"\t\t\ttest \"$words[1]\" = \"$argv[1]\"\n"
		"\t\t\treturn\n"
		"\t\tend\n"
		"\t\tset -e words[1]\n"
		"\tend\n"
		"\ttest -z \"$argv[1]\"\n"
		"end\n"
		"complete -c afterclick -f\n"
		"complete -c afterclick -l config -r -F -d aggregator.yaml\n"
		"complete -c afterclick -l help -d 'explain it'\n"
		"complete -c afterclick -n __afterclick_on -l version "
		"-d 'print the version'\n"
		"complete -c afterclick -n __afterclick_on -a help -d "
		"'explain a command'\n"));
	for (const struct cli_command *c = cli_commands; c->name != NULL; c++) {
		buf_printf(out,
		    "complete -c afterclick -n __afterclick_on -a %s", c->name);
		fish_text(c->summary, out);
	}
	buf_add_str(out, STR("complete -c afterclick -n '__afterclick_on help' "
			     "-a '"));
	for (const struct cli_command *c = cli_commands; c->name != NULL; c++)
		buf_printf(out, "%s ", c->name);
	buf_add_str(out, STR("'\n"));
	for (const struct cli_command *c = cli_commands; c->name != NULL; c++)
		fish_command(c->name, options_of(c->run, c->name), out);
}

/* --- the command ------------------------------------------------------------
 */

static void (*const writers[])(struct buf *out) = { bash, zsh, fish };

static const struct options_row none[] = { { .name = NULL } };
static const struct options_command command = { "completion bash|zsh|fish",
	"Prints what a shell completes commands, options and their values by.\n"
	"bash: source <(afterclick completion bash); zsh the same, after "
	"compinit;\n"
	"fish: afterclick completion fish | source. `make install` puts it "
	"where all\n"
	"three look by themselves.",
	none, 1, 1 };

int
cli_completion(int argc, char **argv, const struct cli *cli)
{
	struct operands shell;
	struct buf out = { 0 };
	int code, target = 0;

	(void)cli;
	if (!options_read(&command, argc, argv, &target, &shell, &code))
		return code;
	for (int i = 0; shells[i] != NULL; i++) {
		if (strcmp(shell.at[0], shells[i]) == 0) {
			writers[i](&out);
			return context_print(&out);
		}
	}
	fprintf(stderr, "afterclick: no shell %s; there are bash, zsh, fish\n",
	    shell.at[0]);
	return EXIT_USAGE;
}

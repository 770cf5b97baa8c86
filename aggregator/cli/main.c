/*
 * afterclick - the program for people: one command per job. The commands are
 * the rows of COMMANDS; --config may stand before or behind the name.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregator/cli/commands.h"
#include "aggregator/cli/options.h"
#include "common/log.h"
#include "common/process.h"

#define ONE(function, name, summary) +1
#define COUNT ((size_t)(0 COMMANDS(ONE)))

static const struct cli_command *const commands = cli_commands;

static void
help(FILE *out)
{
	fprintf(
	    out, "usage: afterclick [--config FILE] COMMAND [ARGUMENT...]\n\n");
	for (size_t i = 0; i < COUNT; i++)
		fprintf(
		    out, "  %-18s %s\n", commands[i].name, commands[i].summary);
	fprintf(out,
	    "  %-18s explain a command\n\n"
	    "  --config FILE  aggregator.yaml; default $AFTERCLICK_CONFIG, "
	    "else\n                 " CLI_DEFAULT_CONFIG "\n"
	    "  --version      print the version\n",
	    "help COMMAND");
}

/* The command called NAME, or COUNT and a word about it on stderr. */
static size_t
find(const char *name)
{
	const char *words[COUNT], *nearest;

	for (size_t i = 0; i < COUNT; i++) {
		if (strcmp(commands[i].name, name) == 0)
			return i;
		words[i] = commands[i].name;
	}
	nearest = options_nearest(name, words, COUNT);
	fprintf(stderr, "afterclick: no command %s", name);
	if (nearest != NULL)
		fprintf(stderr, "; did you mean %s?", nearest);
	fprintf(stderr, "\n`afterclick help` lists them\n");
	return COUNT;
}

/*
 * Takes --config FILE out of ARGV, wherever it stands before "--"; so that
 * no command needs to know it. False if its value is missing.
 */
static bool
take_config(int *argc, char **argv, struct cli *cli)
{
	int kept = 1, i;

	for (i = 1; i < *argc && strcmp(argv[i], "--") != 0; i++) {
		if (strncmp(argv[i], "--config=", 9) == 0) {
			cli->config = argv[i] + 9;
		} else if (strcmp(argv[i], "--config") == 0) {
			if (i + 1 == *argc) {
				fprintf(stderr,
				    "afterclick: --config needs FILE\n");
				return false;
			}
			cli->config = argv[++i];
		} else {
			argv[kept++] = argv[i];
		}
	}
	while (i < *argc)
		argv[kept++] = argv[i++];
	*argc = kept;
	argv[kept] = NULL;
	return true;
}

static int
explain(int argc, char **argv, const struct cli *cli)
{
	char option[] = "--help";
	char *args[3] = { NULL, option, NULL };
	size_t i;

	if (argc < 3) {
		help(stdout);
		return EXIT_OK;
	}
	i = find(argv[2]);
	if (i == COUNT)
		return EXIT_USAGE;
	args[0] = argv[2];
	return commands[i].run(2, args, cli);
}

int
main(int argc, char **argv)
{
	struct cli cli = { getenv("AFTERCLICK_CONFIG") };
	size_t i;

	if (cli.config == NULL || cli.config[0] == '\0')
		cli.config = CLI_DEFAULT_CONFIG;
	process_no_core();
	log_start("afterclick", LOG_WARNING);
	if (!take_config(&argc, argv, &cli))
		return EXIT_USAGE;
	if (argc < 2) {
		help(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("afterclick " AFTERCLICK_VERSION);
		return EXIT_OK;
	}
	if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 ||
	    strcmp(argv[1], "-h") == 0)
		return explain(argc, argv, &cli);
	i = find(argv[1]);
	if (i == COUNT)
		return EXIT_USAGE;
	return commands[i].run(argc - 1, argv + 1, &cli);
}

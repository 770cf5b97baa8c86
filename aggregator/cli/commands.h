/*
 * commands.h - the commands of `afterclick`, one file each.
 *
 * A command is a row of COMMANDS and a function cli_NAME in its own file.
 * It gets its own arguments (ARGV[0] is the command's name as typed), prints
 * results on stdout and everything else on stderr, and returns an exit code
 * of common/process.h.
 */
#ifndef AGGREGATOR_CLI_COMMANDS_H
#define AGGREGATOR_CLI_COMMANDS_H

/* What all commands are told before their name. */
struct cli {
	/* aggregator.yaml: --config, else $AFTERCLICK_CONFIG, else the default;
	 * never NULL. */
	const char *config;
};

#define CLI_DEFAULT_CONFIG "/etc/afterclick/aggregator.yaml"

typedef int cli_run(int argc, char **argv, const struct cli *cli);

/* X(function, name, summary): the one place a new command is named. */
#define COMMANDS(X)                                                            \
	X(init, "init", "write a configuration for a site")                    \
	X(migrate, "migrate",                                                  \
	    "create or update the database's tables and the Kafka topic")      \
	X(roi, "roi", "print the return on each campaign")                     \
	X(report, "report", "write a report to mail, print or read on")        \
	X(import_costs, "import-costs", "read what the campaigns cost")        \
	X(import_fx, "import-fx", "read exchange rates")                       \
	X(import_conversions, "import-conversions",                            \
	    "send offline and late conversions and adjustments")               \
	X(export, "export", "send conversions back to ad platforms")           \
	X(import_log, "import-log", "send a web server's access log as hits")  \
	X(reconcile, "reconcile", "hold the shop's orders against the tables") \
	X(audit, "audit", "show spend that does not fit the touches")          \
	X(budget, "budget", "suggest where more or less spend would pay")      \
	X(quality, "quality", "show how far the numbers can be trusted")       \
	X(verify_site, "verify-site",                                          \
	    "look whether the tag is on the pages of a site")                  \
	X(attribute, "attribute",                                              \
	    "compute the tables from a file, without a server")                \
	X(classify, "classify",                                                \
	    "say where a visit comes from, and by which rule")                 \
	X(rebuild, "rebuild",                                                  \
	    "make the tables once more from the events on Kafka")              \
	X(live, "live", "show the last hits of a collector, or follow them")   \
	X(doctor, "doctor", "look at every part and say what to mend")         \
	X(lag, "lag", "show how far the tables are behind, or wait")           \
	X(link, "link", "make a link that counts clicks")                      \
	X(models, "models", "list the attribution models, pin versions")       \
	X(train, "train", "let a model learn from the paths of customers")     \
	X(paths, "paths", "print paths of channels and how they ended")        \
	X(experiments, "experiments",                                          \
	    "what A/B tests and holdouts say; plan one")                       \
	X(dead_letters, "dead-letters",                                        \
	    "show the records that were set aside")                            \
	X(forget, "forget", "erase customers: tables, and what comes again")   \
	X(subject_export, "subject-export",                                    \
	    "all that is kept of a customer, as JSON")                         \
	X(completion, "completion", "print what a shell completes by")         \
	X(man, "man", "print a page of the manual")

/* The rows as a table; ends in a NULL name. */
struct cli_command {
	const char *name, *summary;
	cli_run *run;
};
extern const struct cli_command cli_commands[];

#define COMMANDS_DECLARE(function, name, summary) cli_run cli_##function;
COMMANDS(COMMANDS_DECLARE)
#undef COMMANDS_DECLARE

#endif

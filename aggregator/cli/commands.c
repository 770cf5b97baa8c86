#include "aggregator/cli/commands.h"

#include <stddef.h>

#define ROW(function, name, summary) { name, summary, cli_##function },
const struct cli_command cli_commands[] = { COMMANDS(ROW){ NULL, NULL, NULL } };

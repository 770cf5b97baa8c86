/*
 * process.h - what every program of ours does alike: its options, signals
 * and exit codes.
 */
#ifndef COMMON_PROCESS_H
#define COMMON_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"

enum process_exit {
	EXIT_OK = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_CONFIG = 78 /* EX_CONFIG of sysexits.h */
};

#define AFTERCLICK_VERSION "0.1.0"

/* What the daemons' command lines say. */
struct process_options {
	const char *config; /* --config FILE, or the default */
	bool check_config;  /* --check-config */
	bool print_config;  /* --print-config */
	bool healthcheck;   /* --healthcheck */
	bool man;           /* --man */
};

/*
 * Reads ARGV for PROGRAM. --help and --version print and exit; a wrong
 * option says so with a hint and exits EXIT_USAGE.
 */
void process_options(struct process_options *opt, int argc, char **argv,
    const char *program, const char *summary, const char *default_config);

/*
 * From here on TERM and INT ask for a stop, HUP for a reload; PIPE is
 * ignored. A descriptor that becomes readable on each is returned: read and
 * drop its bytes, then look at process_stopping() and process_reload().
 */
int process_signals(void);
/* No core file, as it would hold keys and the day's salt; with the variable
 * AFTERCLICK_CORE in the environment as the system has it. */
void process_no_core(void);
bool process_stopping(void);
/* Waits until MS have passed or a stop was asked for; SIGNALS is what
 * process_signals() returned, whose bytes it drops. */
void process_rest(int signals, int64_t ms);
/* True once per HUP. */
bool process_reload(void);

/*
 * GETs http://HOST:PORT/readyz within 2 s and returns the exit code for
 * --healthcheck: EXIT_OK on a 2xx. LISTEN is "host:port" of the admin port.
 */
int process_healthcheck(const char *listen);

/* How often systemd wants to hear "WATCHDOG=1" from us, halved so that one may
 * be late; 0: it does not. */
int process_watchdog_ms(void);

/* Tells systemd (sd_notify protocol), if it asked; STATE such as "READY=1". */
void process_notify(const char *state);

#endif

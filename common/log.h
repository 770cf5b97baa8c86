/*
 * log.h - one JSON object a line on stderr, readable text on a terminal.
 *
 * Never pass a visitor id, an address or a query string. Text is escaped,
 * so nothing a stranger sends can forge a line or move a cursor.
 */
#ifndef COMMON_LOG_H
#define COMMON_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

/* Once, from main: the program's name and the least level shown. */
void log_start(const char *program, enum log_level least);
/* Another least level, from any thread. */
void log_least(enum log_level least);
/* "debug", "info", "warning", "error" to level; false if none of them. */
bool log_level_find(const char *name, enum log_level *level);

/* MODULE is a fixed word such as "spool". Thread-safe. */
void log_write(enum log_level level, const char *module, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

#define log_debug(module, ...) log_write(LOG_DEBUG, module, __VA_ARGS__)
#define log_info(module, ...) log_write(LOG_INFO, module, __VA_ARGS__)
#define log_warning(module, ...) log_write(LOG_WARNING, module, __VA_ARGS__)
#define log_error(module, ...) log_write(LOG_ERROR, module, __VA_ARGS__)

/*
 * One line a second at the most for one cause; what was held back is
 * counted in the next line. Declare a `static struct log_cause` at the place.
 */
struct log_cause {
	_Atomic int64_t next_ms;
	_Atomic uint64_t held;
};
void log_limited(struct log_cause *cause, enum log_level level,
    const char *module, const char *fmt, ...) PRINTF_LIKE(4, 5);

#endif

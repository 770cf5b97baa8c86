/*
 * error.h - what went wrong, and what the one who hears of it should do.
 *
 * A function that can fail for reasons outside the program takes a
 * struct error as its last argument and returns false or NULL. Whoever
 * reacts logs; whoever passes it on does not.
 */
#ifndef COMMON_ERROR_H
#define COMMON_ERROR_H

#include <stdarg.h>
#include <stdbool.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, first) __attribute__((format(printf, fmt, first)))

/* Three kinds, as there are three reactions. */
enum error_kind {
	ERROR_RETRY,  /* back off and repeat the same thing */
	ERROR_REJECT, /* count it, set it aside, go on */
	ERROR_FATAL   /* say so and stop */
};

#define ERROR_TEXT_MAX 1024

struct error {
	enum error_kind kind;
	char text[ERROR_TEXT_MAX]; /* one lower-case line, naming the thing */
};

/*
 * Fills ERR with KIND and the formatted text; newlines become ";", so a
 * library's several lines stay one. ERR may be NULL. Always returns false,
 * so that a caller can `return error_set(...)`.
 */
bool error_set(struct error *err, enum error_kind kind, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* Puts a formatted prefix and ": " before ERR's text. Always false. */
bool error_wrap(struct error *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif

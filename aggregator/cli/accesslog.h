/*
 * accesslog.h - one line of a web server's access log, combined format:
 * `ADDRESS IDENT USER [TIME] "METHOD TARGET VERSION" STATUS BYTES "REFERRER"
 * "USER AGENT"`, as Apache and nginx write it. Further fields behind the
 * user agent are ignored.
 */
#ifndef AGGREGATOR_CLI_ACCESSLOG_H
#define AGGREGATOR_CLI_ACCESSLOG_H

#include <stdint.h>

#include "common/arena.h"
#include "common/error.h"
#include "common/str.h"

#define ACCESSLOG_LINE_MAX 32768

/* A field that the log gives as "-" is empty. */
struct accesslog_line {
	struct str ip;     /* IPv4 or IPv6 */
	int64_t time_ms;   /* an instant: the zone offset is taken off */
	struct str method; /* empty: the client sent no request ("-") */
	struct str target; /* begins with '/', "http://", "https://" or '*' */
	int status;        /* 100-599 */
	struct str referrer, user_agent;
};

/*
 * Reads LINE (without its newline) into OUT. `\"`, `\\`, `\xHH` and the like
 * are undone, after which control characters are spaces. Texts are UTF-8
 * (U+FFFD for each byte that is not), cut to what a hit may hold, and live in
 * LINE or ARENA. False and ERR (ERROR_REJECT) say what is wrong with LINE.
 */
bool accesslog_parse(struct str line, struct arena *arena,
    struct accesslog_line *out, struct error *err) MUST_CHECK;

#endif

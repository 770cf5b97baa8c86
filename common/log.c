/*
 * log.c - lines on stderr, each written whole by one call.
 */
#include "common/log.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/calendar.h"
#include "common/clock.h"
#include "common/str.h"

#define LINE_MAX_BYTES 2048
#define LIMIT_MS 1000 /* between two lines of one cause */

static const char *const level_names[] = { "debug", "info", "warning",
	"error" };

static const char *program_name = "afterclick";
static _Atomic enum log_level least_level = LOG_INFO;
static bool to_terminal;

void
log_start(const char *program, enum log_level least)
{
	program_name = program;
	least_level = least;
	to_terminal = isatty(STDERR_FILENO) == 1;
}

void
log_least(enum log_level least)
{
	least_level = least;
}

bool
log_level_find(const char *name, enum log_level *level)
{
	for (size_t i = 0; i < sizeof(level_names) / sizeof(*level_names);
	     i++) {
		if (strcmp(name, level_names[i]) == 0) {
			*level = (enum log_level)i;
			return true;
		}
	}
	return false;
}

/*
 * TEXT with whatever is not printable ASCII or UTF-8 escaped: in JSON by its
 * rules, on a terminal the same, so that no text moves the cursor.
 */
static void
add_escaped(struct buf *line, const char *text)
{
	bool utf8 = str_utf8(str_of(text));

	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		if (*c == '"' || *c == '\\')
			buf_printf(line, "\\%c", *c);
		else if (*c < 0x20 || *c == 0x7f || (*c >= 0x80 && !utf8))
			buf_printf(line, "\\u%04x", *c);
		else
			buf_add_char(line, (char)*c);
	}
}

static void
write_line(enum log_level level, const char *module, const char *text)
{
	struct buf line = { NULL, 0, 0 };
	char when[25];
	ssize_t written;

	calendar_format_instant(clock_wall_ms(), when);
	if (to_terminal) {
		buf_printf(&line, "%s %-7s %s: ", when + 11, level_names[level],
		    module);
		add_escaped(&line, text);
		buf_add_char(&line, '\n');
	} else {
		buf_printf(&line,
		    "{\"time\":\"%s\",\"level\":\"%s\",\"program\":\"%s\","
		    "\"module\":\"%s\",\"text\":\"",
		    when, level_names[level], program_name, module);
		add_escaped(&line, text);
		buf_add(&line, "\"}\n", 3);
	}
	/* A log that cannot be written is no reason to stop. */
	written = write(STDERR_FILENO, line.data, line.len);
	(void)written;
	buf_free(&line);
}

void
log_write(enum log_level level, const char *module, const char *fmt, ...)
{
	char text[LINE_MAX_BYTES];
	va_list args;

	if (level < least_level)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	write_line(level, module, text);
}

void
log_limited(struct log_cause *cause, enum log_level level, const char *module,
    const char *fmt, ...)
{
	char text[LINE_MAX_BYTES];
	int64_t now = clock_mono_ms();
	int64_t next = cause->next_ms;
	uint64_t held;
	va_list args;
	int len;

	if (level < least_level)
		return;
	if (now < next || !atomic_compare_exchange_strong(
			      &cause->next_ms, &next, now + LIMIT_MS)) {
		cause->held++;
		return;
	}
	held = atomic_exchange(&cause->held, 0);
	va_start(args, fmt);
	len = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (held > 0 && len >= 0 && (size_t)len < sizeof(text))
		snprintf(text + len, sizeof(text) - (size_t)len,
		    " (and %llu more like it)", (unsigned long long)held);
	write_line(level, module, text);
}

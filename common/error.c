/*
 * error.c - fills an error: one line, whatever a library put into it.
 */
#include "common/error.h"

#include <stdio.h>
#include <string.h>

/* Newlines and the white space around them become "; ". */
static void
flatten(char text[ERROR_TEXT_MAX])
{
	char flat[ERROR_TEXT_MAX];
	size_t len = strlen(text), to = 0;

	while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL)
		text[--len] = '\0';
	for (const char *from = text; *from != '\0' && to < sizeof(flat) - 2;
	     from++) {
		if (*from != '\n' && *from != '\r') {
			flat[to++] = *from;
			continue;
		}
		while (to > 0 && (flat[to - 1] == ' ' || flat[to - 1] == '\t'))
			to--;
		while (from[1] != '\0' && strchr(" \t\r\n", from[1]) != NULL)
			from++;
		flat[to++] = ';';
		flat[to++] = ' ';
	}
	flat[to] = '\0';
	memcpy(text, flat, to + 1);
}

bool
error_set(struct error *err, enum error_kind kind, const char *fmt, ...)
{
	va_list args;

	if (err == NULL)
		return false;
	err->kind = kind;
	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	flatten(err->text);
	return false;
}

bool
error_wrap(struct error *err, const char *fmt, ...)
{
	char text[ERROR_TEXT_MAX];
	va_list args;
	size_t len, room;

	if (err == NULL)
		return false;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text) - 2, fmt, args);
	va_end(args);
	len = strlen(text);
	memcpy(text + len, ": ", 2);
	len += 2;
	room = sizeof(text) - len - 1;
	memcpy(text + len, err->text, strnlen(err->text, room));
	text[len + strnlen(err->text, room)] = '\0';
	memcpy(err->text, text, sizeof(err->text));
	return false;
}

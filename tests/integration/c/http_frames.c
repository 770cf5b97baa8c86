/*
 * http_frames.c - how our parser takes streams of requests apart: on standard
 * input streams, each behind its length in four bytes; on standard output a
 * line for each: METHOD TARGET BODY of each request, the body in hex.
 */
#include <stdio.h>
#include <stdlib.h>

#include "common/http.h"

static const struct http_limits limits = { 8192, 16384, 100, 65536 };

static void
take_apart(struct str stream)
{
	struct http_parser *p = http_parser_new(&limits);
	struct http_request req;
	size_t used;
	int status;

	while (http_parse(p, stream, &req, &used, &status) == HTTP_READY) {
		printf("%.*s %.*s%s%.*s ", STR_ARG(req.method_text),
		    STR_ARG(req.path), req.query.len ? "?" : "",
		    STR_ARG(req.query));
		for (size_t i = 0; i < req.body.len; i++)
			printf("%02x", (unsigned char)req.body.data[i]);
		putchar('\t');
		if (!req.keep_alive)
			break;
		http_parser_reset(p);
		stream = str_from(stream, used);
	}
	putchar('\n');
	http_parser_free(p);
}

int
main(void)
{
	unsigned char head[4];

	while (fread(head, 1, 4, stdin) == 4) {
		size_t len = (size_t)head[0] << 24 | (size_t)head[1] << 16 |
			     (size_t)head[2] << 8 | head[3];
		char *data = malloc(len + 1);

		if (data == NULL || fread(data, 1, len, stdin) != len)
			return 1;
		take_apart(str_make(data, len));
		free(data);
	}
	return 0;
}

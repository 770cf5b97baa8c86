/*
 * fuzz_http.c - a stream of requests gives the same whether it comes whole
 * or in pieces, at the same place in memory or at others.
 *
 * The input's first byte seeds the cuts; the rest is the stream.
 */
#include <assert.h>
#include <stdlib.h>

#include "common/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Small ones, so that the fuzzer reaches them. */
static const struct http_limits limits = { 256, 512, 8, 256 };

static void
describe(struct buf *out, const struct http_request *req, size_t used)
{
	buf_printf(out, "%zu %d %d %d %d", used, req->method, req->minor_zero,
	    req->keep_alive, req->expects_continue);
	buf_add_str(out, req->method_text);
	buf_add_char(out, ' ');
	buf_add_str(out, req->path);
	buf_add_char(out, '?');
	buf_add_str(out, req->query);
	buf_add_char(out, ' ');
	buf_add_str(out, req->host);
	for (size_t i = 0; i < req->header_count; i++) {
		buf_add_char(out, '\n');
		buf_add_str(out, req->headers[i].name);
		buf_add_char(out, ':');
		buf_add_str(out, req->headers[i].value);
	}
	buf_add_char(out, '\n');
	assert(req->body.len <= limits.body_bytes);
	buf_add_str(out, req->body);
}

/* Adds to OUT what comes of STREAM in pieces by SEED; 0: whole. */
static void
feed(struct str stream, uint32_t seed, struct buf *out)
{
	struct http_parser *p = http_parser_new(&limits);
	struct http_request req;
	enum http_step step;
	size_t begin = 0, end = seed ? 0 : stream.len, used;
	int status = 0;

	for (;;) {
		/* As long as its memory, so that a read beyond is seen. */
		char *part = malloc(end - begin + 1);

		if (end > begin)
			memcpy(part + 1, stream.data + begin, end - begin);
		step = http_parse(
		    p, str_make(part + 1, end - begin), &req, &used, &status);
		if (step == HTTP_READY) {
			assert(used > 0 && used <= end - begin);
			describe(out, &req, used);
			http_parser_reset(p);
			begin += used;
		}
		free(part);
		if (step == HTTP_BAD) {
			assert(status >= 400 && status <= 505);
			buf_printf(out, "refused %d", status);
			break;
		}
		if (step == HTTP_MORE && end == stream.len)
			break;
		if (step == HTTP_MORE) {
			seed = seed * 1664525u + 1013904223u;
			end += 1 + (seed >> 24) % 23;
			if (end > stream.len)
				end = stream.len;
		}
	}
	http_parser_free(p);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole = { 0 }, cut = { 0 };
	struct str stream;

	if (size == 0)
		return 0;
	stream = str_make((const char *)data + 1, size - 1);
	feed(stream, 0, &whole);
	feed(stream, data[0] + 1u, &cut);
	assert(str_eq(buf_str(&whole), buf_str(&cut)));
	buf_free(&whole);
	buf_free(&cut);
	return 0;
}

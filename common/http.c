/*
 * http.c - one request from a stream, or a refusal.
 *
 * The parser works by whole lines: a line is checked for control characters
 * while its end is looked for, then read once. What it has understood it
 * keeps as offsets, as the caller's bytes may move between two calls. Every
 * decision depends on the bytes before it and on nothing that came later, so
 * the places where the stream was cut cannot change it.
 */
#include "common/http.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/http_syntax.h"

#define METHOD_MAX 32      /* bytes; ours have 7 at the most */
#define CHUNK_LINE_MAX 512 /* a size and its extensions */
#define JOINED_KEPT 8192
#define CHUNK_SLACK 4096 /* framing of chunks beyond one byte a byte */

enum stage {
	STAGE_START, /* one empty line may come before a request */
	STAGE_LINE,
	STAGE_FIELDS,
	STAGE_BODY,
	STAGE_CHUNK_SIZE,
	STAGE_CHUNK_DATA,
	STAGE_CHUNK_END,
	STAGE_TRAILERS,
	STAGE_WHOLE,
	STAGE_FAILED
};

enum line { LINE_MORE, LINE_WHOLE, LINE_BAD, LINE_LONG };

/* A part of the input, as its start may move. */
struct span {
	uint32_t at, len;
};

struct field {
	struct span name, value;
};

struct http_parser {
	struct http_limits limits;
	struct field *fields;
	struct http_header *headers; /* FIELDS as lent to the caller */
	struct buf joined;           /* the data of the chunks so far */

	/* All below is cleared for each request. */
	enum stage stage;
	int status;
	size_t at;      /* bytes before it have been understood */
	size_t start;   /* of the line or the chunk being read */
	size_t section; /* where the header or the trailers began */
	size_t body_at; /* where the header ended */
	size_t framing; /* bytes spent on chunk sizes and line ends */
	uint64_t left;  /* of the body, or of the chunk */
	uint32_t field_count, trailer_count;
	enum http_method method;
	struct span method_text, path, query, host;
	struct span body;
	bool absolute, bare; /* absolute form; without a path */
	bool empty_line, minor_zero;
	bool has_host, has_length, has_coding, unknown_coding;
	bool closes, keeps, expects, expects_other;
};

/* --- parts of a request --------------------------------------------------- */

static struct span
span_of(struct str in, struct str part)
{
	return (
	    struct span){ (uint32_t)(part.data - in.data), (uint32_t)part.len };
}

static struct str
text_of(struct str in, struct span s)
{
	return str_make(in.data + s.at, s.len);
}

static bool
read_target(struct http_parser *p, struct str in, struct str target)
{
	static const struct str schemes[] = { STR("http://"), STR("https://") };
	struct str authority = STR_EMPTY;
	ptrdiff_t mark;

	if (http_skip_target(target.data, target.len) != target.len)
		return false;
	if (str_is(target, "*")) {
		p->path = span_of(in, target);
		return p->method == HTTP_OPTIONS;
	}
	for (size_t i = 0; target.data[0] != '/' && i < 2; i++) {
		if (!http_same(str_head(target, schemes[i].len), schemes[i]))
			continue;
		target = str_from(target, schemes[i].len);
		for (size_t n = 0; n < target.len; n++) {
			if (target.data[n] == '/' || target.data[n] == '?')
				break;
			authority = str_make(target.data, n + 1);
		}
		if (!http_host_ok(authority))
			return false;
		p->absolute = true;
		p->host = span_of(in, authority);
		target = str_make(
		    target.data + authority.len, target.len - authority.len);
		break;
	}
	if (!p->absolute && target.data[0] != '/')
		return false;
	mark = str_find_char(target, '?');
	p->path =
	    span_of(in, mark < 0 ? target : str_head(target, (size_t)mark));
	p->bare = p->path.len == 0;
	if (mark >= 0) {
		p->query.at = p->path.at + p->path.len + 1;
		p->query.len = (uint32_t)(target.len - (size_t)mark - 1);
	}
	return true;
}

static enum http_method
method_of(struct str name)
{
	if (str_is(name, "GET"))
		return HTTP_GET;
	if (str_is(name, "POST"))
		return HTTP_POST;
	if (str_is(name, "HEAD"))
		return HTTP_HEAD;
	return str_is(name, "OPTIONS") ? HTTP_OPTIONS : HTTP_OTHER;
}

/* "METHOD HTTP_TARGET HTTP/1.x", one space each. 0 or the status to refuse
 * with. */
static int
read_request_line(struct http_parser *p, struct str in, struct str line)
{
	size_t first = http_run(line, 0, HTTP_TOKEN);
	struct str version, target;

	if (first == 0 || first == line.len || line.data[first] != ' ')
		return 400;
	/* " HTTP/1.1" are the last nine. */
	if (line.len < first + 9)
		return 400;
	version = str_from(line, line.len - 9);
	if (memcmp(version.data, " HTTP/", 6) != 0 || version.data[7] != '.' ||
	    version.data[6] < '0' || version.data[6] > '9' ||
	    version.data[8] < '0' || version.data[8] > '9')
		return 400;
	target = str_make(line.data + first + 1,
	    line.len < first + 10 ? 0 : line.len - first - 10);
	if (target.len == 0 || memchr(target.data, ' ', target.len) != NULL)
		return 400;
	if (version.data[6] != '1' || version.data[8] > '1')
		return 505;
	if (first > METHOD_MAX || str_is(str_head(line, first), "CONNECT"))
		return 501;
	p->minor_zero = version.data[8] == '0';
	p->method_text = span_of(in, str_head(line, first));
	p->method = method_of(str_head(line, first));
	return read_target(p, in, target) ? 0 : 400;
}

/*
 * Content-Length: digits and nothing else. Lengths that no integer holds
 * stay the largest one: they are refused as too large, not as malformed.
 */
static bool
read_length(struct http_parser *p, struct str value)
{
	if (p->has_length || value.len == 0)
		return false;
	p->has_length = true;
	for (size_t i = 0; i < value.len; i++) {
		if (value.data[i] < '0' || value.data[i] > '9')
			return false;
		if (p->left > UINT64_MAX / 10 - 1)
			p->left = UINT64_MAX / 10 - 1;
		p->left = p->left * 10 + (uint64_t)(value.data[i] - '0');
	}
	return true;
}

/*
 * Transfer-Encoding: `chunked`. With another coding before it the framing is
 * clear but not ours (501); anything else is not.
 */
static bool
read_coding(struct http_parser *p, struct str value)
{
	struct str part;

	if (p->has_coding)
		return false;
	p->has_coding = true;
	if (http_same(value, STR("chunked")))
		return true;
	p->unknown_coding = true;
	while (str_cut(&value, ',', &part)) {
		bool last = value.data == NULL;

		part = http_trim(part);
		if (!http_all(part, HTTP_TOKEN) ||
		    last != http_same(part, STR("chunked")))
			return false;
	}
	return true;
}

static void
read_connection(struct http_parser *p, struct str value)
{
	struct str part;

	while (str_cut(&value, ',', &part)) {
		part = http_trim(part);
		p->closes |= http_same(part, STR("close"));
		p->keeps |= http_same(part, STR("keep-alive"));
	}
}

/* Looks at the fields that frame a message. */
static bool
note_field(
    struct http_parser *p, struct str in, struct str name, struct str value)
{
	switch (name.len) {
	case 4:
		if (!http_same(name, STR("host")))
			return true;
		if (p->has_host || !http_host_ok(value))
			return false;
		p->has_host = true;
		/* The absolute form's authority wins (RFC 9112 3.2.2). */
		if (!p->absolute)
			p->host = span_of(in, value);
		return true;
	case 6:
		if (!http_same(name, STR("expect")))
			return true;
		if (http_same(value, STR("100-continue")))
			p->expects = true;
		else
			p->expects_other = true;
		return true;
	case 10:
		if (http_same(name, STR("connection")))
			read_connection(p, value);
		return true;
	case 14:
		return !http_same(name, STR("content-length")) ||
		       read_length(p, value);
	case 17:
		return !http_same(name, STR("transfer-encoding")) ||
		       read_coding(p, value);
	default:
		return true;
	}
}

/* Decides, at the end of the header, where the request ends. 0 or status. */
static int
frame(struct http_parser *p)
{
	if (!p->has_host && !p->minor_zero)
		return 400;
	if (p->has_coding && (p->has_length || p->minor_zero))
		return 400;
	if (p->unknown_coding)
		return 501;
	if (p->expects_other)
		return 417;
	if (p->method == HTTP_POST && !p->has_coding && !p->has_length)
		return 411;
	if (p->left > p->limits.body_bytes)
		return 413;
	/* RFC 9110 10.1.1: a 1.0 client does not know 100. */
	if (p->minor_zero)
		p->expects = false;
	return 0;
}

/* Sets p->left to the size of the chunk whose first line is LINE. */
static bool
read_chunk_size(struct http_parser *p, struct str line)
{
	size_t digits = http_run(line, 0, HTTP_HEX), at = digits;

	if (digits == 0)
		return false;
	p->left = 0;
	for (size_t i = 0; i < digits; i++) {
		int c = line.data[i];

		if (p->left > UINT32_MAX)
			p->left = UINT32_MAX;
		p->left = p->left * 16 +
			  (uint64_t)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
	}
	while (at < line.len) {
		if (!http_extension(line, &at))
			return false;
	}
	return true;
}

/* --- the stream ----------------------------------------------------------- */

/*
 * Looks for the end of the line at p->start, which may have LIMIT bytes.
 * LINE_WHOLE lends it without its CR LF and moves on to the next.
 */
static enum line
read_line(struct http_parser *p, struct str in, size_t limit, struct str *line)
{
	size_t end = in.len;

	if (end - p->start > limit)
		end = p->start + limit + 1;
	p->at = http_skip_text(in.data, p->at, end);
	if (p->at - p->start > limit)
		return LINE_LONG;
	if (p->at == in.len)
		return LINE_MORE;
	if (in.data[p->at] != '\r')
		return LINE_BAD;
	if (p->at + 1 == in.len)
		return LINE_MORE;
	if (in.data[p->at + 1] != '\n')
		return LINE_BAD;
	*line = str_make(in.data + p->start, p->at - p->start);
	p->at += 2;
	p->start = p->at;
	return LINE_WHOLE;
}

/* What remains of the room for the lines of a header or trailer section. */
static size_t
section_left(const struct http_parser *p)
{
	size_t used = p->start - p->section;

	return used < p->limits.header_bytes ? p->limits.header_bytes - used
					     : 0;
}

static enum http_step
fail(struct http_parser *p, int status)
{
	p->stage = STAGE_FAILED;
	p->status = status;
	return HTTP_BAD;
}

/* The answer to a line that is not whole; LONG is the status of a long one. */
static enum http_step
no_line(struct http_parser *p, enum line end, int longer)
{
	if (end == LINE_MORE)
		return HTTP_MORE;
	return fail(p, end == LINE_LONG ? longer : 400);
}

static enum http_step
step_start(struct http_parser *p, struct str in)
{
	if (in.len == 0)
		return HTTP_MORE;
	if (in.data[0] == '\r' && in.len == 1)
		return HTTP_MORE;
	if (in.data[0] == '\r') {
		if (in.data[1] != '\n')
			return fail(p, 400);
		p->at = p->start = 2;
	}
	p->stage = STAGE_LINE;
	return HTTP_READY;
}

static enum http_step
step_line(struct http_parser *p, struct str in)
{
	struct str line = STR_EMPTY;
	enum line end = read_line(p, in, p->limits.line_bytes, &line);
	int status;

	if (end != LINE_WHOLE)
		return no_line(p, end, 414);
	status = read_request_line(p, in, line);
	if (status != 0)
		return fail(p, status);
	p->section = p->start;
	p->stage = STAGE_FIELDS;
	return HTTP_READY;
}

static enum http_step
step_header_end(struct http_parser *p)
{
	int status = frame(p);

	if (status != 0)
		return fail(p, status);
	p->body.at = (uint32_t)p->at;
	p->body.len = (uint32_t)p->left;
	p->joined.len = 0;
	p->body_at = p->at;
	p->stage = p->has_coding ? STAGE_CHUNK_SIZE : STAGE_BODY;
	return HTTP_READY;
}

static enum http_step
step_field(struct http_parser *p, struct str in)
{
	struct str line = STR_EMPTY, name, value;
	enum line end = read_line(p, in, section_left(p), &line);

	if (end != LINE_WHOLE)
		return no_line(p, end, 431);
	if (line.len == 0)
		return step_header_end(p);
	if (p->field_count == p->limits.header_count)
		return fail(p, 431);
	if (!http_field(line, &name, &value) || !note_field(p, in, name, value))
		return fail(p, 400);
	p->fields[p->field_count++] =
	    (struct field){ span_of(in, name), span_of(in, value) };
	return HTTP_READY;
}

static enum http_step
step_body(struct http_parser *p, struct str in)
{
	if (in.len - p->body.at < p->body.len)
		return HTTP_MORE;
	p->at = p->body.at + p->body.len;
	p->stage = STAGE_WHOLE;
	return HTTP_READY;
}

static enum http_step
step_chunk_size(struct http_parser *p, struct str in)
{
	struct str line = STR_EMPTY;
	enum line end = read_line(p, in, CHUNK_LINE_MAX, &line);

	if (end != LINE_WHOLE)
		return no_line(p, end, 413);
	if (!read_chunk_size(p, line))
		return fail(p, 400);
	p->framing += line.len + 4;
	if (p->left > p->limits.body_bytes - p->joined.len ||
	    p->framing > (size_t)p->limits.body_bytes + CHUNK_SLACK)
		return fail(p, 413);
	p->section = p->start;
	p->stage = p->left == 0 ? STAGE_TRAILERS : STAGE_CHUNK_DATA;
	return HTTP_READY;
}

static enum http_step
step_chunk_data(struct http_parser *p, struct str in)
{
	size_t n = in.len - p->at;

	if (n > p->left)
		n = (size_t)p->left;
	buf_add(&p->joined, in.data + p->at, n);
	p->at += n;
	p->left -= n;
	if (p->left > 0)
		return HTTP_MORE;
	p->start = p->at;
	p->stage = STAGE_CHUNK_END;
	return HTTP_READY;
}

static enum http_step
step_chunk_end(struct http_parser *p, struct str in)
{
	struct str line = STR_EMPTY;
	enum line end = read_line(p, in, 0, &line);

	if (end != LINE_WHOLE)
		return no_line(p, end, 400);
	p->stage = STAGE_CHUNK_SIZE;
	return HTTP_READY;
}

/* Trailers are checked and dropped: no field of ours may come late. */
static enum http_step
step_trailer(struct http_parser *p, struct str in)
{
	struct str line = STR_EMPTY, name, value;
	enum line end = read_line(p, in, section_left(p), &line);

	if (end != LINE_WHOLE)
		return no_line(p, end, 431);
	if (line.len == 0) {
		p->stage = STAGE_WHOLE;
		return HTTP_READY;
	}
	if (p->trailer_count++ == p->limits.header_count)
		return fail(p, 431);
	if (!http_field(line, &name, &value) || http_same(name, STR("host")) ||
	    http_same(name, STR("content-length")) ||
	    http_same(name, STR("transfer-encoding")))
		return fail(p, 400);
	return HTTP_READY;
}

static void
lend(struct http_parser *p, struct str in, struct http_request *req)
{
	uint64_t absent = UINT64_MAX;

	for (uint32_t i = 0; i < p->field_count; i++) {
		p->headers[i].name = text_of(in, p->fields[i].name);
		p->headers[i].value = text_of(in, p->fields[i].value);
		absent &= ~http_length_bit(p->headers[i].name);
	}
	*req = (struct http_request){
		.method = p->method,
		.method_text = text_of(in, p->method_text),
		.path = p->bare ? STR("/") : text_of(in, p->path),
		.query = text_of(in, p->query),
		.host = text_of(in, p->host),
		.headers = p->headers,
		.header_count = p->field_count,
		.absent = absent,
		.body =
		    p->has_coding ? buf_str(&p->joined) : text_of(in, p->body),
		.minor_zero = p->minor_zero,
		.keep_alive = !p->closes && (!p->minor_zero || p->keeps),
		.expects_continue = p->expects,
	};
}

enum http_step
http_parse(struct http_parser *p, struct str input, struct http_request *req,
    size_t *used, int *status)
{
	static enum http_step (*const steps[])(
	    struct http_parser *, struct str) = {
		[STAGE_START] = step_start,
		[STAGE_LINE] = step_line,
		[STAGE_FIELDS] = step_field,
		[STAGE_BODY] = step_body,
		[STAGE_CHUNK_SIZE] = step_chunk_size,
		[STAGE_CHUNK_DATA] = step_chunk_data,
		[STAGE_CHUNK_END] = step_chunk_end,
		[STAGE_TRAILERS] = step_trailer,
	};
	enum http_step step = HTTP_READY;

	while (step == HTTP_READY && p->stage < STAGE_WHOLE)
		step = steps[p->stage](p, input);
	if (p->stage == STAGE_FAILED) {
		*status = p->status;
		return HTTP_BAD;
	}
	if (step == HTTP_READY) {
		lend(p, input, req);
		*used = p->at;
	}
	return step;
}

bool
http_parser_in_body(const struct http_parser *p)
{
	return p->stage >= STAGE_BODY && p->stage <= STAGE_TRAILERS;
}

size_t
http_parser_body_at(const struct http_parser *p)
{
	return p->body_at;
}

bool
http_parser_wants_continue(const struct http_parser *p)
{
	return p->expects && http_parser_in_body(p);
}

void
http_parser_reset(struct http_parser *p)
{
	/* One large body must not cost its memory for ever. */
	if (p->joined.cap > JOINED_KEPT)
		buf_free(&p->joined);
	memset(&p->stage, 0, sizeof(*p) - offsetof(struct http_parser, stage));
}

struct http_parser *
http_parser_new(const struct http_limits *limits)
{
	struct http_parser *p = mem_zero(1, sizeof(*p));

	p->limits = *limits;
	p->fields = mem_zero(limits->header_count + 1, sizeof(*p->fields));
	p->headers = mem_zero(limits->header_count + 1, sizeof(*p->headers));
	return p;
}

void
http_parser_free(struct http_parser *p)
{
	if (p == NULL)
		return;
	free(p->fields);
	free(p->headers);
	buf_free(&p->joined);
	free(p);
}

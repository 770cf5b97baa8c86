/*
 * forwarded.c - addresses as 16 bytes, IPv4 as ::ffff:a.b.c.d, so that one
 * comparison serves both kinds and a mapped address cannot slip past a list.
 */
#include "common/forwarded.h"

#include <arpa/inet.h>
#include <string.h>

struct address {
	uint8_t byte[16];
};
struct network {
	struct address address;
	int bits;
};

static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255 };

static bool
is_v4(const struct address *a)
{
	return memcmp(a->byte, mapped, sizeof(mapped)) == 0;
}

/* As inet_pton() reads it, at a fifth of the price: four numbers to 255,
 * without leading zeros. */
static bool
read_v4(struct str text, uint8_t out[4])
{
	unsigned n = 0, digits = 0, parts = 0;

	for (size_t i = 0; i < text.len; i++) {
		unsigned digit = (unsigned)(text.data[i] - '0');

		if (digit <= 9) {
			if (digits++ > 0 && n == 0)
				return false;
			n = n * 10 + digit;
			if (n > 255)
				return false;
		} else if (text.data[i] == '.' && digits > 0 && parts < 3) {
			out[parts++] = (uint8_t)n;
			n = digits = 0;
		} else {
			return false;
		}
	}
	out[3] = (uint8_t)n;
	return parts == 3 && digits > 0;
}

/* TEXT as one address, without port or brackets. */
static bool
read_plain(struct str text, struct address *out)
{
	char copy[FORWARDED_ADDRESS_MAX];

	memcpy(out->byte, mapped, sizeof(mapped));
	if (read_v4(text, out->byte + 12))
		return true;
	if (text.len == 0 || text.len >= sizeof(copy) ||
	    memchr(text.data, '\0', text.len) != NULL)
		return false;
	memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	return inet_pton(AF_INET6, copy, out->byte) == 1;
}

bool
forwarded_address(struct str address, uint8_t out[16])
{
	struct address a;

	if (!read_plain(address, &a))
		return false;
	memcpy(out, a.byte, sizeof(a.byte));
	return true;
}

/* Some proxies add the port: 192.0.2.1:4711, [2001:db8::1]:4711. */
static bool
read_address(struct str text, struct address *out)
{
	ptrdiff_t at;

	if (read_plain(text, out))
		return true;
	text = str_trim(text);
	if (text.len > 0 && text.data[0] == '[') {
		at = str_find_char(text, ']');
		if (at < 0)
			return false;
		if (text.len > (size_t)at + 1 && text.data[at + 1] != ':')
			return false;
		return read_plain(str_from(str_head(text, (size_t)at), 1), out);
	}
	at = str_find_char(text, ':');
	if (at >= 0 && str_find_char(text, '.') >= 0 &&
	    str_find_char(str_from(text, (size_t)at + 1), ':') < 0)
		text = str_head(text, (size_t)at);
	return read_plain(text, out);
}

/* By hand, as inet_ntop() goes through printf: a twentieth of a hit. */
static void
write_v4(const uint8_t byte[4], char *out)
{
	for (int i = 0; i < 4; i++) {
		unsigned n = byte[i];

		if (i > 0)
			*out++ = '.';
		if (n >= 100)
			*out++ = (char)('0' + n / 100);
		if (n >= 10)
			*out++ = (char)('0' + n / 10 % 10);
		*out++ = (char)('0' + n % 10);
	}
	*out = '\0';
}

static void
write_address(const struct address *a, char out[FORWARDED_ADDRESS_MAX])
{
	if (is_v4(a))
		write_v4(a->byte + 12, out);
	else
		inet_ntop(AF_INET6, a->byte, out, FORWARDED_ADDRESS_MAX);
}

static bool
read_network(struct str text, struct network *out)
{
	ptrdiff_t slash = str_find_char(text, '/');
	int64_t bits;

	if (slash < 0) {
		out->bits = 128;
		return read_plain(text, &out->address);
	}
	if (!read_plain(str_head(text, (size_t)slash), &out->address))
		return false;
	bool v4 = str_find_char(str_head(text, (size_t)slash), ':') < 0;
	if (!str_int(
		str_from(text, (size_t)slash + 1), 0, v4 ? 32 : 128, &bits))
		return false;
	out->bits = (int)bits + (v4 ? 96 : 0);
	return true;
}

bool
forwarded_parse(struct forwarded *f, const struct texts *texts,
    struct arena *arena, struct error *err)
{
	f->count = texts->count;
	f->networks = arena_zero(arena, texts->count + 1, sizeof(*f->networks));
	for (size_t i = 0; i < texts->count; i++) {
		if (!read_network(str_of(texts->at[i]), &f->networks[i]))
			return error_set(err, ERROR_FATAL,
			    "\"%s\" is no address or network such as "
			    "10.0.0.0/8",
			    texts->at[i]);
	}
	return true;
}

static bool
inside(const struct network *net, const struct address *a)
{
	size_t whole = (size_t)net->bits / 8;
	int rest = net->bits % 8;

	if (memcmp(net->address.byte, a->byte, whole) != 0)
		return false;
	return rest == 0 ||
	       (net->address.byte[whole] ^ a->byte[whole]) >> (8 - rest) == 0;
}

static bool
trusts(const struct forwarded *f, const struct address *a)
{
	for (size_t i = 0; i < f->count; i++) {
		if (inside(&f->networks[i], a))
			return true;
	}
	return false;
}

void
forwarded_check(const void *value, struct config_place *place)
{
	struct arena *arena = arena_new(4096);
	struct forwarded f;
	struct error err;

	if (!forwarded_parse(&f, value, arena, &err))
		config_complain(place, NULL, "%s", err.text);
	arena_free(arena);
}

bool
forwarded_trusts(const struct forwarded *f, struct str peer)
{
	struct address a;

	return f->count > 0 && read_address(peer, &a) && trusts(f, &a);
}

/* The last part of *LIST goes to *PART and leaves *LIST. */
static bool
cut_last(struct str *list, struct str *part)
{
	size_t at = list->len;

	if (list->data == NULL)
		return false;
	while (at > 0 && list->data[at - 1] != ',')
		at--;
	*part = str_trim(str_from(*list, at));
	*list = at == 0 ? STR_EMPTY : str_head(*list, at - 1);
	return true;
}

void
forwarded_client(const struct forwarded *f, struct str peer,
    const struct http_request *req, char out[FORWARDED_ADDRESS_MAX])
{
	struct address client, next;
	struct str name = STR("x-forwarded-for"), list, part;

	out[0] = '\0';
	if (!read_address(peer, &client))
		return;
	/* Several fields are one list; the nearest proxy wrote the last. */
	for (size_t i = req->header_count; f->count > 0 && i > 0; i--) {
		if (!str_ieq(req->headers[i - 1].name, name))
			continue;
		list = req->headers[i - 1].value;
		while (cut_last(&list, &part)) {
			if (part.len == 0)
				continue; /* RFC 9110: empty parts of a list */
			if (!trusts(f, &client) || !read_address(part, &next))
				goto done;
			client = next;
		}
	}
done:
	write_address(&client, out);
}

bool
forwarded_https(
    const struct forwarded *f, struct str peer, const struct http_request *req)
{
	struct str list, part;

	if (!forwarded_trusts(f, peer))
		return false;
	list = http_header(req, "X-Forwarded-Proto");
	/* The proxy nearest to the client speaks first. */
	return str_cut(&list, ',', &part) &&
	       str_ieq(str_trim(part), STR("https"));
}

bool
forwarded_truncate(struct str address, char out[FORWARDED_ADDRESS_MAX])
{
	struct address a;

	out[0] = '\0';
	if (!read_address(address, &a))
		return false;
	if (is_v4(&a))
		a.byte[15] = 0;
	else
		memset(a.byte + 6, 0, sizeof(a.byte) - 6);
	write_address(&a, out);
	return true;
}

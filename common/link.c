/*
 * link.c - the narrow reading of addresses.
 *
 * Browsers repair addresses (WHATWG URL): tabs vanish, \ becomes /, odd dots
 * become dots. Whatever would be repaired is refused, so that there is
 * nothing to read differently.
 */
#include "common/link.h"

#include "common/digest.h"

static bool
plain(char c)
{
	return c > ' ' && c < 0x7f && strchr("\"<>\\^`{|}", c) == NULL;
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool
digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
host_char(char c)
{
	return digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '-' ||
	       c == '_';
}

/* The last label has a letter, or a browser may take it for a number. */
static bool
is_host(struct str host)
{
	struct str rest = host, label;
	bool named = false;

	if (host.len == 0 || host.len > 253)
		return false;
	while (str_cut(&rest, '.', &label)) {
		named = false;
		if (label.len == 0 || label.len > 63 || label.data[0] == '-' ||
		    label.data[label.len - 1] == '-')
			return false;
		for (size_t i = 0; i < label.len; i++) {
			if (!host_char(label.data[i]))
				return false;
			named = named || !digit(label.data[i]);
		}
		/* 0x7f is a number too. */
		if (str_istarts(label, STR("0x")))
			named = false;
	}
	return named;
}

bool
link_parse(struct str text, bool http_too, struct link_target *out)
{
	struct str authority;
	size_t len = 0;
	ptrdiff_t colon;
	int64_t port;

	*out = (struct link_target){ 0 };
	if (text.len > LINK_TARGET_MAX)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (!plain(text.data[i]))
			return false;
	}
	if (str_istarts(text, STR("https://"))) {
		text = str_from(text, 8);
	} else if (http_too && str_istarts(text, STR("http://"))) {
		text = str_from(text, 7);
		out->http = true;
	} else {
		return false;
	}
	while (len < text.len && strchr("/?#", text.data[len]) == NULL)
		len++;
	authority = str_head(text, len);
	out->rest = str_from(text, len);
	colon = str_find_char(authority, ':');
	out->host = authority;
	if (colon >= 0) {
		out->host = str_head(authority, (size_t)colon);
		out->port = str_from(authority, (size_t)colon + 1);
		if (out->port.len == 0 || out->port.len > 5 ||
		    !digit(out->port.data[0]) || out->port.data[0] == '0' ||
		    !str_int(out->port, 1, 65535, &port))
			return false;
	}
	return is_host(out->host);
}

bool
link_listed(const struct link_target *t, const struct texts *hosts)
{
	if (t->port.len > 0 && !str_is(t->port, t->http ? "80" : "443"))
		return false;
	for (size_t i = 0; i < hosts->count; i++) {
		if (str_ieq(t->host, str_of(hosts->at[i])))
			return true;
	}
	return false;
}

static void
mac_of(struct str key, struct str site, struct str campaign, struct str target,
    uint8_t mac[SHA256_BYTES])
{
	struct buf text = { 0 };

	buf_add_str(&text, site);
	buf_add_char(&text, '\n');
	buf_add_str(&text, campaign);
	buf_add_char(&text, '\n');
	buf_add_str(&text, target);
	digest_hmac_sha256(key, buf_str(&text), mac);
	buf_free(&text);
}

void
link_sign(struct str key, struct str site, struct str campaign,
    struct str target, char out[LINK_SIGNATURE_LEN + 1])
{
	uint8_t mac[SHA256_BYTES];

	mac_of(key, site, campaign, target, mac);
	digest_hex(mac, sizeof(mac), out);
}

bool
link_signed(struct str key, struct str site, struct str campaign,
    struct str target, struct str signature)
{
	uint8_t mac[SHA256_BYTES], given[SHA256_BYTES];

	if (key.len == 0 || !digest_unhex(signature, given, sizeof(given)))
		return false;
	mac_of(key, site, campaign, target, mac);
	return digest_equal(mac, given, sizeof(mac));
}

void
link_write(const struct link_target *t, struct buf *out)
{
	buf_add_str(out, t->http ? STR("http://") : STR("https://"));
	for (size_t i = 0; i < t->host.len; i++)
		buf_add_char(out, lower(t->host.data[i]));
	if (t->port.len > 0) {
		buf_add_char(out, ':');
		buf_add_str(out, t->port);
	}
	if (t->rest.len == 0 || t->rest.data[0] != '/')
		buf_add_char(out, '/');
	buf_add_str(out, t->rest);
}

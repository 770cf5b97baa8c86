#include "aggregator/cli/init_files.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aggregator/cli/init_text.h"
#include "common/digest.h"

#define SECRET_BYTES 32

/* A secret that is empty is one that only the reader knows. */
static const struct {
	const char *name;
	bool made;
} secrets[] = { { "cookie_key", true }, { "api_key", true },
	{ "redirect_key", true }, { "dashboard_token", true },
	{ "postgres_password", false } };

enum { COLLECTOR, AGGREGATOR, SITES, CHANNELS, FILES };
static const struct {
	const char *name, *text;
} files[FILES] = { { "collector.yaml", text_collector },
	{ "aggregator.yaml", text_aggregator },
	{ "sites.yaml", text_init_sites }, { "channels.yaml", text_channels } };

/* Puts VALUE and a line's end in the place of what stands from the first
 * line that begins with KEY to its end. */
static void
put(struct buf *text, const char *key, const char *value)
{
	struct str all = buf_str(text);
	struct buf out = { 0 };
	struct str part;
	bool found = false;

	while (all.len > 0 && str_cut(&all, '\n', &part)) {
		if (!found && str_starts(part, str_of(key))) {
			buf_printf(&out, "%s%s\n", key, value);
			found = true;
		} else {
			buf_printf(&out, "%.*s\n", STR_ARG(part));
		}
	}
	assert(found); /* the files of config/ are ours */
	buf_free(text);
	*text = out;
}

/* Puts VALUE in the place of NAME, which stands once. */
static void
fill(struct buf *text, const char *name, const char *value)
{
	struct str all = buf_str(text);
	ptrdiff_t at = str_find(all, str_of(name));
	struct buf out = { 0 };

	assert(at >= 0);
	buf_add_str(&out, str_head(all, (size_t)at));
	buf_add_str(&out, str_of(value));
	buf_add_str(&out, str_from(all, (size_t)at + strlen(name)));
	buf_free(text);
	*text = out;
}

static void
write_site(const struct init_values *v, struct buf *text)
{
	struct buf hosts = { 0 }, origins = { 0 }, cookie = { 0 };

	if (v->local) {
		buf_add_str(&hosts, STR("[localhost, 127.0.0.1]"));
		buf_add_str(&origins, STR("[]"));
	} else {
		buf_printf(&hosts, "[%s, www.%s, %s]", v->domain, v->domain,
		    v->collector);
		buf_printf(&origins, "[\"https://%s\", \"https://www.%s\"]",
		    v->domain, v->domain);
	}
	buf_printf(&cookie, "\"%s\"", v->local ? "" : v->domain);
	fill(text, "@SITE@", v->site);
	fill(text, "@HOSTS@", buf_text(&hosts));
	fill(text, "@ORIGINS@", buf_text(&origins));
	fill(text, "@COOKIE_DOMAIN@", buf_text(&cookie));
	fill(text, "@TIME_ZONE@", v->time_zone);
	fill(text, "@CURRENCY@", v->currency);
	buf_free(&hosts);
	buf_free(&origins);
	buf_free(&cookie);
}

static void
write_texts(const struct init_values *v, const char *dir, struct buf *text)
{
	struct buf value = { 0 };

	for (int i = 0; i < FILES; i++)
		buf_add_str(&text[i], str_of(files[i].text));
	buf_printf(&value, "\"${AFTERCLICK_SPOOL:-%s%s}\"",
	    v->spool == NULL ? dir : "",
	    v->spool == NULL ? "/spool" : v->spool);
	put(&text[COLLECTOR], "  dir: ", buf_text(&value));
	put(&text[COLLECTOR], "cookie_key: ", "\"${file:secrets/cookie_key}\"");
	if (v->kafka != NULL) {
		value.len = 0;
		buf_printf(&value, "\"%s\"", v->kafka);
		put(&text[COLLECTOR],
		    "  bootstrap.servers: ", buf_text(&value));
		put(&text[AGGREGATOR],
		    "  bootstrap.servers: ", buf_text(&value));
	}
	if (v->postgres != NULL) {
		value.len = 0;
		buf_printf(&value, "\"%s\"", v->postgres);
		put(&text[AGGREGATOR], "  dsn: ", buf_text(&value));
	}
	put(&text[AGGREGATOR],
	    "  password: ", "\"${file:secrets/postgres_password}\"");
	put(&text[AGGREGATOR],
	    "  listen: ", "\"${AFTERCLICK_DASHBOARD:-127.0.0.1:9102}\"");
	put(&text[AGGREGATOR],
	    "  token: ", "\"${file:secrets/dashboard_token}\"");
	write_site(v, &text[SITES]);
	buf_free(&value);
}

static bool
fail(const char *name, struct error *err)
{
	return error_set(err, ERROR_FATAL, "%s: %s", name, strerror(errno));
}

/* A whole file, lasting, of MODE from its first byte on. */
static bool
write_file(
    int dir, const char *name, struct str text, mode_t mode, struct error *err)
{
	int fd =
	    openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	bool ok;

	if (fd < 0)
		return fail(name, err);
	while (text.len > 0) {
		ssize_t n = write(fd, text.data, text.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		text = str_from(text, (size_t)n);
	}
	ok = text.len == 0 && fsync(fd) == 0;
	if (!ok)
		fail(name, err);
	close(fd);
	if (!ok)
		unlinkat(dir, name, 0);
	return ok;
}

static bool
write_secrets(int dir, struct error *err)
{
	uint8_t key[SECRET_BYTES];
	char hex[2 * SECRET_BYTES + 2];
	int at;
	bool ok = true;

	if (mkdirat(dir, "secrets", 0700) != 0 && errno != EEXIST)
		return fail("secrets", err);
	at = openat(dir, "secrets", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (at < 0)
		return fail("secrets", err);
	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]) && ok;
	     i++) {
		digest_random(key, sizeof(key));
		digest_hex(key, sizeof(key), hex);
		strcat(hex, "\n");
		if (faccessat(at, secrets[i].name, F_OK, 0) != 0)
			ok = write_file(at, secrets[i].name,
			    secrets[i].made ? str_of(hex) : STR_EMPTY, 0600,
			    err);
	}
	explicit_bzero(key, sizeof(key));
	explicit_bzero(hex, sizeof(hex));
	close(at);
	return ok;
}

/* Each file gets its name once all are written, so that no run leaves half a
 * configuration. */
static bool
write_all(int dir, struct buf *text, struct error *err)
{
	struct buf part[FILES] = { { 0 } };
	int written = 0;
	bool ok = true;

	for (int i = 0; i < FILES; i++)
		buf_printf(&part[i], "%s.new", files[i].name);
	for (; written < FILES && ok; written++) {
		unlinkat(dir, buf_text(&part[written]), 0);
		ok = write_file(dir, buf_text(&part[written]),
		    buf_str(&text[written]), 0644, err);
	}
	for (int i = 0; i < FILES && ok; i++) {
		if (renameat(dir, buf_text(&part[i]), dir, files[i].name) != 0)
			ok = fail(files[i].name, err);
	}
	for (int i = 0; i < FILES; i++) {
		if (!ok)
			unlinkat(dir, buf_text(&part[i]), 0);
		buf_free(&part[i]);
	}
	return ok;
}

bool
init_files_write(const struct init_values *v, const char *dir, bool force,
    char **real, struct error *err)
{
	struct buf text[FILES] = { { 0 } };
	bool ok;
	int at;

	*real = NULL;
	if (mkdir(dir, 0755) != 0 && errno != EEXIST)
		return fail(dir, err);
	at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (at < 0)
		return fail(dir, err);
	for (int i = 0; i < FILES && !force; i++) {
		if (faccessat(at, files[i].name, F_OK, 0) == 0) {
			close(at);
			return error_set(err, ERROR_FATAL,
			    "%s/%s is there already: name another --dir, or "
			    "--force to write over it (secrets stay)",
			    dir, files[i].name);
		}
	}
	*real = realpath(dir, NULL);
	ok = *real != NULL || fail(dir, err);
	if (ok && strpbrk(*real, "\"\\\n\r${}") != NULL)
		ok = error_set(err, ERROR_FATAL,
		    "%s: a name with a quote, $ or braces cannot stand in a "
		    "configuration",
		    *real);
	if (ok) {
		write_texts(v, *real, text);
		ok = write_secrets(at, err) && write_all(at, text, err);
	}
	for (int i = 0; i < FILES; i++)
		buf_free(&text[i]);
	close(at);
	return ok;
}

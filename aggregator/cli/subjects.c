#include "aggregator/cli/subjects.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aggregator/cli/lines.h"
#include "aggregator/store/sql.h" /* made from store/sql/ by make */
#include "common/address.h"
#include "common/process.h"

enum { ID_MAX = 512 };

static bool
usage(int *code, const char *what)
{
	fprintf(stderr, "afterclick: %s\n", what);
	*code = EXIT_USAGE;
	return false;
}

static bool
is_hash(struct str text)
{
	uint8_t bytes[SHA256_BYTES];

	return digest_unhex(text, bytes, sizeof(bytes));
}

/* The hash of an address, with Google's way of writing it; or the hash that
 * is given. */
static bool
add_email(struct context *c, struct erase_request *r, struct str text)
{
	struct str email, google;

	if (is_hash(text)) {
		char *lower = arena_alloc(c->arena, text.len);

		for (size_t i = 0; i < text.len; i++)
			lower[i] = text.data[i] >= 'A' && text.data[i] <= 'F'
				       ? (char)(text.data[i] - 'A' + 'a')
				       : text.data[i];
		r->id = str_make(lower, text.len);
		return true;
	}
	if (!address_email(text, c->arena, &email))
		return false;
	r->id = address_hash(email, c->arena);
	google = address_google_email(email, c->arena);
	if (google.len > 0)
		r->other = address_hash(google, c->arena);
	return true;
}

/* PLACE says where TEXT stands, for complaints: never the id itself. */
static bool
add(struct context *c, struct subjects *out, enum person_kind kind,
    struct str text, const char *place, uint64_t line)
{
	struct erase_request r = { .kind = kind };

	text = str_trim(text);
	if (text.len == 0 || text.len > ID_MAX || !str_utf8(text) ||
	    str_find_char(text, '\0') >= 0) {
		fprintf(stderr,
		    "afterclick: %s:%llu: no id of 1 to %d bytes of UTF-8 "
		    "without NUL\n",
		    place, (unsigned long long)line, ID_MAX);
		return false;
	}
	if (kind == PERSON_EMAIL) {
		if (!add_email(c, &r, text)) {
			fprintf(stderr,
			    "afterclick: %s:%llu: neither an address such as "
			    "a@b.example nor a SHA-256 of 64 hex digits\n",
			    place, (unsigned long long)line);
			return false;
		}
	} else {
		r.id = arena_str(c->arena, text);
	}
	out->at = mem_grow(out->at, (out->count + 1) * sizeof(r));
	out->at[out->count++] = r;
	return true;
}

static bool
add_file(struct context *c, struct subjects *out, enum person_kind kind,
    const char *file, int *code)
{
	struct error err;
	struct lines *l = lines_open(file, &err);
	enum lines_step step = LINES_FAILED;
	struct str line;
	bool good = true;

	while (l != NULL && good &&
	       (step = lines_next_text(l, ID_MAX, &line, &err)) == LINES_NEXT)
		good = add(c, out, kind, line, file, lines_number(l));
	if (good && step == LINES_LONG)
		fprintf(stderr, "afterclick: %s:%llu: longer than %d bytes\n",
		    file, (unsigned long long)lines_number(l), ID_MAX);
	if (good && step == LINES_FAILED)
		fprintf(stderr, "afterclick: %s\n", err.text);
	lines_close(l);
	*code = EXIT_FAILED;
	return good && step == LINES_END;
}

static bool
add_option(struct context *c, struct subjects *out, enum person_kind kind,
    const char *value, const char *name, int *code)
{
	if (value == NULL)
		return true;
	if (strcmp(value, "-") == 0)
		return add_file(c, out, kind, value, code);
	if (value[0] == '@')
		return add_file(c, out, kind, value + 1, code);
	*code = EXIT_USAGE;
	return add(c, out, kind, str_of(value), name, 1);
}

/* Every site that the configuration or the tables know, or the one asked
 * for. */
static bool
find_sites(struct context *c, const char *only, struct subjects *out, int *code)
{
	struct error err;
	struct postgres_rows *r =
	    postgres_query(c->pg, sql_sites_known, NULL, &err);
	const struct site *s = c->sites.list.at;
	struct str *site;
	size_t rows, n = 0;

	if (r == NULL) {
		*code = context_fail(&err);
		return false;
	}
	rows = postgres_rows_count(r);
	site = arena_alloc(
	    c->arena, (rows + c->sites.list.count + 1) * sizeof(*site));
	for (size_t i = 0; i < rows; i++)
		site[n++] = arena_str(c->arena, postgres_text(r, i, 0));
	postgres_rows_free(r);
	for (size_t i = 0; i < c->sites.list.count; i++) {
		bool known = false;

		for (size_t k = 0; k < rows; k++)
			known = known || str_is(site[k], s[i].id);
		if (!known)
			site[n++] = str_of(s[i].id);
	}
	out->sites = site;
	out->site_count = n;
	for (size_t i = 0; only != NULL && i < n; i++) {
		if (!str_is(site[i], only))
			continue;
		out->sites = &site[i];
		out->site_count = 1;
		return true;
	}
	return only == NULL || usage(code, "--site: there is no such site");
}

static bool
read_all(struct context *c, const struct subjects_options *opt,
    const struct operands *operands, struct subjects *out, int *code)
{
	const struct {
		enum person_kind kind;
		const char *value, *name;
	} kinds[] = { { PERSON_VISITOR, opt->visitor, "--visitor" },
		{ PERSON_USER, opt->user, "--user" },
		{ PERSON_ORDER, opt->order, "--order" },
		{ PERSON_EMAIL, opt->email, "--email" } };
	enum person_kind kind = PERSON_VISITOR;
	int named = 0;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].value != NULL) {
			named++;
			kind = kinds[i].kind;
		}
		if (!add_option(c, out, kinds[i].kind, kinds[i].value,
			kinds[i].name, code))
			return false;
	}
	if (named == 0)
		return usage(code,
		    "say who: --visitor, --user, --order or --email, with an "
		    "id, @FILE or - for standard input");
	if (operands->count > 0 && named > 1)
		return usage(
		    code, "further ids stand behind one kind of id only");
	*code = EXIT_USAGE;
	for (int i = 0; i < operands->count; i++) {
		if (!add(c, out, kind, str_of(operands->at[i]), "operand",
			(uint64_t)i + 1))
			return false;
	}
	return out->count > 0 || usage(code, "the file names nobody");
}

static bool
names_nobody(const struct subjects_options *opt,
    const struct operands *operands, int *code)
{
	return (opt->visitor == NULL && opt->user == NULL &&
		   opt->order == NULL && opt->email == NULL &&
		   opt->site == NULL && operands->count == 0) ||
	       usage(code, "--again names nobody: the list does");
}

bool
subjects_open(struct context *c, const struct cli *cli, bool nobody,
    const struct subjects_options *opt, const struct operands *operands,
    struct subjects *out, struct erase *erase, int *code)
{
	*out = (struct subjects){ 0 };
	if (!context_settings(c, cli, code) || !context_sites(c, code) ||
	    !context_postgres(c, true, code) ||
	    !(nobody ? names_nobody(opt, operands, code)
		     : read_all(c, opt, operands, out, code)) ||
	    !find_sites(c, opt->site, out, code))
		return false;
	erase->pg = c->pg;
	erase->sites = out->sites;
	erase->site_count = out->site_count;
	return true;
}

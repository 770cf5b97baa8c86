#include "aggregator/journey/aliases.h"

#include <stdio.h>
#include <stdlib.h>

#include "aggregator/journey/normalise.h"
#include "aggregator/journey/pattern.h"

struct alias {
	char *id, *name, *pattern, *source, *campaign;
};

/* The same, as it is looked for. */
struct row {
	struct str id, name, source, campaign;
	struct pattern *pattern;
};

struct aliases {
	struct arena *arena;
	struct row *row;
	size_t count;
};

struct file {
	struct items campaigns;
};

static void
check_rows(const void *value, struct config_place *place)
{
	const struct items *items = value;
	const struct alias *a = items->at;
	char sub[40];

	for (size_t i = 0; i < items->count; i++) {
		int keys = (*a[i].id != '\0') + (*a[i].name != '\0') +
			   (*a[i].pattern != '\0');
		struct error err;
		struct pattern *p;

		snprintf(sub, sizeof(sub), "[%zu]", i);
		if (keys != 1)
			config_complain(place, sub,
			    "needs exactly one of id, name and pattern");
		if (str_trim(str_of(a[i].campaign)).len == 0)
			config_complain(
			    place, sub, "campaign must not be empty");
		if (*a[i].pattern == '\0')
			continue;
		p = pattern_new(str_of(a[i].pattern),
		    PATTERN_WHOLE | PATTERN_CASELESS, &err);
		if (p == NULL)
			config_complain(place, sub, "pattern: %s", err.text);
		pattern_free(p);
	}
}

static const struct setting alias_settings[] = {
	{ "id", SETTING_TEXT, offsetof(struct alias, id), "",
	    .help = "the campaign's id on its platform, as utm_id or "
		    "gad_campaignid bring it" },
	{ "name", SETTING_TEXT, offsetof(struct alias, name), "",
	    .help = "the campaign's name, as utm_campaign or an export has "
		    "it" },
	{ "pattern", SETTING_TEXT, offsetof(struct alias, pattern), "",
	    .help = "a regular expression that the whole name must match" },
	{ "source", SETTING_TEXT, offsetof(struct alias, source), "",
	    .help = "only of this source; empty: of any" },
	{ "campaign", SETTING_TEXT, offsetof(struct alias, campaign), NULL,
	    .help = "what it is called in the tables" },
	{ NULL },
};

static const struct setting file_settings[] = {
	{ "campaigns", SETTING_LIST, offsetof(struct file, campaigns), "",
	    .help = "names for campaigns; the first row that holds is taken",
	    .fields = alias_settings, .size = sizeof(struct alias),
	    .check = check_rows },
	{ NULL },
};

struct aliases *
aliases_load(const char *name, struct buf *problems)
{
	struct aliases *a = mem_zero(1, sizeof(*a));
	struct file file = { .campaigns = { NULL, 0 } };
	const struct alias *from;
	struct error err;

	a->arena = arena_new(4096);
	if (!config_load(name, file_settings, &file, a->arena, problems)) {
		aliases_free(a);
		return NULL;
	}
	from = file.campaigns.at;
	a->row = arena_zero(a->arena, file.campaigns.count, sizeof(*a->row));
	for (; a->count < file.campaigns.count; a->count++, from++) {
		struct row *row = &a->row[a->count];

		row->id = normalise(a->arena, str_of(from->id));
		row->name = normalise(a->arena, str_of(from->name));
		row->source = normalise(a->arena, str_of(from->source));
		row->campaign = normalise(a->arena, str_of(from->campaign));
		if (*from->pattern != '\0')
			row->pattern = pattern_new(str_of(from->pattern),
			    PATTERN_WHOLE | PATTERN_CASELESS, &err);
	}
	return a;
}

void
aliases_free(struct aliases *a)
{
	if (a == NULL)
		return;
	for (size_t i = 0; i < a->count; i++)
		pattern_free(a->row[i].pattern);
	arena_free(a->arena);
	free(a);
}

struct str
aliases_find(
    const struct aliases *a, struct str source, struct str id, struct str name)
{
	if (name.len == 0 && id.len == 0)
		return name;
	for (size_t i = 0; i < a->count; i++) {
		const struct row *row = &a->row[i];

		if (row->source.len > 0 && !str_eq(row->source, source))
			continue;
		if (row->id.len > 0 ? str_eq(row->id, id)
		    : row->name.len > 0
			? str_eq(row->name, name)
			: name.len > 0 && pattern_matches(row->pattern, name))
			return row->campaign;
	}
	return name;
}

struct str
aliases_name(const struct aliases *a, size_t i)
{
	return i < a->count ? a->row[i].campaign : STR_EMPTY;
}

#include "aggregator/dashboard/params.h"

#include <string.h>

#include "aggregator/models/models.h"
#include "common/calendar.h"
#include "common/http.h"

#define DAYS_DEFAULT 30

enum field { FROM, TO, SITE, MODEL, BASIS, FIELD_COUNT };
static const char *const names[] = { "from", "to", "site", "model", "basis" };

static bool
take_day(struct str text, const char *name, int32_t *day, struct error *err)
{
	if (calendar_parse_day(text, day))
		return true;
	return error_set(
	    err, ERROR_REJECT, "%s is no day such as 2026-11-30", name);
}

static bool
take_site(struct params *p, struct str text, struct error *err)
{
	if (text.len == 0 || text.len > PARAMS_SITE_MAX)
		return error_set(err, ERROR_REJECT, "site has 1 to %d bytes",
		    PARAMS_SITE_MAX);
	memcpy(p->site, text.data, text.len);
	p->site[text.len] = '\0';
	return strlen(p->site) == text.len ||
	       error_set(err, ERROR_REJECT, "site holds a NUL");
}

static bool
take(struct params *p, enum field field, struct str text, struct error *err)
{
	int m;

	switch (field) {
	case FROM:
		return take_day(text, "from", &p->from, err);
	case TO:
		return take_day(text, "to", &p->to, err);
	case SITE:
		return take_site(p, text, err);
	case MODEL:
		m = models_find(text);
		if (m < 0)
			return error_set(err, ERROR_REJECT,
			    "model is none of those of /api/about");
		p->model = models[m]->name;
		return true;
	case BASIS:
		p->basis = str_is(text, "touch");
		return p->basis || str_is(text, "conversion") ||
		       error_set(
			   err, ERROR_REJECT, "basis is conversion or touch");
	case FIELD_COUNT:
		break;
	}
	return false;
}

static bool
sensible(struct params *p, const bool *given, int32_t today, struct error *err)
{
	if (!given[SITE])
		return error_set(err, ERROR_REJECT, "site is missing");
	if (!given[TO])
		p->to = given[FROM] ? p->from + DAYS_DEFAULT - 1 : today;
	if (!given[FROM])
		p->from = p->to - DAYS_DEFAULT + 1;
	if (p->from > p->to)
		return error_set(err, ERROR_REJECT, "from is after to");
	if ((int64_t)p->to - p->from >= PARAMS_DAYS_MAX)
		return error_set(err, ERROR_REJECT,
		    "from and to are more than %d days apart", PARAMS_DAYS_MAX);
	return true;
}

bool
params_read(struct params *p, struct str query, int32_t today,
    struct arena *arena, struct error *err)
{
	bool given[FIELD_COUNT] = { false };
	struct str name, value;

	*p = (struct params){ .model = "last_touch" };
	while (http_next_param(&query, arena, &name, &value)) {
		int f = 0;

		while (f < FIELD_COUNT && !str_is(name, names[f]))
			f++;
		if (f == FIELD_COUNT)
			return error_set(err, ERROR_REJECT,
			    "no parameter is called %.*s",
			    (int)(name.len > 40 ? 40 : name.len), name.data);
		if (given[f])
			return error_set(
			    err, ERROR_REJECT, "%s is given twice", names[f]);
		given[f] = true;
		if (!take(p, (enum field)f, value, err))
			return false;
	}
	return sensible(p, given, today, err);
}

/*
 * robots.c - the groups that name the program, else those for all; of their
 * rules the longest that matches, and of two alike the one that allows.
 */
#include "aggregator/cli/robots.h"

/* Whether PATTERN, with * and a closing $, matches the beginning of PATH.
 * Backtracks to the last star only, which is enough. */
static bool
matches(struct str pattern, struct str path)
{
	bool whole = str_ends(pattern, STR("$"));
	size_t p = 0, s = 0, star = SIZE_MAX, retry = 0;

	if (whole)
		pattern = str_head(pattern, pattern.len - 1);
	for (;;) {
		if (p == pattern.len && (!whole || s == path.len))
			return true;
		if (p < pattern.len && pattern.data[p] == '*') {
			star = p++;
			retry = s;
		} else if (p < pattern.len && s < path.len &&
			   pattern.data[p] == path.data[s]) {
			p++;
			s++;
		} else if (star != SIZE_MAX && retry < path.len) {
			p = star + 1;
			s = ++retry;
		} else {
			return false;
		}
	}
}

struct line {
	struct str key, value;
};

static bool
next_line(struct str *rest, struct line *out)
{
	struct str text;
	ptrdiff_t at;

	while (str_cut(rest, '\n', &text)) {
		at = str_find_char(text, '#');
		if (at >= 0)
			text = str_head(text, (size_t)at);
		at = str_find_char(text, ':');
		if (at < 0)
			continue;
		out->key = str_trim(str_head(text, (size_t)at));
		out->value = str_trim(str_from(text, (size_t)at + 1));
		return true;
	}
	return false;
}

/* The verdict of the groups for AGENT; *NAMED says whether there are any. */
static bool
allowed_by(struct str text, struct str agent, struct str path, bool *named)
{
	bool ours = false, naming = false, allowed = true;
	size_t longest = 0;
	struct line l;

	*named = false;
	while (next_line(&text, &l)) {
		bool allow = str_ieq(l.key, STR("allow"));

		if (str_ieq(l.key, STR("user-agent"))) {
			ours = (naming && ours) || str_ieq(l.value, agent);
			naming = true;
			*named = *named || ours;
			continue;
		}
		naming = false;
		if (!ours || l.value.len == 0 ||
		    !(allow || str_ieq(l.key, STR("disallow"))) ||
		    !matches(l.value, path))
			continue;
		if (l.value.len > longest ||
		    (l.value.len == longest && allow)) {
			longest = l.value.len;
			allowed = allow;
		}
	}
	return allowed;
}

bool
robots_allow(struct str text, struct str agent, struct str path)
{
	bool named, allowed = allowed_by(text, agent, path, &named);

	return named ? allowed : allowed_by(text, STR("*"), path, &named);
}

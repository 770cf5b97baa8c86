#include "aggregator/journey/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <pthread.h>
#include <stdlib.h>

/* A careless expression of a site's own must not stop the river. */
#define STEPS_MAX 100000

struct pattern {
	pcre2_code *code;
	char *words; /* "display|banner": no expression at all; else NULL */
};

/* What PCRE2 writes into, one set a thread. */
struct scratch {
	pcre2_match_data *found;
	pcre2_match_context *limits;
};
static _Thread_local struct scratch *mine;
static pthread_key_t at_thread_end;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
scratch_free(void *arg)
{
	struct scratch *s = arg;

	pcre2_match_data_free(s->found);
	pcre2_match_context_free(s->limits);
	free(s);
}

static void
make_key(void)
{
	if (pthread_key_create(&at_thread_end, scratch_free) != 0)
		abort(); /* out of keys is out of memory */
}

static struct scratch *
scratch(void)
{
	if (mine != NULL)
		return mine;
	pthread_once(&once, make_key);
	mine = mem_alloc(sizeof(*mine));
	mine->found = pcre2_match_data_create(1, NULL);
	mine->limits = pcre2_match_context_create(NULL);
	if (mine->found == NULL || mine->limits == NULL)
		abort();
	pcre2_set_match_limit(mine->limits, STEPS_MAX);
	pthread_setspecific(at_thread_end, mine);
	return mine;
}

/* Most rules are plain words between bars, and need no machine. */
static bool
is_words(struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
			c == '-' || c == '_' || c == ' ' || c == '|'))
			return false;
	}
	return text.len > 0;
}

struct pattern *
pattern_new(struct str text, int mode, struct error *err)
{
	uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF;
	struct pattern *p;
	pcre2_code *code;
	int number;
	size_t place;

	if (mode & PATTERN_WHOLE)
		options |= PCRE2_ANCHORED | PCRE2_ENDANCHORED;
	if (mode & PATTERN_CASELESS)
		options |= PCRE2_CASELESS;
	code = pcre2_compile((PCRE2_SPTR)(text.data ? text.data : ""), text.len,
	    options, &number, &place, NULL);
	if (code == NULL) {
		PCRE2_UCHAR what[128] = "";

		pcre2_get_error_message(number, what, sizeof(what));
		error_set(err, ERROR_FATAL,
		    "regular expression, at character %zu: %s", place + 1,
		    (const char *)what);
		return NULL;
	}
	/* Where memory may not become code, the interpreter does it. */
	(void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
	p = mem_zero(1, sizeof(*p));
	p->code = code;
	if ((mode & PATTERN_WHOLE) && (mode & PATTERN_CASELESS) &&
	    is_words(text))
		p->words = str_dup(text);
	return p;
}

void
pattern_free(struct pattern *p)
{
	if (p == NULL)
		return;
	pcre2_code_free(p->code);
	free(p->words);
	free(p);
}

static bool
is_one_of(const char *words, struct str text)
{
	for (size_t n;; words += n + 1) {
		n = strcspn(words, "|");
		if (str_ieq(str_make(words, n), text))
			return true;
		if (words[n] == '\0')
			return false;
	}
}

bool
pattern_matches(const struct pattern *p, struct str text)
{
	struct scratch *s;

	if (p->words != NULL)
		return is_one_of(p->words, text);
	s = scratch();
	return pcre2_match(p->code, (PCRE2_SPTR)(text.data ? text.data : ""),
		   text.len, 0, 0, s->found, s->limits) >= 0;
}

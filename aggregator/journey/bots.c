#include "aggregator/journey/bots.h"

#include <assert.h>
#include <stdlib.h>

#include "aggregator/journey/pattern.h"
#include "aggregator/journey/tables.h"

#define NO_ROW UINT16_MAX

struct rule {
	struct str name, literal; /* as in the table */
	bool caseless, word;
	struct pattern *pattern; /* NULL: the literal is enough */
	uint16_t next;           /* rule with the same literal but for case */
};

struct bots {
	struct rule *rules;
	size_t rule_count;
	uint8_t class_of[256]; /* of a byte, case folded; 0: in no literal */
	size_t classes;
	uint16_t *go;   /* [state * classes + class]: the next state */
	uint16_t *ends; /* [state]: first rule that ends here, or NO_ROW */
	uint16_t *also; /* [state]: the next state with an end, or 0 */
	bool *any;      /* [state]: ends or also */
	size_t states;
};

static uint8_t
fold(char c)
{
	return (uint8_t)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static bool
has(struct str flags, char flag)
{
	return str_find_char(flags, flag) >= 0;
}

static void
read_rules(struct bots *b)
{
	struct str rest = tables_bots(), column[4];
	size_t cap = 0;

	while (tables_next(&rest, column, 4)) {
		struct rule *r;

		if (b->rule_count == cap) {
			cap = cap ? 2 * cap : 1024;
			b->rules = mem_grow(b->rules, cap * sizeof(*r));
		}
		r = &b->rules[b->rule_count++];
		*r = (struct rule){ .name = column[0],
			.literal = column[2],
			.caseless = has(column[1], 'i'),
			.word = has(column[1], 'w'),
			.next = NO_ROW };
		assert(r->literal.len > 0);
		if (column[3].len > 0) {
			struct error err;

			r->pattern = pattern_new(column[3],
			    r->caseless ? PATTERN_CASELESS : 0, &err);
			assert(r->pattern != NULL); /* compiled in */
		}
	}
	assert(b->rule_count < NO_ROW);
}

/* Gives bytes that occur their classes; returns the sum of all lengths. */
static size_t
read_classes(struct bots *b)
{
	size_t total = 0;

	b->classes = 1;
	for (size_t i = 0; i < b->rule_count; i++) {
		struct str s = b->rules[i].literal;

		total += s.len;
		for (size_t k = 0; k < s.len; k++) {
			uint8_t c = fold(s.data[k]);

			if (b->class_of[c] == 0)
				b->class_of[c] = (uint8_t)b->classes++;
		}
	}
	for (int c = 'A'; c <= 'Z'; c++)
		b->class_of[c] = b->class_of[c + ('a' - 'A')];
	return total;
}

/* Adds the path of rule I to the tree. */
static void
plant(struct bots *b, size_t i)
{
	struct str s = b->rules[i].literal;
	size_t state = 0;
	uint16_t *end;

	for (size_t k = 0; k < s.len; k++) {
		size_t class = b->class_of[(uint8_t)s.data[k]];
		uint16_t *next = &b->go[state * b->classes + class];

		if (*next == 0) {
			assert(b->states < UINT16_MAX);
			*next = (uint16_t)b->states++;
		}
		state = *next;
	}
	/* In the table's order. */
	for (end = &b->ends[state]; *end != NO_ROW;)
		end = &b->rules[*end].next;
	*end = (uint16_t)i;
}

/* Breadth first: where a state has no way on, its fallback's is taken. */
static void
close_automaton(struct bots *b)
{
	uint16_t *queue = mem_alloc(b->states * sizeof(*queue));
	uint16_t *fallback = mem_zero(b->states, sizeof(*fallback));
	size_t head = 0, tail = 0;

	for (size_t c = 0; c < b->classes; c++) {
		if (b->go[c] != 0)
			queue[tail++] = b->go[c];
	}
	while (head < tail) {
		size_t state = queue[head++], back = fallback[state];

		b->also[state] =
		    b->ends[back] != NO_ROW ? (uint16_t)back : b->also[back];
		b->any[state] = b->ends[state] != NO_ROW || b->also[state] != 0;
		for (size_t c = 0; c < b->classes; c++) {
			uint16_t *next = &b->go[state * b->classes + c];
			uint16_t other = b->go[back * b->classes + c];

			if (*next == 0) {
				*next = other;
			} else {
				fallback[*next] = other;
				queue[tail++] = *next;
			}
		}
	}
	free(queue);
	free(fallback);
}

struct bots *
bots_new(void)
{
	struct bots *b = mem_zero(1, sizeof(*b));
	size_t most;

	read_rules(b);
	most = read_classes(b) + 1;
	b->go = mem_zero(most * b->classes, sizeof(*b->go));
	b->ends = mem_alloc(most * sizeof(*b->ends));
	memset(b->ends, 0xff, most * sizeof(*b->ends)); /* NO_ROW */
	b->also = mem_zero(most, sizeof(*b->also));
	b->any = mem_zero(most, sizeof(*b->any));
	b->states = 1;
	for (size_t i = 0; i < b->rule_count; i++)
		plant(b, i);
	close_automaton(b);
	return b;
}

void
bots_free(struct bots *b)
{
	if (b == NULL)
		return;
	for (size_t i = 0; i < b->rule_count; i++)
		pattern_free(b->rules[i].pattern);
	free(b->rules);
	free(b->go);
	free(b->ends);
	free(b->also);
	free(b->any);
	free(b);
}

static bool
is_word(char c)
{
	uint8_t f = fold(c);

	return (f >= 'a' && f <= 'z') || (f >= '0' && f <= '9');
}

/* True when R holds where its literal, case ignored, ends at END. */
static bool
holds(const struct rule *r, struct str agent, size_t end)
{
	size_t start = end - r->literal.len;

	if (!r->caseless &&
	    memcmp(agent.data + start, r->literal.data, r->literal.len) != 0)
		return false;
	if (r->word && start > 0 && is_word(agent.data[start - 1]))
		return false;
	return r->pattern == NULL || pattern_matches(r->pattern, agent);
}

struct str
bots_find(const struct bots *b, struct str agent)
{
	size_t state = 0, best = b->rule_count;

	for (size_t i = 0; i < agent.len; i++) {
		uint8_t class = b->class_of[(uint8_t)agent.data[i]];

		state = b->go[state * b->classes + class];
		if (!b->any[state])
			continue;
		for (size_t s = state; s != 0; s = b->also[s]) {
			for (size_t r = b->ends[s]; r < best;
			     r = b->rules[r].next) {
				if (holds(&b->rules[r], agent, i + 1))
					best = r;
			}
		}
	}
	return best < b->rule_count ? b->rules[best].name : STR_EMPTY;
}

/*
 * pulse.c - a list of the threads; each owns its node, the time in it may be
 * read by anybody.
 */
#include "common/pulse.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/clock.h"

#define RESTS INT64_MAX

struct pulse {
	struct pulse *next; /* lock */
	char name[PULSE_NAME_MAX];
	_Atomic int64_t since_ms;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct pulse *all; /* lock */
static _Thread_local struct pulse *mine;

void
pulse_begin(const char *name)
{
	mine = mem_zero(1, sizeof(*mine));
	snprintf(mine->name, sizeof(mine->name), "%s", name);
	pthread_setname_np(pthread_self(), mine->name);
	pulse_turn();
	pthread_mutex_lock(&lock);
	mine->next = all;
	all = mine;
	pthread_mutex_unlock(&lock);
}

void
pulse_turn(void)
{
	if (mine != NULL)
		atomic_store_explicit(
		    &mine->since_ms, clock_mono_ms(), memory_order_relaxed);
}

void
pulse_rest(void)
{
	if (mine != NULL)
		atomic_store_explicit(
		    &mine->since_ms, RESTS, memory_order_relaxed);
}

void
pulse_end(void)
{
	struct pulse **at = &all;

	if (mine == NULL)
		return;
	pthread_mutex_lock(&lock);
	while (*at != mine)
		at = &(*at)->next;
	*at = mine->next;
	pthread_mutex_unlock(&lock);
	free(mine);
	mine = NULL;
}

bool
pulse_stuck(int64_t mono_ms, int64_t limit_ms, char name[PULSE_NAME_MAX])
{
	bool stuck = false;

	pthread_mutex_lock(&lock);
	for (const struct pulse *p = all; p != NULL && !stuck; p = p->next) {
		int64_t since =
		    atomic_load_explicit(&p->since_ms, memory_order_relaxed);

		stuck = since != RESTS && mono_ms - since > limit_ms;
		if (stuck)
			memcpy(name, p->name, PULSE_NAME_MAX);
	}
	pthread_mutex_unlock(&lock);
	return stuck;
}

/*
 * recent.c - a ring under a lock that only a reader of /debug/hits contends
 * for.
 */
#include "collector/recent.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct recent {
	pthread_mutex_t lock;
	uint64_t added;                      /* lock */
	struct recent_hit hit[RECENT_COUNT]; /* lock */
};

struct recent *
recent_new(void)
{
	struct recent *list = mem_zero(1, sizeof(*list));

	pthread_mutex_init(&list->lock, NULL);
	return list;
}

void
recent_free(struct recent *list)
{
	if (list == NULL)
		return;
	pthread_mutex_destroy(&list->lock);
	free(list);
}

struct recent_hit *
recent_begin(struct recent *list)
{
	struct recent_hit *hit;

	pthread_mutex_lock(&list->lock);
	hit = &list->hit[list->added++ % RECENT_COUNT];
	/* Not all of its bytes: this is done for each hit. */
	hit->site[0] = hit->lane[0] = hit->type[0] = hit->event_id[0] =
	    hit->visitor_id[0] = hit->order_id[0] = hit->ip[0] =
		hit->reason[0] = hit->dropped[0] = '\0';
	return hit;
}

void
recent_end(struct recent *list)
{
	pthread_mutex_unlock(&list->lock);
}

size_t
recent_read(struct recent *list, struct recent_hit out[RECENT_COUNT])
{
	size_t count;

	pthread_mutex_lock(&list->lock);
	count = list->added < RECENT_COUNT ? list->added : RECENT_COUNT;
	for (size_t i = 0; i < count; i++)
		out[i] = list->hit[(list->added - 1 - i) % RECENT_COUNT];
	pthread_mutex_unlock(&list->lock);
	return count;
}

void
recent_text(char *out, size_t size, struct str s)
{
	size_t len = s.len < size ? s.len : size - 1;

	while (len < s.len && len > 0 &&
	       ((unsigned char)s.data[len] & 0xc0) == 0x80)
		len--;
	if (len > 0)
		memcpy(out, s.data, len);
	out[len] = '\0';
}

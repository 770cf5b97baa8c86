/*
 * admin.h - the port for operators: /healthz, /readyz, /metrics, /debug/hits.
 */
#ifndef COLLECTOR_ADMIN_H
#define COLLECTOR_ADMIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/publisher.h"
#include "collector/worker.h"
#include "common/error.h"

struct admin;

struct admin_settings {
	const char *listen;
	int durability;                /* enum durability */
	struct publisher *publisher;   /* lent until admin_draining() */
	struct worker *const *workers; /* lent until admin_stop() */
	size_t worker_count;
};

/* Serves in a thread of its own. NULL and ERR when it cannot. */
struct admin *admin_start(
    const struct admin_settings *set, struct error *err) MUST_CHECK;
uint16_t admin_port(const struct admin *a);
/* From now on /readyz says 503, so that no proxy sends new hits here, and
 * the publisher is not looked at any more. */
void admin_draining(struct admin *a);
/* Ends the thread and frees. NULL is allowed. */
void admin_stop(struct admin *a);

#endif

/*
 * clock.h - the time. Only main functions and event loops read it; whoever
 * else needs a time takes it as an argument.
 */
#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

#include <stdint.h>

/* Milliseconds since 1970 by the system's clock; may step. */
int64_t clock_wall_ms(void);
/* Milliseconds and nanoseconds by a clock that never steps. */
int64_t clock_mono_ms(void);
int64_t clock_mono_ns(void);

#endif

/*
 * pulse.h - signs of life of threads, for the watchdog of systemd: a thread
 * that works must come round within a time. One that waits for somebody else
 * (PostgreSQL, Kafka, a further thread) rests, and may do so for as long as it
 * takes: a restart of ours would not make them faster.
 */
#ifndef COMMON_PULSE_H
#define COMMON_PULSE_H

#include <stdbool.h>
#include <stdint.h>

#define PULSE_NAME_MAX 16 /* as Linux has it for threads, with the 0 */

/* The calling thread, at work from now on; it is called NAME, in `top -H` as
 * well. */
void pulse_begin(const char *name);
/* The calling thread is at work and has come round. This and the next do
 * nothing in threads that have not begun. */
void pulse_turn(void);
/* The calling thread waits until its next pulse_turn(). */
void pulse_rest(void);
/* Nobody asks after the calling thread any more. */
void pulse_end(void);

/* True, and NAME is that of a thread, when one has been at work for more than
 * LIMIT_MS at MONO_MS without coming round. */
bool pulse_stuck(int64_t mono_ms, int64_t limit_ms, char name[PULSE_NAME_MAX]);

#endif

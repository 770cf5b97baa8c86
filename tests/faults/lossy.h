/*
 * lossy.h - what lossy.c and lossy_names.c know of each other. Callers hold
 * the lock of lossy.c.
 */
#ifndef TESTS_FAULTS_LOSSY_H
#define TESTS_FAULTS_LOSSY_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

extern char lossy_root[PATH_MAX]; /* the directory that forgets */
extern size_t lossy_root_len;
extern int (*lossy_renameat)(int, const char *, int, const char *);

/* A name that is not durable. REAL is where the file lies, "" means that it
 * is gone: renamed away. */
struct name {
	struct name *next;
	char shown[PATH_MAX], real[PATH_MAX];
};

/* PATH seen from DIR, whole, into OUT; false when it is not below root. */
bool names_below(int dir, const char *path, char out[PATH_MAX]);
struct name *names_find(const char *shown);
struct name *names_add(const char *shown, const char *real);
void names_drop(struct name *gone);
/* Where SHOWN lies: itself, another name, or NULL and ENOENT. */
const char *names_lies(const char *shown);
/* The directory is synced: names become what they show. */
void names_settle(void);

#endif

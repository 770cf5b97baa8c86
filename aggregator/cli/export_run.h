/* export_run.h - the state of one export, shared by export*.c alone. */
#ifndef AGGREGATOR_CLI_EXPORT_RUN_H
#define AGGREGATOR_CLI_EXPORT_RUN_H

#include <stdio.h>

#include "aggregator/cli/context.h"
#include "aggregator/store/exports.h"

#define EXPORT_REASONS_MAX 64

struct export_counts {
	int64_t considered, sent, adjusted, accepted, rejected, refused;
	int64_t already, left_email, left_phone, requests, retries;
	struct {
		const char *why; /* static, so compared by address first */
		int64_t rows;
	} reason[EXPORT_REASONS_MAX];
	int reasons;
};

struct export_files;
struct export_poster;

struct export_run {
	struct context c;
	const struct export_platform *platform;
	struct export_target target;
	struct exports_scope scope;
	struct export_counts n;
	struct arena *arena;          /* of a page */
	struct export_files *files;   /* --out */
	struct export_poster *poster; /* --post */
};

/* Why a path that an export leaves behind is there. */
struct export_files *export_files_open(
    struct export_run *run, const char *dir, struct error *err) MUST_CHECK;
/* The final path of KIND's file; lives as long as FILES. */
const char *export_files_path(
    const struct export_files *files, enum export_kind kind);
bool export_files_write(struct export_files *files,
    struct exports_row *const *rows, size_t count,
    struct error *err) MUST_CHECK;
/* Makes the files lasting, gives them their names and marks the receipts. */
bool export_files_finish(
    struct export_files *files, struct error *err) MUST_CHECK;
/* Removes what was not finished; NULL is allowed. */
void export_files_close(struct export_files *files);

struct export_post_settings {
	const char *url, *ca_file;
	int64_t give_up_ms;
};
struct export_poster *export_poster_open(struct export_run *run,
    const struct export_post_settings *set, struct error *err) MUST_CHECK;
/* Posts ROWS, whose receipts are prepared, until each is answered for. */
bool export_poster_send(struct export_poster *p,
    struct exports_row *const *rows, size_t count,
    struct error *err) MUST_CHECK;
void export_poster_close(struct export_poster *p); /* NULL is allowed */

#endif

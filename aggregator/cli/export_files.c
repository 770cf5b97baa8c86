/*
 * export_files.c - an export into files: one for conversions, one for each
 * kind of adjustment. A file has its name only once it is whole and lasting;
 * a name that stands therefore tells, after a crash, that its rows are out.
 */
#include "aggregator/cli/export_run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/calendar.h"

#define KINDS 3
#define FLUSH_BYTES 262144

struct export_files {
	struct export_run *run;
	char *dir;
	struct {
		char *path, *part;
		int fd; /* -1: not begun */
		struct buf text;
	} file[KINDS];
};

static bool
fail(const char *path, struct error *err)
{
	return error_set(err, ERROR_FATAL, "%s: %s", path, strerror(errno));
}

struct export_files *
export_files_open(struct export_run *run, const char *dir, struct error *err)
{
	struct export_files *f;
	char *real = realpath(dir, NULL), when[25];
	struct buf name = { 0 };

	if (real == NULL) {
		fail(dir, err);
		return NULL;
	}
	f = mem_zero(1, sizeof(*f));
	f->run = run;
	f->dir = real;
	calendar_format_instant(run->target.now_ms, when);
	for (int k = 0; k < KINDS; k++) {
		name.len = 0;
		buf_printf(&name,
		    "%s/afterclick-%s-%s-%.4s%.2s%.2sT%.2s%.2s%.2s%.3sZ%s%s%s",
		    real, run->scope.site, run->scope.platform, when, when + 5,
		    when + 8, when + 11, when + 14, when + 17, when + 20,
		    k == EXPORT_CONVERSION ? "" : "-",
		    k == EXPORT_CONVERSION ? "" : export_kinds[k],
		    run->platform->csv_row ? ".csv" : ".jsonl");
		f->file[k].path = str_dup(buf_str(&name));
		buf_add_str(&name, STR(".part"));
		f->file[k].part = str_dup(buf_str(&name));
		f->file[k].fd = -1;
	}
	buf_free(&name);
	return f;
}

const char *
export_files_path(const struct export_files *f, enum export_kind kind)
{
	return f->file[kind].path;
}

static bool
flush(struct export_files *f, int k, struct error *err)
{
	struct buf *text = &f->file[k].text;
	size_t at = 0;

	while (at < text->len) {
		ssize_t n =
		    write(f->file[k].fd, text->data + at, text->len - at);

		if (n < 0 && errno != EINTR)
			return fail(f->file[k].part, err);
		if (n > 0)
			at += (size_t)n;
	}
	text->len = 0;
	return true;
}

/* Hashes and click ids are in it: for the owner alone. */
static bool
begin(struct export_files *f, int k, struct error *err)
{
	if (f->file[k].fd >= 0)
		return true;
	f->file[k].fd = open(
	    f->file[k].part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (f->file[k].fd < 0)
		return fail(f->file[k].part, err);
	if (f->run->platform->csv_head != NULL)
		f->run->platform->csv_head(
		    (enum export_kind)k, &f->file[k].text);
	return true;
}

bool
export_files_write(struct export_files *f, struct exports_row *const *rows,
    size_t count, struct error *err)
{
	const struct export_platform *p = f->run->platform;
	const struct export_row **list = mem_zero(count + 1, sizeof(*list));
	size_t most = p->batch > 0 ? (size_t)p->batch : count;
	bool ok = true;

	for (int k = 0; ok && k < KINDS; k++) {
		struct buf *text = &f->file[k].text;
		size_t n = 0;

		for (size_t i = 0; i < count; i++) {
			if ((int)rows[i]->row.kind == k)
				list[n++] = &rows[i]->row;
		}
		if (n == 0)
			continue;
		ok = begin(f, k, err);
		for (size_t i = 0; ok && i < n;) {
			size_t take = n - i < most ? n - i : most;

			if (p->csv_row != NULL) {
				p->csv_row(&f->run->target, list[i++], text);
			} else {
				p->body(&f->run->target, list + i, take, text);
				buf_add_char(text, '\n');
				i += take;
			}
			if (text->len >= FLUSH_BYTES)
				ok = flush(f, k, err);
		}
	}
	free(list);
	return ok;
}

static bool
sync_dir(const char *dir, struct error *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (!ok)
		fail(dir, err);
	if (fd >= 0)
		close(fd);
	return ok;
}

bool
export_files_finish(struct export_files *f, struct error *err)
{
	for (int k = 0; k < KINDS; k++) {
		int fd = f->file[k].fd;

		if (fd < 0)
			continue;
		if (!flush(f, k, err))
			return false;
		if (fsync(fd) != 0)
			return fail(f->file[k].part, err);
		if (rename(f->file[k].part, f->file[k].path) != 0)
			return fail(f->file[k].path, err);
		close(fd);
		f->file[k].fd = -1;
		if (!sync_dir(f->dir, err) ||
		    !exports_file_done(
			f->run->c.pg, &f->run->scope, f->file[k].path, err))
			return false;
		fprintf(stderr, "wrote %s\n", f->file[k].path);
	}
	return true;
}

void
export_files_close(struct export_files *f)
{
	if (f == NULL)
		return;
	for (int k = 0; k < KINDS; k++) {
		if (f->file[k].fd >= 0) {
			close(f->file[k].fd);
			unlink(f->file[k].part);
		}
		free(f->file[k].path);
		free(f->file[k].part);
		buf_free(&f->file[k].text);
	}
	free(f->dir);
	free(f);
}

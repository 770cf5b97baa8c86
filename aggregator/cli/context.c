#include "aggregator/cli/context.h"

#include <stdio.h>

#include "aggregator/cli/commands.h"
#include "aggregator/store/migrate.h"
#include "common/postgres.h"
#include "common/process.h"

int
context_fail(const struct error *err)
{
	fprintf(stderr, "afterclick: %s\n", err->text);
	return EXIT_FAILED;
}

int
context_print(struct buf *out)
{
	bool ok = out->len == 0 || fwrite(out->data, out->len, 1, stdout) == 1;

	buf_free(out);
	if (ok && fflush(stdout) == 0)
		return EXIT_OK;
	perror("afterclick: stdout");
	return EXIT_FAILED;
}

/* Says PROBLEMS and frees them. */
static int
problems_told(struct buf *problems)
{
	fprintf(stderr, "%s", buf_text(problems));
	buf_free(problems);
	return EXIT_CONFIG;
}

bool
context_settings(struct context *c, const struct cli *cli, int *code)
{
	struct buf problems = { 0 };

	c->arena = arena_new(65536);
	if (!aggregator_settings_load(
		cli->config, &c->set, c->arena, &problems)) {
		*code = problems_told(&problems);
		return false;
	}
	buf_free(&problems);
	return true;
}

bool
context_sites(struct context *c, int *code)
{
	struct buf problems = { 0 };

	if (!sites_load(c->set.sites_file, &c->sites, c->arena, &problems)) {
		*code = problems_told(&problems);
		return false;
	}
	buf_free(&problems);
	c->has_sites = true;
	return true;
}

void
context_site_hint(const struct context *c, const char *site)
{
	struct arena *arena = arena_new(16384);
	struct buf problems = { 0 };
	struct sites sites = { 0 };

	if (site != NULL &&
	    sites_load(c->set.sites_file, &sites, arena, &problems)) {
		if (sites_find(&sites, str_of(site)) == NULL)
			fprintf(stderr,
			    "afterclick: %s has no site %s: there is only what "
			    "the tables still have of it\n",
			    c->set.sites_file, site);
		sites_close(&sites);
	}
	buf_free(&problems);
	arena_free(arena);
}

bool
context_postgres(struct context *c, bool migrated, int *code)
{
	struct error err;

	c->pg = postgres_open(
	    c->set.postgres.dsn, c->set.postgres.password, "afterclick", &err);
	if (c->pg != NULL && (!migrated || migrate_check(c->pg, &err)))
		return true;
	*code = context_fail(&err);
	return false;
}

void
context_close(struct context *c)
{
	postgres_close(c->pg);
	if (c->has_sites)
		sites_close(&c->sites);
	arena_free(c->arena);
}

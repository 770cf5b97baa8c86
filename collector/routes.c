/*
 * routes.c - one row an endpoint; a new one is a row here.
 */
#include "collector/routes.h"

#include <assert.h>
#include <stddef.h>

#include "collector/native.h"
#include "collector/pixel.h"
#include "collector/redirect.h"
#include "collector/script.h"
#include "collector/server_api.h"

#define SERVES(method) (1u << (method))

struct route {
	size_t path; /* offset of the setting that names it */
	unsigned methods;
	const char *allow;
	request_handler *handle;
	/* Makes the real path of the setting's; NULL: that is it. */
	struct str (*derive)(struct arena *arena, struct str path);
};

#define PATH(name) offsetof(struct collector_settings, paths.name)
static const struct route table[] = {
	{ PATH(events), SERVES(HTTP_POST) | SERVES(HTTP_OPTIONS),
	    "POST, OPTIONS", native_handle, NULL },
	{ PATH(pixel), SERVES(HTTP_GET) | SERVES(HTTP_HEAD), "GET, HEAD",
	    pixel_handle, NULL },
	{ PATH(redirect), SERVES(HTTP_GET) | SERVES(HTTP_HEAD), "GET, HEAD",
	    redirect_handle, NULL },
	{ PATH(server), SERVES(HTTP_POST), "POST", server_api_handle, NULL },
	{ PATH(script), SERVES(HTTP_GET) | SERVES(HTTP_HEAD), "GET, HEAD",
	    script_handle, NULL },
	{ PATH(script), SERVES(HTTP_GET) | SERVES(HTTP_HEAD), "GET, HEAD",
	    script_handle_immutable, script_immutable_path },
};
#define TABLE_COUNT (sizeof(table) / sizeof(table[0]))
_Static_assert(TABLE_COUNT <= ROUTES_MAX, "struct routes holds them all");

void
routes_init(struct routes *routes, const struct collector_settings *set,
    struct arena *arena)
{
	routes->count = TABLE_COUNT;
	for (size_t i = 0; i < TABLE_COUNT; i++) {
		char *const *path =
		    (char *const *)((const char *)set + table[i].path);

		routes->at[i].path = str_of(*path);
		if (table[i].derive != NULL)
			routes->at[i].path =
			    table[i].derive(arena, routes->at[i].path);
		routes->at[i].route = &table[i];
	}
}

static const struct route *
find(const struct routes *routes, struct str path)
{
	for (size_t i = 0; i < routes->count; i++) {
		if (str_eq(routes->at[i].path, path))
			return routes->at[i].route;
	}
	return NULL;
}

void
routes_serve(const struct routes *routes, struct exchange *x,
    struct request_shared *shared)
{
	struct request r = {
		.exchange = x,
		.http = exchange_request(x),
		.arena = exchange_arena(x),
		.shared = shared,
	};
	const struct route *route = find(routes, r.http->path);

	if (!request_admit(&r))
		return;
	if (route == NULL) {
		request_refuse(&r, 404, "there is nothing here");
	} else if (!(route->methods & SERVES(r.http->method))) {
		exchange_header(x, "Allow", str_of(route->allow));
		request_refuse(&r, 405, "this method is not served here");
	} else {
		route->handle(&r);
	}
}

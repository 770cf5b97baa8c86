/*
 * routes.c - one row an endpoint; a new one is a row here.
 */
#include "collector/routes.h"

#include <assert.h>
#include <stddef.h>

#include "collector/assign.h"
#include "collector/crosslink.h"
#include "collector/ga4.h"
#include "collector/matomo.h"
#include "collector/native.h"
#include "collector/optout.h"
#include "collector/pixel.h"
#include "collector/plausible.h"
#include "collector/redirect.h"
#include "collector/script.h"
#include "collector/segment.h"
#include "collector/server_api.h"
#include "collector/snowplow.h"
#include "collector/umami.h"

#define SERVES(method) (1u << (method))

struct route {
	size_t path; /* offset of the setting that names it */
	unsigned methods;
	const char *allow;
	request_handler *handle;
	/* True for further paths beside the setting's; NULL: there are none. */
	bool (*also)(struct str setting, struct str path);
	bool below; /* serves all paths below it, and not it itself */
};

#define POSTED SERVES(HTTP_POST) | SERVES(HTTP_OPTIONS), "POST, OPTIONS"
#define GOT SERVES(HTTP_GET) | SERVES(HTTP_HEAD), "GET, HEAD"
#define BOTH                                                                   \
	SERVES(HTTP_GET) | SERVES(HTTP_HEAD) | SERVES(HTTP_POST) |             \
	    SERVES(HTTP_OPTIONS),                                              \
	    "GET, HEAD, POST, OPTIONS"

static bool
is_script(struct str setting, struct str path)
{
	struct str hash;

	return script_name(setting, path, &hash) != SCRIPT_NONE;
}

#define PATH(name) offsetof(struct collector_settings, paths.name)
static const struct route table[] = {
	{ PATH(events), POSTED, native_handle, NULL, false },
	{ PATH(pixel), GOT, pixel_handle, NULL, false },
	{ PATH(redirect), GOT, redirect_handle, NULL, false },
	{ PATH(server), SERVES(HTTP_POST), "POST", server_api_handle, NULL,
	    false },
	{ PATH(script), GOT, script_handle, is_script, false },
	{ PATH(crosslink), GOT, crosslink_handle, NULL, false },
	{ PATH(assign), GOT, assign_handle, assign_is_script, false },
	{ PATH(opt_out),
	    SERVES(HTTP_GET) | SERVES(HTTP_HEAD) | SERVES(HTTP_POST),
	    "GET, HEAD, POST", optout_handle, NULL, false },
	{ PATH(snowplow), POSTED, snowplow_handle, NULL, false },
	{ PATH(snowplow_get), GOT, snowplow_handle, NULL, false },
	{ PATH(snowplow_redirect), GOT, redirect_handle_snowplow, NULL, false },
	{ PATH(matomo), BOTH, matomo_handle, NULL, false },
	{ PATH(ga4), SERVES(HTTP_POST), "POST", ga4_handle, NULL, false },
	{ PATH(ga4_debug), SERVES(HTTP_POST), "POST", ga4_handle_debug, NULL,
	    false },
	{ PATH(gtag), BOTH, ga4_handle_gtag, NULL, false },
	{ PATH(plausible), POSTED, plausible_handle, NULL, false },
	{ PATH(umami), POSTED, umami_handle, NULL, false },
	/* Last: what is below it and has a row of its own is not its. */
	{ PATH(segment), BOTH, segment_handle, NULL, true },
};
#define TABLE_COUNT (sizeof(table) / sizeof(table[0]))
_Static_assert(TABLE_COUNT <= ROUTES_MAX, "struct routes holds them all");

void
routes_init(struct routes *routes, const struct collector_settings *set)
{
	routes->count = TABLE_COUNT;
	for (size_t i = 0; i < TABLE_COUNT; i++) {
		char *const *path =
		    (char *const *)((const char *)set + table[i].path);

		routes->at[i].path = str_of(*path);
		routes->at[i].route = &table[i];
	}
}

static const struct route *
find(const struct routes *routes, struct str path)
{
	for (size_t i = 0; i < routes->count; i++) {
		struct str own = routes->at[i].path;

		if (!routes->at[i].route->below
			? str_eq(own, path)
			: str_starts(path, own) && path.len > own.len + 1 &&
			      path.data[own.len] == '/')
			return routes->at[i].route;
	}
	for (size_t i = 0; i < routes->count; i++) {
		const struct route *route = routes->at[i].route;

		if (route->also != NULL &&
		    route->also(routes->at[i].path, path))
			return route;
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

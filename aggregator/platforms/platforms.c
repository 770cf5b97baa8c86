/* platforms.c - the list of ad platforms. */
#include "aggregator/platforms/platform.h"

/* The one place a new platform is named. */
#define PLATFORMS(X)                                                           \
	X(google)                                                              \
	X(meta)                                                                \
	X(microsoft) X(tiktok) X(linkedin) X(pinterest) X(reddit) X(generic)

#define DECLARE(name) extern const struct platform platform_##name;
PLATFORMS(DECLARE)
#define ENTRY(name) &platform_##name,
static const struct platform *const platforms[] = { PLATFORMS(ENTRY) };

#define COUNT (sizeof(platforms) / sizeof(platforms[0]))

const struct platform *
platform_at(size_t i)
{
	return i < COUNT ? platforms[i] : NULL;
}

const struct platform *
platform_find(struct str name)
{
	for (size_t i = 0; i < COUNT; i++) {
		if (str_is(name, platforms[i]->name))
			return platforms[i];
	}
	return NULL;
}

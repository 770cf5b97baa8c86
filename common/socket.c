/*
 * socket.c - addresses are resolved once, when a program starts.
 */
#include "common/socket.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "common/str.h"

#define HOST_MAX 256
#define BACKLOG 4096

/* The addresses of "host:port", or NULL and ERR; freeaddrinfo() them. */
static struct addrinfo *
resolve(const char *address, int flags, struct error *err)
{
	struct addrinfo hints = { .ai_flags = flags | AI_NUMERICSERV,
		.ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;
	const char *colon = strrchr(address, ':');
	struct str host = str_of(address);
	char name[HOST_MAX];
	int64_t port;
	int failed;

	if (colon == NULL || !str_int(str_of(colon + 1), 0, 65535, &port)) {
		error_set(
		    err, ERROR_FATAL, "%s: not of the form host:port", address);
		return NULL;
	}
	host.len = (size_t)(colon - address);
	if (host.len >= 2 && host.data[0] == '[' &&
	    host.data[host.len - 1] == ']')
		host = str_make(host.data + 1, host.len - 2);
	if (str_is(host, "*"))
		host.len = 0;
	if (host.len >= sizeof(name) || (colon[1] == '-')) {
		error_set(
		    err, ERROR_FATAL, "%s: not of the form host:port", address);
		return NULL;
	}
	memcpy(name, host.data, host.len);
	name[host.len] = '\0';
	failed =
	    getaddrinfo(host.len > 0 ? name : NULL, colon + 1, &hints, &list);
	if (failed != 0) {
		error_set(
		    err, ERROR_FATAL, "%s: %s", address, gai_strerror(failed));
		return NULL;
	}
	return list;
}

static bool
try_listen(int fd, const struct addrinfo *to, bool reuse_port)
{
	int on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	/* Accepted sockets inherit it: one call a process, not a client. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (reuse_port &&
	    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) != 0)
		return false;
	return bind(fd, to->ai_addr, to->ai_addrlen) == 0 &&
	       listen(fd, BACKLOG) == 0;
}

int
socket_listen(const char *address, bool reuse_port, struct error *err)
{
	struct addrinfo *list = resolve(address, AI_PASSIVE, err);
	int fd = -1, why = EADDRNOTAVAIL;

	if (list == NULL)
		return -1;
	for (struct addrinfo *to = list; to != NULL && fd < 0;
	     to = to->ai_next) {
		fd = socket(to->ai_family,
		    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (fd >= 0 && try_listen(fd, to, reuse_port))
			break;
		why = errno;
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	freeaddrinfo(list);
	if (fd < 0)
		error_set(err, ERROR_FATAL, "cannot listen on %s: %s", address,
		    strerror(why));
	return fd;
}

uint16_t
socket_port(int fd)
{
	struct sockaddr_storage any = { 0 };
	socklen_t len = sizeof(any);

	if (getsockname(fd, (struct sockaddr *)&any, &len) != 0)
		return 0;
	if (any.ss_family == AF_INET)
		return ntohs(((struct sockaddr_in *)&any)->sin_port);
	if (any.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)&any)->sin6_port);
	return 0;
}

int
socket_connect(const char *address, int timeout_ms, struct error *err)
{
	struct timeval limit = { timeout_ms / 1000, timeout_ms % 1000 * 1000 };
	struct addrinfo *list = resolve(address, 0, err);
	int fd = -1, why = EADDRNOTAVAIL;

	if (list == NULL)
		return -1;
	for (struct addrinfo *to = list; to != NULL && fd < 0;
	     to = to->ai_next) {
		fd = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd < 0)
			continue;
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
		if (connect(fd, to->ai_addr, to->ai_addrlen) == 0)
			break;
		why = errno;
		close(fd);
		fd = -1;
	}
	freeaddrinfo(list);
	if (fd < 0)
		error_set(err, ERROR_RETRY, "cannot connect to %s: %s", address,
		    strerror(why));
	return fd;
}

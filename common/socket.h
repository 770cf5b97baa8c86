/*
 * socket.h - "host:port" into sockets: one that listens, one that asks.
 */
#ifndef COMMON_SOCKET_H
#define COMMON_SOCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"

/*
 * A non-blocking socket that listens on ADDRESS: "127.0.0.1:8080",
 * "[::1]:8080", "name:8080", or ":8080" for every address; port 0 picks one.
 * -1 and ERR if it cannot. The caller owns the descriptor.
 */
int socket_listen(
    const char *address, bool reuse_port, struct error *err) MUST_CHECK;
/* The port FD is bound to; 0 if none. */
uint16_t socket_port(int fd);
/*
 * A blocking socket connected to ADDRESS, each call on which takes at most
 * TIMEOUT_MS. An address that stands for all means this machine.
 */
int socket_connect(
    const char *address, int timeout_ms, struct error *err) MUST_CHECK;

#endif

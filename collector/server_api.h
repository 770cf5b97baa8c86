/*
 * server_api.h - POST of events by servers: signed, so believed.
 *
 * Afterclick-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256(key, t "." raw
 * body)>, made with any of the site's api_keys; v1 may stand more than once
 * while keys change. Good for SERVER_API_SKEW_S around t: a copied request
 * is worthless later, and until then its event ids make it one.
 */
#ifndef COLLECTOR_SERVER_API_H
#define COLLECTOR_SERVER_API_H

#include "collector/request.h"

#define SERVER_API_EVENTS_MAX 1000
#define SERVER_API_SKEW_S 300

/* 200 and {"accepted":n,"rejected":[{"index":i,"reason":"..."}]}; 401 when
 * the signature is missing, old or wrong; 400 when malformed. */
request_handler server_api_handle;

/*
 * NULL when HEADER signs BODY with one of KEYS at NOW_S, else why not. Every
 * key is tried, in a time that does not tell how near a wrong one came.
 */
const char *server_api_verify(struct str header, struct str body,
    const struct texts *keys, int64_t now_s) MUST_CHECK;

#endif

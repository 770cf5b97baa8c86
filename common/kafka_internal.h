/*
 * kafka_internal.h - what kafka.c and kafka_admin.c share; the only place
 * that includes librdkafka.
 */
#ifndef COMMON_KAFKA_INTERNAL_H
#define COMMON_KAFKA_INTERNAL_H

#include <librdkafka/rdkafka.h>

#include "common/config.h"
#include "common/error.h"
#include "common/kafka.h"

/*
 * The configuration of a producer (or consumer): ours, then SETTINGS; one
 * that would break a promise is refused by name. OPAQUE goes to callbacks.
 * NULL and ERR when it is wrong; kafka_client() takes the result.
 */
rd_kafka_conf_t *kafka_conf(const struct pairs *settings, bool producer,
    void *opaque, struct error *err) MUST_CHECK;
bool kafka_conf_set(rd_kafka_conf_t *conf, const char *key, const char *value,
    struct error *err) MUST_CHECK;
/* A client of CONF, which it takes in any case; NULL and ERR. */
rd_kafka_t *kafka_client(
    rd_kafka_type_t type, rd_kafka_conf_t *conf, struct error *err) MUST_CHECK;
/* What the error CODE of Produce asks for. */
enum kafka_fate kafka_fate_of(rd_kafka_resp_err_t code);

#endif

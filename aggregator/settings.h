/*
 * settings.h - aggregator.yaml: what the aggregator and the command-line
 * program `afterclick` are told. Every key is a row of aggregator_settings[]
 * and stands, explained, in config/aggregator.yaml.
 */
#ifndef AGGREGATOR_SETTINGS_H
#define AGGREGATOR_SETTINGS_H

#include "common/config.h"

/* What an ad platform calls things, for `afterclick export`. */
struct export_setting {
	char *site;
	int platform;        /* index into export_names */
	char *account;       /* customer, pixel or measurement id */
	char *login_account; /* manager account; "" : none */
	struct pairs goals;  /* our goal: its conversion action or event */
	char *token;
	char *action_source; /* of conversions without a page */
	char *version;       /* of the platform's API */
	bool require_consent;
};

/* Of one process; more processes may run. */
#define SETTINGS_INTAKE_MAX 16

struct aggregator_settings {
	char *admin_listen; /* host:port; port 0 takes a free one */
	char *topic;
	char *group;
	struct pairs kafka; /* librdkafka's own settings */
	struct {
		char *dsn;
		char *password; /* "" when the DSN or ~/.pgpass has it */
		char *reader;   /* role that may read the views; "": none */
		char *writer;   /* role that may write rows; "": none */
		struct pairs site_readers; /* role: the sites it may read */
	} postgres;
	char *sites_file;
	char *channels_file;
	char *campaigns_file; /* "": campaigns keep their names */
	char *erased_file;    /* need not be there */
	int log_level;        /* enum log_level */
	struct {
		int64_t records; /* at most, in one transaction */
		int64_t wait_ms; /* at most, until a started batch commits */
	} batch;
	int64_t campaigns_per_day;   /* of a site and channel, by name */
	int64_t intake_workers;      /* members of the group, each with one
					connection that writes */
	int64_t attribution_workers; /* threads beside the intake */
	struct {
		int64_t partitions, replication;
		int64_t retention_ms;
	} topic_create;
	struct {
		char *listen; /* "": there is no dashboard */
		char *token;
		char *user_header; /* "": proxies sign nobody in */
		struct texts trusted_proxies;
		char *dsn; /* "": postgres.dsn */
		char *password;
		int64_t workers, timeout_ms;
	} dashboard;
	struct retention_settings {
		int64_t touches_ms, click_ids_ms, addresses_ms, user_agents_ms,
		    order_ids_ms, conversions_ms,
		    dead_letters_ms; /* 0: for ever */
	} retention;
	struct items exports; /* struct export_setting */
};

extern const struct setting aggregator_settings[];

/*
 * Loads FILE. False: PROBLEMS holds one line per problem. Texts live in
 * ARENA.
 */
bool aggregator_settings_load(const char *file, struct aggregator_settings *set,
    struct arena *arena, struct buf *problems) MUST_CHECK;

#endif

#include "aggregator/settings.h"

#include <stdio.h>

#include "aggregator/platforms/export.h"
#include "common/kafka.h"

#define AT(member) offsetof(struct aggregator_settings, member)

/* In the order of enum log_level. */
static const char *const levels[] = { "debug", "info", "warning", "error",
	NULL };

/* Offsets of a group's fields count from the group's own start. */
#define IN_POSTGRES(member) (AT(postgres.member) - AT(postgres))
#define IN_BATCH(member) (AT(batch.member) - AT(batch))
#define IN_TOPIC(member) (AT(topic_create.member) - AT(topic_create))

static const struct setting postgres_settings[] = {
	{ "dsn", SETTING_TEXT, IN_POSTGRES(dsn), NULL,
	    .help =
		"where PostgreSQL is: libpq keywords or a postgresql:// URI" },
	{ "password", SETTING_SECRET, IN_POSTGRES(password), "",
	    .help = "its password, when it is not in the dsn; best as "
		    "${file:PATH}" },
	{ NULL }
};

static const struct setting batch_settings[] = {
	{ "records", SETTING_INT, IN_BATCH(records), "20000",
	    .help = "records of one transaction at most", .min = 1,
	    .max = 100000 },
	{ "wait", SETTING_DURATION, IN_BATCH(wait_ms), "200ms",
	    .help = "how long a batch may gather before it commits", .min = 1,
	    .max = 60000 },
	{ NULL }
};

static const struct setting topic_settings[] = {
	{ "partitions", SETTING_INT, IN_TOPIC(partitions), "8",
	    .help =
		"partitions of a new topic: the most aggregators that share it",
	    .min = 1, .max = 1024 },
	{ "replication", SETTING_INT, IN_TOPIC(replication), "1",
	    .help = "copies that Kafka keeps of each record", .min = 1,
	    .max = 16 },
	{ "retention", SETTING_DURATION, IN_TOPIC(retention_ms), "90d",
	    .help = "how long Kafka keeps a record", .min = 3600000,
	    .max = INT64_MAX },
	{ NULL }
};

#define IN_EXPORT(member) offsetof(struct export_setting, member)

static const struct setting export_settings[] = {
	{ "site", SETTING_TEXT, IN_EXPORT(site), NULL,
	    .help = "id of the site whose conversions are exported" },
	{ "platform", SETTING_CHOICE, IN_EXPORT(platform), NULL,
	    .choices = export_names,
	    .help = "where they go; one entry for each site and platform" },
	{ "account", SETTING_TEXT, IN_EXPORT(account), "",
	    .help = "Google customer id, Meta or TikTok pixel id, GA4 "
		    "measurement id" },
	{ "login_account", SETTING_TEXT, IN_EXPORT(login_account), "",
	    .help = "Google manager account that the token belongs to" },
	{ "goals", SETTING_PAIRS, IN_EXPORT(goals), NULL,
	    .help = "our goal: the platform's conversion name, id or event; "
		    "others are not exported" },
	{ "token", SETTING_SECRET, IN_EXPORT(token), "",
	    .help = "access token or API secret for --post; best as "
		    "${file:PATH}" },
	{ "action_source", SETTING_TEXT, IN_EXPORT(action_source),
	    "physical_store",
	    .help = "what Meta is told of conversions without page and "
		    "user agent" },
	{ "version", SETTING_TEXT, IN_EXPORT(version), "",
	    .help = "version of the platform's API, where it needs one; "
		    "empty: as documented in docs/exports.md" },
	{ "require_consent", SETTING_BOOL, IN_EXPORT(require_consent), "false",
	    .help = "send only what has ad_user_data granted; false: what "
		    "is not denied" },
	{ NULL }
};

static void
check_exports(const void *value, struct config_place *place)
{
	const struct items *list = value;
	const struct export_setting *e = list->at;
	char sub[32];

	for (size_t i = 0; i < list->count; i++) {
		for (size_t j = 0; j < i; j++) {
			if (e[i].platform != e[j].platform ||
			    strcmp(e[i].site, e[j].site) != 0)
				continue;
			snprintf(sub, sizeof(sub), "[%zu]", i);
			config_complain(place, sub,
			    "[%zu] is for this site and platform already", j);
		}
		if (e[i].goals.count == 0) {
			snprintf(sub, sizeof(sub), "[%zu].goals", i);
			config_complain(place, sub, "needs at least one goal");
		}
	}
}

const struct setting aggregator_settings[] = {
	{ "admin_listen", SETTING_TEXT, AT(admin_listen), "127.0.0.1:9101",
	    .check = config_check_address,
	    .help = "address of /healthz, /readyz and /metrics; port 0 is any "
		    "free one" },
	{ "topic", SETTING_TEXT, AT(topic), "afterclick.hits",
	    .help = "Kafka topic the collectors write to" },
	{ "group", SETTING_TEXT, AT(group), "afterclick",
	    .help = "consumer group that the aggregators share partitions in" },
	{ "kafka", SETTING_PAIRS, AT(kafka), NULL,
	    .check = kafka_check_settings,
	    .help = "any setting of librdkafka; bootstrap.servers is needed" },
	{ "postgres", SETTING_GROUP, AT(postgres), "",
	    .help = "the database of the tables", .fields = postgres_settings },
	{ "sites_file", SETTING_FILE, AT(sites_file), "sites.yaml",
	    .help = "the sites that are measured; the collector reads the same "
		    "file" },
	{ "channels_file", SETTING_FILE, AT(channels_file), "channels.yaml",
	    .help = "rules that turn source and medium into channels" },
	{ "campaigns_file", SETTING_FILE, AT(campaigns_file), "",
	    .help =
		"names for campaigns, by id, name or pattern; empty: none" },
	{ "log_level", SETTING_CHOICE, AT(log_level), "info",
	    .help = "least level that is logged", .choices = levels },
	{ "batch", SETTING_GROUP, AT(batch), "",
	    .help = "how much goes into one transaction",
	    .fields = batch_settings },
	{ "attribution_workers", SETTING_INT, AT(attribution_workers), "1",
	    .help = "threads that attribute customers, beside the intake",
	    .min = 1, .max = 64 },
	{ "campaigns_per_day", SETTING_INT, AT(campaigns_per_day), "5000",
	    .help = "campaigns of a site, day and channel that have a row of "
		    "their own; what is beyond adds up to (other)",
	    .min = 1, .max = 10000000 },
	{ "topic_create", SETTING_GROUP, AT(topic_create), "",
	    .help = "how `afterclick migrate` creates a missing topic",
	    .fields = topic_settings },
	{ "exports", SETTING_LIST, AT(exports), "", .fields = export_settings,
	    .size = sizeof(struct export_setting), .check = check_exports,
	    .help = "conversions back to the ad platforms: afterclick export" },
	{ NULL }
};

bool
aggregator_settings_load(const char *file, struct aggregator_settings *set,
    struct arena *arena, struct buf *problems)
{
	return config_load(file, aggregator_settings, set, arena, problems);
}

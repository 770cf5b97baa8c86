#include "aggregator/settings.h"

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
	{ "records", SETTING_INT, IN_BATCH(records), "5000",
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
	{ "log_level", SETTING_CHOICE, AT(log_level), "info",
	    .help = "least level that is logged", .choices = levels },
	{ "batch", SETTING_GROUP, AT(batch), "",
	    .help = "how much goes into one transaction",
	    .fields = batch_settings },
	{ "attribution_workers", SETTING_INT, AT(attribution_workers), "1",
	    .help = "threads that attribute customers, beside the intake",
	    .min = 1, .max = 64 },
	{ "topic_create", SETTING_GROUP, AT(topic_create), "",
	    .help = "how `afterclick migrate` creates a missing topic",
	    .fields = topic_settings },
	{ NULL }
};

bool
aggregator_settings_load(const char *file, struct aggregator_settings *set,
    struct arena *arena, struct buf *problems)
{
	return config_load(file, aggregator_settings, set, arena, problems);
}

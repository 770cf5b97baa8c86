#include "aggregator/settings.h"

#include <stdio.h>
#include <unistd.h>

#include "aggregator/platforms/export.h"
#include "common/forwarded.h"
#include "common/kafka.h"
#include "common/postgres.h"

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
	    .check = postgres_check_dsn,
	    .help =
		"where PostgreSQL is: libpq keywords or a postgresql:// URI" },
	{ "password", SETTING_SECRET, IN_POSTGRES(password), "",
	    .help = "its password, when it is not in the dsn; best as "
		    "${file:PATH}" },
	{ "reader", SETTING_TEXT, IN_POSTGRES(reader), "",
	    .help = "role that `afterclick migrate` lets read every view, and "
		    "no table; empty: none" },
	{ "writer", SETTING_TEXT, IN_POSTGRES(writer), "",
	    .help = "role that `afterclick migrate` lets do what an aggregator "
		    "does, and change no table; empty: none" },
	{ "site_readers", SETTING_PAIRS, IN_POSTGRES(site_readers), "",
	    .help = "role: ids of the sites that it may read, in the schema "
		    "afterclick_sites" },
	{ NULL }
};

#define IN_DASHBOARD(member) (AT(dashboard.member) - AT(dashboard))
enum { TOKEN_LEAST = 16, INTAKE_WORKERS_UNASKED = 4 };

static void
check_listen(const void *value, struct config_place *place)
{
	char *const *text = value;

	if (**text != '\0')
		config_check_address(value, place);
}

static void
check_token(const void *value, struct config_place *place)
{
	char *const *token = value;

	if (**token != '\0' && strlen(*token) < TOKEN_LEAST)
		config_complain(
		    place, NULL, "needs at least %d characters", TOKEN_LEAST);
}

static void
check_dashboard(const void *value, struct config_place *place)
{
	const struct aggregator_settings *set =
	    (const void *)((const char *)value - AT(dashboard));

	if (set->dashboard.listen[0] == '\0')
		return;
	if (set->dashboard.token[0] == '\0' &&
	    set->dashboard.user_header[0] == '\0')
		config_complain(place, "listen",
		    "nobody could sign in: give a token, or user_header and "
		    "trusted_proxies");
	if (set->dashboard.user_header[0] != '\0' &&
	    set->dashboard.trusted_proxies.count == 0)
		config_complain(place, "user_header",
		    "nobody is believed while trusted_proxies is empty");
}

static const struct setting dashboard_settings[] = {
	{ "listen", SETTING_TEXT, IN_DASHBOARD(listen), "",
	    .check = check_listen,
	    .help = "address of the dashboard, such as 127.0.0.1:9102; empty: "
		    "there is none" },
	{ "token", SETTING_SECRET, IN_DASHBOARD(token), "",
	    .check = check_token,
	    .help = "what signs in, at least 16 characters; best as "
		    "${file:PATH}" },
	{ "user_header", SETTING_TEXT, IN_DASHBOARD(user_header), "",
	    .help = "header in which trusted_proxies name the user they have "
		    "signed in, such as X-Forwarded-User; empty: none" },
	{ "trusted_proxies", SETTING_TEXTS, IN_DASHBOARD(trusted_proxies), "[]",
	    .check = forwarded_check,
	    .help = "addresses or networks of the proxies that user_header and "
		    "X-Forwarded-Proto are believed of" },
	{ "dsn", SETTING_TEXT, IN_DASHBOARD(dsn), "",
	    .check = postgres_check_dsn,
	    .help = "PostgreSQL as a role that only reads (postgres.reader); "
		    "empty: as postgres.dsn, in read-only transactions" },
	{ "password", SETTING_SECRET, IN_DASHBOARD(password), "",
	    .help = "its password; best as ${file:PATH}" },
	{ "workers", SETTING_INT, IN_DASHBOARD(workers), "2",
	    .help = "queries at a time, each on a connection of its own",
	    .min = 1, .max = 16 },
	{ "timeout", SETTING_DURATION, IN_DASHBOARD(timeout_ms), "10s",
	    .help = "how long a query may take", .min = 100, .max = 300000 },
	{ NULL }
};

static const struct setting batch_settings[] = {
	{ "records", SETTING_INT, IN_BATCH(records), "100000",
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
	{ "retention", SETTING_DURATION, IN_TOPIC(retention_ms), "30d",
	    .help = "how long Kafka keeps a record", .min = 3600000,
	    .max = INT64_MAX },
	{ NULL }
};

#define IN_RETENTION(member) offsetof(struct retention_settings, member)
#define KEEP(name, member, value, text)                                        \
	{                                                                      \
		name, SETTING_DURATION, IN_RETENTION(member), value,           \
		    .help = text, .min = 0, .max = INT64_MAX                   \
	}

static const struct setting retention_settings[] = {
	KEEP("touches", touches_ms, "400d",
	    "touches, and the links of visitors without any; at least the "
	    "longest look-back and 36 days. Conversions that look back further "
	    "stay as they are"),
	KEEP("click_ids", click_ids_ms, "90d",
	    "click ids as they came, for uploads to the ad platforms"),
	KEEP("addresses", addresses_ms, "90d",
	    "hashed e-mail addresses and phone numbers of conversions"),
	KEEP("user_agents", user_agents_ms, "30d",
	    "user agents and page addresses of conversions"),
	KEEP("order_ids", order_ids_ms, "90d",
	    "order ids in plain text, hashes after; a refund still finds its "
	    "order"),
	KEEP("conversions", conversions_ms, "760d",
	    "conversions with their credits, refunds and receipts, orders of "
	    "the shop; at least as long as touches"),
	KEEP("dead_letters", dead_letters_ms, "90d",
	    "records that were set aside"),
	{ NULL }
};
#undef KEEP

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
	    .check = kafka_check_topic,
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
	{ "erased_file", SETTING_FILE, AT(erased_file), "erased.list",
	    .help = "who was erased, hashed, with the secret of the hashes: "
		    "`afterclick forget` writes it, collectors read a copy" },
	{ "log_level", SETTING_CHOICE, AT(log_level), "info",
	    .help = "least level that is logged", .choices = levels },
	{ "batch", SETTING_GROUP, AT(batch), "",
	    .help = "how much goes into one transaction",
	    .fields = batch_settings },
	{ "intake_workers", SETTING_INT, AT(intake_workers), "0",
	    .help = "threads that read and write, each with a part of the "
		    "partitions; 0: one a processor, at most four",
	    .min = 0, .max = SETTINGS_INTAKE_MAX },
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
	{ "dashboard", SETTING_GROUP, AT(dashboard), "",
	    .check = check_dashboard, .fields = dashboard_settings,
	    .help = "a page for people; docs/dashboard.md" },
	{ "retention", SETTING_GROUP, AT(retention), "",
	    .help = "how long the tables keep what is of persons; 0: for ever",
	    .fields = retention_settings },
	{ "exports", SETTING_LIST, AT(exports), "", .fields = export_settings,
	    .size = sizeof(struct export_setting), .check = check_exports,
	    .help = "conversions back to the ad platforms: afterclick export" },
	{ NULL }
};

bool
aggregator_settings_load(const char *file, struct aggregator_settings *set,
    struct arena *arena, struct buf *problems)
{
	if (!config_load(file, aggregator_settings, set, arena, problems))
		return false;
	if (set->intake_workers == 0)
		set->intake_workers = sysconf(_SC_NPROCESSORS_ONLN);
	else
		return true;
	/* Each has a connection that works; more wait for PostgreSQL. */
	if (set->intake_workers > INTAKE_WORKERS_UNASKED)
		set->intake_workers = INTAKE_WORKERS_UNASKED;
	if (set->intake_workers < 1)
		set->intake_workers = 1;
	return true;
}

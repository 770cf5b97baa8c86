/* metrics_table.h - the rows of metrics.h; add a metric by adding a row. */
#ifndef COMMON_METRICS_TABLE_H
#define COMMON_METRICS_TABLE_H

#define HITS_HELP "Hits by what became of them."
#define REJECTED_HELP "Hits refused at the door, by reason."
#define REQUESTS_HELP "Requests answered, by status class."
#define COMPATIBLE_HELP "Hits taken from other systems' clients."
#define RELOAD_HELP "Reloads of the settings, by what became of them."
#define CHECK_HELP                                                             \
	"Sums that do not agree: daily cells with credits, credits with "      \
	"conversions, days with conversions, refunds with their parts."
#define DASHBOARD_REFUSED_HELP                                                 \
	"Attempts to get in to the dashboard: with a wrong token, or from an " \
	"address that had guessed too often."
#define DEAD_HELP "Records set aside as dead letters, by reason."

#define METRICS(X)                                                             \
	X(REQUESTS_2XX, 'B', "counter", "afterclick_http_requests_total",      \
	    "status=\"2xx\"", REQUESTS_HELP)                                   \
	X(REQUESTS_3XX, 'B', "counter", "afterclick_http_requests_total",      \
	    "status=\"3xx\"", REQUESTS_HELP)                                   \
	X(REQUESTS_4XX, 'B', "counter", "afterclick_http_requests_total",      \
	    "status=\"4xx\"", REQUESTS_HELP)                                   \
	X(REQUESTS_5XX, 'B', "counter", "afterclick_http_requests_total",      \
	    "status=\"5xx\"", REQUESTS_HELP)                                   \
	X(HTTP_MALFORMED, 'B', "counter", "afterclick_http_malformed_total",   \
	    "", "Requests refused because their framing was wrong.")           \
	X(HTTP_TIMEOUTS, 'B', "counter", "afterclick_http_timeouts_total", "", \
	    "Connections closed for being too slow.")                          \
	X(HTTP_UNCONFIRMED, 'B', "counter",                                    \
	    "afterclick_http_unconfirmed_total", "",                           \
	    "Answers that were 503 as nothing confirmed their hits in time.")  \
	X(HTTP_PROXY_REFUSED, 'B', "counter",                                  \
	    "afterclick_http_proxy_refused_total", "",                         \
	    "Connections closed for want of a good PROXY header.")             \
	X(HTTP_CONNECTIONS, 'B', "gauge", "afterclick_http_connections", "",   \
	    "Open connections.")                                               \
	X(HTTP_SHED, 'B', "counter", "afterclick_http_shed_total", "",         \
	    "Connections closed or refused at the cap.")                       \
	X(HITS_ACCEPTED, 'C', "counter", "afterclick_hits_accepted_total", "", \
	    "Hits whose record was handed to the spool.")                      \
	X(HITS_UNKNOWN_FIELDS, 'C', "counter",                                 \
	    "afterclick_hits_unknown_fields_total", "",                        \
	    "Stated fields skipped because we do not know their names.")       \
	X(REJECTED_JSON, 'C', "counter", "afterclick_hits_rejected_total",     \
	    "reason=\"json\"", REJECTED_HELP)                                  \
	X(REJECTED_FIELD, 'C', "counter", "afterclick_hits_rejected_total",    \
	    "reason=\"field\"", REJECTED_HELP)                                 \
	X(REJECTED_SITE, 'C', "counter", "afterclick_hits_rejected_total",     \
	    "reason=\"site\"", REJECTED_HELP)                                  \
	X(REJECTED_SIGNATURE, 'C', "counter",                                  \
	    "afterclick_hits_rejected_total", "reason=\"signature\"",          \
	    REJECTED_HELP)                                                     \
	X(REJECTED_VALUE, 'C', "counter", "afterclick_hits_rejected_total",    \
	    "reason=\"value\"", REJECTED_HELP)                                 \
	X(REJECTED_CAP, 'C', "counter", "afterclick_hits_rejected_total",      \
	    "reason=\"value_cap\"", REJECTED_HELP)                             \
	X(REJECTED_ENCODING, 'C', "counter", "afterclick_hits_rejected_total", \
	    "reason=\"encoding\"", REJECTED_HELP)                              \
	X(REJECTED_RATE, 'C', "counter", "afterclick_hits_rejected_total",     \
	    "reason=\"rate\"", REJECTED_HELP)                                  \
	X(REJECTED_REDIRECT, 'C', "counter", "afterclick_hits_rejected_total", \
	    "reason=\"redirect\"", REJECTED_HELP)                              \
	X(REJECTED_TIME, 'C', "counter", "afterclick_hits_rejected_total",     \
	    "reason=\"time\"", REJECTED_HELP)                                  \
	X(REJECTED_SIZE, 'C', "counter", "afterclick_hits_rejected_total",     \
	    "reason=\"size\"", REJECTED_HELP)                                  \
	X(REJECTED_SPOOL, 'C', "counter", "afterclick_hits_rejected_total",    \
	    "reason=\"spool\"", REJECTED_HELP)                                 \
	X(COMPATIBLE_SNOWPLOW, 'C', "counter",                                 \
	    "afterclick_compatible_hits_total", "protocol=\"snowplow\"",       \
	    COMPATIBLE_HELP)                                                   \
	X(COMPATIBLE_MATOMO, 'C', "counter",                                   \
	    "afterclick_compatible_hits_total", "protocol=\"matomo\"",         \
	    COMPATIBLE_HELP)                                                   \
	X(COMPATIBLE_GA4, 'C', "counter", "afterclick_compatible_hits_total",  \
	    "protocol=\"ga4\"", COMPATIBLE_HELP)                               \
	X(COMPATIBLE_SEGMENT, 'C', "counter",                                  \
	    "afterclick_compatible_hits_total", "protocol=\"segment\"",        \
	    COMPATIBLE_HELP)                                                   \
	X(COMPATIBLE_PLAUSIBLE, 'C', "counter",                                \
	    "afterclick_compatible_hits_total", "protocol=\"plausible\"",      \
	    COMPATIBLE_HELP)                                                   \
	X(COMPATIBLE_UMAMI, 'C', "counter",                                    \
	    "afterclick_compatible_hits_total", "protocol=\"umami\"",          \
	    COMPATIBLE_HELP)                                                   \
	X(COMPATIBLE_IGNORED, 'C', "counter",                                  \
	    "afterclick_compatible_ignored_total", "",                         \
	    "Hits of other systems' clients that say nothing to count: page "  \
	    "pings.")                                                          \
	X(COMPATIBLE_DROPPED, 'C', "counter",                                  \
	    "afterclick_compatible_dropped_fields_total", "",                  \
	    "Fields of other systems' clients that are not kept: private, no " \
	    "room, or of no known form.")                                      \
	X(REDIRECTS, 'C', "counter", "afterclick_redirects_total", "",         \
	    "Click redirects answered with their target.")                     \
	X(LIMITED, 'C', "counter", "afterclick_http_limited_total", "",        \
	    "Requests answered 429: their address had sent too many.")         \
	X(INFLATED, 'C', "counter", "afterclick_http_inflated_total", "",      \
	    "Request bodies that came compressed and were inflated.")          \
	X(RELOADS, 'C', "counter", "afterclick_reloads_total",                 \
	    "result=\"taken\"", RELOAD_HELP)                                   \
	X(RELOADS_REFUSED, 'C', "counter", "afterclick_reloads_total",         \
	    "result=\"refused\"", RELOAD_HELP)                                 \
	X(SPOOL_APPENDED, 'C', "counter", "afterclick_spool_records_total",    \
	    "", "Records appended to the spools.")                             \
	X(SPOOL_SYNCS, 'C', "counter", "afterclick_spool_syncs_total", "",     \
	    "Group commits: writes followed by fdatasync.")                    \
	X(SPOOL_SYNC_FAILURES, 'C', "counter",                                 \
	    "afterclick_spool_sync_failures_total", "",                        \
	    "Group commits that failed; their hits were answered 503.")        \
	X(SPOOL_UNWRITTEN, 'C', "counter",                                     \
	    "afterclick_spool_unwritten_records_total", "",                    \
	    "Appended records the disk did not take: answered 503.")           \
	X(SPOOL_DAMAGED, 'C', "counter",                                       \
	    "afterclick_spool_damaged_records_total", "",                      \
	    "Torn or corrupt records cut off when a spool was opened.")        \
	X(SPOOL_PENDING, 'C', "gauge", "afterclick_spool_pending_records", "", \
	    "Records on disk that Kafka has not confirmed.")                   \
	X(SPOOL_BYTES, 'C', "gauge", "afterclick_spool_bytes", "",             \
	    "Bytes of the segments that hold unconfirmed records.")            \
	X(SPOOL_OLDEST, 'C', "gauge",                                          \
	    "afterclick_spool_oldest_record_age_seconds", "",                  \
	    "Age of the oldest record that Kafka has not confirmed.")          \
	X(PUBLISHED, 'C', "counter", "afterclick_publisher_delivered_total",   \
	    "", "Records that Kafka confirmed.")                               \
	X(PUBLISH_RETRIED, 'C', "counter",                                     \
	    "afterclick_publisher_resent_total", "",                           \
	    "Records produced again after an unclear answer.")                 \
	X(PUBLISH_REFUSED, 'C', "counter",                                     \
	    "afterclick_publisher_refused_total", "",                          \
	    "Records Kafka will never take, written to the dead-letter file.") \
	X(PUBLISH_REBUILDS, 'C', "counter",                                    \
	    "afterclick_publisher_rebuilds_total", "",                         \
	    "Producers rebuilt after a fatal error.")                          \
	X(KAFKA_UP, 'B', "gauge", "afterclick_kafka_up", "",                   \
	    "1 while the last contact with Kafka was good.")                   \
	X(RECORDS_READ, 'A', "counter", "afterclick_intake_records_total", "", \
	    "Records read from Kafka.")                                        \
	X(HITS_INTAKE, 'A', "counter", "afterclick_intake_hits_total",         \
	    "kind=\"human\"", HITS_HELP)                                       \
	X(HITS_BOT, 'A', "counter", "afterclick_intake_hits_total",            \
	    "kind=\"bot\"", HITS_HELP)                                         \
	X(FORGED_EXPOSURES, 'A', "counter",                                    \
	    "afterclick_intake_forged_exposures_total", "",                    \
	    "Exposures left out, as the hash of their visitor says another "   \
	    "arm or none.")                                                    \
	X(DUPLICATE_RECORDS, 'A', "counter",                                   \
	    "afterclick_intake_duplicate_records_total", "",                   \
	    "Records dropped because the spool had sent them twice.")          \
	X(RECORDS_ERASED, 'B', "counter", "afterclick_erased_records_total",   \
	    "", "Records that named somebody who was erased: nobody's now.")   \
	X(DEAD_UNREADABLE, 'A', "counter",                                     \
	    "afterclick_intake_dead_letters_total", "reason=\"unreadable\"",   \
	    DEAD_HELP)                                                         \
	X(DEAD_SITE, 'A', "counter", "afterclick_intake_dead_letters_total",   \
	    "reason=\"site\"", DEAD_HELP)                                      \
	X(DEAD_FIELD, 'A', "counter", "afterclick_intake_dead_letters_total",  \
	    "reason=\"field\"", DEAD_HELP)                                     \
	X(BATCHES, 'A', "counter", "afterclick_intake_batches_total", "",      \
	    "Batches committed.")                                              \
	X(BATCHES_RETRIED, 'A', "counter",                                     \
	    "afterclick_intake_batches_retried_total", "",                     \
	    "Batches rolled back and done again.")                             \
	X(BATCHES_FENCED, 'A', "counter",                                      \
	    "afterclick_intake_batches_fenced_total", "",                      \
	    "Batches given up: another aggregator owns the partition.")        \
	X(LAG, 'A', "gauge", "afterclick_consumer_lag_records", "",            \
	    "Records on our partitions that are not in the tables yet.")       \
	X(STOPPED, 'A', "gauge", "afterclick_intake_stopped_partitions", "",   \
	    "Partitions of ours that are not read, as Kafka removed records "  \
	    "before that; the log says which.")                                \
	X(LAST_COMMIT, 'A', "gauge",                                           \
	    "afterclick_last_commit_timestamp_seconds", "",                    \
	    "When the last batch was committed.")                              \
	X(DIRTY, 'A', "gauge", "afterclick_dirty_customers", "",               \
	    "Customers whose conversions wait for attribution.")               \
	X(CUSTOMERS_ATTRIBUTED, 'A', "counter",                                \
	    "afterclick_attribution_customers_total", "",                      \
	    "Customers attributed anew.")                                      \
	X(TOUCHES_LEFT_OUT, 'A', "counter",                                    \
	    "afterclick_attribution_touches_left_out_total", "",               \
	    "Touches beyond the last 2000 of a conversion, which get no "      \
	    "share; counted whenever it is computed.")                         \
	X(POSTGRES_UP, 'A', "gauge", "afterclick_postgres_up", "",             \
	    "1 while the last contact with PostgreSQL was good.")              \
	X(DASHBOARD_REFUSED, 'A', "counter",                                   \
	    "afterclick_dashboard_refused_total", "reason=\"token\"",          \
	    DASHBOARD_REFUSED_HELP)                                            \
	X(DASHBOARD_LIMITED, 'A', "counter",                                   \
	    "afterclick_dashboard_refused_total", "reason=\"rate\"",           \
	    DASHBOARD_REFUSED_HELP)                                            \
	X(DASHBOARD_QUERIES, 'A', "counter",                                   \
	    "afterclick_dashboard_queries_total", "",                          \
	    "Queries that the dashboard asked.")                               \
	X(DASHBOARD_FAILED, 'A', "counter",                                    \
	    "afterclick_dashboard_failed_total", "",                           \
	    "Queries of the dashboard that failed or were too many.")          \
	X(ROI_CHECK, 'A', "gauge", "afterclick_roi_check_rows", "",            \
	    "Sums that do not agree; anything but 0 is an error.")             \
	X(CHECK_CELLS, 'A', "gauge", "afterclick_check_violations",            \
	    "rule=\"cells\"", CHECK_HELP)                                      \
	X(CHECK_CREDITS, 'A', "gauge", "afterclick_check_violations",          \
	    "rule=\"credits\"", CHECK_HELP)                                    \
	X(CHECK_DAYS, 'A', "gauge", "afterclick_check_violations",             \
	    "rule=\"days\"", CHECK_HELP)                                       \
	X(CHECK_REFUNDS, 'A', "gauge", "afterclick_check_violations",          \
	    "rule=\"refunds\"", CHECK_HELP)                                    \
	X(RETENTION_REMOVED, 'A', "counter",                                   \
	    "afterclick_retention_rows_total", "",                             \
	    "Rows removed or emptied because their time was over.")            \
	X(RETENTION_LAST_RUN, 'A', "gauge",                                    \
	    "afterclick_retention_last_run_timestamp_seconds", "",             \
	    "When the last run of retention ended; one aggregator of all.")    \
	X(CHECK_CHECKED, 'A', "counter", "afterclick_check_days_total", "",    \
	    "Days whose sums were added up.")                                  \
	X(CHECK_LAST_RUN, 'A', "gauge",                                        \
	    "afterclick_check_last_run_timestamp_seconds", "",                 \
	    "When a day was last added up.")                                   \
	X(CHECK_SWEPT, 'A', "gauge",                                           \
	    "afterclick_check_swept_timestamp_seconds", "",                    \
	    "When all days had last been added up; one aggregator of all.")

#endif

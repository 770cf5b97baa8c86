/*
 * hits.c - makes hits for benchmarks: `hits COUNT VISITORS DAYS SITE` prints
 * one `key<TAB>record` a line, as the collector would put them on Kafka. The
 * same arguments give the same hits, but for the day they end on.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/record.h"

static uint64_t state = 88172645463325252u;

static uint64_t
draw(uint64_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % below;
}

static const char *const campaigns[] = {
	"?utm_source=google&utm_medium=cpc&utm_campaign=spring_sale",
	"?utm_source=newsletter&utm_medium=email&utm_campaign=week12",
	"?utm_source=facebook&utm_medium=paid_social&utm_campaign=video",
	"?utm_source=bing&utm_medium=cpc&utm_campaign=brand",
};
static const char *const referrers[] = { "", "https://www.google.com/",
	"https://news.example.net/article/17", "https://www.reddit.com/r/x" };

int
main(int argc, char **argv)
{
	uint64_t count, visitors, days;
	struct buf line = { NULL, 0, 0 };
	int64_t now = clock_wall_ms();
	struct error err;

	if (argc != 5) {
		fprintf(stderr, "usage: hits COUNT VISITORS DAYS SITE\n");
		return 2;
	}
	count = strtoull(argv[1], NULL, 10);
	visitors = strtoull(argv[2], NULL, 10);
	days = strtoull(argv[3], NULL, 10);
	for (uint64_t i = 1; i <= count; i++) {
		char visitor[32], session[48], id[32], url[256], value[32],
		    order[32];
		uint64_t v = draw(visitors);
		uint64_t day = i * days / (count + 1);
		/* A visitor comes on every eighth day, two visits that day. */
		uint64_t visit = day / 8 * 2 + draw(2);
		bool tagged = draw(5) == 0,
		     converts = v % 50 == 0 && draw(5) == 0;
		struct record r = { .v = RECORD_VERSION };

		snprintf(visitor, sizeof(visitor), "v%021" PRIu64, v);
		snprintf(session, sizeof(session), "s%" PRIu64 ".%" PRIu64, v,
		    visit);
		snprintf(id, sizeof(id), "e%020" PRIu64, i);
		snprintf(url, sizeof(url), "https://shop.example/p/%d%s",
		    (int)draw(500), tagged ? campaigns[draw(4)] : "");
		r.event_id = str_of(id);
		r.type = converts ? STR("conversion") : STR("page");
		r.site = str_of(argv[4]);
		r.lane = STR("browser");
		r.received_at = now - (int64_t)(days - day) * 86400000 +
				(int64_t)draw(86400000);
		r.visitor_id = str_of(visitor);
		r.session_id = str_of(session);
		r.session_start = r.received_at - r.received_at % 86400000;
		r.url = str_of(url);
		r.referrer = str_of(referrers[draw(8) < 5 ? 0 : draw(4)]);
		r.user_agent = STR("Mozilla/5.0 (Windows NT 10.0; Win64; x64) "
				   "AppleWebKit/537.36 (KHTML, like Gecko) "
				   "Chrome/126.0.0.0 Safari/537.36");
		r.ip = STR("203.0.113.0");
		r.language = STR("en-GB");
		r.screen = STR("1920x1080");
		r.consent = STR("gggg");
		if (converts) {
			snprintf(order, sizeof(order), "o%" PRIu64, i);
			snprintf(value, sizeof(value), "%d.%02d",
			    (int)draw(200) + 1, (int)draw(100));
			r.goal = STR("purchase");
			r.order_id = str_of(order);
			r.value = str_of(value);
			r.currency = STR("USD");
		}
		line.len = 0;
		buf_add_str(&line, r.visitor_id);
		buf_add_char(&line, '\t');
		if (!record_encode(&r, &line, &err)) {
			fprintf(stderr, "%s\n", err.text);
			return 1;
		}
		buf_add_char(&line, '\n');
		if (fwrite(line.data, 1, line.len, stdout) != line.len)
			return 1;
	}
	buf_free(&line);
	return 0;
}

-- What the tables hold of the time before the first day that is rebuilt.
-- Links and handles do not tell their site: the last site's day counts, and
-- what is read again says the same.
INSERT INTO in_touch
SELECT t.* FROM afterclick.touch t
JOIN dimension d USING (dim)
LEFT JOIN cut c ON c.site = d.site
WHERE c.at IS NULL OR t.ts < c.at;
INSERT INTO in_conversion
SELECT v.* FROM afterclick.conversion v
LEFT JOIN cut c ON c.site = v.site
WHERE c.at IS NULL OR v.ts < c.at OR EXISTS (
	SELECT FROM afterclick.erased_customer e WHERE e.customer = v.visitor);
INSERT INTO in_refund
SELECT r.* FROM afterclick.refund r
LEFT JOIN cut c ON c.site = r.site
WHERE c.at IS NULL OR r.ts < c.at;
INSERT INTO in_identity
SELECT i.* FROM afterclick.identity i
WHERE i.ts < (SELECT max(at) FROM cut);
INSERT INTO in_handle
SELECT h.handle, false, CASE WHEN v THEN visitor END,
	CASE WHEN v THEN visitor_ts END, CASE WHEN v THEN visitor_event_id END,
	CASE WHEN u THEN user_key END, CASE WHEN u THEN user_ts END,
	CASE WHEN u THEN user_event_id END
FROM afterclick.handle h
CROSS JOIN (SELECT max(at) AS at FROM cut) c
CROSS JOIN LATERAL (SELECT coalesce(visitor_ts < c.at, false) AS v,
	coalesce(user_ts < c.at, false) AS u) k;
INSERT INTO in_hits
SELECT * FROM afterclick.hits_daily WHERE day < (SELECT from_day FROM plan);
INSERT INTO in_quality
SELECT * FROM afterclick.quality_daily WHERE day < (SELECT from_day FROM plan);
INSERT INTO in_refusal
SELECT * FROM afterclick.refusal_daily WHERE day < (SELECT from_day FROM plan);
INSERT INTO in_bot_landing
SELECT * FROM afterclick.bot_landing_daily
WHERE day < (SELECT from_day FROM plan);
INSERT INTO traffic_daily
SELECT * FROM afterclick.traffic_daily
WHERE day < (SELECT from_day FROM plan);
INSERT INTO outcome SELECT * FROM afterclick.outcome;
INSERT INTO credit SELECT * FROM afterclick.credit;
INSERT INTO campaign_daily SELECT * FROM afterclick.campaign_daily;
INSERT INTO campaign_hit SELECT * FROM afterclick.campaign_hit

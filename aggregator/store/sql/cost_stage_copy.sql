-- gather rows of costs
COPY cost_stage (line, day, source, medium, campaign, campaign_id, channel,
	amount_micros, currency, clicks, impressions)
FROM STDIN (FORMAT binary)

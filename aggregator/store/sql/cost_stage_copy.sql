-- gather rows of costs
COPY cost_stage (line, account, day, source, medium, campaign, campaign_id,
	name, channel, amount_micros, currency, clicks, impressions)
FROM STDIN (FORMAT binary)

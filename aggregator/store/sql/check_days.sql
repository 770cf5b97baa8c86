-- Which days there are to be looked at; NULL when there is none.
SELECT least((SELECT min(day) FROM campaign_daily),
		(SELECT min(day) FROM traffic_daily),
		(SELECT min(day) FROM outcome)) AS first,
	greatest((SELECT max(day) FROM campaign_daily),
		(SELECT max(day) FROM traffic_daily),
		(SELECT max(day) FROM outcome)) AS last

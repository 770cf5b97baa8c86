-- What a rebuild has made.
SELECT (SELECT count(*) FROM touch) AS touches,
	(SELECT count(*) FROM conversion) AS conversions,
	(SELECT count(*) FROM difference) AS cells_changed,
	(SELECT count(*) FROM channel) AS channels_changed,
	(SELECT customers_waiting FROM plan) AS customers_waiting

-- Checks of one day read one day.
CREATE INDEX credit_conversion_day ON credit (conversion_day);
CREATE INDEX credit_touch_day ON credit (touch_day);
CREATE INDEX outcome_day ON outcome (day);
CREATE INDEX outcome_refund_days ON outcome USING gin (refund_days)
	WHERE refunded_micros > 0;

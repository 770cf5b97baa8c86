COPY outcome (site, event_id, customer, state, day, value_micros, rate_micros, rate_day, refunded_micros, new_customer, purchase, refund_days, refund_micros) FROM STDIN (FORMAT binary)

COPY credit (customer, site, event_id, touch_no, dim, touch_ts, touch_event_id, conversion_day, touch_day, share_micros, value_micros, refund_micros) FROM STDIN (FORMAT binary)

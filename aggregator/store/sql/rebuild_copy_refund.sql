-- gather what is read again
COPY in_refund (site, refund_id, order_id, ts, event_id, value_micros, currency) FROM STDIN (FORMAT binary)

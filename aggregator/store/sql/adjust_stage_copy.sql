-- gather adjustments
COPY adjust_stage (line, refund_id, order_id, ts, value_micros, currency)
FROM STDIN (FORMAT binary)

-- gather rates
COPY fx_stage (place, day, base, currency, rate_micros)
FROM STDIN (FORMAT binary)

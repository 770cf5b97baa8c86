-- gather what is read again
COPY in_refusal (site, day, reason, hits) FROM STDIN (FORMAT binary)

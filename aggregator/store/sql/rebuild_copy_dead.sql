-- gather what is read again
COPY in_dead (topic, partition, "offset", reason, record) FROM STDIN (FORMAT binary)

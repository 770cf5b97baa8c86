-- gather what is read again
COPY in_identity (visitor, user_key, ts, event_id) FROM STDIN (FORMAT binary)

-- gather what is read again
COPY in_handle (handle, click, visitor, visitor_ts, visitor_event_id, user_key, user_ts, user_event_id) FROM STDIN (FORMAT binary)

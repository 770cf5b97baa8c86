-- gather what is read again
COPY in_touch (visitor, session, signature, ts, event_id, session_start, dim, tagged, term, content, click_id, campaign_id, partition) FROM STDIN (FORMAT binary)

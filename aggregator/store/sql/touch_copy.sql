COPY touch (visitor, session, signature, ts, event_id, session_start, dim, tagged, term, content, click_id, campaign_id, partition, place) FROM STDIN (FORMAT binary)

-- For the swap. $1 topic
INSERT INTO swap_topic VALUES ($1::text)

-- how far the tables are, per partition
SELECT partition, next_offset FROM afterclick.position WHERE topic = $1

-- gather what is read again
COPY in_hits (day, site, type, lane, bot, hits) FROM STDIN (FORMAT binary)

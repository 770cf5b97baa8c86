-- gather what is read again
COPY in_bot_landing (day, dim, bot, pages, redirects)
	FROM STDIN (FORMAT binary)

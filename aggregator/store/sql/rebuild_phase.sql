-- A phase is over. $1 the next one.
UPDATE plan SET phase = $1::int

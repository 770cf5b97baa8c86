-- A visit's candidates are numbered by who writes them, who says with each how
-- many there were before: so one that was overlooked is found by the key.
ALTER TABLE touch DROP CONSTRAINT touch_pkey;
ALTER TABLE touch ADD COLUMN place integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN touch.place IS 'Number of the candidate in its visit, from 0 in the order they became known';
UPDATE touch t SET place = n.place
FROM (
	SELECT visitor, session, signature, row_number() OVER (
		PARTITION BY visitor, session ORDER BY signature) - 1 AS place
	FROM touch
) n
WHERE t.visitor = n.visitor AND t.session = n.session
	AND t.signature = n.signature AND n.place > 0;
ALTER TABLE touch ADD PRIMARY KEY (visitor, session, place);

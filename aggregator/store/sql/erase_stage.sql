-- Where those gather who are to be erased or shown, by request. Kinds as in
-- common/person.h, but 5 stands for all that the table handle knows.
CREATE TEMP TABLE IF NOT EXISTS subject (
	request integer,
	kind integer,
	key uuid,
	PRIMARY KEY (request, kind, key)
);
CREATE TEMP TABLE IF NOT EXISTS subject_order (
	request integer,
	site text COLLATE "C",
	order_id text COLLATE "C",
	follow boolean,
	PRIMARY KEY (request, site, order_id)
);
CREATE TEMP TABLE IF NOT EXISTS subject_event (
	request integer,
	site text COLLATE "C",
	event_id text COLLATE "C",
	follow boolean,
	PRIMARY KEY (request, site, event_id)
);
CREATE TEMP TABLE IF NOT EXISTS subject_alias (
	site text COLLATE "C",
	event_id text COLLATE "C",
	alias text COLLATE "C",
	order_alias text COLLATE "C",
	customer uuid,
	stands boolean,
	PRIMARY KEY (site, event_id)
);
CREATE TEMP TABLE IF NOT EXISTS subject_refund (
	site text COLLATE "C",
	refund_id text COLLATE "C",
	alias text COLLATE "C",
	order_alias text COLLATE "C",
	event_alias text COLLATE "C"
);
CREATE TEMP TABLE IF NOT EXISTS subject_shop (
	site text COLLATE "C",
	order_id text COLLATE "C",
	alias text COLLATE "C"
);
TRUNCATE subject, subject_order, subject_event, subject_alias, subject_refund,
	subject_shop;
-- A request finds some rows in tables of any size, whatever the planner makes
-- of tables it knows nothing of.
SET LOCAL enable_seqscan = off;
SET LOCAL enable_hashjoin = off;
SET LOCAL enable_mergejoin = off

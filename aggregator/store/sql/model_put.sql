-- A model of the program.
INSERT INTO model (model_id, model, summary)
VALUES ($1::int, $2::text, $3::text)
ON CONFLICT (model_id) DO UPDATE
SET model = excluded.model, summary = excluded.summary
WHERE (model.model, model.summary)
	IS DISTINCT FROM (excluded.model, excluded.summary)

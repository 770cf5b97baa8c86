-- A model of the program.
INSERT INTO model (model_id, model, summary, trained)
VALUES ($1::int, $2::text, $3::text, $4::boolean)
ON CONFLICT (model_id) DO UPDATE
SET model = excluded.model, summary = excluded.summary,
	trained = excluded.trained
WHERE (model.model, model.summary, model.trained)
	IS DISTINCT FROM (excluded.model, excluded.summary, excluded.trained)

-- Hashed addresses of conversions. $1 kept since, $2 at most
UPDATE conversion
SET email_sha256 = NULL, phone_sha256 = NULL, email_google_sha256 = NULL,
	phone_digits_sha256 = NULL
WHERE ctid = ANY (ARRAY(
	SELECT ctid FROM conversion
	WHERE ts < $1::timestamptz AND coalesce(email_sha256, phone_sha256,
		email_google_sha256, phone_digits_sha256) IS NOT NULL
	LIMIT $2::bigint))

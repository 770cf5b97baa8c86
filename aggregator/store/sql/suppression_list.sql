-- Who was erased.
SELECT entry, secret FROM suppression

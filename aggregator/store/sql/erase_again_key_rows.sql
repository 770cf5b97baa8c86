-- The next of them.
FETCH 50000 FROM erase_keys

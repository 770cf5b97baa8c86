-- What erased customers still count for: the events do not tell it any more.
INSERT INTO in_conversion
SELECT v.* FROM afterclick.conversion v
JOIN afterclick.erased_customer e ON e.customer = v.visitor;
INSERT INTO outcome
SELECT o.* FROM afterclick.outcome o
JOIN afterclick.erased_customer e USING (customer);
INSERT INTO credit
SELECT k.* FROM afterclick.credit k
JOIN afterclick.erased_customer e USING (customer)

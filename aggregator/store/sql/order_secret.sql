-- What old order ids are hashed with.
SELECT secret FROM order_secret

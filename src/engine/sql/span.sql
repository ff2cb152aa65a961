-- The first and the last day that orders tell of, whether they count or not.
SELECT MIN(ordered_on) AS first_day, MAX(ordered_on) AS last_day
FROM orders

-- Events that say neither an interest nor a purchase, those of them that do and are later than as-of, and the purchases of
-- the longest period that count as conversions.
WITH {{ruled}},
{{purchases}},
said AS (
  SELECT
    COUNT(CASE WHEN kind NOT IN ({{interests}}, '{{purchase}}') THEN 1 END) AS other_count,
    COUNT(CASE WHEN kind IN ({{interests}}, '{{purchase}}') AND occurred_on > {{as_of}} THEN 1 END) AS later_count
  FROM events
),
bought AS (
  SELECT COUNT(*) AS order_count
  FROM purchases
  WHERE is_conversion = 1 AND bought_on >= {{longest_from}}
)
SELECT other_count, later_count, order_count
FROM said CROSS JOIN bought

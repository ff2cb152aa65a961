-- How many buyers came again, and how many of the year before the last did in the last.
WITH {{ruled}},
of_customers AS (
  SELECT
    MIN(ordered_on) AS first_ordered_on,
    COUNT(*) AS order_count,
    COUNT(DISTINCT ordered_on) AS day_count,
    MAX(CASE WHEN ordered_on > {{before_from}} AND ordered_on <= {{before_to}} THEN 1 ELSE 0 END) AS is_of_before,
    MAX(CASE WHEN ordered_on > {{before_to}} THEN 1 ELSE 0 END) AS is_of_now
  FROM ruled
  WHERE rule IS NULL AND {{is_order}}
  GROUP BY customer_id
)
SELECT
  COUNT(CASE WHEN {{is_asked}} THEN 1 END) AS customer_count,
  COUNT(CASE WHEN {{is_asked}} AND order_count > 1 THEN 1 END) AS repeater_count,
  COUNT(CASE WHEN {{is_asked}} AND day_count > 1 THEN 1 END) AS day_repeater_count,
  CAST(SUM(CASE WHEN {{is_asked}} THEN order_count END) AS BIGINT) AS order_count,
  COUNT(CASE WHEN is_of_before = 1 THEN 1 END) AS before_count,
  COUNT(CASE WHEN is_of_before = 1 AND is_of_now = 1 THEN 1 END) AS again_count
FROM of_customers

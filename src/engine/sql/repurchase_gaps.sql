-- Whole days from each order day of a customer to the next one, or from the last one to as-of.
WITH {{ruled}},
order_days AS (
  SELECT DISTINCT customer_id, ordered_on
  FROM ruled
  WHERE rule IS NULL AND {{is_order}}
),
steps AS (
  SELECT
    ordered_on,
    MIN(ordered_on) OVER (PARTITION BY customer_id) AS first_ordered_on,
    LEAD(ordered_on) OVER (PARTITION BY customer_id ORDER BY ordered_on) AS next_on
  FROM order_days
),
gaps AS (
  SELECT
    CASE WHEN {{is_asked}} THEN 1 ELSE 0 END AS is_asked,
    CASE WHEN ordered_on = first_ordered_on THEN 1 ELSE 0 END AS is_first,
    COALESCE(next_on, {{as_of}}) - ordered_on AS gap_days,
    CASE WHEN next_on IS NULL THEN 0 ELSE 1 END AS has_ended
  FROM steps
)
SELECT is_asked, is_first, gap_days, has_ended, COUNT(*) AS gap_count
FROM gaps
GROUP BY is_asked, is_first, gap_days, has_ended
ORDER BY is_asked, is_first, gap_days, has_ended

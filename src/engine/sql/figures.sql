-- What the orders of each customer come to, whether these count or not.
figures AS (
  SELECT
    customer_id,
    {{figures_added}}
  FROM ruled
  WHERE customer_id IS NOT NULL
  GROUP BY customer_id
)

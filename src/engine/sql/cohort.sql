-- Customers by the period of their first order, followed through the next ones. A credit note from before it is of an
-- order that the exports do not have, and counts in the first period.
WITH {{ruled}},
documents AS (
  SELECT
    customer_id,
    ordered_on,
    net_amount,
    CASE WHEN {{is_order}} THEN 1 ELSE 0 END AS is_order,
    MIN(CASE WHEN {{is_order}} THEN ordered_on END) OVER (PARTITION BY customer_id) AS first_ordered_on
  FROM ruled
  WHERE rule IS NULL
),
placed AS (
  SELECT
    customer_id,
    {{cohort_period}} AS cohort,
    {{document_period}} AS document_period,
    is_order,
    net_amount
  FROM documents
  WHERE {{is_asked}}
),
of_customers AS (
  SELECT
    customer_id,
    cohort,
    CASE WHEN document_period > cohort THEN document_period - cohort ELSE 0 END AS period,
    SUM(is_order) AS order_count,
    SUM(CAST(net_amount AS DECIMAL(38, 0))) AS net_amount
  FROM placed
  GROUP BY customer_id, cohort, CASE WHEN document_period > cohort THEN document_period - cohort ELSE 0 END
)
SELECT
  cohort,
  period,
  COUNT(CASE WHEN order_count > 0 THEN 1 END) AS customer_count,
  CAST(SUM(order_count) AS BIGINT) AS order_count,
  SUM(net_amount) AS net_amount
FROM of_customers
GROUP BY cohort, period
ORDER BY cohort, period

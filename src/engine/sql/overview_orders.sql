-- Buyers and what they bought: now, in as many days before, and of all time. Any event says that a buyer is active.
WITH {{ruled}},
activity AS (
  SELECT
    customer_id,
    MAX(CASE WHEN occurred_on <= {{as_of}} THEN occurred_on END) AS active_on,
    MAX(CASE WHEN occurred_on <= {{then}} THEN occurred_on END) AS active_then_on
  FROM events
  GROUP BY customer_id
),
summed AS (
  SELECT
    customer_id,
    MIN(CASE WHEN {{is_order}} THEN ordered_on END) AS first_on,
    MAX(CASE WHEN {{is_order}} THEN ordered_on END) AS last_on,
    MAX(CASE WHEN {{is_order}} AND ordered_on <= {{then}} THEN ordered_on END) AS last_then_on,
    MAX(CASE WHEN {{is_order}} AND ordered_on >= {{converted_from}} THEN 1 ELSE 0 END) AS is_converted,
    MAX(
      CASE WHEN {{is_order}} AND ordered_on >= {{converted_before_from}} AND ordered_on < {{converted_from}} THEN 1 ELSE 0 END
    ) AS was_converted,
    COUNT(CASE WHEN {{is_order}} AND ordered_on >= {{now_from}} THEN 1 END) AS orders_now,
    COUNT(CASE WHEN {{is_order}} AND ordered_on >= {{before_from}} AND ordered_on < {{now_from}} THEN 1 END) AS orders_before,
    COUNT(CASE WHEN {{is_order}} THEN 1 END) AS orders_ever,
    SUM(CASE WHEN ordered_on >= {{now_from}} THEN CAST(net_amount AS DECIMAL(38, 0)) ELSE 0 END) AS net_now,
    SUM(
      CASE
        WHEN ordered_on >= {{before_from}} AND ordered_on < {{now_from}} THEN CAST(net_amount AS DECIMAL(38, 0))
        ELSE 0
      END
    ) AS net_before,
    SUM(CAST(net_amount AS DECIMAL(38, 0))) AS net_ever
  FROM ruled
  WHERE rule IS NULL
  GROUP BY customer_id
),
known AS (
  SELECT
    summed.*,
    CASE WHEN summed.customer_id IS NOT NULL AND first_on IS NOT NULL THEN 1 ELSE 0 END AS is_buyer,
    GREATEST(last_on, COALESCE(active_on, last_on)) AS latest_on,
    -- GREATEST passes over nulls; who had no order by then was no buyer, whatever else they did.
    CASE WHEN last_then_on IS NOT NULL THEN GREATEST(last_then_on, COALESCE(active_then_on, last_then_on)) END AS latest_then_on
  FROM summed LEFT JOIN activity ON summed.customer_id = activity.customer_id
)
SELECT
  COUNT(CASE WHEN is_buyer = 1 THEN 1 END) AS customer_count,
  COUNT(CASE WHEN is_buyer = 1 AND is_converted = 1 THEN 1 END) AS converted_now,
  COUNT(CASE WHEN is_buyer = 1 AND was_converted = 1 THEN 1 END) AS converted_before,
  COUNT(CASE WHEN is_buyer = 1 AND first_on >= {{new_1_from}} THEN 1 END) AS new_1,
  COUNT(CASE WHEN is_buyer = 1 AND first_on >= {{new_7_from}} THEN 1 END) AS new_7,
  COUNT(CASE WHEN is_buyer = 1 AND first_on >= {{new_30_from}} THEN 1 END) AS new_30,
  COUNT(CASE WHEN is_buyer = 1 AND latest_on >= {{then}} THEN 1 END) AS returning_now,
  COUNT(CASE WHEN is_buyer = 1 AND latest_on < {{then}} THEN 1 END) AS dormant_now,
  COUNT(CASE WHEN is_buyer = 1 AND latest_then_on >= {{long_before}} THEN 1 END) AS returning_before,
  COUNT(CASE WHEN is_buyer = 1 AND latest_then_on < {{long_before}} THEN 1 END) AS dormant_before,
  COUNT(CASE WHEN is_buyer = 1 AND orders_now > 0 THEN 1 END) AS buyers_now,
  COUNT(CASE WHEN is_buyer = 1 AND orders_before > 0 THEN 1 END) AS buyers_before,
  CAST(SUM(orders_now) AS BIGINT) AS orders_now,
  CAST(SUM(orders_before) AS BIGINT) AS orders_before,
  CAST(SUM(orders_ever) AS BIGINT) AS orders_ever,
  SUM(net_now) AS net_now,
  SUM(net_before) AS net_before,
  SUM(net_ever) AS net_ever,
  SUM(CASE WHEN is_buyer = 1 AND orders_now > 0 THEN net_now END) AS known_net_now,
  SUM(CASE WHEN is_buyer = 1 AND orders_before > 0 THEN net_before END) AS known_net_before,
  SUM(CASE WHEN is_buyer = 1 THEN net_ever END) AS known_net_ever
FROM known

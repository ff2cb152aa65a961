-- Customers with an interest, and those of them who had none in the 30 days before.
WITH of_customers AS (
  SELECT
    customer_id,
    MAX(CASE WHEN occurred_on >= {{now_from}} THEN 1 ELSE 0 END) AS is_now,
    MAX(CASE WHEN occurred_on >= {{before_from}} AND occurred_on < {{now_from}} THEN 1 ELSE 0 END) AS is_before,
    MAX(CASE WHEN occurred_on >= {{new_1_from}} THEN 1 ELSE 0 END) AS is_in_1,
    MAX(CASE WHEN occurred_on >= {{new_1_from}} - {{new_after}} AND occurred_on < {{new_1_from}} THEN 1 ELSE 0 END) AS is_before_1,
    MAX(CASE WHEN occurred_on >= {{new_7_from}} THEN 1 ELSE 0 END) AS is_in_7,
    MAX(CASE WHEN occurred_on >= {{new_7_from}} - {{new_after}} AND occurred_on < {{new_7_from}} THEN 1 ELSE 0 END) AS is_before_7,
    MAX(CASE WHEN occurred_on >= {{new_30_from}} THEN 1 ELSE 0 END) AS is_in_30,
    MAX(CASE WHEN occurred_on >= {{new_30_from}} - {{new_after}} AND occurred_on < {{new_30_from}} THEN 1 ELSE 0 END) AS is_before_30
  FROM events
  WHERE kind IN ({{interests}}) AND occurred_on <= {{as_of}}
  GROUP BY customer_id
)
SELECT
  COUNT(CASE WHEN is_now = 1 THEN 1 END) AS interested_now,
  COUNT(CASE WHEN is_before = 1 THEN 1 END) AS interested_before,
  COUNT(CASE WHEN is_in_1 = 1 AND is_before_1 = 0 THEN 1 END) AS new_1,
  COUNT(CASE WHEN is_in_7 = 1 AND is_before_7 = 0 THEN 1 END) AS new_7,
  COUNT(CASE WHEN is_in_30 = 1 AND is_before_30 = 0 THEN 1 END) AS new_30,
  COUNT(*) AS interested_ever
FROM of_customers

-- Every customer with an interest in the longest period: how often by kind, and whether a purchase came of it. An interest
-- whose time of day is not known is taken as before whatever else was that day.
WITH {{ruled}},
{{purchases}},
interests AS (
  SELECT
    customer_id,
    MAX(occurred_on) AS last_interest_on,
    MIN(CAST(occurred_on AS BIGINT) * 100000 + COALESCE(second + 1, 0)) AS first_at,
    COUNT(CASE WHEN kind = '{{kind_1}}' THEN 1 END) AS kind_1_count,
    COUNT(CASE WHEN kind = '{{kind_2}}' THEN 1 END) AS kind_2_count,
    COUNT(CASE WHEN kind = '{{kind_3}}' THEN 1 END) AS kind_3_count
  FROM events
  WHERE kind IN ({{interests}}) AND occurred_on >= {{longest_from}} AND occurred_on <= {{as_of}}
  GROUP BY customer_id
),
followed AS (
  SELECT
    interests.customer_id,
    MAX(interests.last_interest_on) AS last_interest_on,
    MAX(interests.kind_1_count) AS kind_1_count,
    MAX(interests.kind_2_count) AS kind_2_count,
    MAX(interests.kind_3_count) AS kind_3_count,
    MAX(CASE WHEN purchases.bought_on IS NOT NULL THEN 1 ELSE 0 END) AS has_bought,
    MAX(
      CASE WHEN purchases.is_conversion = 1 AND purchases.bought_at >= interests.first_at THEN 1 ELSE 0 END
    ) AS is_converted
  FROM interests LEFT JOIN purchases ON interests.customer_id = purchases.customer_id
  GROUP BY interests.customer_id
)
SELECT customer_id, last_interest_on, kind_1_count, kind_2_count, kind_3_count, has_bought, is_converted
FROM followed
ORDER BY last_interest_on DESC, customer_id

-- When customers bought: a purchase whose time of day is not known may have been at any, and is taken as after whatever else
-- was that day. Purchases that events say are conversions (1) where no file of orders was exported, else not (0).
purchases AS (
  SELECT
    customer_id,
    ordered_on AS bought_on,
    CAST(ordered_on AS BIGINT) * 100000 + COALESCE(second + 1, 99999) AS bought_at,
    1 AS is_conversion
  FROM ruled
  WHERE rule IS NULL AND {{is_order}}
  UNION ALL
  SELECT
    customer_id,
    occurred_on AS bought_on,
    CAST(occurred_on AS BIGINT) * 100000 + COALESCE(second + 1, 99999) AS bought_at,
    {{event_is_conversion}} AS is_conversion
  FROM events
  WHERE kind = '{{purchase}}' AND occurred_on <= {{as_of}}
)

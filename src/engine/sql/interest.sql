-- Customers with an interest in each period, by the days from their first interest of it to the purchase that it led to, or
-- to as-of. An interest whose time of day is not known is taken as before whatever else was that day.
WITH {{ruled}},
{{purchases}},
periods AS (
  {{periods}}
),
interests AS (
  SELECT
    events.customer_id,
    periods.period_days,
    periods.first_on AS period_on,
    MIN(CASE WHEN events.occurred_on >= periods.first_on THEN events.occurred_on END) AS first_on,
    MIN(
      CASE
        WHEN events.occurred_on >= periods.first_on
          THEN CAST(events.occurred_on AS BIGINT) * 100000 + COALESCE(events.second + 1, 0)
      END
    ) AS first_at,
    MAX(CASE WHEN events.occurred_on >= periods.first_on AND events.kind = '{{kind_1}}' THEN 1 ELSE 0 END) AS has_kind_1,
    MAX(CASE WHEN events.occurred_on >= periods.first_on AND events.kind = '{{kind_2}}' THEN 1 ELSE 0 END) AS has_kind_2,
    MAX(CASE WHEN events.occurred_on >= periods.first_on AND events.kind = '{{kind_3}}' THEN 1 ELSE 0 END) AS has_kind_3,
    MAX(CASE WHEN events.occurred_on < periods.first_on THEN 1 ELSE 0 END) AS was_interested
  FROM events INNER JOIN periods
    ON events.occurred_on >= periods.first_on - {{new_after}}
  WHERE events.kind IN ({{interests}}) AND events.occurred_on <= {{as_of}}
  GROUP BY events.customer_id, periods.period_days, periods.first_on
),
followed AS (
  SELECT
    interests.period_days,
    interests.customer_id,
    MIN(interests.first_on) AS first_on,
    MAX(interests.has_kind_1) AS has_kind_1,
    MAX(interests.has_kind_2) AS has_kind_2,
    MAX(interests.has_kind_3) AS has_kind_3,
    MAX(interests.was_interested) AS was_interested,
    MAX(CASE WHEN purchases.bought_on IS NOT NULL THEN 1 ELSE 0 END) AS has_bought,
    MAX(CASE WHEN purchases.is_conversion = 1 AND purchases.bought_on >= interests.period_on THEN 1 ELSE 0 END) AS has_bought_in_period,
    MIN(CASE WHEN purchases.is_conversion = 1 AND purchases.bought_at >= interests.first_at THEN purchases.bought_on END) AS converted_on
  FROM interests LEFT JOIN purchases ON interests.customer_id = purchases.customer_id
  WHERE interests.first_on IS NOT NULL
  GROUP BY interests.period_days, interests.customer_id
),
counted AS (
  SELECT
    period_days,
    COALESCE(converted_on, {{as_of}}) - first_on AS followed_days,
    CASE WHEN converted_on IS NULL THEN 0 ELSE 1 END AS is_converted,
    has_kind_1,
    has_kind_2,
    has_kind_3,
    was_interested,
    has_bought,
    has_bought_in_period
  FROM followed
)
SELECT
  period_days,
  followed_days,
  is_converted,
  COUNT(*) AS interest_customer_count,
  COUNT(CASE WHEN has_kind_1 = 1 THEN 1 END) AS kind_1_count,
  COUNT(CASE WHEN has_kind_2 = 1 THEN 1 END) AS kind_2_count,
  COUNT(CASE WHEN has_kind_3 = 1 THEN 1 END) AS kind_3_count,
  COUNT(CASE WHEN has_bought_in_period = 0 THEN 1 END) AS not_bought_in_period_count,
  COUNT(CASE WHEN has_bought = 0 THEN 1 END) AS not_yet_bought_count,
  COUNT(CASE WHEN was_interested = 0 THEN 1 END) AS new_customer_count
FROM counted
GROUP BY period_days, followed_days, is_converted
ORDER BY period_days, followed_days, is_converted

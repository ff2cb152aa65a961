-- Everybody whom orders, events, customer lists or messages up to as-of name.
everybody AS (
  SELECT customer_id, MAX(is_seen) AS is_seen
  FROM (
    SELECT customer_id, 1 AS is_seen FROM ruled WHERE customer_id IS NOT NULL AND ordered_on <= {{as_of}}
    UNION ALL
    SELECT customer_id, 1 AS is_seen FROM events WHERE occurred_on <= {{as_of}}
    UNION ALL
    SELECT customer_id, 0 AS is_seen FROM customers WHERE registered_on IS NULL OR registered_on <= {{as_of}}
    UNION ALL
    SELECT customer_id, 0 AS is_seen FROM sends WHERE sent_on <= {{as_of}}
  ) AS named
  GROUP BY customer_id
)

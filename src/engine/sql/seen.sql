-- What each customer did.
seen AS (
  SELECT
    customer_id,
    {{seen_added}}
  FROM events
  WHERE occurred_on <= {{as_of}}
  GROUP BY customer_id
)

-- What customer lists say of those who had registered by as-of.
listed AS (
  SELECT customer_id, registered_on, card_claimed_on, gender, level
  FROM customers
  WHERE registered_on IS NULL OR registered_on <= {{as_of}}
)

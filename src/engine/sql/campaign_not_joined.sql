-- Every customer who was sent something and has not ordered since.
WITH {{ruled}},
{{campaign_subjects}},
{{campaign_followed}},
{{campaign_people}},
wishes AS (
  SELECT customer_id, CASE WHEN is_opted_out THEN 1 WHEN NOT is_opted_out THEN 0 END AS is_opted_out
  FROM customers
  WHERE registered_on IS NULL OR registered_on <= {{as_of}}
)
SELECT
  people.arm_number AS arm_number,
  CASE WHEN arms.is_nameless = 0 THEN arms.campaign_id END AS campaign_id,
  arms.arm AS arm,
  people.customer_id AS customer_id,
  people.sent_on AS sent_on,
  people.last_on AS last_on,
  people.message_count AS message_count,
  CASE WHEN people.delivered_count > 0 THEN 1 WHEN people.delivered_count = 0 THEN 0 END AS is_delivered,
  people.unpaid_order_count AS unpaid_order_count,
  wishes.is_opted_out AS is_opted_out
FROM people
INNER JOIN arms ON people.arm_number = arms.arm_number
LEFT JOIN wishes ON people.customer_id = wishes.customer_id
WHERE people.is_shown = 1 AND people.message_count > 0 AND people.has_ordered_since = 0

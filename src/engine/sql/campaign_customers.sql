-- Every customer of each arm.
WITH {{ruled}},
{{campaign_subjects}},
{{campaign_followed}},
{{campaign_people}}
SELECT
  arm_number,
  customer_id,
  sent_on,
  last_on,
  is_in_figures,
  message_count,
  CASE WHEN delivered_count > 0 THEN 1 WHEN delivered_count = 0 THEN 0 END AS is_delivered,
  cost,
  order_count,
  net_amount,
  first_ordered_on,
  unpaid_order_count,
  net_amount_year_before
FROM people
WHERE is_shown = 1

-- Everybody of whom the condition is true, with the columns that are asked for.
WITH {{ruled}},
{{summed}},
{{buyers}},
{{everybody}},{{further}}
people AS (
  SELECT
    everybody.customer_id AS customer_id,
    buyers.net_amount AS buyer_net_amount{{columns}}
  FROM everybody
  LEFT JOIN buyers ON everybody.customer_id = buyers.customer_id{{joins}}
)
SELECT
  {{selected}}
FROM people{{where}}

-- Every buyer with the number of the group: 2 × segment (just_bought, active_new, active_loyal, lapsing_new, lapsing_loyal,
-- lost) + value (0 high, 1 low).
WITH {{ruled}},
{{summed}},
{{buyers}},
{{segmented}}
SELECT customer_id, last_ordered_on, recency_days, order_count, net_amount, group_number
FROM segmented
ORDER BY net_amount DESC, customer_id

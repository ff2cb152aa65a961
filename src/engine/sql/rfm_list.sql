-- Every buyer with the three scores.
WITH {{ruled}},
{{summed}},
{{buyers}},
{{scored}}
SELECT customer_id, last_ordered_on, recency_days, order_count, net_amount, r_score, f_score, m_score
FROM scored
ORDER BY net_amount DESC, customer_id

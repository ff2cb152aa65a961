-- A score counts the cut points that a value is above.
scored AS (
  SELECT
    customer_id,
    last_ordered_on,
    recency_days,
    order_count,
    net_amount,
    {{bins}} - ({{r_above}}) AS r_score,
    1 + ({{f_above}}) AS f_score,
    1 + ({{m_above}}) AS m_score
  FROM buyers
)

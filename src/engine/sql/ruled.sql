-- Orders and credit notes, each with the first rule that leaves it out; what has none counts.
ruled AS (
  SELECT
    order_key,
    customer_id,
    ordered_on,
    second,
    paid_amount,
    refund_amount,
    paid_amount - refund_amount AS net_amount,
    full_price,
    cost,
    row_count,
    item_row_count,
    country,
    province,
    city,
    CASE{{nobody}}
      {{left_out}}
    END AS rule
  FROM orders
)

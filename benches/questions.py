#!/usr/bin/env python3
"""Every question beside SQL of DuckDB that gives the same answer, in one alternating run.

    python3 benches/questions.py [--ecrm target/release/ecrm] [--data bench-data] [--runs 3] [questions …]

Makes three files with DuckDB, once: ten million orders, ten million events and six million rows of items (1.5 GB). What
both say is compared before any time is printed: all rows, in the columns that the SQL has. ecrm says more beside: scores
by quantiles, intervals, shares, the rates and gaps of products. Wall time, processor time and peak memory are medians of
the ratios, pair by pair; the times are the least of all runs, since other work on the machine only adds to them.
"""

import argparse
import csv
import multiprocessing
import statistics
import subprocess
import sys
import tempfile
from decimal import Decimal, InvalidOperation
from pathlib import Path

from compare import DATA, ROOT, environment, measured

MADE = {
    "orders": """
        select 'O' || lpad(i::varchar, 10, '0') as order_id,
               'C' || lpad((power(random(), 2) * 2500000)::bigint::varchar, 8, '0') as customer_id,
               strftime(timestamp '2024-01-01' + to_seconds((random() * 86400 * 730)::bigint), '%Y-%m-%d %H:%M:%S')
                   as paid_at,
               round(exp(3 + random() * 2), 2) as paid_amount,
               case when random() < 0.92 then 'paid' when random() < 0.5 then 'unpaid' else 'refunded' end as status,
               (['浙江省', '江苏省', '广东省', '上海市', '北京市', '四川省', '湖北省', '湖南省', '山东省', '河南省'])
                   [1 + (random() * 9)::int] as province
        from range(10000000) t(i)""",
    "events": """
        select 'C' || lpad((power(random(), 2) * 1000000)::bigint::varchar, 8, '0') as user_id,
               'I' || (power(random(), 3) * 20000)::int as item_id,
               (['pv', 'pv', 'pv', 'pv', 'fav', 'cart', 'cart', 'buy'])[1 + (random() * 7)::int] as behavior_type,
               strftime(timestamp '2025-11-01' + to_seconds((random() * 86400 * 60)::bigint), '%Y-%m-%d %H:%M:%S')
                   as time,
               'cat' || (random() * 50)::int as item_category
        from range(10000000)""",
    "items": """
        select 'O' || lpad((i // 3)::varchar, 9, '0') as order_id,
               'C' || lpad((hash(i // 3) % 800000)::varchar, 8, '0') as customer_id,
               strftime(timestamp '2024-01-01' + to_seconds((hash(i // 3 + 7) % 63072000)::bigint), '%Y-%m-%d %H:%M:%S')
                   as paid_at,
               'completed' as status, 'P' || (power(random(), 3) * 5000)::int as product_id, 1 as quantity,
               round(5 + random() * 90, 2) as amount
        from range(6000000) t(i)""",
}
TYPES = {
    "orders": "{'order_id': 'VARCHAR', 'customer_id': 'VARCHAR', 'paid_at': 'TIMESTAMP',"
              " 'paid_amount': 'DECIMAL(18,2)', 'status': 'VARCHAR', 'province': 'VARCHAR'}",
    "events": "{'user_id': 'VARCHAR', 'item_id': 'VARCHAR', 'behavior_type': 'VARCHAR', 'time': 'TIMESTAMP',"
              " 'item_category': 'VARCHAR'}",
    "items": "{'order_id': 'VARCHAR', 'customer_id': 'VARCHAR', 'paid_at': 'TIMESTAMP', 'status': 'VARCHAR',"
             " 'product_id': 'VARCHAR', 'quantity': 'INT', 'amount': 'DECIMAL(18,2)'}",
}
FACTS = """facts as (select customer_id, sum(paid_amount) as net_amount, count(distinct order_id) as order_count,
                            max(paid_at)::date as last_ordered_on
                     from {source} where status = 'paid' group by customer_id)"""
# Of each: the file, what ecrm is asked, the SQL, and which of ecrm's rows it is about.
QUESTIONS = {
    "rfm": ("orders", "rfm", f"""with {FACTS}
        select *, (select max(last_ordered_on) from facts) - last_ordered_on as recency_days,
               ntile(5) over (order by last_ordered_on) as r, ntile(5) over (order by order_count) as f,
               ntile(5) over (order by net_amount) as m
        from facts order by net_amount desc, customer_id""", None),
    "segment": ("orders", "segment", f"""with {FACTS},
        whole as (select avg(net_amount) as mean, max(last_ordered_on) as as_of from facts),
        each_one as (select *, as_of - last_ordered_on as days, net_amount >= mean as is_high from facts, whole)
        select case when days <= 7 then 'just_bought' when days > 365 then 'lost'
                    else (case when days <= 90 then 'active_' else 'lapsing_' end)
                         || (case when order_count > 1 then 'loyal' else 'new' end) end as segment,
               case when is_high then 'high' else 'low' end as value, count(*) as customer_count,
               sum(order_count) as order_count, sum(net_amount) as net_amount, median(days) as median_recency_days
        from each_one group by 1, 2""", lambda row: row["customer_count"] != "0"),
    "repurchase": ("orders", "repurchase --table gaps", """
        with days as (select distinct customer_id, paid_at::date as day from {source} where status = 'paid'),
        gaps as (select lead(day) over (partition by customer_id order by day) - day as gap from days),
        quantiles as (select count(gap) as n, count(*) - count(gap) as still_open,
                             quantile_cont(gap, [.25, .5, .75, .8, .9]) as q from gaps)
        select n as gap_count, q[1] as p25, q[2] as p50, q[3] as p75, q[4] as p80, q[5] as p90,
               still_open as open_gap_count from quantiles""", None),
    "cohort": ("orders", "cohort", """
        with paid as (select customer_id, date_trunc('month', paid_at) as month, paid_amount
                      from {source} where status = 'paid'),
        firsts as (select customer_id, min(month) as cohort from paid group by customer_id)
        select cohort::date as cohort, datediff('month', cohort, month) as period,
               count(distinct customer_id) as customer_count, sum(paid_amount) as net_amount
        from paid join firsts using (customer_id) where month < date '2025-12-01' group by 1, 2""",
        lambda row: row["customer_count"] != ""),
    "region": ("orders", "region", """
        select regexp_replace(province, '[省市]$', '') as province, count(distinct order_id) as order_count,
               count(distinct customer_id) as customer_count, sum(paid_amount) as net_amount
        from {source} where status = 'paid' group by 1""", None),
    "value": ("orders", "value", f"""with {FACTS},
        ranked as (select *, sum(net_amount) over (order by net_amount desc, customer_id) - net_amount as before,
                          sum(net_amount) over () as whole from facts)
        select case when before < 0.8 * whole then 'core' when before < 0.95 * whole then 'potential' else 'mass' end
                   as class,
               count(*) as customer_count, sum(order_count) as order_count, sum(net_amount) as net_amount
        from ranked group by 1""", None),
    "interest": ("events", "interest", """
        with seen as (select user_id, behavior_type as kind, time::date as day from {source}),
        buyers as (select distinct user_id from seen where kind = 'buy'), whole as (select max(day) as as_of from seen)
        select 30 as period_days, count(distinct user_id) as interest_customer_count,
               count(distinct user_id) filter (where kind = 'fav') as fav_item,
               count(distinct user_id) filter (where kind = 'cart') as cart,
               count(distinct user_id) filter (where user_id not in (select user_id from buyers))
                   as not_yet_bought_count
        from seen, whole where kind in ('fav', 'cart') and day > as_of - 30""",
        lambda row: row["period_days"] == "30"),
    "products": ("items", "products", """
        select product_id, count(distinct order_id) as order_count, count(distinct customer_id) as customer_count,
               sum(quantity) as quantity, sum(amount) as amount
        from {source} group by product_id""", None),
    "products together": ("items", "products --table together --min-count 2000", """
        with held as (select distinct order_id, product_id from {source})
        select a.product_id, b.product_id as other_product_id, count(*) as order_count
        from held a join held b on a.order_id = b.order_id and a.product_id <> b.product_id
        group by 1, 2 having order_count >= 2000""", None),
}


def value(text: str) -> Decimal | str:
    """Numbers as what they are, however many zeros they end with."""
    try:
        return Decimal(text).normalize()
    except InvalidOperation:
        return text


def rows(path: str, columns: list[str], keep=None) -> list[tuple]:
    with open(path, newline="", encoding="utf-8") as file:
        return sorted(tuple(value(row[name]) for name in columns) for row in csv.DictReader(file)
                      if keep is None or keep(row))


def check(name: str, mine: str, theirs: str, keep) -> None:
    with open(mine, newline="", encoding="utf-8") as one, open(theirs, newline="", encoding="utf-8") as other:
        own = next(csv.reader(one))
        columns = [column for column in next(csv.reader(other)) if column in own]
    if (a := rows(mine, columns, keep)) != (b := rows(theirs, columns)):
        differing = [pair for pair in zip(a, b) if pair[0] != pair[1]][:3]
        sys.exit(f"{name}: the answers differ in {columns}, {len(a)} and {len(b)} rows: {differing}")


def second(command: list[str], target: str) -> tuple[float, float, float]:
    """The second of two runs, which finds the memory that the first gave back. What the first touch of memory costs
    depends, on a virtual machine, on what other programs left to its host: up to twice the whole work."""
    measured(command, target)
    return measured(command, target)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ecrm", default=str(ROOT / "target/release/ecrm"))
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("questions", nargs="*")
    args = parser.parse_args()
    DATA.mkdir(exist_ok=True)
    args.data.mkdir(exist_ok=True)
    python = environment()
    files = {name: args.data / f"questions-{name}.csv" for name in MADE}

    def duck(sql: str, target: Path | str) -> list[str]:
        code = "import duckdb, sys; duckdb.connect().execute(sys.argv[1])"
        return [python, "-c", code, f"select setseed(0.42); copy ({sql}) to '{target}' (header)"]

    for name, path in files.items():
        if not path.exists():
            subprocess.run(duck(MADE[name], path), check=True)
    print("| question | ecrm s | DuckDB s | ecrm MB | DuckDB MB | wall | processor | memory |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory(dir=args.data) as folder:
        mine, theirs = f"{folder}/ecrm.csv", f"{folder}/duckdb.csv"
        for name, (file, question, sql, keep) in QUESTIONS.items():
            if args.questions and name not in args.questions:
                continue
            source = f"read_csv('{files[file]}', header = true, columns = {TYPES[file]})"
            command = [args.ecrm, *question.split(), str(files[file]), "--quiet", "-o", mine]
            query = duck(sql.replace("{source}", source), theirs)
            measured(command, mine), measured(query, theirs)
            # In a process of its own: what this one holds would count as the peak of what it starts.
            checking = multiprocessing.get_context("fork").Process(target=check, args=(name, mine, theirs, keep))
            checking.start()
            checking.join()
            if checking.exitcode:
                sys.exit(checking.exitcode)
            pairs = [(second(command, mine), second(query, theirs)) for _ in range(args.runs)]
            least = [min(pair[side][what] for pair in pairs) for what in (0, 2) for side in (0, 1)]
            ratios = [statistics.median(own[what] / other[what] for own, other in pairs) for what in range(3)]
            print(f"| `{question}` | {least[0]:.2f} | {least[1]:.2f} | {least[2]:,.0f} | {least[3]:,.0f} | "
                  + " | ".join(f"{ratio:.2f}" for ratio in ratios) + " |", flush=True)


if __name__ == "__main__":
    main()

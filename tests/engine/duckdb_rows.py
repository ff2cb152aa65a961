"""Runs statements over exports on DuckDB: a line of JSON each, with the statement and the Parquet file for its rows, or the
table that they are."""

import json
import sys

import duckdb

TABLES = ["about", "orders", "order_items", "customers", "events", "sends"]

connection = duckdb.connect()
for table in TABLES if len(sys.argv) > 1 else []:
    files = ", ".join(f"'{folder}/{table}/*/*.parquet'" for folder in sys.argv[1:])
    connection.execute(
        f"CREATE VIEW {table} AS SELECT * FROM read_parquet([{files}], hive_partitioning = true)"
    )
for line in sys.stdin:
    asked = json.loads(line)
    try:
        if asked.get("table"):
            connection.execute(f"CREATE OR REPLACE VIEW {asked['table']} AS {asked['sql']}")
        else:
            connection.execute(f"COPY ({asked['sql']}) TO '{asked['rows']}' (FORMAT parquet)")
        print("ok", flush=True)
    except duckdb.Error as error:
        print(json.dumps(str(error)), flush=True)

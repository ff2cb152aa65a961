"""Runs statements over exports on Spark with two executors: a line of JSON each, with the statement and the Parquet file
for its rows. With `kill` in a line, one executor is killed while the statement runs."""

import json
import os
import signal
import subprocess
import sys
import threading
import time

import pyarrow.parquet
from pyspark.sql import SparkSession

TABLES = ["about", "orders", "order_items", "customers", "events", "sends"]

master = os.environ.get("SPARK_MASTER", "local-cluster[2,1,2048]")
builder = SparkSession.builder.master(master).appName("ecrm-test")
for key, value in {
    "spark.ui.enabled": "false",
    "spark.executor.memory": "1536m",
    "spark.sql.shuffle.partitions": os.environ.get("SPARK_PARTITIONS", "4"),
    "spark.sql.session.timeZone": "America/New_York",
    "spark.log.level": "ERROR",
}.items():
    builder = builder.config(key, value)
spark = builder.getOrCreate()
for table in TABLES:
    frames = [spark.read.parquet(f"{folder}/{table}") for folder in sys.argv[1:]]
    together = frames[0]
    for frame in frames[1:]:
        together = together.unionByName(frame)
    together.createOrReplaceTempView(table)


def executors():
    """The processes of executors."""
    found = subprocess.run(
        ["pgrep", "-f", "CoarseGrainedExecutorBackend.*local-cluster|CoarseGrainedExecutorBackend"],
        capture_output=True, text=True, check=False,
    )
    mine = []
    for pid in found.stdout.split():
        with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as cmdline:
            if f"spark://CoarseGrainedScheduler@" in cmdline.read() and is_below(int(pid)):
                mine.append(int(pid))
    return mine


def is_below(pid):
    """Whether a process was started by this one, or by what this one started."""
    while pid > 1:
        if pid == os.getpid():
            return True
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
            pid = int(stat.read().rsplit(")", 1)[1].split()[1])
    return False


def kill_one():
    """Kills an executor a moment after the statement has begun."""
    time.sleep(float(os.environ.get("SPARK_KILL_AFTER", "2")))
    victim = executors()[0]
    os.kill(victim, signal.SIGKILL)
    print(f"killed executor {victim}, left {executors()}", file=sys.stderr, flush=True)


print("ready", file=sys.stderr, flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    killer = threading.Thread(target=kill_one) if asked.get("kill") else None
    try:
        if killer:
            killer.start()
        began = time.time()
        rows = spark.sql(asked["sql"]).toArrow()
        if killer:
            killer.join()
        pyarrow.parquet.write_table(rows, asked["rows"])
        print(f"{time.time() - began:.1f} s, {rows.num_rows} rows", file=sys.stderr, flush=True)
        print("ok", flush=True)
    except Exception as error:  # whatever it is, it is said
        print(json.dumps(str(error)[:2000]), flush=True)
spark.stop()

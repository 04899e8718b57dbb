"""The same kernel on PySpark, two threads of one machine; the second run in a session that is warm."""

from __future__ import annotations

from pathlib import Path

import narwhals as nw
from benchmarks import job
from pyspark.sql import SparkSession
from pyspark.sql import functions as f

from bangfu.engine.batch import DETERMINED, NEVER, Book, lines
from bangfu.spark import session, settle


def _spark() -> SparkSession:
    return session(cores=2, memory="3g", shuffle_partitions=4)


def ready(folder: Path, out: Path) -> None:
    """Start Java and run once, so that what Java compiles and plans for the first time is not measured."""
    run(folder, out)


def run(folder: Path, out: Path) -> None:
    """The quarter on Spark; its files are Spark's folders of parts."""
    spark = _spark()
    loans = spark.read.parquet(job.loans_of(folder)).withColumns(
        {
            "disbursed_on": f.col("contract_on"),
            "subsidised_until": f.lit(NEVER).cast("long"),
            "replaces_id": f.lit(None).cast("long"),
            "has_spans": f.lit(False),
        }
    )
    moves = spark.read.parquet(job.moves_of(folder))
    terms = job.segments()
    schema = ", ".join(f"{name} long" for name in terms.columns)
    segments = spark.createDataFrame(terms.rows(), schema).withColumn(
        "segment_state", f.lit(DETERMINED).cast("long")
    )
    frames = (nw.from_native(frame) for frame in (loans, moves, segments))
    book = Book(*frames, payers=job.PAYERS, settle=settle)
    found = lines(book, start=job.START, end=job.END).select(*job.LINE).to_native()
    found.write.mode("overwrite").parquet(str(job.lines_file(out)))
    township = (f.col("area_code") - f.col("area_code") % job.TOWNSHIP) / job.TOWNSHIP
    grouped = spark.read.parquet(str(job.lines_file(out))).groupBy(township.cast("long").alias("township"))
    totals = grouped.agg(f.count("*").alias("loans"), *(f.sum(name).alias(name) for name in job.AMOUNTS))
    totals.coalesce(1).write.mode("overwrite").parquet(str(job.townships_file(out)))

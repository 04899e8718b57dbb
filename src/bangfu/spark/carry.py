"""Carries the kernel over Parquet files on Spark: a session, the book, the lines. It holds no rule."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import narwhals as nw
from pyspark.sql import SparkSession

from bangfu.engine import batch
from bangfu.engine.bounds import check_bounds
from bangfu.spark.java import java_home

TABLES = ("loans", "moves", "segments", "spans")


@contextmanager
def _environment(**given: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def session(
    *, cores: int = 2, memory: str = "2g", shuffle_partitions: int = 4, master: str | None = None
) -> SparkSession:
    """A Spark session: local with so many cores, or on the cluster that ``master`` names.

    Raises:
        NoJava: No Java that Spark starts on was found.
    """
    with _environment(JAVA_HOME=str(java_home()), SPARK_LOCAL_IP="127.0.0.1"):
        builder = SparkSession.builder.master(master or f"local[{cores}]").appName("bangfu")
        settings = {
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.driver.memory": memory,
            "spark.sql.shuffle.partitions": str(shuffle_partitions),
            "spark.sql.execution.arrow.pyspark.enabled": "true",
            "spark.sql.ansi.enabled": "true",
            "spark.log.level": "ERROR",
        }
        for name, value in settings.items():
            builder = builder.config(name, value)
        return builder.getOrCreate()


def settle(frame: batch.Frame) -> batch.Frame:
    """Compute a frame once and forget how it came about, so that plans stay short."""
    settled: batch.Frame = nw.from_native(frame.to_native().localCheckpoint(eager=True))
    return settled


def book(
    spark: SparkSession, folder: Path | str, *, payers: Sequence[str], limited: bool = False
) -> batch.Book:
    """The kernel's book from a folder of Parquet: loans, moves, segments and, where it exists, spans.

    Args:
        spark: The session.
        folder: A folder with ``loans.parquet`` and so on, as a local path or an address Spark reads.
        payers: The payers the segments have columns for.
        limited: Whether a loan's subsidised time may end before its normal time.
    """
    frames: dict[str, Any] = {}
    for name in TABLES:
        place = f"{folder}/{name}.parquet"
        if name != "spans" or "://" in place or Path(place).exists():
            frames[name] = nw.from_native(spark.read.parquet(place))
    return batch.Book(
        loans=frames["loans"],
        moves=frames["moves"],
        segments=frames["segments"],
        spans=frames.get("spans"),
        limited=limited,
        payers=tuple(payers),
        settle=settle,
    )


def write_lines(read: batch.Book, out: Path | str, *, start: int, end: int) -> None:
    """Compute the period's lines on Spark and write them as Parquet.

    Raises:
        OutOfBounds: A value is beyond what the kernel computes exactly.
        FileExistsError: The place is taken.
    """
    if "://" not in str(out) and Path(out).exists():
        raise FileExistsError(out)
    check_bounds(read, start=start, end=end)
    batch.lines(read, start=start, end=end).to_native().write.parquet(str(out))

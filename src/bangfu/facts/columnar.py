"""Parquet: canonical typed columns go straight through, others are read as text."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from bangfu.facts.problems import BadFacts, Problem, problem
from bangfu.facts.sheets import RawSheet, numbered

_MAGIC = b"PAR1"
_TEXT_LIKE = (pl.Categorical, pl.Enum)
_AS_STORED = (pl.String, pl.Date, pl.Boolean, pl.Int64, pl.Null)


def read_columnar(path: Path) -> RawSheet:
    """The columns of a Parquet file, with row 1 the first row.

    Raises:
        BadFacts: empty_file, locked, unreadable, bad_column_type.
    """
    name = path.name
    try:
        with path.open("rb") as file:
            start = file.read(len(_MAGIC))
    except OSError as error:
        raise BadFacts((problem("locked", file=name),)) from error
    if not start:
        raise BadFacts((problem("empty_file", file=name),))
    if start != _MAGIC:
        raise BadFacts((problem("unreadable", file=name),))
    try:
        frame = pl.read_parquet(path, glob=False, hive_partitioning=False)
    except (pl.exceptions.PolarsError, OSError, ValueError, OverflowError, MemoryError) as error:
        raise BadFacts((problem("unreadable", file=name),)) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise BadFacts((problem("unreadable", file=name),)) from error
    return _plain(frame, name)


def _plain(frame: pl.DataFrame, name: str) -> RawSheet:
    problems: list[Problem] = []
    columns: list[pl.Series] = []
    numeric: dict[str, pl.Series] = {}
    for place, (header, series) in enumerate(zip(frame.columns, frame.get_columns(), strict=True)):
        dtype = series.dtype
        if dtype.is_numeric() and not dtype.is_decimal():
            numeric[str(place)] = series.is_not_null()
        if dtype in _AS_STORED:
            kept = series
        elif dtype.is_integer():
            kept = series.cast(pl.Int64, strict=False)
            if kept.null_count() > series.null_count():
                kept = series.cast(pl.String)
        elif dtype.is_float() or dtype.is_decimal() or dtype in _TEXT_LIKE:
            kept = series.cast(pl.String)
        elif isinstance(dtype, pl.Datetime):
            kept = series.dt.to_string("%Y-%m-%d %H:%M:%S")
        else:
            problems.append(problem("bad_column_type", file=name, column=header, detail=str(dtype)))
            continue
        columns.append(kept.alias(str(place)))
    if problems:
        raise BadFacts(tuple(problems))
    return RawSheet(name, "", numbered(pl.DataFrame(columns)), numeric, tuple(frame.columns))

"""Many rows at once: COPY into a table of the transaction's own, then one INSERT … SELECT.

Row-level security looks at each row as it does at a single one; PostgreSQL refuses COPY straight into a table with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
from django.db import connection
from psycopg import sql

__all__ = ["inserted", "laid_down"]

_NULL = "\x01"
_PIECE = 1 << 20


def laid_down(frame: pl.DataFrame, *, like: str, name: str) -> None:
    """The frame as a temporary table that ends with the transaction; its columns have the types of ``like``.

    Args:
        frame: Columns named as in ``like``; ranges, bytes and JSON as PostgreSQL writes them.
        like: The table whose columns they are.
        name: How the temporary table is called.
    """
    columns = sql.SQL(", ").join(map(sql.Identifier, frame.columns))
    whole = {"columns": columns, "like": sql.Identifier(like), "name": sql.Identifier(name)}
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("drop table if exists pg_temp.{name}").format(**whole))
        cursor.execute(
            sql.SQL(
                "create temp table {name} on commit drop as select {columns} from {like} with no data"
            ).format(**whole)
        )
        text = frame.write_csv(include_header=False, null_value=_NULL).encode()
        copy = sql.SQL("copy pg_temp.{name} ({columns}) from stdin with (format csv, null {null})").format(
            **whole, null=sql.Literal(_NULL)
        )
        with cursor.copy(copy) as door:
            for start in range(0, len(text), _PIECE):
                door.write(text[start : start + _PIECE])


def inserted(table: str, frame: pl.DataFrame, same: Mapping[str, Any] | None = None) -> int:
    """Add the rows of a frame to a table, in their order; how many they were.

    Args:
        table: The table.
        frame: As in ``laid_down``.
        same: Columns that are the same in every row.
    """
    if frame.is_empty():
        return 0
    same = dict(same or {})
    name = f"came_{table}"
    laid_down(frame, like=table, name=name)
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("insert into {table} ({columns}) select {own}{values} from pg_temp.{name}").format(
                table=sql.Identifier(table),
                columns=sql.SQL(", ").join(map(sql.Identifier, (*frame.columns, *same))),
                own=sql.SQL(", ").join(map(sql.Identifier, frame.columns)),
                values=sql.SQL("").join(sql.SQL(", {}").format(sql.Placeholder()) for _ in same),
                name=sql.Identifier(name),
            ),
            list(same.values()),
        )
        return frame.height

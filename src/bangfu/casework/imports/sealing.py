"""Personal values on their way into the vault: sealed, and laid down beside the rows they belong to."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from bangfu.casework.database.copying import inserted
from bangfu.casework.personal_data import api as personal_data

__all__ = ["VAULT", "kept", "sealed"]

VAULT = "casework_personal_datum"
_COLUMNS = {
    "id": pl.String,
    "table_name": pl.String,
    "row_id": pl.String,
    "field": pl.String,
    "key_id": pl.Int64,
    "ciphertext": pl.String,
    "blind_key_id": pl.Int64,
    "blind_index": pl.String,
    "masked": pl.String,
    "scope_area": pl.String,
    "institution_id": pl.String,
    "household_id": pl.String,
}


def sealed(values: Iterable[personal_data.Plain]) -> pl.DataFrame:
    """Values as rows of the vault, in the order given; nothing is asked of the database."""
    rows = [
        (
            str(one.id), one.table_name, one.row_id, one.field, one.key_id, f"\\x{one.ciphertext.hex()}",
            one.blind_key_id, f"\\x{one.blind_index.hex()}", one.masked, one.scope_area, one.institution_id,
            one.household_id,
        )
        for one in personal_data.sealed_rows(values)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=_COLUMNS, orient="row")


def kept(values: pl.DataFrame) -> list[str]:
    """Keep sealed values; the ids of their rows."""
    inserted(VAULT, values)
    return values["id"].to_list()

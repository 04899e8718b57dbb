"""Fields of a wide ledger that are made from others: identifiers, division codes, words by the day."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from bangfu.facts import cells
from bangfu.facts.mapping import Making, Mapping

_DIGITS = 5
_FIRST_MADE_AREA = 901  # above the codes in use, so that a made one is not taken for a real one
_MOST_AREAS = 999
_COUNTY, _TOWNSHIP = 6, 9


Orders = dict[str, dict[tuple[str, ...], str]]


def make(making: Making, fields: pl.DataFrame, mapping: Mapping, orders: Orders) -> pl.Series:
    """The field that one way of making gives; null where what it needs is empty.

    Args:
        making: How.
        fields: The fields so far, text, null = empty; absent ones count as empty.
        mapping: For its county and areas.
        orders: The running numbers given so far, by prefix; one person is one number in whatever field.
    """
    if making.field:
        return _field(fields, making.field)
    if making.made:
        return _ordinals(
            making.made, orders.setdefault(making.made, {}), [_field(fields, name) for name in making.of]
        )
    if making.area:
        return _areas([_field(fields, name) for name in making.area], mapping)
    return _by_day(_field(fields, making.by_day), making)


def _field(fields: pl.DataFrame, name: str) -> pl.Series:
    if name in fields.columns:
        return fields[name]
    return pl.Series(name, [None], pl.String).new_from_index(0, fields.height)


def _ordinals(prefix: str, order: dict[tuple[str, ...], str], parts: Sequence[pl.Series]) -> pl.Series:
    """A prefix and the order in which the parts first appear together; null where the first part is empty.

    A digest would be the same in any file, but one of an ID number could be turned back by trying them all.
    """
    made: list[str | None] = []
    for row in zip(*parts, strict=True):
        if row[0] is None:
            made.append(None)
            continue
        key = tuple(cells.fold_text(part or "").upper() for part in row)
        made.append(order.setdefault(key, f"{prefix}{len(order) + 1:0{_DIGITS}d}"))
    return pl.Series(made, dtype=pl.String)


def _areas(names: Sequence[pl.Series], mapping: Mapping) -> pl.Series:
    """Twelve digits from the names of township and village: those the mapping knows, else made from the county.

    Made codes number the townships and the villages of each in the order of their names.
    """
    rows = list(zip(*names, strict=True))
    codes = {row: mapping.areas["/".join(filter(None, row))] for row in set(rows) if _known(row, mapping)}
    if mapping.county:
        townships = sorted({row[0] for row in rows if row[0] is not None})
        for place, township in enumerate(townships):
            villages = sorted({row for row in rows if row[0] == township and all(row)})
            start = mapping.county + _number(place, len(townships))
            for below, row in enumerate(villages):
                codes.setdefault(row, start + _number(below, len(villages)))
    return pl.Series([codes.get(row) for row in rows], dtype=pl.String)


def _known(row: tuple[str | None, ...], mapping: Mapping) -> bool:
    return "/".join(filter(None, row)) in mapping.areas


def _number(place: int, count: int) -> str:
    first = _FIRST_MADE_AREA if count <= _MOST_AREAS - _FIRST_MADE_AREA else 1
    return f"{first + place:03d}"


def _by_day(texts: pl.Series, making: Making) -> pl.Series:
    """The first value whose last day is not before the day of each row; the last where that is no day.

    The column of days itself is refused there; a second problem for its value would only hide the first.
    """
    days = cells.read_date(cells.folded(texts)).values.to_frame("day").with_columns(texts.alias("text"))
    chosen = pl.lit(None, pl.String)
    for dated in reversed(making.values):
        holds = pl.lit(value=True) if dated.to is None else pl.col("day") <= dated.to
        chosen = pl.when(holds).then(pl.lit(dated.value)).otherwise(chosen)
    return days.select(pl.when(pl.col("text").is_not_null()).then(chosen)).to_series()

"""ID numbers over columns: what tells a person, and how a number is shown."""

from __future__ import annotations

import polars as pl

_LENGTH, _OLD_LENGTH = 18, 15
_KEPT_AT_START, _KEPT_AT_END = 4, 2


def person_key(id_number: pl.Expr) -> pl.Expr:
    """What the 15- and the 18-character form of one person's number share, as Int64: area, birth date, sequence.

    Null where there is no such number; the check character is not looked at.
    """
    size = id_number.str.len_bytes()
    old = pl.concat_str(id_number.str.slice(0, 6), pl.lit("19"), id_number.str.slice(6, 9))
    digits = pl.when(size == _LENGTH).then(id_number.str.slice(0, 17)).when(size == _OLD_LENGTH).then(old)
    return digits.cast(pl.Int64, strict=False)


def masked(id_number: pl.Expr) -> pl.Expr:
    """For people to tell apart, not to read; as ``bangfu.facts.identity.mask``."""
    size = id_number.str.len_chars().cast(pl.Int64)
    shown = _KEPT_AT_START + _KEPT_AT_END
    hidden = pl.lit("*").repeat_by(pl.when(size > shown).then(size - shown).otherwise(size)).list.join("")
    ends = id_number.str.slice(0, _KEPT_AT_START) + hidden + id_number.str.tail(_KEPT_AT_END)
    return pl.when(size > shown).then(ends).otherwise(hidden)

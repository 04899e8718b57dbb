"""Citizen ID numbers (GB 11643-1999): birth date, sex, check digit, mask; 18 characters or the old 15 digits."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

import polars as pl

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_MODULUS = 11
_OLD_LENGTH = 15
_SHAPE = re.compile(r"\d{17}[\dX]|\d{15}", re.ASCII)
_KEPT_AT_START, _KEPT_AT_END = 4, 2

SHAPE = r"^(?:\d{17}[\dX]|\d{15})$"
EARLIEST_BIRTH, LATEST_BIRTH = date(1900, 1, 1), date(2100, 12, 31)


def fold_id(text: str) -> str:
    """Full-width digits and Ｘ folded, blanks removed, x made X."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()


def birth_date_of(id_number: str) -> date | None:
    """The birth date in an ID number (19YYMMDD in the old form); None where there is no such number or day."""
    if not _SHAPE.fullmatch(id_number):
        return None
    digits = f"19{id_number[6:12]}" if len(id_number) == _OLD_LENGTH else id_number[6:14]
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
    return born if EARLIEST_BIRTH <= born <= LATEST_BIRTH else None


def sex_of(id_number: str) -> str | None:
    """``male`` or ``female`` by the number's sequence digit; None where there is no such number."""
    if not _SHAPE.fullmatch(id_number):
        return None
    digit = id_number[-1] if len(id_number) == _OLD_LENGTH else id_number[16]
    return "male" if int(digit) % 2 else "female"


def check_digit_of(first_seventeen: str) -> str:
    """The check character of the first seventeen digits.

    Raises:
        ValueError: They are not seventeen digits.
    """
    if len(first_seventeen) != len(_WEIGHTS) or not (first_seventeen.isascii() and first_seventeen.isdigit()):
        raise ValueError("seventeen digits are needed")
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, first_seventeen, strict=True))
    return _CHECKS[total % _MODULUS]


def check_digit_ok(id_number: str) -> bool:
    """Whether the check character fits; the old form has none and passes."""
    if not _SHAPE.fullmatch(id_number):
        return False
    return len(id_number) == _OLD_LENGTH or check_digit_of(id_number[:17]) == id_number[17]


def mask(id_number: str) -> str:
    """For people to tell apart, not to read: ``5227************12``."""
    hidden = max(len(id_number) - _KEPT_AT_START - _KEPT_AT_END, 0)
    if not hidden:
        return "*" * len(id_number)
    return id_number[:_KEPT_AT_START] + "*" * hidden + id_number[-_KEPT_AT_END:]


def birth_date_expr(id_number: pl.Expr) -> pl.Expr:
    """``birth_date_of`` over a column: Date, null where there is none."""
    old = id_number.str.len_bytes() == _OLD_LENGTH
    digits = pl.when(old).then(pl.lit("19") + id_number.str.slice(6, 6)).otherwise(id_number.str.slice(6, 8))
    born = digits.str.to_date("%Y%m%d", strict=False)
    lawful = id_number.str.contains(SHAPE) & born.is_between(EARLIEST_BIRTH, LATEST_BIRTH)
    return pl.when(lawful).then(born)


def check_digit_ok_expr(id_number: pl.Expr) -> pl.Expr:
    """``check_digit_ok`` over a column of text: Boolean, null for null."""
    first = id_number.str.slice(0, len(_WEIGHTS)).cast(pl.Int64, strict=False)
    total = pl.sum_horizontal(
        first // 10**place % 10 * weight for place, weight in enumerate(reversed(_WEIGHTS))
    )
    wanted = (total % _MODULUS).replace_strict(dict(enumerate(_CHECKS)), return_dtype=pl.String)
    old = id_number.str.len_bytes() == _OLD_LENGTH
    return id_number.str.contains(SHAPE) & (old | (wanted == id_number.str.slice(17, 1)))

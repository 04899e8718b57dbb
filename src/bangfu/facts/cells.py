"""Cells to values, a column at a time: exact integers from text, and the name of what is wrong where it is not.

Every reader takes a column of folded text (null = empty) and gives the values (null where empty or wrong) and, where
something is wrong, a column of problem codes (null where nothing is).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from bangfu.facts import identity
from bangfu.money.rates import E8_PER_PERCENT, E8_PER_SMALLEST_RATE

FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(2100, 12, 31)
MOST_COUNT = 1_000_000

# Loans of this programme are never lent below 0.36 %, and 36 % is the most any loan may bear: a number in between
# is a fraction (0.0385 from a percent-formatted cell), and must be written with its % sign to be believed.
FRACTION_BELOW_E8 = 360_000

_NUMBER = r"^([+-]?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d*))?$"
_MOST_WHOLE_DIGITS = 12
_DATE = r"^(?:\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?|\d{8})$"
_TIME = r"[ T].*$"
_SEPARATORS = r"[/.年月]"
_COUNTY_DIGITS = 6
_DIGITS_OF_A_DOUBLE = 15
_EXPONENT = r"^\d+(?:\.\d+)?[eE]\+\d+$"
_ISO = r"^\d{4}-\d{2}-\d{2}$"
_ODD = r"[^\x21-\x7e]"
_EDGES = r"^\s|\s$"
_INVISIBLE = "[\u200b-\u200f\ufeff\u00ad]"


Wrong = tuple[pl.Expr, str]  # a condition over the rows, and the code where it holds
_DAY_WRONG: Wrong = (~pl.col("value").is_between(FIRST_DAY, LAST_DAY), "date_out_of_range")
_COUNT_WRONG: Wrong = (~pl.col("value").is_between(0, MOST_COUNT), "count_out_of_range")


@dataclass(frozen=True)
class Cells:
    """Values and problem codes of one column; no codes where nothing is wrong in it."""

    values: pl.Series
    codes: pl.Series | None = None


def folded(text: pl.Series) -> pl.Series:
    """Text for reading as a value: full width folded, edges and invisible characters gone, empty = null."""
    if text.str.contains(_ODD).any():
        folds = text.str.normalize("NFKC").str.replace_all(_INVISIBLE, "").str.strip_chars()
        text = folds.str.replace_all("−", "-", literal=True)
    return _empty_to_null(text)


def fold_text(text: str) -> str:
    """As ``folded``, for one text."""
    return re.sub(_INVISIBLE, "", unicodedata.normalize("NFKC", text)).strip()


def trimmed(text: pl.Series) -> pl.Series:
    """Text kept as written, edges gone, empty = null."""
    if text.str.contains(_EDGES).any():
        text = text.str.strip_chars()
    return _empty_to_null(text)


def _empty_to_null(text: pl.Series) -> pl.Series:
    return text.to_frame("text").select(pl.when(pl.col("text") != "").then(pl.col("text"))).to_series()


def _judged(frame: pl.DataFrame, value: pl.Expr, *wrongs: tuple[pl.Expr, str]) -> Cells:
    """The values, null where a condition says what is wrong; the first that holds gives the code."""
    flags = frame.select(
        wrong.fill_null(value=False).alias(str(place)) for place, (wrong, _) in enumerate(wrongs)
    )
    values = frame.select(value).to_series()
    if not any(flags[name].any() for name in flags.columns):
        return Cells(values)
    code = pl.lit(None, pl.String)
    for place, (_, name) in reversed(list(enumerate(wrongs))):
        code = pl.when(pl.col(str(place))).then(pl.lit(name)).otherwise(code)
    read = flags.with_columns(values.alias("value"), code.alias("code"))
    right = read.select(pl.when(pl.col("code").is_null()).then(pl.col("value"))).to_series()
    return Cells(right, read["code"])


def scaled(text: pl.Series, decimals: int) -> pl.DataFrame:
    """Plain decimals as integers with so many places: value, matched (or empty), fine, small (few digits)."""
    groups = text.str.extract_groups(_NUMBER).struct.rename_fields(["sign", "whole", "part"]).struct.unnest()
    whole = pl.col("whole").str.replace_all(",", "", literal=True)
    part = pl.col("part").fill_null("").str.strip_chars_end("0")
    read = groups.select(
        matched=pl.col("whole").is_not_null(),
        negative=pl.col("sign") == "-",
        whole=whole.str.strip_chars_start("0").str.len_bytes(),
        units=whole.cast(pl.Int64, strict=False),
        fine=part.str.len_bytes() <= decimals,
        part=part.str.slice(0, decimals).str.pad_end(decimals, "0").replace("", "0").cast(pl.Int64),
    )
    size = pl.col("units") * 10**decimals + pl.col("part")
    small = pl.col("whole") <= _MOST_WHOLE_DIGITS
    value = pl.when(pl.col("matched") & pl.col("fine") & small)
    return read.select(
        value=value.then(pl.when(pl.col("negative")).then(-size).otherwise(size)),
        matched=pl.col("matched") | text.is_null(),
        fine="fine",
        small=small.fill_null(value=True),
    )


def read_money(text: pl.Series, *, decimals: int, limit_fen: int) -> Cells:
    """Fen from yuan (two decimals), 万元 (six) or fen (none)."""
    return _judged(
        scaled(text, decimals),
        pl.col("value"),
        (~pl.col("matched"), "bad_amount"),
        (~pl.col("fine"), "too_many_decimals"),
        (~pl.col("small"), "amount_out_of_range"),
        *_amount_wrongs(limit_fen),
    )


def _amount_wrongs(limit_fen: int) -> tuple[Wrong, ...]:
    value = pl.col("value")
    return (value < 0, "negative_amount"), (value > limit_fen, "amount_out_of_range")


def check_fen(values: pl.Series, *, limit_fen: int) -> Cells:
    """Fen that are integers already."""
    return _judged(pl.DataFrame({"value": values}), pl.col("value"), *_amount_wrongs(limit_fen))


def read_rate(
    text: pl.Series,
    *,
    numeric: pl.Series | None,
    loan_rate: bool,
    most_percent: int,
    in_e8: bool = False,
) -> Cells:
    """A rate in 1e-8 from percent, with or without a % sign.

    Args:
        text: Folded text.
        numeric: Which cells were numeric; there a percent format may hide behind a fraction.
        loan_rate: A loan's rate has at most four decimals, and a fraction is suspected in text as well.
        most_percent: The greatest percent admitted.
        in_e8: The text is in 1e-8 already.
    """
    suspect = pl.lit(loan_rate and not in_e8) if numeric is None else numeric | loan_rate
    frame = scaled(text.str.strip_suffix("%").str.strip_chars_end(), 0 if in_e8 else 6).with_columns(
        suspect.alias("suspect"), signed=text.str.ends_with("%")
    )
    fraction = pl.col("value").is_between(1, FRACTION_BELOW_E8)
    return _judged(
        frame,
        pl.col("value"),
        (~pl.col("matched"), "bad_rate"),
        (~pl.col("small"), "rate_out_of_range"),
        (pl.col("suspect") & ~pl.col("signed") & fraction, "rate_looks_like_a_fraction"),
        (~pl.col("fine"), "too_many_decimals"),
        *_rate_wrongs(loan_rate=loan_rate, most_percent=most_percent),
    )


def _rate_wrongs(*, loan_rate: bool, most_percent: int) -> tuple[Wrong, ...]:
    finest = E8_PER_SMALLEST_RATE if loan_rate else 1
    return (
        (~pl.col("value").is_between(0, most_percent * E8_PER_PERCENT), "rate_out_of_range"),
        (pl.col("value") % finest != 0, "too_many_decimals"),
    )


def check_rate(values: pl.Series, *, loan_rate: bool, most_percent: int) -> Cells:
    """Rates that are in 1e-8 already."""
    wrongs = _rate_wrongs(loan_rate=loan_rate, most_percent=most_percent)
    return _judged(pl.DataFrame({"value": values}), pl.col("value"), *wrongs)


def read_date(text: pl.Series) -> Cells:
    """Days: 2021-03-05, 2021/3/5, 2021.3.5, 20210305, 2021年3月5日; a time of day behind them is let go."""
    frame = pl.DataFrame({"text": text})
    if text.str.contains(_ISO).all():
        read = frame.with_columns(value=pl.col("text").str.to_date("%Y-%m-%d", strict=False))
    else:
        plain = pl.col("text").str.replace(_TIME, "").str.replace_all(_SEPARATORS, "-").str.strip_suffix("日")
        solid = pl.col("text").str.contains(r"^\d{8}$")
        day = pl.coalesce(
            pl.when(~solid).then(plain).str.to_date("%Y-%m-%d", strict=False),
            pl.when(solid).then(pl.col("text")).str.to_date("%Y%m%d", strict=False),
        )
        read = frame.with_columns(value=pl.when(pl.col("text").str.contains(_DATE)).then(day))
    unread = pl.col("text").is_not_null() & pl.col("value").is_null()
    return _judged(read, pl.col("value"), (unread, "bad_date"), _DAY_WRONG)


def check_date(values: pl.Series) -> Cells:
    """Days that are dates already."""
    return _judged(pl.DataFrame({"value": values}), pl.col("value"), _DAY_WRONG)


def read_count(text: pl.Series) -> Cells:
    """Whole numbers."""
    frame = pl.DataFrame({"text": text, "value": text.str.strip_suffix(".0").cast(pl.Int64, strict=False)})
    unread = ~pl.col("text").str.contains(r"^\d{1,18}(?:\.0)?$")
    return _judged(frame, pl.col("value"), (unread, "bad_count"), _COUNT_WRONG)


def check_count(values: pl.Series) -> Cells:
    """Numbers that are integers already."""
    return _judged(pl.DataFrame({"value": values}), pl.col("value"), _COUNT_WRONG)


def read_word(text: pl.Series, spelled: Mapping[str, str], *, wrong: str) -> Cells:
    """Codes from codes or words."""
    if text.is_in(list({*spelled.values()})).all():
        return Cells(text)
    small = text.str.to_lowercase() if text.str.contains("[A-Z]").any() else text
    value = small.replace_strict(dict(spelled), default=None, return_dtype=pl.String)
    frame = pl.DataFrame({"text": text, "value": value})
    return _judged(frame, pl.col("value"), (pl.col("text").is_not_null() & pl.col("value").is_null(), wrong))


def read_bool(text: pl.Series, spelled: Mapping[str, str]) -> Cells:
    """True and false from their words."""
    cells = read_word(text, spelled, wrong="bad_boolean")
    return Cells(cells.values == "true", cells.codes)


def read_id(text: pl.Series, numeric: pl.Series | None) -> Cells:
    """An identifier as it stands; a number of over 15 digits, or one in exponents, has lost some."""
    long = text.str.contains(_EXPONENT)
    if numeric is not None:
        long |= numeric & (text.str.len_bytes() > _DIGITS_OF_A_DOUBLE)
    frame = pl.DataFrame({"value": text, "long": long})
    return _judged(frame, pl.col("value"), (pl.col("long"), "number_lost_digits"))


def read_area(text: pl.Series, lengths: tuple[int, ...]) -> Cells:
    """A division code of one of the lengths; where only a county is wanted, the zeros behind it are cut."""
    frame = pl.DataFrame({"text": text})
    value = pl.col("text")
    if lengths == (_COUNTY_DIGITS,):
        cut = value.str.contains(r"^\d{6}(?:000)?(?:000)$")
        value = pl.when(cut).then(value.str.slice(0, _COUNTY_DIGITS)).otherwise(value)
    shape = "|".join(rf"\d{{{length}}}" for length in lengths)
    return _judged(frame, value, (~value.str.contains(f"^(?:{shape})$"), "bad_area_code"))


def read_id_number(text: pl.Series, numeric: pl.Series | None) -> Cells:
    """A citizen ID number: 18 characters or the old 15 digits, in a text cell, with a birth date that exists."""
    if not text.str.contains(identity.SHAPE).all():
        text = text.str.replace_all(r"\s", "").str.to_uppercase()
    frame = pl.DataFrame({"value": text}).with_columns(
        (pl.lit(value=False) if numeric is None else numeric).alias("numeric"),
        born=identity.birth_date_expr(pl.col("value")),
    )
    given = pl.col("value").is_not_null()
    return _judged(
        frame,
        pl.col("value"),
        (given & pl.col("numeric"), "id_number_as_number"),
        (~pl.col("value").str.contains(identity.SHAPE), "id_number_wrong_shape"),
        (given & pl.col("born").is_null(), "id_number_bad_birth_date"),
    )

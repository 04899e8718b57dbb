"""Cells to values, a column at a time: exact integers from text, and the name of what is wrong where it is not.

Every reader takes a column of folded text (null = empty) and gives the values (null where empty or wrong) and a
column of problem codes (null where nothing is wrong).
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
_ODD = r"[^\x21-\x7e]"
_EDGES = r"^\s|\s$"
_INVISIBLE = "[\u200b-\u200f\ufeff\u00ad]"


@dataclass(frozen=True)
class Cells:
    """Values and problem codes of one column."""

    values: pl.Series
    codes: pl.Series


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


def _both(frame: pl.DataFrame, value: pl.Expr, code: pl.Expr) -> Cells:
    read = frame.select(value=value, code=code.cast(pl.String))
    right = read.select(pl.when(pl.col("code").is_null()).then(pl.col("value"))).to_series()
    return Cells(right, read["code"])


def scaled(text: pl.Series, decimals: int) -> pl.DataFrame:
    """Plain decimals as integers with so many places: value, matched, fine (not finer), small (few enough digits)."""
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
        matched="matched",
        fine="fine",
        small=small.fill_null(value=True),
    )


def read_money(text: pl.Series, *, decimals: int, limit_fen: int) -> Cells:
    """Fen from yuan (two decimals), 万元 (six) or fen (none)."""
    frame = scaled(text, decimals).with_columns(text.alias("text"))
    code = (
        pl.when(pl.col("text").is_null())
        .then(None)
        .when(~pl.col("matched"))
        .then(pl.lit("bad_amount"))
        .when(~pl.col("fine"))
        .then(pl.lit("too_many_decimals"))
        .when(~pl.col("small"))
        .then(pl.lit("amount_out_of_range"))
        .otherwise(_amount_code(pl.col("value"), limit_fen))
    )
    return _both(frame, pl.col("value"), code)


def _amount_code(value: pl.Expr, limit_fen: int) -> pl.Expr:
    return (
        pl.when(value < 0)
        .then(pl.lit("negative_amount"))
        .when(value > limit_fen)
        .then(pl.lit("amount_out_of_range"))
    )


def check_fen(values: pl.Series, *, limit_fen: int) -> Cells:
    """Fen that are integers already."""
    return _both(pl.DataFrame({"value": values}), pl.col("value"), _amount_code(pl.col("value"), limit_fen))


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
        text.alias("text"), suspect.alias("suspect"), signed=text.str.ends_with("%")
    )
    code = (
        pl.when(pl.col("text").is_null())
        .then(None)
        .when(~pl.col("matched"))
        .then(pl.lit("bad_rate"))
        .when(~pl.col("small"))
        .then(pl.lit("rate_out_of_range"))
        .when(pl.col("suspect") & ~pl.col("signed") & pl.col("value").is_between(1, FRACTION_BELOW_E8))
        .then(pl.lit("rate_looks_like_a_fraction"))
        .when(~pl.col("fine"))
        .then(pl.lit("too_many_decimals"))
        .otherwise(_rate_code(pl.col("value"), loan_rate=loan_rate, most_percent=most_percent))
    )
    return _both(frame, pl.col("value"), code)


def _rate_code(value: pl.Expr, *, loan_rate: bool, most_percent: int) -> pl.Expr:
    finest = E8_PER_SMALLEST_RATE if loan_rate else 1
    return (
        pl.when(~value.is_between(0, most_percent * E8_PER_PERCENT))
        .then(pl.lit("rate_out_of_range"))
        .when(value % finest != 0)
        .then(pl.lit("too_many_decimals"))
    )


def check_rate(values: pl.Series, *, loan_rate: bool, most_percent: int) -> Cells:
    """Rates that are in 1e-8 already."""
    code = _rate_code(pl.col("value"), loan_rate=loan_rate, most_percent=most_percent)
    return _both(pl.DataFrame({"value": values}), pl.col("value"), code)


def read_date(text: pl.Series) -> Cells:
    """Days: 2021-03-05, 2021/3/5, 2021.3.5, 20210305, 2021年3月5日; a time of day behind them is let go."""
    plain = text.str.replace(_TIME, "").str.replace_all(_SEPARATORS, "-").str.strip_suffix("日")
    frame = pl.DataFrame({"text": text, "plain": plain})
    solid = pl.col("text").str.contains(r"^\d{8}$")
    day = pl.coalesce(
        pl.when(~solid).then(pl.col("plain")).str.to_date("%Y-%m-%d", strict=False),
        pl.when(solid).then(pl.col("text")).str.to_date("%Y%m%d", strict=False),
    )
    read = frame.select(
        value=pl.when(pl.col("text").str.contains(_DATE)).then(day), given=pl.col("text").is_not_null()
    )
    code = (
        pl.when(pl.col("given") & pl.col("value").is_null()).then(pl.lit("bad_date")).otherwise(_day_code())
    )
    return _both(read, pl.col("value"), code)


def _day_code() -> pl.Expr:
    return pl.when(~pl.col("value").is_between(FIRST_DAY, LAST_DAY)).then(pl.lit("date_out_of_range"))


def check_date(values: pl.Series) -> Cells:
    """Days that are dates already."""
    return _both(pl.DataFrame({"value": values}), pl.col("value"), _day_code())


def read_count(text: pl.Series) -> Cells:
    """Whole numbers."""
    frame = pl.DataFrame({"text": text, "value": text.str.strip_suffix(".0").cast(pl.Int64, strict=False)})
    wrong = pl.col("text").is_not_null() & ~pl.col("text").str.contains(r"^\d{1,18}(?:\.0)?$")
    code = pl.when(wrong).then(pl.lit("bad_count")).otherwise(_count_code())
    return _both(frame, pl.col("value"), code)


def _count_code() -> pl.Expr:
    return pl.when(~pl.col("value").is_between(0, MOST_COUNT)).then(pl.lit("count_out_of_range"))


def check_count(values: pl.Series) -> Cells:
    """Numbers that are integers already."""
    return _both(pl.DataFrame({"value": values}), pl.col("value"), _count_code())


def read_word(text: pl.Series, spelled: Mapping[str, str], *, wrong: str) -> Cells:
    """Codes from codes or words."""
    small = text.str.to_lowercase() if text.str.contains("[A-Z]").any() else text
    value = small.replace_strict(dict(spelled), default=None, return_dtype=pl.String)
    frame = pl.DataFrame({"text": text, "value": value})
    unread = pl.col("text").is_not_null() & pl.col("value").is_null()
    return _both(frame, pl.col("value"), pl.when(unread).then(pl.lit(wrong)))


def read_bool(text: pl.Series, spelled: Mapping[str, str]) -> Cells:
    """True and false from their words."""
    cells = read_word(text, spelled, wrong="bad_boolean")
    return Cells(cells.values == "true", cells.codes)


def read_id(text: pl.Series, numeric: pl.Series | None) -> Cells:
    """An identifier as it stands; a numeric cell of over 15 digits has lost some."""
    frame = pl.DataFrame({"value": text})
    if numeric is None:
        return _both(frame, pl.col("value"), pl.lit(None, pl.String))
    long = numeric & (text.str.len_bytes() > 15)  # noqa: PLR2004 - what a binary double holds exactly
    return _both(
        frame.with_columns(long=long),
        pl.col("value"),
        pl.when(pl.col("long")).then(pl.lit("number_lost_digits")),
    )


def read_area(text: pl.Series, lengths: tuple[int, ...]) -> Cells:
    """A division code of one of the lengths; where only a county is wanted, the zeros behind it are cut."""
    frame = pl.DataFrame({"text": text})
    value = pl.col("text")
    if lengths == (_COUNTY_DIGITS,):
        value = (
            pl.when(value.str.contains(r"^\d{6}(?:000)?(?:000)$"))
            .then(value.str.slice(0, 6))
            .otherwise(value)
        )
    shape = "|".join(rf"\d{{{length}}}" for length in lengths)
    wrong = ~value.str.contains(f"^(?:{shape})$")
    return _both(frame, pl.when(~wrong).then(value), pl.when(wrong).then(pl.lit("bad_area_code")))


def read_id_number(text: pl.Series, numeric: pl.Series | None) -> Cells:
    """A citizen ID number: 18 characters or the old 15 digits, in a text cell, with a birth date that exists."""
    bare = text.str.replace_all(r"\s", "")
    bare = bare.str.to_uppercase() if bare.str.contains("x", literal=True).any() else bare
    frame = pl.DataFrame({"value": bare}).with_columns(
        (pl.lit(value=False) if numeric is None else numeric).alias("numeric"),
        born=identity.birth_date_expr(pl.col("value")),
    )
    code = (
        pl.when(pl.col("value").is_null())
        .then(None)
        .when(pl.col("numeric"))
        .then(pl.lit("id_number_as_number"))
        .when(~pl.col("value").str.contains(identity.SHAPE))
        .then(pl.lit("id_number_wrong_shape"))
        .when(pl.col("born").is_null())
        .then(pl.lit("id_number_bad_birth_date"))
    )
    return _both(frame, pl.col("value"), code)

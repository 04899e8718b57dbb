"""Typed values of policy terms, and how a pack's text becomes one.

Money is int fen, percents and points are int 1e-8, counts are int; a YAML float never appears, because every
scalar enters as the text that was written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import Any

from bangfu.money.fen import format_yuan, parse_yuan
from bangfu.money.rates import format_percent, parse_percent


class Special(Enum):
    """Values that are words: the document leaves the term to somebody else, or sets no ceiling at all."""

    UNDETERMINED = "undetermined"
    NO_CEILING = "none"


UNDETERMINED = Special.UNDETERMINED
NO_CEILING = Special.NO_CEILING

PAYERS = ("central", "province", "city", "county", "fiscal")
INDEXES = ("LPR_1Y", "LPR_5Y", "PBOC_1Y", "PBOC_1_5Y", "local")
WHOLE_SHARE_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Payer:
    """Who pays how much of the rate: a share of it (whole percent) or points (1e-8), up to a maximum."""

    payer: str
    share_percent: int | None = None
    points_e8: int | None = None
    max_points_e8: int | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """A rate ceiling for contracts of up to so many months: an index or a percent (1e-8)."""

    up_to_months: int
    index: str | None = None
    percent_e8: int | None = None


Value = int | bool | str | tuple[str, ...] | tuple[int, ...] | tuple[Payer, ...] | tuple[Band, ...] | Special
Json = str | int | bool | None | list[Any] | dict[str, Any]

_WHOLE = re.compile(r"\d{1,9}")


def parse_value(kind: str, written: Any, *, allowed: tuple[str, ...] = ()) -> Value:
    """The typed value of what a pack wrote.

    Args:
        kind: The type named in the vocabulary.
        written: Text, or lists and mappings of text, as read from YAML.
        allowed: For codes, the words that may stand; empty admits any word of a plain form.

    Raises:
        ValueError: Says what is wrong with what was written.
    """
    if kind == "codes":
        return tuple(_code(text, allowed) for text in _texts(written))
    if kind == "code":
        return _code(_text(written), allowed)
    return _PARSERS[kind](written)


def show_value(kind: str, value: Value | None) -> Json:
    """A value for JSON: counts are numbers; percents, points and yuan are strings; words stay words."""
    if value is None or isinstance(value, Special):
        return None if value is None else value.value
    if isinstance(value, tuple):
        return [_show_item(item) for item in value]
    if kind == "yuan" and isinstance(value, int):
        return format_yuan(value)
    if kind in ("percent", "points") and isinstance(value, int):
        return format_percent(value)
    return value


def _show_item(item: str | int | Payer | Band) -> Json:
    if isinstance(item, Payer):
        shown: dict[str, Json] = {"payer": item.payer}
        if item.share_percent is not None:
            shown["share_of_rate"] = f"{item.share_percent}%"
        if item.points_e8 is not None:
            shown["points"] = format_percent(item.points_e8)
        if item.max_points_e8 is not None:
            shown["max_points"] = format_percent(item.max_points_e8)
        return shown
    if isinstance(item, Band):
        band: dict[str, Json] = {"up_to_months": item.up_to_months}
        if item.index is not None:
            band["index"] = item.index
        if item.percent_e8 is not None:
            band["percent"] = format_percent(item.percent_e8)
        return band
    return item


def _text(written: Any) -> str:
    if not isinstance(written, str) or not written.strip():
        raise ValueError("a single word or number is wanted")
    return written.strip()


def _yuan(written: Any) -> int:
    text = _text(written)
    return _at_least_zero(parse_yuan(text), text)


def _percent(written: Any) -> int:
    text = _text(written)
    return _at_least_zero(parse_percent(text), text)


def _whole(written: Any) -> int:
    text = _text(written)
    if not (_WHOLE.fullmatch(text) and text.isascii()):
        raise ValueError(f"not a whole number: {text}")
    return int(text)


def _at_least_zero(number: int, text: str) -> int:
    if number < 0:
        raise ValueError(f"below zero: {text}")
    return number


def _truth(written: Any) -> bool:
    text = _text(written)
    if text not in ("true", "false"):
        raise ValueError(f"true or false is wanted, not {text}")
    return text == "true"


def _code(text: str, allowed: tuple[str, ...]) -> str:
    if allowed and text not in allowed:
        raise ValueError(f"{text} is not one of {', '.join(allowed)}")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", text):
        raise ValueError(f"not a code: {text}")
    return text


def _texts(written: Any) -> list[str]:
    if not isinstance(written, list):
        raise ValueError("a list is wanted")  # noqa: TRY004 - what a file says is a value
    texts = [_text(item) for item in written]
    if len(set(texts)) != len(texts):
        raise ValueError("the list repeats itself")
    return texts


def _parse_payers(written: Any) -> tuple[Payer, ...]:
    payers = tuple(_parse_payer(item) for item in _mappings(written, "payer"))
    if len({payer.payer for payer in payers}) != len(payers):
        raise ValueError("a payer stands twice")
    if sum(payer.share_percent or 0 for payer in payers) > WHOLE_SHARE_PERCENT:
        raise ValueError("the shares together exceed 100%")
    return payers


def _parse_payer(item: dict[str, Any]) -> Payer:
    _only(item, ("payer", "share_of_rate", "points", "max_points"))
    payer = _code(_text(item.get("payer")), PAYERS)
    share, points, most = item.get("share_of_rate"), item.get("points"), item.get("max_points")
    if (share is None) == (points is None):
        raise ValueError(f"{payer} wants either share_of_rate or points")
    share_percent = None
    if share is not None:
        share_percent = _whole(_text(share).removesuffix("%"))
        if share_percent > WHOLE_SHARE_PERCENT:
            raise ValueError(f"{payer}: a share above 100%")
    points_e8 = None if points is None else _percent(points)
    max_points_e8 = None if most is None else _percent(most)
    return Payer(payer, share_percent, points_e8, max_points_e8)


def _parse_bands(written: Any) -> tuple[Band, ...] | Special:
    if written == NO_CEILING.value:
        return NO_CEILING
    bands: list[Band] = []
    for item in _mappings(written, "band"):
        _only(item, ("up_to_months", "index", "percent"))
        index, percent = item.get("index"), item.get("percent")
        if (index is None) == (percent is None):
            raise ValueError("a band wants either index or percent")
        if index is not None and index not in INDEXES:
            raise ValueError(f"{index} is not one of {', '.join(INDEXES)}")
        percent_e8 = None if percent is None else _percent(percent)
        bands.append(Band(_whole(item.get("up_to_months")), index, percent_e8))
    if any(later.up_to_months <= band.up_to_months for band, later in pairwise(bands)):
        raise ValueError("bands rise by up_to_months")
    return tuple(bands)


def _mappings(written: Any, what: str) -> list[dict[str, Any]]:
    if not isinstance(written, list) or not written or not all(isinstance(item, dict) for item in written):
        raise ValueError(f"a list with at least one {what} is wanted")
    return written


def _only(item: dict[str, Any], keys: tuple[str, ...]) -> None:
    unknown = [key for key in item if key not in keys]
    if unknown:
        raise ValueError(f"unknown key {unknown[0]}")


_PARSERS: Mapping[str, Callable[[Any], Value]] = {
    "yuan": _yuan,
    "percent": _percent,
    "points": _percent,
    "months": _whole,
    "days": _whole,
    "years": _whole,
    "count": _whole,
    "bool": _truth,
    "days_list": lambda written: tuple(_whole(text) for text in _texts(written)),
    "payers": _parse_payers,
    "bands": _parse_bands,
}

"""Published rate series: which rate was in force on a day, and how sure that is."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bangfu.money.rates import parse_contract_rate
from bangfu.policy.marks import Marked, PackError, Place, read_marked
from bangfu.policy.pack import Day, Sentence, gather
from bangfu.refusals import Fact, Refusal, Refused

FOLDER = Path(__file__).parent / "series"
SERIES = ("LPR_1Y", "LPR_5Y", "PBOC_1Y", "PBOC_1_5Y")
# One rate of the vocabulary may rest on several tiers of a publication; where they differ it has no value.
TIERS: Mapping[str, tuple[str, ...]] = {"PBOC_1_5Y": ("PBOC_1_3Y", "PBOC_3_5Y")}
STANDINGS = ("confirmed", "day_unconfirmed")


@dataclass(frozen=True, slots=True)
class Fixing:
    """A rate in force; ``confirmed``: its value, its day and its being the latest rest on public sources."""

    series: str
    rate_e8: int
    fixed_on: date
    confirmed: bool
    source: str


@dataclass(frozen=True, slots=True)
class Published:
    """One row of a publication: the rates of one day."""

    on: date
    rates_e8: Mapping[str, int]
    confirmed: bool
    source: str


@dataclass(frozen=True)
class Publication:
    """A series file: rows in the order of their days."""

    name: str
    rows: tuple[Published, ...]
    too_old_after_days: int | None
    unchanged_confirmed_to: date | None

    def fixing(self, series: str, on: date) -> Fixing:
        """The latest fixing on or before a day; see the module's ``fixing``."""
        index = bisect_right(self.rows, on, key=lambda row: row.on) - 1
        facts: dict[str, Fact] = {"series": series, "day": on.isoformat()}
        if index < 0:
            facts |= {"missing": "before the first fixing", "first_fixing": self.rows[0].on.isoformat()}
            raise Refused(Refusal("term_not_set", (), facts))
        row = self.rows[index]
        last = index == len(self.rows) - 1
        most = self.too_old_after_days
        if last and most is not None and on > row.on + timedelta(days=most):
            facts |= {"last_fixing": row.on.isoformat(), "days_since": (on - row.on).days}
            raise Refused(Refusal("rate_series_too_old", (), facts))
        rates = {row.rates_e8[tier] for tier in TIERS.get(series, (series,))}
        if len(rates) > 1:
            facts |= {"missing": "the tiers differ on that day", "fixed_on": row.on.isoformat()}
            raise Refused(Refusal("term_not_set", (), facts))
        held = not last or self.unchanged_confirmed_to is None or on <= self.unchanged_confirmed_to
        return Fixing(series, rates.pop(), row.on, row.confirmed and held, row.source)


def fixing(series: str, on: date) -> Fixing:
    """The rate of an installed series in force on a day: the latest fixing on or before it (decision 3).

    Args:
        series: LPR_1Y, LPR_5Y, PBOC_1Y or PBOC_1_5Y.
        on: The day; a fixing counts from the day it is published.

    Raises:
        Refused: ``rate_series_too_old`` more than 45 days after the last stored LPR; ``term_not_set`` before
            the first fixing, or where PBOC's tiers of 1-3 and 3-5 years still differ.
        KeyError: No such series.
    """
    return installed()[publication_of(series)].fixing(series, on)


def publication_of(series: str) -> str:
    """The publication a series belongs to: ``LPR`` or ``PBOC``."""
    if series not in SERIES:
        raise KeyError(series)
    return series.split("_", 1)[0]


@cache
def installed() -> Mapping[str, Publication]:
    """The publications that come with the package."""
    found = [read_publication(read_marked(file)) for file in sorted(FOLDER.glob("*.yaml"))]
    return {publication.name: publication for publication in found}


def merged(added: Sequence[Publication]) -> Mapping[str, Publication]:
    """The installed publications with rows added; a row added for a known day stands in its place."""
    found = dict(installed())
    for publication in added:
        base = found[publication.name]
        rows = {row.on: row for row in (*base.rows, *publication.rows)}
        in_order = tuple(rows[on] for on in sorted(rows))
        found[publication.name] = Publication(
            base.name, in_order, base.too_old_after_days, base.unchanged_confirmed_to
        )
    return found


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _count(written: Any) -> Any:
    if not isinstance(written, str) or not (written.isascii() and written.isdigit()):
        raise ValueError("a whole number is wanted")
    return int(written)


class _File(_Strict):
    series: Sentence
    publisher: Sentence | None = None
    rates: Annotated[list[Sentence], Field(min_length=1)]
    too_old_after_days: Annotated[int, BeforeValidator(_count)] | None = None
    unchanged_confirmed_to: Day | None = None
    fixings: Annotated[list[dict[str, str]], Field(min_length=1)]


def read_publication(marked: Marked) -> Publication:
    """Judge a series file.

    Raises:
        PackError: The first thing wrong, with the rest in ``others``.
    """
    try:
        shape = _File.model_validate(marked.data)
    except ValidationError as why:
        raise gather([_error(marked, error) for error in why.errors()]) from None
    names = {"LPR": ("LPR_1Y", "LPR_5Y"), "PBOC": ("PBOC_1Y", "PBOC_1_3Y", "PBOC_3_5Y", "PBOC_5Y")}
    if shape.series not in names or tuple(shape.rates) != names[shape.series]:
        raise marked.error(("series",), "bad_value", "series and rates are LPR's or PBOC's")
    rows: list[Published] = []
    for index, written in enumerate(shape.fixings):
        place: Place = ("fixings", index)
        try:
            row = _row(written, shape.rates)
        except ValueError as why:
            raise marked.error(place, "bad_value", str(why)) from None
        if rows and row.on <= rows[-1].on:
            raise marked.error(place, "overlap", "fixings stand in the order of their days, none twice")
        rows.append(row)
    return Publication(shape.series, tuple(rows), shape.too_old_after_days, shape.unchanged_confirmed_to)


def _row(written: Mapping[str, str], rates: Sequence[str]) -> Published:
    wanted = {"on", "standing", "source", *rates}
    odd = sorted(wanted ^ set(written))
    if odd:
        raise ValueError(f"missing or unknown key {odd[0]}")
    if written["standing"] not in STANDINGS:
        raise ValueError(f"standing is one of {', '.join(STANDINGS)}")
    return Published(
        on=date.fromisoformat(written["on"]),
        rates_e8={rate: parse_contract_rate(written[rate]) for rate in rates},
        confirmed=written["standing"] == "confirmed",
        source=written["source"],
    )


def _error(marked: Marked, error: Any) -> PackError:
    code = {"extra_forbidden": "unknown_key", "missing": "missing_key"}.get(error["type"], "bad_value")
    place: Place = tuple(error["loc"])
    return marked.error(place, code, ".".join(str(part) for part in place) + ": " + error["msg"])

"""The core's facts from the database: for a household, for what is in scope, as of a day, as known at a moment."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import polars as pl

from bangfu.casework.as_facts.tables import PAID_SUBSIDIES, QUERIES, VAULTED
from bangfu.casework.database import questions
from bangfu.casework.database.session import widened
from bangfu.casework.personal_data import api as personal_data
from bangfu.facts import TABLES, Facts, empty
from bangfu.facts.schema import DERIVED
from bangfu.money.rates import parse_contract_rate

__all__ = ["facts_in_scope", "facts_of_county", "facts_of_household", "facts_of_lender"]

_OF_CASE = ("households", "members", "roster", "loans", "ordinary_loans", "events")


def facts_in_scope(
    *,
    on: date | None = None,
    known_at: datetime | None = None,
    area: str = "",
    institution_ids: Sequence[str] = (),
    only: Collection[str] = tuple(TABLES),
    numbers: bool = True,
) -> Facts:
    """All fourteen tables, as far as row-level security shows them; the order of rows is fixed.

    Args:
        on: Households and members as they were on the day; today's state where it is left out.
        known_at: As it was known at the moment.
        area: Only this place and all below it.
        institution_ids: Only the cases of these institutions.
        only: Read these tables; the others come empty.
        numbers: Open the vault for ID and account numbers; a subsidy needs none, and they come empty.
    """
    where = ""
    given: list[Any] = []
    if area:
        where += " and scope_area >= %s and scope_area < %s"
        given += [area, f"{area}:"]  # ':' follows the digit 9
    of_bank, bank_given = where, list(given)
    if institution_ids:
        of_bank += " and institution_id = any(%s)"
        bank_given.append(list(institution_ids))
    tables = {}
    for name in TABLES:
        if name not in only:
            tables[name] = empty(name)
            continue
        mine = name in {"loans", "ordinary_loans", "events"}
        tables[name] = _table(
            name,
            where=of_bank if mine else where,
            given=bank_given if mine else given,
            on=on,
            known_at=known_at,
        )
    return Facts(_opened(tables) if numbers else _unnumbered(tables), missing=_missing(tables))


def facts_of_household(
    household_id: str, *, on: date | None = None, known_at: datetime | None = None
) -> Facts:
    """One household with its members, lists, loans at every bank and their events: what a decision rests on.

    Caps and “one household, one loan” hold over all banks, so the loans are read beyond the reader's scope; what of
    it is shown is the decision, never the rows.
    """
    tables = {name: empty(name) for name in TABLES}
    with widened():
        for name in _OF_CASE:
            where, given = " and household_id = %s", [household_id]
            if name == "events":  # wherever they were booked: a household may have taken over another's loans
                stands, moments = _stands(known_at)
                where = f" and loan_id in (select loan_id from casework_loan where {stands} and household_id = %s)"
                given = [*moments, household_id]
            tables[name] = _table(name, where=where, given=given, on=on, known_at=known_at)
        opened = _opened(tables)
    return Facts(opened, missing=frozenset())


def facts_of_county(
    county: str, *, on: date, known_at: datetime, only: Collection[str] = ("households", "loans", "events"),
    household_id: str = "",
) -> Facts:  # fmt: skip
    """What a county's subsidies rest on: the households with a contract signed there, all their loans at all banks.

    Stricter than the others, so that the same question gives the same facts for ever: a row counts from the moment it
    was written here, and an event the bank booked after the day is not known. What is told of it are the lines that
    the reader's own lists hold, never the rows.

    Args:
        county: 6-digit code, the place of signing.
        on: The day: households as they were on it, events booked up to it.
        known_at: The moment.
        only: Read these tables; the others come empty. Of tables kept as they came all rows are read.
        household_id: Only this household.

    No ID number is opened.
    """
    theirs = (
        " and household_id in (select household_id from casework_loan where recorded @> %s::timestamptz"
        " and not ordinary and case when area_code = '' then scope_area else area_code end like %s)"
    )
    of_loans = (
        f" and loan_id in (select loan_id from casework_loan where recorded @> %s::timestamptz{theirs})"
    )
    given: list[Any] = [known_at, f"{county}%"]
    if household_id:
        theirs, given = f"{theirs} and household_id = %s", [*given, household_id]
        of_loans = (
            f" and loan_id in (select loan_id from casework_loan where recorded @> %s::timestamptz{theirs})"
        )
    tables = {name: empty(name) for name in TABLES}
    with widened():
        for name in only:
            if name == "events":
                where, values = f" and booked_on <= %s{of_loans}", [on, known_at, *given]
            elif name in QUERIES:
                where, values = theirs, given
            else:  # kept as they came; whose they are is told by their loans
                where, values = "", []
            tables[name] = _table(name, where=where, given=values, on=on, known_at=known_at, strictly=True)
    return Facts(_unnumbered(tables), missing=_missing(tables))


def facts_of_lender(lender: str, *, known_at: datetime | None = None) -> Facts:
    """The loans and events of one lender, over all its branches: what its breaker is reckoned from."""
    tables = {name: empty(name) for name in TABLES}
    with widened():
        tables["loans"] = _table(
            "loans", where=" and lender = %s", given=[lender], on=None, known_at=known_at
        ).with_columns(pl.lit(None, pl.String).alias("borrower_id_number"))
        stands, moments = _stands(known_at)
        where = f" and loan_id in (select loan_id from casework_loan where {stands} and lender = %s)"
        tables["events"] = _table("events", where=where, given=[*moments, lender], on=None, known_at=known_at)
    return Facts(tables, missing=frozenset())


def _table(
    name: str,
    *,
    where: str,
    given: Sequence[Any],
    on: date | None,
    known_at: datetime | None,
    strictly: bool = False,
) -> pl.DataFrame:
    if name not in QUERIES:
        return _carried(name, where=where, given=given, known_at=known_at)
    stands, stands_given = _stands(known_at)
    booked, booked_given = _stands(known_at) if strictly else _booked(known_at)
    valid, valid_given = ("upper_inf(valid)", []) if on is None else ("valid @> %s::date", [on])
    query = QUERIES[name]
    values: list[Any] = []
    if "{stands}" in query:
        values += stands_given
    if "{booked}" in query:
        values += booked_given
    if "{valid}" in query:
        values += valid_given
    text = query.format(stands=stands, booked=booked, valid=valid, where=where)
    return _typed(name, questions.rows(text, [*values, *given]))


def _stands(known_at: datetime | None) -> tuple[str, list[Any]]:
    return ("upper_inf(recorded)", []) if known_at is None else ("recorded @> %s::timestamptz", [known_at])


def _booked(known_at: datetime | None) -> tuple[str, list[Any]]:
    """An event is known from the day the bank booked it, and until it was corrected here."""
    if known_at is None:
        return "upper_inf(recorded)", []
    booked = (
        "booked_on <= (%s::timestamptz at time zone 'Asia/Shanghai')::date"
        " and coalesce(upper(recorded), 'infinity') > %s"
    )
    return booked, [known_at, known_at]


def _carried(name: str, *, where: str, given: Sequence[Any], known_at: datetime | None) -> pl.DataFrame:
    """A table that is kept as it came, row by row; subsidies with what was paid here."""
    stands, stands_given = _stands(known_at)
    if name == "subsidies":
        known, known_given = ("true", []) if known_at is None else ("r.at <= %s", [known_at])
        text = PAID_SUBSIDIES.format(stands=stands, known=known, where=where)
        values = [*known_given, *known_given, *stands_given, *stands_given, *given]
    else:
        text = f"select row from casework_fact_row where {stands} and table_name = %s {where} order by id"
        values = [*stands_given, name, *given]
    shape = TABLES[name].schema
    rows = []
    for (row,) in questions.rows(text, values):
        told: Mapping[str, Any] = questions.from_json(row)
        rows.append(
            tuple(
                date.fromisoformat(told[column]) if kind == pl.Date and told.get(column) else told.get(column)
                for column, kind in shape.items()
            )
        )
    return pl.DataFrame(rows, schema=shape, orient="row") if rows else empty(name)


def _typed(name: str, rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    shape = TABLES[name].schema
    if name != "events":
        return pl.DataFrame(rows, schema=shape, orient="row") if rows else empty(name)
    plain = {column: kind for column, kind in shape.items() if column not in DERIVED}
    frame = pl.DataFrame(rows, schema=plain, orient="row") if rows else empty(name).select(*plain)
    kind, value = pl.col("kind"), pl.col("value")
    return frame.with_columns(
        pl.when(kind == "extended").then(value).str.to_date("%Y-%m-%d", strict=False).alias("value_on"),
        pl.when(kind == "classified").then(value).cast(pl.Int64, strict=False).alias("value_class"),
        pl.when(kind == "rate_changed")
        .then(value)
        .replace_strict(_rates(frame), default=None, return_dtype=pl.Int64)
        .alias("value_rate_e8"),
    ).select(shape.keys())


def _rates(events: pl.DataFrame) -> dict[str, int]:
    """The few different new rates of ``rate_changed``, read as the files are read."""
    texts = events.filter((pl.col("kind") == "rate_changed") & pl.col("value").is_not_null())[
        "value"
    ].unique()
    return {text: parse_contract_rate(text) for text in texts}


def _opened(tables: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Ids of the vault replaced by the values."""
    wanted: set[str] = set()
    for name, column in VAULTED.items():
        wanted.update(tables[name][column].drop_nulls().to_list())
    if not wanted:
        return tables
    values = {
        str(key): value for key, value in personal_data.opened_of([UUID(one) for one in wanted]).items()
    }
    out = dict(tables)
    for name, column in VAULTED.items():
        cells = [values.get(one) if one else None for one in tables[name][column].to_list()]
        out[name] = tables[name].with_columns(pl.Series(column, cells, dtype=pl.String))
    return out


def _unnumbered(tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Ids of the vault left out."""
    empty_cell = pl.lit(None, pl.String)
    return {
        name: frame.with_columns(empty_cell.alias(VAULTED[name])) if name in VAULTED else frame
        for name, frame in tables.items()
    }


def _missing(tables: Mapping[str, pl.DataFrame]) -> frozenset[str]:
    required = {"households", "loans", "events"}
    return frozenset(name for name, frame in tables.items() if name not in required and frame.is_empty())

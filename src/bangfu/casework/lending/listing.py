"""Loans as a list: filtered, sorted, paged; old and new regime always apart; as of any day, as known at any moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.questions import rows
from bangfu.casework.database.refusals import Refused
from bangfu.casework.database.session import Scope
from bangfu.casework.database.snapshots import snapshot
from bangfu.casework.lending.loans import state_on
from bangfu.casework.lending.standing import COMES_TO, STANDING_COLUMNS
from bangfu.casework.people import api as people

__all__ = [
    "PAGE", "PRODUCTS", "SORTS", "STATES", "Listed", "LoanFilter", "LoanRow", "Total", "loans", "loans_after",
    "totals",
]  # fmt: skip

PAGE = 50
# The regimes, never in one list or sum (LD2021-3.2); ordinary loans are outside the programme.
PRODUCTS = ("assistance", "transition", "poverty", "ordinary")
STATES = ("to_disburse", "running", "overdue", "settled")
SORTS: Mapping[str, str] = {
    "contract": "contract_on", "due": "due_on", "balance": "balance_fen", "principal": "principal_fen",
    "village": "scope_area", "loan": "loan_id", "name": "borrower_name",
}  # fmt: skip
_NPL_FROM = 3


@dataclass(frozen=True)
class LoanFilter:
    """What a list holds.

    Attributes:
        product: One of ``PRODUCTS``; empty for all (a total only: lists name one).
        state: One of ``STATES``.
        area: A place and all below it.
        institution_id: A branch.
        household_id: A household.
        maturing_within: Running loans due within so many days.
        words: Start of a loan number, or part of a borrower's name.
        as_of: The ledger up to and on the day; today where left out.
        known_at: As it was known at the moment.
    """

    product: str = ""
    state: str = ""
    area: str = ""
    institution_id: str = ""
    household_id: str = ""
    maturing_within: int | None = None
    words: str = ""
    as_of: date | None = None
    known_at: datetime | None = None


@dataclass(frozen=True)
class LoanRow:
    """A loan in a list; amounts in fen, the rate in 1e-8."""

    loan_id: str
    household_id: str
    borrower_name: str
    scope_area: str
    village: str
    institution_id: str | None
    lender: str
    branch: str
    product: str
    kind: str
    funding: str
    contract_on: date | None
    due_on: date | None
    principal_fen: int
    rate_e8: int | None
    disbursed_on: date | None
    disbursed_fen: int
    balance_fen: int
    overdue_fen: int
    risk_class: int
    state: str


@dataclass(frozen=True)
class Total:
    """Sums of one regime and one source of funds: number, fen."""

    product: str
    funding: str
    loans: int
    principal_fen: int
    disbursed_fen: int
    balance_fen: int
    overdue_fen: int
    npl_fen: int
    running: int


@dataclass(frozen=True)
class Listed:
    """A page of loans with where it stands."""

    rows: tuple[LoanRow, ...]
    total: int
    page: int
    pages: int
    sort: str
    on: date


_COUNTED = ", ".join(f"s.{name}" for name in STANDING_COLUMNS)
_LOAN = (
    "l.loan_id, l.household_id, l.borrower_name, l.scope_area, l.institution_id, l.lender, l.branch, l.product, l.kind,"
    " l.funding, l.contract_on, l.principal_fen, l.rate_e8, l.ordinary"
)


def loans(
    *, actor: Actor, asked: LoanFilter, page: int = 1, sort: str = "-contract", size: int = PAGE
) -> Listed:
    """A page of the loans in scope.

    Args:
        actor: Who looks.
        asked: What; one product is named, so that regimes stay apart.
        page: From 1.
        sort: A key of ``SORTS``, with ``-`` before it for falling.
        size: Rows a page.

    Raises:
        Refused: ``not_your_role``, ``bad_field``.
    """
    people.require(actor, "loan.read")
    column, falling = _sorted_by(sort)
    on = asked.as_of or actor.on
    text, given = _base(asked, on=on)
    counted = sum(one.loans for one in totals(actor=actor, asked=asked) if asked.product in ("", one.product))
    wanted = max(page, 1)
    way = f"{'desc' if falling else 'asc'} nulls last"
    found = rows(
        f"select f.*, v.name from ({text} order by {column} {way}, loan_id limit %s offset %s) f"
        " left join casework_area v on v.code = f.scope_area and upper_inf(v.recorded) and v.valid @> %s::date"
        f" order by f.{column} {way}, f.loan_id",
        [*given, size, (wanted - 1) * size, on],
    )
    shown = tuple(_row(row, on) for row in found)
    return Listed(shown, counted, wanted, max(1, -(-counted // size)), sort, on)


def loans_after(*, actor: Actor, asked: LoanFilter, after: str = "", size: int = PAGE) -> tuple[LoanRow, ...]:
    """The loans behind a loan's number, by number: pages for machines, whatever is added meanwhile."""
    people.require(actor, "loan.read")
    on = asked.as_of or actor.on
    text, given = _base(asked, on=on, after=after)
    found = rows(
        f"select f.*, v.name from (select * from ({text}) as found order by loan_id limit %s) f"
        " left join casework_area v on v.code = f.scope_area and upper_inf(v.recorded) and v.valid @> %s::date"
        " order by f.loan_id",
        [*given, size, on],
    )
    return tuple(_row(row, on) for row in found)


def totals(*, actor: Actor, asked: LoanFilter) -> tuple[Total, ...]:
    """Sums by regime and source of funds (LD2021-3.2, CN2021-5.2, CN2026-3.2, LD2021-1.10); none over regimes.

    They are kept by the snapshot they were read in: who sees the same data in the same scope gets the same sums.
    """
    people.require(actor, "loan.read")
    whole = replace(asked, product="")
    on = asked.as_of or actor.on
    seen = snapshot()
    return _summed(whole, on) if seen is None else _kept_sums(seen, actor.scope, whole, on)


@lru_cache(maxsize=256)
def _kept_sums(_seen: str, _scope: Scope, asked: LoanFilter, on: date) -> tuple[Total, ...]:
    return _summed(asked, on)


def _summed(asked: LoanFilter, on: date) -> tuple[Total, ...]:
    text, given = _base(asked, on=on)
    sums = rows(
        "select case when ordinary then 'ordinary' else product end, funding, count(*), sum(principal_fen),"
        " sum(disbursed_fen), sum(balance_fen),"
        " sum(case when least(due_on, recalled_on) < %s then balance_fen else 0 end),"
        " sum(case when risk_class >= %s then balance_fen else 0 end), count(*) filter (where balance_fen > 0)"
        f" from ({text}) as found group by 1, 2",
        [on, _NPL_FROM, *given],
    )
    found = [Total(row[0], row[1], *(int(value or 0) for value in row[2:])) for row in sums]
    places = {product: place for place, product in enumerate(PRODUCTS)}
    return tuple(sorted(found, key=lambda one: (places.get(one.product, len(places)), one.funding)))


def _base(asked: LoanFilter, *, on: date, after: str = "") -> tuple[str, list[Any]]:
    """Loans with what they come to, filtered: one statement, its values beside it."""
    given: list[Any] = []
    if asked.known_at is not None or asked.as_of is not None:
        known, known_given = _known(asked, on)
        counted = f"cross join lateral ({COMES_TO.format(known=known)}) as s"
        given += known_given
        stands = "upper_inf(l.recorded)" if asked.known_at is None else "l.recorded @> %s::timestamptz"
        given += [] if asked.known_at is None else [asked.known_at]
        where = [stands, "(l.contract_on is null or l.contract_on <= %s)"]
        given.append(on)
    else:
        counted = "join casework_loan_standing s on s.loan_id = l.loan_id"
        where = ["upper_inf(l.recorded)"]
    for clause, value in _conditions(asked, on=on, after=after):
        where.append(clause)
        given += value
    return f"select {_LOAN}, {_COUNTED} from casework_loan l {counted} where {' and '.join(where)}", given


def _known(asked: LoanFilter, on: date) -> tuple[str, list[Any]]:
    if asked.known_at is None:
        return 'upper_inf(e.recorded) and e."on" <= %s', [on]
    booked = (
        "e.booked_on <= (%s::timestamptz at time zone 'Asia/Shanghai')::date"
        " and coalesce(upper(e.recorded), 'infinity') > %s and e.\"on\" <= %s"
    )
    return booked, [asked.known_at, asked.known_at, on]


def _conditions(asked: LoanFilter, *, on: date, after: str) -> list[tuple[str, list[Any]]]:
    found = list(_of_what(asked))
    if asked.area:
        found.append(("l.scope_area >= %s and l.scope_area < %s", [asked.area, f"{asked.area}:"]))
    for name, value in (("institution_id", asked.institution_id), ("household_id", asked.household_id)):
        if value:
            found.append((f"l.{name} = %s", [value]))
    if asked.maturing_within is not None:
        until = on + timedelta(days=min(max(asked.maturing_within, 0), 3_650))
        found.append(("s.balance_fen > 0 and s.due_on >= %s and s.due_on <= %s", [on, until]))
    if after:
        found.append(("l.loan_id > %s", [after]))
    if asked.state:
        found.append(_state(asked.state, on))
    return found


def _of_what(asked: LoanFilter) -> Iterator[tuple[str, list[Any]]]:
    if asked.product == "ordinary":
        yield "l.ordinary", []
    elif asked.product:
        if asked.product not in PRODUCTS:
            raise Refused("bad_field", field="product")
        yield "not l.ordinary and l.product = %s", [asked.product]
    if asked.words:
        yield "(starts_with(l.loan_id, %s) or strpos(l.borrower_name, %s) > 0)", [asked.words, asked.words]


def _state(state: str, on: date) -> tuple[str, list[Any]]:
    if state == "to_disburse":
        return "s.disbursed_on is null and l.contract_on is not null", []
    if state == "settled":
        return "s.disbursed_on is not null and s.balance_fen <= 0", []
    if state == "overdue":
        return "s.balance_fen > 0 and least(s.due_on, s.recalled_on) < %s", [on]
    if state == "running":
        return "s.balance_fen > 0 and coalesce(least(s.due_on, s.recalled_on) >= %s, true)", [on]
    raise Refused("bad_field", field="state")


def _sorted_by(sort: str) -> tuple[str, bool]:
    name = sort.removeprefix("-")
    if name not in SORTS:
        raise Refused("bad_field", field="sort")
    return SORTS[name], sort.startswith("-")


def _row(row: Sequence[Any], on: date) -> LoanRow:
    (
        loan_id, household_id, name, area, institution, lender, branch, product, kind, funding, contract_on, principal,
        rate, ordinary, disbursed_on, disbursed, balance, due_on, _, recalled_on, risk_class, _, village, *_,
    ) = row  # fmt: skip
    state = state_on(on, disbursed_on, balance, (due_on, recalled_on))
    return LoanRow(
        loan_id, household_id or "", name, area, village or area, institution, lender, branch,
        "ordinary" if ordinary else product, kind, funding, contract_on, due_on, principal, rate, disbursed_on,
        disbursed, balance, balance if state == "overdue" else 0, risk_class, state,
    )  # fmt: skip

"""What the monthly papers list: loans signed in a span of days, and applications refused in it, as far as in scope."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from bangfu.casework.database.questions import rows
from bangfu.casework.origination.notices import product_word, step_words
from bangfu.casework.origination.policy_day import PRODUCTS
from bangfu.casework.origination.reasons import REASONS
from bangfu.casework.personal_data import api as personal_data
from bangfu.casework.registry.api import places_of
from bangfu.facts.codes import PURPOSE
from bangfu.reports.papers import LoanLine, RefusalLine, RegimeBlock
from bangfu.reports.words import REGIMES


@dataclass(frozen=True)
class Span:
    """Whose, where, and from which day to which (both in)."""

    institutions: tuple[str, ...]
    area: str
    from_on: date
    to_on: date


def blocks(span: Span, *, on: date, refusals: bool) -> tuple[RegimeBlock, ...]:
    """One block a product that has anything, the current product always."""
    lent = _loans(span, on=on)
    refused = _refusals(span, on=on) if refusals else []
    found = {product for product, _ in (*lent, *refused)}
    shown = [one for one in reversed(PRODUCTS) if one in found] or [PRODUCTS[0]]
    return tuple(
        RegimeBlock(
            product=product_word(product),
            regime=REGIMES[product],
            loans=tuple(line for its, line in lent if its == product),
            refusals=tuple(line for its, line in refused if its == product),
        )
        for product in shown
    )


def villages_with_rows(span: Span) -> list[str]:
    """The villages of a place in which something is to be listed."""
    lent = rows(f"select distinct scope_area from casework_loan l where {_LENT}", _given(span))
    refused = rows(f"select distinct r.scope_area {_REFUSED}", _given(span))
    return sorted({row[0] for row in (*lent, *refused)})


_LENT = (
    "upper_inf(recorded) and not ordinary and contract_on between %s and %s and institution_id = any(%s)"
    " and scope_area like %s"
)
_REFUSED = (
    "from casework_review r join casework_application a on a.id = r.application_id where r.outcome = 'refuse'"
    " and (r.at at time zone 'Asia/Shanghai')::date between %s and %s and r.institution_id = any(%s)"
    " and r.scope_area like %s"
)


def _given(span: Span) -> list[Any]:
    """The values of both conditions."""
    return [span.from_on, span.to_on, list(span.institutions), f"{span.area}%"]


def _loans(span: Span, *, on: date) -> list[tuple[str, LoanLine]]:
    found = rows(
        "select loan_id, household_id, borrower_name, borrower_id_number_id, product, principal_fen, rate_e8,"
        " matures_on,"
        ' purpose, scope_area, (select min(e."on") from casework_loan_event e where e.loan_id = l.loan_id'
        f" and e.kind = 'disbursed' and upper_inf(e.recorded)) from casework_loan l where {_LENT}"
        " and matures_on is not null order by scope_area, contract_on, loan_id",
        _given(span),
    )
    places, masked = _around((row[9] for row in found), (row[3] for row in found), on=on)
    return [
        (
            row[4],
            LoanLine(
                place=places.get(row[9], row[9]),
                borrower=row[2],
                id_number=masked.get(row[3], ""),
                household_no=row[1] or row[0],
                contract_no=row[0],
                amount_fen=row[5],
                rate_e8=row[6] or 0,
                disbursed_on=row[10],
                matures_on=row[7],
                purpose=PURPOSE[row[8]][0] if row[8] in PURPOSE else "",
            ),
        )
        for row in found
        if row[4] in REGIMES
    ]


def _refusals(span: Span, *, on: date) -> list[tuple[str, RefusalLine]]:
    found = rows(
        "select r.application_id, r.household_id, v.borrower_name, v.borrower_id_number_id, v.product, v.amount_fen,"
        " v.applied_on, (r.at at time zone 'Asia/Shanghai')::date, r.step, r.reason_code, r.opinion, r.scope_area"
        f" {_REFUSED.replace('where r.outcome', _VERSION, 1)} order by r.scope_area, r.at, r.id",
        _given(span),
    )
    places, masked = _around((row[11] for row in found), (row[3] for row in found), on=on)
    return [
        (
            row[4],
            RefusalLine(
                place=places.get(row[11], row[11]),
                applicant=row[2],
                id_number=masked.get(row[3], ""),
                household_no=row[1],
                applied_on=row[6],
                refused_on=row[7],
                step=step_words(row[8]),
                reason=f"{REASONS[row[9]].zh}：{row[10]}" if row[9] in REASONS else row[10],
                amount_fen=row[5] or None,
            ),
        )
        for row in found
        if row[4] in REGIMES
    ]


_VERSION = (
    "join lateral (select * from casework_application_version w where w.application_id = a.id"
    " order by w.number desc limit 1) v on true where r.outcome"
)


def _around(
    villages: Iterable[str], numbers: Iterable[UUID | None], *, on: date
) -> tuple[dict[str, str], dict[UUID, str]]:
    return places_of(villages, on=on), personal_data.masked_of(numbers)


def counted(found: Sequence[RegimeBlock]) -> dict[str, int]:
    """Counts and sums of a paper, each product apart."""
    told: dict[str, int] = {"loans": 0, "refusals": 0}
    for block in found:
        told["loans"] += len(block.loans)
        told["refusals"] += len(block.refusals)
        told[f"{block.product}_fen"] = sum(one.amount_fen for one in block.loans)
    return told

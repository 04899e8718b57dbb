"""The contract's sheet: what was signed and by which clauses it runs, as the paper wants it."""

from __future__ import annotations

from datetime import date

from bangfu.casework.database.actor import Actor
from bangfu.casework.lending.models import Loan
from bangfu.casework.registry.api import places_of
from bangfu.facts import codes
from bangfu.money.days import whole_months_clamped
from bangfu.money.fen import format_yuan
from bangfu.money.rates import format_percent
from bangfu.policy import Payer, Stack
from bangfu.reports.papers import ContractSheet, Imprint, PackPin, SubsidyTerm, contract_sheet
from bangfu.reports.words import PAYERS, REGIMES

__all__ = ["sheet_of"]

_COUNTY = 6


def sheet_of(row: Loan, *, stack: Stack, borrower_id: str, actor: Actor) -> bytes:
    """The PDF of a signed loan (LD2021-1.1 to 1.10, 3.2); the borrower's number comes masked."""
    signed_on, matures_on = row.contract_on, row.matures_on
    if signed_on is None or matures_on is None:
        raise ValueError("a sheet is of a signed contract")
    county = row.area_code[:_COUNTY]
    names = places_of({county, row.scope_area}, on=signed_on)
    months = whole_months_clamped(signed_on, matures_on)
    sheet = ContractSheet(
        county=names[county] if names.get(county, county) != county else "",
        product=_word(codes.PRODUCT, row.product),
        regime=REGIMES.get(row.product, ""),
        contract_no=row.loan_id,
        lender=row.lender,
        branch=row.branch,
        borrower=row.borrower_name,
        borrower_id=borrower_id,
        household_no=row.household_id or "",
        address=names.get(row.scope_area, ""),
        amount_fen=row.principal_fen,
        signed_on=signed_on,
        starts_on=signed_on,
        matures_on=matures_on,
        term=f"{months}个月",
        rate_e8=row.rate_e8 or 0,
        rate_basis="、".join(_cited(stack, "rate.ceiling", signed_on)),
        interest_method=_word(codes.INTEREST_METHOD, row.interest_method),
        purpose=_word(codes.PURPOSE, row.purpose),
        funding_source=_word(codes.FUNDING, row.funding),
        subsidies=_subsidies(stack, signed_on),
        packs=tuple(
            PackPin(pack=pack.id, document=pack.number or pack.title, hash=pack.hash) for pack in stack.packs
        ),
        imprint=Imprint(printed_by=actor.name, printed_at=actor.now),
    )
    return contract_sheet(sheet)


def _word(words: codes.Words, code: str) -> str:
    return words[code][0] if code in words else ""


def _cited(stack: Stack, term: str, on: date) -> tuple[str, ...]:
    found = stack.look(term, on)
    return found.clauses if found else ()


def _subsidies(stack: Stack, on: date) -> tuple[SubsidyTerm, ...]:
    said = stack.look("subsidy.payers", on)
    if said is None or said.undetermined:
        return ()
    cap = stack.look("subsidy.principal_cap", on)
    upto = f"，贴息本金{format_yuan(cap.integer, grouped=True)}元以内" if cap and not cap.undetermined else ""
    return tuple(
        SubsidyTerm(payer=PAYERS.get(one.payer, one.payer), terms=_share(one) + upto, clauses=said.clauses)
        for one in said.payers
    )


def _share(one: Payer) -> str:
    if one.share_percent is not None:
        text = f"贷款利率的{one.share_percent}%"
    else:
        text = f"{format_percent(one.points_e8 or 0)}个百分点"
    return text + (
        f"，最高{format_percent(one.max_points_e8)}个百分点" if one.max_points_e8 is not None else ""
    )

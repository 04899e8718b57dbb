"""Random households of Luodian judged twice: by the columns, and by a clerk in plain Python who reads the rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

import polars as pl
import pytest

from bangfu.engine.check import check
from bangfu.facts import TABLES, Facts, empty
from bangfu.money.days import add_months_clamped, full_years
from bangfu.policy import fixing, load_book

PLACE = "522728100200"
FIRST, LAST = date(2021, 3, 10), date(2025, 12, 31)
CAP, TOPPED_CAP = 5_000_000, 10_000_000
ADMITTED = {"out_of_poverty", "margin"}
FORBIDDEN = {"wedding", "house", "medical", "debt"}
TAKEN = {"guarantor", "pledge", "mortgage", "counter_guarantee"}
JUDGED = {
    "not_on_roster", "category_not_admitted", "over_household_cap", "term_too_long", "rate_above_ceiling",
    "guarantee_taken", "purpose_forbidden", "age_out_of_range", "several_loans_in_household", "borrower_charged",
    "renewed_or_extended_twice", "extension_too_long", "rate_changed_in_contract",
}  # fmt: skip


@dataclass
class Loan:
    loan_id: str
    kind: str
    contract_on: date
    matures_on: date
    principal_fen: int
    rate_e8: int
    purpose: str
    guarantee: str
    paid_out_on: date
    repaid: list[tuple[date, int]]
    extended: list[tuple[date, date]] = field(default_factory=list)
    fee_fen: int = 0
    changed: tuple[date, int] | None = None

    def balance(self, day: date) -> int:
        lent = self.principal_fen if self.paid_out_on <= day else 0
        return lent - sum(amount for on, amount in self.repaid if on <= day)


@dataclass
class Household:
    number: str
    born: date
    category: str
    listed_on: date
    left_on: date | None
    loans: list[Loan]

    @property
    def id_number(self) -> str:
        return f"522728{self.born:%Y%m%d}{int(self.number[1:]) % 1000:03d}X"


def household(draw: Random, number: int) -> Household:
    born = date(draw.randint(1955, 2006), draw.randint(1, 12), draw.randint(1, 28))
    listed = date(draw.choice((2016, 2018, 2022)), draw.randint(1, 12), draw.randint(1, 28))
    left = None if draw.random() < 0.7 else listed + timedelta(draw.randint(300, 2500))
    one = Household(
        f"H{number}", born, draw.choice(("out_of_poverty", "margin", "assisted")), listed, left, []
    )
    for turn in range(draw.randint(1, 4)):
        one.loans.append(loan(draw, f"L{number:05d}{turn}"))
    return one


def loan(draw: Random, loan_id: str) -> Loan:
    signed = FIRST + timedelta(draw.randint(0, (LAST - FIRST).days - 40))
    months = draw.choice((6, 12, 12, 24, 36))
    matures = add_months_clamped(signed, months) + timedelta(draw.choice((0, 0, 0, 1, -1)))
    series = "LPR_1Y" if matures <= add_months_clamped(signed, 12) else "LPR_5Y"
    rate = fixing(series, signed).rate_e8 + draw.choice((0, 0, 0, -100_000, 100))
    principal = draw.choice((1_000_000, 2_000_000, CAP, CAP, CAP + 1, 8_000_000))
    paid_out = signed + timedelta(draw.choice((0, 0, 3)))
    settled = min(paid_out + timedelta(draw.randint(1, 900)), date(2026, 5, 1))
    found = Loan(
        loan_id=loan_id,
        kind=draw.choice(("new", "new", "top_up")),
        contract_on=signed,
        matures_on=matures,
        principal_fen=principal,
        rate_e8=rate,
        purpose=draw.choice(("crops", "livestock", "trade", "wedding", "debt")),
        guarantee=draw.choice(("none", "none", "pledge", "government_guarantee", "counter_guarantee")),
        paid_out_on=paid_out,
        repaid=[(settled, principal)] if draw.random() < 0.7 else [(settled, principal // 2)],
    )
    for _ in range(draw.choice((0, 0, 0, 1, 2))):
        before = found.extended[-1][1] if found.extended else matures
        granted = before - timedelta(10)
        if granted <= date(2025, 12, 31):
            found.extended.append((granted, add_months_clamped(before, draw.choice((3, 6, 12, 18)))))
    if draw.random() < 0.1:
        found.fee_fen = draw.randint(1, 20_000)
    if draw.random() < 0.1:
        found.changed = (paid_out + timedelta(30), rate + draw.choice((0, 100_000)))
    return found


def clerk(one: Household, this: Loan) -> set[str]:
    """What a person who knows LD2021 finds, reading one file at a time."""
    day, found = this.contract_on, set()
    if not (one.listed_on <= day and (one.left_on is None or day < one.left_on)):
        found.add("not_on_roster")
    elif one.category not in ADMITTED:
        found.add("category_not_admitted")
    if not 18 <= full_years(one.born, day) <= 65:
        found.add("age_out_of_range")
    earlier = [other for other in one.loans if (other.contract_on, other.loan_id) < (day, this.loan_id)]
    owed = [max(o.balance(day), 0) if o.paid_out_on <= day else o.principal_fen for o in earlier]
    owed = [amount for amount in owed if amount]
    cap = TOPPED_CAP if this.kind == "top_up" and owed else CAP
    if sum(owed) + this.principal_fen > cap:
        found.add("over_household_cap")
    if owed and this.kind == "new":
        found.add("several_loans_in_household")
    if this.matures_on > add_months_clamped(day, 36):
        found.add("term_too_long")
    else:
        series = "LPR_1Y" if this.matures_on <= add_months_clamped(day, 12) else "LPR_5Y"
        if this.rate_e8 > fixing(series, day).rate_e8:
            found.add("rate_above_ceiling")
    if this.guarantee in TAKEN:
        found.add("guarantee_taken")
    if this.purpose in FORBIDDEN:
        found.add("purpose_forbidden")
    return found | afterwards(this)


def afterwards(this: Loan) -> set[str]:
    found = set()
    if this.fee_fen:
        found.add("borrower_charged")
    end = max([this.matures_on, *(to for _, to in this.extended)])
    if this.changed and this.changed[0] <= end and this.changed[1] != this.rate_e8:
        found.add("rate_changed_in_contract")
    if len(this.extended) > 1:
        found.add("renewed_or_extended_twice")
    before = this.matures_on
    for _, until in this.extended:
        if until > latest(this, before):
            found.add("extension_too_long")
        before = until
    return found


def latest(this: Loan, before: date) -> date:
    """LD2021-4.1: the whole term of a short loan again, half of a longer one; half a day is dropped."""
    months = 0
    while add_months_clamped(this.contract_on, months + 1) <= this.matures_on:
        months += 1
    odd = (this.matures_on - add_months_clamped(this.contract_on, months)).days
    if this.matures_on <= add_months_clamped(this.contract_on, 12):
        return add_months_clamped(before, months) + timedelta(odd)
    return add_months_clamped(before, months // 2) + timedelta((months % 2 * 30 + odd) // 2)


def facts_of(households: list[Household]) -> Facts:
    rows: dict[str, list[dict[str, object]]] = {name: [] for name in TABLES}
    for one in households:
        rows["households"].append({"household_id": one.number, "area_code": PLACE, "labour_count": 1})
        rows["members"].append({"member_id": one.number, "household_id": one.number, "id_number": one.id_number,
                                "labour": True})  # fmt: skip
        rows["roster"].append({"household_id": one.number, "category": one.category, "listed_on": one.listed_on,
                               "left_on": one.left_on, "left_reason": one.left_on and "moved"})  # fmt: skip
        for each in one.loans:
            rows["loans"].append(loan_row(one, each))
            rows["events"] += events_of(each)
    return Facts({name: pl.DataFrame(rows[name], schema=empty(name).schema) for name in TABLES})


def loan_row(one: Household, each: Loan) -> dict[str, object]:
    return {
        "loan_id": each.loan_id,
        "household_id": one.number,
        "borrower_id_number": one.id_number,
        "product": "transition",
        "kind": each.kind,
        "area_code": PLACE,
        "applied_on": each.contract_on,
        "contract_on": each.contract_on,
        "matures_on": each.matures_on,
        "principal_fen": each.principal_fen,
        "rate_e8": each.rate_e8,
        "interest_method": "daily_360",
        "purpose": each.purpose,
        "guarantee": each.guarantee,
    }


def events_of(each: Loan) -> list[dict[str, object]]:
    found: list[dict[str, object]] = [
        {"on": each.paid_out_on, "kind": "disbursed", "amount_fen": each.principal_fen}
    ]
    found += [{"on": on, "kind": "repaid", "amount_fen": amount} for on, amount in each.repaid]
    found += [{"on": on, "kind": "extended", "value_on": until} for on, until in each.extended]
    if each.fee_fen:
        found.append({"on": each.paid_out_on, "kind": "fee_collected", "amount_fen": each.fee_fen})
    if each.changed:
        found.append({"on": each.changed[0], "kind": "rate_changed", "value_rate_e8": each.changed[1]})
    return [{"loan_id": each.loan_id, **event} for event in found]


@pytest.mark.parametrize("seed", [1, 2])
def test_the_columns_find_what_the_clerk_finds(seed):
    draw = Random(seed)  # noqa: S311 - made-up households
    households = [household(draw, number) for number in range(2_000)]
    told = check(facts_of(households), load_book(), on=date(2028, 12, 31)).refusals
    found: dict[str, set[str]] = {}
    for loan_id, code in told.filter(pl.col("code").is_in(JUDGED)).select("id", "code").rows():
        found.setdefault(loan_id, set()).add(code)
    expected = {each.loan_id: clerk(one, each) for one in households for each in one.loans}
    assert set().union(*expected.values()) == JUDGED
    assert {k: v for k, v in expected.items() if v} == found
    assert set(told["code"]) <= JUDGED

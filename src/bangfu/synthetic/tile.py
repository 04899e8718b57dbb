"""One tile of the county: twelve townships with their people and the loans made to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from bangfu.synthetic import names
from bangfu.synthetic.book import Loan
from bangfu.synthetic.clock import add_months, last_quarter, weekday
from bangfu.synthetic.identity import COUNTY
from bangfu.synthetic.people import Household, Member, Registry
from bangfu.synthetic.regimes import (
    ASSISTANCE,
    FEN_PER_THOUSAND_YUAN,
    POVERTY,
    SUBSIDISED_FEN,
    WINDOW,
    lawful_rate_e8,
    method_is_set,
)

TOWNSHIPS = 12
VILLAGES = 8
# Villages in which no household lives but those of one area fault: their places in ``Tile.villages``.
EVERYONE, OUTLIER, SWING, SUSPENDED = 11, 37, 58, 85
SPECIAL_VILLAGES = frozenset({EVERYONE, OUTLIER, SWING, SUSPENDED})
LENDER = "示范县农村信用合作联社"

_MONTHS = (12,) * 8 + (18,) * 2 + (24,) * 5 + (36,) * 5
_MONTHS_ASSISTANCE = (12,) * 5 + (24,) * 3 + (36,) * 2
_THOUSANDS = (50,) * 8 + (30,) * 4 + (20,) * 3 + (40,) * 3 + (10, 15)
_PURPOSES = (
    ("livestock",) * 6
    + ("crops",) * 6
    + ("forestry", "fishery", "processing", "trade", "trade", "service", "transport")
)
_LARGE_NEEDS = ("equipment", "protected_farming")


@dataclass(slots=True)
class Village:
    """A village: its code of 12 digits, its names, and the branch that serves it."""

    code: str
    township: str
    name: str
    branch: str


@dataclass(slots=True)
class Planted:
    """A fault that was planted: the code an audit must raise, and the subject it must name."""

    code: str
    table: str
    subject: Loan | Household | str
    note: str

    @property
    def id(self) -> str:
        """The subject's id, once all are numbered."""
        if isinstance(self.subject, Loan):
            return self.subject.loan_id
        return self.subject.household_id if isinstance(self.subject, Household) else self.subject


@dataclass(slots=True)
class Claim:
    """An insured event of a borrower under the policy that came with the loan; days are day numbers."""

    loan: Loan
    on: int
    kind: str
    claimed_on: int | None
    paid_on: int | None
    due_fen: int
    paid_fen: int


@dataclass(slots=True)
class Elsewhere:
    """A subsidy of another programme for a loan, from a day to another, exclusive."""

    loan: Loan
    programme: str
    start: int
    end: int
    amount_fen: int


def villages_of(tile: int) -> list[Village]:
    """The villages of a tile; township codes go up from 100."""
    found = []
    for place in range(TOWNSHIPS):
        number = tile * TOWNSHIPS + place
        township = names.township(number)
        branch = f"{township.removesuffix('镇')}信用社"
        for other in range(VILLAGES):
            name = names.village((number * 5 + other) % len(names.VILLAGES))
            found.append(Village(f"{COUNTY}{100 + number:03d}{200 + other:03d}", township, name, branch))
    return found


@dataclass(slots=True)
class Tile:
    """What is being built: people, loans, and the list of what was planted. Days are day numbers."""

    number: int
    rng: Random
    as_of: int
    registry: Registry = field(init=False)
    villages: list[Village] = field(init=False)
    loans: list[Loan] = field(default_factory=list)
    lent: int = 0
    planted: list[Planted] = field(default_factory=list)
    ordinary: list[Loan] = field(default_factory=list)
    elsewhere: list[Elsewhere] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.registry = Registry(self.number, self.rng)
        self.villages = villages_of(self.number)

    @property
    def last_quarter(self) -> tuple[int, int]:
        """The last quarter that has closed."""
        return last_quarter(self.as_of)

    @property
    def fresh_from(self) -> int:
        """The first day of the running quarter, in which nothing is due yet."""
        return self.last_quarter[1] + 1

    def plant(self, code: str, loan: Loan, note: str) -> None:
        """Put a loan on the list of faults."""
        self.planted.append(Planted(code, "loans", loan, note))

    def plant_ordinary(self, code: str, loan: Loan, note: str) -> None:
        """Put an ordinary loan on the list of faults."""
        self.planted.append(Planted(code, "ordinary_loans", loan, note))

    def plant_household(self, code: str, household: Household, note: str) -> None:
        """Put a household on the list of faults."""
        self.planted.append(Planted(code, "households", household, note))

    def plant_area(self, code: str, area_code: str, note: str) -> None:
        """Put an area on the list of faults."""
        self.planted.append(Planted(code, "areas", area_code, note))

    def branch_of(self, household: Household) -> str:
        """The branch that serves a household's village."""
        place = (int(household.area_code[6:9]) - 100) % TOWNSHIPS * VILLAGES
        return self.villages[place].branch

    def lend(
        self,
        household: Household,
        product: str,
        contract_on: int,
        *,
        thousands: int | None = None,
        months: int | None = None,
        kind: str = "new",
        parent: Loan | None = None,
        method: str | None = None,
        live: tuple[Loan, ...] = (),
        borrower: Member | None = None,
    ) -> Loan:
        """A lawful loan, repaid on the day it is due.

        Args:
            household: Who borrows; it must stand on the right roster on the day of application.
            product: poverty, transition or assistance.
            contract_on: Day number of the contract, inside the product's window.
            thousands: Principal in thousands of yuan; drawn where not given.
            months: The term; drawn where not given.
            kind: new, top_up or renewal.
            parent: The loan that is topped up or renewed.
            method: daily_360 or whole_periods; drawn where not given.
            live: The household's other loans that still owe on that day.
            borrower: The head or the spouse where not given.
        """
        rng = self.rng
        draw = rng.random
        self.lent += 1
        months = months or rng.choice(_MONTHS_ASSISTANCE if product == ASSISTANCE else _MONTHS)
        amount = (thousands or rng.choice(_THOUSANDS)) * FEN_PER_THOUSAND_YUAN
        if borrower is None:
            able = [
                member for member in household.members[:2] if member.labour and member.relation != "child"
            ]
            borrower = able[-1] if able and draw() < 0.12 else household.members[0]
        disbursed_on, applied_on = self._days_of(product, kind, contract_on)
        purpose, ceiling = rng.choice(_PURPOSES), None
        if product == ASSISTANCE and amount > SUBSIDISED_FEN and draw() < 0.7:
            purpose, ceiling = rng.choice(_LARGE_NEEDS), amount
        used = sum(min(other.subsidised_fen, other.balance(contract_on)) for other in live)
        room = max((ceiling or SUBSIDISED_FEN) - used, 0)
        loan = Loan(
            loan_id=f"L{self.number:02d}{self.lent:06d}",
            household=household,
            borrower=borrower,
            borrower_id_number=borrower.id_number,
            product=product,
            kind=kind,
            applied_on=applied_on,
            contract_on=contract_on,
            months=months,
            matures_on=add_months(contract_on, months),
            disbursed_on=disbursed_on,
            principal_fen=amount,
            rate_e8=lawful_rate_e8(rng, product, contract_on, months),
            method=method or self._method(product, contract_on),
            purpose=purpose,
            branch=self.branch_of(household),
            funding=_funding(product, kind, rng),
            subsidised_fen=min(amount, room),
            parent=parent,
            ceiling_fen=ceiling,
            paid_to="lender" if draw() < 0.08 else "borrower",
        )
        loan.repay_at_maturity()
        self.loans.append(loan)
        return loan

    def _days_of(self, product: str, kind: str, contract_on: int) -> tuple[int, int]:
        """The days of disbursement and of application: a little after and before the contract, inside its window."""
        draw, window = self.rng.random, WINDOW[product]
        disbursed_on = contract_on
        if kind != "renewal":
            last = window.last if contract_on <= window.last else self.as_of
            disbursed_on = min(contract_on + int(draw() * 4), last, self.as_of)
        applied_on = contract_on - 3 - int(draw() * 15)
        if contract_on >= window.first:
            applied_on = max(applied_on, window.first)
        return disbursed_on, applied_on

    def _method(self, product: str, day: int) -> str:
        if method_is_set(product, day):
            return "whole_periods"
        return "whole_periods" if self.rng.random() < 0.4 else "daily_360"

    def fresh_day(self) -> int:
        """A working day of the running quarter, early enough for the loan to be paid out by the day of the audit."""
        return weekday(self.fresh_from + int(self.rng.random() * max(self.as_of - self.fresh_from - 5, 1)))


def _funding(product: str, kind: str, rng: Random) -> str:
    """LD2021-1.10: farm relending pays the new regime, poverty relending what is left of the old one."""
    if product == POVERTY:
        return "poverty_relending" if kind == "renewal" or rng.random() < 0.5 else "own"
    return "own" if product == ASSISTANCE else "farm_relending"

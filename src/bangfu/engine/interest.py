"""The interest of one principal over one period, in plain integers without bound, with its steps.

The same arithmetic as the kernel's rules (``bangfu.rules.interest``), for a principal that does not move. Both
defensible figures of 银发〔2005〕129号 can be asked for: actual days over 360, and whole years and months (§6).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from bangfu.money.days import (
    DAYS_PER_MONTH,
    DAYS_PER_YEAR,
    add_months_clamped,
    whole_months_clamped,
)
from bangfu.money.fen import round_half_up
from bangfu.money.rates import E8
from bangfu.rules.interest.rule import LINE_INTEREST, PIECE_DAYS, PIECE_INTEREST
from bangfu.rules.methods import CALENDAR_YEAR_DAYS
from bangfu.rules.steps import Rule

METHODS = ("daily_360", "daily_365", "whole_periods")
E8_PER_SHOWN = 100  # the effective rate is shown with four decimals of a percent
SHOWN_PER_PERCENT = 10_000


class BadInterest(ValueError):  # noqa: N818 - it names what is wrong, as refusals do
    """What was asked cannot be computed.

    Attributes:
        name: period_empty, period_negative, method_unknown, principal_not_positive or rate_negative.
    """

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}")
        self.name = name


@dataclass(frozen=True, slots=True)
class InterestStep:
    """One named value of the calculation, what it says, and the clauses it rests on."""

    name: str
    value: int
    unit: str
    zh: str
    en: str
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InterestResult:
    """Interest in fen, rounded half up once.

    Attributes:
        interest_fen: The interest.
        days: Actual days of the period, first day in, last day out.
        method: daily_360, daily_365 or whole_periods.
        effective_annual_rate_percent: What 365 days cost at this method, half up at four decimals, as text.
        steps: The calculation in order.
    """

    interest_fen: int
    days: int
    method: str
    effective_annual_rate_percent: str
    steps: tuple[InterestStep, ...]


def interest(
    *, principal_fen: int, rate_e8: int, start: date, end: date, method: str, count_last_day: bool = False
) -> InterestResult:
    """The interest of a principal over the half-open period [start, end).

    Args:
        principal_fen: Fen, positive, without bound.
        rate_e8: The annual rate in 1e-8, not negative.
        start: The first day, counted.
        end: The last day, not counted unless ``count_last_day``.
        method: One of METHODS.
        count_last_day: The habit of counting the settlement day in (domain.md §1.5); the next period then begins
            the day after.

    Raises:
        BadInterest: Names what is wrong.
    """
    until = end + timedelta(days=1) if count_last_day else end
    _checked(principal_fen, rate_e8, start, until, method)
    days = (until - start).days
    steps: list[InterestStep] = []
    counted = days
    if method == "whole_periods":
        counted = _whole_periods(start, until, steps)
    year = CALENDAR_YEAR_DAYS if method == "daily_365" else DAYS_PER_YEAR
    numerator = principal_fen * counted * rate_e8
    steps.append(_step("piece_days", counted, PIECE_DAYS))
    steps.append(_step("balance_fen_days", principal_fen * counted, PIECE_INTEREST))
    steps.append(_step("interest_numerator", numerator, PIECE_INTEREST))
    steps.append(_step("year_denominator", year * E8, LINE_INTEREST))
    interest_fen = round_half_up(numerator, year * E8)
    steps.append(_step("interest_fen", interest_fen, LINE_INTEREST))
    return InterestResult(
        interest_fen=interest_fen,
        days=days,
        method=method,
        effective_annual_rate_percent=effective_annual_rate_percent(rate_e8, method),
        steps=tuple(steps),
    )


def effective_annual_rate_percent(rate_e8: int, method: str) -> str:
    """What 365 days cost, in percent as text: daily ÷ 360 bears 365/360 of the rate, the others the rate itself."""
    over = CALENDAR_YEAR_DAYS if method == "daily_360" else DAYS_PER_YEAR
    shown = round_half_up(rate_e8 * over, DAYS_PER_YEAR * E8_PER_SHOWN)
    whole, part = divmod(shown, SHOWN_PER_PERCENT)
    digits = f"{part:04d}".rstrip("0").ljust(2, "0")
    return f"{whole}.{digits}"


def _checked(principal_fen: int, rate_e8: int, start: date, until: date, method: str) -> None:
    if method not in METHODS:
        raise BadInterest("method_unknown", f"{method!r} is none of {', '.join(METHODS)}")
    if until == start:
        raise BadInterest("period_empty", f"no day lies between {start} and {until}")
    if until < start:
        raise BadInterest("period_negative", f"{until} is before {start}")
    if principal_fen <= 0:
        raise BadInterest("principal_not_positive", f"{principal_fen} fen")
    if rate_e8 < 0:
        raise BadInterest("rate_negative", f"{rate_e8} in 1e-8")


def _whole_periods(start: date, until: date, steps: list[InterestStep]) -> int:
    """Add the whole months and the odd days; give the days that count, 30 a month."""
    months = whole_months_clamped(start, until)
    odd = (until - add_months_clamped(start, months)).days
    clauses = PIECE_DAYS.step("piece_days").basis
    steps.append(
        InterestStep("whole_months", months, "months", "整月数（月末截齐）", "Whole months", clauses)
    )
    steps.append(InterestStep("odd_days", odd, "days", "零头天数", "Odd days, as they are", clauses))
    return DAYS_PER_MONTH * months + odd


def _step(name: str, value: int, rule: Rule) -> InterestStep:
    said = rule.step(name)
    return InterestStep(name, value, said.unit, said.zh, said.en, said.basis)

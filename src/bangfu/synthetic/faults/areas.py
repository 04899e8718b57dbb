"""Faults of areas: a village with arrears, one with a rush of borrowers, one where everybody borrows, a stopped branch."""

from __future__ import annotations

from bangfu.synthetic.book import Event, Loan
from bangfu.synthetic.clock import at, weekday
from bangfu.synthetic.delinquency import SUBSTANDARD_AFTER, classify
from bangfu.synthetic.faults.scenes import day_between
from bangfu.synthetic.people import Household, list_poor
from bangfu.synthetic.regimes import TRANSITION
from bangfu.synthetic.tile import EVERYONE, OUTLIER, SUSPENDED, SWING, Tile

_STOPPED_LOANS = 24
_BAD_LOANS = 3


def _household(tile: Tile, place: int) -> Household:
    household = tile.registry.household(tile.villages[place].code)
    list_poor(tile.rng, household, assisted=False)
    return household


def overdue_outlier(tile: Tile, size: int) -> None:
    """A village where most of what is owed was not paid when it fell due this spring."""
    for turn in range(12 + size):
        day = day_between(tile, (at(2025, 4, 10), at(2025, 5, 28)))
        loan = tile.lend(
            _household(tile, OUTLIER), TRANSITION, day, thousands=40, months=12 if turn % 5 else 36
        )
        if turn % 5:
            loan.repaid = []
            classify(loan, min(tile.as_of, loan.matures_on + SUBSTANDARD_AFTER))
    tile.plant_area(
        "overdue_outlier", tile.villages[OUTLIER].code, "four loans in five overdue since spring 2026"
    )


def household_count_anomaly(tile: Tile, size: int) -> None:
    """A village whose borrowing households jump in one quarter and are gone in the next but one."""
    for turn in range(40 + 2 * size):
        base = turn < 8
        days = (at(2021, 6, 1), at(2021, 9, 1)) if base else (at(2023, 4, 3), at(2023, 6, 9))
        loan = tile.lend(
            _household(tile, SWING), TRANSITION, day_between(tile, days), months=36 if base else 12
        )
        if not base:
            loan.repay_early(day_between(tile, (at(2023, 10, 9), at(2023, 12, 8))))
    tile.plant_area(
        "household_count_anomaly", tile.villages[SWING].code, "borrowers fivefold in the spring of 2023"
    )


def lends_to_everyone(tile: Tile, size: int) -> None:
    """A village in which every listed household has a loan."""
    for _ in range(24 + size):
        day = day_between(tile, (at(2024, 3, 4), at(2025, 5, 30)))
        tile.lend(_household(tile, EVERYONE), TRANSITION, day, thousands=50, months=36)
    tile.plant_area("lends_to_everyone", tile.villages[EVERYONE].code, "every listed household owes a loan")


def lent_while_suspended(tile: Tile, size: int) -> None:
    """A small branch that went on lending while more than three per cent of its loans were bad (LD2021-5.5)."""
    branch = tile.villages[SUSPENDED].branch.replace("信用社", "信用社河口分社")
    stopped, resumed = at(2024, 4, 30), at(2024, 9, 16)

    def lend(days: tuple[int, int], months: int) -> Loan:
        loan = tile.lend(
            _household(tile, SUSPENDED), TRANSITION, day_between(tile, days), thousands=40, months=months
        )
        loan.branch = branch
        return loan

    for _ in range(_STOPPED_LOANS):
        lend((at(2022, 2, 8), at(2023, 2, 10)), 36)
    for _ in range(_BAD_LOANS):
        bad = lend((at(2022, 12, 1), at(2022, 12, 30)), 12)
        bad.repaid = [(weekday(resumed), bad.principal_fen)]
        classify(bad, weekday(resumed))
        bad.extra = [event for event in bad.extra if event.kind != "classified" or event.on < resumed]
        bad.extra.append(Event(resumed - 20, "reminded", None, "written"))
    for _ in range(size):
        loan = lend((stopped + 5, resumed - 30), 12)
        tile.plant("lent_while_suspended", loan, "branch suspended from 2024-04-30 to 2024-09-30")

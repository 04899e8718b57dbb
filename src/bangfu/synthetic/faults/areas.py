"""Faults of areas: a village in arrears, one with a rush of borrowers, one where all borrow, a stopped branch."""

from __future__ import annotations

from bangfu.synthetic.book import Event, Loan
from bangfu.synthetic.clock import add_months, at, weekday
from bangfu.synthetic.delinquency import SUBSTANDARD_AFTER, classify
from bangfu.synthetic.faults.scenes import day_between
from bangfu.synthetic.people import Household, list_poor
from bangfu.synthetic.regimes import TRANSITION
from bangfu.synthetic.tile import EVERYONE, OUTLIER, SUSPENDED, SWING, Tile

_STOPPED_LOANS = 24
_BAD_LOANS = 3
_UNABLE = 2


def _household(tile: Tile, place: int, *, able: bool = True) -> Household:
    household = tile.registry.household(tile.villages[place].code, able=able)
    list_poor(tile.rng, household, assisted=False)
    return household


def _others(tile: Tile, place: int, count: int) -> None:
    """Listed households of the village that do not borrow."""
    for _ in range(count):
        _household(tile, place)


def overdue_outlier(tile: Tile, loans: int) -> None:
    """A village where most of what is owed was not paid when it fell due this spring."""
    for turn in range(15 + loans // 1000):
        due = day_between(tile, (at(2026, 4, 10), at(2026, 5, 28)))
        months = (36, 12, 18, 24, 36)[turn % 5]
        day = add_months(due, -months) if turn % 5 else day_between(tile, (at(2024, 1, 8), at(2025, 5, 28)))
        loan = tile.lend(_household(tile, OUTLIER), TRANSITION, day, thousands=40, months=months)
        if turn % 5:
            loan.repaid = []
            classify(loan, min(tile.as_of, loan.matures_on + SUBSTANDARD_AFTER))
    _others(tile, OUTLIER, 20 + loans // 1000)
    tile.plant_area(
        "overdue_outlier", tile.villages[OUTLIER].code, "four loans in five overdue since spring 2026"
    )


def household_count_anomaly(tile: Tile, loans: int) -> None:
    """A village whose borrowing households jump in one month and are gone again half a year later."""
    rush = 70 + loans // 80
    for turn in range(26 + rush):
        base = turn < 26
        days = (at(2021, 6, 1), at(2021, 9, 1)) if base else (at(2023, 4, 3), at(2023, 4, 21))
        loan = tile.lend(
            _household(tile, SWING), TRANSITION, day_between(tile, days), months=36 if base else 12
        )
        if not base:
            loan.repay_early(day_between(tile, (at(2023, 11, 6), at(2023, 11, 24))))
    _others(tile, SWING, 26 + rush)
    note = f"{rush} households more in April 2023, gone in November; its township may be named too"
    tile.plant_area("household_count_anomaly", tile.villages[SWING].code, note)


def lends_to_everyone(tile: Tile, loans: int) -> None:
    """A village in which every listed household has a loan, those unable to work among them."""
    for turn in range(24 + loans // 1000):
        day = day_between(tile, (at(2024, 3, 4), at(2025, 5, 30)))
        household = _household(tile, EVERYONE, able=turn >= _UNABLE)
        loan = tile.lend(household, TRANSITION, day, thousands=50, months=36)
        if turn < _UNABLE:
            tile.plant("no_labour_force", loan, "nobody able to work, in the village that lends to everyone")
    tile.plant_area("lends_to_everyone", tile.villages[EVERYONE].code, "every listed household owes a loan")


def lent_while_suspended(tile: Tile, loans: int) -> None:
    """A small branch that went on lending while more than three per cent of its loans were bad (LD2021-5.5)."""
    branch = tile.villages[SUSPENDED].branch.replace("信用社", "信用社河口分社")
    stopped, resumed = at(2024, 4, 30), at(2024, 9, 16)

    def lend(days: tuple[int, int], months: int) -> Loan:
        loan = tile.lend(
            _household(tile, SUSPENDED), TRANSITION, day_between(tile, days), thousands=40, months=months
        )
        loan.branch = branch
        return loan

    _others(tile, SUSPENDED, _STOPPED_LOANS + loans // 1000)
    for _ in range(_STOPPED_LOANS):
        lend((at(2022, 2, 8), at(2023, 2, 10)), 36)
    for _ in range(_BAD_LOANS):
        bad = lend((at(2022, 12, 1), at(2022, 12, 30)), 12)
        bad.repaid = [(weekday(resumed), bad.principal_fen)]
        classify(bad, weekday(resumed))
        bad.extra = [event for event in bad.extra if event.kind != "classified" or event.on < resumed]
        bad.extra.append(Event(resumed - 20, "reminded", None, "written"))
    for _ in range(max(3, loans // 1000)):
        loan = lend((stopped + 5, resumed - 30), 12)
        tile.plant("lent_while_suspended", loan, "branch suspended from 2024-04-30 to 2024-09-30")

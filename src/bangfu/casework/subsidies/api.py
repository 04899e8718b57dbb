"""The subsidy cycle for the rest of the house: opened, computed, compared, reviewed, submitted, confirmed."""

from __future__ import annotations

from bangfu.casework.subsidies.computing import compute, compute_cycle
from bangfu.casework.subsidies.lists import (
    acts_of,
    content_hash,
    cycle_of,
    lines_about,
    lines_by_id,
    lines_of,
    list_of,
    lists_of,
    sums_by,
)
from bangfu.casework.subsidies.moving import LINE_ACTS, act_on_line, at_step, begin, move
from bangfu.casework.subsidies.opening import CyclePlan, ListPlan, open_cycle, plan_cycle
from bangfu.casework.subsidies.overview import (
    Regime,
    Stood,
    lines_of_household,
    lines_of_loan,
    progress,
    regimes,
)
from bangfu.casework.subsidies.reading import (
    CyclePage,
    LineActView,
    LineOpened,
    LinesPage,
    ListOpened,
    RefusalView,
    RunView,
    StageView,
    cycle,
    cycles,
    line,
    lines,
    lists,
    opened_list,
)
from bangfu.casework.subsidies.views import PAYERS, ActView, CycleView, LineView, ListView, Totals
from bangfu.casework.subsidies.workflow import FORWARD, HOLDS, ORDER, OUTCOMES, RETURN, STATES, State

__all__ = [
    "FORWARD", "HOLDS", "LINE_ACTS", "ORDER", "OUTCOMES", "PAYERS", "RETURN", "STATES", "ActView", "CyclePage",
    "CyclePlan", "CycleView", "LineActView", "LineOpened", "LineView", "LinesPage", "ListOpened", "ListPlan",
    "ListView", "RefusalView", "Regime", "RunView", "StageView", "State", "Stood", "Totals", "act_on_line", "acts_of",
    "at_step", "begin", "compute", "compute_cycle", "content_hash", "cycle", "cycle_of", "cycles", "line", "lines",
    "lines_about", "lines_by_id", "lines_of", "lines_of_household", "lines_of_loan", "list_of", "lists", "lists_of",
    "move", "open_cycle", "opened_list", "plan_cycle", "progress", "regimes", "sums_by",
]  # fmt: skip

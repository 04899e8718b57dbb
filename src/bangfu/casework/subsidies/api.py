"""The subsidy cycle for the rest of the house: opened, computed, compared, reviewed, submitted, confirmed.

A *cycle* (期次) is a county's period. It has one *list* (清册) for each township and branch, which alone goes
through the steps of ``workflow.py``, and *lines* (明细), one a loan, frozen with the hash of what they were
computed from. A list computed again closes its lines and appends new ones; holding, excluding, carrying over
are acts beside a line, and what turns out wrong later is put right by a line of its own in a later list.

Folders above move a list by ``moved_on``, refuse acts on lines by ``guards_lines``, hear of moves by
``after_moves``. Decisions 0062 and 0069 to 0072 say why.
"""

from __future__ import annotations

from bangfu.casework.subsidies.adjusting import GROUNDS
from bangfu.casework.subsidies.checking import CHECKED, SHORT, checks_told
from bangfu.casework.subsidies.claims import (
    Claim,
    ClaimFile,
    claim,
    take_claim_file,
    take_imported_claims,
    try_claim_file,
)
from bangfu.casework.subsidies.colleagues import OwnLine, OwnLines, own_at_review
from bangfu.casework.subsidies.comparing import (
    DIFFERENCES,
    UNEXPLAINED,
    difference_clauses,
    to_explain,
)
from bangfu.casework.subsidies.computing import (
    LEFT_OUT,
    compute,
    compute_cycle,
)
from bangfu.casework.subsidies.county_facts import read_once
from bangfu.casework.subsidies.exports import LINE_KINDS, exported
from bangfu.casework.subsidies.following import current_of
from bangfu.casework.subsidies.freezing import HASHED
from bangfu.casework.subsidies.givers import gives
from bangfu.casework.subsidies.listening import after_moves, guards_lines
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
from bangfu.casework.subsidies.moving import (
    LINE_ACTS,
    STATUSES,
    act_on_line,
    at_step,
    begin,
    desks,
    move,
    open_to,
    this_round,
)
from bangfu.casework.subsidies.opening import CyclePlan, ListPlan, open_cycle, plan_cycle
from bangfu.casework.subsidies.overview import (
    Regime,
    Stood,
    lines_of_household,
    lines_of_loan,
    progress,
    regimes,
    state_of,
)
from bangfu.casework.subsidies.own import not_mine, numbers
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
    runs_of_lines,
)
from bangfu.casework.subsidies.reproducing import Differs, Reproduced, reproduced
from bangfu.casework.subsidies.steps import (
    SIGNED_LIST,
    Signed,
    check_lines,
    confirm,
    keep_signed_list,
    review,
    submit,
    submit_list,
)
from bangfu.casework.subsidies.unopened import period_over
from bangfu.casework.subsidies.views import (
    PAYER_WORDS,
    PAYERS,
    ActView,
    CycleView,
    LineView,
    ListView,
    Totals,
    period_words,
)
from bangfu.casework.subsidies.waiting import LateList, Standing, late_lists, lists_at, offered, whose_step
from bangfu.casework.subsidies.workflow import (
    BEFORE_PAYMENT,
    CHECKS,
    FORWARD,
    HOLDS,
    ORDER,
    OUTCOMES,
    RETURN,
    STATES,
    State,
    last_day_to_post,
)

__all__ = [
    "BEFORE_PAYMENT", "CHECKED", "CHECKS", "DIFFERENCES", "FORWARD", "GROUNDS", "HASHED", "HOLDS", "LEFT_OUT",
    "LINE_ACTS", "LINE_KINDS", "ORDER", "OUTCOMES", "PAYERS", "PAYER_WORDS", "RETURN", "SHORT", "SIGNED_LIST",
    "STATES", "STATUSES", "UNEXPLAINED", "ActView", "Claim", "ClaimFile", "CyclePage", "CyclePlan", "CycleView",
    "Differs", "LateList", "LineActView", "LineOpened", "LineView", "LinesPage", "ListOpened", "ListPlan",
    "ListView", "OwnLine", "OwnLines", "RefusalView", "Regime", "Reproduced", "RunView", "Signed", "StageView",
    "Standing", "State", "Stood", "Totals", "act_on_line", "acts_of", "after_moves", "at_step", "begin",
    "check_lines", "checks_told", "claim", "compute", "compute_cycle", "confirm", "content_hash", "current_of",
    "cycle", "cycle_of", "cycles", "desks", "difference_clauses", "exported", "gives", "guards_lines",
    "keep_signed_list", "last_day_to_post", "late_lists", "line", "lines", "lines_about", "lines_by_id", "lines_of",
    "lines_of_household", "lines_of_loan", "list_of", "lists", "lists_at", "lists_of", "move", "moved_on",
    "not_mine", "numbers", "open_cycle", "open_to", "opened_list", "own_at_review", "period_over", "period_words",
    "plan_cycle", "progress", "read_once", "regimes", "reproduced", "review", "runs_of_lines", "state_of", "submit",
    "submit_list", "sums_by", "take_claim_file", "take_imported_claims", "this_round", "to_explain",
    "try_claim_file", "whose_step",
]  # fmt: skip

moved_on = move  # the folders above move a list under this name
offered()

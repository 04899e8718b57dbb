"""Applications for the rest of the house: from the branch's first draft to the bank's decision, and the filings."""

from __future__ import annotations

from bangfu.casework.origination.application_fields import LABELS, Entered
from bangfu.casework.origination.applications import (
    Saved,
    add_paper,
    open_application,
    save_version,
    submit,
    withdraw,
)
from bangfu.casework.origination.exceptions import ask_exception, decide_exception
from bangfu.casework.origination.exports import exported
from bangfu.casework.origination.filings import (
    CLAUSES as FILING_CLAUSES,
)
from bangfu.casework.origination.filings import (
    KINDS as FILING_KINDS,
)
from bangfu.casework.origination.filings import (
    Due,
    FilingView,
    filings,
    make_filing,
    make_lists,
    still_due,
    townships_of,
)
from bangfu.casework.origination.listing import (
    Filter,
    Found,
    Listed,
    Row,
    applications,
    households_found,
    places_and_branches,
)
from bangfu.casework.origination.notices import blank_form, facts_in_words, filled_form
from bangfu.casework.origination.own import (
    NOT_OWN,
    Declared,
    declare_own_household,
    namesakes_among,
    own_among,
    own_households,
    withdraw_declaration,
)
from bangfu.casework.origination.papers import MARITAL, PAPERS
from bangfu.casework.origination.ratings import GRADES, Rating, rate
from bangfu.casework.origination.reasons import REASONS
from bangfu.casework.origination.reviews import Proposal, Said, review
from bangfu.casework.origination.standing import filed, under_way
from bangfu.casework.origination.views import (
    Approved,
    CaseView,
    application,
    approved,
    household_of,
    loans_to_renew,
)
from bangfu.casework.origination.waiting import offered
from bangfu.casework.origination.workflow import HOLDS, LIVE, OUTCOMES, REVIEWS, STATES, State

__all__ = [
    "FILING_CLAUSES",
    "FILING_KINDS",
    "GRADES",
    "HOLDS",
    "LABELS",
    "LIVE",
    "MARITAL",
    "NOT_OWN",
    "OUTCOMES",
    "PAPERS",
    "REASONS",
    "REVIEWS",
    "STATES",
    "Approved",
    "CaseView",
    "Declared",
    "Due",
    "Entered",
    "FilingView",
    "Filter",
    "Found",
    "Listed",
    "Proposal",
    "Rating",
    "Row",
    "Said",
    "Saved",
    "State",
    "add_paper",
    "application",
    "applications",
    "approved",
    "ask_exception",
    "blank_form",
    "decide_exception",
    "declare_own_household",
    "exported",
    "facts_in_words",
    "filed",
    "filings",
    "filled_form",
    "household_of",
    "households_found",
    "loans_to_renew",
    "make_filing",
    "make_lists",
    "namesakes_among",
    "open_application",
    "own_among",
    "own_households",
    "places_and_branches",
    "rate",
    "review",
    "save_version",
    "still_due",
    "submit",
    "townships_of",
    "under_way",
    "withdraw",
    "withdraw_declaration",
]

offered()

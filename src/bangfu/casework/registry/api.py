"""Places, institutions, households and rosters for the rest of the house."""

from __future__ import annotations

from bangfu.casework.documents.workbooks import Taken
from bangfu.casework.registry.areas import (
    AreaNode,
    AreaView,
    Succession,
    names_of,
    places_of,
    successions,
    successor_of,
    townships,
    tree,
    villages,
)
from bangfu.casework.registry.delivery import (
    Delivery,
    Due,
    acknowledge,
    deliver,
    deliveries,
    due,
    quarter_day,
)
from bangfu.casework.registry.exports import (
    coverage_file,
    households_file,
    institutions_file,
    lead_banks_file,
    roster_file,
)
from bangfu.casework.registry.homes import MERGE, MOVE, SPLIT
from bangfu.casework.registry.household import HouseholdView, household, member_head, reveal_member
from bangfu.casework.registry.households import (
    SIZE,
    HouseholdPage,
    HouseholdRow,
    Wanted,
    balances_of,
    categories_of,
    household_names,
    households,
)
from bangfu.casework.registry.institutions import (
    Branch,
    InstitutionView,
    LeadBankView,
    branch_of,
    institution_names,
    institutions,
    lead_bank_history,
    lead_bank_of,
    lead_banks,
    outlets_in,
)
from bangfu.casework.registry.lead_banks import ASSIGN
from bangfu.casework.registry.lives import BIRTH, CORRECTION, DEATH, ENTERS, LEAVES
from bangfu.casework.registry.pinyin import sorted_as
from bangfu.casework.registry.queue import offered
from bangfu.casework.registry.roster_requests import CORRECT, ENTER, LEAVE
from bangfu.casework.registry.rosters import (
    Coverage,
    Difference,
    RosterCount,
    RosterLine,
    RosterPage,
    counts,
    coverage,
    difference,
    roster,
    townships_led_by,
)
from bangfu.casework.registry.search import Found, is_personal, search
from bangfu.casework.registry.timeline import Happened
from bangfu.casework.registry.villages import MERGE as MERGE_VILLAGES
from bangfu.casework.registry.villages import RENAME
from bangfu.casework.registry.words import CATEGORIES, LEFT_REASONS, RELATIONS

__all__ = [
    "AREA_KINDS", "CATEGORIES", "HOUSEHOLD_KINDS", "LEFT_REASONS", "RELATIONS", "SIZE", "AreaNode", "AreaView",
    "Branch", "Coverage", "Delivery", "Difference", "Due", "Found", "Happened", "HouseholdPage", "HouseholdRow",
    "HouseholdView", "InstitutionView", "LeadBankView", "RosterCount", "RosterLine", "RosterPage", "Succession",
    "Taken", "Wanted", "acknowledge", "balances_of", "branch_of", "categories_of", "counts", "coverage",
    "coverage_file", "deliver", "deliveries", "difference", "due", "household", "household_names", "households",
    "households_file", "institution_names", "institutions", "institutions_file", "is_personal", "lead_bank_history",
    "lead_bank_of", "lead_banks", "lead_banks_file", "member_head", "names_of", "outlets_in", "places_of",
    "quarter_day", "reveal_member", "roster", "roster_file", "search", "sorted_as", "successions", "successor_of",
    "townships", "townships_led_by", "tree", "villages",
]  # fmt: skip

# What may be asked for about a household, in the order it is offered; and about places.
HOUSEHOLD_KINDS = tuple(
    one.code for one in (ENTER, LEAVE, CORRECT, BIRTH, ENTERS, LEAVES, DEATH, CORRECTION, SPLIT, MERGE, MOVE)
)
AREA_KINDS = tuple(one.code for one in (RENAME, MERGE_VILLAGES, ASSIGN))

offered()

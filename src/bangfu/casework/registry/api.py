"""Places, institutions, households and rosters for the rest of the house."""

from __future__ import annotations

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
    InstitutionView,
    LeadBankView,
    institution_names,
    institutions,
    lead_bank_history,
    lead_bank_of,
    lead_banks,
    outlets_in,
)
from bangfu.casework.registry.pinyin import sorted_as

__all__ = [
    "SIZE",
    "AreaNode", "AreaView", "HouseholdPage", "HouseholdRow", "InstitutionView", "LeadBankView", "Succession",
    "Wanted", "balances_of", "categories_of", "household_names", "households", "institution_names", "institutions",
    "lead_bank_history", "lead_bank_of", "lead_banks", "names_of", "outlets_in", "places_of", "sorted_as", "successions",
    "successor_of", "townships", "tree", "villages",
]  # fmt: skip

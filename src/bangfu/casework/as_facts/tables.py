"""Each table of the core as one query, its columns in the core's order; ids of the vault where a value lies there."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["QUERIES", "VAULTED"]

# {stands} is when a row was known; {valid} the day it held; {where} the households or loans asked for.
_LOAN_COLUMNS = (
    "loan_id, household_id, borrower_id_number_id::text, nullif(lender, ''), nullif(branch, ''), nullif(product, ''),"
    " nullif(kind, ''),"
    " nullif(parent_loan_id, ''), nullif(area_code, ''), applied_on, contract_on, matures_on, principal_fen, rate_e8,"
    " nullif(interest_method, ''), nullif(purpose, ''), nullif(guarantee, ''), nullif(funding, ''), subsidy_ceiling_fen"
)
QUERIES: Mapping[str, str] = {
    "households": (
        "select household_id, scope_area, nullif(head_name, ''), labour_count, nullif(poverty_cause, '')"
        " from casework_household"
        " where {stands} and {valid} {where} order by household_id"
    ),
    "members": (
        "select member_id, household_id, nullif(name, ''), id_number_id::text, nullif(relation, ''), labour,"
        " deceased_on from casework_member where {stands} and {valid} {where} order by member_id"
    ),
    "roster": (
        "select household_id, category, lower(valid), upper(valid), nullif(left_reason, '') from casework_roster_entry"
        " where {stands} {where} order by household_id, category, lower(valid)"
    ),
    "loans": (
        f"select {_LOAN_COLUMNS} from casework_loan where {{stands}} and not ordinary {{where}} order by loan_id"
    ),
    "ordinary_loans": (
        f"select {_LOAN_COLUMNS} from casework_loan where {{stands}} and ordinary {{where}} order by loan_id"
    ),
    "events": (
        "select loan_id, \"on\", kind, amount_fen, nullif(value, ''), booked_on from casework_loan_event"
        ' where {booked} {where} order by loan_id, "on", id'
    ),
}
# Columns whose cell is the id of a value in the vault.
VAULTED: Mapping[str, str] = {
    "members": "id_number",
    "loans": "borrower_id_number",
    "ordinary_loans": "borrower_id_number",
    "transfers": "to_account",
}

"""Each table of the core as one query, its columns in the core's order; ids of the vault where a value lies there."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["PAID_SUBSIDIES", "QUERIES", "VAULTED"]

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

# Subsidies as they were paid: what was imported, and what was paid here, net of what came back, one row a loan and
# period. An imported row that stands as the bank's claim of a line that was paid here tells of the same money: it is
# left out, or the days would seem to be subsidised twice. {stands}, {known} (a result's moment) as above.
PAID_SUBSIDIES = """
with outcome as (
  select distinct on (r.item_id) r.item_id, r.outcome, r."on" from casework_payment_result r where {known}
  order by r.item_id, r.number desc
), paid as (
  select l.subsidy_list_id, l.loan_id, l.period, l.scope_area, i.amount_fen, o."on", i.paid_to
  from outcome o join casework_payment_item i on i.id = o.item_id join casework_subsidy_line l on l.id = i.line_id
  where o.outcome = 'paid'
  union all
  select l.subsidy_list_id, l.loan_id, l.period, l.scope_area, -r.amount_fen, null, null
  from casework_recovered r join casework_subsidy_line l on l.id = r.line_id where {known}
), claimed as (
  select distinct c.loan_id, lower(c.period)::text as first_day, upper(c.period)::text as last_end
  from casework_bank_claim c
  where {stands} and c.fact_row_id is not null and exists (select from paid p
    where p.subsidy_list_id = c.subsidy_list_id and p.loan_id = c.loan_id and p."on" is not null)
), net as (
  select loan_id, period, max(scope_area) as scope_area, sum(amount_fen)::bigint as fen, max("on") as "on",
    max(paid_to) as paid_to from paid group by 1, 2 having count("on") > 0 and sum(amount_fen) > 0
)
select row from (
  select f.id, f.row, f.scope_area from casework_fact_row f where {stands} and f.table_name = 'subsidies'
    and not exists (select from claimed c where c.loan_id = f.row->>'loan_id'
      and c.first_day = f.row->>'period_start' and c.last_end = f.row->>'period_end')
  union all
  select null, jsonb_build_object('loan_id', loan_id, 'period_start', lower(period), 'period_end', upper(period),
    'amount_fen', fen, 'paid_on', "on", 'paid_to', paid_to), scope_area from net
) rows where true {where} order by id nulls last, row->>'loan_id', row->>'period_start'
"""

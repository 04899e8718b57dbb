"""What a loan's events come to, as one piece of SQL: for the list as of any day, and kept for today by a trigger.

The meaning is that of ``bangfu.engine.ledger.states``; a test holds the two equal.
"""

from __future__ import annotations

__all__ = ["COMES_TO", "KEPT", "STANDING_COLUMNS"]

STANDING_COLUMNS = (
    "disbursed_on", "disbursed_fen", "balance_fen", "due_on", "extended_times", "recalled_on", "risk_class",
    "settled_on",
)  # fmt: skip

# Of one loan ``l``; {known} says which events count. A conversion without an amount takes the whole balance along.
COMES_TO = """
  select
    min("on") filter (where kind = 'disbursed') as disbursed_on,
    coalesce(sum(amount_fen) filter (where kind = 'disbursed'), 0)::bigint as disbursed_fen,
    coalesce(sum(delta) filter (where whole_on is null or "on" > whole_on), 0)::bigint as balance_fen,
    greatest(l.matures_on, (max(value) filter (where kind = 'extended'))::date) as due_on,
    (count(*) filter (where kind = 'extended'))::int as extended_times,
    min("on") filter (where kind = 'recalled') as recalled_on,
    coalesce(((array_agg(value order by "on" desc, id desc) filter (where kind = 'classified'))[1])::smallint, 1)
      as risk_class,
    case when coalesce(sum(delta) filter (where whole_on is null or "on" > whole_on), 0) = 0
      and coalesce(sum(amount_fen) filter (where kind = 'disbursed'), 0) > 0
      then max("on") filter (where kind in ('disbursed', 'repaid', 'written_off', 'compensated', 'converted')) end
      as settled_on
  from (
    select e.id, e."on", e.kind, e.amount_fen, e.value,
      case when e.kind = 'disbursed' then e.amount_fen
        when e.kind in ('repaid', 'written_off', 'compensated', 'converted') then -e.amount_fen else 0 end as delta,
      min(e."on") filter (where e.kind = 'converted' and e.amount_fen is null) over () as whole_on
    from casework_loan_event e where e.loan_id = l.loan_id and {known}
  ) as booked"""

_COLUMNS = ", ".join(STANDING_COLUMNS)
_AGAIN = ", ".join(
    f"{name} = excluded.{name}"
    for name in (*STANDING_COLUMNS, "scope_area", "institution_id", "household_id")
)
_COUNTED = COMES_TO.format(known="upper_inf(e.recorded)")

# After each statement, whoever wrote it and however (a form, an import by COPY, an undoing): the loans it touched.
KEPT = (
    f"""
    create or replace function bangfu_loan_standing() returns trigger language plpgsql security definer
    set search_path = public as $$
    declare seen text := current_setting('bangfu.everything', true);
    begin
      perform set_config('bangfu.everything', 'on', true);
      delete from casework_loan_standing s using (select distinct loan_id from fresh) f
        where s.loan_id = f.loan_id
          and not exists (select from casework_loan l where l.loan_id = f.loan_id and upper_inf(l.recorded));
      insert into casework_loan_standing (loan_id, scope_area, institution_id, household_id, {_COLUMNS})
        select l.loan_id, l.scope_area, l.institution_id, l.household_id, {_COLUMNS}
        from (select distinct loan_id from fresh) f
        join casework_loan l on l.loan_id = f.loan_id and upper_inf(l.recorded)
        left join lateral ({_COUNTED}) as counted on true
        on conflict (loan_id) do update set {_AGAIN};
      perform set_config('bangfu.everything', coalesce(seen, ''), true);
      return null;
    end $$
    """,
    *(
        statement
        for table in ("casework_loan", "casework_loan_event")
        for moment in ("insert", "update")
        for statement in (
            f"drop trigger if exists bangfu_standing_{moment} on {table}",
            (
                f"create trigger bangfu_standing_{moment} after {moment} on {table} referencing new table as fresh"
                " for each statement execute function bangfu_loan_standing()"
            ),
        )
    ),
)

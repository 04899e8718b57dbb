"""DuckDB in its own language: running balances by window functions, written as its users would.

A household of the portfolio has at most two loans, so the earlier of them has the whole ceiling; the kernel does
not rely on that.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
from benchmarks import job

_WHOLE_PERIODS = """
create macro month_of(x) as year(date '1970-01-01' + x::int) * 12 + month(date '1970-01-01' + x::int);
create macro later(x, months) as
    ((date '1970-01-01' + x::int) + to_months(months::int))::date - date '1970-01-01';
create macro months_from(a, x) as
    month_of(x) - month_of(a) - (later(a, month_of(x) - month_of(a)) > x)::int;
create macro whole_days(a, x) as
    case when x <= a then 0 else 30 * months_from(a, x) + x - later(a, months_from(a, x)) end;
create macro half_up(n, d) as ((2 * n + d) // (2 * d))::bigint;
"""

_LINES = """
create temp table lines as
with alive as (
    select * from loans where contract_on < {end} and matures_on > {start}
),
held as (
    select loan_id, sum(least(room, balance)) as held_fen
    from (
        select a.loan_id, e.loan_id as earlier_id, e.ceiling_fen as room, sum(m.delta_fen) as balance
        from alive a
        join loans e on e.household_id = a.household_id
            and (e.contract_on < a.contract_on or (e.contract_on = a.contract_on and e.loan_id < a.loan_id))
        join moves m on m.loan_id = e.loan_id and m."on" <= a.contract_on
        group by all
        having balance > 0)
    group by loan_id
),
roomed as (
    select a.*, least(a.principal_fen, greatest(a.ceiling_fen - coalesce(h.held_fen, 0), 0)) as fixed_fen
    from alive a left join held h using (loan_id)
),
ledger as (
    select loan_id, "on" as since,
        sum(delta_fen) over (partition by loan_id order by "on") as balance,
        lead("on", 1, {end}) over (partition by loan_id order by "on") as until
    from moves
    where "on" < {end} and loan_id in (select loan_id from alive)
),
runs as (
    select r.*, l.balance, l.since, terms.* exclude (stack_no),
        greatest(l.since, r.contract_on, {start}, segment_from) as opens,
        least(l.until, r.matures_on, {end}, segment_to) as closes
    from roomed r join ledger l using (loan_id) join terms using (stack_no)
),
weighed as (
    select *,
        case when method = 2 then whole_days(contract_on, closes) - whole_days(contract_on, opens)
             else closes - opens end as days,
        {rates}
    from runs where opens < closes
),
summed as (
    select loan_id, household_id, area_code, fixed_fen,
        coalesce(sum(balance) filter (since <= {start} and opens = {start}), 0)::bigint as opening_fen,
        sum(balance * days * (rate_e8 // 100))::bigint as interest_n,
        {numerators}
    from weighed group by all
)
select loan_id, household_id, area_code, opening_fen, fixed_fen, half_up(interest_n, 360000000) as interest_fen,
    {amounts}, {together} as subsidy_fen, interest_fen - subsidy_fen as borrower_fen
from summed;
"""


def _lines() -> str:
    rate = "least(rate_e8 * {0}_share_percent // 100 + {0}_points_e8, {0}_max_e8) as {0}_rate"
    numerator = "sum(least(fixed_fen, balance) * days * {0}_rate)::bigint as {0}_n"
    amount = "half_up({0}_n, 36000000000) as {0}_fen"
    each = {
        name: ",\n        ".join(text.format(payer) for payer in job.PAYERS)
        for name, text in (("rates", rate), ("numerators", numerator), ("amounts", amount))
    }
    together = " + ".join(f"{payer}_fen" for payer in job.PAYERS)
    return _LINES.format(start=job.START, end=job.END, together=together, **each)


def run(folder: Path, out: Path) -> None:
    """The quarter as one statement, then the totals."""
    base = duckdb.connect()
    base.execute(f"set threads = 2; set temp_directory = '{out / 'spill'}'")
    base.register("terms", job.segments().to_arrow())
    base.execute(f"create view loans as from '{job.loans_of(folder)}'")
    base.execute(f"create view moves as from '{job.moves_of(folder)}'")
    base.execute(_WHOLE_PERIODS)
    base.execute(_lines())
    base.execute(f"copy lines to '{job.lines_file(out)}' (format parquet, compression zstd)")
    base.execute(f"""
        copy (select area_code // {job.TOWNSHIP} as township, count(*) as loans,
                     {", ".join(f"sum({name})::bigint as {name}" for name in job.AMOUNTS)}
              from lines group by all)
        to '{job.townships_file(out)}' (format parquet)""")
    base.close()

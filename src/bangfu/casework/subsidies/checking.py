"""What the computer verifies of each line before the township does: identity, amount, right, overlap (LD2021-6).

Nothing is judged anew: the core's own check decides, as on the day each loan was signed; here its findings are sorted
under what the township has to confirm.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import polars as pl
from django.db import connection

from bangfu.casework.as_facts.api import facts_of_county
from bangfu.casework.as_facts.book import site_book
from bangfu.casework.database.session import widened
from bangfu.casework.personal_data import api as personal_data
from bangfu.casework.subsidies.county_facts import CountyFacts
from bangfu.casework.words import Words
from bangfu.engine.check import CheckResult, check
from bangfu.engine.cycle import of_households
from bangfu.engine.identities import person_key
from bangfu.engine.ruled import ruled
from bangfu.facts import Facts
from bangfu.rules.overlap.rule import RULE as OVERLAP

__all__ = ["CHECKED", "SHORT", "checked", "checks_told"]

IDENTITY, AMOUNT, RIGHT, OTHER = "identity", "amount", "right", "overlap"
PASSED, FAILED, NOT_RUN, FLAGGED = "passed", "failed", "not_run", "flagged"
CHECKED: Mapping[str, Words] = {
    IDENTITY: Words("农户身份", "identity"),
    AMOUNT: Words("贴息金额", "amount"),
    RIGHT: Words("是否符合贴息政策", "right to the subsidy"),
    OTHER: Words("与其他贴息是否重叠", "overlap with other subsidies"),
}
# Where there is little room: what is checked, in a word.
SHORT: Mapping[str, Words] = {
    IDENTITY: Words("身份", "identity"),
    AMOUNT: Words("金额", "amount"),
    RIGHT: Words("资格", "right"),
    OTHER: Words("重叠", "overlap"),
}
# What a check may come to beside ``passed``, the gravest first. What is flagged stands against nobody: somebody is to
# know of it (CN2026-1.6d).
_TO_TELL: Mapping[str, Words] = {
    FAILED: Words("不符", "failed"),
    NOT_RUN: Words("未核", "not run"),
    FLAGGED: Words("提示统筹", "to coordinate"),
}
_TABLES = ("members", "roster", "ordinary_loans", "transfers", "other_subsidies")
_OF_IDENTITY = frozenset(
    {
        "not_on_roster",
        "wrongly_listed",
        "category_not_admitted",
        "borrower_not_in_household",
        "duplicate_identity",
    }
)
# What the core could not judge for want of a rate, a term or a calendar: nothing is known against the household.
_NOT_JUDGED = frozenset(
    {"rate_series_too_old", "term_not_set", "calendar_not_published", "subsidy_undetermined"}
)
_OF_BREAKER = frozenset({"lent_while_suspended"})  # the bank's matter, not the household's
_ORDERED = {"identity": ("LD2021-6",), "duplicate": ("HLJ2019-1", "LD2021-3.4"), "overlap": ("CN2026-1.6d",)}
_OPEN = frozenset({"borrower", "household_id", "id_number"})  # facts that name people stay where they are
_TERM, _FLAG = "subsidy.overlap", "flag"
# The borrowers' and the members' places in the vault, and which of these hold one and the same number, by the blind
# index: so nearly no number is opened.
_BORROWERS = (
    "select loan_id, household_id, borrower_id_number_id::text from casework_loan where recorded @> %s::timestamptz"
    " and not ordinary and borrower_id_number_id is not null"
    " and case when area_code = '' then scope_area else area_code end like %s"
)
_MEMBERS = (
    "select household_id, id_number_id::text from casework_member where recorded @> %s::timestamptz"
    " and valid @> %s::date and id_number_id is not null"
)
_SHARED = (
    "select d.id::text, encode(d.blind_index, 'hex') from casework_personal_datum d join (select blind_index"
    " from casework_personal_datum where field = 'id_number' group by 1 having count(*) > 1) same"
    " on same.blind_index = d.blind_index where d.field = 'id_number'"
)


def checked(lines: pl.DataFrame, *, known: CountyFacts) -> pl.DataFrame:
    """Lines with ``checks``: of each regular line four outcomes with clauses and facts.

    An outcome is passed, failed, not_run or flagged. A line whose check fails stands nevertheless: the township
    excludes or holds it. An overlap is flagged for finance to coordinate (CN2026-1.6d), and fails only where the
    policy refuses it; its facts say how it is to be treated.
    """
    regular = lines.filter(pl.col("kind") == "regular")
    if regular.is_empty():
        return lines
    facts = _facts(regular, known)
    result = check(facts, site_book(), on=known.on)
    told = _by_loan(result)
    people = _people(regular["loan_id"].to_list(), known)
    beside = _overlaps(regular, facts, result)
    has_roster = not facts.roster.is_empty()
    columns = ("loan_id", "clauses", "difference", "claimed_fen", "subsidy_fen")
    rows = [
        (
            loan,
            _json(
                [
                    _identity(told.get(loan, ()), people.get(loan), has_roster=has_roster),
                    _amount(clauses, difference, claimed, due),
                    _right(told.get(loan, ())),
                    beside.get(loan, _plain(OTHER)),
                ]
            ),
        )
        for loan, clauses, difference, claimed, due in regular.select(columns).rows()
    ]
    schema = {"loan_id": pl.String, "_checks": pl.String}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    joined = lines.join(frame, on="loan_id", how="left", maintain_order="left")
    mine = (pl.col("kind") == "regular") & pl.col("_checks").is_not_null()
    return joined.with_columns(pl.when(mine).then("_checks").otherwise("checks").alias("checks")).drop(
        "_checks"
    )


def _facts(lines: pl.DataFrame, known: CountyFacts) -> Facts:
    """The households of the lines, with what the core's check reads; no number is opened."""
    more = facts_of_county(known.county, on=known.on, known_at=known.known_at, only=_TABLES)
    whole = Facts({**more.tables, **{name: known.facts.tables[name] for name in ("households", "loans", "events")}},
                  missing=more.missing - {"households", "loans", "events"})  # fmt: skip
    return of_households(whole, lines["household_id"].unique())


def _by_loan(result: CheckResult) -> dict[str, list[dict[str, Any]]]:
    """The findings of the check: loan → code, clauses, facts, whether it stands in principle only, when it arose."""
    out: dict[str, list[dict[str, Any]]] = {}
    for row in result.refusals.filter(pl.col("table") == "loans").iter_rows(named=True):
        facts = {name: value for name, value in json.loads(row["facts"]).items() if name not in _OPEN}
        out.setdefault(row["id"], []).append({**row, "facts": facts})
    return out


def _people(loans: Sequence[str], known: CountyFacts) -> dict[str, tuple[bool, int]]:
    """Loan → whether the borrower is a member at home, and in how many other households they are one."""
    with widened():
        asked = _frame(_BORROWERS, [known.known_at, f"{known.county}%"], ("loan_id", "household_id", "datum"))
        asked = asked.filter(pl.col("loan_id").is_in(list(loans)))
        members = _frame(_MEMBERS, [known.known_at, known.on], ("home", "datum"))
        shared = _frame(_SHARED, [], ("datum", "number"))
        number = pl.coalesce("number", "datum").alias("number")
        asked = asked.join(shared, on="datum", how="left").with_columns(number)
        members = members.join(shared, on="datum", how="left").with_columns(number)
        met = asked.join(members.select("home", "number"), on="number", how="left")
        at_home = pl.col("home") == pl.col("household_id")
        told = met.group_by("loan_id").agg(
            at_home.fill_null(value=False).any().alias("found"),
            pl.col("home").filter(~at_home).n_unique().alias("others"),
        )
        strangers = asked.join(told.filter(~pl.col("found")), on="loan_id")
        known_after_all = _by_old_form(strangers, members)
    return {
        loan: (found or loan in known_after_all, others)
        for loan, found, others in told.sort("loan_id").rows()
    }


def _by_old_form(strangers: pl.DataFrame, members: pl.DataFrame) -> set[str]:
    """Of the few whose number is no member's as it is written: those who are one in the old form of 15 digits."""
    if strangers.is_empty():
        return set()
    homes = members.join(
        strangers.select(pl.col("household_id").alias("home")).unique(), on="home", how="semi"
    )
    ids = {UUID(one) for one in (*strangers["datum"], *homes["datum"])}
    opened = {str(one): value for one, value in personal_data.opened_of(ids).items()}
    numbers = pl.col("datum").replace_strict(opened, default=None, return_dtype=pl.String)
    theirs = strangers.select(
        "loan_id", pl.col("household_id").alias("home"), person_key(numbers).alias("person")
    )
    found = theirs.join(homes.select("home", person_key(numbers).alias("person")), on=["home", "person"])
    return set(found["loan_id"])


def _frame(text: str, given: Sequence[Any], names: Sequence[str]) -> pl.DataFrame:
    with connection.cursor() as cursor:
        cursor.execute(text, list(given))
        return pl.DataFrame(cursor.fetchall(), schema=dict.fromkeys(names, pl.String), orient="row")


def _identity(
    found: Sequence[Mapping[str, Any]], person: tuple[bool, int] | None, *, has_roster: bool
) -> dict[str, Any]:
    """A borrower of a household that stood on the roster on the signing day, who is nobody else's member."""
    against = [_finding(one) for one in found if one["code"] in _OF_IDENTITY]
    if person is not None and not person[0]:
        against.append({"code": "borrower_not_in_household", "clauses": list(_ORDERED["identity"])})
    if person is not None and person[1]:
        told = {"code": "duplicate_identity", "clauses": list(_ORDERED["duplicate"])}
        against.append({**told, "other_households": person[1]})
    missing = ([] if person is not None else ["id_number"]) + ([] if has_roster else ["roster"])
    return _outcome(IDENTITY, against, missing, _ORDERED["identity"])


def _amount(clauses: Sequence[str], difference: str, claimed: int | None, due: int) -> dict[str, Any]:
    """The amount is the core's own; the bank's figure agrees, or something explains the difference."""
    facts: dict[str, Any] = {"due_fen": due}
    if claimed is not None:
        facts |= {"claimed_fen": claimed, "difference": difference}
    failed = difference == "unexplained"
    return {"code": AMOUNT, "outcome": FAILED if failed else PASSED, "clauses": list(clauses), "facts": facts}


def _right(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What else the core's check has against the loan; a limit in principle is told: an exception may stand."""
    others = [one for one in found if one["code"] not in _OF_IDENTITY | _OF_BREAKER]
    open_ = [_finding(one) for one in others if one["code"] in _NOT_JUDGED]
    others = [one for one in others if one["code"] not in _NOT_JUDGED]
    hard = [_finding(one) for one in others if not one["in_principle"]]
    made = _outcome(RIGHT, hard, [], _ORDERED["identity"])
    if open_:
        made |= {
            "outcome": made["outcome"] if hard else NOT_RUN,
            "facts": {**made["facts"], "not_judged": open_},
        }
    soft = [_finding(one) for one in others if one["in_principle"]]
    if soft:
        made["facts"] = {**made["facts"], "in_principle": soft}
    return made


def _finding(one: Mapping[str, Any]) -> dict[str, Any]:
    return {"code": one["code"], "clauses": list(one["clauses"]), "arose": one["arose"], **one["facts"]}


def _outcome(
    code: str, against: list[dict[str, Any]], missing: list[str], clauses: Sequence[str]
) -> dict[str, Any]:
    cited = dict.fromkeys(clause for one in against for clause in one["clauses"]) or dict.fromkeys(clauses)
    facts: dict[str, Any] = {"found": against} if against else {}
    if missing:
        facts["missing"] = missing
    outcome = FAILED if against else NOT_RUN if missing else PASSED
    return {"code": code, "outcome": outcome, "clauses": list(cited), "facts": facts}


def _plain(code: str) -> dict[str, Any]:
    return {"code": code, "outcome": PASSED, "clauses": list(_ORDERED["overlap"]), "facts": {}}


def _overlaps(lines: pl.DataFrame, facts: Facts, result: CheckResult) -> dict[str, dict[str, Any]]:
    """Lines whose days another fiscal subsidy covers too, with how the policy wants it treated."""
    other = facts.other_subsidies.select(
        "loan_id", "programme", pl.col("period_start").alias("other_start"),
        pl.col("period_end").alias("other_end"), pl.col("amount_fen").alias("other_fen"),
    )  # fmt: skip
    mine = lines.select("loan_id", pl.col("start").alias("period_start"), pl.col("end").alias("period_end"))
    pairs = other.join(mine, on="loan_id")
    if pairs.is_empty():
        return {}
    met = ruled(pairs, OVERLAP).filter("subsidised_twice").sort("loan_id", "other_start", "programme")
    stacks = dict(result.decisions.select("loan_id", "stack_no").rows())
    out: dict[str, dict[str, Any]] = {}
    for row in met.iter_rows(named=True):
        stack_no = stacks.get(row["loan_id"])
        term = None if stack_no is None else result.stacks[stack_no].look(_TERM, row["period_start"])
        treatment = _FLAG if term is None or term.undetermined else term.code
        told = out.setdefault(
            row["loan_id"],
            {
                "code": OTHER,
                "outcome": FLAGGED if treatment == _FLAG else FAILED,
                "clauses": list(term.clauses) if term else list(_ORDERED["overlap"]),
                "facts": {"treatment": treatment, "other": []},
            },
        )
        told["facts"]["other"].append(
            {
                "programme": row["programme"],
                "from": row["overlap_from"].isoformat(),
                "to": row["overlap_to"].isoformat(),
                "overlap_fen": row["overlap_fen"],
            }
        )
    return out


def checks_told(checks: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, Words], ...]:
    """What the computer's checks of a line came to, each outcome with what it is of; none where there were none."""
    told = []
    for outcome, words in _TO_TELL.items():
        names = [SHORT[one["code"]] for one in checks if one["outcome"] == outcome]
        if names:
            zh, en = "、".join(one.zh for one in names), ", ".join(one.en for one in names)
            told.append((outcome, Words(f"{words.zh}：{zh}", f"{words.en}: {en}")))
    return tuple(told) if told or not checks else ((PASSED, Words("全部相符", "all passed")),)


def _json(told: list[dict[str, Any]]) -> str:
    return json.dumps(told, ensure_ascii=False, sort_keys=True)

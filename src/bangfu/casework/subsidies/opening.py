"""Opening a cycle: its days as the policies of its loans set them, its lists one a township and branch."""

from __future__ import annotations

import calendar
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.people import api as people
from bangfu.casework.registry.api import institution_names, names_of
from bangfu.casework.subsidies.county_facts import CountyFacts, county_facts, cycle_due
from bangfu.casework.subsidies.lists import cycle_of
from bangfu.casework.subsidies.models import SubsidyCycle, SubsidyList
from bangfu.casework.subsidies.moving import begin
from bangfu.casework.subsidies.views import CycleView
from bangfu.casework.subsidies.workflow import LIST
from bangfu.engine.cycle import RHYTHMS, CycleDue
from bangfu.money.days import add_months_clamped
from bangfu.policy import Stack

__all__ = ["CyclePlan", "ListPlan", "made_lists", "open_cycle", "plan_cycle"]

TERMS = (
    "subsidy.rhythm", "subsidy.list_due", "subsidy.payment_months", "subsidy.submit_day", "notice.days",
    "subsidy.collect_first",
)  # fmt: skip
_LONGEST = 500


@dataclass(frozen=True)
class ListPlan:
    """A list a cycle will have.

    Attributes:
        township: 9-digit code.
        township_name: In words.
        institution_id: The branch.
        bank_name: Its name.
        loans: How many lines it would have.
        subsidy_fen: What they come to.
    """

    township: str
    township_name: str
    institution_id: str
    bank_name: str
    loans: int
    subsidy_fen: int


@dataclass(frozen=True)
class CyclePlan:
    """What opening a cycle would make.

    Attributes:
        county: 6-digit code.
        rhythm: quarter, year or at_repayment.
        start: First day.
        end: Exclusive end.
        payment_month: First day of the month of payment.
        list_due_on: By when branches give their lists; None where no clause says.
        submit_due_on: By when townships submit.
        notice_days: Full days of public notice.
        deadlines: Of each term its value, clauses, document, or that nothing sets it, and for how many loans.
        lists: One a township and branch.
        without_branch: Loans whose branch the registry does not know: they stand on no line, by name.
        other_rhythm: Loans whose policy has another rhythm.
        exists: A cycle of this rhythm shares days with it already.
    """

    county: str
    rhythm: str
    start: date
    end: date
    payment_month: date
    list_due_on: date | None
    submit_due_on: date | None
    notice_days: int | None
    deadlines: Mapping[str, Any]
    lists: tuple[ListPlan, ...]
    without_branch: int
    other_rhythm: int
    exists: bool


def plan_cycle(
    *,
    actor: Actor,
    county: str,
    rhythm: str,
    start: date,
    end: date,
    payment_month: date | None = None,
    known_at: datetime | None = None,
) -> CyclePlan:
    """What opening a cycle would make: its days with their clauses, its lists; nothing is written.

    Args:
        actor: The county bureau.
        county: 6-digit code.
        rhythm: quarter, year or at_repayment.
        start: First day.
        end: The day after the last one.
        payment_month: Any day of the month of payment; where no document sets the months, whoever opens the cycle
            says it, by default the month after the period's last day.
        known_at: The moment in the database; now where it is left out.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``bad_field`` at rhythm, end or payment_month.
    """
    people.require(actor, "cycle.open")
    if not actor.scope.covers(county):
        raise Refused("not_in_scope")
    if rhythm not in RHYTHMS:
        raise Refused("bad_field", field="rhythm")
    if end <= start:
        raise Refused("bad_field", field="end")
    known = county_facts(county, on=actor.on, known_at=known_at or actor.now)
    due = cycle_due(known, rhythm=rhythm, start=start, end=end)
    terms = _terms(due, on=end - timedelta(days=1))
    month = _payment_month(terms, payment_month, end)
    terms["subsidy.payment_months"] |= {
        "chosen": month.isoformat(),
        "by": "document" if _set(terms) else "local",
    }
    placed = _placed(due, known)
    return CyclePlan(
        county=county, rhythm=rhythm, start=start, end=end, payment_month=month,
        list_due_on=month - timedelta(days=1) if "value" in terms["subsidy.list_due"] else None,
        submit_due_on=_day_of(month, terms["subsidy.submit_day"].get("value")),
        notice_days=terms["notice.days"].get("value"), deadlines=terms, lists=_planned(placed, on=actor.on),
        without_branch=placed.filter(pl.col("institution_id").is_null()).height,
        other_rhythm=due.left_out.filter(pl.col("code") == "other_rhythm").height,
        exists=SubsidyCycle.objects.filter(
            county=county, rhythm=rhythm, period__overlap=DateRange(start, end)
        ).exists(),
    )  # fmt: skip


def open_cycle(
    *,
    actor: Actor,
    county: str,
    rhythm: str,
    start: date,
    end: date,
    payment_month: date | None = None,
    why: str = "",
    known_at: datetime | None = None,
) -> CycleView:
    """Open a cycle as ``plan_cycle`` lays it out, with its lists at the branch's step.

    Raises:
        Refused: As ``plan_cycle``; ``cycle_exists`` where one of the rhythm shares days with it.
    """
    plan = plan_cycle(
        actor=actor, county=county, rhythm=rhythm, start=start, end=end, payment_month=payment_month,
        known_at=known_at,
    )  # fmt: skip
    if plan.exists:
        raise Refused("cycle_exists")
    row = SubsidyCycle(
        id=uuid.uuid4(), county=county, rhythm=rhythm, period=DateRange(start, end),
        payment_month=plan.payment_month, list_due_on=plan.list_due_on, submit_due_on=plan.submit_due_on,
        notice_days=plan.notice_days, deadlines=dict(plan.deadlines), opened_by=actor.account_id,
        opened_name=actor.name, opened_at=actor.now, why=" ".join(why.split())[:_LONGEST],
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Refused("cycle_exists") from None
    view = cycle_of(row.pk, on=actor.on)
    made_lists(actor=actor, cycle=view, pairs=[(one.township, one.institution_id) for one in plan.lists])
    clauses = {cited for told in plan.deadlines.values() for cited in told.get("clauses", ())}
    trail.record(
        actor=actor, act="cycle.opened", subject=("cycle", row.pk), scope_area=county, why=row.why,
        basis=tuple(sorted(clauses)),
        after={"from": start.isoformat(), "until": end.isoformat(), "rhythm": rhythm, "lists": len(plan.lists)},
    )  # fmt: skip
    return view


def made_lists(
    *, actor: Actor, cycle: CycleView, pairs: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], uuid.UUID]:
    """The lists of townships and branches in a cycle; those that are missing are made, at the branch's step."""
    found = {
        (one.township, str(one.institution_id)): one.pk
        for one in SubsidyList.objects.filter(cycle_id=cycle.id)
    }
    for township, institution in sorted(set(pairs) - set(found)):
        row = SubsidyList.objects.create(
            id=uuid.uuid4(), cycle_id=cycle.id, township=township, opened_at=actor.now,
            scope_area=township, institution_id=institution,
        )  # fmt: skip
        begin(
            list_id=row.pk, cycle=cycle, number=1, state=LIST, actor=actor, scope_area=township,
            institution_id=institution,
        )  # fmt: skip
        found[township, institution] = row.pk
    return found


def _placed(due: CycleDue, known: CountyFacts) -> pl.DataFrame:
    return due.lines.select("loan_id", "subsidy_fen").join(known.loans, on="loan_id")


def _planned(placed: pl.DataFrame, *, on: date) -> tuple[ListPlan, ...]:
    """One a township and branch, in their order."""
    sums = (
        placed.filter(pl.col("institution_id").is_not_null())
        .group_by("township", "institution_id")
        .agg(pl.len().alias("loans"), pl.col("subsidy_fen").sum())
        .sort("township", "institution_id")
    )
    places = names_of(sums["township"].to_list(), on=on)
    banks = institution_names(sums["institution_id"].to_list(), on=on)
    return tuple(
        ListPlan(township, places.get(township, township), bank, banks.get(bank, bank), loans, fen)
        for township, bank, loans, fen in sums.rows()
    )


def _terms(due: CycleDue, *, on: date) -> dict[str, dict[str, Any]]:
    """What the policies of the cycle's loans say of its days.

    Where they differ the strictest holds for all: the longest notice, the earliest day; the others are kept beside it.
    """
    loans = due.lines.group_by("policy").len().rows()
    by_id = {stack.id: stack for stack in due.result.prepared.stacked.stacks}
    out: dict[str, dict[str, Any]] = {}
    for name in TERMS:
        said: dict[str, dict[str, Any]] = {}
        silent = 0
        for policy, count in loans:
            told = _said(by_id[policy.split("; ")[-1]], name, on)
            if told is None:
                silent += count
                continue
            key = f"{told['document']} {told.get('value')}"
            said[key] = {**told, "loans": said.get(key, {"loans": 0})["loans"] + count}
        ranked = sorted(said.values(), key=lambda one: _strictness(name, one))
        first = ranked[0] if ranked else {"not_regulated": True}
        out[name] = {**first, "silent_loans": silent, "others": ranked[1:]}
    return out


def _said(stack: Stack, name: str, on: date) -> dict[str, Any] | None:
    term = stack.look(name, on)
    if term is None:
        return None
    told: dict[str, Any] = {"clauses": list(term.clauses), "document": term.document}
    return told | ({"undetermined": True} if term.undetermined else {"value": term.shown})


def _strictness(name: str, told: Mapping[str, Any]) -> tuple[bool, Any, str]:
    """Set before undetermined; the longer notice, else the earlier or lesser value."""
    value = told.get("value")
    if name == "notice.days" and isinstance(value, int):
        value = -value
    return value is None, str(value) if not isinstance(value, int) else value, told["document"]


def _set(terms: Mapping[str, Mapping[str, Any]]) -> bool:
    return "value" in terms["subsidy.payment_months"]


def _payment_month(terms: Mapping[str, Mapping[str, Any]], asked: date | None, end: date) -> date:
    """The first day of the month of payment: as the document sets it, as asked, or the month after the last day."""
    following = add_months_clamped((end - timedelta(days=1)).replace(day=1), 1)
    if not _set(terms):
        return asked.replace(day=1) if asked else following
    months = terms["subsidy.payment_months"]["value"]
    if asked is not None:
        if asked.month not in months:
            raise Refused(
                "bad_field", field="payment_month", clauses=tuple(terms["subsidy.payment_months"]["clauses"])
            )
        return asked.replace(day=1)
    while following.month not in months:
        following = add_months_clamped(following, 1)
    return following


def _day_of(month: date, day: int | None) -> date | None:
    if day is None:
        return None
    return month.replace(day=min(day, calendar.monthrange(month.year, month.month)[1]))

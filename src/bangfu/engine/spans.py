"""The normal time of loans that were extended, recalled or re-rated: spans with their rate and their policy.

Normal interest stops at maturity, as extended, or on the day the bank recalls the loan (docs/decisions/0036). An
extension granted after the old maturity leaves the days between overdue. An extension keeps the loan's stack; one
granted when the policy gives it its own terms takes those from the old maturity on (decision 18).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from bangfu.engine.batch import DETERMINED, UNDETERMINED
from bangfu.engine.stacks import PLACE_DIGITS, SAID, StackedLoans
from bangfu.money.days import day_number
from bangfu.refusals import Refusal

CHANGING = ("extended", "recalled", "rate_changed")
REFUSED = SAID | {"refused_from": pl.Int64(), "refused_to": pl.Int64()}
SPAN = ("loan_id", "span_from", "span_to", "rate_e8", "stack_no", "span_state")


@dataclass(frozen=True)
class Spans:
    """What the ledger says of normal time.

    spans: loan_id (the dense loan_no), span_from, span_to, rate_e8, stack_no, span_state; only of loans whose time
        an event changed, the others have [disbursed_on, matures_on).
    loans: The loans given, with maturity_on.
    until: loan_id, subsidised_until: old maturities of loans whose terms do not subsidise an extension.
    refusals: loan_id, code, clauses, facts, refused_from, refused_to: the days of extensions that no clause gives
        terms, or none says are subsidised.
    """

    spans: pl.DataFrame
    loans: pl.DataFrame
    until: pl.DataFrame
    refusals: pl.DataFrame


def spans_of(loans: pl.DataFrame, events: pl.DataFrame, stacked: StackedLoans) -> Spans:
    """The spans of the loans whose events (those before the period's end) change their normal time."""
    changed = events.filter(pl.col("kind").is_in(CHANGING)).sort("loan_id", "on", maintain_order=True)
    longest = changed.group_by("loan_id").agg(pl.col("value_on").max().alias("_longest"))
    loans = loans.join(longest, on="loan_id", how="left", maintain_order="left")
    loans = loans.with_columns(pl.max_horizontal("matures_on", "_longest").alias("maturity_on")).drop(
        "_longest"
    )
    touched = loans.filter(pl.col("stack_no").is_not_null()).join(
        changed.select("loan_id").unique(), on="loan_id", how="semi"
    )
    made = _Made()
    if touched.height:
        touched = stacked.attach(touched, ["rate.fixed_in_contract"], on="contract_on")
        mine = changed.join(touched.select("loan_id"), on="loan_id", how="semi")
        by_loan = mine.partition_by("loan_id", as_dict=True, include_key=False)
        for row in touched.iter_rows(named=True):
            made.add(row, by_loan[(row["loan_id"],)].to_dicts(), stacked)
    return Spans(
        spans=pl.DataFrame(made.spans, schema=dict.fromkeys(SPAN, pl.Int64), orient="row"),
        loans=loans,
        until=pl.DataFrame(made.until, schema={"loan_id": pl.String, "ends_on": pl.Int64}, orient="row"),
        refusals=pl.DataFrame(made.refusals, schema=REFUSED, orient="row"),
    )


class _Made:
    """Collects spans loan by loan; extended loans are few."""

    def __init__(self) -> None:
        self.spans: list[tuple[int, ...]] = []
        self.until: list[tuple[str, int]] = []
        self.refusals: list[tuple[str, str, list[str], str, int, int]] = []

    def add(self, loan: dict[str, Any], events: list[dict[str, Any]], stacked: StackedLoans) -> None:
        """One loan's spans: normal time first, then cut at changes of the rate."""
        times = [(loan["disbursed_on"], loan["matures_on"], loan["stack_no"], DETERMINED)]
        had_before = loan["kind"] == "renewal"
        recalled = min((event["on"] for event in events if event["kind"] == "recalled"), default=date.max)
        for event in events:
            if event["kind"] == "extended":
                old = times[-1][1]
                opens, closes = max(old, event["on"]), event["value_on"]
                stack_no, refusal = self._extended(loan, event["on"], old, stacked, had_before=had_before)
                times.append((opens, closes, stack_no, UNDETERMINED if refusal else DETERMINED))
                had_before = True
                if refusal and opens < min(closes, recalled):
                    self._refuse(loan, refusal, opens, min(closes, recalled))
        changes = [] if loan["rate_fixed_in_contract"] else [
            (event["on"], event["value_rate_e8"]) for event in events if event["kind"] == "rate_changed"
        ]  # fmt: skip
        for opens, closes, stack_no, state in times:
            self._cut(loan, opens, min(closes, recalled), stack_no, state, changes)

    def _cut(
        self,
        loan: dict[str, Any],
        opens: date,
        closes: date,
        stack_no: int,
        state: int,
        changes: list[tuple[date, int]],
    ) -> None:
        days = sorted({opens, *(on for on, _ in changes if opens < on < closes)})
        for start, end in zip(days, [*days[1:], closes], strict=True):
            rate = max(
                (change for change in changes if change[0] <= start), default=(start, loan["rate_e8"])
            )[1]
            if end > start:
                row = (loan["loan_no"], day_number(start), day_number(end), rate, stack_no, state)
                self.spans.append(row)

    def _extended(
        self, loan: dict[str, Any], on: date, old_maturity: date, stacked: StackedLoans, *, had_before: bool
    ) -> tuple[int, Refusal | None]:
        """The stack of an extension granted on a day, and why its subsidy is undetermined, if it is."""
        found = stacked.follow(
            loan["stack_no"], place=loan["area_code"][:PLACE_DIGITS], on=on, had_before=had_before
        )
        if isinstance(found, Refusal):
            return loan["stack_no"], found
        covers = stacked.stacks[found].look("subsidy.covers_extension", on)
        if covers is None:  # the policy in force when it was granted may keep all terms (CN2021-2.2)
            governing = stacked.assigner.governing(loan["area_code"][:PLACE_DIGITS], on)
            covers = governing.look("subsidy.covers_extension", on) if governing else None
        if covers is None or covers.undetermined:
            facts = {"term": "subsidy.covers_extension", "extended_on": on.isoformat()}
            return found, Refusal("subsidy_undetermined", covers.clauses if covers else (), dict(facts))
        if not covers.boolean:
            self.until.append((loan["loan_id"], day_number(old_maturity)))
        return found, None

    def _refuse(self, loan: dict[str, Any], refusal: Refusal, opens: date, closes: date) -> None:
        told = json.dumps(dict(refusal.facts), ensure_ascii=False)
        days = (day_number(opens), day_number(closes))
        self.refusals.append((loan["loan_id"], refusal.code, list(refusal.clauses), told, *days))

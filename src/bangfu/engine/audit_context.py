"""What every check of an audit looks at: the facts up to a day, the policy, each loan's stack and its state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import polars as pl

from bangfu.engine.identities import person_key
from bangfu.engine.ledger import extensions, states
from bangfu.engine.ratio_moves import ratio_moves
from bangfu.engine.stacks import StackedLoans, assign_stacks, column_of
from bangfu.facts import Facts
from bangfu.policy import PolicyBook, Value

# The day on which each table's row had happened; what happened after the day of the audit is not looked at.
_HAPPENED = {
    "events": "on",
    "transfers": "on",
    "insurance_events": "on",
    "fund": "on",
    "roster": "listed_on",
    "loans": "contract_on",
    "ordinary_loans": "contract_on",
    "insurance": "from_on",
    "lenders": "from_on",
    "subsidies": "period_end",  # a claim for days that are not over yet cannot be judged
    "other_subsidies": "period_start",
}
# Where a stack is silent, the inspection that ordered the check says what it is measured by.
INSPECTION = "HLJ2019"
COUNTY_DIGITS, TOWNSHIP_DIGITS, VILLAGE_DIGITS = 6, 9, 12


@dataclass(frozen=True)
class AuditContext:
    """The input of every detector.

    Attributes:
        facts: All tables, without what happened after ``as_of``; applications not yet signed are left out.
        book: The packs.
        as_of: The day of the audit; a state is that at its end.
        stacked: The loans pinned to their stacks.
        states: Each loan at the end of the day (``bangfu.engine.ledger.states``), with stack_no.
    """

    facts: Facts
    book: PolicyBook
    as_of: date
    stacked: StackedLoans
    states: pl.DataFrame
    _remembered: dict[str, pl.DataFrame] = field(default_factory=dict, repr=False, compare=False)

    @property
    def today(self) -> pl.Expr:
        """The day of the audit as a column."""
        return pl.lit(self.as_of, pl.Date)

    def with_terms(self, frame: pl.DataFrame, *terms: str, on: str) -> pl.DataFrame:
        """Add terms of each row's stack on the day in a column (``StackedLoans.attach``); ``frame`` has loan_id."""
        if "stack_no" not in frame.columns:
            frame = frame.join(self.states.select("loan_id", "stack_no"), on="loan_id", how="left")
        return self.stacked.attach(frame, terms, on=on)

    def with_standard(self, frame: pl.DataFrame, term: str, *, on: str) -> pl.DataFrame:
        """As ``with_terms``; where the stack is silent, the value and clause of the inspection's own document.

        The inspection of HLJ2019 restates 银保监发〔2019〕24号, which the whole country had: where a place's own
        documents say nothing, its figures measure, and the finding cites it. Adds ``<column>__standard``: whether
        the inspection spoke instead of the stack.
        """
        told = self.with_terms(frame, term, on=on)
        name = column_of(term)
        value, clauses = self.standard(term)
        silent = pl.col(f"{name}__clause").is_null()
        standard = pl.lit(pl.Series([value], dtype=told.schema[name])).first()
        cited = pl.lit(pl.Series([list(clauses)], dtype=pl.List(pl.String))).first()
        return told.with_columns(
            silent.alias(f"{name}__standard"),
            pl.when(silent).then(standard).otherwise(pl.col(name)).alias(name),
            pl.when(silent).then(cited).otherwise(pl.col(f"{name}__clause")).alias(f"{name}__clause"),
        )

    def standard(self, term: str) -> tuple[object, tuple[str, ...]]:
        """What the inspection's document says of a term on the day of the audit: value and clauses."""
        pack = self.book.packs.get(INSPECTION)
        dated = None if pack is None else pack.value_on(term, self.as_of)
        if dated is None:
            return None, ()
        value: Value | list[object] = dated.value
        return list(value) if isinstance(value, tuple) else value, dated.clauses

    @cached_property
    def people(self) -> pl.DataFrame:
        """Members that have an ID number: member_id, household_id, deceased_on, id_number, person.

        ``person`` is what the old and the new form of one person's number share (``person_key``).
        """
        told = self.facts.members.select("member_id", "household_id", "deceased_on", "id_number")
        return told.with_columns(person_key(pl.col("id_number")).alias("person")).drop_nulls("person")

    @cached_property
    def moves(self) -> pl.DataFrame:
        """How the ratios move (``bangfu.engine.ratio_moves``)."""
        return ratio_moves(self.facts.loans, self.facts.events, as_of=self.as_of)

    def remembered(self, name: str, make: Callable[[AuditContext], pl.DataFrame]) -> pl.DataFrame:
        """What several detectors share, made once."""
        if name not in self._remembered:
            self._remembered[name] = make(self)
        return self._remembered[name]

    def maturities(self) -> pl.DataFrame:
        """Every maturity a loan ever had: loan_id, matures_on, known_on, until (the day the next one was agreed)."""
        first = self.facts.loans.select("loan_id", "matures_on", pl.col("contract_on").alias("known_on"))
        later = extensions(self.facts.events).select(
            "loan_id", pl.col("new_maturity_on").alias("matures_on"), pl.col("on").alias("known_on")
        )
        plain = first.join(later, on="loan_id", how="anti").with_columns(until=pl.lit(None, pl.Date))
        moved = pl.concat([first.join(later, on="loan_id", how="semi"), later])
        moved = moved.sort("loan_id", "known_on", maintain_order=True).with_columns(
            pl.col("known_on").shift(-1).over("loan_id").alias("until")
        )
        return pl.concat([plain, moved])


def audit_context(facts: Facts, book: PolicyBook, *, as_of: date) -> AuditContext:
    """Cut the facts at the day, pin each loan to its stack, and read its state."""
    seen = cut(facts, as_of=as_of)
    extended = seen.events.filter(pl.col("kind") == "extended")["loan_id"].unique().to_list()
    stacked = assign_stacks(seen.loans, book, extended=extended)
    stood = states(Facts({**seen.tables, "loans": stacked.loans}, seen.missing), as_of=as_of)
    return AuditContext(facts=seen, book=book, as_of=as_of, stacked=stacked, states=stood)


def cut(facts: Facts, *, as_of: date) -> Facts:
    """The facts without what happened after a day; a loan not yet signed by then is no loan."""
    tables: Mapping[str, pl.DataFrame] = {
        name: _until(table, _HAPPENED[name], as_of) if name in _HAPPENED else table
        for name, table in facts.tables.items()
    }
    return Facts(tables, facts.missing, facts.warnings, facts.left_out)


def _until(table: pl.DataFrame, column: str, as_of: date) -> pl.DataFrame:
    """The rows that had happened; the table itself, not a copy, where all had."""
    happened = (table[column] <= as_of).fill_null(value=False)
    return table if happened.all() else table.filter(happened)

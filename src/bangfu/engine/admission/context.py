"""What admission looks at: the facts up to a day, each loan's stack, and one row a loan as of its own day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from bangfu.engine.admission.acts import acts_of
from bangfu.engine.admission.terms import ACT_TERMS, CASE_TERMS, CITED_TERMS, terms_of, values_only
from bangfu.engine.stacks import StackedLoans, assign_stacks
from bangfu.facts import Facts
from bangfu.policy import PolicyBook

UNLINKED_RENEWAL_IS = "new"


@dataclass(frozen=True)
class AdmissionContext:
    """The input of every admission rule.

    Attributes:
        facts: All tables; of events and transfers those up to ``on``.
        book: The packs.
        on: The day on which applications are judged, and up to which the ledger is read.
        stacked: The loans pinned to their stacks.
        terms: The signing terms of each stack, by stack_no, with their clauses; those that govern acts are among them.
        cases: One row a loan: the loan, ``application``, ``contract_on`` (of an application: ``on``), ``aged_on``
            and ``applied_on`` (the contract day where it is not recorded), and the values of the signing terms.
        acts: Renewals and extensions (``acts_of``), with the values of the governing policy's terms.
    """

    facts: Facts
    book: PolicyBook
    on: date
    stacked: StackedLoans
    terms: pl.DataFrame
    cases: pl.DataFrame
    acts: pl.DataFrame


def admission_context(
    facts: Facts,
    book: PolicyBook,
    *,
    on: date,
    stacked: StackedLoans | None = None,
    place: str | None = None,
) -> AdmissionContext:
    """Prepare the cases.

    Args:
        facts: All tables.
        book: The packs.
        on: See ``AdmissionContext.on``.
        stacked: The loans' stacks where they are known already; its loans are the ones judged.
        place: Judge all loans under the policy of this place instead of their own.
    """
    seen = _up_to(facts, on=on)
    if stacked is None:
        loans = seen.loans if place is None else seen.loans.with_columns(pl.lit(place).alias("area_code"))
        extended = seen.events.filter(pl.col("kind") == "extended")["loan_id"].unique().to_list()
        stacked = assign_stacks(loans, book, on=on, extended=extended)
    loans = stacked.loans.with_columns(
        pl.col("contract_on").is_null().alias("application"),
        pl.col("contract_on").fill_null(on),
        pl.when((pl.col("kind") == "renewal") & pl.col("parent_loan_id").is_null())
        .then(pl.lit(UNLINKED_RENEWAL_IS))
        .otherwise(pl.col("kind"))
        .alias("kind"),
    ).with_columns(pl.coalesce("applied_on", "contract_on").alias("aged_on"))
    acts = acts_of(loans, seen.events, stacked=stacked)
    table = terms_of(stacked, (*CITED_TERMS, *CASE_TERMS, *ACT_TERMS))
    act_values = values_only(table, ACT_TERMS).rename({"stack_no": "act_stack_no"})
    return AdmissionContext(
        facts=seen,
        book=book,
        on=on,
        stacked=stacked,
        terms=table,
        cases=loans.join(values_only(table, CASE_TERMS), on="stack_no", how="left", maintain_order="left"),
        acts=acts.join(act_values, on="act_stack_no", how="left", maintain_order="left"),
    )


def _up_to(facts: Facts, *, on: date) -> Facts:
    """Without the events and transfers of later days; a table that has none is not copied."""
    later = [name for name in ("events", "transfers") if (facts.tables[name]["on"] > on).any()]
    cut = {name: facts.tables[name].filter(pl.col("on") <= on) for name in later}
    return Facts({**facts.tables, **cut}, facts.missing, facts.warnings, facts.left_out)

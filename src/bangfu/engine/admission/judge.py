"""Runs the admission rules and gathers what they raise, each with the clauses of the loan's own stack."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from bangfu.engine.admission import told
from bangfu.engine.admission.borrowers import with_borrowers
from bangfu.engine.admission.ceilings import with_ceilings
from bangfu.engine.admission.conduct import with_conduct
from bangfu.engine.admission.context import AdmissionContext
from bangfu.engine.admission.households import balances_told, live_pairs, with_households
from bangfu.engine.admission.terms import ACT_TERMS, CASE_TERMS, CITED_TERMS, clause_column, listed_codes
from bangfu.engine.admission.uncovered import uncovered
from bangfu.engine.findings import SCHEMA, findings, gathered
from bangfu.engine.ruled import ruled
from bangfu.policy import VOCABULARY
from bangfu.rules.age.rule import RULE as AGE
from bangfu.rules.eligibility.rule import RULE as ELIGIBILITY
from bangfu.rules.guarantee.rule import RULE as GUARANTEE
from bangfu.rules.limits.rule import RULE as LIMITS
from bangfu.rules.rate.rule import RULE as RATE
from bangfu.rules.renewal.rule import RULE as RENEWAL
from bangfu.rules.steps import Raise, Rule
from bangfu.rules.term.rule import RULE as TERM
from bangfu.rules.use.rule import RULE as USE

SIGNING, LATER = "signing", "later"
CASE_RULES = (ELIGIBILITY, LIMITS, TERM, RATE, GUARANTEE, USE, AGE)
# A household's loans, say.
_FEW = 64
JUDGED_SCHEMA = pl.Schema({**SCHEMA, "in_principle": pl.Boolean(), "arose": pl.String()})

# Of a raise, the step that says the limit holds in principle only, so that an approved exception may stand.
IN_PRINCIPLE = {
    "age_out_of_range": "age_in_principle",
    "beyond_once": "once_left_open",
    "renewal_too_long": "renewal_in_principle",
}
# Raises that rest on what happened after the signing, by the step.
_AFTERWARDS: dict[str, pl.Expr] = {
    "borrower_charged": pl.lit(value=True),
    "rate_changed_in_contract": pl.lit(value=True),
    "used_by_enterprise": ~pl.col("meant_for_body"),
    "beyond_once": pl.col("act") == "extension",
    "short_extension_too_long": pl.lit(value=True),
    "medium_extension_too_long": pl.lit(value=True),
}


@dataclass(frozen=True)
class Prepared:
    """The frames the rules run over, and the pairs behind the household totals.

    Attributes:
        cases: The loans that have a policy.
        acts: Renewals and extensions.
        pairs: The loans of a household that live at once.
        ran: Of few rows, the frames with the steps of each rule that ran, by rule, since they are often asked for next.
    """

    cases: pl.DataFrame
    acts: pl.DataFrame
    pairs: pl.DataFrame
    ran: dict[str, pl.DataFrame] = field(default_factory=dict)

    def run(self, rule: Rule, frame: pl.DataFrame) -> pl.DataFrame:
        """The steps of a rule over its frame."""
        told = ruled(frame, rule)
        if frame.height <= _FEW:
            self.ran[rule.name] = told
        return told


def prepared(context: AdmissionContext) -> Prepared:
    """Everything the rules read, for the loans that have a policy."""
    facts = context.facts
    acts = _acts(context)
    everyone = context.cases
    pairs = live_pairs(everyone, facts.events)
    cases = everyone.filter(pl.col("stack_no").is_not_null())
    cases = with_borrowers(cases, facts, context.terms)
    cases = with_households(cases, pairs)
    cases = with_ceilings(cases, context.stacked.stacks, context.book)
    cases = with_conduct(cases, facts.events, facts.transfers)
    cases = _with_codes(cases, context.terms)
    return Prepared(cases=_with_renewals(cases, acts), acts=acts, pairs=pairs)


def judged(context: AdmissionContext, ready: Prepared | None = None) -> pl.DataFrame:
    """All that the rules raise: findings with in_principle, and arose (``signing``, or ``later`` in the ledger)."""
    ready = prepared(context) if ready is None else ready
    parts = [*_raised_by_cases(context, ready), *_raised_by_acts(context, ready)]
    said = pl.concat([part for part in parts if part.height] or [pl.DataFrame(schema=JUDGED_SCHEMA)])
    missing = uncovered(context, ready.cases, ready.acts)
    fresh = missing.join(said.select("id", "code"), on=["id", "code"], how="anti")
    signing = fresh.with_columns(pl.lit(value=False).alias("in_principle"), pl.lit(SIGNING).alias("arose"))
    return pl.concat([signing.select(JUDGED_SCHEMA.keys()), said]).unique(maintain_order=True)


def admission_findings(context: AdmissionContext) -> pl.DataFrame:
    """The same as findings, for the audit; limits "in principle" without a recorded exception are among them.

    Use by an enterprise that only the transfers show is left to the audit's own detector of payees.
    """
    found = judged(context)
    by_transfers = (pl.col("code") == "used_by_enterprise") & (pl.col("arose") == LATER)
    return gathered([found.filter(~by_transfers).select(SCHEMA.keys())])


def _acts(context: AdmissionContext) -> pl.DataFrame:
    """The acts; "never before" asks only of loans of an earlier product."""
    crossed = pl.col("root_product").ne_missing(pl.col("act_product"))
    return context.acts.with_columns(pl.col("renewal_only_if_never_before") & crossed)


def _with_codes(cases: pl.DataFrame, terms: pl.DataFrame) -> pl.DataFrame:
    """Add whether the purpose is forbidden and the guarantee exempt in the loan's stack."""
    for term, code, flag in (
        ("use.forbidden_purposes", "purpose", "purpose_forbidden_here"),
        ("guarantee.exempt_kinds", "guarantee", "guarantee_exempt"),
    ):
        listed = listed_codes(terms, term, code=code, flag=flag)
        cases = cases.join(listed, on=["stack_no", code], how="left", maintain_order="left")
    return cases


def _with_renewals(cases: pl.DataFrame, acts: pl.DataFrame) -> pl.DataFrame:
    """Add renewal_limited, and kept_rate_e8 where a renewal keeps the rate of an earlier product's loan."""
    crossed = pl.col("root_product").ne_missing(pl.col("act_product"))
    keeps = (pl.col("renewal_old_loan_keeps_rate") & crossed).fill_null(value=False)
    mine = acts.filter(pl.col("act") == "renewal").select(
        "loan_id",
        pl.col("renewal_max_months").is_not_null().alias("renewal_limited"),
        pl.when(keeps).then("parent_rate_e8").alias("kept_rate_e8"),
        pl.when(keeps).then("act_stack_no").alias("kept_by_stack_no"),
    )
    joined = cases.join(mine, on="loan_id", how="left", maintain_order="left")
    return joined.with_columns(pl.col("renewal_limited").fill_null(value=False))


def _raised_by_cases(context: AdmissionContext, ready: Prepared) -> Iterator[pl.DataFrame]:
    tell: dict[str, Callable[[pl.DataFrame], pl.DataFrame]] = {
        "eligibility": lambda rows: told.with_roster(rows, context.facts, context.terms),
        "limits": lambda rows: rows.join(
            balances_told(ready.pairs), on="loan_id", how="left", maintain_order="left"
        ),
        "rate": lambda rows: told.with_kept_clauses(rows, context.terms),
    }
    for rule in CASE_RULES:
        wanted = {*rule.reads, *(fact for told_by in rule.raises for fact in told_by.facts)}
        extra = ("household_id", "borrower_id_number", "kept_by_stack_no")
        names = [name for name in ready.cases.columns if name in wanted or name in extra]
        frame = ready.cases.select("loan_id", "stack_no", *(name for name in names if name != "stack_no"))
        flagged = ready.run(rule, frame).filter(pl.any_horizontal(*(each.when for each in rule.raises)))
        if flagged.is_empty():
            continue
        flagged = flagged.join(
            _clauses(context.terms, (*CITED_TERMS, *CASE_TERMS)),
            on="stack_no",
            how="left",
            maintain_order="left",
        )
        yield from _raised(rule, tell.get(rule.name, told.as_it_is)(flagged))


def _raised_by_acts(context: AdmissionContext, ready: Prepared) -> Iterator[pl.DataFrame]:
    if ready.acts.is_empty():
        return
    flagged = ready.run(RENEWAL, ready.acts).filter(
        pl.any_horizontal(*(each.when for each in RENEWAL.raises))
    )
    if flagged.is_empty():
        return
    clauses = _clauses(context.terms, ACT_TERMS).rename({"stack_no": "act_stack_no"})
    yield from _raised(RENEWAL, flagged.join(clauses, on="act_stack_no", how="left", maintain_order="left"))


def _clauses(terms: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    return terms.select("stack_no", *(clause_column(name) for name in names))


def _raised(rule: Rule, flagged: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The findings of each raise of a rule, with whether it holds in principle only, and when it arose."""
    for each in rule.raises:
        rows = flagged.filter(pl.col(each.when))
        if rows.is_empty():
            continue
        found = findings(
            rows,
            code=each.code,
            table="loans",
            subject="loan_id",
            clauses=cited(each),
            facts=[name for name in each.facts if name in rows.columns],
            amount="fees_fen" if each.code == "borrower_charged" else None,
        )
        soft = pl.col(IN_PRINCIPLE[each.when]) if each.when in IN_PRINCIPLE else pl.lit(value=False)
        later = (
            pl.when(_AFTERWARDS.get(each.when, pl.lit(value=False)))
            .then(pl.lit(LATER))
            .otherwise(pl.lit(SIGNING))
        )
        marks = rows.with_columns(soft.alias("in_principle"), later.alias("arose")).select(
            "in_principle", "arose"
        )
        yield pl.concat([found, marks], how="horizontal").cast(JUDGED_SCHEMA)


def cited(each: Raise) -> pl.Expr:
    """The clauses of a raise: those that set its terms in the row's stack, and its fixed citations."""
    none = pl.lit(pl.Series([[]], dtype=pl.List(pl.String))).first()
    lists = [
        pl.col(clause_column(basis)).fill_null(none)
        if basis in VOCABULARY
        else pl.lit(pl.Series([[basis]], dtype=pl.List(pl.String))).first()
        for basis in each.basis
    ]
    return pl.concat_list(lists).list.unique(maintain_order=True)

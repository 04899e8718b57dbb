"""Insurance: borrowers without the cover they should have, and events whose claims are unpaid (HLJ2019-2.5)."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from bangfu.engine.audit_context import AuditContext
from bangfu.engine.findings import findings, gathered
from bangfu.engine.identities import person_key
from bangfu.engine.ruled import ruled
from bangfu.engine.stacks import column_of
from bangfu.rules.insurance.rule import RULE

REQUIRED = "insurance.required_kinds"
ORDERED = ("HLJ2019-2.5",)
# The kind of a policy is written freely; what counts as each kind that a document asks for. Micro life insurance
# (扶贫小额人身保险) is sold as life, accident, or both in one.
COUNTS_AS: Mapping[str, str] = {
    "life": r"(?i)life|accident|personal|人身|意外|寿",
    "accident": r"(?i)accident|意外|人身",
    "critical_illness": r"(?i)illness|大病|重疾|重大疾病",
    "farm": r"(?i)farm|agricultur|农业|种植|养殖",
}


def borrowers(context: AuditContext, loans: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """The member behind the borrower of each of some loans, among some people of ``context.people``.

    Returns:
        loan_id, member_id, deceased_on, where the loan's household knows the borrower.
    """
    asked = context.facts.loans.join(loans.select("loan_id"), on="loan_id", how="semi")
    loans = asked.select(
        "loan_id", "household_id", person_key(pl.col("borrower_id_number")).alias("person")
    ).drop_nulls("person")
    known = people.select("person", "household_id", "member_id", "deceased_on")
    beside = loans.join(known, on="person", suffix="_of_member")
    at_home = beside.filter(pl.col("household_id") == pl.col("household_id_of_member"))
    return at_home.unique("loan_id", keep="first", maintain_order=True).select(
        "loan_id", "member_id", "deceased_on"
    )


def insurance_gap(context: AuditContext) -> pl.DataFrame:
    """Findings: the borrower of a live loan lacks a kind of cover on the day of the audit; one finding a loan."""
    live = context.states.filter(pl.col("balance_fen") > 0).select(
        "loan_id", "stack_no", "household_id", "balance_fen"
    )
    asked = live.join(borrowers(context, live, context.people), on="loan_id").filter(
        pl.col("deceased_on").is_null() | (pl.col("deceased_on") > context.as_of)
    )
    name = column_of(REQUIRED)
    wanted = context.with_standard(asked.with_columns(on=context.today), REQUIRED, on="on")
    wanted = wanted.explode(name).drop_nulls(name).rename({name: "kind_wanted"})
    cover = context.facts.insurance.filter(
        pl.col("from_on") <= context.as_of, pl.col("to_on") > context.as_of
    )
    kinds = wanted["kind_wanted"].unique().to_list()
    held = pl.concat(
        [
            cover.filter(
                pl.col("kind").is_null() | pl.col("kind").str.contains(COUNTS_AS.get(kind, f"(?i)^{kind}$"))
            )
            .select("member_id", pl.lit(kind).alias("kind_wanted"), pl.lit(True).alias("covered"))
            .unique()
            for kind in kinds
        ]
        or [pl.DataFrame(schema={"member_id": pl.String, "kind_wanted": pl.String, "covered": pl.Boolean})]
    )
    told = wanted.join(held, on=["member_id", "kind_wanted"], how="left").with_columns(
        pl.col("covered").fill_null(False), should_be_covered=pl.lit(True)
    )
    gaps = (
        ruled(told, RULE, only=("gap",))
        .filter("gap")
        .sort("loan_id", "kind_wanted")
        .group_by("loan_id", maintain_order=True)
        .agg(
            pl.col("member_id").first(),
            pl.col("kind_wanted").unique(maintain_order=True).str.join(" ").alias("kinds_missing"),
            pl.col("on").first().alias("not_covered_on"),
            pl.col("balance_fen").first(),
            pl.col(f"{name}__clause").first().alias("clauses"),
        )
    )
    return findings(
        gaps,
        code="insurance_gap",
        table="loans",
        subject="loan_id",
        clauses=pl.col("clauses"),
        facts=("member_id", "kinds_missing", "not_covered_on", "balance_fen"),
    )


def insurance_claim_unpaid(context: AuditContext) -> pl.DataFrame:
    """Findings: an insured event that nobody claimed for, that was not paid, or paid short.

    An event is insured where it names its policy, or a policy of the person covered the day. The subject is the
    person's loan of that day where there is one, else the household.
    """
    day = context.as_of
    happened = context.facts.insurance_events.with_row_index("_row")
    policies = context.facts.insurance.select("member_id", "from_on", "to_on")
    insured = (
        happened.select("_row", "member_id", "on")
        .join(policies, on="member_id")
        .filter(pl.col("from_on") <= pl.col("on"), pl.col("on") < pl.col("to_on"))
        .select("_row")
        .unique()
        .with_columns(insured=pl.lit(True))
    )
    known = happened.join(insured, on="_row", how="left").with_columns(
        happened=pl.lit(True),
        covered_then=pl.col("insured").fill_null(False) | pl.col("policy_id").is_not_null(),
        claimed=(pl.col("claimed_on") <= day).fill_null(False),
        paid=(pl.col("paid_on") <= day).fill_null(False),
        amount_due_known=pl.col("amount_due_fen").is_not_null(),
    )
    known = known.with_columns(
        pl.col("amount_due_fen").fill_null(0),
        pl.when("paid").then(pl.col("amount_paid_fen")).otherwise(0).fill_null(0).alias("amount_paid_fen"),
    )
    unpaid = ruled(known, RULE, only=("unclaimed", "unpaid_fen", "claim_unpaid")).filter("claim_unpaid")
    homes = context.facts.members.select("member_id", "household_id")
    told = unpaid.join(homes, on="member_id", how="left").with_columns(
        pl.coalesce("household_id", "member_id").alias("household_id"),
        pl.when("amount_due_known").then("unpaid_fen").alias("unpaid_fen"),
    )
    loans = _loan_of_the_day(context, told)
    shown = (
        "member_id",
        "kind",
        "on",
        "policy_id",
        "claimed_on",
        "paid_on",
        "amount_due_fen",
        "amount_paid_fen",
    )
    parts = [
        findings(rows, code="insurance_claim_unpaid", table=table, subject=subject, clauses=ORDERED, facts=shown,
                 amount="unpaid_fen")
        for table, subject, rows in (
            ("loans", "loan_id", told.join(loans, on="_row")),
            ("households", "household_id", told.join(loans, on="_row", how="anti")),
        )
    ]  # fmt: skip
    return gathered(parts)


def _loan_of_the_day(context: AuditContext, rows: pl.DataFrame) -> pl.DataFrame:
    """The latest loan that the person had signed by the day of the event, if any: _row, loan_id."""
    people = context.people.join(rows.select("member_id"), on="member_id", how="semi")
    loans = context.facts.loans.join(people.select("household_id"), on="household_id", how="semi")
    signed = borrowers(context, loans, people).join(loans.select("loan_id", "contract_on"), on="loan_id")
    theirs = rows.select("_row", "member_id", "on").join(signed, on="member_id")
    theirs = theirs.filter(pl.col("contract_on") <= pl.col("on")).sort("contract_on", "loan_id")
    return theirs.group_by("_row", maintain_order=True).agg(pl.col("loan_id").last())

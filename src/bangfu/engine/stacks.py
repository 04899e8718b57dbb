"""Which policy each loan is pinned to, for all loans at once; and the terms of that policy as columns.

A signing day becomes a band number, (county, product, band) a stack: plain Python resolves the few that occur, the
rest is joins on integers (design §4). A renewal keeps its family's terms unless the policy in force on its signing
day gives it its own (CN2021-2.2, LD2021-4.2, CN2026-2.3).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import polars as pl

from bangfu.policy import UNDETERMINED, VOCABULARY, PolicyBook, Stack
from bangfu.refusals import Refusal, Refused

PLACE_DIGITS = 6
NEWEST_FIRST = ("assistance", "transition", "poverty")
SUFFIX = {"yuan": "_fen", "percent": "_e8", "points": "_e8"}
DTYPES: Mapping[str, pl.DataType] = {
    "codes": pl.List(pl.String()),
    "days_list": pl.List(pl.Int64()),
    "code": pl.String(),
    "bool": pl.Boolean(),
    "payers": pl.String(),
    "bands": pl.String(),
}
SAID = pl.Schema(
    {"loan_id": pl.String(), "code": pl.String(), "clauses": pl.List(pl.String()), "facts": pl.String()}
)


def column_of(term: str) -> str:
    """The column that carries a term: dots as underscores, with its unit."""
    return term.replace(".", "_") + SUFFIX.get(VOCABULARY[term].type, "")


class Assigner:
    """Interns stacks by their key and remembers what was refused, once for each (place, product, band)."""

    def __init__(self, book: PolicyBook) -> None:
        self.book = book
        self.stacks: list[Stack] = []
        self.numbers: dict[str, int] = {}

    def number(self, stack: Stack) -> int:
        """The dense number of a stack."""
        if stack.key not in self.numbers:
            self.numbers[stack.key] = len(self.stacks)
            self.stacks.append(stack)
        return self.numbers[stack.key]

    def find(self, place: str, product: str, on: date, *, purpose: str) -> Stack | Refusal:
        """The stack of a place, product and day, or why there is none."""
        try:
            return self.book.stack(place, product, on, purpose=purpose)
        except Refused as refused:
            return refused.refusal

    def governing(self, place: str, on: date) -> Stack | None:
        """The newest programme's policy in force at a place on a day: it says how renewals are treated."""
        for product in NEWEST_FIRST:
            found = self.find(place, product, on, purpose="contract")
            if isinstance(found, Stack):
                return found
        return None


@dataclass(frozen=True)
class StackedLoans:
    """Loans with their stack_no (null where no policy covers them), and the stacks by that number.

    refusals and warnings: loan_id, code, clauses, facts (JSON).
    """

    loans: pl.DataFrame
    stacks: Sequence[Stack]
    refusals: pl.DataFrame
    warnings: pl.DataFrame
    book: PolicyBook
    assigner: Assigner = field(repr=False, compare=False)

    def follow(self, root_no: int, *, place: str, on: date, had_before: bool) -> int | Refusal:
        """The stack_no that an extension granted on a day gives a loan of stack ``root_no``; a refusal if none does."""
        found = followed(self.assigner, self.stacks[root_no], place=place, on=on, had_before=had_before)
        return found if isinstance(found, Refusal) else self.assigner.number(found)

    def attach(self, frame: pl.DataFrame, terms: Sequence[str], *, on: str) -> pl.DataFrame:
        """Add each term's value and clause, as the loan's stack gives them on the day in column ``on``.

        ``frame`` has stack_no. Adds ``column_of(term)``, the same with ``__clause`` (List of citations) and with
        ``__undetermined``; all null or false where the term is absent.
        """
        days = self.book.breakpoints()
        bands = pl.Series("_band", days).search_sorted(frame[on].fill_null(date.min), side="right")
        keyed = frame.with_columns(bands.cast(pl.Int64).alias("_band"))
        rows = []
        for stack_no, band in (
            keyed.select("stack_no", "_band").unique().drop_nulls().sort("stack_no", "_band").rows()
        ):
            day = days[band - 1] if band else days[0] - timedelta(days=1)
            rows.append((stack_no, band, *self._cells(self.stacks[stack_no], terms, day)))
        schema: dict[str, pl.DataType] = {"stack_no": pl.Int64(), "_band": pl.Int64()}
        for term in terms:
            name = column_of(term)
            schema[name] = DTYPES.get(VOCABULARY[term].type, pl.Int64())
            schema[f"{name}__clause"] = pl.List(pl.String())
            schema[f"{name}__undetermined"] = pl.Boolean()
        table = pl.DataFrame(rows, schema=schema, orient="row")
        joined = keyed.join(table, on=["stack_no", "_band"], how="left", maintain_order="left")
        return joined.with_columns(
            pl.col(f"{column_of(term)}__undetermined").fill_null(value=False) for term in terms
        ).drop("_band")

    @staticmethod
    def _cells(stack: Stack, terms: Sequence[str], day: date) -> list[object]:
        cells: list[object] = []
        for term in terms:
            found = stack.look(term, day)
            if found is None:
                cells += [None, None, False]
            elif found.value is UNDETERMINED:
                cells += [None, list(found.clauses), True]
            elif VOCABULARY[term].type in ("payers", "bands"):
                cells += [json.dumps(found.shown, ensure_ascii=False), list(found.clauses), False]
            else:
                value = list(found.value) if isinstance(found.value, tuple) else found.value
                cells += [value, list(found.clauses), False]
        return cells


def in_gap(stack: Stack) -> bool:
    """Whether the contract was signed in the days between two policies and carries the warning."""
    return any(warning.name == "signed_in_gap" for warning in stack.warnings)


def followed(assigner: Assigner, root: Stack, *, place: str, on: date, had_before: bool) -> Stack | Refusal:
    """The policy of a renewal signed, or an extension granted, on a day for a loan of ``root``.

    Raises nothing: no clause for it is a refusal (decision 17; CN2026-2.3 for a family that had one before).
    """
    policy = assigner.governing(place, on)
    follows = policy.look("renewal.follows", on) if policy else None
    if policy is None or follows is None or follows.value != "own" or policy.product == root.product:
        return root
    facts = {"signed_on": on.isoformat(), "loan_product": root.product, "policy": policy.id}
    admitted = policy.look("renewal.from_products", on)
    if in_gap(root) or admitted is None or root.product not in admitted.codes:
        return Refusal("no_policy_for_place_and_day", follows.clauses, {"place": place, **facts})
    never = policy.look("renewal.only_if_never_before", on)
    if had_before and never is not None and never.boolean:
        return Refusal("renewed_or_extended_twice", never.clauses, dict(facts))
    return policy


def family_roots(loans: pl.DataFrame) -> pl.DataFrame:
    """Of each renewal whose parent is known: loan_id, root_id (the family's first loan), renewals_before."""
    parents = loans.filter(
        pl.col("kind") == "renewal", pl.col("parent_loan_id").is_in(loans["loan_id"].implode())
    )
    step = parents.select(
        "loan_id", pl.col("parent_loan_id").alias("root_id"), renewals_before=pl.lit(0, pl.Int64)
    )
    up = parents.select(pl.col("loan_id").alias("root_id"), "parent_loan_id")
    for _ in range(parents.height):
        climbed = step.join(up, on="root_id", how="left")
        moved = climbed["parent_loan_id"].is_not_null()
        if not moved.any():
            break
        step = climbed.select(
            "loan_id",
            pl.coalesce("parent_loan_id", "root_id").alias("root_id"),
            pl.col("renewals_before") + moved.cast(pl.Int64),
        )
    return step


def assign_stacks(
    loans: pl.DataFrame, book: PolicyBook, *, on: date | None = None, extended: Sequence[str] = ()
) -> StackedLoans:
    """Pin each loan to its policy.

    Args:
        loans: The canonical loans; an application (contract_on null) is resolved on ``on``.
        book: The packs.
        on: The day applications are judged; without it they are refused.
        extended: Ids of loans that were extended, which count as renewed before (CN2026-2.3).
    """
    assigner = Assigner(book)
    signed = loans.with_columns(
        pl.col("area_code").str.slice(0, PLACE_DIGITS).alias("_place"),
        pl.col("contract_on").is_null().alias("_application"),
        pl.coalesce("contract_on", pl.lit(on, pl.Date)).alias("_on"),
    )
    days = book.breakpoints()
    bands = pl.Series("_band", days).search_sorted(signed["_on"].fill_null(date.min), side="right")
    signed = signed.with_columns(bands.cast(pl.Int64).alias("_band"))
    keys = ["_place", "product", "_band", "_application"]
    firsts = signed.group_by(keys).agg(pl.col("_on").min()).sort(keys)
    rows: list[tuple[object, ...]] = []
    for place, product, band, application, day in firsts.rows():
        purpose = "application" if application else "contract"
        found: Stack | Refusal
        if day is None or place is None:
            found = Refusal(
                "no_policy_for_place_and_day", (), {"place": place, "product": product, "day": None}
            )
        else:
            found = assigner.find(place, product, day, purpose=purpose)
        rows.append((place, product, band, application, *_cells(assigner, found)))
    table = _table(
        dict.fromkeys(keys[:2], pl.String()) | {"_band": pl.Int64(), "_application": pl.Boolean()}, rows
    )
    joined = signed.join(table, on=keys, how="left", nulls_equal=True, maintain_order="left")
    joined = _with_renewals(joined, assigner, frozenset(extended))
    return _stacked(loans, joined, assigner)


def _cells(assigner: Assigner, found: Stack | Refusal) -> tuple[object, ...]:
    if isinstance(found, Stack):
        return (assigner.number(found), None, None, None)
    facts = json.dumps(dict(found.facts), ensure_ascii=False)
    return (None, found.code, list(found.clauses), facts)


def _table(keys: dict[str, pl.DataType], rows: list[tuple[object, ...]]) -> pl.DataFrame:
    said = {
        "stack_no": pl.Int64(),
        "_code": pl.String(),
        "_clauses": pl.List(pl.String()),
        "_facts": pl.String(),
    }
    return pl.DataFrame(rows, schema=keys | said, orient="row")


def _with_renewals(joined: pl.DataFrame, assigner: Assigner, extended: frozenset[str]) -> pl.DataFrame:
    """Renewals take their family's stack, or the one their signing day gives them."""
    roots = family_roots(joined)
    if roots.is_empty():
        return joined
    firsts = joined.select(pl.col("loan_id").alias("root_id"), pl.col("stack_no").alias("root_stack_no"))
    mine = roots.join(firsts, on="root_id").join(
        joined.select("loan_id", "parent_loan_id", "_place", "_on", "_band"), on="loan_id"
    )
    stretched = pl.col("root_id").is_in(list(extended)) | pl.col("parent_loan_id").is_in(list(extended))
    mine = mine.with_columns(had=(pl.col("renewals_before") > 0) | stretched).filter(
        pl.col("root_stack_no").is_not_null(), pl.col("_on").is_not_null()
    )
    keys = ["root_stack_no", "_place", "_band", "had"]
    rows = [
        (root, place, band, had, *_cells(assigner, followed(
            assigner, assigner.stacks[root], place=place, on=on, had_before=had)))
        for root, place, band, had, on in mine.group_by(keys).agg(pl.col("_on").min()).sort(keys).rows()
    ]  # fmt: skip
    table = _table(
        {"root_stack_no": pl.Int64(), "_place": pl.String(), "_band": pl.Int64(), "had": pl.Boolean()}, rows
    )
    given = mine.join(table, on=keys).select("loan_id", "stack_no", "_code", "_clauses", "_facts")
    rest = joined.join(given.select("loan_id"), on="loan_id", how="anti")
    renewed = joined.drop("stack_no", "_code", "_clauses", "_facts").join(given, on="loan_id")
    return pl.concat([rest, renewed.select(rest.columns)])


def warned_in_gap(acts: pl.DataFrame, assigner: Assigner) -> pl.DataFrame:
    """The warning of renewals and extensions signed between two policies: they keep their terms (decision 17).

    ``acts`` has loan_id, area_code and on. Gives loan_id, code, clauses, facts.
    """
    signed = acts.select("loan_id", pl.col("area_code").str.slice(0, PLACE_DIGITS).alias("_place"), "on")
    rows = []
    for place, on in signed.select("_place", "on").unique().drop_nulls().sort("_place", "on").rows():
        policy = assigner.governing(place, on)
        for warning in policy.warnings if policy is not None else ():
            facts = json.dumps(dict(warning.facts), ensure_ascii=False)
            rows.append((place, on, warning.name, list(warning.clauses), facts))
    said = {name: SAID[name] for name in ("code", "clauses", "facts")}
    told = pl.DataFrame(rows, schema={"_place": pl.String(), "on": pl.Date(), **said}, orient="row")
    return signed.join(told, on=["_place", "on"]).select(list(SAID))


def _stacked(loans: pl.DataFrame, joined: pl.DataFrame, assigner: Assigner) -> StackedLoans:
    placed = loans.join(joined.select("loan_id", "stack_no"), on="loan_id", how="left", maintain_order="left")
    refused = joined.filter(pl.col("_code").is_not_null()).select(
        "loan_id",
        pl.col("_code").alias("code"),
        pl.col("_clauses").alias("clauses"),
        pl.col("_facts").alias("facts"),
    )
    warned = [
        (number, warning.name, list(warning.clauses), json.dumps(dict(warning.facts), ensure_ascii=False))
        for number, stack in enumerate(assigner.stacks)
        for warning in stack.warnings
    ]
    said = pl.DataFrame(
        warned,
        schema={"stack_no": pl.Int64, **{k: SAID[k] for k in ("code", "clauses", "facts")}},
        orient="row",
    )
    warnings = placed.select("loan_id", "stack_no").join(said, on="stack_no").drop("stack_no")
    renewals = placed.filter(pl.col("kind") == "renewal", pl.col("stack_no").is_not_null())
    renewed = warned_in_gap(renewals.with_columns(pl.col("contract_on").alias("on")), assigner)
    warnings = pl.concat([warnings, renewed]).unique(maintain_order=True)
    return StackedLoans(
        loans=placed, stacks=assigner.stacks, refusals=refused, warnings=warnings, book=assigner.book,
        assigner=assigner,
    )  # fmt: skip

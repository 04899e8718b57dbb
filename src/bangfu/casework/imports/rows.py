"""The core's frames as rows of our tables: places, institutions, periods and ids of the vault filled in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from bangfu.casework.as_facts.book import site_book
from bangfu.casework.imports.sealing import kept, sealed
from bangfu.casework.personal_data.api import Plain
from bangfu.casework.registry.api import sorted_as
from bangfu.engine.stacks import assign_stacks
from bangfu.facts import TABLES

__all__ = [
    "CARRIED",
    "Around",
    "carried_rows",
    "event_rows",
    "household_rows",
    "loan_rows",
    "member_rows",
    "member_values",
    "roster_rows",
]

ALWAYS = "(,)"
_NAMED = ("lender", "branch", "product", "kind", "parent_loan_id", "area_code")
CARRIED = tuple(
    name
    for name in TABLES
    if name not in {"households", "members", "roster", "loans", "ordinary_loans", "events"}
)


@dataclass(frozen=True)
class Around:
    """What rows refer to, from the file and from the database.

    Attributes:
        homes: household_id, scope_area, head_name.
        people: member_id, household_id, id_number (in the clear), name, id_number_id.
        loans: loan_id, household_id, scope_area, institution_id.
        institutions: lender, branch (null for the whole bank), institution_id.
        county: The code that rows of no place lie under.
    """

    homes: pl.DataFrame
    people: pl.DataFrame
    loans: pl.DataFrame
    institutions: pl.DataFrame
    county: str


def household_rows(households: pl.DataFrame) -> pl.DataFrame:
    """Rows of casework_household."""
    names = households["head_name"].fill_null("")
    return households.select(
        "household_id",
        pl.col("area_code").alias("scope_area"),
        names,
        pl.Series("pinyin", [sorted_as(name) for name in names], dtype=pl.String),
        "labour_count",
        pl.col("poverty_cause").fill_null(""),
        pl.lit("").alias("address"),
        pl.lit(ALWAYS).alias("valid"),
    )


def member_values(members: pl.DataFrame, homes: pl.DataFrame) -> pl.DataFrame:
    """The ID numbers of members, sealed for the vault: the slow part, which needs no database."""
    return _sealed_values(_placed(members, homes), "casework_member", "member_id", "id_number", "id_number")


def member_rows(
    members: pl.DataFrame, homes: pl.DataFrame, values: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Rows of casework_member; ID numbers are kept in the vault on the way.

    Args:
        members: The core's members.
        homes: household_id, scope_area.
        values: ``member_values`` of them, where they were sealed already.
    """
    placed = _placed(members, homes)
    ids = kept(member_values(members, homes) if values is None else values)
    return placed.select(
        "member_id",
        "household_id",
        "scope_area",
        pl.col("name").fill_null(""),
        _spread(placed["id_number"].is_not_null(), ids).alias("id_number_id"),
        pl.col("relation").fill_null(""),
        "labour",
        _born(placed["id_number"]),
        pl.lit("").alias("marital_status"),
        "deceased_on",
        pl.lit(ALWAYS).alias("valid"),
    )


def roster_rows(roster: pl.DataFrame, homes: pl.DataFrame) -> pl.DataFrame:
    """Rows of casework_roster_entry; the days on the list as a range."""
    placed = _placed(roster, homes)
    return placed.select(
        "household_id",
        "scope_area",
        "category",
        pl.format("[{},{})", "listed_on", pl.col("left_on").dt.to_string().fill_null("")).alias("valid"),
        pl.col("left_reason").fill_null(""),
    )


def loan_rows(loans: pl.DataFrame, around: Around, *, ordinary: bool, pin: pl.DataFrame) -> pl.DataFrame:
    """Rows of casework_loan.

    Args:
        loans: The core's loans or ordinary_loans.
        around: What they refer to.
        ordinary: Whether they are outside the programme.
        pin: loan_id, policy, pinned of those the policy book covers.
    """
    placed = _placed(loans, around.homes)
    placed = with_institution(placed, around.institutions)
    owners = around.people.filter(pl.col("id_number").is_not_null()).unique(
        ["household_id", "id_number"], keep="first", maintain_order=True
    )
    placed = placed.join(
        owners.select("household_id", "id_number", pl.col("name").alias("borrower_name"), "id_number_id"),
        left_on=["household_id", "borrower_id_number"],
        right_on=["household_id", "id_number"],
        how="left",
        maintain_order="left",
    )
    placed = placed.join(pin, on="loan_id", how="left", maintain_order="left")
    return placed.select(
        "loan_id", "household_id", "scope_area", "institution_id",
        pl.lit("").alias("application_id"),
        _borrowers(placed),
        pl.col("borrower_name").fill_null(""),
        *(pl.col(name).fill_null("") for name in _NAMED),
        "applied_on", "contract_on", "matures_on",
        pl.when(pl.col("contract_on").is_not_null() & pl.col("matures_on").is_not_null())
        .then(pl.format("[{},{})", "contract_on", "matures_on")).alias("term"),
        "principal_fen", "rate_e8",
        *(pl.col(name).fill_null("") for name in ("interest_method", "purpose", "guarantee", "funding")),
        "subsidy_ceiling_fen",
        pl.lit(ordinary).alias("ordinary"),
        pl.col("policy").fill_null(""),
        pl.col("pinned").fill_null("[]"),
    )  # fmt: skip


def event_rows(events: pl.DataFrame, loans: pl.DataFrame, *, source: str) -> pl.DataFrame:
    """Rows of casework_loan_event, in the order given."""
    placed = events.join(loans, on="loan_id", how="left", maintain_order="left")
    return placed.select(
        "loan_id", "household_id", "scope_area", "institution_id", "on", "kind", "amount_fen",
        pl.col("value").fill_null(""),
        pl.col("recorded_on").alias("booked_on"),
        pl.lit(source).alias("source"),
        pl.lit("").alias("note"),
    )  # fmt: skip


def carried_rows(name: str, frame: pl.DataFrame, around: Around) -> pl.DataFrame:
    """Rows of casework_fact_row: the whole row as JSON, with the scope of what it is about."""
    placed = _scoped(name, frame, around)
    told = frame
    if name == "transfers":
        told = frame.with_columns(_accounts(placed))
    return placed.select(
        "scope_area",
        "institution_id",
        "household_id",
        pl.lit(name).alias("table_name"),
        told.select(pl.struct(pl.all()).struct.json_encode().alias("row")).to_series(),
    )


def pinned(loans: pl.DataFrame, events: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Of each loan the policy it is pinned to (loan_id, policy, pinned), and how many have none."""
    extended = events.filter(pl.col("kind") == "extended")["loan_id"].unique().to_list()
    done = assign_stacks(loans, site_book(), extended=extended)
    known = pl.DataFrame(
        [(number, stack.key, _json(stack.pinned)) for number, stack in enumerate(done.stacks)],
        schema={"stack_no": pl.Int64, "policy": pl.String, "pinned": pl.String},
        orient="row",
    )
    return done.loans.join(known, on="stack_no").select("loan_id", "policy", "pinned"), done.refusals.height


def with_institution(loans: pl.DataFrame, institutions: pl.DataFrame) -> pl.DataFrame:
    """Loans with the branch they were signed at, or the bank where the branch is not known, by their names."""
    branches = institutions.filter(pl.col("branch").is_not_null())
    banks = institutions.filter(pl.col("branch").is_null()).select(
        "lender", pl.col("institution_id").alias("_bank")
    )
    found = loans.join(branches, on=["lender", "branch"], how="left", maintain_order="left")
    found = found.join(banks, on="lender", how="left", maintain_order="left")
    return found.with_columns(pl.coalesce("institution_id", "_bank").alias("institution_id")).drop("_bank")


def _scoped(name: str, frame: pl.DataFrame, around: Around) -> pl.DataFrame:
    """The frame with scope_area, institution_id and household_id of what its rows are about."""
    nothing = pl.lit(None, pl.String)
    if name in {"insurance", "insurance_events"}:
        homes = around.people.select("member_id", "household_id").join(
            around.homes.select("household_id", "scope_area"), on="household_id", how="left"
        )
        return frame.join(homes, on="member_id", how="left", maintain_order="left").with_columns(
            nothing.alias("institution_id"), pl.col("scope_area").fill_null(around.county)
        )
    if "loan_id" in frame.columns:
        return frame.join(around.loans, on="loan_id", how="left", maintain_order="left").with_columns(
            pl.coalesce(
                "scope_area", "area_code" if "area_code" in frame.columns else pl.lit(around.county)
            ).alias("scope_area")
        )
    place = pl.col("area_code") if "area_code" in frame.columns else pl.lit(around.county)
    placed = frame.with_columns(place.alias("scope_area"), nothing.alias("household_id"))
    if name == "lenders":
        banks = around.institutions.filter(pl.col("branch").is_null()).select("lender", "institution_id")
        return placed.join(banks, on="lender", how="left", maintain_order="left")
    return placed.with_columns(nothing.alias("institution_id"))


def _placed(frame: pl.DataFrame, homes: pl.DataFrame) -> pl.DataFrame:
    """The frame with the village of each row's household."""
    return frame.join(
        homes.select("household_id", "scope_area"), on="household_id", how="left", maintain_order="left"
    )


def _sealed_values(placed: pl.DataFrame, table: str, row: str, field: str, column: str) -> pl.DataFrame:
    filled = placed.filter(pl.col(column).is_not_null())
    bank = pl.col("institution_id") if "institution_id" in filled.columns else pl.lit(None, pl.String)
    rows = filled.select(row, column, "scope_area", bank.alias("bank"), "household_id").iter_rows()
    return sealed(
        Plain(table, row_id, field, value, scope_area=area, institution_id=bank_id, household_id=home)
        for row_id, value, area, bank_id, home in rows
    )


def _sealed(placed: pl.DataFrame, table: str, row: str, field: str, column: str) -> pl.Series:
    """Values of a column kept in the vault; the ids of their rows, null where there is no value."""
    ids = kept(_sealed_values(placed, table, row, field, column))
    return _spread(placed[column].is_not_null(), ids).alias(f"{column}_id")


def _borrowers(placed: pl.DataFrame) -> pl.Series:
    """The member's own value of the vault, or one of the loan's where no member of the household has that number."""
    strange = placed.with_columns(
        pl.when(pl.col("id_number_id").is_null()).then("borrower_id_number").alias("borrower_id_number")
    )
    own = _sealed(strange, "casework_loan", "loan_id", "id_number", "borrower_id_number")
    return (
        placed["id_number_id"]
        .zip_with(placed["id_number_id"].is_not_null(), own)
        .alias("borrower_id_number_id")
    )


def _accounts(placed: pl.DataFrame) -> pl.Series:
    """Payees' accounts, each number of a loan's payments kept once."""
    numbered = placed.with_row_index("_n").with_columns(pl.format("{}-{}", "loan_id", "_n").alias("_row"))
    return _sealed(numbered, "casework_fact_row", "_row", "account_number", "to_account").alias("to_account")


def _spread(filled: pl.Series, values: Sequence[str]) -> pl.Series:
    """Values laid out over the places that are filled."""
    places = pl.DataFrame({"filled": filled}).with_columns(
        pl.when("filled").then(pl.col("filled").cum_sum() - 1).cast(pl.Int64).alias("place")
    )
    found = pl.DataFrame(
        {"place": range(len(values)), "value": values}, schema={"place": pl.Int64, "value": pl.String}
    )
    return places.join(found, on="place", how="left", maintain_order="left")["value"]


def _born(numbers: pl.Series) -> pl.Series:
    """Days of birth as ID numbers hold them; null where there is none or it is no day."""
    return numbers.str.slice(6, 8).str.to_date("%Y%m%d", strict=False).alias("born_on")


def _json(packs: Iterable[Sequence[str]]) -> str:
    return json.dumps([list(pack) for pack in packs])

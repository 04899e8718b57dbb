"""The rows of the tables, gathered as tuples with day numbers and fen, and turned into frames once at the end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from bangfu.facts.tables import TABLES, empty
from bangfu.money.days import from_day_number
from bangfu.money.rates import E8_PER_PERCENT, format_percent, parse_percent
from bangfu.synthetic.book import Loan
from bangfu.synthetic.people import Household

# The columns that rows are written with; those of a table that are missing here are empty.
COLUMNS: dict[str, tuple[str, ...]] = {
    "households": ("household_id", "area_code", "head_name", "labour_count", "poverty_cause"),
    "members": ("member_id", "household_id", "name", "id_number", "relation", "labour", "deceased_on"),
    "roster": ("household_id", "category", "listed_on", "left_on", "left_reason"),
    "loans": tuple(column.frame for column in TABLES["loans"].columns),
    "ordinary_loans": tuple(column.frame for column in TABLES["ordinary_loans"].columns),
    "events": ("loan_id", "on", "kind", "amount_fen", "value"),
    "subsidies": (
        "loan_id",
        "period_start",
        "period_end",
        "amount_fen",
        "rate_claimed_e8",
        "paid_on",
        "paid_to",
    ),
    "transfers": ("loan_id", "on", "amount_fen", "to_account", "to_name", "to_kind"),
    "insurance": ("policy_id", "member_id", "insurer", "kind", "from_on", "to_on", "premium_fen"),
    "insurance_events": (
        "member_id",
        "on",
        "kind",
        "policy_id",
        "claimed_on",
        "paid_on",
        "amount_due_fen",
        "amount_paid_fen",
    ),
    "fund": ("area_code", "on", "kind", "amount_fen", "loan_id"),
    "budgets": ("area_code", "year", "revenue_fen"),
    "lenders": ("lender", "from_on", "npl_target_e8", "npl_all_e8"),
    "other_subsidies": ("loan_id", "programme", "period_start", "period_end", "amount_fen"),
}
Row = tuple[Any, ...]


class Rows:
    """Rows of every table of a tile."""

    def __init__(self) -> None:
        self.of: dict[str, list[Row]] = {name: [] for name in COLUMNS}

    def add(self, table: str, *cells: object) -> None:
        """One row, cells in the order of COLUMNS."""
        self.of[table].append(cells)

    def frames(self) -> dict[str, pl.DataFrame]:
        """All tables in memory's types and order of columns."""
        return {name: frame(name, rows) for name, rows in self.of.items()}


def frame(name: str, rows: Sequence[Row]) -> pl.DataFrame:
    """A table from its rows; day numbers become dates, events get their typed values."""
    schema = {column.frame: column.dtype for column in TABLES[name].columns}
    if not rows:
        return empty(name)
    cells = dict(zip(COLUMNS[name], zip(*rows, strict=True), strict=True))
    made = pl.DataFrame(
        [
            pl.Series(column, cells[column], dtype=pl.Int32 if kind is pl.Date else kind).cast(kind)
            if column in cells
            else pl.Series(column, [None] * len(rows), dtype=kind)
            for column, kind in schema.items()
        ]
    )
    return _typed(made) if name == "events" else made


def _typed(events: pl.DataFrame) -> pl.DataFrame:
    """Fill recorded_on with the day itself and type the values as the reader does."""
    kind, value = pl.col("kind"), pl.col("value")

    def of(name: str) -> pl.Expr:
        return pl.when(kind == name).then(value)

    rates = events.filter(kind == "rate_changed")["value"].unique().to_list()
    told = {rate: parse_percent(rate) for rate in rates}
    return events.with_columns(
        pl.col("on").alias("recorded_on"),
        of("extended").str.to_date("%Y-%m-%d", strict=False).alias("value_on"),
        of("classified").cast(pl.Int64, strict=False).alias("value_class"),
        of("rate_changed").replace_strict(told, default=None, return_dtype=pl.Int64).alias("value_rate_e8"),
    ).cast({name: TABLES["events"].schema[name] for name in ("value_on", "value_class", "value_rate_e8")})


def write_households(rows: Rows, households: Iterable[Household]) -> None:
    """Households, members and roster."""
    homes, people, roster = rows.of["households"], rows.of["members"], rows.of["roster"]
    for home in households:
        key = home.household_id
        homes.append((key, home.area_code, home.members[0].name, home.labour_count, home.cause))
        for one in home.members:
            people.append(
                (one.member_id, key, one.name, one.id_number, one.relation, one.labour, one.deceased_on)
            )
        for row in home.listings:
            roster.append((key, row.category, row.listed_on, row.left_on, row.left_reason))


def loan_row(loan: Loan, lender: str, *, product: str | None = None) -> Row:
    """The row of a loan in the order of its table."""
    return (
        loan.loan_id,
        loan.household.household_id,
        loan.borrower_id_number,
        loan.lender or lender,
        loan.branch,
        product or loan.product,
        loan.kind,
        loan.parent.loan_id if loan.parent else None,
        loan.area_code or loan.household.area_code,
        loan.applied_on,
        loan.contract_on,
        loan.matures_on,
        loan.principal_fen,
        loan.rate_e8,
        loan.method,
        loan.purpose,
        loan.guarantee,
        loan.funding,
        loan.ceiling_fen,
    )


def day_text(day: int) -> str:
    """A day as events.value holds it."""
    return from_day_number(day).isoformat()


def rate_text(rate_e8: int) -> str:
    """A rate in percent as events.value holds it."""
    return format_percent(rate_e8 // (E8_PER_PERCENT // 10_000) * (E8_PER_PERCENT // 10_000))

"""The rate ceiling of each loan: its band, and the index as fixed on the contract day."""

from __future__ import annotations

import json
from collections.abc import Sequence

import narwhals as nw
import polars as pl

from bangfu.policy import NO_CEILING, UNDETERMINED, Band, PolicyBook, Stack
from bangfu.refusals import Refused
from bangfu.rules.columns import months_added

TERM, LOCAL, LOCAL_TERM = "rate.ceiling", "local", "rate.local"
_BANDS = {
    "stack_no": pl.Int64,
    "band_no": pl.Int64,
    "up_to_months": pl.Int64,
    "series": pl.String,
    "percent_e8": pl.Int64,
    "by_local": pl.Boolean,
}
_FIXINGS = {
    "series": pl.String,
    "contract_on": pl.Date,
    "fixed_e8": pl.Int64,
    "fixed_on": pl.Date,
    "fixing_confirmed": pl.Boolean,
    "fixing_code": pl.String,
    "fixing_facts": pl.String,
}


def bands_of(stacks: Sequence[Stack]) -> pl.DataFrame:
    """The bands of each stack's ceiling, one row each; a stack without a ceiling has none."""
    rows: list[tuple[object, ...]] = []
    for stack_no, stack in enumerate(stacks):
        found = stack.look(TERM, stack.signed_on)
        if found is None or found.value in (NO_CEILING, UNDETERMINED):
            continue
        for band_no, band in enumerate(sorted(found.bands, key=lambda band: band.up_to_months)):
            rows.append((stack_no, band_no, band.up_to_months, *_source(stack, band)))
    return pl.DataFrame(rows, schema=_BANDS, orient="row")


def _source(stack: Stack, band: Band) -> tuple[str | None, int | None, bool]:
    """The series a band rests on, or its percent, and whether it is left to local data."""
    if band.index is None:
        return None, band.percent_e8, False
    if band.index != LOCAL:
        return band.index, None, False
    local = stack.look(LOCAL_TERM, stack.signed_on)
    if local is None or local.undetermined:
        return None, None, True
    return None, local.integer, True


def with_ceilings(cases: pl.DataFrame, stacks: Sequence[Stack], book: PolicyBook) -> pl.DataFrame:
    """Add ceiling_e8, series, fixed_on, fixing_confirmed, by_local, ceiling_set, fixing_code and fixing_facts.

    The last two tell of a fixing that was refused.
    A loan longer than every band has no ceiling: its term is what is refused.
    """
    bands = bands_of(stacks)
    months = [bands.filter(pl.col("band_no") == number) for number in bands["band_no"].unique().sort()]
    asked = cases.lazy().select("loan_id", "stack_no", "contract_on", "matures_on", "rate_e8")
    asked = asked.drop_nulls()
    chosen = pl.lit(None, pl.Int64)
    for number, table in reversed(list(enumerate(months))):
        name = f"_months_{number}"
        asked = asked.join(
            table.lazy().select("stack_no", pl.col("up_to_months").alias(name)), on="stack_no", how="left"
        )
        chosen = pl.when(pl.col(f"_fits_{number}")).then(number).otherwise(chosen)
    fitted = _fitted(asked, len(months)).with_columns(chosen.cast(pl.Int64).alias("band_no"))
    banded = fitted.join(bands.lazy(), on=["stack_no", "band_no"])
    held = banded.select("loan_id", "contract_on", "series", "percent_e8", "by_local").collect()
    fixed = held.join(_fixings(held, book), on=["series", "contract_on"], how="left")
    told = fixed.select(
        "loan_id",
        "series",
        "by_local",
        "fixed_on",
        "fixing_confirmed",
        "fixing_code",
        "fixing_facts",
        pl.coalesce("percent_e8", "fixed_e8").alias("ceiling_e8"),
    )
    limited = bands["stack_no"].unique().implode()
    joined = cases.join(told, on="loan_id", how="left", maintain_order="left")
    return joined.with_columns(pl.col("stack_no").is_in(limited).alias("ceiling_set"))


def _fitted(asked: pl.LazyFrame, bands: int) -> pl.LazyFrame:
    """Add for each band whether the loan is short enough for it (months added to the contract day, clamped)."""
    days = [
        pl.col(name).to_physical().cast(pl.Int64).alias(f"_{name}") for name in ("contract_on", "matures_on")
    ]
    frame = nw.from_native(asked.with_columns(*days))
    for number in range(bands):
        latest = months_added(nw.col("_contract_on"), nw.col(f"_months_{number}"))
        frame = frame.with_columns(
            (nw.col("_matures_on") <= latest).fill_null(value=False).alias(f"_fits_{number}")
        )
    return frame.to_native()


def _fixings(held: pl.DataFrame, book: PolicyBook) -> pl.DataFrame:
    """Each index on each contract day that asks for it; a refused one carries its code and facts."""
    rows: list[tuple[object, ...]] = []
    for series, day in (
        held.select("series", "contract_on").drop_nulls().unique().sort("series", "contract_on").rows()
    ):
        try:
            found = book.fixing(series, day)
        except Refused as refused:
            told = refused.refusal
            rows.append(
                (series, day, None, None, None, told.code, json.dumps(dict(told.facts), ensure_ascii=False))
            )
        else:
            rows.append((series, day, found.rate_e8, found.fixed_on, found.confirmed, None, None))
    return pl.DataFrame(rows, schema=_FIXINGS, orient="row")

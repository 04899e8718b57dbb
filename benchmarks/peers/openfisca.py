"""OpenFisca-core on the part of the job it can say: each piece's interest and payers' amounts from balance × days.

It has no events and its vectors are float32, so balance × days comes ready from the files, households' ceilings
stay outside, and the answer is not exact; ``run`` tells how many lines are a fen or more beside the kernel's.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from benchmarks import job
from benchmarks.peers import kernel_polars, pandas_way
from openfisca_core.entities import build_entity
from openfisca_core.periods import MONTH
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

PERIOD = "2024-06"
PIECE = build_entity(key="piece", plural="pieces", label="A piece of a loan's time", is_person=True)
GIVEN = (
    "rate", "fen_days", "subsidised_fen_days",
    *(f"{payer}_{part}" for payer in job.PAYERS for part in ("share", "points", "max")),
)  # fmt: skip


def _given(name: str) -> type[Variable]:
    body = {"value_type": float, "entity": PIECE, "definition_period": MONTH, "label": name}
    return type(name, (Variable,), body)


class interest(Variable):  # noqa: N801 - OpenFisca names its variables so
    value_type = float
    entity = PIECE
    definition_period = MONTH
    label = "Interest of the piece, fen"

    def formula(piece: Any, period: Any) -> Any:  # noqa: N805 - OpenFisca calls it so
        return piece("fen_days", period) * piece("rate", period) / 360


def _amount(payer: str) -> type[Variable]:
    def formula(piece: Any, period: Any) -> Any:
        rate = piece("rate", period) * piece(f"{payer}_share", period) + piece(f"{payer}_points", period)
        rate = np.minimum(rate, piece(f"{payer}_max", period))
        return piece("subsidised_fen_days", period) * rate / 360

    body = {"value_type": float, "entity": PIECE, "definition_period": MONTH, "label": payer}
    return type(payer, (Variable,), body | {"formula": formula})


def ready(folder: Path, out: Path) -> None:
    """What OpenFisca cannot say is done before: rooms, balances, days."""
    kernel_polars.run(folder, out)
    job.lines_file(out).rename(out / "exact.parquet")
    cut = pl.from_pandas(pandas_way.pieces(folder))
    parts = [
        expr.alias(f"{payer}_{name}")
        for payer in job.PAYERS
        for name, expr in (
            ("share", pl.col(f"{payer}_share_percent") / 100),
            ("points", pl.col(f"{payer}_points_e8") / 100_000_000),
            ("max", pl.col(f"{payer}_max_e8") / 100_000_000),
        )
    ]
    keys = ("loan_id", "area_code", "fen_days", "subsidised_fen_days")
    cut.select(*keys, (pl.col("rate_e8") / 100_000_000).alias("rate"), *parts).write_parquet(
        out / "pieces.parquet"
    )


def run(folder: Path, out: Path) -> dict[str, int]:  # noqa: ARG001 - as every peer
    """Read the pieces, calculate, round, add up by township; how far it is from the kernel."""
    cut = pl.read_parquet(out / "pieces.parquet")
    system = TaxBenefitSystem([PIECE])
    system.add_variables(*map(_given, GIVEN), interest, *map(_amount, job.PAYERS))
    simulation = SimulationBuilder().build_default_simulation(system, cut.height)
    for name in GIVEN:
        simulation.set_input(name, PERIOD, cut[name].to_numpy().astype("float32"))
    found = {name: simulation.calculate(name, PERIOD) for name in ("interest", *job.PAYERS)}
    line = cut.select("loan_id", "area_code").with_columns(
        pl.Series(f"{name}_fen", value).cast(pl.Float64) for name, value in found.items()
    )
    amounts = [f"{name}_fen" for name in found]
    line = line.group_by("loan_id", "area_code").agg(pl.col(amounts).sum())
    line = line.with_columns(pl.col(amounts).round(0).cast(pl.Int64))
    line.write_parquet(job.lines_file(out))
    line.group_by(pl.col("area_code") // job.TOWNSHIP).agg(pl.col(amounts).sum()).write_parquet(
        job.townships_file(out)
    )
    exact = pl.read_parquet(out / "exact.parquet").select("loan_id", pl.col(amounts).name.suffix("_exact"))
    both = line.join(exact, on="loan_id")
    off = pl.any_horizontal(pl.col(name) != pl.col(f"{name}_exact") for name in amounts)
    return {"lines": both.height, "lines_off": both.filter(off).height}

"""Every peer of the benchmarks gives the kernel's lines and totals to the fen, on 2,000 loans."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from benchmarks import job, portfolio, table

LOANS = 2_000


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("portfolio")
    portfolio.write(folder, LOANS, seed=7)
    return folder


@pytest.fixture(scope="module")
def kernel(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("kernel")
    peer("kernel_polars").run(data, out)
    return out


def peer(name: str) -> Any:
    return import_module(f"benchmarks.peers.{name}")


@pytest.mark.parametrize(
    "name",
    ["kernel_duckdb", "duckdb_sql", "pandas_way", "plain_python",
     pytest.param("kernel_spark", marks=pytest.mark.spark)],
)  # fmt: skip
def test_every_peer_gives_the_kernels_lines(name: str, data: Path, kernel: Path, tmp_path: Path) -> None:
    peer(name).run(data, tmp_path)
    assert job.lines(tmp_path).equals(job.lines(kernel))
    assert job.townships(tmp_path).equals(job.townships(kernel))


def test_the_portfolio_has_what_makes_the_job_hard(kernel: Path) -> None:
    lines = job.lines(kernel)
    assert lines.height > LOANS / 5
    in_part = lines.filter((pl.col("fixed_fen") > 0) & (pl.col("opening_fen") > pl.col("fixed_fen")))
    assert in_part.height > 0
    assert all(lines[f"{payer}_fen"].sum() > 0 for payer in job.PAYERS)
    assert (lines["subsidy_fen"] + lines["borrower_fen"] == lines["interest_fen"]).all()


def test_the_floor_reads_every_column(data: Path, tmp_path: Path) -> None:
    peer("floor").run(data, tmp_path)
    assert pl.read_parquet(job.lines_file(tmp_path))["loan_id"].sum() == sum(range(LOANS))


def test_openfisca_comes_near_on_the_formula_alone(data: Path, tmp_path: Path) -> None:
    told = peer("openfisca")
    told.ready(data, tmp_path)
    found = told.run(data, tmp_path)
    assert found["lines"] > 0
    assert found["lines_off"] < found["lines"] / 2


def test_a_part_measured_again_replaces_its_rows() -> None:
    old = [table.Row("a", "x", seconds="1.0", reached=True, note="n"), table.Row("b", "y")]
    text = f"# Benchmarks\n\n{table.rendered(old)}\n\nprose\n"
    assert table.kept(text, [table.Row("b", "z")]) == old[:1]

"""The quarterly run by every peer: measured in turns with the floor, equal to the fen or stopped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import job, portfolio
from benchmarks.measure import NoRun, Run, Runs, child, emptied
from benchmarks.table import Row, measured, seconds

MILLION = 1_000_000
PLAIN_LOANS = 100_000
FREE_MB_FOR_45 = 9_000
FLOOR, KERNEL = "floor", "kernel_polars"
RATIO_TO_FLOOR, KERNEL_MB, FASTER_THAN_PANDAS = 3.5, 1_536, 6


@dataclass(frozen=True, slots=True)
class Peer:
    """Who does the job: its module, its name in the table, up to how many million loans, a note."""

    module: str
    name: str
    up_to: int
    note: str = ""
    exact: bool = True


PEERS = (
    Peer(
        FLOOR,
        "floor: Polars reads and groups",
        45,
        "nothing is calculated and no line is written",
        exact=False,
    ),
    Peer(KERNEL, "bangfu kernel on Polars", 45),
    Peer("duckdb_sql", "DuckDB SQL, window functions", 45),
    Peer("kernel_duckdb", "bangfu kernel on DuckDB", 10),
    Peer("pandas_way", "pandas", 10),
    Peer("kernel_spark", "bangfu kernel on PySpark, local[2]", 1, "second run of a warm session"),
    Peer(
        "openfisca",
        "OpenFisca-core, the formula alone",
        1,
        "balance × days and ceilings given ready; float32",
        exact=False,
    ),
)
Say = Callable[[str], None]


def free_mb() -> int:
    """Memory that is available now."""
    told = Path("/proc/meminfo").read_text(encoding="utf-8")
    return next(int(line.split()[1]) for line in told.splitlines() if line.startswith("MemAvailable")) // 1024


def _one(peer: Peer, data: Path, work: Path) -> Run:
    return child(f"benchmarks.peers.{peer.module}", data, emptied(work / peer.module))


def _same(peer: Peer, work: Path) -> None:
    """Stop where a peer's totals are not the kernel's, to the fen, in every township."""
    kernel, other = job.townships(work / KERNEL), job.townships(work / peer.module)
    if not kernel.equals(other):
        raise SystemExit(f"{peer.name}: totals differ\nkernel {kernel.sum()}\nit {other.sum()}")


def in_turns(peers: Sequence[Peer], data: Path, work: Path, *, rounds: int, say: Say) -> dict[str, Runs]:
    """A warm-up each, whose totals are compared, then so many rounds in turns; without rounds the warm-up counts."""
    first: dict[str, Run] = {}
    for peer in peers:
        say(f"  {peer.name}: warm-up")
        try:
            first[peer.module] = _one(peer, data, work)
        except NoRun as reason:
            say(f"  {reason}")
            continue
        if peer.exact and peer.module != KERNEL:
            _same(peer, work)
    kept: dict[str, list[Run]] = {module: [] for module in first}
    for number in range(rounds):
        for peer in peers:
            if peer.module in kept:
                run = _one(peer, data, work)
                say(
                    f"  {peer.name}: round {number + 1}: {seconds(run.wall)} s, processor {seconds(run.cpu)} s"
                )
                kept[peer.module].append(run)
    return {module: Runs(runs or [first[module]]) for module, runs in kept.items()}


def _row(peer: Peer, what: str, found: dict[str, Runs]) -> Row:
    runs = found[peer.module]
    floor, kernel = found[FLOOR], found[KERNEL]
    beside = f"{runs.wall / floor.wall:.1f} × floor (processor {runs.cpu / floor.cpu:.1f} ×)"
    target, reached, note = "", None, peer.note
    if peer.module == "openfisca":
        told = runs.runs[0].told
        note += f"; {told['lines_off']:,} of {told['lines']:,} lines are a fen or more off"
    elif peer.exact and peer.module != KERNEL:
        note = "; ".join(filter(None, (note, "equal to the fen")))
    if peer.module == KERNEL and what.startswith("quarter, 10 "):
        target = "≤ 3.5 × floor, ≤ 1.5 GB"
        reached = runs.wall / floor.wall <= RATIO_TO_FLOOR and runs.peak_mb <= KERNEL_MB
    if peer.module == "pandas_way":
        faster = runs.wall / kernel.wall
        beside += f"; kernel {faster:.1f} × faster (processor {runs.cpu / kernel.cpu:.1f} ×)"
        if what.startswith("quarter, 10 "):
            target, reached = "kernel ≥ 6 × faster", faster >= FASTER_THAN_PANDAS
    return Row(what, peer.name, **measured(runs), beside=beside, target=target, reached=reached, note=note)


def measure(folder: Path, *, sizes: Sequence[int], rounds: int, seed: int, say: Say) -> list[Row]:
    """Rows of the quarterly run on so many million loans, each peer in processes of its own."""
    rows: list[Row] = []
    for size in sizes:
        what = f"quarter, {size} million loans"
        if size > 10 and free_mb() < FREE_MB_FOR_45:
            rows.append(Row(what, "not run", note=f"only {free_mb():,} MB of memory free"))
            continue
        say(f"{what}: making the portfolio")
        data = emptied(folder / f"portfolio-{size}")
        portfolio.write(data, size * MILLION, seed)
        peers = [peer for peer in PEERS if size <= peer.up_to]
        found = in_turns(peers, data, folder / "work", rounds=rounds if size <= 10 else 0, say=say)
        rows += [_row(peer, what, found) for peer in peers if peer.module in found]
        emptied(data)
    return rows


def plain(folder: Path, *, rounds: int, seed: int, say: Say) -> list[Row]:
    """Plain Python on 100,000 loans, beside the kernel on the same."""
    say("quarter, 100,000 loans: plain Python")
    data = emptied(folder / "portfolio-plain")
    portfolio.write(data, PLAIN_LOANS, seed)
    both = (Peer(KERNEL, "bangfu kernel on Polars", 1), Peer("plain_python", "plain Python, Decimal", 1))
    found = in_turns(both, data, folder / "work", rounds=rounds, say=say)
    kernel = found[KERNEL]
    rows = []
    for peer in both:
        runs = found[peer.module]
        each = f"{runs.wall * MILLION / PLAIN_LOANS:.1f} µs a loan"
        if peer.module != KERNEL:
            each += f"; kernel {runs.wall / kernel.wall:.0f} × faster"
        note = "" if peer.module == KERNEL else "equal to the fen"
        rows.append(Row("quarter, 100,000 loans", peer.name, **measured(runs), beside=each, note=note))
    return rows

"""The walls of the house stand, and each contract is seen to fall when it is broken (docs/decisions/0030)."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CONTRACTS = [
    contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "importlinter"
    ]["contracts"]
]

# For each contract: files that break it and nothing else need break.
BREACHES = {
    "Dependencies point down only": [
        {"money/fen.py": "import bangfu.engine.findings\n"},
        {"engine/ledger.py": "import bangfu.reports.paper\n"},
        {"reports/paper.py": "import bangfu.synthetic\n"},
        {"elsewhere/__init__.py": ""},  # a new part of bangfu that was given no place
    ],
    "No rule imports another": [{"rules/term/rule.py": "import bangfu.rules.rate.rule\n"}],
    "The engine and all below it know neither Django nor Spark": [
        {"engine/batch.py": "import pyspark\n"},
        {"facts/read.py": "import django\n"},
    ],
    "Money and policy do not depend on a dataframe library": [
        {"money/rates.py": "import polars\n"},
        {"policy/book.py": "import narwhals\n"},
    ],
    "Casework's folders stand on one another in one order": [
        {"casework/people/api.py": "import bangfu.casework.lending.api\n"},
        {"casework/elsewhere/__init__.py": ""},
    ],
    "The web knows casework by its apis": [{"web/context.py": "import bangfu.casework.registry.models\n"}],
}


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """import-linter over the sources of a folder, with the contracts of that folder."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "COLUMNS": "200"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def _copy(folder: Path, broken: dict[str, str]) -> None:
    """Our sources, with lines added at the end of some files."""
    for source in (ROOT / "src" / "bangfu").rglob("*.py"):
        target = folder / "src" / "bangfu" / source.relative_to(ROOT / "src" / "bangfu")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())
    (folder / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    for name, line in broken.items():
        target = folder / "src" / "bangfu" / name
        target.parent.mkdir(exist_ok=True)
        with target.open("a", encoding="utf-8") as file:
            file.write(f"\n{line}")


def test_every_contract_is_kept():
    done = _lint(ROOT)
    assert done.returncode == 0, done.stdout


def test_every_contract_is_seen_to_fall():
    assert sorted(CONTRACTS) == sorted(BREACHES)


@pytest.mark.parametrize(
    ("contract", "broken"), [(name, broken) for name, several in BREACHES.items() for broken in several]
)
def test_a_breach_is_found(contract, broken, tmp_path):
    _copy(tmp_path, broken)
    done = _lint(tmp_path)
    told = " ".join(done.stdout.split())
    assert done.returncode != 0, told
    assert f"{contract} BROKEN" in told, told

"""Runs commands in this process, as a person would type them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bangfu.cli import language
from bangfu.cli.run import run
from bangfu.synthetic import generate


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one document on standard output."""
        return json.loads(self.out)


@pytest.fixture
def bangfu(capsys):
    """``bangfu("interest", "--rate", "3.75", …)``; English unless said otherwise."""

    def call(*words: object, lang: str = "en") -> Answer:
        typed = [str(word) for word in words]
        capsys.readouterr()
        language.settle(typed, {"BANGFU_LANG": lang})
        code = run(typed)
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    yield call
    language.settle([], {})


@pytest.fixture(scope="session")
def county(tmp_path_factory) -> Path:
    """A small synthetic county with its packs."""
    folder = tmp_path_factory.mktemp("county")
    generate(out=folder, loans=300, seed=7)
    return folder


@pytest.fixture
def one_loan(tmp_path) -> Path:
    """The smallest facts: one household, one loan, one disbursement."""
    folder = tmp_path / "facts"
    folder.mkdir()
    for name in ("households", "loans", "events"):
        source = Path(__file__).parents[2] / "docs" / "examples" / "one-loan" / f"{name}.csv"
        (folder / f"{name}.csv").write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    return folder

"""Every command that a guide prints is run, in its order, and does what it should."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

COMMAND = Path(sys.executable).with_name("bangfu")
GUIDES = Path(__file__).parents[2] / "docs" / "guides"
SITE = Path(__file__).parents[2] / "src" / "bangfu"
LEDGER = (
    ("序号", "1", "2"),
    ("乡镇", "示范镇", "示范镇"),
    ("行政村", "东村", "西村"),
    ("户主姓名", "某甲", "某乙"),
    ("身份证号", "11010519491231002X", "110105198001010015"),
    ("贷款人姓名", "某甲", "某乙"),
    ("贷款人身份证", "11010519491231002X", "110105198001010015"),
    ("与户主关系", "户主", "户主"),
    ("脱贫属性", "脱贫户", "脱贫户"),
    ("贷款金融机构", "某县农村信用合作联社", "某县农村信用合作联社"),
    ("贷款金额（元）", "50000", "30000"),
    ("放款日期", "2024-06-03", "2024-09-02"),
    ("到期日期", "2026-06-03", "2025-09-02"),
    ("贷款利率（%）", "3.85", "3.35"),
    ("贷款用途", "养牛", "种植"),
    ("贷款余额（元）", "50000", "30000"),
)


def commands(text: str) -> list[list[str]]:
    """The indented lines that begin with bangfu, split as a shell would."""
    lines = (line[4:] for line in text.splitlines() if line.startswith("    bangfu "))
    return [shlex.split(line)[1:] for line in lines]


def python_of(text: str) -> str:
    """The guide's Python."""
    found = re.search(r"```python\n(.+?)```", text, re.DOTALL)
    assert found is not None
    return found.group(1)


def run(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([COMMAND, *words], cwd=folder, capture_output=True, text=True, check=False)


def write_ledger(path: Path) -> None:
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("台账")
    for column, cells in enumerate(LEDGER):
        for row, cell in enumerate(cells):
            sheet.write_string(row, column, cell)
    book.close()


@pytest.mark.parametrize(
    "guide", sorted(set(GUIDES.glob("*.md")) - set(GUIDES.glob("*.zh-CN.md"))), ids=lambda path: path.name
)
def test_every_command_of_a_guide_runs(guide: Path, tmp_path: Path) -> None:
    write_ledger(tmp_path / "台账.xlsx")
    for words in commands(guide.read_text(encoding="utf-8")):
        done = run(words, tmp_path)
        assert done.returncode == 0, (words, done.stderr[-2000:])
        if "-o" in words:
            assert (tmp_path / words[words.index("-o") + 1]).exists(), words


def test_a_command_that_does_not_exist_is_noticed(tmp_path: Path) -> None:
    assert commands("text\n\n    bangfu nothing --at all\n") == [["nothing", "--at", "all"]]
    assert run(["nothing"], tmp_path).returncode != 0


def test_both_languages_print_the_same_commands() -> None:
    """So that it is enough to run the English ones; only the names of files that are written differ."""

    def unnamed(name: str) -> list[list[str]]:
        found = commands((GUIDES / name).read_text(encoding="utf-8"))
        return [[re.sub(r"^\w+(?=\.(xlsx|csv)$)", "…", word) for word in words] for words in found]

    for name in ("official", "runbook"):
        assert unnamed(f"{name}.md") == unnamed(f"{name}.zh-CN.md")


def on_the_pages() -> set[str]:
    """Every text of the site's pages, in either language."""
    found: set[str] = set()
    for path in (*SITE.rglob("web/**/*.py"), *SITE.rglob("web/**/*.html"), *SITE.rglob("casework/**/*.py")):
        found |= set(re.findall(r'"((?:[^"\\\n]|\\.)+)"', path.read_text(encoding="utf-8")))
    return {one.strip().casefold() for one in found}


def unknown_names(text: str) -> list[str]:
    """The names in bold that no page has."""
    there = on_the_pages()
    return [one for one in re.findall(r"\*\*([^*]+)\*\*", text) if one.casefold() not in there]


@pytest.mark.parametrize("guide", ["quarter.md", "quarter.zh-CN.md"])
def test_the_names_a_guide_gives_stand_on_the_pages(guide: str) -> None:
    named = (GUIDES / guide).read_text(encoding="utf-8").partition("\n## ")[2]
    assert unknown_names(named) == []
    assert unknown_names("**A page that is nowhere**") == ["A page that is nowhere"]


@pytest.mark.spark
def test_the_quarter_on_spark_is_that_of_the_command(tmp_path: Path) -> None:
    run(["generate", "demo", "--loans", "300", "--seed", "1"], tmp_path)
    words = ["subsidy", "demo", "--packs", "demo/packs", "--from", "2026-03-21", "--to", "2026-06-21"]
    assert run([*words, "-o", "lines.parquet"], tmp_path).returncode == 0
    script = python_of((GUIDES / "operator.md").read_text(encoding="utf-8"))
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    names = pl.read_parquet(tmp_path / "kernel" / "names.parquet").rename({"loan_id": "name"})
    lines = pl.read_parquet(tmp_path / "lines" / "*.parquet").filter(
        pl.col("exceeding") == 0, pl.col("interest_numerator") > 0
    )
    carried = (
        lines.join(names, left_on="loan_id", right_on="loan_no").select("name", "subsidy_fen").sort("name")
    )
    told = pl.read_parquet(tmp_path / "lines.parquet").sort("loan_id")
    assert carried.rows() == told.select("loan_id", "subsidy_fen").rows()

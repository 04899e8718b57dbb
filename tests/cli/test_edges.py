"""Bad files end in exit 2 with the rows named; both languages; what is written is whole or not there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from bangfu.cli import failures, language
from bangfu.cli.output import replacing

QUARTER = ("--from", "2026-03-21", "--to", "2026-06-21")
COMMANDS = {
    "check": ("--on", "2026-06-30"),
    "subsidy": QUARTER,
    "audit": ("--as-of", "2026-06-30"),
    "monitor": ("--as-of", "2026-06-30"),
}
BANGFU = str(Path(sys.executable).with_name("bangfu"))


def add_row(folder, table, row):
    with (folder / f"{table}.csv").open("a", encoding="utf-8") as file:
        file.write(row + "\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_bad_rows_are_named(bangfu, one_loan, command):
    add_row(one_loan, "events", "L1,2026-04-31,repaid,100")
    add_row(one_loan, "events", "L9,2026-04-30,repaid,100")
    answer = bangfu(command, one_loan, *COMMANDS[command])
    assert answer.code == 2
    assert answer.out == ""
    assert 'events.csv, row 3, column on: "2026-04-31" Not a date' in answer.err
    assert "events.csv, row 4, column loan_id" in answer.err
    as_json = bangfu(command, one_loan, *COMMANDS[command], "--json")
    assert as_json.code == 2
    assert [(one["row"], one["column"]) for one in as_json.json["problems"]] == [(3, "on"), (4, "loan_id")]


def test_bad_rows_are_named_in_chinese(bangfu, one_loan):
    add_row(one_loan, "events", "L1,2026-04-31,repaid,100")
    answer = bangfu("subsidy", one_loan, *QUARTER, lang="zh")
    assert "events.csv 第3行 “on”：“2026-04-31” 不是日期" in answer.err
    assert "未导入任何数据" in answer.err


def test_bad_rows_may_be_left_out_and_are_listed(bangfu, one_loan):
    add_row(one_loan, "events", "L1,2026-04-31,repaid,100")
    answer = bangfu("subsidy", one_loan, *QUARTER, "--leave-out-bad-rows", "--json")
    assert answer.code == 0
    assert answer.json["totals"]["subsidy_fen"] == 31944
    assert [one["row"] for one in answer.json["left_out"]] == [3]
    assert "Left out (1)" in answer.err
    assert "row 3" in answer.err


def test_known_at_leaves_aside_what_came_later(bangfu, one_loan):
    (one_loan / "events.csv").write_text(
        "loan_id,on,kind,amount,recorded_on\nL1,2026-03-02,disbursed,60000,2026-03-02\nL1,2026-04-01,repaid,60000,2026-07-01\n",
        encoding="utf-8",
    )
    words = ("subsidy", one_loan, *QUARTER, "--json")
    assert bangfu(*words, "--known-at", "2026-06-30").json["totals"]["subsidy_fen"] == 31944
    assert bangfu(*words).json["totals"]["subsidy_fen"] < 31944


MUTATIONS = 60


def test_mutated_files_end_in_a_named_refusal_or_a_result(bangfu, one_loan, tmp_path):
    """Whatever the bytes: a result, or exit 2 with reasons; never an error of the program."""
    chance = Random(20260321)  # noqa: S311 - mutations, not secrets
    folder = tmp_path / "mutated"
    for _ in range(MUTATIONS):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(one_loan, folder)
        file = chance.choice(sorted(folder.iterdir()))
        raw = bytearray(file.read_bytes())
        for _ in range(chance.randint(1, 6)):
            place = chance.randrange(len(raw) + 1)
            raw[place : place + chance.randint(0, 3)] = chance.choice(
                [b"", b"\x00", b",", b'"', b"\n", b"9", b"=", b"\xff"]
            )
        file.write_bytes(raw)
        answer = bangfu("subsidy", folder, *QUARTER)
        assert answer.code in (0, 2), (bytes(raw), answer.err)
        assert answer.code == 0 or answer.err


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("subsidy",),
        ("subsidise", "x"),
        ("subsidy", "nowhere", *QUARTER),
        ("subsidy", "nowhere", "--from", "2026-03-21"),
        ("subsidy", "nowhere", *QUARTER, "--lang", "fr"),
        ("subsidy", "nowhere", *QUARTER, "--packs", "nowhere"),
        ("interest", "--principal", "1"),
        ("policy", "show", "52", "2022-05-01", "--nothing"),
    ],
)
def test_wrong_usage_ends_in_2(bangfu, words):
    answer = bangfu(*words)
    assert answer.code == 2
    assert "Traceback" not in answer.err


@pytest.mark.parametrize("name", ["list.pdf", "list", "list.xls", "nowhere/list.xlsx"])
def test_an_output_that_cannot_be_is_refused_by_name(bangfu, one_loan, tmp_path, name):
    answer = bangfu("subsidy", one_loan, *QUARTER, "-o", tmp_path / name)
    assert answer.code == 2
    assert Path(name).name in answer.err or "nowhere" in answer.err


def test_the_period_must_not_be_empty(bangfu, one_loan):
    assert bangfu("subsidy", one_loan, "--from", "2026-06-21", "--to", "2026-06-21").code == 2
    assert bangfu("explain", one_loan, "L1", "--from", "2026-06-21", "--to", "2026-06-20").code == 2


def test_an_added_pack_that_is_wrong_is_named(bangfu, one_loan, tmp_path):
    (tmp_path / "bad.yaml").write_text("id: X1\nunknown: 1\n", encoding="utf-8")
    answer = bangfu("subsidy", one_loan, *QUARTER, "--packs", tmp_path / "bad.yaml", "--json")
    assert answer.code == 2
    assert answer.json["problems"][0]["file"].endswith("bad.yaml")


def test_a_file_that_failed_to_be_written_leaves_the_old_one(tmp_path):
    target = tmp_path / "list.csv"
    target.write_text("old", encoding="utf-8")

    def fail() -> None:
        with replacing(target) as beside:
            beside.write_text("new", encoding="utf-8")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        fail()
    assert target.read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["list.csv"]
    with replacing(target) as beside:
        beside.write_text("new", encoding="utf-8")
    assert target.read_text(encoding="utf-8") == "new"


def test_our_own_fault_is_one_line_without_values(bangfu, one_loan, monkeypatch):
    def broken(*_args, **_given):
        raise RuntimeError("张三 110105194912310021")

    monkeypatch.setattr("bangfu.engine.subsidy.prepare", broken)
    answer = bangfu("subsidy", one_loan, *QUARTER)
    assert answer.code == 3
    assert answer.err.count("\n") == 1
    assert "RuntimeError bangfu.engine.subsidy:" in answer.err
    assert "张三" not in answer.err


def test_an_interrupt_is_said(capsys):
    assert failures.report(KeyboardInterrupt(), as_json=False) == failures.INTERRUPTED
    assert "nothing was written" in capsys.readouterr().err or language.spoken() == "zh"


@pytest.mark.parametrize(
    ("typed", "environment", "wanted"),
    [
        ([], {}, "en"),
        ([], {"LANG": "zh_CN.UTF-8"}, "zh"),
        ([], {"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ([], {"LANG": "en_GB.UTF-8", "BANGFU_LANG": "zh"}, "zh"),
        (["--lang", "en"], {"BANGFU_LANG": "zh"}, "en"),
        (["subsidy", "--lang=zh"], {}, "zh"),
        (["--lang"], {"LANG": "zh"}, "zh"),
        (["--", "--lang", "zh"], {}, "en"),
    ],
)
def test_the_language_is_chosen_once(typed, environment, wanted):
    language.settle(typed, environment)
    assert language.spoken() == wanted
    language.settle([], {})


def ask(*words, **environment):
    """The installed command in its own process."""
    return subprocess.run(
        [BANGFU, *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
        encoding="utf-8",
    )


def test_help_is_quick_and_loads_no_dataframe_library():
    best = 99.0
    for _ in range(3):
        started = time.monotonic()
        done = ask("--help", BANGFU_LANG="zh")
        best = min(best, time.monotonic() - started)
    sys.stdout.write(
        f"bangfu --help: {best:.2f} s\n"
    )  # shown with -s; a limit on a shared machine would only flicker
    assert done.returncode == 0
    assert "贴息" in done.stdout
    heavy = ("polars", "narwhals", "pydantic", "xlsxwriter", "rich")
    loaded = f"import sys, bangfu.cli.run; print(sorted(set({heavy}) & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_every_command_has_its_help_in_both_languages():
    for command in (
        "check",
        "interest",
        "subsidy",
        "audit",
        "monitor",
        "explain",
        "generate",
        "template",
        "selftest",
    ):
        english, chinese = ask(command, "--help", BANGFU_LANG="en"), ask(command, "--help", BANGFU_LANG="zh")
        assert english.returncode == chinese.returncode == 0
        assert english.stdout.isascii(), command
        assert not chinese.stdout.isascii(), command


def test_a_reader_that_goes_away_is_no_error():
    command = f"{BANGFU} policy show 522728 2022-05-01 --json | head -c 1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    assert done.stdout == "{"


def test_json_is_all_there_is_on_standard_output(one_loan):
    done = ask("subsidy", str(one_loan), *QUARTER, "--json", LANG="zh_CN.UTF-8")
    assert done.returncode == 0
    assert json.loads(done.stdout)["totals"]["lines"] == 1

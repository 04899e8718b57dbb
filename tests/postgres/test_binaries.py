"""Which PostgreSQL is taken, and why another is not."""

from __future__ import annotations

import importlib.util

import pytest
from tests.postgres.conftest import binaries_of

from bangfu.postgres import NoServer, NoTool, binaries, find_binaries


def pretend(folder, *, version="16.3", extensions=("btree_gist", "pg_trgm"), tools=binaries.NEEDED_TOOLS):
    programs = folder / "bin"
    programs.mkdir(parents=True)
    shared = folder / "share" / "extension"
    shared.mkdir(parents=True)
    for name in extensions:
        (shared / f"{name}.control").touch()
    for name in tools:
        program = programs / name
        program.write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n", encoding="ascii")
        program.chmod(0o755)
    return programs


def test_the_explicit_one_stands_alone(tmp_path, monkeypatch) -> None:
    programs = pretend(tmp_path / "good")
    monkeypatch.setenv("BANGFU_PG_BIN", str(programs))
    found = find_binaries()
    assert (found.folder, found.version, found.major, found.origin) == (programs, "16.3", 16, "BANGFU_PG_BIN")
    monkeypatch.setenv("BANGFU_PG_BIN", str(tmp_path / "absent"))
    with pytest.raises(NoServer, match="no postgres, initdb"):
        find_binaries()


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"version": "14.9"}, "older than 15"),
        ({"extensions": ("btree_gist",)}, "extension pg_trgm is missing"),
        ({"tools": ("postgres",)}, "no initdb"),
        ({"version": "unknown"}, "gives no answer"),
    ],
)
def test_one_that_does_not_serve_is_named_with_its_reason(tmp_path, monkeypatch, wrong, reason) -> None:
    programs = pretend(tmp_path / "bad", **wrong)
    monkeypatch.setenv("BANGFU_PG_BIN", str(programs))
    with pytest.raises(NoServer, match=reason) as refused:
        find_binaries()
    assert str(programs) in refused.value.sentence("zh")


def test_the_system_comes_before_the_wheel_and_a_bare_system_is_passed_over(tmp_path, monkeypatch) -> None:
    wheel = binaries_of("wheel")
    good, bare = pretend(tmp_path / "good"), pretend(tmp_path / "bare", extensions=())
    monkeypatch.setattr(binaries, "_system_folders", lambda: [bare, good])
    assert find_binaries().folder == good
    monkeypatch.setattr(binaries, "_system_folders", lambda: [bare])
    assert find_binaries() == wheel
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(NoServer, match="contrib"):
        find_binaries()


def test_data_of_a_version_ask_for_that_version(tmp_path, monkeypatch) -> None:
    newer, older = pretend(tmp_path / "a", version="17.1"), pretend(tmp_path / "b", version="16.9")
    monkeypatch.setattr(binaries, "_system_folders", lambda: [newer, older])
    assert find_binaries().folder == newer
    assert find_binaries(major=16).folder == older


@pytest.mark.parametrize("origin", ["system", "wheel"])
def test_the_tools_of_a_backup_are_there(origin) -> None:
    found = binaries_of(origin)
    for name in ("pg_dump", "pg_restore", "psql"):
        assert found.tool(name).is_file()


def test_a_missing_tool_is_named(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("BANGFU_PG_BIN", str(pretend(tmp_path / "good")))
    with pytest.raises(NoTool, match="no pg_dump; install the client programs of PostgreSQL 16"):
        find_binaries().tool("pg_dump")

"""deploy/: what the units and the proxy call is there, and says what the runbook says."""

from __future__ import annotations

import configparser
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
OURS = "/opt/bangfu/.venv/bin/bangfu"
HARDENED = ("NoNewPrivileges", "ProtectSystem", "ProtectHome", "PrivateTmp", "UMask", "CapabilityBoundingSet")


def read(path: Path) -> configparser.RawConfigParser:
    class Several(dict):
        """Keys that stand twice are kept one below the other."""

        def __setitem__(self, key, value):
            if key in self and isinstance(value, list):
                self[key].extend(value)
            else:
                super().__setitem__(key, value)

    parser = configparser.RawConfigParser(dict_type=Several, strict=False, interpolation=None)
    parser.optionxform = str
    parser.read_string(path.read_text(encoding="utf-8"))
    return parser


def lines(path: Path, name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)


def ours(path: Path) -> list[list[str]]:
    """The words after ``bangfu`` of every command of ours that a unit calls."""
    found = []
    for line in lines(path, "ExecStart") + lines(path, "ExecStartPost"):
        for inner in re.findall(rf"{re.escape(OURS)}[^']*", line):
            words = [word for word in shlex.split(inner)[1:] if not word.startswith("$")]
            found.append(words)
    return found


@pytest.mark.parametrize("unit", [one for one in UNITS if one.suffix == ".service"], ids=lambda one: one.name)
def test_a_unit_calls_commands_that_are_there(unit):
    from bangfu.cli.app import app

    assert read(unit).sections()[:2] == ["Unit", "Service"]
    called = ours(unit)
    assert called, unit.name
    for words in called:
        options = [word for word in words if word.startswith("--")]
        command = words[0]
        told = CliRunner().invoke(app, [command, "--help"])
        assert told.exit_code == 0, command
        assert all(option in told.output for option in options), (command, options)
    for name in HARDENED:
        assert lines(unit, name), f"{unit.name} lacks {name}"
    assert lines(unit, "User") == ["bangfu"]


@pytest.mark.parametrize("unit", [one for one in UNITS if one.suffix == ".timer"], ids=lambda one: one.name)
def test_a_timer_has_its_service_and_a_day(unit):
    assert unit.with_suffix(".service").is_file()
    (when,) = lines(unit, "OnCalendar")
    assert re.fullmatch(r"\*-\*-\* \d\d:\d\d:\d\d Asia/Shanghai", when)
    assert lines(unit, "WantedBy") == ["timers.target"]


def test_the_environment_names_what_the_program_reads():
    told = (DEPLOY / "bangfu.env.example").read_text(encoding="utf-8")
    names = set(re.findall(r"^#?([A-Z_]+)=", told, flags=re.MULTILINE))
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    assert {name for name in names if name not in sources} <= {"BANGFU_SERVE"}
    assert "$BANGFU_SERVE" in (DEPLOY / "systemd" / "bangfu.service").read_text(encoding="utf-8")


def test_the_proxy_sets_what_the_site_trusts_and_keeps_queries_out_of_its_log():
    told = (DEPLOY / "nginx.conf.example").read_text(encoding="utf-8")
    passed = (DEPLOY / "bangfu-proxy.conf.example").read_text(encoding="utf-8")
    assert told.count("{") == told.count("}")
    assert "server 127.0.0.1:8000;" in told
    assert "--port 8000" in (DEPLOY / "systemd" / "bangfu.service").read_text(encoding="utf-8")
    for header in ("Host $host", "X-Forwarded-For $remote_addr", "X-Forwarded-Proto $scheme"):
        assert f"proxy_set_header {header};" in passed
    log = re.search(r"log_format (.*?);", told, flags=re.DOTALL)[1]
    assert "$request " not in log
    assert "$request_uri" not in log
    assert "$args" not in log
    assert re.search(r"location = /metrics \{\s*deny all;", told)
    assert re.search(r"client_max_body_size \d+m;", told)

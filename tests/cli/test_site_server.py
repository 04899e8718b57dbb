"""A site on somebody else's PostgreSQL (``DATABASE_URL``): made, backed up and restored without a superuser."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from tests.cli.site_made import LOADED, TOLD, bangfu, python


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server with the roles and two databases, as the runbook's SQL makes them; its socket."""
    from bangfu.casework.database.setup import made_roles
    from bangfu.postgres import Cluster

    cluster = Cluster(tmp_path_factory.mktemp("server"), throwaway=True)
    with cluster.held():
        for name in ("one", "two"):
            made_roles(f"host={cluster.socket} user=postgres dbname=postgres", database=name)
        yield cluster.socket


@pytest.fixture
def on(server, monkeypatch):
    """``on("one")``: the commands go to that database."""

    def use(name: str) -> None:
        host = quote(str(server), safe="")
        monkeypatch.setenv("DATABASE_URL", f"postgresql://app@{host}/{name}")
        monkeypatch.setenv("BANGFU_OWNER_URL", f"postgresql://owner@{host}/{name}")

    return use


def test_backup_and_restore_as_the_owner_give_the_same_county(on, tmp_path):
    from bangfu.synthetic import generate

    generate(out=tmp_path / "county", loans=60, seed=3)
    one, two, file = tmp_path / "one", tmp_path / "two", tmp_path / "county.tar"
    on("one")
    assert bangfu(one, "init", "--county", "522728", "--packs", tmp_path / "county" / "packs").code == 0
    python(one, LOADED, tmp_path / "county")
    made = bangfu(one, "backup", file, "--json")
    assert made.code == 0, made.err
    assert made.json["rows"]["households"] > 100
    before = json.loads(python(one, TOLD))
    on("two")
    told = bangfu(two, "restore", file, "--keys", one / "keys.json", "--json")
    assert told.code == 0, told.err
    assert told.json["trail"] == made.json["trail"]
    assert json.loads(python(two, TOLD)) == before
    again = bangfu(tmp_path / "three", "restore", file, "--keys", one / "keys.json")
    assert (again.code, "not empty" in again.err) == (2, True)
    assert not list((tmp_path / "three").iterdir())


def test_an_address_that_cannot_be_is_said_in_a_line(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "mysql://nobody@nowhere/none")
    told = bangfu(tmp_path / "x", "init", "--county", "522728")
    assert (told.code, "postgresql://" in told.err) == (2, True)
    monkeypatch.setenv("DATABASE_URL", "postgresql://app@127.0.0.1:1/none")
    monkeypatch.setenv("BANGFU_OWNER_URL", "postgresql://owner:secret-word@127.0.0.1:1/none")
    told = bangfu(tmp_path / "y", "init", "--county", "522728")
    assert (told.code, "cannot be reached" in told.err) == (2, True)
    assert "secret-word" not in told.err + told.out

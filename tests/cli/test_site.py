"""init, user add, backup, restore, verify-trail, anchor, keys rotate: on a site of their own."""

from __future__ import annotations

import json
import re
import shutil
import tarfile
from pathlib import Path

import pytest
from tests.cli.site_made import LOADED, TOLD, bangfu, python, superuser

SHOWN_ONCE = re.compile(r"[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}")


@pytest.fixture(scope="module")
def small_county(tmp_path_factory) -> Path:
    from bangfu.synthetic import generate

    folder = tmp_path_factory.mktemp("small")
    generate(out=folder, loans=60, seed=3)
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory, small_county):
    """A site with a county of 60 loans; its server runs as long as the tests of this file."""
    from bangfu.web.making import cluster_of
    from bangfu.web.site import Site

    folder = tmp_path_factory.mktemp("sites") / "one"
    cluster = cluster_of(Site.at(folder), throwaway=True)
    with cluster.held():
        made = bangfu(folder, "init", "--county", "522728", "--packs", small_county / "packs", "--json")
        assert made.code == 0, made.err
        told = made.json["administrator"]
        assert told["username"] == "admin"
        assert SHOWN_ONCE.fullmatch(told["password"])
        assert re.fullmatch(r"[A-Z2-7]{32}", told["totp_secret"])
        python(folder, LOADED, small_county)
        yield folder


@pytest.fixture
def broken(home):
    """A superuser's statement, and its undoing afterwards."""
    undo: list[str] = []

    def do(statement: str, back: str) -> None:
        superuser(home, statement)
        undo.append(back)

    yield do
    for statement in reversed(undo):
        superuser(home, statement)


@pytest.fixture(scope="module")
def backup(home, tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("backups") / "county.tar"
    assert bangfu(home, "anchor").code == 0
    made = bangfu(home, "backup", file)
    assert made.code == 0, made.err
    assert "key file" in made.out
    return file


def test_a_second_init_brings_it_up_to_date_and_names_nobody(home):
    before = (home / "site.json").read_text(encoding="utf-8")
    again = bangfu(home, "init", "--name", "示范", "--json")
    assert again.code == 0, again.err
    assert again.json["administrator"] is None
    assert again.json["new"] is False
    after = json.loads((home / "site.json").read_text(encoding="utf-8"))
    assert after["name_zh"] == "示范"
    assert {**after, "name_zh": json.loads(before)["name_zh"]} == json.loads(before)
    assert after["packs"] == ["packs"]
    assert (home / "keys.json").stat().st_mode & 0o077 == 0
    assert (home / "site.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("init",), "--county"),
        (("init", "--county", "52-728"), "2, 4 or 6 digits"),
        (("serve",), "bangfu init"),
        (("backup", "x.tar"), "bangfu init"),
        (("verify-trail",), "bangfu init"),
        (("user", "add", "x", "--name", "x", "--role", "king"), "there is no role king"),
        (("keys", "rotate", "--cipher", "ROT13"), "AES-256-GCM"),
    ],
)
def test_what_cannot_be_is_said_in_a_line(tmp_path, words, said):
    told = bangfu(tmp_path / "none", *words)
    assert told.code == 2
    assert said in told.err
    assert told.out == ""
    assert not (tmp_path / "none" / "site.json").exists()


def test_no_site_is_made_among_other_files(tmp_path):
    (tmp_path / "letter.txt").write_text("mine", encoding="utf-8")
    told = bangfu(tmp_path, "init", "--county", "522728")
    assert (told.code, "holds other files" in told.err) == (2, True)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_person_is_added_once_with_a_password_shown_once(home):
    place = superuser(home, "select min(code) from casework_area where length(code) = 12")[0][0]
    words = ("user", "add", "li.na", "--name", "李娜", "--role", "village", "--place", place)
    made = bangfu(home, *words, "--to", "2030-01-01", "--json")
    assert made.code == 0, made.err
    assert SHOWN_ONCE.fullmatch(made.json["password"])
    again = bangfu(home, *words)
    assert (again.code, "already" in again.err) == (2, True)
    wrong = bangfu(home, *words[:2], "wang", *words[3:-1], "999999999999")
    assert (wrong.code, "place" in wrong.err) == (2, True)
    held = superuser(home, "select g.role, upper(g.valid)::text from casework_grant g join casework_account a on"
                           " a.id = g.account_id where a.username in ('li.na', 'wang')")  # fmt: skip
    assert held == [("village", "2030-01-01")]


def test_a_restored_county_is_the_same_to_the_last_row(home, backup, tmp_path):
    with tarfile.open(backup) as tar:
        assert "keys.json" not in tar.getnames()
    assert backup.stat().st_mode & 0o077 == 0
    other = tmp_path / "two"
    made = bangfu(other, "restore", backup, "--keys", home / "keys.json", "--json")
    assert made.code == 0, made.err
    from bangfu.web.making import cluster_of
    from bangfu.web.site import Site

    with cluster_of(Site.at(other)).held():
        before, after = json.loads(python(home, TOLD)), json.loads(python(other, TOLD))
        assert before["rows"] > 10
        assert before == after
        whole = bangfu(other, "verify-trail", "--json")
        assert (whole.code, whole.json["faults"]) == (0, [])
        assert whole.json["anchors"] == 1
        assert {name: whole.json[name] for name in ("number", "hash")} == made.json["trail"]
        signs = [json.loads((one / "site.json").read_text(encoding="utf-8")) for one in (home, other)]
        assert signs[0]["secret_key"] != signs[1]["secret_key"]
        assert bangfu(other, "init", "--json").json["administrator"] is None  # protections stand, nobody new


def _changed(backup: Path, target: Path, change) -> Path:
    """A backup with one part exchanged."""
    import io

    with tarfile.open(backup) as tar, tarfile.open(target, "w") as out:
        for member in tar:
            name, content = change(member.name, tar.extractfile(member).read())
            fresh = tarfile.TarInfo(name)
            fresh.size = len(content)
            out.addfile(fresh, io.BytesIO(content))
    return target


def _resigned(home: Path, **told):
    """The manifest with other words, signed as whoever has the keys could."""
    from bangfu.casework.database.keys import KeyFile
    from bangfu.web.backup import _code

    def change(name, content):
        if name != "manifest.json":
            return name, content
        manifest = {**json.loads(content), **told}
        del manifest["code"]
        return name, json.dumps(
            {**manifest, "code": _code(manifest, KeyFile.read(home / "keys.json"))}
        ).encode()

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda name, content: (name, content[:-1] + b"!" if name == "database.dump" else content),
            "damaged",
        ),
        (lambda name, content: (name, content.replace(b'"demo": false', b'"demo": true ')), "damaged"),
        (lambda name, content: (name.replace("anchors/", "../"), content), "damaged"),
        (lambda name, content: (name, content.replace(b'"rows"', b'"rowS"')), "damaged"),
        (lambda name, content: (name, b"[]" if name == "manifest.json" else content), "damaged"),
    ],
)
def test_a_changed_backup_is_refused_and_leaves_nothing(home, backup, tmp_path, change, said):
    target = tmp_path / "three"
    file = _changed(backup, tmp_path / "changed.tar", change)
    told = bangfu(target, "restore", file, "--keys", home / "keys.json")
    assert (told.code, said in told.err) == (2, True), told.err
    assert not target.exists()


def test_other_versions_and_cut_files_are_refused(home, backup, tmp_path):
    keys = ("--keys", home / "keys.json")
    newer = _changed(backup, tmp_path / "newer.tar", _resigned(home, format=2))
    assert "format 2" in bangfu(tmp_path / "a", "restore", newer, *keys).err
    cut = tmp_path / "cut.tar"
    cut.write_bytes(backup.read_bytes()[: backup.stat().st_size // 2])
    assert "damaged" in bangfu(tmp_path / "a", "restore", cut, *keys).err
    newer = _changed(backup, tmp_path / "newest.tar", _resigned(home, postgres=99))
    told = bangfu(tmp_path / "a", "restore", newer, *keys)
    assert (told.code, "cannot go back" in told.err) == (2, True), told.err
    assert list((tmp_path / "a").iterdir()) == []


def test_a_restore_needs_its_keys_and_an_empty_folder(home, backup, tmp_path):
    from bangfu.casework.database.keys import KeyFile

    assert "--keys" in bangfu(tmp_path / "a", "restore", backup).err
    KeyFile.make().write(tmp_path / "other.json")
    wrong = bangfu(tmp_path / "a", "restore", backup, "--keys", tmp_path / "other.json")
    assert "does not belong" in wrong.err
    full = bangfu(home, "restore", backup, "--keys", home / "keys.json")
    assert (full.code, "not empty" in full.err) == (2, True)
    again = bangfu(home, "backup", backup)
    assert (again.code, "not written over" in again.err) == (2, True)


def codes(home: Path, *words: object) -> list[str]:
    told = bangfu(home, "verify-trail", "--json", *words)
    assert told.code == (1 if told.json["faults"] else 0), told.err
    return [one["code"] for one in told.json["faults"]]


def test_the_trail_is_whole_and_an_edit_is_named(home, broken):
    whole = bangfu(home, "verify-trail")
    assert (whole.code, "whole" in whole.out) == (0, True), whole.err
    named = "update casework_trail_row set content = jsonb_set(content, '{who}', '\"%s\"') where id = 2"
    was = superuser(home, "select content ->> 'who' from casework_trail_row where id = 2")[0][0]
    broken(named % "X", named % was)
    assert codes(home) == ["row_edited"]
    said = bangfu(home, "verify-trail")
    assert "row 2" in said.out
    assert "row_edited" in said.out
    assert "runbook" in said.err


def test_a_cut_tail_and_a_forged_anchor_are_found(home, tmp_path):
    made = bangfu(home, "anchor", "--json").json
    elsewhere = tmp_path / "anchors"
    shutil.copytree(home / "anchors", elsewhere)
    forged = home / "anchors" / f"{made['day']}.json"
    text = forged.read_text(encoding="ascii")
    forged.write_text(json.dumps({**json.loads(text), "number": made["number"] + 7}), encoding="ascii")
    assert codes(home) == ["anchor_forged"]
    assert codes(home, "--anchors", elsewhere) == []
    forged.write_text(text, encoding="ascii")
    kept, of = "id, content, mac, account_id, scope_area, institution_id", f"number >= {made['number']}"
    superuser(home, f"select * into cut_link from casework_trail_link where {of}")
    superuser(
        home, f"select {kept} into cut_row from casework_trail_row where id in (select row_id from cut_link)"
    )
    superuser(home, f"delete from casework_trail_link where {of}")
    superuser(home, "delete from casework_trail_row where id in (select id from cut_row)")
    try:
        assert codes(home) == ["tail_cut"]
    finally:
        superuser(home, f"insert into casework_trail_row ({kept}) select {kept} from cut_row")
        superuser(home, "insert into casework_trail_link select * from cut_link")
        superuser(home, "drop table cut_link, cut_row")
    assert codes(home) == []
    assert "no folder" in bangfu(home, "verify-trail", "--anchors", tmp_path / "none").err


STARTED = """
import sys
from datetime import datetime, UTC
from bangfu.web.making import start_django
start_django()
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.session import entered
from bangfu.casework.documents import api, disk
site = Actor.site(now=datetime(2026, 11, 20, 2, tzinfo=UTC))
"""
PAPER_KEPT = (
    STARTED
    + """
content = b"%PDF-1.4\\n% the paper of before\\ntrailer\\n<<>>\\n%%EOF\\n"
with entered(site.scope):
    made = api.keep(actor=site, subject=("application", "A1"), kind="other", name="a.pdf", content=content)
print(made.id)
"""
)
PAPER_OPENED = (
    STARTED
    + """
with entered(site.scope):
    view, content = api.content_of(actor=site, file_id=sys.argv[1])
sys.stdout.write(f"{disk.key_of(view.id)} {content.splitlines()[1][2:].decode()}")
"""
)


def test_keys_are_changed_while_begun_work_goes_on_and_the_old_key_goes(home, backup):
    from bangfu.casework.database.keys import KeyFile

    values = superuser(home, "select count(*) from casework_personal_datum")[0][0]
    before = json.loads(python(home, TOLD))
    paper = python(home, PAPER_KEPT).strip()
    # As after a crash: the new key is there, nothing is encrypted with it yet.
    begun = KeyFile.read(home / "keys.json").with_new_data_key("SM4-GCM")
    begun.write(home / "keys.json")
    told = bangfu(home, "keys", "rotate", "--cipher", "SM4-GCM", "--json")
    assert told.code == 0, told.err
    assert told.json["dropped"] == [1]
    assert (told.json["key"], told.json["cipher"], told.json["values"]) == (2, "SM4-GCM", values)
    assert list(KeyFile.read(home / "keys.json").data) == [2]
    assert told.json["files"] >= 1
    assert python(home, PAPER_OPENED, paper) == "2 the paper of before"
    assert superuser(home, "select distinct key_id from casework_personal_datum") == [(2,)]
    assert json.loads(python(home, TOLD)) == before
    told = bangfu(home, "keys", "rotate", "--json")
    assert (told.json["key"], told.json["cipher"]) == (3, "SM4-GCM")

"""What PostgreSQL itself keeps: scope, append-only, the chain. Each seen to hold against the role ``app``."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from tests.site import NOW, superuser

SECOND = "(select id from casework_trail_row order by id offset 1 limit 1)"
LAST = "(select max(id) from casework_trail_row)"
AREA, OTHER = "522728101200", "522728102200"


def site_actor(now=NOW):
    from bangfu.casework.database.actor import Actor

    return Actor.site(now=now)


def three_rows():
    from bangfu.casework.audit_trail import api as trail
    from bangfu.casework.database.session import entered

    for number in range(3):
        with entered(site_actor().scope):
            trail.record(
                actor=site_actor(NOW + timedelta(seconds=number)), act="test.done", subject=("case", number),
                after={"number": number}, scope_area=AREA,
            )  # fmt: skip


def verified(folder: Path):
    from bangfu.casework.audit_trail import api as trail
    from bangfu.casework.database.session import entered

    with entered(site_actor().scope):
        return trail.verified(folder)


def test_every_model_says_how_it_is_protected_and_what_each_field_holds(site):
    from django.contrib.auth.base_user import AbstractBaseUser

    from bangfu.casework.database.protection import models_protected

    for model, _ in models_protected():
        fields = {field.name for field in model._meta.concrete_fields}
        named = set(model.field_classes)
        assert fields == named, f"{model.__name__}: {fields ^ named}"
    assert issubclass(AbstractBaseUser, object)


def test_nothing_is_seen_without_a_scope_and_only_what_is_in_it(committed):
    from bangfu.casework.audit_trail.models import TrailRow
    from bangfu.casework.database.session import Scope, entered

    three_rows()
    assert TrailRow.objects.count() == 0
    with entered(Scope(account_id=5, areas=("522728101",))):
        assert TrailRow.objects.count() == 3
    with entered(Scope(account_id=5, areas=(OTHER,))):
        assert TrailRow.objects.count() == 0
    assert TrailRow.objects.count() == 0  # the scope went with its transaction


@pytest.mark.parametrize(
    "statement",
    [
        "update casework_trail_row set content = '{}'",
        "delete from casework_trail_row",
        "truncate casework_trail_row cascade",
        "insert into casework_trail_link (number, row_id, hash) values (99, 1, '')",
        "update casework_loan_event set amount_fen = 1",
        "delete from casework_loan",
        "alter table casework_loan disable row level security",
        "drop trigger bangfu_never on casework_trail_row",
    ],
)
def test_the_app_may_not_change_what_is_only_appended(committed, statement):
    from django.db import DatabaseError, connection

    three_rows()
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute(statement)


def test_not_even_the_owner_changes_appended_rows_by_accident(committed):
    from django.db import DatabaseError, connections

    three_rows()
    with pytest.raises(DatabaseError, match="append_only"), connections["owner"].cursor() as cursor:
        cursor.execute("select set_config('bangfu.everything', 'on', false)")
        cursor.execute("delete from casework_trail_row")


def test_a_recorded_end_is_closed_once_and_nothing_else(db):
    from django.db import DatabaseError, connection, transaction
    from django.db.backends.postgresql.psycopg_any import DateRange

    from bangfu.casework.database.models import from_now
    from bangfu.casework.database.session import Scope, narrowed_to
    from bangfu.casework.people.models import Grant

    narrowed_to(Scope(everything=True))
    Grant.objects.create(
        account_id=1,
        role="village",
        place=AREA,
        valid=DateRange(None, None),
        recorded=from_now(NOW),
        recorded_by=0,
    )
    later = NOW + timedelta(days=1)
    close = "update casework_grant set recorded = tstzrange(lower(recorded), %s)"
    with connection.cursor() as cursor:
        with pytest.raises(DatabaseError), transaction.atomic():  # the start is moved
            cursor.execute("update casework_grant set recorded = tstzrange(%s, %s)", [later, None])
        cursor.execute(close, [later])
        with pytest.raises(DatabaseError, match="closed, once"), transaction.atomic():
            cursor.execute(close, [later + timedelta(days=1)])


def test_the_chain_names_what_a_superuser_did(committed, site, tmp_path):
    from bangfu.casework.audit_trail import api as trail
    from bangfu.casework.database.session import entered

    three_rows()
    assert verified(tmp_path).faults == ()
    with entered(site_actor().scope):
        trail.anchored(tmp_path, now=NOW)
    alter = "alter table casework_trail_row disable trigger all; alter table casework_trail_link disable trigger all"

    def after(change: str) -> list[str]:
        with superuser(site, committed) as door:
            door.execute("begin")
            door.execute(alter)
            door.execute(change)
            door.execute("commit")
        return [fault.code for fault in verified(tmp_path).faults]

    edited = "update casework_trail_row set content = jsonb_set(content, '{why}', '\"x\"') where id = %s"
    assert after(edited % "(select min(id) from casework_trail_row)")[0] == "row_edited"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (f"delete from casework_trail_row where id = {SECOND}", "row_missing"),
        ("delete from casework_trail_link where number = 2", "number_missing"),
        (
            f"delete from casework_trail_link where number = 3; delete from casework_trail_row where id = {LAST}",
            "tail_cut",
        ),
        ("update casework_trail_link set number = number + 100", "number_missing"),
        ("update casework_trail_link a set row_id = -a.row_id where number in (1, 2)", None),
    ],
)
def test_deleting_cutting_and_renumbering_is_named(committed, site, tmp_path, change, code):
    from bangfu.casework.audit_trail import api as trail
    from bangfu.casework.database.session import entered

    three_rows()
    with entered(site_actor().scope):
        trail.anchored(tmp_path, now=NOW)
    with superuser(site, committed) as door:
        door.execute("set session_replication_role = replica")
        door.execute(change)
    codes = {fault.code for fault in verified(tmp_path).faults}
    assert codes, "nothing was seen"
    if code:
        assert code in codes


def test_two_rows_swapped_are_named(committed, site, tmp_path):
    three_rows()
    with superuser(site, committed) as door:
        door.execute("set session_replication_role = replica")
        door.execute(
            "with two as (select array_agg(row_id order by number) as rows from casework_trail_link where number < 3)"
            " update casework_trail_link set row_id = -row_id where number < 3"
        )
        door.execute("update casework_trail_link a set row_id = -(select min(b.row_id) from casework_trail_link b"
                     " where b.number < 3 and b.number <> a.number) where number = 1")  # fmt: skip
    assert verified(tmp_path).faults


def test_days_without_acts_keep_an_anchor_each(committed, tmp_path):
    from bangfu.casework.audit_trail import api as trail
    from bangfu.casework.database.session import entered

    three_rows()
    with entered(site_actor().scope):
        days = [trail.anchored(tmp_path, now=NOW + timedelta(days=n)).day for n in range(3)]
    assert [one.day for one in trail.anchors(tmp_path)] == days[::-1]
    assert {one.number for one in trail.anchors(tmp_path)} == {3}
    assert verified(tmp_path).faults == ()


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.write_text("", encoding="ascii"),
        lambda path: path.write_text(path.read_text("ascii").replace('"number": 3', '"number": 2'), "ascii"),
        lambda path: path.rename(path.with_name("2031-01-01.json")),
    ],
    ids=["emptied", "edited", "named another day"],
)
def test_an_anchor_that_was_changed_is_named_and_stays(committed, tmp_path, change):
    from bangfu.casework.audit_trail import api as trail
    from bangfu.casework.database.refusals import Refused
    from bangfu.casework.database.session import entered

    three_rows()
    with entered(site_actor().scope):
        made = trail.anchored(tmp_path, now=NOW)
        change(tmp_path / f"{made.day.isoformat()}.json")
        assert trail.anchors(tmp_path) == ()
        assert [fault.code for fault in trail.verified(tmp_path).faults] == ["anchor_forged"]
        if (tmp_path / f"{made.day.isoformat()}.json").exists():
            with pytest.raises(Refused, match="anchor_forged"):
                trail.anchored(tmp_path, now=NOW)


@pytest.mark.parametrize("cipher", ["AES-256-GCM", "SM4-GCM"])
def test_what_was_changed_cut_or_moved_does_not_open(cipher):
    from bangfu.casework.database.ciphers import DoesNotOpen, decrypted, encrypted
    from bangfu.casework.database.keys import KeyFile

    keys = KeyFile.make(cipher)
    held = encrypted(b"a paper", bound_to=b"here", keys=keys)
    assert decrypted(held, key_id=1, bound_to=b"here", keys=keys) == b"a paper"
    changed = held[:-1] + bytes([held[-1] ^ 1])
    for content, key_id, where in (
        (changed, 1, b"here"), (held, 1, b"there"), (held[:20], 1, b"here"), (b"", 1, b"here"), (held, 2, b"here")
    ):  # fmt: skip
        with pytest.raises(DoesNotOpen):
            decrypted(content, key_id=key_id, bound_to=where, keys=keys)


def test_a_value_of_the_vault_opens_only_in_its_own_row(db):
    from bangfu.casework.database.session import Scope, narrowed_to
    from bangfu.casework.personal_data import api as vault
    from bangfu.casework.personal_data.models import PersonalDatum

    narrowed_to(Scope(everything=True))
    values = [
        vault.Plain("casework_member", f"M{n}", "id_number", f"52272819950807984{n}", AREA) for n in (1, 2)
    ]
    first, second = vault.kept(values)
    assert vault.opened_of([first, second]) == {first: values[0].value, second: values[1].value}
    assert vault.look_up("id_number", "５２２７２８199508079841") == [("casework_member", "M1")]
    row = PersonalDatum.objects.get(id=second)
    PersonalDatum.objects.filter(id=first).update(ciphertext=row.ciphertext)
    with pytest.raises(vault.BoundElsewhere):
        vault.opened_of([first])
    assert b"522728" not in bytes(row.ciphertext)
    assert row.masked == "5227**********9842" or "*" in row.masked


def test_rotation_encrypts_everything_again_and_nothing_is_lost(db, site):
    from bangfu.casework.database.keys import KeyFile, key_file
    from bangfu.casework.database.session import Scope, narrowed_to
    from bangfu.casework.personal_data import api as vault

    narrowed_to(Scope(everything=True))
    before = key_file()
    (kept,) = vault.kept([vault.Plain("casework_member", "M1", "phone", "13800000001", AREA)])
    try:
        before.with_new_data_key("SM4-GCM").write(site.keys)
        keys = key_file()
        assert vault.rotated(keys) >= 1
        assert vault.rotated(keys) == 0
        keys.without_old_data_keys().write(site.keys)
        assert vault.opened_of([kept]) == {kept: "13800000001"}
        assert vault.look_up("phone", "13800000001")
    finally:
        KeyFile(before.data, before.blind, before.trail).write(site.keys)


def test_a_place_is_covered_by_what_went_over_into_it_too():
    from bangfu.casework.database.session import Scope

    mine = Scope(areas=("522728101",), areas_before=("522728190",))
    assert mine.covers("522728101200")
    assert mine.covers("522728190201")
    assert not mine.covers("522728102200")
    assert not Scope().covers("522728101200")
    assert Scope(everything=True).covers("522728102200")


def test_what_is_no_id_is_nowhere():
    from bangfu.casework.database.questions import as_uuid
    from bangfu.casework.database.refusals import Refused

    known = "9b0f8d0a-3b0e-4a53-9b4e-0d3c6f1f5a10"
    assert str(as_uuid(known)) == known
    for wrong in ("", "1", None, f"{known}0"):
        with pytest.raises(Refused) as refused:
            as_uuid(wrong, field="list")
        assert (refused.value.code, refused.value.field) == ("not_in_scope", "list")


def test_a_row_closed_in_the_moment_it_was_written_held_for_a_moment(db):
    from bangfu.casework.database.models import closed, from_now, standing
    from bangfu.casework.database.session import Scope, narrowed_to
    from bangfu.casework.payments.models import CardFormat

    narrowed_to(Scope(everything=True))
    row = CardFormat.objects.create(
        code="one_card", name="x", spec={}, recorded=from_now(NOW), recorded_by=0, scope_area="522728"
    )
    after = closed(row, now=NOW)
    row.refresh_from_db()
    assert after == NOW + timedelta(microseconds=1)
    assert (row.recorded.lower, row.recorded.upper) == (NOW, after)
    assert not CardFormat.objects.filter(standing(), pk=row.pk).exists()


def test_no_two_sorts_of_locks_share_a_number(committed):
    from django.db import connection, transaction

    from bangfu.casework.database import locks

    sorts = {name: value for name, value in vars(locks).items() if name.isupper()}
    assert len(set(sorts.values())) == len(sorts) == len(locks.__all__) - 1
    with transaction.atomic(), connection.cursor() as cursor:
        locks.held(locks.LISTS, "b", "a")
        cursor.execute(
            "select count(*) from pg_locks where locktype = 'advisory' and classid = %s", [locks.LISTS]
        )
        assert cursor.fetchone() == (2,)

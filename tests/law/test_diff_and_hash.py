"""What changed between two documents or two days; and a hash of what a document says, not of how it is laid out."""

from datetime import date

import pytest

from bangfu.policy import diff_days, diff_packs, load_book
from bangfu.policy.reader import INSTALLED
from bangfu.refusals import Refused

BOOK = load_book()


def changed(diff):
    return {change.name: change for change in diff.terms}


def test_the_new_breaker_has_the_opposite_edge():
    diff = changed(diff_packs(BOOK.packs["GZ2018"], BOOK.packs["LD2021"]))
    assert [(said.value, said.clauses) for said in diff["breaker.trips"].before] == [
        ("at_or_above", ("GZ2018-2.2",))
    ]
    assert [(said.value, said.clauses) for said in diff["breaker.trips"].after] == [
        ("above", ("LD2021-5.5",))
    ]
    assert diff["breaker.threshold"].same_value
    assert not diff["breaker.trips"].same_value
    assert diff["subsidy.collect_first"].before == ()
    assert diff["borrower.barred_after"].after == ()


def test_the_head_is_compared_too_and_a_pack_is_itself():
    diff = diff_packs(BOOK.packs["CN2021"], BOOK.packs["HA2021"])
    assert ("jurisdiction", "000000", "410000") in diff.heading
    same = diff_packs(BOOK.packs["CN2021"], BOOK.packs["CN2021"])
    assert (same.heading, same.terms, same.clauses) == ((), (), ())


def test_two_days_in_jiaozuo():
    diff = diff_days(BOOK, "410800", "transition", date(2021, 3, 15), date(2021, 4, 20))
    assert (diff.before, diff.after) == ("CN2021", "CN2021+HA2021+JZ2021")
    assert set(changed(diff)) == {
        "borrower.may_be_charged_fees",
        "subsidy.payers",
        "subsidy.principal_cap",
        "use.by_enterprise",
        "use.forbidden_purposes",
    }
    assert changed(diff)["subsidy.principal_cap"].same_value
    assert diff_days(BOOK, "410800", "transition", date(2022, 1, 1), date(2023, 1, 1)).terms == ()


def test_two_regimes_in_luodian():
    diff = diff_days(
        BOOK, "522728", "poverty", date(2020, 1, 1), date(2021, 6, 1), product_after="transition"
    )
    (ceiling,) = changed(diff)["rate.ceiling"].before
    assert ceiling.value[0]["index"] == "PBOC_1Y"
    with pytest.raises(Refused):
        diff_days(BOOK, "522728", "poverty", date(2020, 1, 1), date(2021, 6, 1))


def copy_of(tmp_path, change):
    text = (
        (INSTALLED / "410000" / "HA2021.yaml").read_text(encoding="utf-8").replace("id: HA2021", "id: HB2021")
    )
    (tmp_path / "HB2021.yaml").write_text(change(text), encoding="utf-8")
    return load_book([tmp_path]).packs["HB2021"]


@pytest.fixture
def original(tmp_path):
    return copy_of(tmp_path, lambda text: text)


def test_layout_comments_and_order_do_not_change_the_hash(tmp_path, original):
    assert len(original.hash) == 64

    def relaid(text):
        head, rest = text.split("clauses:\n", 1)
        clauses, terms = rest.split("terms:\n", 1)
        return "# another comment\nterms:\n" + terms + "\n" + head + "clauses:\n" + clauses

    assert copy_of(tmp_path, relaid).hash == original.hash
    assert (
        copy_of(tmp_path, lambda text: text.replace("value: 50000", 'value: "50,000.00"')).hash
        == original.hash
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("share_of_rate: 100%", "share_of_rate: 99%"),
        ("in full", "in part"),
        ("全额", "部分"),
        ("2021-03-29, to: 2025-12-31", "2021-03-29, to: 2025-12-30"),
        ("豫银保监发〔2021〕7号", "豫银保监发〔2021〕8号"),
        ('own_contracts_only: "2.2b"\n', ""),
    ],
)
def test_anything_the_document_says_changes_the_hash(tmp_path, original, old, new):
    assert copy_of(tmp_path, lambda text: text.replace(old, new)).hash != original.hash


def test_a_value_taken_over_is_part_of_the_hash(tmp_path):
    def luodian(change):
        folder = tmp_path / str(change)
        folder.mkdir()
        base = (
            (INSTALLED / "520000" / "GZ2018.yaml")
            .read_text(encoding="utf-8")
            .replace("id: GZ2018", "id: GX2018")
        )
        if change:
            base = base.replace("fund.grace_months: {value: 2,", "fund.grace_months: {value: 1,")
        taker = (INSTALLED / "522728" / "LD2021.yaml").read_text(encoding="utf-8")
        taker = taker.replace("id: LD2021", "id: LX2021").replace("as_in: GZ2018", "as_in: GX2018")
        (folder / "base.yaml").write_text(base, encoding="utf-8")
        (folder / "taker.yaml").write_text(taker, encoding="utf-8")
        return load_book([folder]).packs["LX2021"]

    assert luodian(change=False).hash != luodian(change=True).hash


def test_packs_and_stacks_can_be_keys():
    stack = BOOK.stack("522728", "transition", date(2026, 1, 15))
    assert {stack: 1}[BOOK.stack("522728", "transition", date(2026, 1, 15))] == 1
    assert {BOOK.packs["CN2021"]: 1}


def test_a_new_wording_of_a_clause_is_seen_between_two_versions(tmp_path, original):
    later = copy_of(tmp_path, lambda text: text.replace("in full", "in part"))
    (change,) = diff_packs(original, later).clauses
    assert change.clause == "HB2021-2.2c"
    assert "in part" in change.after.text

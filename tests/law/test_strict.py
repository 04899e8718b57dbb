"""The strict reader: each way a pack can be wrong has a name, a file and a line, and is seen to fail here once."""

from textwrap import dedent

import pytest

from bangfu.policy import PackError, Payer, check, load_book
from bangfu.policy.marks import read_marked
from bangfu.policy.reader import INSTALLED

GOOD = """\
id: HA2024
number: 豫示范〔2024〕1号
title: A notice made up for this test
issuers: [Office]
jurisdiction: "410000"
product: transition
issued: 2024-01-10
contracts: {from: 2024-01-01, to: 2025-12-31, clause: "2"}
builds_on: HA2021
clauses:
  "1": Half of the interest is paid by the province.
  "2": {kind: P R, text: From 2024 on., zh: 自2024年起。}
terms:
  subsidy.payers:
    - {from: 2024-01-01, to: 2024-12-31, value: [{payer: province, share_of_rate: 50%}], clause: "1"}
    - {from: 2025-01-01, value: [{payer: province, points: "1.50"}], clause: ["1", "2"]}
  term.max_months: {value: 24, clause: "2"}
"""


@pytest.fixture
def folder(tmp_path):
    def write(text=GOOD, name="HA2024.yaml", **changes):
        for old, new in changes.items():
            text = text.replace(old, new)
        file = tmp_path / "deep" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return tmp_path

    return write


def line_of(text, part):
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


def test_a_good_pack_is_taken_from_a_folder_read_recursively(folder):
    book = load_book([folder()])
    assert check([folder()]) == ()
    pack = book.packs["HA2024"]
    assert pack.terms["subsidy.payers"][1].clauses == ("HA2024-1", "HA2024-2")
    assert pack.clauses["1"].kind == ""
    assert pack.clauses["2"].zh == "自2024年起。"


def test_installed_packs_may_be_checked_by_their_own_path():
    assert check([INSTALLED]) == ()
    assert check([INSTALLED / "000000" / "CN2021.yaml"]) == ()


WRONG = {
    "unknown key": ("builds_on: HA2021", "builds_upon: HA2021", "unknown_key", "builds_upon"),
    "unknown key of a value": ("{value: 24, clause", "{value: 24, until: 2025, clause", "unknown_key", "until"),
    "missing key": ("product: transition\n", "", "missing_key", None),
    "unknown product": ("product: transition", "product: consumer", "bad_value", "consumer"),
    "unknown term": ("term.max_months", "term.longest", "unknown_term", "term.longest"),
    "unknown clause": ('{value: 24, clause: "2"}', '{value: 24, clause: "9"}', "unknown_clause", '"9"'),
    "unknown clause of the window": ('12-31, clause: "2"', '12-31, clause: "7"', "unknown_clause", '"7"'),
    "unknown kind": ("kind: P R", "kind: P X", "bad_value", "P X"),
    "gap": ("{from: 2025-01-01, value", "{from: 2025-01-03, value", "gap", "2025-01-03"),
    "overlap": ("{from: 2025-01-01, value", "{from: 2024-12-31, value", "overlap", "from: 2024-12-31, value"),
    "overlap of an open value": ("to: 2024-12-31, value", "value", "overlap", "{from: 2025-01-01"),
    "window upside down": ("{from: 2024-01-01, to: 2025", "{from: 2026-01-01, to: 2025", "bad_window", "contracts"),
    "value upside down": ("01-01, to: 2024-12-31", "01-01, to: 2023-12-31", "bad_window", "2023-12-31"),
    "jurisdiction of five digits": ('"410000"', '"41000"', "bad_jurisdiction", "41000"),
    "jurisdiction of no province": ('"410000"', '"990000"', "bad_jurisdiction", "990000"),
    "jurisdiction of no city": ('"410000"', '"410003"', "bad_jurisdiction", "410003"),
    "unknown builds_on": ("builds_on: HA2021", "builds_on: HA1999", "unknown_builds_on", "HA1999"),
    "builds_on beside it": ("builds_on: HA2021", "builds_on: LD2021", "unknown_builds_on", "LD2021"),
    "builds_on another product": ("builds_on: HA2021", "builds_on: CN2026", "unknown_builds_on", "CN2026"),
    "as_in of no pack": ("{value: 24,", "{value: {as_in: XX2000},", "unknown_as_in", "XX2000"),
    "as_in where it is not set": ("{value: 24,", "{value: {as_in: JZ2021},", "unknown_as_in", "JZ2021"),
    "no such day": ("issued: 2024-01-10", "issued: 2024-02-30", "bad_value", "2024-02-30"),
    "another way of writing a day": ("issued: 2024-01-10", "issued: 2024年1月10日", "bad_value", "issued"),
    "a fraction of a month": ("value: 24,", "value: 24.5,", "bad_value", "24.5"),
    "an exponent": ("value: 24,", "value: 2e1,", "bad_value", "2e1"),
    "below zero": ("value: 24,", "value: -24,", "bad_value", "-24"),
    "full-width digits": ("value: 24,", "value: ２４,", "bad_value", "２４"),
    "nothing": ("value: 24,", "value: ,", "bad_value", "value: ,"),
    "a list where a number is wanted": ("value: 24,", "value: [24],", "bad_value", "[24]"),
    "a signing term left undetermined": ("value: 24,", "value: undetermined,", "bad_value", "undetermined"),
    "shares over the whole": ("50%}]", "50%}, {payer: county, share_of_rate: 51%}]", "bad_value", "51%"),
    "a payer twice": ("50%}]", "50%}, {payer: province, share_of_rate: 10%}]", "bad_value", "10%"),
    "an unknown payer": ("payer: province, share", "payer: village, share", "bad_value", "village"),
    "share and points": ("share_of_rate: 50%", "share_of_rate: 50%, points: 1", "bad_value", "points: 1}"),
    "a share of a share": ("share_of_rate: 50%", "share_of_rate: 50.5%", "bad_value", "50.5%"),
    "an unknown part of a payer": ("share_of_rate: 50%", "share_of_rate: 50%, min: 1", "bad_value", "min: 1"),
    "points finer than a rate": ('points: "1.50"', 'points: "1.5000001"', "bad_value", "1.5000001"),
    "a key twice": ("issuers:", "product: poverty\nissuers:", "duplicate_key", "product: transition"),
    "a tag": ("value: 24,", "value: !!python/name:os.system x,", "not_yaml", "python"),
    "an alias": ("issuers: [Office]", "issuers: [&a Office, *a]", "not_yaml", "*a"),
    "not YAML": ("issuers: [Office]", "issuers: [Office", "not_yaml", None),
    "an id taken": ("id: HA2024", "id: HA2021", "duplicate_id", "id: HA2021"),
    "an id that cannot be cited": ("id: HA2024", "id: HA-2024", "bad_value", "id: HA-2024"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named_with_file_and_line(folder, case):
    old, new, code, part = WRONG[case]
    text = GOOD.replace(old, new)
    assert text != GOOD
    path = folder(text)
    with pytest.raises(PackError) as caught:
        load_book([path])
    errors = (caught.value, *caught.value.others)
    found = [error for error in errors if error.code == code]
    assert found, [str(error) for error in errors]
    assert found[0].file.endswith("HA2024.yaml")
    if part is not None:
        assert found[0].line == line_of(text, part), str(found[0])
    assert [str(error) for error in check([path])] == [str(error) for error in errors]
    assert str(caught.value).startswith(f"{caught.value.file}:{caught.value.line}: ")


def test_several_faults_are_all_named(folder):
    path = folder(GOOD.replace('clause: "1"}', 'clause: "8"}').replace("value: 24,", "value: long,"))
    assert [error.code for error in check([path])] == ["unknown_clause", "bad_value"]


def test_values_taken_over_may_not_be_taken_over_again_nor_leave_days_open(folder):
    again = GOOD.replace("term.max_months: {value: 24,", "fund.grace_months: {value: {as_in: LD2021},")
    assert [error.code for error in check([folder(again)])] == ["unknown_as_in"]
    short = GOOD.replace("term.max_months: {value: 24,", "subsidy.principal_cap: {value: {as_in: HA2021},")
    assert [error.code for error in check([folder(short)])] == ["unknown_as_in"]
    itself = GOOD.replace("value: 24,", "value: {as_in: HA2024},")
    assert [error.code for error in check([folder(itself)])] == ["unknown_as_in"]
    within = GOOD.replace(
        "term.max_months: {value: 24,",
        "subsidy.principal_cap: {from: 2022-01-01, to: 2022-12-31, value: {as_in: HA2021},",
    )
    assert check([folder(within)]) == ()


def test_a_protected_gap_cites_clauses_that_exist(folder):
    days = "from: 2021-01-01, to: 2021-02-01, as_of: 2020-12-31"
    gap = f"protects:\n  - {{product: poverty, {days}, clauses: [CN2021-9.9]}}\n"
    (error,) = check([folder(GOOD.replace("clauses:\n", gap + "clauses:\n", 1))])
    assert (error.code, error.line) == ("unknown_clause", 10)


@pytest.mark.parametrize(
    "raw", [b"", b"\xff\xfe\x00", b"just words", b"- a\n- b\n", b"a: [" * 3000, b"{}" + b" " * 2_000_000]
)
def test_what_is_no_pack_at_all_is_an_error_and_nothing_else(tmp_path, raw):
    (tmp_path / "x.yaml").write_bytes(raw)
    errors = check([tmp_path])
    assert errors
    assert all(error.file.endswith("x.yaml") for error in errors)


def test_a_missing_path_and_an_empty_folder_are_errors(tmp_path):
    assert [error.code for error in check([tmp_path / "nowhere"])] == ["not_found"]
    assert [error.code for error in check([tmp_path])] == ["not_found"]


def test_scalars_are_text_and_typed_exactly(folder):
    text = dedent("""\
        subsidy.principal_cap: {value: "12,345.67", clause: "1"}
          tolerance.points: {value: 2.555, clause: "1"}
          fund.pays_share: {value: 33.333333%, clause: "1"}
          breaker.threshold: {value: undetermined, clause: "1"}
          rate.ceiling: {value: [{up_to_months: 12, percent: 4.3}, {up_to_months: 36, index: LPR_5Y}], clause: "1"}
          age.min: {value: 018, clause: "1"}
          subsidy.collect_first: {value: true, clause: "1"}
          term.max_months""")
    terms = load_book([folder(GOOD.replace("term.max_months", text))]).packs["HA2024"].terms
    assert terms["subsidy.principal_cap"][0].value == 1_234_567
    assert terms["tolerance.points"][0].value == 2_555_000
    assert terms["fund.pays_share"][0].value == 33_333_333
    assert terms["rate.ceiling"][0].value[0].percent_e8 == 4_300_000
    assert terms["age.min"][0].value == 18
    assert terms["subsidy.collect_first"][0].value is True
    assert terms["subsidy.payers"][1].value == (Payer("province", points_e8=1_500_000),)


def test_only_true_and_false_are_truth(folder):
    for word in ("yes", "True", "1", "on"):
        text = GOOD.replace("term.max_months: {value: 24,", f"subsidy.collect_first: {{value: {word},")
        assert [error.code for error in check([folder(text)])] == ["bad_value"], word


def test_lines_are_those_of_the_file(tmp_path):
    (tmp_path / "a.yaml").write_text("\n\na:\n  - b: c\n    d: e\n", encoding="utf-8")
    marked = read_marked(tmp_path / "a.yaml")
    assert marked.data == {"a": [{"b": "c", "d": "e"}]}
    assert (marked.line(("a",)), marked.line(("a", 0, "d")), marked.line(("a", 0, "x"))) == (3, 5, 4)

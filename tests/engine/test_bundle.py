"""A sealed bundle offline: whole it says nothing; whatever is changed, swapped, taken out or put in is named."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile

import polars as pl
import pytest
from tests.engine.bundles_made import COUNTY, cycle_files, made, parquet
from tests.engine.small_facts import event, facts, loan

from bangfu.engine.bundle import FAULTS, MANIFEST, NoBundle, opened, packed
from bangfu.engine.recomputed import CYCLE, EARLIER, LINES, recomputed
from bangfu.policy import load_book

LOANS = [loan(name) for name in "ABC"] + [
    loan("D", household_id="H-A", kind="top_up", contract_on="2023-05-01")
]
TAKEN = [event(name, "2024-03-21", "interest_collected", "9000") for name in "ABC"]
KNOWN = facts(LOANS, [*TAKEN, event("B", "2024-04-10", "repaid", "10000")])
LATE = facts(
    LOANS, [*TAKEN, event("B", "2024-04-10", "repaid", "10000"), event("C", "2024-01-10", "repaid", "20000")]
)


@pytest.fixture(scope="module")
def files():
    """Two lists of a quarter, with corrections of the quarter before: a repayment was booked late."""
    return cycle_files(LATE, load_book(), earlier=KNOWN)


def judged(files):
    """All faults of the bundle of these files, whose manifest was made anew: what somebody does who knows how."""
    bundle = opened(made(files)[0])
    assert bundle.faults == ()
    return recomputed(bundle)


def tampered(content, change):
    """The ZIP with its entries changed, the manifest left as it was."""
    entries = {}
    with zipfile.ZipFile(io.BytesIO(content)) as door:
        for entry in door.infolist():
            entries[entry.filename] = door.read(entry)
    change(entries)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as door:
        for name, one in entries.items():
            door.writestr(name, one)
    return out.getvalue()


def test_a_whole_bundle_computes_again_to_the_same_hash(files):
    content, digest = made(files)
    bundle = opened(content, manifest_hash=digest)
    assert bundle.faults == ()
    assert bundle.head["place"] == COUNTY
    found = recomputed(bundle)
    assert found.faults == ()
    told = json.loads(files[CYCLE])
    assert found.lists == {one["id"]: one["lines_hash"] for one in told["lists"]}
    kinds = pl.read_parquet(io.BytesIO(files[LINES]))["kind"]
    assert set(kinds) == {"regular", "recovery"}
    assert found.lines == len(kinds) == 5


def test_the_same_files_give_the_same_bytes_whatever_their_order(files):
    turned = dict(reversed(files.items()))
    assert made(turned) == made(files)
    with zipfile.ZipFile(io.BytesIO(made(files)[0])) as door:
        assert {entry.date_time for entry in door.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {entry.compress_type for entry in door.infolist()} == {zipfile.ZIP_STORED}


@pytest.mark.parametrize("path", ["papers/清册.pdf", LINES, "facts/1/events.parquet", "packs/LD2021.yaml"])
def test_a_changed_byte_is_named(files, path):
    def change(entries):
        entries[path] = entries[path][:-1] + bytes([entries[path][-1] ^ 1])

    (fault,) = opened(tampered(made(files)[0], change)).faults
    assert (fault.code, fault.where) == ("file_changed", path)


def test_a_byte_changed_in_the_zip_itself_is_named(files):
    content = bytearray(made(files)[0])
    at = content.find(b"%PDF-1.7 a notice")
    content[at + 9] ^= 1
    (fault,) = opened(bytes(content)).faults
    assert (fault.code, fault.where) == ("file_changed", "papers/公示.pdf")


def test_swapped_files_are_named_with_each_other(files):
    one, two = "papers/清册.pdf", "papers/公示.pdf"

    def change(entries):
        entries[one], entries[two] = entries[two], entries[one]

    assert [
        (fault.code, fault.where, fault.detail) for fault in opened(tampered(made(files)[0], change)).faults
    ] == [
        ("file_swapped", two, one),
        ("file_swapped", one, two),
    ]


def test_a_removed_and_an_added_file_are_named(files):
    def change(entries):
        del entries["papers/清册.pdf"]
        entries["papers/另一份.pdf"] = b"%PDF"

    found = opened(tampered(made(files)[0], change)).faults
    assert [(one.code, one.where) for one in found] == [
        ("file_added", "papers/另一份.pdf"), ("file_missing", "papers/清册.pdf"),
    ]  # fmt: skip


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_stands_twice_is_named(files):
    out = io.BytesIO(made(files)[0])
    with zipfile.ZipFile(out, "a") as door:
        door.writestr("papers/清册.pdf", b"%PDF-1.7 another")
    (fault,) = opened(out.getvalue()).faults
    assert (fault.code, fault.where) == ("file_twice", "papers/清册.pdf")


def test_a_manifest_that_was_made_anew_differs_from_the_slip(files):
    digest = made(files)[1]
    forged = made({**files, "papers/清册.pdf": b"%PDF-1.7 forged"})[0]
    assert opened(forged).faults == ()
    (fault,) = opened(forged, manifest_hash=digest.upper()).faults
    assert fault.code == "manifest_changed"


@pytest.mark.parametrize("content", [b"", b"no zip", packed({}, {})[0][:40]])
def test_what_is_no_bundle_is_refused(content):
    with pytest.raises(NoBundle):
        opened(content)
    empty = io.BytesIO()
    with zipfile.ZipFile(empty, "w") as door:
        door.writestr(MANIFEST, '{"format": "another", "files": []}')
    with pytest.raises(NoBundle):
        opened(empty.getvalue())


def with_lines(files, change, *, name=LINES):
    frame = pl.read_parquet(io.BytesIO(files[name]))
    return {**files, name: parquet(change(frame))}


def codes(files):
    return {one.code for one in judged(files).faults}


def paid_more(frame):
    return frame.with_columns(
        pl.when(pl.col("loan_id") == "A")
        .then(pl.col("payable_fen") + 1)
        .otherwise("payable_fen")
        .alias("payable_fen")
    )


def test_an_amount_changed_by_who_makes_the_manifest_anew_is_found_by_computing_again(files):
    assert codes(with_lines(files, paid_more)) == {"line_hash_differs", "line_differs", "total_differs"}


def test_even_with_every_hash_made_anew_the_core_disagrees(files):
    from bangfu.engine.frozen import digest, line_digests

    told = json.loads(files[CYCLE])
    frame = paid_more(pl.read_parquet(io.BytesIO(files[LINES])))
    frame = frame.with_columns(
        pl.Series("line_hash", [one.hex() for one in line_digests(frame, told["hashed"])])
    )
    for one in told["lists"]:
        mine = frame.filter(pl.col("list_id") == one["id"])
        one["lines_hash"] = digest(mine["line_hash"]).hex()
        going = mine.filter(pl.col("payable_fen") >= 0)
        one["totals"]["open"]["payable_fen"] = int(going["payable_fen"].sum())
    forged = {**files, LINES: parquet(frame), CYCLE: json.dumps(told).encode()}
    (fault,) = judged(forged).faults
    assert fault.code == "line_differs"
    assert fault.detail.startswith("A: payable_fen")


def test_a_line_taken_out_and_one_put_in_are_named(files):
    assert "line_missing" in codes(with_lines(files, lambda frame: frame.filter(pl.col("loan_id") != "A")))

    def twice(frame):
        return pl.concat([frame, frame.head(1).with_columns(pl.lit("Z").alias("loan_id"))])

    assert "line_extra" in codes(with_lines(files, twice))


def test_facts_that_were_changed_are_named(files):
    def paid_off(frame):
        return frame.with_columns(
            pl.when(pl.col("loan_id") == "B", pl.col("kind") == "repaid")
            .then(pl.lit(4_000_000))
            .otherwise("amount_fen")
            .alias("amount_fen")
        )

    found = codes(with_lines(files, paid_off, name="facts/1/events.parquet"))
    assert {"facts_differ", "line_differs"} <= found


def test_a_pack_that_was_changed_is_named(files):
    text = files["packs/LD2021.yaml"].decode()
    number = text.index("zh:") + 4
    forged = text[:number] + "另" + text[number:]
    assert codes({**files, "packs/LD2021.yaml": forged.encode()}) == {"packs_differ"}


def test_a_correction_is_what_is_due_less_what_stood(files):
    def forgotten(frame):
        return frame.with_columns(
            pl.when(pl.col("loan_id") == "C")
            .then(pl.col("county_fen") - 100)
            .otherwise("county_fen")
            .alias("county_fen")
        )

    assert codes(with_lines(files, forgotten, name=EARLIER)) == {"correction_differs"}


def test_what_cannot_be_read_is_said(files):
    assert codes({**files, LINES: b"no parquet"}) == {"unreadable"}
    assert codes({path: one for path, one in files.items() if path != EARLIER}) == {"unreadable"}


def test_every_fault_has_a_test(files):
    from pathlib import Path

    text = Path(__file__).read_text(encoding="utf-8")
    more = (
        Path(__file__).parent.parent / "casework" / "test_archive_carried.py"
    )  # they need two quarters of a site
    text += more.read_text(encoding="utf-8")
    assert [code for code in FAULTS if f'"{code}"' not in text and code != "lines_hash_differs"] == []

    def turned(frame):
        return frame.with_columns((pl.col("number") * -1).alias("number"))

    assert codes(with_lines(files, turned)) == {"lines_hash_differs"}


def test_the_command_says_it_without_a_site(files, tmp_path):
    content, digest = made(files)
    (tmp_path / "whole.zip").write_bytes(content)
    (tmp_path / "forged.zip").write_bytes(made(with_lines(files, paid_more))[0])
    (tmp_path / "none.zip").write_bytes(b"nothing")

    def bangfu(name, *words):
        code = "import sys; from bangfu.cli.run import run; code = run(sys.argv[1:]);"
        code += " assert 'django' not in sys.modules; sys.exit(code)"
        return subprocess.run(
            [sys.executable, "-c", code, "verify-bundle", str(tmp_path / name), "--lang", "en", *words],
            capture_output=True, text=True, check=False, cwd=tmp_path,
        )  # fmt: skip

    whole = bangfu("whole.zip", "--manifest-hash", digest)
    assert (whole.returncode, "The bundle is whole" in whole.stdout, digest in whole.stdout) == (
        0,
        True,
        True,
    )
    forged = bangfu("forged.zip", "--json")
    told = json.loads(forged.stdout)
    assert forged.returncode == 1
    assert {one["code"] for one in told["faults"]} == {"line_hash_differs", "line_differs", "total_differs"}
    assert bangfu("forged.zip").returncode == 1
    assert bangfu("none.zip").returncode == 2
    assert bangfu("nowhere.zip").returncode == 2

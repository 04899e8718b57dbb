"""A sealed bundle proves what was carried over: the chain back to the first line, and that one computed again."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from tests.casework.cycles import AUTUMN, KNOWN, SUMMER, WINTER, cycle_done, day, forwarded, lines_at, written
from tests.casework.subsidies_made import everything

CARRIED, LINES, CYCLE = "carried.parquet", "lines.parquet", "cycle.json"


def carried_over(actor, line) -> None:
    from bangfu.casework.subsidies import api as subsidies

    subsidies.act_on_line(actor=actor, line_id=line.id, kind="carried", reason="账户待更正，结转下期")


@pytest.fixture
def bundle(site_actor):
    """The winter's bundle: a line carried since the summer, and the recovery of another, carried since the autumn."""
    from bangfu.casework.archive import api as archive
    from bangfu.casework.documents import api as documents
    from bangfu.casework.subsidies import api as subsidies
    from bangfu.engine.bundle import opened

    summer, autumn, winter = (
        replace(site_actor, now=day(on)) for on in (date(2023, 9, 28), date(2023, 12, 28), date(2024, 3, 28))
    )
    with everything():
        _, _, lines = cycle_done(summer, SUMMER)
        lines = sorted(lines, key=lambda one: -one.subsidy_fen)
        kept, late = lines[0], next(one for one in lines[1:] if one.household_id != lines[0].household_id)
        carried_over(summer, kept)
        written(late.loan_id, "repaid", date(2023, 7, 21), booked_on=date(2023, 11, 2), amount_fen=300_000)
        _, views, lines = cycle_done(autumn, AUTUMN, forward=False)
        forwarded(autumn, views)
        (taken,) = (one for one in lines if one.kind == "carried")
        (recovery,) = (one for one in lines if one.kind == "recovery")
        assert (taken.loan_id, recovery.loan_id) == (kept.loan_id, late.loan_id)
        carried_over(autumn, taken)
        carried_over(autumn, recovery)
        cycle, views, lines = cycle_done(winter, WINTER, forward=False)
        found = {one.kind: one for one in lines if one.ground == "carried"}
        assert (found["carried"].corrects, found["recovery"].corrects) == (taken.id, recovery.id)
        made = archive.seal(actor=replace(winter, now=KNOWN), cycle_id=cycle.id, reason="试封")
        assert lines_at(views, winter)
        assert subsidies.cycle_of(cycle.id, on=winter.on)
        _, content = documents.content_of(actor=winter, file_id=made.file_id)
    return opened(content)


def table(bundle, name) -> pl.DataFrame:
    return pl.read_parquet(io.BytesIO(bundle.files[name]))


def judged(bundle, **changed):
    """The faults of the bundle with other tables and every hash made anew, as somebody does who knows how."""
    from bangfu.engine.frozen import digest, line_digests
    from bangfu.engine.recomputed import recomputed

    files, told = dict(bundle.files), json.loads(bundle.files[CYCLE])
    for name, given in changed.items():
        hashed = [one.hex() for one in line_digests(given, told["hashed"])]
        frame = given.with_columns(pl.Series("line_hash", hashed))
        out = io.BytesIO()
        frame.write_parquet(out)
        files[f"{name}.parquet"] = out.getvalue()
        if name == "lines":
            for one in told["lists"]:
                mine = frame.filter(pl.col("list_id") == one["id"]).sort("number")
                one["lines_hash"] = digest(mine["line_hash"]).hex()
                for status, sums in one["totals"].items():
                    going = mine.filter(pl.col("status") == status, pl.col("payable_fen") >= 0)
                    sums["payable_fen"] = int(going["payable_fen"].sum())
                    sums["county"] = int(going["pay_county_fen"].sum())
            files[CYCLE] = json.dumps(told, ensure_ascii=False).encode()
    return recomputed(replace(bundle, files=files)).faults


def more(frame: pl.DataFrame, which: pl.Expr) -> pl.DataFrame:
    """100 fen more of the county in some lines, so that every sum of theirs still holds."""
    names = ("county_fen", "subsidy_fen", "payable_fen", "pay_county_fen")
    return frame.with_columns(
        *(pl.when(which).then(pl.col(name) + 100).otherwise(name).alias(name) for name in names),
        pl.when(which).then(pl.col("borrower_fen") - 100).otherwise("borrower_fen").alias("borrower_fen"),
    )


def test_a_carried_line_is_proved_back_to_its_first(bundle):
    from bangfu.engine.recomputed import recomputed

    assert recomputed(bundle).faults == ()
    behind, told = table(bundle, CARRIED), json.loads(bundle.files[CYCLE])
    assert sorted(behind["kind"].to_list()) == ["carried", "recovery", "regular", "regular"]
    firsts = told["carried"]
    kinds = dict(behind.select("line_id", "kind").rows())
    assert {kinds[one] for one in firsts} == {"regular", "recovery"}
    folders = {one["facts"] for one in firsts.values()}
    assert len(folders) == 2, "what was known in September, and what was known in December"
    assert all(f"{folder}/events.parquet" in bundle.files for folder in folders)
    periods = {(one["start"], one["end"], one["collected_by"]) for one in firsts.values()}
    summer = ("2023-06-21", "2023-09-21")
    assert periods == {(*summer, None), (*summer, "2023-12-21")}


@pytest.mark.parametrize("kind", ["carried", "recovery"])
def test_a_carried_amount_that_was_altered_is_named_with_every_hash_made_anew(bundle, kind):
    which = (pl.col("ground") == "carried") & (pl.col("kind") == kind)
    lines = more(table(bundle, LINES), which)
    (fault,) = judged(bundle, lines=lines)
    assert fault.code == "carried_differs"
    assert "payable_fen" in fault.detail
    assert fault.detail.startswith(lines.filter(which)["loan_id"].item())


def test_even_with_the_whole_chain_altered_the_core_disagrees(bundle):
    from bangfu.engine.frozen import line_digests

    told = json.loads(bundle.files[CYCLE])
    lines, behind = table(bundle, LINES), table(bundle, CARRIED)
    loan = lines.filter(pl.col("kind") == "carried")["loan_id"].item()
    behind = more(behind, pl.col("loan_id") == loan)
    for _ in range(2):  # each speaks of the hash of the one before it
        hashed = dict(
            zip(behind["line_id"], (one.hex() for one in line_digests(behind, told["hashed"])), strict=True)
        )
        known = pl.col("corrects").replace_strict(hashed, default=pl.col("corrects_hash"))
        behind = behind.with_columns(known.alias("corrects_hash"))
    lines = more(lines, (pl.col("loan_id") == loan) & (pl.col("kind") == "carried")).with_columns(
        known.alias("corrects_hash")
    )
    faults = judged(bundle, lines=lines, carried=behind)
    assert {one.code for one in faults} == {"carried_differs"}
    assert any("county_fen" in one.detail for one in faults)


def test_a_chain_without_its_beginning_is_unproved(bundle):
    from bangfu.engine.recomputed import recomputed

    behind = table(bundle, CARRIED)
    (fault,) = judged(bundle, carried=behind.filter(pl.col("kind") != "carried"))
    assert fault.code == "carried_unproved"
    bare = replace(bundle, files={name: one for name, one in bundle.files.items() if name != CARRIED})
    assert {one.code for one in recomputed(bare).faults} == {"carried_unproved"}


def test_facts_of_the_time_that_were_altered_are_found(bundle):
    from bangfu.engine.recomputed import recomputed

    told = json.loads(bundle.files[CYCLE])["carried"]
    folder = next(one["facts"] for one in told.values() if one["collected_by"] is None)
    name = f"{folder}/loans.parquet"
    out = io.BytesIO()
    table(bundle, name).with_columns(pl.col("rate_e8") + 100_000).write_parquet(out)
    found = recomputed(replace(bundle, files={**bundle.files, name: out.getvalue()})).faults
    assert {one.code for one in found} == {"carried_differs"}

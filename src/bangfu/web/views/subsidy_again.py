"""A list computed over again, for auditors and the bureau: the same hashes as it was frozen with, or what differs."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.words import Words
from bangfu.web.hashes import hash_code
from bangfu.web.parts import Chip, Column, Fact, Table
from bangfu.web.views import subsidies_shown as shown
from bangfu.web.views.doing import actor_of

_LONGEST = 6  # digits of a run's number
_HASHES = (
    Column("what", Words("校验值", "Hash"), narrow=True),
    Column("was", Words("冻结时", "As it was frozen"), "html"),
    Column("now", Words("重算得", "Computed again"), "html"),
    Column("chip", Words("结果", "Result"), "chip"),
)
_RUNS = (
    Column("number", Words("次序", "Run"), "number", narrow=True),
    Column("on", Words("截至", "As of"), "day"),
    Column("known_at", Words("按当时所知", "As known at"), "moment"),
    Column("lines", Words("笔数", "Lines"), "number"),
    Column("who", Words("计算人", "Computed by")),
    Column("at", Words("时间", "When"), "moment"),
    Column("hash", Words("明细校验值", "Hash of the lines")),
    Column("again", Words("复算", "Again"), link="url"),
)
_DIFFERING = (
    Column("loan", Words("贷款", "Loan"), link="loan_url"),
    Column("line", Words("冻结的明细", "The frozen line"), link="line_url"),
    Column("was", Words("冻结时应发", "Payable as frozen"), "yuan", unit=shown.YUAN),
    Column("now", Words("重算应发", "Payable computed again"), "yuan", unit=shown.YUAN),
    Column("by", Words("相差", "Differs by"), "yuan", unit=shown.YUAN),
)
_NAMES = {
    "facts": Words("依据的台账事实", "Facts it rests on"),
    "packs": Words("依据的政策包", "Policy packs it rests on"),
    "lines": Words("清册明细", "Lines of the list"),
}


@require_safe
def again(request: HttpRequest, list_id: UUID) -> HttpResponse:
    """The computations of a list; with ``?run=``, that one done over again, and nothing written."""
    actor = actor_of(request)
    told = subsidies.opened_list(actor=actor, list_id=list_id)
    view, asked = told.view, request.GET.get("run", "")
    number = int(asked) if asked.isdecimal() and len(asked) <= _LONGEST else 0
    made = subsidies.reproduced(actor=actor, list_id=list_id, number=number) if number else None
    context = {
        "view": view, "name": shown.period_words(view.cycle), "runs": _runs_table(told.runs), "made": made,
        "latest": view.run_number,
        "facts": _facts(made) if made else (), "hashes": _hashes_table(made) if made else None,
        "differing": _differing_table(made) if made and made.differing else None,
    }  # fmt: skip
    return render(request, "subsidies/again.html", context)


def _facts(made: subsidies.Reproduced) -> list[Fact]:
    return [
        Fact(Words("计算", "Computed"), Words(f"第 {made.number} 次", f"run {made.number}")),
        Fact(Words("截至", "As of"), made.on, "day"),
        Fact(Words("按当时所知", "As known at"), made.known_at, "moment"),
        Fact(Words("冻结笔数", "Lines frozen"), made.lines, "number"),
    ]


def _hashes_table(made: subsidies.Reproduced) -> Table:
    rows = []
    for name, what in _NAMES.items():
        was, now = getattr(made.was, name), getattr(made.now, name)
        chip = (
            Chip("ok", Words("一致", "the same")) if was == now else Chip("bad", Words("不一致", "differs"))
        )
        rows.append({"what": what, "was": hash_code(was), "now": hash_code(now), "chip": chip})
    return Table(Words("逐项比对", "Compared one by one"), _HASHES, rows)


def _runs_table(runs: Sequence[subsidies.RunView]) -> Table:
    rows = [
        {
            "number": one.number, "on": one.on, "known_at": one.known_at, "lines": one.lines, "who": one.made_name,
            "at": one.at, "hash": one.lines_hash[:16], "again": Words("复算这一次", "compute this one again"),
            "url": f"?run={one.number}",
        }
        for one in runs
    ]  # fmt: skip
    return Table(
        Words("历次计算", "Computations"), _RUNS, rows, empty=Words("还没有计算", "Not computed yet")
    )


def _differing_table(made: subsidies.Reproduced) -> Table:
    rows = [
        {
            "loan": one.loan_id, "loan_url": reverse("loan", args=(one.loan_id,)),
            "line": Words("打开", "open") if one.line_id else Words("冻结时没有", "none was frozen"),
            "line_url": reverse("subsidy-line", args=(one.line_id,)) if one.line_id else "",
            "was": one.was_fen, "now": one.now_fen, "by": (one.now_fen or 0) - (one.was_fen or 0),
        }
        for one in made.differing
    ]  # fmt: skip
    return Table(Words(f"不同的明细 {len(rows)} 笔", f"{len(rows)} loans differ"), _DIFFERING, rows)

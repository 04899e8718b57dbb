"""The archive of a cycle as the components show it: seven kinds, what is there, what is missing, who brings it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from bangfu.casework.archive import api as archive
from bangfu.casework.archive.api import Completeness, Item, PaperView, SealView, SinceSealed
from bangfu.casework.database.actor import Actor
from bangfu.casework.people import api as people
from bangfu.casework.subsidies.api import CycleView
from bangfu.casework.words import Words
from bangfu.web.hashes import hash_code
from bangfu.web.parts import Chip, Column, Fact, Figure, Table
from bangfu.web.templatetags.bangfu import chip
from bangfu.web.views.subsidies_shown import without

_NUMERALS = "〇一二三四五六七"
_PLACES = 12  # named for each missing paper
_FEW = 3  # rows of a kind that are shown unasked
_MOST = 60  # rows of a kind; more are opened by township
THERE = Chip("ok", Words("有", "there"))
MISSING = Chip("bad", Words("缺", "missing"))
LATER = Chip("wait", Words("未到环节", "not due yet"))
_AFTER = Words("封存后", "after the seal")
ADDED = Chip("off", Words("可不归", "may be left out"))


def state_of(one: Item) -> Chip:
    """Whether a paper is there, missing, or not due yet."""
    if one.papers:
        return THERE
    if not one.part.asked:
        return ADDED
    return MISSING if one.due else LATER


def figures(told: Completeness) -> list[Figure]:
    """How much of what is asked for is there."""
    asked = [one for one in told.items if one.part.asked]
    there = sum(1 for one in asked if one.papers)
    late = sum(1 for one in asked if one.missing and one.due)
    return [
        Figure(Words("应有", "Asked for"), len(asked), unit=Words("件", "papers")),
        Figure(Words("已有", "There"), there, unit=Words("件", "papers"), tone="ok" if there == len(asked) else ""),
        Figure(Words("缺", "Missing"), late, unit=Words("件", "papers"), tone="bad" if late else "ok"),
        Figure(Words("未到环节", "Not due yet"), len(asked) - there - late, unit=Words("件", "papers")),
    ]  # fmt: skip


_ITEMS = (
    Column("part", Words("材料", "Paper")),
    Column("where", Words("地方", "Where")),
    Column("chip", Words("状态", "State"), "chip", narrow=True),
    Column("papers", Words("文件", "Files"), "html"),
    Column("by", Words("由谁提供", "Who brings it")),
    Column("do", Words("办理", "Act"), link="url"),
)


def kinds(
    told: Completeness, actor: Actor, cycle_id: UUID, *, whole: bool, since: SinceSealed | None
) -> list[dict[str, Any]]:
    """The seven kinds, each with its papers, what is missing first; of the whole county long ones are folded."""
    out, late = [], {paper.id for _, paper in since.papers} if since else set()
    opens = people.may(actor.role, "archive.open")
    listed = [
        (kind, items, [_row(one, actor, cycle_id, opens=opens, late=late) for one in _urgent(items)[:_MOST]])
        for kind, items in told.by_kind()
    ]
    # The same columns for every kind, so that they stand below one another.
    acts = any(row["url"] for _, _, rows in listed for row in rows)
    columns = _ITEMS if acts else without(_ITEMS, "do")
    for kind, items, rows in listed:
        asked = [one for one in items if one.part.asked]
        there = sum(1 for one in asked if one.papers)
        lacks = sum(1 for one in asked if one.missing and one.due)
        caption = kind.words
        out.append(
            {
                "number": _NUMERALS[kind.number], "ordinal": kind.number, "words": kind.words, "asked": len(asked),
                "there": there, "lacks": lacks, "more": max(0, len(items) - _MOST), "clause": kind.clause,
                "table": Table(caption, columns, rows, hide_caption=True,
                               empty=Words("本期不要求", "Not asked for with this cycle")),
                "open": bool(items) and (not whole or len(rows) <= _FEW),
            }
        )  # fmt: skip
    return out


def _urgent(items: Sequence[Item]) -> list[Item]:
    """What is missing and due first, then what is to come, then what is there."""
    return sorted(items, key=lambda one: (not (one.missing and one.due), bool(one.papers)))


def _row(one: Item, actor: Actor, cycle_id: UUID, *, opens: bool, late: Collection[UUID]) -> dict[str, Any]:
    given = {"part": one.part.code, "place": one.place, **({"list": str(one.list_id)} if one.list_id else {})}
    may = people.may(actor.role, "archive.add") and archive.adds(actor, one.part)
    mine = (
        one.place.startswith(actor.place)
        if actor.place.isdigit() and actor.scope.areas
        else bool(one.list_id)
    )
    url = f"{reverse('cycle-archive-add', args=(cycle_id,))}?{urlencode(given)}" if may and mine else ""
    return {
        "part": one.part.words, "where": one.place_name, "chip": state_of(one),
        "papers": papers_of(one.papers, opens=opens, late=late), "by": one.part.who, "url": url,
        "do": "" if not url else Words("再传一份", "bring another") if one.papers else Words("上传", "upload"),
    }  # fmt: skip


def papers_of(papers: Sequence[PaperView], *, opens: bool, late: Collection[UUID] = ()) -> SafeString:
    """The files of a place, each with who brought it; ``late`` are those that came after the last seal."""
    mark = chip("info", _AFTER)
    told = ((_opened(one, opens=opens), mark if one.id in late else "") for one in papers)
    return format_html_join(SafeString("<br>"), "{} {}", told)


def _opened(one: PaperView, *, opens: bool) -> SafeString:
    if not opens:
        return format_html("<small>{}</small>", _by(one))
    address = reverse("file", args=(one.file_id,))
    return format_html('<a href="{}">{}</a> <small>{}</small>', address, one.name, _by(one))


_CAME = (
    Column("part", Words("材料", "Paper")),
    Column("where", Words("地方", "Where")),
    Column("paper", Words("文件", "File"), "html"),
    Column("at", Words("归入时间", "Put in"), "moment", narrow=True),
)


def came_table(since: SinceSealed, *, opens: bool) -> Table:
    """The papers that came after the last seal, the latest first."""
    ordered = sorted(since.papers, key=lambda told: told[1].at, reverse=True)
    rows = [
        {"part": item.part.words, "where": item.place_name, "paper": _opened(one, opens=opens), "at": one.at}
        for item, one in ordered[:_MOST]
    ]
    caption = Words(f"封存以后归入的 {len(ordered)} 件", f"{len(ordered)} papers put in since")
    return Table(caption, _CAME, rows)


def _by(one: PaperView) -> Words:
    made = Words("系统生成", "made here") if one.made_by_us else Words(one.added_name, one.added_name)
    day = one.at.date().isoformat()
    return Words(f"{made.zh} {day}", f"{made.en} {day}")


_TOWNS = (
    Column("name", Words("乡镇", "Township"), link="url"),
    Column("asked", Words("应有", "Asked for"), "number"),
    Column("there", Words("已有", "There"), "number"),
    Column("lacks", Words("缺", "Missing"), "number"),
    Column("later", Words("未到环节", "Not due yet"), "number"),
)


def towns_table(told: Completeness, names: dict[str, str]) -> Table:
    """What each township has and lacks, in the order of codes."""
    rows = []
    for code, name in sorted(names.items()):
        mine = [one for one in told.items if one.part.asked and one.place.startswith(code)]
        there = sum(1 for one in mine if one.papers)
        lacks = sum(1 for one in mine if one.missing and one.due)
        rows.append(
            {"name": name, "url": f"?place={code}", "asked": len(mine), "there": there, "lacks": lacks or None,
             "later": len(mine) - there - lacks or None}
        )  # fmt: skip
    return Table(Words("分乡镇", "By township"), _TOWNS, rows)


_SEALS = (
    Column("number", Words("封存", "Seal"), narrow=True),
    Column("where", Words("范围", "Of")),
    Column("by", Words("封存人", "Sealed by")),
    Column("at", Words("时间", "When"), "moment", narrow=True),
    Column("missing", Words("当时所缺", "Missing by then"), "html"),
    Column("hash", Words("清单校验值", "Hash of the manifest"), "html"),
    Column("file", Words("案卷包", "Bundle"), link="url"),
    Column("slip", Words("接收单", "Slip"), link="slip_url"),
)


def seals_table(rows: Sequence[SealView], names: dict[str, str], *, opens: bool) -> Table:
    """The bundles that were sealed, the latest first."""
    listed = [
        {
            "number": Words(f"第 {one.number} 次", f"no. {one.number}"), "where": names.get(one.place, one.place),
            "by": one.sealed_name, "at": one.at, "missing": _lacked(one),
            "hash": hash_code(one.manifest_hash),
            "file": Words("下载", "download"), "url": reverse("file", args=(one.file_id,)) if opens else "",
            "slip": Words("PDF", "PDF") if one.slip_id else "",
            "slip_url": reverse("file", args=(one.slip_id,)) if one.slip_id and opens else "",
        }
        for one in rows
    ]  # fmt: skip
    return Table(Words("已封存", "Sealed"), _SEALS, listed, empty=Words("还没有封存", "Not sealed yet"))


def lacking(missing: Sequence[Item]) -> list[Words]:
    """What is missing, each paper once with the places that lack it and who should bring it."""
    papers: dict[str, list[Item]] = {}
    for one in missing:
        papers.setdefault(one.part.code, []).append(one)
    out = []
    for mine in papers.values():
        part, who, where = mine[0].part.words, mine[0].part.who, [one.place_name for one in mine]
        zh, en = "、".join(where[:_PLACES]), ", ".join(where[:_PLACES])
        if len(where) > _PLACES:
            zh, en = f"{zh}等 {len(where)} 处", f"{en} and others, {len(where)} in all"
        out.append(Words(f"{part.zh}：{zh}（由{who.zh}提供）", f"{part.en}: {en} (from: {who.en})"))
    return out


def verify_line(cycle: CycleView, last: SealView | None, place: str) -> str:
    """The command that verifies the last bundle offline, or what it will be."""
    where, number = (last.place, last.number) if last else (place, 1)
    line = f"bangfu verify-bundle {where}-{cycle.start.isoformat()}-{cycle.rhythm}-{number}.zip"
    return f"{line} --manifest-hash {last.manifest_hash}" if last else line


def _lacked(one: SealView) -> SafeString:
    if not one.missing:
        return format_html("{}", Words("不缺", "nothing"))
    count = Words(f"{len(one.missing)} 件", f"{len(one.missing)} papers")
    return format_html("{}<br><small>{}</small>", count, one.reason)


def item_facts(one: Item) -> list[Fact]:
    """Which paper is brought."""
    return [
        Fact(Words("材料", "Paper"), one.part.words),
        Fact(Words("类别", "Kind"), one.kind.words, clauses=(one.kind.clause,)),
        Fact(Words("地方", "Where"), one.place_name), Fact(Words("由谁提供", "Who brings it"), one.part.who),
    ]  # fmt: skip

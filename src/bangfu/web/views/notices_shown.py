"""Notices as pages show them: worded as they are in the field, with a clock that anybody can read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from bangfu.casework.notices import api as notices
from bangfu.casework.notices.api import AFTER, VILLAGE, Clock, NoticePart, NoticeView, PublicNotice
from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.words import Words
from bangfu.web.parts import Chip, Column, Fact, Pager, Table, Tone
from bangfu.web.sources import cited

HOTLINE = "12317"
PAGE, ROWS = 50, 100
YUAN = Words("元", "yuan")
_TOWNSHIP, _COUNTY, _CELLS = 9, 6, 300
_PHONE = re.compile(r"0\d{2,3}[-－ ]?\d{7,8}|1\d{10}")
# As notices and sheets call them.
REGIME_WORDS: Mapping[str, Words] = {
    "poverty": Words("老政策", "old policy"),
    "transition": Words("新政策", "new policy"),
    "assistance": Words("帮扶政策", "assistance"),
}
_TITLES: Mapping[str, Words] = {
    notices.BEFORE: Words("小额信贷贴息情况公示", "Interest subsidies: public notice"),
    notices.AFTER: Words("小额信贷贴息发放情况公告", "Interest subsidies paid: announcement"),
}


@dataclass(frozen=True)
class Told:
    """A notice in words.

    Attributes:
        title: As notices are worded in the field.
        place: Township and village.
        county: The county's name.
        office: Who posts it.
        period: Its name, and its days.
        opening: The first sentence, by which documents.
        phone: A number of the contact to be dialled, where it holds one.
    """

    title: Words
    place: str
    county: str
    office: Words
    period: Words
    days: Words
    opening: Words
    phone: str


def day_zh(on: date) -> str:
    """2026年3月1日."""
    return f"{on.year}年{on.month}月{on.day}日"


def codes_of(rows: Sequence[PublicNotice]) -> set[str]:
    """The codes whose names the titles take."""
    return {one.area[:cut] for one in rows for cut in (_TOWNSHIP, _COUNTY)}


def told(one: PublicNotice, names: Mapping[str, str]) -> Told:
    """A notice in words; ``names`` are those of ``codes_of``."""
    township = names.get(one.area[:_TOWNSHIP], "") if one.level == VILLAGE else one.area_name
    county = names.get(one.area[:_COUNTY], "")
    place = f"{township}{one.area_name}" if one.level == VILLAGE else township
    period = subsidies.period_words(one.start, one.end)
    last, title = one.end - timedelta(days=1), _TITLES[one.kind]
    days = Words(f"自{day_zh(one.start)}至{day_zh(last)}止", f"{one.start} to {last}")
    found = _PHONE.search(one.contact)
    return Told(
        title=Words(f"{place}{period.zh}{title.zh}", f"{place} · {period.en} · {title.en}"),
        place=f"{township} {one.area_name}" if one.level == VILLAGE else township,
        county=county, office=notices.office_of(one, township), period=period, days=days,
        opening=_opening(one, county, place, period), phone=found[0] if found else "",
    )  # fmt: skip


def documents_of(one: PublicNotice) -> list[str]:
    """The documents a notice rests on."""
    found = [cited(citation) for citation in one.clauses]
    return list(dict.fromkeys(each[0].number or each[0].title for each in found if each))


def _opening(one: PublicNotice, county: str, place: str, period: Words) -> Words:
    documents = list(
        dict.fromkeys(found[0].number or found[0].title for cite in one.clauses if (found := cited(cite)))
    )
    by = f"根据{'、'.join(documents)}，" if documents else ""
    by_en = f"Under {', '.join(documents)}: " if documents else ""
    if one.kind == AFTER:
        return Words(
            f"{by}{county}{period.zh}小额信贷财政贴息已通过惠农“一卡通”发放，现将{place}发放情况予以公告。",
            f"{by_en}the subsidies of {period.en} were paid to the households' cards; those of {place} are announced.",
        )
    return Words(
        f"{by}{county}{period.zh}小额信贷贴息清册已经信用社编制、乡镇审核，现将{place}拟贴息情况予以公示。",
        f"{by_en}the list of subsidies of {period.en} was made by the branch and reviewed by the township; "
        f"what {place} is to be paid is shown here before payment.",
    )


def clock_words(clock: Clock, *, ended: bool = False) -> Words:
    """第 3 天 / 共 10 天."""
    if ended:
        return Words("已撤下", "withdrawn")
    if clock.over:
        return Words(f"{clock.of} 天已满", f"{clock.of} days, over")
    if not clock.day:
        return Words(f"今天张贴，共 {clock.of} 天", f"posted today, {clock.of} days")
    return Words(f"第 {clock.day} 天 / 共 {clock.of} 天", f"day {clock.day} of {clock.of}")


def clock_chip(one: PublicNotice) -> Chip:
    """The clock as a chip."""
    tone: Tone = "off" if one.ended or one.clock.over else "info"
    return Chip(tone, clock_words(one.clock, ended=bool(one.ended)))


def clock_bar(clock: Clock) -> SafeString:
    """The days as a bar, filled as far as they have passed."""
    wide, gap = _CELLS, 3
    each = wide // max(clock.of, 1)
    cells = format_html_join(
        "", '<rect class="{}" x="{}" width="{}" height="10"/>',
        (("done" if at < clock.day else "ground", at * each, max(each - gap, 1)) for at in range(clock.of)),
    )  # fmt: skip
    return format_html(
        '<svg class="bar days" viewBox="0 0 {} 10" preserveAspectRatio="none" aria-hidden="true"'
        ' focusable="false">{}</svg>',
        each * clock.of, cells,
    )  # fmt: skip


_LISTED = (
    Column("place", Words("乡镇、村", "Place"), link="url"),
    Column("kind", Words("类别", "Kind")),
    Column("period", Words("期间", "Period")),
    Column("bank", Words("网点", "Branch")),
    Column("posted_on", Words("张贴", "Posted"), "day"),
    Column("last_day", Words("截止", "Last day"), "day"),
    Column("chip", Words("天数", "Clock"), "chip"),
    Column("lines", Words("笔数", "Rows"), "number"),
    Column("total_fen", Words("金额", "Amount"), "yuan", unit=YUAN),
)


def listed(
    page: notices.NoticesPage, names: Mapping[str, str], number: int, *, past: bool, sought: bool
) -> Table:
    """The notices that anybody may read; where there is none, it says whether that lies at what was sought."""
    rows = []
    for one in page.rows:
        words = told(one, names)
        rows.append(
            {
                "place": words.place, "url": reverse("notice", args=(one.id,)), "kind": notices.KINDS[one.kind],
                "period": words.period, "bank": one.bank_name, "posted_on": one.posted_on,
                "last_day": one.clock.last_day, "chip": clock_chip(one), "lines": one.lines,
                "total_fen": one.total_fen,
            }
        )  # fmt: skip
    caption = Words("公示、公告", "Notices") if past else Words("现行公示、公告", "Current notices")
    empty = (
        Words("没有找到。换一个乡镇或村名，或者勾选“含已结束的”再看。",
              "None found: try another name, or include past ones.")
        if sought or past
        else Words("现在没有在期限内的公示、公告。勾选“含已结束的”可以看以前的。",
                   "No notice hangs now. Include past ones to see the earlier.")
    )  # fmt: skip
    pager = Pager(number, max(1, -(-page.total // PAGE)), page.total)
    return Table(caption, _LISTED, rows, pager=pager, empty=empty)


def facts(one: PublicNotice, words: Told) -> list[Fact]:
    """What a notice says of itself."""
    clock = one.clock
    return [
        Fact(Words("公示单位", "Office"), words.office),
        Fact(Words("经办网点", "Branch"), one.bank_name),
        Fact(Words("贴息期间", "Period"), words.days),
        Fact(Words("张贴日期", "Posted on"), one.posted_on, "day"),
        Fact(Words("截止日", "Last day"), clock.last_day, "day",
             note=Words(f"张贴次日起满 {clock.of} 天", f"{clock.of} full days from the day after")),
        Fact(Words("依据", "Basis"), "、".join(documents_of(one)), clauses=one.clauses,
             note=one.why) if one.clauses else
        Fact(Words("天数", "Days"), Words("没有文件规定，自定", "not regulated: the office's own"), note=one.why),
    ]  # fmt: skip


_BY_PRODUCT = (
    Column("product", Words("政策", "Regime")),
    Column("lines", Words("笔数", "Rows"), "number"),
    Column("total_fen", Words("金额", "Amount"), "yuan", unit=YUAN),
)


def by_product(parts: Sequence[NoticePart]) -> Table | None:
    """Sums by regime, where there are several: old and new apart (LD2021-3.2)."""
    found: dict[str, list[int]] = {}
    for one in parts:
        sums = found.setdefault(one.product, [0, 0])
        sums[0] += one.lines
        sums[1] += one.total_fen
    if len(found) < 2:  # noqa: PLR2004 - the total above says it
        return None
    rows = [
        {"product": REGIME_WORDS.get(code, code), "lines": lines, "total_fen": fen}
        for code, (lines, fen) in found.items()
    ]
    return Table(Words("分政策合计", "Sums by regime"), _BY_PRODUCT, rows)


def rows_of(page: notices.NoticePage) -> list[dict[str, Any]]:
    """The rows of a page."""
    return [
        {"number": one.number, "village": one.village, "name": one.masked_name, "amount": one.amount_fen,
         "product": REGIME_WORDS.get(one.product, one.product), "token": one.token}
        for one in page.rows
    ]  # fmt: skip


def sheet_links(one: PublicNotice, villages: Sequence[str], name: str) -> list[tuple[str, str]]:
    """Where the sheet is: whole, or village by village where it is too long for one paper."""
    where = reverse(name, args=(one.id,))
    if one.lines <= notices.LONGEST_SHEET:
        return [("", where)]
    return [(village, f"{where}?{urlencode({'village': village})}") for village in villages]


# At the desk.
_STACKED = "<div>{}<br><small>{}</small></div>"
_POSTED = (
    Column("place", Words("张贴处", "Where"), link="url"),
    Column("level", Words("层级", "Level")),
    Column("posted", Words("张贴", "Posted"), "html"),
    Column("last_day", Words("截止日", "Last day"), "day"),
    Column("chip", Words("天数", "Clock"), "chip"),
    Column("lines", Words("笔数", "Rows"), "number"),
    Column("total_fen", Words("金额", "Amount"), "yuan", unit=YUAN),
    Column("photos", Words("照片", "Photographs"), "html"),
    Column("objections", Words("异议", "Objections"), "html"),
)


def posted(rows: Sequence[NoticeView], caption: Words, *, may_photograph: bool) -> Table:
    """The notices of a list, each with photographs and objections."""
    listed = []
    for each in rows:
        one = each.notice
        listed.append(
            {
                "place": one.area_name, "url": reverse("notice", args=(one.id,)), "level": notices.LEVELS[one.level],
                "posted": format_html(_STACKED, one.posted_on.isoformat(), each.posted_name),
                "last_day": one.clock.last_day, "chip": clock_chip(one), "lines": one.lines, "total_fen": one.total_fen,
                "photos": _photos(each, may_photograph=may_photograph), "objections": _objections(each),
            }
        )  # fmt: skip
    return Table(caption, _POSTED, listed, empty=Words("还没有张贴", "None is posted yet"))


def _photos(each: NoticeView, *, may_photograph: bool) -> SafeString:
    missing = [notices.PARTS[part] for part in each.photos_missing]
    if missing:
        words = Words(
            f"缺{'、'.join(one.zh for one in missing)}", f"missing: {', '.join(one.en for one in missing)}"
        )
    else:
        count = sum(len(found) for found in each.photos.values())
        words = Words(f"{count} 张", f"{count}")
    if each.notice.ended or not (may_photograph or not missing):
        return format_html("{}", words)
    tone = "late-words" if missing else ""
    where = reverse("notice-photos", args=(each.notice.id,))
    return format_html('<a class="{}" href="{}">{}</a>', tone, where, words)


def _objections(each: NoticeView) -> SafeString:
    if not each.objections:
        return format_html("{}", Words("无", "none"))
    words = Words(
        f"{each.objections} 件，{each.open_objections} 件待处理",
        f"{each.objections}, {each.open_objections} open",
    )
    return format_html('<a href="{}?list={}">{}</a>', reverse("objections"), each.list_id, words)


_SHEETS = (
    Column("name", Words("张贴处", "Where"), link="url"),
    Column("level", Words("层级", "Level")),
    Column("lines", Words("笔数", "Rows"), "number"),
    Column("total_fen", Words("金额", "Amount"), "yuan", unit=YUAN),
)
_ROWS = (
    Column("number", Words("序号", "No."), "number", narrow=True),
    Column("village", Words("村", "Village")),
    Column("name", Words("姓名", "Name")),
    Column("product", Words("政策", "Regime")),
    Column("amount", Words("金额", "Amount"), "yuan", unit=YUAN),
)


def planned(sheets: Sequence[notices.Planned]) -> Table:
    """The sheets that posting would make."""
    rows = [
        {"name": one.area_name, "url": f"?sheet={one.area}#preview", "level": notices.LEVELS[one.level],
         "lines": len(one.rows), "total_fen": one.total_fen}
        for one in sheets
    ]  # fmt: skip
    count = len(sheets)
    return Table(Words(f"将生成 {count} 张", f"{count} sheets will be made"), _SHEETS, rows)


def preview(one: notices.Planned, number: int) -> Table:
    """The rows of a sheet as they would be shown."""
    found = one.rows[(number - 1) * ROWS : number * ROWS]
    rows = [
        {"number": row.number, "village": row.village, "name": row.masked_name,
         "product": REGIME_WORDS.get(row.product, row.product), "amount": row.amount_fen}
        for row in found
    ]  # fmt: skip
    pager = Pager(number, max(1, -(-len(one.rows) // ROWS)), len(one.rows))
    totals = {"village": Words("合计", "In all"), "amount": one.total_fen}
    caption = Words(f"预览：{one.area_name}", f"Preview: {one.area_name}")
    return Table(caption, _ROWS, rows, totals=totals, pager=pager)

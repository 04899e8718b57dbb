"""Papers of a subsidy cycle to test with: made-up people of no place."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from tests.reports.papers_made import CITED, HEAD, IMPRINT

from bangfu.reports.papers import (
    ArchiveReceipt,
    ControlSheet,
    KindCount,
    ListBlock,
    ListedLine,
    NoticedLine,
    ObjectionAnswer,
    PublicNotice,
    ReturnedLine,
    ReturnedList,
    SourceRow,
    SubsidyListPaper,
    TownshipTotal,
    YearlySummary,
    YearRow,
)
from bangfu.reports.papers.typesetting import BEIJING

QUARTER = {"county": "罗甸县", "period": "2024年第二季度"}


def line(number: int, **changed: Any) -> ListedLine:
    """A line of 50,000 yuan at 4.45 % over 92 days."""
    values: dict[str, Any] = {
        "number": number, "village": "五星村", "borrower": "韦国强", "contract_no": f"LP2021-{number:06d}",
        "opening_fen": 5_000_000, "subsidised_part_fen": 5_000_000, "rate_e8": 4_450_000,
        "start": date(2024, 3, 21), "end": date(2024, 6, 21), "days": 92, "interest_fen": 56_861,
        "by_payer": {"county": 56_861}, "subsidy_fen": 56_861, "payable_fen": 56_861,
    }  # fmt: skip
    return ListedLine(**{**values, **changed})


def listed(**changed: Any) -> SubsidyListPaper:
    """An old regime of two lines, one of them a recovery, and a new one of three."""
    gone = line(
        2, by_payer={"county": -521}, subsidy_fen=-521, payable_fen=-521, interest_fen=-521, remark="追回"
    )
    new = tuple(line(n, by_payer={"central": 30_000, "county": 26_861}) for n in (3, 4, 5))
    values: dict[str, Any] = {
        **QUARTER, "township": "龙坪镇", "branch": "龙坪信用社", "start": date(2024, 3, 21),
        "end": date(2024, 6, 21), "made_on": date(2024, 6, 30), "lines_hash": HEAD, "imprint": IMPRINT,
        "blocks": (
            ListBlock(product="扶贫小额信贷", regime="老政策", lines=(line(1), gone)),
            ListBlock(product="脱贫人口小额信贷", regime="新政策", lines=new),
        ),
    }  # fmt: skip
    return SubsidyListPaper(**{**values, **changed})


def public(**changed: Any) -> PublicNotice:
    """A notice of a township with two villages."""
    names = ("韦＊强", "罗＊＊", "王＊")
    lines = tuple(
        NoticedLine(
            number=n + 1, village="五星村" if n < 2 else "大坪村", masked_name=names[n],
            regime="老政策" if n else "新政策", amount_fen=56_861 + n,
        )
        for n in range(3)
    )  # fmt: skip
    values: dict[str, Any] = {
        **QUARTER, "kind": "before", "township": "龙坪镇", "office": "龙坪镇人民政府", "lines": lines,
        "posted_on": date(2024, 7, 1), "last_day": date(2024, 7, 11), "days": 10, "phone": "0854-7600002",
        "url": "https://bangfu.example/notice/3f2a", "clauses": (("LD2021-6", "镇级公示10天无异议"),),
        "imprint": IMPRINT,
    }  # fmt: skip
    return PublicNotice(**{**values, **changed})


def control(**changed: Any) -> ControlSheet:
    """A batch of three payments in two townships."""
    values: dict[str, Any] = {
        **QUARTER, "batch": "第 2 批", "items": 3, "total_fen": 170_583,
        "by_township": (
            TownshipTotal(township="龙坪镇", items=2, amount_fen=113_722),
            TownshipTotal(township="斛兴街道", items=1, amount_fen=56_861),
        ),
        "by_payer": (("central", 100_000), ("county", 70_583)), "file_name": "522728-2024Q2-2.txt",
        "file_hash": HEAD, "file_form": "GBK，竖线分隔", "content_hash_of_batch": HEAD[::-1],
        "prepared_by": "赵明（财政局）", "prepared_at": datetime(2024, 7, 18, 9, 0, tzinfo=BEIJING),
        "released_by": "李红（财政局）", "released_at": datetime(2024, 7, 18, 15, 30, tzinfo=BEIJING),
        "imprint": IMPRINT,
    }  # fmt: skip
    return ControlSheet(**{**values, **changed})


def returned(**changed: Any) -> ReturnedList:
    """A payment that failed, one that came back."""
    lines = tuple(
        ReturnedLine(
            township="龙坪镇", village="五星村", payee="韦国强", account="6217****1234", amount_fen=56_861,
            outcome=outcome, on=date(2024, 7, 20), reason="03 户名与账号不符", then=then,
        )
        for outcome, then in (("失败", ""), ("退回", "第 3 批重新发放"))
    )  # fmt: skip
    return ReturnedList(
        **{**QUARTER, "made_on": date(2024, 8, 1), "lines": lines, "imprint": IMPRINT, **changed}
    )


def answer(**changed: Any) -> ObjectionAnswer:
    """An anonymous objection that holds."""
    values: dict[str, Any] = {
        "office": "龙坪镇人民政府", "number": "YY2024-0007", "objected_on": date(2024, 7, 5),
        "notice": "龙坪镇2024年第二季度贴息公示", "line_number": 17, "ground": "该户已迁出", "upheld": True,
        "answer": "经入户核实，该户已于4月迁出。\n多列部分予以剔除。", "decided_on": date(2024, 7, 9),
        "citations": (CITED,), "phone": "0854-7600002", "imprint": IMPRINT,
    }  # fmt: skip
    return ObjectionAnswer(**{**values, **changed})


def year(**changed: Any) -> YearlySummary:
    """A year of two quarters."""
    quarters = tuple(YearRow(name=f"第{n}季度", households=98, lines=100, paid_fen=5_000_000) for n in "一二")
    values: dict[str, Any] = {
        "county": "罗甸县", "year": 2024, "office": "罗甸县乡村振兴局", "made_on": date(2024, 12, 31),
        "households": 103, "quarters": quarters,
        "regimes": (
            YearRow(name="老政策", households=10, lines=20, paid_fen=1_000_000),
            YearRow(name="新政策", households=93, lines=180, paid_fen=9_000_000),
        ),
        "townships": (YearRow(name="龙坪镇", households=103, lines=200, paid_fen=10_000_000),),
        "sources": (SourceRow(payer="county", allotted_fen=12_000_000, paid_fen=10_000_000, left_fen=2_000_000),),
        "notices": 4, "objections": 2, "upheld": 1, "returned": 3, "returned_open": 1, "to_recover_fen": 521,
        "late": ("第二季度：边阳镇上报超期 3 天。",), "imprint": IMPRINT,
    }  # fmt: skip
    return YearlySummary(**{**values, **changed})


def receipt(**changed: Any) -> ArchiveReceipt:
    """A seal of a quarter with one photograph missing."""
    kinds = tuple(
        KindCount(
            number=n, name=f"第{n}类档案", papers=n, missing="五星村：远景照片（村委会）" if n == 5 else ""
        )
        for n in range(1, 8)
    )
    values: dict[str, Any] = {
        **QUARTER, "place": "龙坪镇", "seal_number": 1, "sealed_on": date(2024, 8, 20), "kinds": kinds,
        "file_name": "522728-2024Q2-1.zip", "file_hash": HEAD, "manifest_hash": HEAD[::-1], "files": 312,
        "trail_number": 1_234_567, "trail_hash": HEAD, "reason": "照片遗失，已重拍，待补。",
        "handed_by": "王小芳", "imprint": IMPRINT,
    }  # fmt: skip
    return ArchiveReceipt(**{**values, **changed})

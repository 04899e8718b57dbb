"""The reports themselves, each one function from lines to rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from bangfu.reports.subsidy_cycle.model import Cell, Report, ReportColumn, ReportedLine, ReportRow, Said
from bangfu.reports.words import PAYERS, PRODUCTS, REGIMES

_PAYER_EN = {"central": "central", "province": "province", "city": "city", "county": "county",
             "fiscal": "fiscal, level not said"}  # fmt: skip
_REGIME_EN = {"poverty": "old regime", "transition": "new regime", "assistance": "assistance regime"}
_PRODUCT_EN = {"poverty": "Poverty loan", "transition": "Transition loan", "assistance": "Assistance loan"}
_KIND = {
    "regular": Said("本期", "regular"), "carried": Said("上期结转", "carried over"),
    "supplement": Said("补发", "supplement"), "recovery": Said("追回", "recovery"),
}  # fmt: skip
_STATUS = {
    "open": Said("发放", "goes on"), "held": Said("暂缓", "held"), "excluded": Said("剔除", "excluded"),
    "carried": Said("结转下期", "carried to a later cycle"),
}  # fmt: skip
_APART = Said(
    "新老政策分开统计，各块不相加（LD2021-3.2）。", "Old and new regime are counted apart and not added up."
)
_NO_RANK = Said("按区划代码顺序，不排名（CN2026-4.1）。", "In the order of codes; nothing is ranked.")
_HOUSES = Said(
    "户数在各行内按户去重，不可相加。", "Each row counts a household once; the rows do not add up."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What stands over a report: whose figures, of which cycle or year, as of which day."""

    place: str
    period: str
    made_on: date


def quarter_list(lines: Iterable[ReportedLine], head: Heading) -> Report:
    """贴息清册: every line with what it moves, a block a product (LD2021-6)."""
    columns = (
        _text("序号", "No.", 6, "count"), _text("乡镇", "Township", 12), _text("村", "Village", 14),
        _text("借款人", "Borrower", 12), _text("借款合同号", "Loan", 16), _text("信用社", "Branch", 18),
        _text("类别", "Kind", 9), _text("年利率%", "Rate %", 9, "percent"), _text("起日", "From", 11, "date"),
        _text("止日（不计）", "To (exclusive)", 11, "date"), _text("天数", "Days", 6, "count"),
        *_money(("应计利息", "Interest"), ("贴息合计", "Subsidy"), ("暂扣", "Held back"), ("本期发放", "Payable"),
                ("应追回", "To recover")),
        _text("状态", "Status", 10), _text("说明", "Reason", 24, "wrap"),
    )  # fmt: skip
    rows: list[ReportRow] = []
    for product, mine in _products(lines):
        began = len(rows)
        for number, one in enumerate(mine, 1):
            rows.append(ReportRow(cells=_listed(number, one), ids=(one.id,)))
        sums = (
            _sum(mine, "interest_fen"),
            _sum(mine, "subsidy_fen"),
            _sum(mine, "held_back_fen"),
            _going(mine),
            _back(mine),
        )
        words = _total(product, f"{len(mine)} 笔", f"{len(mine)} lines")
        rows.append(_summed((words, *(None,) * 10, *sums, None, None), mine, began))
    return _report("list", Said("贴息清册", "Subsidy list"), head, columns, rows, (_APART,), signed=True)


def _listed(number: int, line: ReportedLine) -> tuple[Cell, ...]:
    going = line.payable_fen if line.status == "open" else 0
    pays, back = max(going, 0), max(-going, 0)
    return (
        number, line.township_name, line.village_name, line.borrower, line.loan_id, line.branch, _KIND[line.kind],
        line.rate_e8, line.start, line.end, line.days, line.interest_fen, line.subsidy_fen, line.held_back_fen, pays,
        back, _STATUS[line.status], line.status_reason,
    )  # fmt: skip


_SUMS = (("应计利息", "Interest"), ("贴息合计", "Subsidy"), ("暂扣", "Held back"), ("本期发放", "Payable"),
         ("暂缓", "Held"), ("剔除", "Excluded"), ("结转", "Carried"), ("应追回", "To recover"))  # fmt: skip


def by_place(lines: Iterable[ReportedLine], head: Heading) -> Report:
    """分乡镇、村汇总: sums by product, township and village, in the order of codes (LD2021-3.2, CN2026-4.1)."""
    columns = (
        _text("政策", "Regime", 10), _text("乡镇", "Township", 14), _text("村", "Village", 16), *_counts(),
        *_money(*_SUMS),
    )  # fmt: skip
    rows: list[ReportRow] = []
    for product, mine in _products(lines):
        began = len(rows)
        for (_, township), of_township in _runs(mine, lambda one: (one.township, one.township_name)):
            here = len(rows)
            for (_, village), some in _runs(of_township, lambda one: (one.village, one.village_name)):
                rows.append(
                    ReportRow(cells=(_regime(product), township, village, *_amounts(some)), ids=_ids(some))
                )
            words = Said(f"{township} 小计", f"{township}, subtotal")
            rows.append(_summed((words, None, None, *_amounts(of_township)), of_township, here))
        rows.append(_summed((_total(product), None, None, *_amounts(mine)), mine, began))
    title = Said("贴息分乡镇、村汇总表", "Subsidy by township and village")
    return _report("place", title, head, columns, rows, (_APART, _NO_RANK, _HOUSES))


def by_payer(lines: Iterable[ReportedLine], head: Heading) -> Report:
    """分资金来源汇总: what each payer owes, pays and gets back, by product (LD2021-1.6, CN2026-1.6a, CN2026-1.6b)."""
    columns = (
        _text("政策", "Regime", 10), _text("资金来源", "Payer", 22), _text("笔数", "Lines", 8, "count", summed=False),
        *_money(("应贴息", "Due"), ("本期发放", "Payable"), ("应追回", "To recover")),
    )  # fmt: skip
    rows: list[ReportRow] = []
    for product, every in _products(lines):
        began = len(rows)
        mine = [one for one in every if any(one.by_payer.values()) or any(one.payable_by.values())]
        for payer in PAYERS:
            some = [one for one in mine if one.by_payer.get(payer) or one.payable_by.get(payer)]
            if not some:
                continue
            words = Said(PAYERS[payer], _PAYER_EN[payer])
            due = sum(one.by_payer.get(payer, 0) for one in some if one.kind == "regular")
            rows.append(
                ReportRow(
                    cells=(_regime(product), words, len(some), due, *_of_payer(some, payer)), ids=_ids(some)
                )
            )
        due = sum(sum(one.by_payer.values()) for one in mine if one.kind == "regular")
        if mine:
            rows.append(_summed((_total(product), None, None, due, _going(mine), _back(mine)), mine, began))
    note = Said(
        "应贴息只计本期各笔；本期发放含结转和补发。",
        "Due counts the cycle's own lines; payable holds all that go on.",
    )
    return _report(
        "payer", Said("贴息分资金来源汇总表", "Subsidy by payer"), head, columns, rows, (_APART, note)
    )


def _of_payer(lines: Sequence[ReportedLine], payer: str) -> tuple[int, int]:
    going = [one.payable_by.get(payer, 0) for one in lines if one.status == "open"]
    return sum(fen for fen in going if fen > 0), -sum(fen for fen in going if fen < 0)


def by_regime(lines: Iterable[ReportedLine], head: Heading) -> Report:
    """新老政策分列汇总: sums by product, which are never added up (LD2021-3.2)."""
    columns = (
        _text("政策", "Regime", 12), _text("产品", "Product", 20), *_counts(), *_money(*_SUMS),
        *_money(("借款人承担", "Borrower bears")),
    )  # fmt: skip
    rows = [
        ReportRow(
            cells=(_regime(product), Said(PRODUCTS[product], _PRODUCT_EN[product]), *_amounts(mine),
                   _sum(mine, "borrower_fen")),
            ids=_ids(mine),
        )
        for product, mine in _products(lines)
    ]  # fmt: skip
    return _report(
        "regime", Said("贴息分新老政策汇总表", "Subsidy by regime"), head, columns, rows, (_APART, _HOUSES)
    )


def differences(lines: Iterable[ReportedLine], head: Heading) -> Report:
    """与银行数的差异: each line whose bank figure is another, with why and by how much (LD2021-6, HLJ2019-2.2)."""
    columns = (
        _text("政策", "Regime", 10), _text("乡镇", "Township", 12), _text("信用社", "Branch", 18),
        _text("借款人", "Borrower", 12), _text("借款合同号", "Loan", 16),
        *_money(("银行数", "Bank's figure"), ("计算数", "Computed"), ("多报", "Over"), ("少报", "Under")),
        _text("原因", "Why", 22, "wrap"), _text("信用社说明", "The branch says", 28, "wrap"),
    )  # fmt: skip
    rows: list[ReportRow] = []
    for product, every in _products(lines):
        began = len(rows)
        mine = [one for one in every if one.claimed_fen is not None and one.claimed_fen != one.subsidy_fen]
        for one in mine:
            over, under = _differs(one)
            rows.append(
                ReportRow(
                    cells=(
                        _regime(product), one.township_name, one.branch, one.borrower, one.loan_id, one.claimed_fen,
                        one.subsidy_fen, over, under, one.difference or Said("未说明", "not said"), one.explanation,
                    ),
                    ids=(one.id,),
                )
            )  # fmt: skip
        if mine:
            told = [_differs(one) for one in mine]
            sums = (
                sum(one.claimed_fen or 0 for one in mine), _sum(mine, "subsidy_fen"), sum(over for over, _ in told),
                sum(under for _, under in told),
            )  # fmt: skip
            rows.append(_summed((_total(product), *(None,) * 4, *sums, None, None), mine, began))
    note = Said(
        "发放以计算数为准，银行数只作核对。", "What is computed is paid; the bank's figure is only compared."
    )
    return _report("differences", Said("与银行申报数差异表", "Differences from bank claims"), head, columns, rows,
                   (_APART, note))  # fmt: skip


def _differs(line: ReportedLine) -> tuple[int, int]:
    by = (line.claimed_fen or 0) - line.subsidy_fen
    return max(by, 0), max(-by, 0)


def refunds(lines: Iterable[ReportedLine], head: Heading) -> Report:
    """退还清单: to whom what was taken too much goes back, each once (HLJ2019-2.2).

    What a payer paid too much goes back to that payer; what the borrower was charged too much goes to the borrower.
    """
    columns = (
        _text("政策", "Regime", 10), _text("乡镇", "Township", 12), _text("借款人", "Borrower", 12),
        _text("借款合同号", "Loan", 16), _text("更正的时段", "Period corrected", 22), _text("原因", "Why", 20, "wrap"),
        _text("退给谁", "Goes to", 18), *_money(("应退金额", "To refund")),
        *_money(("该笔已追回", "Recovered of the line"), summed=False),
    )  # fmt: skip
    rows: list[ReportRow] = []
    for product, every in _products(lines):
        began = len(rows)
        mine = [one for one in every if one.kind == "recovery" and one.status != "excluded"]
        whole = 0
        for one in mine:
            for words, fen in _goes_to(one):
                whole += fen
                cells = (
                    _regime(product), one.township_name, one.borrower, one.loan_id,
                    f"{one.start.isoformat()} — {one.end.isoformat()}", one.ground or Said("更正", "corrected"), words,
                    fen, one.recovered_fen,
                )  # fmt: skip
                rows.append(ReportRow(cells=cells, ids=(one.id,)))
        if mine:
            rows.append(_summed((_total(product), *(None,) * 6, whole, None), mine, began))
    note = Said(
        "多算的退给实际承担者：财政多付的退回该级财政，借款人多付的退给借款人，同一笔只退一次（HLJ2019-2.2）。",
        "Each refund goes to whoever bore it, the payer or the borrower, and is counted once.",
    )
    return _report(
        "refunds", Said("退还清单", "Refund list"), head, columns, rows, (_APART, note), signed=True
    )


def _goes_to(line: ReportedLine) -> Iterator[tuple[Said, int]]:
    for payer in PAYERS:
        if (fen := -line.payable_by.get(payer, 0)) > 0:
            yield Said(PAYERS[payer], _PAYER_EN[payer]), fen
    if line.borrower_fen < 0:
        yield Said("借款人", "borrower"), -line.borrower_fen


def yearly(lines: Iterable[ReportedLine], head: Heading) -> Report:
    """年度汇总: the year's cycles by product, with what was paid (LD2021-7)."""
    columns = (
        _text("政策", "Regime", 10), _text("期次", "Cycle", 16), *_counts(), *_money(*_SUMS),
        *_money(("已发放", "Paid"), ("已追回", "Recovered")),
    )  # fmt: skip
    rows: list[ReportRow] = []
    for product, mine in _products(lines):
        began = len(rows)
        for (_, cycle), some in _runs(mine, lambda one: (one.cycle_start.isoformat(), one.cycle)):
            rows.append(
                ReportRow(cells=(_regime(product), cycle, *_amounts(some), *_moved(some)), ids=_ids(some))
            )
        rows.append(_summed((_total(product), None, *_amounts(mine), *_moved(mine)), mine, began))
    title = Said("小额信贷贴息年度汇总表", "Yearly summary of the subsidy")
    return _report("yearly", title, head, columns, rows, (_APART, _HOUSES))


def _moved(lines: Sequence[ReportedLine]) -> tuple[int, int]:
    return _sum(lines, "paid_fen"), _sum(lines, "recovered_fen")


KINDS: Mapping[str, Callable[[Iterable[ReportedLine], Heading], Report]] = {
    "list": quarter_list,
    "place": by_place,
    "payer": by_payer,
    "regime": by_regime,
    "differences": differences,
    "refunds": refunds,
    "yearly": yearly,
}


def report_of(code: str, lines: Iterable[ReportedLine], head: Heading) -> Report:
    """The report of a name of ``KINDS``; KeyError where there is none."""
    return KINDS[code](lines, head)


def _products(lines: Iterable[ReportedLine]) -> Iterator[tuple[str, list[ReportedLine]]]:
    """The lines of each product that has any, by place and number: one order for every report."""
    every = sorted(
        lines, key=lambda one: (one.cycle_start, one.township, one.village, one.list_id, one.number, one.id)
    )
    for product in PRODUCTS:
        mine = [one for one in every if one.product == product]
        if mine:
            yield product, mine


def _runs(
    lines: Sequence[ReportedLine], key: Callable[[ReportedLine], tuple[str, str]]
) -> Iterator[tuple[tuple[str, str], list[ReportedLine]]]:
    for found, some in groupby(sorted(lines, key=key), key=key):
        yield found, list(some)


def _amounts(lines: Sequence[ReportedLine]) -> tuple[int, ...]:
    """Households, lines, and the sums of ``_SUMS``."""
    of = {status: sum(one.payable_fen for one in lines if one.status == status and one.payable_fen > 0)
          for status in ("held", "excluded", "carried")}  # fmt: skip
    return (
        len({one.household_id for one in lines}), len(lines), _sum(lines, "interest_fen"), _sum(lines, "subsidy_fen"),
        _sum(lines, "held_back_fen"), _going(lines), of["held"], of["excluded"], of["carried"], _back(lines),
    )  # fmt: skip


def _going(lines: Sequence[ReportedLine]) -> int:
    return sum(one.payable_fen for one in lines if one.status == "open" and one.payable_fen > 0)


def _back(lines: Sequence[ReportedLine]) -> int:
    return -sum(one.payable_fen for one in lines if one.status == "open" and one.payable_fen < 0)


def _sum(lines: Sequence[ReportedLine], name: str) -> int:
    return sum(getattr(one, name) for one in lines)


def _ids(lines: Iterable[ReportedLine]) -> tuple[str, ...]:
    return tuple(one.id for one in lines)


def _summed(cells: tuple[Cell, ...], lines: Iterable[ReportedLine], since: int) -> ReportRow:
    return ReportRow(cells=cells, ids=_ids(lines), since=since)


def _total(product: str, zh: str = "", en: str = "") -> Said:
    return Said(f"{REGIMES[product]}合计 {zh}".rstrip(), f"{_REGIME_EN[product]}, total {en}".rstrip())


def _regime(product: str) -> Said:
    return Said(REGIMES[product], _REGIME_EN[product])


def _text(zh: str, en: str, width: int, kind: str = "text", *, summed: bool = False) -> ReportColumn:
    return ReportColumn(head=Said(zh, en), kind=kind, width=width, summed=summed)  # type: ignore[arg-type]


def _money(*heads: tuple[str, str], summed: bool = True) -> tuple[ReportColumn, ...]:
    return tuple(ReportColumn(head=Said(*one), kind="money", width=13, summed=summed) for one in heads)


def _counts() -> tuple[ReportColumn, ...]:
    return (
        ReportColumn(head=Said("户数", "Households"), kind="count", width=8),
        ReportColumn(head=Said("笔数", "Lines"), kind="count", width=8),
    )


def _report(
    code: str, title: Said, head: Heading, columns: Sequence[ReportColumn], rows: Sequence[ReportRow],
    notes: Sequence[Said], *, signed: bool = False,
) -> Report:  # fmt: skip
    return Report(
        code=code, title=title, place=head.place, period=head.period, made_on=head.made_on, columns=tuple(columns),
        rows=tuple(rows), notes=tuple(notes), signed=signed,
    )  # fmt: skip

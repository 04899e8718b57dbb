"""The formats of a county's one-card system as they are set: checked whole, an earlier one stays readable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.models import closed, from_now, standing
from bangfu.casework.database.refusals import Refused
from bangfu.casework.payments.card_file import (
    ENCODINGS,
    FIELDS,
    FORMULA,
    LINE_ENDS,
    SEPARATORS,
    Column,
    FileFormat,
)
from bangfu.casework.payments.models import CardFormat
from bangfu.casework.payments.words import OUTCOMES, REASONS
from bangfu.casework.people import api as people
from bangfu.casework.words import Words

__all__ = [
    "DEFAULT",
    "EXAMPLES",
    "READ_REASONS",
    "CardSystem",
    "ResultFormat",
    "format_of",
    "set_format",
    "spec_of",
    "system_of",
]

ONE_CARD = "one_card"
_MOST_COLUMNS, _MOST_LINES, _LONGEST, _WIDEST = 40, 5, 200, 200
_FORMS = {"amount": ("yuan", "fen"), "start": ("iso", "day8"), "end": ("iso", "day8")}
_FILLS = ("right", "left", "zeros")
_REASONS = frozenset(REASONS) - {"batch_rejected"}  # what a bank may say
READ_REASONS = tuple(
    code for code in REASONS if code in _REASONS - {"other"}
)  # what its words are looked through for


@dataclass(frozen=True)
class ResultFormat:
    """How the system's result file is read.

    Attributes:
        columns: number, account, amount, status, reason, on, reference → the headings a column may have. ``status``,
            ``amount`` and one of ``number`` and ``account`` are needed.
        statuses: paid, failed, returned, pending → the texts that say so.
        reasons: A reason's code → parts of texts that say so, asked in this order; what fits none is ``other``.
        amount_unit: yuan or fen.
    """

    columns: Mapping[str, tuple[str, ...]]
    statuses: Mapping[str, tuple[str, ...]]
    reasons: Mapping[str, tuple[str, ...]]
    amount_unit: str = "yuan"


@dataclass(frozen=True)
class CardSystem:
    """A county's one-card system: what it is given and what it gives back.

    Attributes:
        name: Its name.
        file: The file it is given.
        results: The file it gives back.
        set_by: Who set it; 0 where it is the one that comes with the software.
        since: When.
    """

    name: str
    file: FileFormat
    results: ResultFormat
    set_by: int = 0
    since: datetime | None = None


_RESULTS = ResultFormat(
    columns={
        "number": ("序号", "明细序号"),
        "account": ("社保卡/银行卡号", "卡号", "账号", "收款账号"),
        "amount": ("金额", "金额（元）", "发放金额"),
        "status": ("处理状态", "处理结果", "状态"),
        "reason": ("失败原因", "退回原因", "原因", "备注"),
        "on": ("入账日期", "处理日期", "日期"),
        "reference": ("流水号", "交易流水号"),
    },
    statuses={
        "paid": ("成功", "发放成功", "已入账"),
        "failed": ("失败", "发放失败"),
        "returned": ("退回", "退票", "已退回"),
        "pending": ("处理中", "待处理", "未处理"),
    },
    reasons={
        "name_mismatch": ("户名", "姓名"),
        "account_closed": ("销户", "注销"),
        "card_lost": ("挂失",),
        "deceased": ("死亡", "去世", "身故"),
        "frozen": ("冻结", "止付", "不动户", "久悬"),
        "account_wrong": ("账号", "卡号", "账户不存在"),
    },
)
_COLUMNS = (
    Column("number", "序号"),
    Column("name", "姓名", needed=True),
    Column("id_number", "身份证号"),
    Column("account", "社保卡/银行卡号", needed=True),
    Column("bank_name", "开户行"),
    Column("amount", "金额", form="yuan"),
    Column("summary", "摘要"),
    Column("area_code", "行政区划"),
)
DEFAULT = CardSystem("一卡通", FileFormat("delimited", _COLUMNS), _RESULTS)
EXAMPLES: Mapping[str, tuple[Words, CardSystem]] = {
    "gbk_comma": (Words("逗号分隔，GBK", "commas, GBK"), DEFAULT),
    "gb18030_pipe": (
        Words("竖线分隔，GB18030，首尾行带笔数和金额", "pipes, GB18030, count and total above and below"),
        replace(
            DEFAULT,
            file=FileFormat(
                "delimited", _COLUMNS, "gb18030", separator="pipe", headings=False,
                header=("H|{county}|{day8}|{batch}|{count}|{total}",), trailer=("T|{count}|{total_fen}",),
            ),
        ),
    ),
    "utf8_tab": (
        Words("制表符分隔，UTF-8 带 BOM", "tabs, UTF-8 with a byte order mark"),
        replace(DEFAULT, file=FileFormat("delimited", _COLUMNS, "utf-8", mark=True, separator="tab", line_end="lf")),
    ),
    "xlsx": (
        Words("XLSX 工作簿", "a workbook (XLSX)"),
        replace(DEFAULT, file=FileFormat("xlsx", _COLUMNS, trailer=("合计 {count} 笔 {total} 元",))),
    ),
}  # fmt: skip


def spec_of(system: CardSystem) -> dict[str, Any]:
    """A system as plain JSON, as ``set_format`` takes it."""
    file = asdict(system.file)
    results = {
        "columns": {name: list(told) for name, told in system.results.columns.items()},
        "statuses": {name: list(told) for name, told in system.results.statuses.items()},
        "reasons": [[name, list(told)] for name, told in system.results.reasons.items()],
        "amount_unit": system.results.amount_unit,
    }
    plain = {name: list(told) if isinstance(told, tuple) else told for name, told in file.items()}
    return {"name": system.name, "file": plain, "results": results}


def system_of(spec: Mapping[str, Any]) -> CardSystem:
    """A system from plain JSON, checked whole.

    Raises:
        Refused: ``bad_field`` with the part in question.
    """
    name = _text(spec, "name", most=100)
    file, results = _dict(spec, "file"), _dict(spec, "results")
    return CardSystem(name or DEFAULT.name, _file(file), _results(results))


def _file(told: Mapping[str, Any]) -> FileFormat:
    columns = tuple(_column(one) for one in _list(told, "columns", most=_MOST_COLUMNS))
    named = [one.field for one in columns]
    for needed in ("account", "amount", "name"):
        if named.count(needed) != 1:
            raise Refused("bad_field", field="columns", missing=needed)
    kind = _one_of(told, "kind", ("delimited", "xlsx"))
    form = FileFormat(
        kind, columns, _one_of(told, "encoding", ENCODINGS), mark=bool(told.get("mark")),
        separator=_one_of(told, "separator", tuple(SEPARATORS)), line_end=_one_of(told, "line_end", tuple(LINE_ENDS)),
        headings=bool(told.get("headings", True)), header=_lines(told, "header"), trailer=_lines(told, "trailer"),
        summary=_text(told, "summary", most=_LONGEST),
    )  # fmt: skip
    _no_formula("summary", form.summary)
    return form


def _column(told: Any) -> Column:
    if not isinstance(told, Mapping) or told.get("field") not in FIELDS:
        raise Refused("bad_field", field="columns")
    name = str(told["field"])
    width = told.get("width", 0)
    if not isinstance(width, int) or isinstance(width, bool) or not 0 <= width <= _WIDEST:
        raise Refused("bad_field", field="width", column=name)
    form = str(told.get("form") or "")
    if form and form not in _FORMS.get(name, ()):
        raise Refused("bad_field", field="form", column=name)
    header, text = _text(told, "header", most=_LONGEST), _text(told, "text", most=_LONGEST)
    _no_formula("header", header)
    _no_formula("text", text)
    return Column(
        name, header, width, form or _FORMS.get(name, ("",))[0], _one_of(told, "fill", _FILLS), text,
        needed=bool(told.get("needed")) or name in {"account", "name"},
    )  # fmt: skip


def _results(told: Mapping[str, Any]) -> ResultFormat:
    columns = {
        name: tuple(str(one).strip() for one in headings if str(one).strip())
        for name, headings in _dict(told, "columns").items()
        if name in _RESULTS.columns and isinstance(headings, (list, tuple))
    }
    if not (
        columns.get("status") and columns.get("amount") and (columns.get("number") or columns.get("account"))
    ):
        raise Refused("bad_field", field="results")
    statuses = {
        name: tuple(str(one).strip() for one in texts)
        for name, texts in _dict(told, "statuses").items()
        if name in OUTCOMES and isinstance(texts, (list, tuple))
    }
    every = [text for texts in statuses.values() for text in texts]
    if not statuses.get("paid") or len(every) != len(set(every)):
        raise Refused("bad_field", field="statuses")
    reasons: dict[str, tuple[str, ...]] = {}
    for name, parts in told.get("reasons") or []:
        if name not in _REASONS:
            raise Refused("bad_field", field="reasons")
        reasons[str(name)] = tuple(str(one) for one in parts if str(one))
    return ResultFormat(columns, statuses, reasons, _one_of(told, "amount_unit", ("yuan", "fen")))


def _no_formula(field: str, text: str) -> None:
    if text.lstrip().startswith(FORMULA):
        raise Refused("bad_field", field=field)


def _lines(told: Mapping[str, Any], name: str) -> tuple[str, ...]:
    lines = tuple(str(one) for one in _list(told, name, most=_MOST_LINES))
    for one in lines:
        _no_formula(name, one)
        if len(one) > _LONGEST or not one.isprintable():
            raise Refused("bad_field", field=name)
    return lines


def _dict(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = told.get(name)
    if not isinstance(found, Mapping):
        raise Refused("bad_field", field=name)
    return found


def _list(told: Mapping[str, Any], name: str, *, most: int) -> Sequence[Any]:
    found = told.get(name) or []
    if not isinstance(found, (list, tuple)) or len(found) > most:
        raise Refused("bad_field", field=name)
    return found


def _text(told: Mapping[str, Any], name: str, *, most: int) -> str:
    text = str(told.get(name) or "").strip()
    if len(text) > most or not text.isprintable():
        raise Refused("bad_field", field=name)
    return text


def _one_of(told: Mapping[str, Any], name: str, choices: Sequence[str]) -> str:
    found = str(told.get(name) or choices[0])
    if found not in choices:
        raise Refused("bad_field", field=name)
    return found


def format_of(*, actor: Actor, county: str) -> CardSystem:
    """The format that stands for a county; the one that comes with the software where none was set.

    Raises:
        Refused: ``not_your_role``.
    """
    people.require(actor, "payment.read")
    return standing_format(county)


def standing_format(county: str) -> CardSystem:
    """The same, asked by the house itself. The county's rows must be in scope."""
    row = CardFormat.objects.filter(standing(), scope_area=county, code=ONE_CARD).first()
    if row is None:
        return DEFAULT
    return replace(system_of(row.spec), set_by=row.recorded_by, since=row.recorded.lower)


def set_format(*, actor: Actor, county: str, spec: Mapping[str, Any], why: str = "") -> CardSystem:
    """Set the format from now on; batches that are prepared keep theirs.

    Args:
        actor: Who prepares payments for the county.
        county: 6-digit code.
        spec: As ``spec_of`` gives it.
        why: A word on it.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``bad_field``.
    """
    people.require(actor, "payment.prepare")
    people.require_county(actor, county)
    system = system_of(spec)
    row = CardFormat.objects.filter(standing(), scope_area=county, code=ONE_CARD).first()
    at = actor.now
    if row is not None:
        at = closed(row, now=actor.now)
    CardFormat.objects.create(
        code=ONE_CARD, name=system.name, spec=spec_of(system), recorded=from_now(at),
        recorded_by=actor.account_id, scope_area=county,
    )  # fmt: skip
    trail.record(
        actor=actor, act="payment.format_set", subject=("card_format", county), scope_area=county, why=why,
        after={"name": system.name, "kind": system.file.kind, "encoding": system.file.encoding},
    )  # fmt: skip
    return replace(system, set_by=actor.account_id, since=at)

"""What the computer verified of a line, in words: marks in a list, each check with its findings on the line's page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.subsidies.api import LineView
from bangfu.casework.words import Words
from bangfu.money.fen import format_yuan
from bangfu.refusals import CODES
from bangfu.web.basis import fact_label, facts_told
from bangfu.web.parts import Checked, Label, Tone
from bangfu.web.templatetags.bangfu import chip

__all__ = ["checked", "marks", "warnings"]

_STATES: Mapping[str, Literal["passed", "failed", "open", "warned"]] = {
    "passed": "passed",
    "failed": "failed",
    "not_run": "open",
    "flagged": "warned",
}
_TONES: Mapping[str, Tone] = {"passed": "ok", "failed": "bad", "not_run": "wait", "flagged": "info"}
_AMOUNTS: Mapping[str, Words] = {
    "due_fen": Words("核算数（元）", "ours (yuan)"),
    "claimed_fen": Words("银行自报数（元）", "the bank's (yuan)"),
}
_TREATED: Mapping[str, Words] = {
    "flag": Words("提示财政统筹，不作否决", "finance is told and coordinates; it is no refusal"),
    "refuse": Words("不得重复享受", "may not be had twice"),
}
_FOUND: Mapping[str, Words] = {
    "found": Words("发现", "found"),
    "not_judged": Words("不能判断", "not judged"),
    "in_principle": Words("原则上不符，可有例外", "against it in principle"),
}


def marks(line: LineView) -> SafeString:
    """The checks of a line in words: all is well, or which failed, were not run, or have something to be known."""
    if not line.checks:
        return chip("off", Words("无须核对", "none"))
    told = ((chip(_TONES[outcome], words),) for outcome, words in subsidies.checks_told(line.checks))
    return format_html_join("", "{}", told)


def checked(line: LineView) -> list[Checked]:
    """Each check with what it found, what it lacked, the amounts it compared."""
    return [
        Checked(_STATES[one["outcome"]], _name(one["code"]), tuple(_facts(one["facts"])), one["clauses"])
        for one in line.checks
    ]


def warnings(line: LineView) -> list[Checked]:
    """What the core warns of."""
    return [
        Checked("warned", _code(one["code"]), facts_told(one.get("facts", {})), one.get("clauses", ()))
        for one in line.told.get("warnings", ())
    ]


def _name(code: str) -> Words:
    return subsidies.CHECKED.get(code, Words(code, code))


def _code(code: str) -> Words:
    known = CODES.get(code)
    return Words(known.zh, known.en) if known else Words(code, code)


def _facts(facts: Mapping[str, Any]) -> Iterator[tuple[Label, str]]:
    for name, label in _FOUND.items():
        for one in facts.get(name, ()):
            rest = {key: value for key, value in one.items() if key not in ("code", "clauses", "arose")}
            zh, en = _listed(facts_told(rest), "；"), _listed(facts_told(rest), "; ")
            words = _code(one["code"])
            yield label, str(Words(f"{words.zh}（{zh}）", f"{words.en} ({en})") if zh else words)
    yield from _overlaps(facts.get("other", ()), facts.get("treatment", ""))
    if missing := facts.get("missing"):
        yield Words("缺少", "missing"), "、".join(str(fact_label(one)) for one in missing)
    for name, label in _AMOUNTS.items():
        if facts.get(name) is not None:
            yield label, format_yuan(facts[name], grouped=True)
    if code := facts.get("difference"):
        yield Words("差异原因", "why it differs"), str(subsidies.DIFFERENCES.get(code, code))


def _listed(told: Sequence[tuple[Label, str]], between: str) -> str:
    return between.join(f"{what} {value}" for what, value in told)


def _overlaps(others: Sequence[Mapping[str, Any]], treatment: str) -> Iterator[tuple[Label, str]]:
    for one in others:
        fen = format_yuan(one["overlap_fen"], grouped=True)
        words = f"{one['programme']} {one['from']} – {one['to']} {fen} {Words('元', 'yuan')}"
        yield Words("另有贴息", "another subsidy"), words
    if others:
        yield Words("处理", "treated"), str(_TREATED.get(treatment, treatment))

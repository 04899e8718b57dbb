"""One line's way: computed, reviewed, noticed, submitted, confirmed, in the file, on the card, proved."""

from __future__ import annotations

from collections.abc import Sequence

from bangfu.casework.payments.api import OUTCOMES, Tracked, TrackedLine
from bangfu.casework.people.api import ROLES
from bangfu.casework.subsidies.api import STATES
from bangfu.casework.words import Words
from bangfu.web.parts import Step

__all__ = ["way"]

_MARK = 8  # signs of a hash that are shown


def _step(code: str) -> str:
    return STATES[code].words.zh


# Each stage: its name, which of what happened ends it (by code, and the words of a step or outcome), its clauses.
_STAGES: tuple[tuple[Words, str, str, tuple[str, ...]], ...] = (
    (Words("计算", "Computed"), "computed", "", ("LD2021-6",)),
    (Words("审核", "Reviewed"), "step", _step("township_review"), ("LD2021-6",)),
    (Words("公示", "Noticed"), "notice", Words("张贴公示", "").zh, ("LD2021-6",)),
    (Words("上报", "Submitted"), "step", _step("township_submission"), ("LD2021-6",)),
    (Words("确认", "Confirmed"), "step", _step("county_confirmation"), ("LD2021-6",)),
    (Words("进发放文件", "In the file"), "released", "", ("LD2021-6",)),
    (Words("到卡", "On the card"), "result", OUTCOMES["paid"].zh, ("CN2026-3.3",)),
    (Words("到户有凭证", "Proved"), "proof", "", ("HLJ2019-2.4",)),
)
_ENDED = ("excluded", "carried")


def way(told: TrackedLine) -> list[Step]:
    """The stages with who, when and by which clause; the first that has not come is in hand.

    A payment that came back puts the line before the file again; a line that is excluded or carried goes no further.
    """
    back = max((one.at for one in told.steps if _came_back(one)), default=None)
    found = [_last(told.steps, code, words) for _, code, words, _ in _STAGES]
    if back is not None:
        found = [
            one if number < _FILE or (one and one.at > back) else None for number, one in enumerate(found)
        ]
    ended = told.line.status in _ENDED or told.line.kind == "recovery"
    out, waits = [], True
    for (name, _, _, clauses), one in zip(_STAGES, found, strict=True):
        if one is not None:
            out.append(
                Step(name, "done", _who(one), one.on or one.at, None, one.clauses or clauses, _note(one))
            )
            continue
        state = "skipped" if ended else "now" if waits else "next"
        out.append(Step(name, state, clauses=clauses))  # type: ignore[arg-type]
        waits = False
    return out


_FILE = 5  # the stage from which a payment that came back counts anew


def _last(steps: Sequence[Tracked], code: str, words: str) -> Tracked | None:
    fitting = [one for one in steps if one.code == code and words in ("", one.words.zh)]
    return fitting[-1] if fitting else None


def _came_back(one: Tracked) -> bool:
    return one.code == "result" and one.words.zh != OUTCOMES["paid"].zh


def _who(one: Tracked) -> Words:
    role = ROLES[one.role].words if one.role in ROLES else None
    if role is None:
        return Words(one.who, one.who)
    return Words(f"{one.who} · {role.zh}", f"{one.who} · {role.en}")


def _note(one: Tracked) -> str:
    for name in ("line_hash", "file_hash", "hash"):
        if one.facts.get(name):
            return str(one.facts[name])[:_MARK]
    return str(one.facts.get("reference") or one.facts.get("account") or "")

"""The way of a case as a table: its states, who moves each, where to, what must hold, by which clause.

What applications and subsidy lists have in common; each adds its own columns in its ``workflow.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bangfu.casework.words import Words

__all__ = ["State", "listed", "next_state", "table"]

NOTHING = "—"


@dataclass(frozen=True)
class State:
    """One state.

    Attributes:
        code: Its name in the tables.
        words: Its name for people.
        act: The act whose holders move it on; empty where it is an end.
        outcomes: Outcome → the next state.
        holds: What must hold to go forward: names of the folder's ``HOLDS``.
        days: How many days the step should take where no clause sets a day: the house's own figure.
        clauses: What the step rests on.
    """

    code: str
    words: Words
    act: str = ""
    outcomes: Mapping[str, str] = field(default_factory=dict)
    holds: tuple[str, ...] = ()
    days: int | None = None
    clauses: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        """Whether somebody still has to act."""
        return bool(self.outcomes)


def next_state(states: Mapping[str, State], code: str, outcome: str) -> str:
    """Where an outcome leads; KeyError where the state does not have it."""
    return states[code].outcomes[outcome]


def listed(texts: Iterable[str], between: str = "、") -> str:
    """Texts in one cell; a dash where there are none."""
    return between.join(texts) or NOTHING


def table(
    states: Mapping[str, State],
    *,
    holds: Mapping[str, Words],
    outcomes: Mapping[str, Words],
    more: Sequence[str],
    cells: Mapping[str, Sequence[str]],
) -> str:
    """The table as Markdown, Chinese with English, for a guide; a test holds the page against it.

    Args:
        states: The states in their order.
        holds: Name → what must hold.
        outcomes: Outcome → its name.
        more: Headings of the folder's own columns, between what must hold and the clauses.
        cells: State → the cells of those columns.
    """
    headings = ("环节", "State", "办理岗位的权限", "结果 → 下一环节", "须满足 · Must hold", *more, "依据")
    lines = [_row(headings), _row(["---"] * len(headings))]
    for state in states.values():
        ways = (
            f"{outcomes[outcome].zh}（{outcome}） → {states[to].words.zh}"
            for outcome, to in state.outcomes.items()
        )
        must = (f"{holds[name].zh} · {holds[name].en}" for name in state.holds)
        act = f"`{state.act}`" if state.act else NOTHING
        said = (
            state.words.zh,
            f"`{state.code}` {state.words.en}",
            act,
            listed(ways, "<br>"),
            listed(must, "<br>"),
        )
        lines.append(_row([*said, *cells[state.code], listed(state.clauses)]))
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"

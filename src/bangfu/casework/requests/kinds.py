"""Which sorts of requests there are: each says who may ask, who decides, what it would do and how it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from bangfu.casework.database.actor import Actor
from bangfu.casework.words import Words

if TYPE_CHECKING:
    from bangfu.casework.requests.views import RequestView

Details = Mapping[str, Any]
FieldKind = Literal[
    "text",
    "code",
    "day",
    "member",
    "members",
    "area",
    "household",
    "institution",
    "id_number",
    "account",
    "place",
    "id",
]


@dataclass(frozen=True)
class Field:
    """A field of a kind's form.

    Attributes:
        name: Its key in the details.
        words: Its label.
        kind: How it is filled in, checked and shown; ``id_number`` goes to the vault, the details hold its id;
            ``place`` is an area or an institution; ``id`` means nothing to people and is not shown.
        choices: Of kind ``code``, the codes with their words.
        required: Whether it may be empty.
        help: What to write.
    """

    name: str
    words: Words
    kind: FieldKind = "text"
    choices: Sequence[tuple[str, Words]] = ()
    required: bool = True
    help: Words | None = None


@dataclass(frozen=True)
class Place:
    """In whose scope a request lies."""

    scope_area: str = ""
    institution_id: str | None = None
    household_id: str | None = None


def _nowhere(actor: Actor, details: Details) -> Place:
    del actor, details
    return Place()


def _as_given(actor: Actor, details: Details, request_id: UUID) -> dict[str, Any]:
    del actor, request_id
    return dict(details)


@dataclass(frozen=True)
class Kind:
    """A sort of request.

    Attributes:
        code: Its name.
        words: Its name for people.
        ask_act: The act of ``people/roles.py`` that asks for it.
        decide_act: The act that decides it.
        effect: What it would do, computed and nothing changed: lines (``line``) under ``rosters``, ``loans``,
            ``applications`` and ``duties``. Called when it is asked for, shown and decided; it must not depend on the
            reader's scope.
        apply: Does it, in the transaction of the decision.
        place: In whose scope it lies.
        fields: What its form asks.
        clauses: What it rests on.
        desk: ``registry`` (those of the place see it) or ``accounts`` (administrators see it).
        prepare: Makes the details complete before anything else: new ids, personal numbers put into the vault under the
            id of the request that is given.
        made: Keys of the details that ``prepare`` makes anew each time; two requests that differ in them alone are one.
    """

    code: str
    words: Words
    ask_act: str
    decide_act: str
    effect: Callable[[Actor, Details], dict[str, Any]]
    apply: Callable[[Actor, RequestView, Details], None]
    place: Callable[[Actor, Details], Place] = _nowhere
    fields: tuple[Field, ...] = ()
    clauses: tuple[str, ...] = ()
    desk: Literal["registry", "accounts"] = "registry"
    prepare: Callable[[Actor, Details, UUID], dict[str, Any]] = _as_given
    made: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Register:
    of: dict[str, Kind] = field(default_factory=dict)


_REGISTER = _Register()


def register(kind: Kind) -> Kind:
    """Add a kind; one code names one kind."""
    if kind.code in _REGISTER.of:
        raise KeyError(f"the kind {kind.code} is registered twice")
    _REGISTER.of[kind.code] = kind
    return kind


def kinds() -> Mapping[str, Kind]:
    """All kinds by code, in the order they were registered."""
    return dict(_REGISTER.of)


def line(code: str, zh: str, en: str, /, *, clauses: Sequence[str] = (), **facts: Any) -> dict[str, Any]:
    """One line of an effect: a code, its words with ``{facts}`` in them, its clauses; plain JSON.

    Args:
        code: What happens, e.g. ``loan_keeps_terms``.
        zh: In Chinese.
        en: In English.
        clauses: What it rests on.
        **facts: Values in the words; texts and integers alone.
    """
    return {"code": code, "zh": zh, "en": en, "facts": facts, "clauses": list(clauses)}


def said(one: Mapping[str, Any]) -> Words:
    """A line of an effect in words."""
    facts = one.get("facts", {})
    return Words(one["zh"].format(**facts), one["en"].format(**facts))

"""What changed: between two documents, or for one place between two days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bangfu.policy.book import PolicyBook, TermValue
from bangfu.policy.pack import Clause, DatedValue, Pack
from bangfu.policy.values import Json
from bangfu.policy.vocabulary import VOCABULARY


@dataclass(frozen=True, slots=True)
class Said:
    """One value as it is shown, where it is said and the days it holds (inclusive, None open)."""

    value: Json
    clauses: tuple[str, ...]
    from_on: date | None = None
    to_on: date | None = None


@dataclass(frozen=True, slots=True)
class TermChange:
    """A term that is not the same on both sides; an empty side does not set it.

    ``same_value`` where only the clause or the document differs.
    """

    name: str
    before: tuple[Said, ...]
    after: tuple[Said, ...]

    @property
    def same_value(self) -> bool:
        """Whether both sides say the same under different clauses."""
        return [(said.value, said.from_on, said.to_on) for said in self.before] == [
            (said.value, said.from_on, said.to_on) for said in self.after
        ]


@dataclass(frozen=True, slots=True)
class ClauseChange:
    """A clause that only one side has, or that reads otherwise there."""

    clause: str
    before: Clause | None
    after: Clause | None


@dataclass(frozen=True, slots=True)
class PackDiff:
    """Two documents side by side; ``heading``: the changed entries of the head as (name, before, after)."""

    before: str
    after: str
    heading: tuple[tuple[str, str, str], ...]
    terms: tuple[TermChange, ...]
    clauses: tuple[ClauseChange, ...]


@dataclass(frozen=True, slots=True)
class DayDiff:
    """One place on two days: the ids of the two stacks and the terms that differ."""

    place: str
    before: str
    after: str
    terms: tuple[TermChange, ...]


def diff_packs(a: Pack, b: Pack) -> PackDiff:
    """What ``b`` says otherwise than ``a``: head, terms in the order of the vocabulary, clauses.

    Clauses are compared by their number only where both are versions of one document (the same id).
    """
    names = [name for name in VOCABULARY if name in a.terms or name in b.terms]
    changes = (TermChange(name, _of_pack(name, a), _of_pack(name, b)) for name in names)
    heads = zip(_heading(a), _heading(b), strict=True)
    keys = list(dict.fromkeys((*a.clauses, *b.clauses))) if a.id == b.id else []
    return PackDiff(
        before=a.id,
        after=b.id,
        heading=tuple((name, one, two) for (name, one), (_, two) in heads if one != two),
        terms=tuple(change for change in changes if change.before != change.after),
        clauses=tuple(
            ClauseChange(f"{a.id}-{key}", a.clauses.get(key), b.clauses.get(key))
            for key in keys
            if a.clauses.get(key) != b.clauses.get(key)
        ),
    )


def diff_days(
    book: PolicyBook, place: str, product: str, first: date, second: date, *, product_after: str | None = None
) -> DayDiff:
    """What a contract signed in a place on the second day finds otherwise than one of the first.

    Every term is read on the day of signing. ``product_after`` compares across regimes: poverty on the first
    day with transition on the second.

    Raises:
        Refused: ``no_policy_for_place_and_day`` for either day.
    """
    one, two = book.stack(place, product, first), book.stack(place, product_after or product, second)
    before, after = one.terms(first), two.terms(second)
    changes = (
        TermChange(name, _of_stack(before.get(name)), _of_stack(after.get(name)))
        for name in VOCABULARY
        if name in before or name in after
    )
    return DayDiff(
        place=place,
        before=one.id,
        after=two.id,
        terms=tuple(change for change in changes if change.before != change.after),
    )


def _heading(pack: Pack) -> list[tuple[str, str]]:
    opened, closed = pack.contracts
    return [
        ("number", pack.number),
        ("title", pack.title),
        ("issuers", "、".join(pack.issuers)),
        ("jurisdiction", pack.jurisdiction),
        ("product", pack.product),
        ("issued", "" if pack.issued is None else pack.issued.isoformat()),
        ("contracts_from", opened.isoformat()),
        ("contracts_to", "" if closed is None else closed.isoformat()),
        ("builds_on", pack.builds_on or ""),
    ]


def _of_pack(name: str, pack: Pack) -> tuple[Said, ...]:
    return tuple(_said(name, dated) for dated in pack.terms.get(name, ()))


def _said(name: str, dated: DatedValue) -> Said:
    return Said(VOCABULARY[name].show(dated.value), dated.clauses, dated.from_on, dated.to_on)


def _of_stack(found: TermValue | None) -> tuple[Said, ...]:
    return () if found is None else (Said(found.shown, found.clauses),)

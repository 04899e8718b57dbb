"""Resolution: which documents speak for a place, a product and a day, and what they say of each term."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache
from pathlib import Path

from bangfu.policy.fixings import Fixing, Publication, fixing, merged, publication_of
from bangfu.policy.pack import Clause, DatedValue, Pack, Protected
from bangfu.policy.places import chain_of
from bangfu.policy.reader import INSTALLED, breakpoints_of, must_read
from bangfu.policy.values import UNDETERMINED, Band, Json, Payer, Value
from bangfu.policy.vocabulary import PRODUCTS, VOCABULARY
from bangfu.refusals import Fact, Refusal, Refused

MOST_CHAINS = 65_536


@dataclass(frozen=True, slots=True)
class TermValue:
    """What the policy says of a term on a day, and whence.

    ``clause`` is the first of ``clauses``; ``overrides`` are what the layers it outranks say that day,
    nearest first; ``pack_from`` and ``pack_to`` (inclusive, None open) are the days the document gives it.
    ``reading`` is ours where the document does not say it in so many words; ``incorporates`` is the clause of
    another document whose value this one takes over (``as_in``).
    """

    name: str
    value: Value
    clauses: tuple[str, ...]
    document: str
    overrides: tuple[TermValue, ...] = ()
    pack_from: date | None = None
    pack_to: date | None = None
    reading: str = ""
    incorporates: str = ""

    @property
    def clause(self) -> str:
        """The clause that sets the value."""
        return self.clauses[0]

    @property
    def undetermined(self) -> bool:
        """Whether the document leaves the term to somebody else."""
        return self.value is UNDETERMINED

    @property
    def shown(self) -> Json:
        """The value for JSON."""
        return VOCABULARY[self.name].show(self.value)

    @property
    def integer(self) -> int:
        """The value of a yuan (fen), percent or points (1e-8), months, days, years or count term."""
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            raise TypeError(f"{self.name} is not a number: {self.value}")
        return self.value

    @property
    def boolean(self) -> bool:
        """The value of a true or false term."""
        if not isinstance(self.value, bool):
            raise TypeError(f"{self.name} is not true or false: {self.value}")
        return self.value

    @property
    def code(self) -> str:
        """The value of a code term."""
        if not isinstance(self.value, str):
            raise TypeError(f"{self.name} is not a code: {self.value}")
        return self.value

    @property
    def codes(self) -> tuple[str, ...]:
        """The value of a term that is a list of codes."""
        return tuple(item for item in self._items() if isinstance(item, str))

    @property
    def days(self) -> tuple[int, ...]:
        """The value of a term that is a list of days."""
        return tuple(item for item in self._items() if isinstance(item, int))

    @property
    def payers(self) -> tuple[Payer, ...]:
        """The value of subsidy.payers."""
        return tuple(item for item in self._items() if isinstance(item, Payer))

    @property
    def bands(self) -> tuple[Band, ...]:
        """The value of rate.ceiling."""
        return tuple(item for item in self._items() if isinstance(item, Band))

    def _items(self) -> tuple[object, ...]:
        if not isinstance(self.value, tuple):
            raise TypeError(f"{self.name} is not a list: {self.value}")
        return self.value


@dataclass(frozen=True, slots=True)
class StackWarning:
    """Something a contract carries along, with its clauses; not a refusal."""

    name: str
    clauses: tuple[str, ...]
    zh: str
    en: str
    facts: Mapping[str, Fact] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class _Layers:
    """What a stack rests on, shared in one band: its packs, and later packs that fill what is open."""

    packs: tuple[Pack, ...]
    later: tuple[Pack, ...]
    breakpoints: tuple[date, ...]
    found: dict[tuple[str, int], TermValue | None] = field(default_factory=dict, compare=False)

    def term(self, name: str, on: date) -> TermValue | None:
        """What the layers say, without judging absence; one answer serves the whole band of a day."""
        key = (name, bisect_right(self.breakpoints, on))
        if key not in self.found:
            self.found[key] = self._resolve(name, on)
        return self.found[key]

    def _resolve(self, name: str, on: date) -> TermValue | None:
        spoken: TermValue | None = None
        below: tuple[TermValue, ...] = ()
        for pack in self.packs:  # the nation first: each later one outranks those before it
            dated = pack.value_on(name, on)
            if dated is not None:
                spoken = _term_value(name, pack, dated, below)
                below = (spoken, *below)
        if spoken is not None and spoken.undetermined:
            for pack in self.later:
                dated = pack.value_on(name, on)
                if dated is not None and dated.value is not UNDETERMINED:
                    return _term_value(name, pack, dated, below)
        return spoken


def _term_value(name: str, pack: Pack, dated: DatedValue, overrides: tuple[TermValue, ...]) -> TermValue:
    return TermValue(
        name=name,
        value=dated.value,
        clauses=dated.clauses,
        document=pack.id,
        overrides=overrides,
        pack_from=dated.from_on,
        pack_to=dated.to_on,
        reading=dated.reading,
        incorporates=dated.incorporates,
    )


@dataclass(frozen=True)
class Stack:
    """The policy a contract is pinned to.

    ``id`` names the packs, nation first, and after ``~`` the later packs that fill what these leave
    undetermined: it decides every *day* term. A *signing* term is read on ``signed_on`` whatever day is
    asked; it is decided by ``key``, the id with the band of the signing day. ``warnings`` are carried by the
    contract (the gap of 2026). Nothing issued later changes what a stack determines (HA2021-2.2a,
    CN2026-5.2), and neither does a change of the household's status (LD2021-3.7, CN2026-4.2).
    """

    id: str
    packs: tuple[Pack, ...]
    place: str
    product: str
    signed_on: date
    band: int
    warnings: tuple[StackWarning, ...]
    _layers: _Layers = field(repr=False, compare=False)
    _breakpoints: tuple[date, ...] = field(repr=False, compare=False)

    @property
    def key(self) -> str:
        """Decides every term, signing terms included."""
        return f"{self.id}#{self.band}"

    @property
    def pinned(self) -> tuple[tuple[str, str], ...]:
        """The packs with their hashes, as a contract keeps them."""
        return tuple((pack.id, pack.hash) for pack in (*self.packs, *self._layers.later))

    def look(self, name: str, on: date) -> TermValue | None:
        """What the policy says of a term, None where absent; KeyError where not in the vocabulary."""
        day = self.signed_on if VOCABULARY[name].klass == "signing" else on
        return self._layers.term(name, day)

    def term(self, name: str, on: date) -> TermValue | None:
        """What the policy says of a term on a day; None where it is absent and so not restricted.

        Raises:
            Refused: ``term_not_set``, a needed term that no document of the stack sets.
        """
        found = self.look(name, on)
        if found is None and VOCABULARY[name].needed:
            facts: dict[str, Fact] = {
                "term": name,
                "place": self.place,
                "product": self.product,
                "day": on.isoformat(),
                "policy": self.id,
            }
            raise Refused(Refusal("term_not_set", (), facts))
        return found

    def terms(self, on: date) -> dict[str, TermValue]:
        """Every term that is set on a day, in the order of the vocabulary."""
        found = {name: self.look(name, on) for name in VOCABULARY}
        return {name: value for name, value in found.items() if value is not None}

    def not_regulated(self, on: date) -> tuple[str, ...]:
        """The terms no document of the stack sets on a day."""
        return tuple(name for name in VOCABULARY if self.look(name, on) is None)

    def segments(
        self, names: Sequence[str], start: date, end: date
    ) -> list[tuple[date, date, dict[str, TermValue | None]]]:
        """Maximal runs of days in [start, end) on which none of the names changes; never refuses.

        A run ends where a value or its clause changes, not where another pack's day merely passes.
        """
        days = [start, *(day for day in self._breakpoints if start < day < end)]
        runs: list[tuple[date, date, dict[str, TermValue | None]]] = []
        for index, day in enumerate(days):
            until = days[index + 1] if index + 1 < len(days) else end
            values = {name: self.look(name, day) for name in names}
            if runs and all(_same(runs[-1][2][name], values[name]) for name in names):
                runs[-1] = (runs[-1][0], until, runs[-1][2])
            elif until > day:
                runs.append((day, until, values))
        return runs

    def clause(self, cited: str) -> Clause | None:
        """The words of a clause of one of the stack's packs, or None."""
        document, _, key = cited.partition("-")
        for pack in (*self.packs, *self._layers.later):
            if pack.id == document:
                return pack.clauses.get(key)
        return None


def _same(one: TermValue | None, two: TermValue | None) -> bool:
    """Whether the same clauses of the same document give the same value; what they override is no matter."""
    if one is None or two is None:
        return one is two
    return (one.value, one.clauses, one.document) == (two.value, two.clauses, two.document)


class PolicyBook:
    """All packs, and what they resolve to."""

    def __init__(self, packs: Sequence[Pack], added: Sequence[Publication] = ()) -> None:
        self._added = tuple(added)
        self.packs: Mapping[str, Pack] = {pack.id: pack for pack in sorted(packs, key=lambda pack: pack.id)}
        self._breakpoints = breakpoints_of(self.packs.values())
        self._stacks: dict[tuple[tuple[str, ...], str, int], _Found] = {}
        self._chains = lru_cache(maxsize=MOST_CHAINS)(chain_of)
        # Places that no pack names share the stack of the places above them.
        self._jurisdictions = frozenset(pack.jurisdiction for pack in packs)

    def breakpoints(self) -> tuple[date, ...]:
        """Sorted days on which anything may change."""
        return self._breakpoints

    def band(self, on: date) -> int:
        """How many breakpoints lie on or before a day: nothing changes within a band."""
        return bisect_right(self._breakpoints, on)

    def fixing(self, series: str, on: date) -> Fixing:
        """As the module's ``fixing``, with the rows that added series files bring.

        Raises:
            Refused: ``rate_series_too_old`` or ``term_not_set``.
        """
        if not self._added:
            return fixing(series, on)
        return merged(self._added)[publication_of(series)].fixing(series, on)

    def clause(self, cited: str) -> Clause | None:
        """The words of a clause, ``"HA2021-2.2c"``, or None."""
        document, _, key = cited.partition("-")
        pack = self.packs.get(document)
        return None if pack is None else pack.clauses.get(key)

    def stack(self, place: str, product: str, signed_on: date, *, purpose: str = "contract") -> Stack:
        """The packs of a place and the places above it whose window holds the signing day, the nation first.

        In days that no document admits but a later one protects (2026-01-01 to 2026-02-23: CN2021-1.10 and
        CN2026-5.2) a contract runs on the earlier terms and carries a warning with both clauses; a new
        application (``purpose="application"``) is refused with the same two.

        Args:
            place: 2, 4, 6, 9 or 12 digits.
            product: poverty, transition or assistance.
            signed_on: The day of signing, of an application the day it is judged.
            purpose: contract or application.

        Raises:
            Refused: ``no_policy_for_place_and_day``, with the nearest packs before and after.
            ValueError: Another purpose.
        """
        if purpose not in ("contract", "application"):
            raise ValueError(f"purpose is contract or application, not {purpose}")
        try:
            chain = self._chains(place)
        except ValueError as why:
            raise _refused(place, product, signed_on, missing=str(why)) from None
        if product not in PRODUCTS:
            raise _refused(place, product, signed_on, missing=f"product is one of {', '.join(PRODUCTS)}")
        key = (tuple(code for code in chain if code in self._jurisdictions), product, self.band(signed_on))
        if key not in self._stacks:
            self._stacks[key] = self._find(key[0], product, signed_on)
        found = self._stacks[key]
        if not found.layers.packs or (purpose == "application" and found.gap is not None):
            raise self._nothing(place, product, signed_on, chain)
        return Stack(
            id=found.id,
            packs=found.layers.packs,
            place=place,
            product=product,
            signed_on=signed_on,
            band=key[2],
            warnings=() if found.gap is None else (_gap_warning(found.gap, signed_on),),
            _layers=found.layers,
            _breakpoints=self._breakpoints,
        )

    def _find(self, chain: tuple[str, ...], product: str, signed_on: date) -> _Found:
        gap = self._gap(product, signed_on)
        packs = self._admitting(chain, product, signed_on if gap is None else gap.as_of)
        later = tuple(
            pack
            for pack in self._of(chain, product)[::-1]
            if pack not in packs and pack.spoke_on > signed_on and pack.own_contracts_only is None
        )
        filling = tuple(pack for pack in later if self._fills(packs, pack))
        layers = _Layers(packs, filling, self._breakpoints)
        names = "+".join(pack.id for pack in packs)
        filled = "+".join(pack.id for pack in layers.later)
        return _Found(names + (f"~{filled}" if filled else ""), layers, gap)

    def _fills(self, packs: tuple[Pack, ...], later: Pack) -> bool:
        pinned = _Layers(packs, (), self._breakpoints)
        for name, values in later.terms.items():
            for day in self._breakpoints:
                if any(dated.holds_on(day) and dated.value is not UNDETERMINED for dated in values):
                    spoken = pinned.term(name, day)
                    if spoken is not None and spoken.undetermined:
                        return True
        return False

    def _of(self, chain: tuple[str, ...], product: str) -> list[Pack]:
        """Packs of a product along a chain: the nation first, within one place the later document last."""
        packs = [
            pack for pack in self.packs.values() if pack.jurisdiction in chain and pack.product == product
        ]
        return sorted(packs, key=lambda p: (chain.index(p.jurisdiction), p.spoke_on, p.contracts[0], p.id))

    def _admitting(self, chain: tuple[str, ...], product: str, signed_on: date) -> tuple[Pack, ...]:
        """The packs whose window holds the day; one that builds on another speaks only where that does."""
        packs = [pack for pack in self._of(chain, product) if pack.admits(signed_on)]
        while True:
            ids = {pack.id for pack in packs}
            standing = [pack for pack in packs if pack.builds_on is None or pack.builds_on in ids]
            if len(standing) == len(packs):
                return tuple(packs)
            packs = standing

    def _gap(self, product: str, signed_on: date) -> Protected | None:
        for pack in self.packs.values():
            for protected in pack.protects:
                if protected.product == product and protected.from_on <= signed_on <= protected.to_on:
                    return protected
        return None

    def _nothing(self, place: str, product: str, on: date, chain: tuple[str, ...]) -> Refused:
        near = [pack for pack in self.packs.values() if pack.jurisdiction in chain]
        before = [
            p for p in near if p.product == product and p.contracts[1] is not None and p.contracts[1] < on
        ]
        after = [p for p in near if p.contracts[0] > on]
        gaps = [
            protected
            for pack in near
            for protected in pack.protects
            if protected.from_on <= on <= protected.to_on and product in (protected.product, pack.product)
        ]
        last = max(before, key=lambda p: (p.contracts[1] or on, -chain.index(p.jurisdiction)), default=None)
        ended = () if last is None or last.window_clause is None else (last.window_clause,)
        return _refused(
            place,
            product,
            on,
            clauses=gaps[0].clauses if gaps else ended,
            pack_before=None if last is None else last.id,
            pack_after=min(after, key=lambda p: (p.product != product, p.contracts[0])).id if after else None,
        )


@dataclass(frozen=True)
class _Found:
    id: str
    layers: _Layers
    gap: Protected | None


def _gap_warning(gap: Protected, signed_on: date) -> StackWarning:
    return StackWarning(
        name="signed_in_gap",
        clauses=gap.clauses,
        zh="合同签订于旧政策到期之后、新政策印发之前，按旧政策执行",
        en="Signed after the earlier policy ended and before the new one: it runs on the earlier terms",
        facts={"signed_on": signed_on.isoformat(), "terms_as_of": gap.as_of.isoformat()},
    )


def _refused(place: str, product: str, on: date, *, clauses: tuple[str, ...] = (), **facts: Fact) -> Refused:
    said: dict[str, Fact] = {"place": place, "product": product, "day": on.isoformat()}
    said |= {name: fact for name, fact in facts.items() if fact is not None}
    return Refused(Refusal("no_policy_for_place_and_day", clauses, said))


@cache
def _installed() -> PolicyBook:
    return PolicyBook(*must_read([INSTALLED]))


def load_book(extra: Sequence[Path] = ()) -> PolicyBook:
    """The installed packs with the folders or files added; an added file may also carry fixings of a series.

    Raises:
        PackError: Names the file and the line of the first thing wrong; ``others`` holds the rest.
    """
    return PolicyBook(*must_read([INSTALLED, *(Path(path) for path in extra)])) if extra else _installed()


def book_of(paths: Sequence[Path]) -> PolicyBook:
    """Only the packs at the paths, without those installed here: what was computed once is computed again.

    Raises:
        PackError: As ``load_book``.
    """
    return PolicyBook(*must_read([Path(path) for path in paths]))

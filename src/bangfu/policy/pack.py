"""One pack: the strict shape of its file, its typed terms, its hash."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bangfu.policy.marks import Marked, PackError, Place
from bangfu.policy.places import is_jurisdiction
from bangfu.policy.values import UNDETERMINED, Value
from bangfu.policy.vocabulary import PRODUCTS, VOCABULARY, Term

CLAUSE_KINDS = "PRWCMAG"
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Clause:
    """What a clause says, in our words; kind as in the clause register (P R W C M A G)."""

    kind: str
    text: str
    zh: str = ""


@dataclass(frozen=True, slots=True)
class DatedValue:
    """A term's value from one day to another, both inclusive; None is open."""

    from_on: date | None
    to_on: date | None
    value: Value
    clauses: tuple[str, ...]  # full ids: "HA2021-2.2c"
    reading: str = ""  # our reading, where the document does not say it in so many words
    incorporates: str = ""  # the clause of another pack whose value this is

    def holds_on(self, on: date) -> bool:
        """Whether the value holds on a day."""
        return (self.from_on is None or self.from_on <= on) and (self.to_on is None or on <= self.to_on)


@dataclass(frozen=True, slots=True)
class Protected:
    """Contracts of an earlier product signed in days no document admits, which this pack protects.

    They run on the terms of ``as_of``; ``clauses`` are the two that make the gap.
    """

    product: str
    from_on: date
    to_on: date
    as_of: date
    clauses: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Pack:
    """One official document as data; two packs are the same where they are one object, their hashes compare them.

    ``hash`` is over what the document says and, where it takes values over (``as_in``), over that document too.
    """

    id: str
    number: str
    title: str
    issuers: tuple[str, ...]
    jurisdiction: str
    product: str
    issued: date | None
    contracts: tuple[date, date | None]
    builds_on: str | None
    clauses: Mapping[str, Clause]
    terms: Mapping[str, tuple[DatedValue, ...]]
    protects: tuple[Protected, ...]
    window_clause: str | None  # the clause that sets the window for contracts
    own_contracts_only: str | None  # the clause that confines it to contracts signed in its window
    hash: str
    file: str

    def admits(self, signed_on: date) -> bool:
        """Whether the window for contracts holds a day."""
        opened, closed = self.contracts
        return opened <= signed_on and (closed is None or signed_on <= closed)

    @property
    def spoke_on(self) -> date:
        """The day of issue; the first day for contracts where the document prints none."""
        return self.issued or self.contracts[0]

    def value_on(self, name: str, on: date) -> DatedValue | None:
        """What the pack says of a term on a day."""
        return next((dated for dated in self.terms.get(name, ()) if dated.holds_on(on)), None)


def _day(written: Any) -> Any:
    if isinstance(written, date):
        return written
    if not isinstance(written, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", written):
        raise ValueError("a day is written 2021-03-29")
    try:
        return date.fromisoformat(written)
    except ValueError as why:
        raise ValueError(f"no such day: {written}") from why


def _jurisdiction(code: str) -> str:
    if not is_jurisdiction(code):
        raise ValueError(f"{code} is not a six-digit code of the nation, a province, a city or a county")
    return code


def _product(word: str) -> str:
    if word not in PRODUCTS:
        raise ValueError(f"{word} is not one of {', '.join(PRODUCTS)}")
    return word


def _kinds(letters: str) -> str:
    words = letters.split()
    if not words or len(set(words)) != len(words) or any(w not in CLAUSE_KINDS or len(w) > 1 for w in words):
        raise ValueError(f"a kind is letters of {CLAUSE_KINDS} with spaces between")
    return letters


def _listed(written: Any) -> Any:
    return [written] if isinstance(written, str) else written


def _worded(written: Any) -> Any:
    """A clause may be a bare sentence."""
    return {"text": written} if isinstance(written, str) else written


def _several(written: Any) -> Any:
    """A term with one value may stand without a list."""
    return [written] if isinstance(written, dict) else written


Day = Annotated[date, BeforeValidator(_day)]
Sentence = Annotated[str, Field(min_length=1)]
Product = Annotated[str, AfterValidator(_product)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)


class _Clause(_Strict):
    kind: Annotated[str, AfterValidator(_kinds)] | None = None
    text: Sentence
    zh: str | None = None


class _Window(_Strict):
    from_on: Day = Field(alias="from")
    to_on: Day | None = Field(alias="to", default=None)
    clause: Sentence | None = None


class _Dated(_Strict):
    from_on: Day | None = Field(alias="from", default=None)
    to_on: Day | None = Field(alias="to", default=None)
    value: Any
    clause: Annotated[list[Sentence], BeforeValidator(_listed), Field(min_length=1)]
    reading: Sentence | None = None


class _Protects(_Strict):
    product: Product
    from_on: Day = Field(alias="from")
    to_on: Day = Field(alias="to")
    as_of: Day
    clauses: Annotated[list[Sentence], Field(min_length=1)]


class _File(_Strict):
    id: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.]*$")]
    number: str | None
    title: Sentence
    issuers: list[Sentence]
    jurisdiction: Annotated[str, AfterValidator(_jurisdiction)]
    product: Product
    issued: Day | None
    contracts: _Window
    builds_on: Sentence | None = None
    own_contracts_only: Sentence | None = None
    protects: list[_Protects] = []
    clauses: Annotated[dict[str, Annotated[_Clause, BeforeValidator(_worded)]], Field(min_length=1)]
    terms: dict[str, Annotated[list[_Dated], BeforeValidator(_several), Field(min_length=1)]] = {}


@dataclass(frozen=True)
class Draft:
    """A pack whose own file is in order, before it is set beside the others."""

    pack: Pack
    marked: Marked
    as_in: Mapping[
        tuple[str, int], str
    ]  # (term, place among its values) -> the pack whose value it takes over


def read_pack(marked: Marked) -> Draft:
    """Judge one file by itself.

    Raises:
        PackError: The first thing wrong, with the rest in ``others``.
    """
    errors: list[PackError] = []
    try:
        shape = _File.model_validate(marked.data)
    except ValidationError as why:
        raise gather([_as_pack_error(marked, error) for error in why.errors()]) from None
    as_in: dict[tuple[str, int], str] = {}
    reading = _Reading(marked, shape, as_in, errors)
    terms = {name: reading.term(name, written) for name, written in shape.terms.items()}
    errors += _window_errors(marked, shape)
    if errors:
        raise gather(errors)
    pack = Pack(
        id=shape.id,
        number=shape.number or "",
        title=shape.title,
        issuers=tuple(shape.issuers),
        jurisdiction=shape.jurisdiction,
        product=shape.product,
        issued=shape.issued,
        contracts=(shape.contracts.from_on, shape.contracts.to_on),
        builds_on=shape.builds_on,
        clauses={key: Clause(c.kind or "", c.text, c.zh or "") for key, c in shape.clauses.items()},
        terms=terms,
        protects=tuple(
            Protected(p.product, p.from_on, p.to_on, p.as_of, tuple(p.clauses)) for p in shape.protects
        ),
        window_clause=shape.contracts.clause and f"{shape.id}-{shape.contracts.clause}",
        own_contracts_only=shape.own_contracts_only and f"{shape.id}-{shape.own_contracts_only}",
        hash="",
        file=marked.file,
    )
    return Draft(replace(pack, hash=_hash(pack, as_in)), marked, as_in)


def gather(errors: list[PackError]) -> PackError:
    """The first error by line, with the others on it."""
    first, *others = sorted(errors, key=lambda error: (error.file, error.line))
    first.others = tuple(others)
    return first


def _as_pack_error(marked: Marked, error: Any) -> PackError:
    codes = {"extra_forbidden": "unknown_key", "missing": "missing_key"}
    place: Place = tuple(part for part in error["loc"] if isinstance(part, str | int))
    code = "bad_jurisdiction" if place == ("jurisdiction",) else codes.get(error["type"], "bad_value")
    message = error["msg"].removeprefix("Value error, ")
    name = ".".join(str(part) for part in place)
    return marked.error(place, code, f"{name}: {message}" if name else message)


@dataclass(frozen=True)
class _Reading:
    """What is gathered while the terms of one file are typed."""

    marked: Marked
    shape: _File
    as_in: dict[tuple[str, int], str]
    errors: list[PackError]

    def wrong(self, place: Place, code: str, message: str) -> None:
        self.errors.append(self.marked.error(place, code, message))

    def term(self, name: str, written: list[_Dated]) -> tuple[DatedValue, ...]:
        """The dated values of one term."""
        term = VOCABULARY.get(name)
        if term is None:
            self.wrong(("terms", name), "unknown_term", f"{name} is not in the vocabulary")
            return ()
        single = isinstance(self.marked.data["terms"][name], dict)
        found = []
        for index, dated in enumerate(written):
            place: Place = ("terms", name) if single else ("terms", name, index)
            for clause in dated.clause:
                if clause not in self.shape.clauses:
                    message = f"{name}: {self.shape.id} has no clause {clause}"
                    self.wrong((*place, "clause"), "unknown_clause", message)
            if dated.to_on is not None and dated.from_on is not None and dated.to_on < dated.from_on:
                self.wrong(place, "bad_window", f"{name}: to is before from")
            value = self._value(term, dated.value, place, index)
            cited = tuple(f"{self.shape.id}-{clause}" for clause in dated.clause)
            found.append(DatedValue(dated.from_on, dated.to_on, value, cited, dated.reading or ""))
        self._seams(name, found)
        return tuple(found)

    def _value(self, term: Term, written: Any, place: Place, index: int) -> Value:
        """Typed; undetermined is for day terms, ``as_in`` is filled in when all packs are known."""
        if isinstance(written, dict) and set(written) == {"as_in"} and isinstance(written["as_in"], str):
            self.as_in[(term.name, index)] = written["as_in"]
            return UNDETERMINED
        if written == UNDETERMINED.value and term.klass == "day":
            return UNDETERMINED
        try:
            return term.parse(written)
        except ValueError as why:
            self.wrong((*place, "value"), "bad_value", f"{term.name}: {why}")
            return UNDETERMINED

    def _seams(self, name: str, found: list[DatedValue]) -> None:
        """Gaps and overlaps between the values of one term, which stand in the order of their days."""
        for index, (one, two) in enumerate(pairwise(found)):
            place: Place = ("terms", name, index + 1)
            if one.to_on is None or two.from_on is None or two.from_on <= one.to_on:
                self.wrong(place, "overlap", f"{name}: two values hold on one day, or out of order")
            elif two.from_on != one.to_on + ONE_DAY:
                days = f"{one.to_on + ONE_DAY} to {two.from_on - ONE_DAY}"
                self.wrong(place, "gap", f"{name}: no value from {days}")


def _window_errors(marked: Marked, shape: _File) -> list[PackError]:
    errors = []
    window = shape.contracts
    if window.to_on is not None and window.to_on < window.from_on:
        errors.append(marked.error(("contracts",), "bad_window", "to is before from"))
    cited: dict[Place, str | None] = {
        ("contracts", "clause"): window.clause,
        ("own_contracts_only",): shape.own_contracts_only,
    }
    errors += [
        marked.error(place, "unknown_clause", f"{shape.id} has no clause {clause}")
        for place, clause in cited.items()
        if clause is not None and clause not in shape.clauses
    ]
    return errors


def hash_with(own: str, others: Iterable[str]) -> str:
    """The hash of a pack that takes over values of others."""
    return hashlib.sha256("+".join((own, *others)).encode()).hexdigest()


def _hash(pack: Pack, as_in: Mapping[tuple[str, int], str]) -> str:
    """Over what the document says, typed and sorted; layout, comments, order of keys do not count."""

    def said(name: str, index: int, dated: DatedValue) -> list[Any]:
        other = as_in.get((name, index))
        value = VOCABULARY[name].show(dated.value) if other is None else {"as_in": other}
        return [str(dated.from_on), str(dated.to_on), value, dated.clauses, dated.reading]

    content = {
        "pack": [pack.id, pack.number, pack.title, pack.issuers, pack.jurisdiction, pack.product],
        "issued": str(pack.issued),
        "contracts": [*(str(day) for day in pack.contracts), pack.window_clause],
        "builds_on": pack.builds_on,
        "own_contracts_only": pack.own_contracts_only,
        "protects": [
            [gap.product, str(gap.from_on), str(gap.to_on), str(gap.as_of), gap.clauses]
            for gap in pack.protects
        ],
        "clauses": {key: [clause.kind, clause.text, clause.zh] for key, clause in pack.clauses.items()},
        "terms": {
            name: [said(name, index, dated) for index, dated in enumerate(values)]
            for name, values in pack.terms.items()
        },
    }
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()

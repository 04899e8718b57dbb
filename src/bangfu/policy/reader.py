"""Reading packs: the installed folder and any added, each file strictly, then all beside each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from bangfu.policy.fixings import Publication, read_publication
from bangfu.policy.marks import PackError, Place, read_marked
from bangfu.policy.pack import ONE_DAY, DatedValue, Draft, Pack, gather, hash_with, read_pack
from bangfu.policy.places import chain_of

INSTALLED = Path(__file__).parent / "packs"
SUFFIXES = (".yaml", ".yml")


def pack_files(paths: Iterable[Path]) -> list[Path]:
    """The YAML files at the paths, folders read recursively, in a stable order, none twice.

    Raises:
        PackError: A path that is not there, or a folder without any pack.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.rglob("*") if file.suffix in SUFFIXES and file.is_file())
            if not inside:
                raise PackError(file=str(path), line=1, code="not_found", message="a folder without any pack")
        elif path.is_file():
            inside = [path]
        else:
            raise PackError(file=str(path), line=1, code="not_found", message="no such file or folder")
        for file in inside:
            found.setdefault(file.resolve(), file)
    return list(found.values())


@dataclass(frozen=True)
class Found:
    """What the paths hold: packs and series that are in order together, or everything found wrong."""

    packs: tuple[Pack, ...]
    added: tuple[Publication, ...]
    errors: tuple[PackError, ...]


def read_packs(paths: Sequence[Path]) -> Found:
    """Read every file, and judge each by itself and all beside each other."""
    drafts: list[Draft] = []
    added: list[Publication] = []
    errors: list[PackError] = []
    try:
        files = pack_files(paths)
    except PackError as error:
        return Found((), (), (error,))
    for file in files:
        try:
            marked = read_marked(file)
            if isinstance(marked.data, dict) and "series" in marked.data:
                added.append(read_publication(marked))
            else:
                drafts.append(read_pack(marked))
        except PackError as error:
            errors += [error, *error.others]
    known: dict[str, Draft] = {}
    for draft in drafts:
        first = known.setdefault(draft.pack.id, draft)
        if first is not draft:
            message = f"{draft.pack.id} stands in {first.pack.file} already"
            errors.append(draft.marked.error(("id",), "duplicate_id", message))
    for draft in known.values():
        errors += _beside_others(draft, known)
    if errors:
        return Found((), (), tuple(errors))
    return Found(tuple(_incorporated(draft, known) for draft in known.values()), tuple(added), ())


def must_read(paths: Sequence[Path]) -> tuple[tuple[Pack, ...], tuple[Publication, ...]]:
    """Every pack and every added series at the paths.

    Raises:
        PackError: The first thing wrong, the rest in ``others``.
    """
    found = read_packs(paths)
    if found.errors:
        raise gather(list(found.errors))
    return found.packs, found.added


def check(paths: Sequence[Path]) -> tuple[PackError, ...]:
    """Everything wrong with packs outside, judged beside the installed ones; empty where they may be used."""
    return read_packs([INSTALLED, *paths]).errors


def _beside_others(draft: Draft, known: dict[str, Draft]) -> list[PackError]:
    """What is wrong with a pack only beside the others: what it builds on, takes over and cites."""
    errors = [] if draft.pack.builds_on is None else _base_errors(draft, known)
    for (name, index), other in draft.as_in.items():
        single = isinstance(draft.marked.data["terms"][name], dict)
        place: Place = ("terms", name, "value") if single else ("terms", name, index, "value")
        wrong = _as_in_wrong(draft.pack.terms[name][index], name, known.get(other))
        if other == draft.pack.id or wrong:
            errors.append(
                draft.marked.error(place, "unknown_as_in", f"{name}: as_in {other}: {wrong or 'itself'}")
            )
    for protected in draft.pack.protects:
        for cited in protected.clauses:
            owner, _, clause = cited.partition("-")
            if owner not in known or clause not in known[owner].pack.clauses:
                errors.append(
                    draft.marked.error(("protects",), "unknown_clause", f"there is no clause {cited}")
                )
    return errors


def _base_errors(draft: Draft, known: dict[str, Draft]) -> list[PackError]:
    pack = draft.pack
    base = known.get(str(pack.builds_on))
    if base is None:
        message = f"builds_on: there is no pack {pack.builds_on}"
    elif base.pack.product != pack.product or base.pack.jurisdiction not in chain_of(pack.jurisdiction):
        message = f"builds_on: {base.pack.id} is of another product or does not lie above {pack.jurisdiction}"
    elif base.pack.id == pack.id:
        message = "builds_on: a pack cannot build on itself"
    else:
        return []
    return [draft.marked.error(("builds_on",), "unknown_builds_on", message)]


def _as_in_wrong(wanted: DatedValue, name: str, other: Draft | None) -> str:
    """Why a value cannot be taken over from another pack; empty where it can."""
    if other is None:
        return "there is no such pack"
    if name not in other.pack.terms:
        return "it does not set the term"
    if any(term == name for term, _ in other.as_in):
        return "it takes the term from another pack itself"
    return "" if _covers(other.pack.terms[name], wanted) else "it does not set the term on all these days"


def _covers(values: tuple[DatedValue, ...], wanted: DatedValue) -> bool:
    first, last = values[0], values[-1]
    early = first.from_on is None or (wanted.from_on is not None and first.from_on <= wanted.from_on)
    late = last.to_on is None or (wanted.to_on is not None and wanted.to_on <= last.to_on)
    return early and late


def _incorporated(draft: Draft, known: dict[str, Draft]) -> Pack:
    """The pack with each ``as_in`` replaced by the other pack's values, cut to its days."""
    if not draft.as_in:
        return draft.pack
    terms = dict(draft.pack.terms)
    for name in {name for name, _ in draft.as_in}:
        values: list[DatedValue] = []
        for index, dated in enumerate(draft.pack.terms[name]):
            other = draft.as_in.get((name, index))
            values += [dated] if other is None else _cut(dated, known[other].pack.terms[name])
        terms[name] = tuple(values)
    taken = [known[other].pack.hash for other in sorted(set(draft.as_in.values()))]
    return replace(draft.pack, terms=terms, hash=hash_with(draft.pack.hash, taken))


def _cut(dated: DatedValue, theirs: tuple[DatedValue, ...]) -> list[DatedValue]:
    cut = []
    for their in theirs:
        from_on = max(dated.from_on or date.min, their.from_on or date.min)
        to_on = min(dated.to_on or date.max, their.to_on or date.max)
        if from_on <= to_on:
            cut.append(
                DatedValue(
                    None if from_on == date.min else from_on,
                    None if to_on == date.max else to_on,
                    their.value,
                    dated.clauses,
                    dated.reading or their.reading,
                    their.clauses[0],
                )
            )
    return cut


def breakpoints_of(packs: Iterable[Pack]) -> tuple[date, ...]:
    """Sorted days on which anything may change: windows, days of issue, dated values, protected gaps."""
    days: set[date] = set()
    for pack in packs:
        spans: list[tuple[date | None, date | None]] = [pack.contracts, (pack.spoke_on, None)]
        spans += [(dated.from_on, dated.to_on) for values in pack.terms.values() for dated in values]
        spans += [(protected.from_on, protected.to_on) for protected in pack.protects]
        for from_on, to_on in spans:
            if from_on is not None:
                days.add(from_on)
            if to_on is not None and to_on != date.max:
                days.add(to_on + ONE_DAY)
    return tuple(sorted(days))

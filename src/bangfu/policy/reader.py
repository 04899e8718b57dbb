"""Reading packs: the installed folder and any folder added, each file strictly, then all beside each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from bangfu.policy.marks import PackError, read_marked
from bangfu.policy.pack import ONE_DAY, DatedValue, Draft, Pack, gather, read_pack
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


def read_packs(paths: Sequence[Path]) -> tuple[tuple[Pack, ...], tuple[PackError, ...]]:
    """Every pack that is in order, and everything found wrong."""
    drafts: list[Draft] = []
    errors: list[PackError] = []
    try:
        files = pack_files(paths)
    except PackError as error:
        return (), (error,)
    for file in files:
        try:
            drafts.append(read_pack(read_marked(file)))
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
        return (), tuple(errors)
    return tuple(_incorporated(draft, known) for draft in known.values()), ()


def must_read(paths: Sequence[Path]) -> tuple[Pack, ...]:
    """Every pack at the paths.

    Raises:
        PackError: The first thing wrong, the rest in ``others``.
    """
    packs, errors = read_packs(paths)
    if errors:
        raise gather(list(errors))
    return packs


def check(paths: Sequence[Path]) -> tuple[PackError, ...]:
    """Everything wrong with packs outside, judged beside the installed ones; empty where they may be used."""
    _, errors = read_packs([INSTALLED, *paths])
    return errors


def _beside_others(draft: Draft, known: dict[str, Draft]) -> list[PackError]:
    pack, marked, errors = draft.pack, draft.marked, []
    if pack.builds_on is not None:
        base = known.get(pack.builds_on)
        if base is None:
            message = f"builds_on: there is no pack {pack.builds_on}"
            errors.append(marked.error(("builds_on",), "unknown_builds_on", message))
        elif base.pack.product != pack.product or base.pack.jurisdiction not in chain_of(pack.jurisdiction):
            message = (
                f"builds_on: {base.pack.id} is of another product or does not lie above {pack.jurisdiction}"
            )
            errors.append(marked.error(("builds_on",), "unknown_builds_on", message))
    for (name, index), other in draft.as_in.items():
        place = ("terms", name, index, "value")
        if isinstance(marked.data["terms"][name], dict):
            place = ("terms", name, "value")
        if other not in known or other == pack.id:
            errors.append(marked.error(place, "unknown_as_in", f"{name}: there is no other pack {other}"))
        elif name not in known[other].pack.terms:
            errors.append(marked.error(place, "unknown_as_in", f"{name}: {other} does not set it"))
        elif any(term == name for term, _ in known[other].as_in):
            errors.append(
                marked.error(place, "unknown_as_in", f"{name}: {other} takes it from another pack itself")
            )
        elif not _covers(known[other].pack.terms[name], pack.terms[name][index]):
            errors.append(marked.error(place, "gap", f"{name}: {other} does not set it on all these days"))
    for protected in pack.protects:
        for cited in protected.clauses:
            owner, _, clause = cited.partition("-")
            if owner not in known or clause not in known[owner].pack.clauses:
                errors.append(marked.error(("protects",), "unknown_clause", f"there is no clause {cited}"))
    return errors


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
    return replace(draft.pack, terms=terms)


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
        spans = [(pack.contracts[0], pack.contracts[1]), (pack.spoke_on, None)]
        spans += [(dated.from_on, dated.to_on) for values in pack.terms.values() for dated in values]
        spans += [(protected.from_on, protected.to_on) for protected in pack.protects]
        for from_on, to_on in spans:
            if from_on is not None:
                days.add(from_on)
            if to_on is not None and to_on != date.max:
                days.add(to_on + ONE_DAY)
    return tuple(sorted(days))

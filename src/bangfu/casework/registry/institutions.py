"""Banks and their branches; the one lead bank of a township (CN2021-4.3, HA2021-3.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.questions import rows
from bangfu.casework.registry.areas import TOWNSHIP, names_of, townships
from bangfu.casework.registry.reading import below

BANK, BRANCH = "bank", "branch"
_STANDS = "upper_inf(recorded) and valid @> %s::date"


@dataclass(frozen=True)
class InstitutionView:
    """A county bank or a branch; ``area_code`` is where its outlet stands."""

    institution_id: str
    kind: str
    name: str
    parent_id: str | None
    parent_name: str
    area_code: str
    area_name: str
    leads: tuple[str, ...] = ()


@dataclass(frozen=True)
class LeadBankView:
    """A township with its lead bank as filed; ``institution_id`` is empty where there is none."""

    township: str
    township_name: str
    institution_id: str = ""
    name: str = ""
    since: date | None = None
    until: date | None = None
    named_by: str = ""
    filing_number: str = ""
    filed_with: str = ""
    filed_on: date | None = None


def institutions(*, actor: Actor, on: date | None = None) -> tuple[InstitutionView, ...]:
    """All institutions on a day, a bank before its branches, with the townships each leads."""
    day = on or actor.on
    found = rows(
        f"select institution_id, kind, name, parent_id, area_code from casework_institution where {_STANDS}"
        " order by coalesce(parent_id, institution_id), parent_id is not null, institution_id",
        [day],
    )
    leads: dict[str, list[str]] = {}
    for township, bank in rows(
        f"select township, institution_id from casework_lead_bank where {_STANDS} order by township", [day]
    ):
        leads.setdefault(bank, []).append(township)
    names = names_of([row[4] for row in found] + [code for codes in leads.values() for code in codes], on=day)
    named = {row[0]: row[2] for row in found}
    return tuple(
        InstitutionView(
            institution_id=row[0], kind=row[1], name=row[2], parent_id=row[3], parent_name=named.get(row[3], ""),
            area_code=row[4], area_name=names.get(row[4], row[4]),
            leads=tuple(names.get(code, code) for code in leads.get(row[0], ())),
        )
        for row in found
    )  # fmt: skip


@dataclass(frozen=True)
class Branch:
    """A branch and the bank above it; a bank without branches is its own."""

    institution_id: str
    name: str
    bank_id: str
    bank: str


def branch_of(institution_id: str, *, on: date) -> Branch | None:
    """A branch with its bank as they stand on a day."""
    found = rows(
        "select i.institution_id, i.name, coalesce(i.parent_id, i.institution_id), coalesce(b.name, i.name)"
        " from casework_institution i left join casework_institution b on b.institution_id = i.parent_id"
        " and upper_inf(b.recorded) and b.valid @> %s::date"
        " where upper_inf(i.recorded) and i.valid @> %s::date and i.institution_id = %s",
        [on, on, institution_id],
    )
    return Branch(*found[0]) if found else None


def institution_names(ids: Iterable[str | None], *, on: date) -> dict[str, str]:
    """Names by id, in one query; of one that has closed, the last it had."""
    wanted = sorted({one for one in ids if one})
    if not wanted:
        return {}
    found = rows(
        "select distinct on (institution_id) institution_id, name from casework_institution where upper_inf(recorded)"
        " and institution_id = any(%s) order by institution_id, (valid @> %s::date) desc, lower(valid) desc nulls last",
        [wanted, on],
    )
    return dict(found)


def lead_bank_of(township: str, *, on: date) -> LeadBankView | None:
    """The lead bank of a township (or of the township of a village) on a day."""
    found = _filed([township[:TOWNSHIP]], on)
    return found[0] if found else None


def lead_banks(*, actor: Actor, on: date | None = None) -> tuple[LeadBankView, ...]:
    """Every township in scope with its lead bank, or without one, in code order."""
    day = on or actor.on
    places = townships(actor=actor, on=day)
    filed = {one.township: one for one in _filed([one.code for one in places], day)}
    return tuple(filed.get(place.code) or LeadBankView(place.code, place.name) for place in places)


def lead_bank_history(township: str) -> tuple[LeadBankView, ...]:
    """All lead banks a township has had, as they stand filed, the latest first."""
    found = rows(_FILED + " where upper_inf(l.recorded) and l.township = %s order by lower(l.valid) desc nulls last",
                 [township])  # fmt: skip
    return _lead_views(found, on=date.max)


def outlets_in(township: str, *, on: date) -> tuple[str, ...]:
    """Ids of the institutions that have an outlet of their own, or a branch's, in a township on a day."""
    where, given = below(township, column="area_code")
    found = rows(
        f"select institution_id, parent_id from casework_institution where {_STANDS} and {where}",
        [on, *given],
    )
    return tuple(sorted({one for row in found for one in row if one}))


_FILED = (
    "select l.township, l.institution_id, lower(l.valid), upper(l.valid), l.named_by, l.filing_number, l.filed_with,"
    " l.filed_on from casework_lead_bank l"
)


def _filed(codes: list[str], on: date) -> tuple[LeadBankView, ...]:
    where = (
        " where upper_inf(l.recorded) and l.valid @> %s::date and l.township = any(%s) order by l.township"
    )
    return _lead_views(rows(_FILED + where, [on, codes]), on=on)


def _lead_views(found: list[tuple[object, ...]], *, on: date) -> tuple[LeadBankView, ...]:
    places = names_of([str(row[0]) for row in found], on=on)
    banks = institution_names([str(row[1]) for row in found], on=on)
    return tuple(
        LeadBankView(
            str(row[0]),
            places.get(str(row[0]), str(row[0])),
            str(row[1]),
            banks.get(str(row[1]), str(row[1])),
            *row[2:],  # type: ignore[arg-type]
        )
        for row in found
    )

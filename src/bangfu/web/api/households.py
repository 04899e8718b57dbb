"""Households, rosters, places, institutions."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from bangfu.casework.database.refusals import Refused
from bangfu.casework.registry import api as registry
from bangfu.web.api.cursors import at, behind
from bangfu.web.api.door import bearer_of, needs, tagged
from bangfu.web.api.errors import ANSWERS
from bangfu.web.api.shapes import (
    AreaOut,
    AreasOut,
    FoundOut,
    HouseholdRowOut,
    HouseholdsIn,
    HouseholdsOut,
    InstitutionOut,
    InstitutionsOut,
    RosterIn,
    RosterOut,
    RosterRowOut,
    SearchIn,
    SearchOut,
)

router = Router(tags=["registry"])


@router.post(
    "/households/search", response={200: SearchOut, **ANSWERS}, summary="按身份证号码查户 · Find by ID number"
)
@needs("household.read")
def search(request: HttpRequest, asked: SearchIn) -> SearchOut:
    """Looked up by its blind index, in scope alone; the look-up is written into the trail, without the number."""
    if not registry.is_personal(asked.id_number):
        raise Refused("bad_field", field="id_number")
    found = registry.search(actor=bearer_of(request).actor, typed=asked.id_number)
    return SearchOut(
        found=[
            FoundOut(household_id=one.id, name=one.title, place=one.place, relation=one.more) for one in found
        ]
    )


@router.get("/households", response={200: HouseholdsOut, **ANSWERS}, summary="农户 · Households")
@needs("household.read")
def households(request: HttpRequest, asked: Query[HouseholdsIn]) -> HouseholdsOut:
    """Households in scope by number; all pages of one cursor are as known at the moment of the first."""
    actor = bearer_of(request).actor
    place = at(asked.after, known_at=asked.known_at, now=actor.now)
    wanted = registry.Wanted(
        area=asked.area, category=asked.category, sort="id", on=asked.as_of, known_at=place.known_at
    )
    page = registry.households(actor=actor, wanted=wanted, page=place.page, size=asked.limit)
    rows = [
        HouseholdRowOut(**{name: getattr(row, name) for name in HouseholdRowOut.model_fields if name != "categories"},
                        categories=list(row.categories))
        for row in page.rows
    ] if place.page <= page.pages else []  # fmt: skip
    return HouseholdsOut(items=rows, total=page.total, next=behind(place, pages=page.pages))


@router.get("/rosters", response={200: RosterOut, **ANSWERS}, summary="某日名单 · Rosters as of a day")
@needs("roster.read")
def rosters(request: HttpRequest, asked: Query[RosterIn]) -> RosterOut:
    """Who stood on which list on a day, as known at a moment."""
    actor = bearer_of(request).actor
    place = at(asked.after, known_at=asked.known_at, now=actor.now)
    page = registry.roster(
        actor=actor, on=asked.as_of, known_at=place.known_at, area=asked.area, category=asked.category,
        page=place.page, size=asked.limit,
    )  # fmt: skip
    rows = [
        RosterRowOut(**{name: getattr(row, name) for name in RosterRowOut.model_fields}) for row in page.rows
    ]
    if place.page > page.pages:
        rows = []
    return RosterOut(
        as_of=asked.as_of or actor.on, items=rows, total=page.total, next=behind(place, pages=page.pages)
    )


@router.get("/areas", response={200: AreasOut, **ANSWERS}, summary="乡镇和村 · Townships and villages")
@needs("household.read")
def areas(request: HttpRequest) -> HttpResponse:
    """The places in scope, today."""
    actor = bearer_of(request).actor
    told = AreasOut(
        townships=[AreaOut(code=one.code, name=one.name) for one in registry.townships(actor=actor)],
        villages=[AreaOut(code=one.code, name=one.name) for one in registry.villages(actor=actor)],
    )
    return tagged(request, told)


@router.get("/institutions", response={200: InstitutionsOut, **ANSWERS}, summary="机构 · Institutions")
@needs("household.read")
def institutions(request: HttpRequest) -> HttpResponse:
    """Banks and branches, with the townships they lead."""
    rows = registry.institutions(actor=bearer_of(request).actor)
    told = [
        InstitutionOut(
            institution_id=one.institution_id, kind=one.kind, name=one.name, parent_id=one.parent_id,
            area_code=one.area_code, leads=list(one.leads),
        )
        for one in rows
    ]  # fmt: skip
    return tagged(request, InstitutionsOut(items=told))

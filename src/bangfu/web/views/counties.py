"""Which county a page of the county's money is about: one's own, or one of those in scope."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.http import HttpRequest

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.people import api as people
from bangfu.casework.registry import api as registry
from bangfu.casework.words import said
from bangfu.web.views.doing import actor_of

__all__ = ["OfCounty", "counties", "county_of"]

_COUNTY = 6  # digits
_AREAS = ("village", "township", "county", "area")


def counties(actor: Actor) -> list[tuple[str, str]]:
    """The counties in scope with their names, by code; of a county's people theirs alone."""
    of_area = actor.role in people.ROLES and people.ROLES[actor.role].held in _AREAS
    if of_area and len(actor.place) >= _COUNTY:
        code = actor.place[:_COUNTY]
        return [(code, registry.names_of([code], on=actor.on).get(code, code))]
    own = next((one for one in registry.institutions(actor=actor) if one.institution_id == actor.place), None)
    if own is not None:  # of a bank's people: where it stands
        code = own.area_code[:_COUNTY]
        return [(code, registry.names_of([code], on=actor.on).get(code, code))]
    return sorted(_of(registry.tree(actor=actor)))


def _of(nodes: Iterable[registry.AreaNode]) -> list[tuple[str, str]]:
    out: list[tuple[str, str]] = []
    for node in nodes:
        out += [(node.code, node.name)] if len(node.code) == _COUNTY else _of(node.below)
    return out


def county_of(request: HttpRequest, among: list[tuple[str, str]]) -> tuple[str, str]:
    """The county that is asked for with its name, the first in scope where none is.

    Raises:
        Refused: ``not_in_scope``.
    """
    asked = request.GET.get("county", "")
    for code, name in among:
        if asked in ("", code):
            return code, name
    raise Refused("not_in_scope")


class OfCounty(forms.Form):
    """A filter that asks for the county where there are several."""

    county = forms.ChoiceField(label=said("县（市）", "County"), required=False)

    def __init__(self, request: HttpRequest, among: list[tuple[str, str]]) -> None:
        super().__init__(request.GET or None)
        if len(among) > 1:
            self.fields["county"].choices = among  # type: ignore[attr-defined]
        else:
            del self.fields["county"]
        self.actor = actor_of(request)

    def told(self) -> dict[str, object]:
        """What was asked; nothing where it does not hold."""
        return dict(self.cleaned_data) if self.is_bound and self.is_valid() else {}

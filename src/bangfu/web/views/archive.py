"""The archive of a cycle: what is there and missing by place, papers brought, lists filed, bundles sealed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bangfu.casework.archive import api as archive
from bangfu.casework.archive.api import PARTS, Completeness, Item
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.people import api as people
from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.words import Words, said
from bangfu.web.fields import UploadField
from bangfu.web.marks import tell
from bangfu.web.parts import Tab
from bangfu.web.views import archive_shown as shown
from bangfu.web.views.doing import actor_of, done, posted, status_of
from bangfu.web.views.subsidies_shown import period_words

_METHODS = ["GET", "HEAD", "POST"]
_LONGEST = 500


class Bring(forms.Form):
    """A paper brought to the archive."""

    file = UploadField(
        label=said("文件", "File"), accept=".pdf,.png,.jpg,.jpeg,.xlsx,.docx",
        help_text=said(
            "PDF、JPG、PNG、XLSX、DOCX，每个不超过 10 MB。照片请拍清公示栏全貌和内容。",
            "PDF, JPG, PNG, XLSX or DOCX, 10 MB at most. Photographs show the board and what is on it.",
        ),
    )  # fmt: skip
    replaces = forms.ChoiceField(
        label=said("替换", "Takes the place of"), required=False,
        help_text=said("被替换的仍保留，可以查。", "What is replaced is kept, and can be read."),
    )  # fmt: skip

    def __init__(self, *given: Any, item: Item, **more: Any) -> None:
        super().__init__(*given, **more)
        choices = [(str(one.id), one.name) for one in item.papers]
        if choices:
            beside = ("", Words("不替换，另存一份", "nothing: it stands beside"))
            self.fields["replaces"].choices = [beside, *choices]  # type: ignore[attr-defined]
        else:
            del self.fields["replaces"]


class Reason(forms.Form):
    """Why it is done though papers are missing."""

    reason = forms.CharField(
        label=said("缺材料的原因", "Why papers are missing"), required=False, max_length=_LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=said("有缺的必须写明，会写进案卷。", "Needed where something is missing; it goes into the bundle."),
    )  # fmt: skip
    seen_hash = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)


def _towns(actor: Actor, cycle_id: UUID) -> tuple[tuple[subsidies.ListView, ...], dict[str, str]]:
    lists = subsidies.lists(actor=actor, cycle_id=cycle_id)
    return lists, {one.township: one.township_name for one in lists}


def _url(cycle_id: UUID, place: str) -> str:
    return reverse("cycle-archive", args=(cycle_id,)) + (f"?place={place}" if place else "")


@require_safe
def opened(request: HttpRequest, cycle_id: UUID) -> HttpResponse:
    """The seven kinds of the county or of one township."""
    actor = actor_of(request)
    cycle = subsidies.cycle(actor=actor, cycle_id=cycle_id)
    lists, names = _towns(actor, cycle_id)
    place = request.GET.get("place", "")
    if not place and len(names) == 1:
        place = next(iter(names))
    told = archive.completeness(actor=actor, cycle_id=cycle_id, place=place)
    role = actor.role
    sealed = archive.seals(actor=actor, cycle_id=cycle_id)
    since = archive.since_sealed(told, sealed, lists, county=cycle.county)
    opens = people.may(role, "archive.open")
    last = since.seal if since else None
    covering = [one for one in sealed if not place or one.place in (place, cycle.county)]
    tabs = [Tab(Words("全县", "The county"), _url(cycle_id, ""), not place)] if len(names) > 1 else []
    tabs += [Tab(name, _url(cycle_id, code), place == code) for code, name in sorted(names.items())]
    context = {
        "cycle": cycle, "name": period_words(cycle), "told": told, "figures": shown.figures(told), "tabs": tabs,
        "kinds": shown.kinds(told, actor, cycle_id, whole=not place, since=since), "place": place, "since": since,
        "came": shown.came_table(since, opens=opens) if since and since.papers else None,
        "towns": shown.towns_table(told, names) if not place and len(names) > 1 else None,
        "seals": shown.seals_table(
            covering, {**names, cycle.county: cycle.county_name}, opens=opens
        ),
        "may_fill": people.may(role, "archive.write"), "may_seal": people.may(role, "archive.seal"),
        "filing": [one for one in lists if one.state == "filing" and place in ("", one.township)]
        if people.may(role, "archive.write") else [],
        "because": archive.filed_because([one.id for one in lists if place in ("", one.township)]),
        "subject": f"cycle:{cycle.id}", "verify": shown.verify_line(cycle, last, place or cycle.county),
    }  # fmt: skip
    return render(request, "archive/cycle.html", context)


@require_POST
def fill(request: HttpRequest, cycle_id: UUID) -> HttpResponse:
    """Put in what the site makes or keeps."""
    place = request.POST.get("place", "")
    made = archive.fill(actor=actor_of(request), cycle_id=cycle_id, place=place)
    if made:
        tell(request, "ok", Words(f"已归入 {len(made)} 件。", f"{len(made)} papers are put in."))
    else:
        tell(request, "info", Words("没有新的可以归入。", "There is nothing new to put in."))
    return HttpResponseRedirect(_url(cycle_id, place))


def _item(told: Completeness, part: str, place: str, list_id: str) -> Item:
    for one in told.items:
        if (one.part.code, one.place, str(one.list_id or "")) == (part, place, list_id):
            return one
    raise Refused("not_in_scope")


@require_http_methods(_METHODS)
def add(request: HttpRequest, cycle_id: UUID) -> HttpResponse:
    """Bring one paper."""
    actor = actor_of(request)
    people.require(actor, "archive.add")
    cycle = subsidies.cycle(actor=actor, cycle_id=cycle_id)
    part, place, list_id = (request.GET.get(name, "") for name in ("part", "place", "list"))
    if part not in PARTS:
        raise Refused("not_in_scope")
    if not archive.adds(actor, PARTS[part]):
        raise Refused("not_your_role", whose=PARTS[part].who)
    item = _item(archive.completeness(actor=actor, cycle_id=cycle_id), part, place, list_id)
    form = Bring(posted(request), request.FILES or None, item=item)
    back = _url(cycle_id, place[:9] if len(place) >= 9 else "")  # noqa: PLR2004 - a township's digits
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            sent = form.cleaned_data["file"]
            archive.add(
                actor=actor, cycle_id=cycle_id, part=part, content=sent.read(), name=str(sent.name), place=place,
                list_id=item.list_id, replaces=form.cleaned_data.get("replaces") or None,
            )  # fmt: skip
            tell(request, "ok", Words("已归档。", "It is in the archive."))
            return back

        if answer := done(form, act):
            return answer
    context = {
        "cycle": cycle,
        "name": period_words(cycle),
        "form": form,
        "back": back,
        "facts": shown.item_facts(item),
    }
    return render(request, "archive/add.html", context, status=status_of(form))


@require_http_methods(_METHODS)
def seal(request: HttpRequest, cycle_id: UUID) -> HttpResponse:
    """Seal the bundle of the county or a township; what is missing is named first."""
    actor = actor_of(request)
    people.require(actor, "archive.seal")
    cycle = subsidies.cycle(actor=actor, cycle_id=cycle_id)
    place = request.GET.get("place", "")
    told = archive.completeness(actor=actor, cycle_id=cycle_id, place=place)
    lists, _ = _towns(actor, cycle_id)
    sealed = archive.seals(actor=actor, cycle_id=cycle_id)
    since = archive.since_sealed(told, sealed, lists, county=cycle.county)
    opens = people.may(actor.role, "archive.open")
    form = Reason(posted(request))
    back = _url(cycle_id, place)
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            archive.seal(actor=actor, cycle_id=cycle_id, place=place, reason=form.cleaned_data["reason"])
            tell(
                request,
                "ok",
                Words("已封存，案卷包和接收单在下面。", "Sealed: the bundle and its slip are below."),
            )
            return f"{back}#seals"

        if answer := done(form, act):
            return answer
    context = {
        "cycle": cycle, "name": period_words(cycle), "form": form, "back": back, "missing": told.missing,
        "told": told, "lacking": shown.lacking(told.missing),
        "figures": shown.figures(told), "since": since,
        "came": shown.came_table(since, opens=opens) if since and since.papers else None,
    }  # fmt: skip
    return render(request, "archive/seal.html", context, status=status_of(form))


@require_http_methods(_METHODS)
def file_list(request: HttpRequest, list_id: UUID) -> HttpResponse:
    """File a list: the last step; its missing papers are named with a reason."""
    actor = actor_of(request)
    people.require(actor, "archive.write")
    opened_list = subsidies.opened_list(actor=actor, list_id=list_id)
    view = opened_list.view
    if view.state != "filing":
        raise Refused(
            "already_decided" if view.state == "filed" else "wrong_stage", stands_at=view.stands_at.words
        )
    told = archive.completeness(actor=actor, cycle_id=view.cycle.id, place=view.township)
    mine = [
        one for one in told.missing if one.list_id in (None, view.id) and (one.due or not one.part.yearly)
    ]
    form = Reason(posted(request), initial={"seen_hash": opened_list.seen_hash})
    back = _url(view.cycle.id, view.township)
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            archive.file(actor=actor, list_id=list_id, **form.cleaned_data)
            tell(request, "ok", Words("清册已归档。", "The list is filed."))
            return back

        if answer := done(form, act):
            return answer
    context = {
        "view": view,
        "name": period_words(view.cycle),
        "form": form,
        "back": back,
        "missing": mine,
        "lacking": shown.lacking(mine),
    }
    return render(request, "archive/file.html", context, status=status_of(form))

"""The policy in plain words by place and day, and every clause of every document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.views.decorators.http import require_safe

from bangfu.casework.words import Words
from bangfu.policy import Pack
from bangfu.policy.places import NATION, chain_of
from bangfu.web import plain_policy
from bangfu.web.parts import Tab
from bangfu.web.places import name_of, nearest_name
from bangfu.web.public_pages import public_page
from bangfu.web.sources import book, site
from bangfu.web.templatetags.bangfu import word

LUODIAN = "522728"  # the county whose whole procedure is among the documents, where a site names none


def site_place() -> str:
    """The place of the site."""
    return site().county or LUODIAN


@require_safe
@public_page
def policy(request: HttpRequest) -> HttpResponse:
    """What holds in a place on a day, each statement with its clause."""
    today = timezone.localdate()
    place, on, wrong = _asked(request, today)
    found = plain_policy.regimes(book(), place=place, on=on)
    chosen = _chosen(request, found)
    context = {
        "place": place,
        "place_name": nearest_name(place),
        "places": _places(),
        "on": on,
        "today": today,
        "wrong": wrong,
        "open": [one for one in found if one.standing == plain_policy.OPEN],
        "gap": next((one for one in found if one.standing == plain_policy.GAP), None),
        "chosen": chosen,
        "tabs": _tabs(request, found, chosen, place=place, on=on),
        "documents": chosen.stack.packs if chosen.stack else (),
        "topics": plain_policy.topics(chosen.stack, on=on) if chosen.stack else (),
        "days": [day for day in plain_policy.breakpoints(book(), place=place) if day <= today],
    }
    return render(request, "public/policy.html", context)


def _asked(request: HttpRequest, today: date) -> tuple[str, date, Words | None]:
    """Place and day; what cannot be read falls back to the site's and today, and is said."""
    place, on, wrong = site_place(), today, None
    asked = request.GET.get("place", "")
    if asked:
        try:
            chain_of(asked)
            place = asked
        except ValueError:
            wrong = Words("没有这个地区代码，改用本站所在县。", "No such place: the site's own is shown.")
    written = request.GET.get("day", "")
    if written:
        try:
            on = date.fromisoformat(written)
        except ValueError:
            wrong = Words("日期写作 2026-03-01，改用今天。", "A day is written 2026-03-01: today is shown.")
    return place, on, wrong


def _places() -> list[tuple[str, str]]:
    """The site's own place first, then every jurisdiction that has a document."""
    codes = {pack.jurisdiction for pack in book().packs.values()} | {NATION}
    own = site_place()
    return [(own, nearest_name(own)), *((code, name_of(code)) for code in sorted(codes) if code != own)]


def _chosen(request: HttpRequest, found: list[plain_policy.Regime]) -> plain_policy.Regime:
    """The regime asked for, else the newest that has something to say."""
    asked = request.GET.get("product", "")
    for one in found:
        if one.product == asked:
            return one
    order = (
        plain_policy.OPEN,
        plain_policy.GAP,
        plain_policy.RUNNING,
        plain_policy.AHEAD,
        plain_policy.NEVER,
    )
    return min(found, key=lambda one: order.index(one.standing))


def _tabs(
    request: HttpRequest,
    found: list[plain_policy.Regime],
    chosen: plain_policy.Regime,
    *,
    place: str,
    on: date,
) -> list[Tab]:
    def url(product: str) -> str:
        return f"{request.path}?{urlencode({'place': place, 'day': on.isoformat(), 'product': product})}"

    return [
        Tab(capfirst(word(one.product, "product")), url(one.product), current=one is chosen) for one in found
    ]


@dataclass(frozen=True, slots=True)
class Document:
    """A pack with its clauses as the page lists them."""

    pack: Pack
    clauses: tuple[tuple[str, str, str, str], ...]  # citation, kind, Chinese, English


@require_safe
@public_page
def clauses(request: HttpRequest) -> HttpResponse:
    """Every document and every clause, an anchor each."""
    packs = sorted(book().packs.values(), key=lambda pack: (pack.jurisdiction, pack.contracts[0], pack.id))
    documents = [
        Document(
            pack,
            tuple(
                (f"{pack.id}-{key}", one.kind, one.zh or one.text, one.text)
                for key, one in pack.clauses.items()
            ),
        )
        for pack in packs
    ]
    return render(request, "public/clauses.html", {"documents": documents, "policy_url": reverse("policy")})

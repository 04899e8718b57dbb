"""Sessions: who they stand for, when they end, and the one transaction in a scope around every view."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from bangfu.casework.audit_trail.api import value_words
from bangfu.casework.database.actor import Actor, day_of
from bangfu.casework.database.refusals import Refused
from bangfu.casework.database.session import Scope, entered, narrowed_to
from bangfu.casework.people.api import ROLES, Held, Person, actor_for, known
from bangfu.casework.words import Words
from bangfu.web.marks import told
from bangfu.web.navigation import navigation_of
from bangfu.web.sources import site

__all__ = [
    "IDLE_S",
    "LONGEST_S",
    "Account",
    "address_of",
    "answered",
    "begin",
    "end",
    "first_steps",
    "went_on",
]

IDLE_S, LONGEST_S = 30 * 60, 8 * 3600
_TOUCH_S = 60  # the last sign of life is written at most once a minute
ACCOUNT, GRANT, STAMP, BEGAN, SEEN = "account_id", "grant_id", "stamp", "began", "seen"
STATUS: Mapping[str, int] = {
    "not_signed_in": 401,
    "not_in_scope": 404,
    "not_your_role": 403,
    "own_step": 403,
    "already_decided": 409,
    "content_changed": 409,
    "locked_out": 429,
    "rate_limited": 429,
    "too_large": 413,
}
_BAD = 400
_UNSAID = frozenset({"act", "reasons"})
View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Account:
    """Who is signed in, as the pages show it."""

    account_id: int
    username: str
    name: str
    role: str
    grant_id: int | None
    role_words: Words | str
    scope_words: str
    grants: tuple[Held, ...]
    second_factor: bool
    must_change_password: bool

    @property
    def several_roles(self) -> bool:
        """Whether there is a choice of roles."""
        return len(self.grants) > 1


def begin(request: HttpRequest, person: Person, *, now: datetime) -> None:
    """A session of its own from here on: whatever key or content the browser came with is gone."""
    request.session.flush()
    at = int(now.timestamp())
    chosen = person.grants[0].grant_id if len(person.grants) == 1 else None
    request.session.update(
        {ACCOUNT: person.account_id, GRANT: chosen, STAMP: person.stamp, BEGAN: at, SEEN: at}
    )
    request.session.cycle_key()


def went_on(request: HttpRequest, person: Person, *, grant_id: int | None = None) -> None:
    """The same session after its password, factor or role changed: a new key, the new stamp."""
    request.session[STAMP] = person.stamp
    if grant_id is not None:
        request.session[GRANT] = grant_id
    request.session.cycle_key()


def end(request: HttpRequest) -> None:
    """Sign out."""
    request.session.flush()


def address_of(request: HttpRequest) -> str:
    """Where the request came from; behind our proxy the last hop it names."""
    if site().https and request.headers.get("X-Forwarded-For"):
        return request.headers["X-Forwarded-For"].rpartition(",")[2].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def answered(
    request: HttpRequest, view: View, args: Sequence[Any], kwargs: Mapping[str, Any], *, now: datetime
) -> HttpResponse | None:
    """The view's answer inside a transaction in the actor's scope; None lets Django call the view by itself."""
    if getattr(view, "on_its_own", False) or request.path_info.startswith("/api/"):
        return None
    open_to_all = getattr(view, "for_everybody", False)
    account_id = request.session.get(ACCOUNT)
    if account_id is None:
        return None if open_to_all else _to_door(request)
    why = _over(request, now)
    if why:
        return _ended(request, why, open_to_all=open_to_all)
    if getattr(view, "own_transactions", False):
        with entered(Scope(account_id=account_id)):
            why = _known(request, account_id, now)
        if why:
            return _ended(request, why, open_to_all=open_to_all)
        return first_steps(request, view) or _shown(request, view, args, kwargs)
    return _in_scope(request, view, args, kwargs, now=now)


def _in_scope(
    request: HttpRequest, view: View, args: Sequence[Any], kwargs: Mapping[str, Any], *, now: datetime
) -> HttpResponse | None:
    """One transaction: who it is, what they may see, the view; undone as a whole where the answer is a refusal."""
    open_to_all = getattr(view, "for_everybody", False)
    account_id: int = request.session[ACCOUNT]
    try:
        with entered(Scope(account_id=account_id)):
            why = _known(request, account_id, now)
            if not why:
                narrowed_to(request.actor.scope)  # type: ignore[attr-defined]
                response = first_steps(request, view) or view(request, *args, **kwargs)
                if hasattr(response, "render") and callable(response.render):
                    response = response.render()
                if response.status_code >= _BAD:
                    transaction.set_rollback(True)
                return response
    except Refused as refused:
        return refusal_page(request, refused)
    return _ended(request, why, open_to_all=open_to_all)


def _shown(request: HttpRequest, view: View, args: Sequence[Any], kwargs: Mapping[str, Any]) -> HttpResponse:
    try:
        return view(request, *args, **kwargs)
    except Refused as refused:
        return refusal_page(request, refused)


def _over(request: HttpRequest, now: datetime) -> str:
    """Why a session is over by time, or nothing; otherwise its sign of life is kept."""
    at = int(now.timestamp())
    began, seen = request.session.get(BEGAN, 0), request.session.get(SEEN, 0)
    if at - began >= LONGEST_S:
        return "longest"
    if at - seen >= IDLE_S:
        return "idle"
    if at - seen >= _TOUCH_S:
        request.session[SEEN] = at
    return ""


def _known(request: HttpRequest, account_id: int, now: datetime) -> str:
    """Put actor, account and navigation on the request; why the session is over where it is."""
    person = known(account_id=account_id, now=now)
    if person is None or person.stamp != request.session.get(STAMP):
        return "changed"
    chosen = request.session.get(GRANT)
    held = next((one for one in person.grants if one.grant_id == chosen), None)
    actor: Actor = actor_for(
        account_id=account_id,
        name=person.name,
        held=held,
        now=now,
        on=day_of(now),
        address=address_of(request),
    )
    role = ROLES.get(held.role) if held else None
    request.actor = actor  # type: ignore[attr-defined]
    request.person = person  # type: ignore[attr-defined]
    request.account = Account(  # type: ignore[attr-defined]
        account_id=account_id,
        username=person.username,
        name=person.name,
        role=actor.role,
        grant_id=held.grant_id if held else None,
        role_words=role.words if role else "",
        scope_words=held.place_name if held else "",
        grants=person.grants,
        second_factor=person.second_factor,
        must_change_password=person.must_change_password,
    )
    ready = actor.role and not person.must_change_password and (person.second_factor or site().demo)
    request.navigation = navigation_of(actor.role) if ready else ()  # type: ignore[attr-defined]
    if request.method == "GET" and not getattr(request, "htmx", False):
        request.messages_shown = told(request)  # type: ignore[attr-defined]
    return ""


def first_steps(request: HttpRequest, view: View | None = None) -> HttpResponse | None:
    """What has to be done before anything else: a new password, a second factor, a choice of role."""
    if getattr(view, "first_step", False) or getattr(view, "for_everybody", False):
        return None
    account: Account = request.account  # type: ignore[attr-defined]
    if account.must_change_password:
        return HttpResponseRedirect(reverse("first-password"))
    if not account.second_factor and not site().demo:
        return HttpResponseRedirect(reverse("second-factor"))
    if not account.role:
        return HttpResponseRedirect(reverse("choose-role"))
    return None


def _to_door(request: HttpRequest, why: str = "") -> HttpResponse:
    """To the sign-in page, and back to where the reader wanted to go."""
    told_too = {"why": why} if why else {}
    if request.method == "GET" and not getattr(request, "htmx", False) and request.path != "/":
        told_too["next"] = request.get_full_path()
    where = reverse("sign-in") + (f"?{urlencode(told_too)}" if told_too else "")
    if getattr(request, "htmx", False):
        return HttpResponse(status=401, headers={"HX-Redirect": where})
    return HttpResponseRedirect(where)


def _ended(request: HttpRequest, why: str, *, open_to_all: bool) -> HttpResponse | None:
    request.session.flush()
    return None if open_to_all else _to_door(request, why)


def refusal_page(request: HttpRequest, refused: Refused) -> HttpResponse:
    """The page of a refusal that nobody put at its field."""
    status = STATUS.get(refused.code, 422)
    facts = [(value_words(name), value) for name, value in refused.facts.items() if name not in _UNSAID]
    context = {"refused": refused, "facts": facts, "status": status}
    return render(request, "people/refused.html", context, status=status)

"""How a form is acted upon: one call, then on to the next page; a refusal is put at its field."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.web.views.lending_forms import put

__all__ = ["actor_of", "done", "status_of"]

# What no field of a form can answer: it gets its own page.
_OWN_PAGE = frozenset({"not_in_scope", "not_your_role", "already_decided", "wrong_stage", "own_step"})


def actor_of(request: HttpRequest) -> Actor:
    """Who asks, as the middleware found out."""
    return request.actor  # type: ignore[attr-defined,no-any-return]


def done(form: forms.BaseForm, act: Callable[[], str]) -> HttpResponse | None:
    """Do it and go to the address it gives; None where it was refused, with the refusal in the form."""
    try:
        return HttpResponseRedirect(act())
    except Refused as refused:
        if refused.code in _OWN_PAGE:
            raise
        put(form, refused)
        return None


def status_of(form: forms.BaseForm) -> int:
    """422 where what was sent is not accepted: the middleware then undoes the transaction."""
    return 422 if form.is_bound and form.errors else 200

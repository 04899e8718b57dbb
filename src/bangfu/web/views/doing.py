"""How a form is acted upon: one call, then on to the next page; a refusal is put at its field."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict

from bangfu.casework.audit_trail.api import value_words
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.words import Words, said
from bangfu.money.fen import format_yuan

__all__ = ["actor_of", "done", "put", "status_of", "told"]

# What no field of a form can answer: it gets its own page.
_OWN_PAGE = frozenset({"not_in_scope", "not_your_role", "already_decided", "wrong_stage", "own_step"})


def actor_of(request: HttpRequest) -> Actor:
    """Who asks, as the middleware found out."""
    return request.actor  # type: ignore[attr-defined,no-any-return]


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, be it nothing but files; None where the page is only looked at."""
    return request.POST if request.method == "POST" else None


def done(form: forms.BaseForm, act: Callable[[], str]) -> HttpResponse | None:
    """Do it and go to the address it gives; None where it was refused, with the refusal in the form."""
    try:
        return HttpResponseRedirect(act())
    except Refused as refused:
        if refused.code in _OWN_PAGE:
            raise
        put(form, refused)
        return None


def put(form: forms.BaseForm, refused: Refused) -> None:
    """Put a refusal at its field, or above all fields."""
    words = told(refused)
    form.add_error(refused.field if refused.field in form.fields else None, said(words.zh, words.en))


def told(refused: Refused) -> Words:
    """A refusal in one sentence: what it is, what it is about, what it rests on."""
    zh, en = [refused.words.zh], [refused.words.en]
    for name, value in refused.facts.items():
        label = Words("", "") if name == "why" else value_words(name)
        shown = _both(
            format_yuan(value, grouped=True) if name.endswith("_fen") and isinstance(value, int) else value
        )
        zh.append(f"{label.zh} {shown.zh}".strip())
        en.append(f"{label.en} {shown.en}".strip())
    if refused.clauses:
        zh.append(f"依据 {'、'.join(refused.clauses)}")
        en.append(f"by {', '.join(refused.clauses)}")
    return Words("；".join(zh) + "。", "; ".join(en) + ".")


def _both(value: object) -> Words:
    return value if isinstance(value, Words) else Words(str(value), str(value))


def status_of(form: forms.BaseForm) -> int:
    """422 where what was sent is not accepted: the middleware then undoes the transaction."""
    return 422 if form.is_bound and form.errors else 200

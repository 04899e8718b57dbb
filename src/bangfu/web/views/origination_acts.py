"""What is done on the page of an application besides writing and reviewing it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from bangfu.casework.database.refusals import Refused
from bangfu.casework.documents.api import LARGEST
from bangfu.casework.origination import api as origination
from bangfu.casework.people import api as people
from bangfu.casework.words import Words
from bangfu.web.marks import tell
from bangfu.web.views import origination_forms as forms
from bangfu.web.views.documents import attached
from bangfu.web.views.origination import page

# Refusals that no field of a form can answer: they get their own page.
_OWN_PAGE = frozenset({"already_decided", "not_your_role", "not_in_scope", "own_step"})


def _done(
    request: HttpRequest, number: str, form: Any, name: str, act: Callable[[], object], words: Words
) -> HttpResponse:
    """Do an act of a form; the page again, with the form and what is wrong, where it is refused."""
    if form.is_valid():
        try:
            act()
        except Refused as refused:
            if refused.code in _OWN_PAGE:
                raise
            forms.put(form, refused)
        else:
            tell(request, "ok", words)
            return HttpResponseRedirect(reverse("application", args=(number,)))
    view = origination.application(actor=request.actor, application_id=number)  # type: ignore[attr-defined]
    return page(request, view, status=422, **{name: form})


@require_POST
def papers(request: HttpRequest, number: str) -> HttpResponse:
    """Keep a paper."""
    form = forms.Paper(request.POST, request.FILES)

    def keep() -> None:
        file = form.cleaned_data["file"]
        if file.size > LARGEST:
            raise Refused("too_large", field="file", most_mb=LARGEST // 1024 // 1024)
        origination.add_paper(
            actor=request.actor, application_id=number, kind=form.cleaned_data["kind"],  # type: ignore[attr-defined]
            name=file.name, content=file.read(),
        )  # fmt: skip

    return _done(request, number, form, "paper_form", keep, Words("已存入。", "Kept."))


@require_POST
def submit(request: HttpRequest, number: str) -> HttpResponse:
    """Hand it to the village."""
    try:
        origination.submit(actor=request.actor, application_id=number)  # type: ignore[attr-defined]
    except Refused as refused:
        if refused.code in _OWN_PAGE:
            raise
        view = origination.application(actor=request.actor, application_id=number)  # type: ignore[attr-defined]
        return page(request, view, status=422, problem=forms.told(refused))
    tell(request, "ok", Words("已提交村“两委”初核。", "Handed to the village."))
    return HttpResponseRedirect(reverse("application", args=(number,)))


@require_POST
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """End it at the applicant's wish."""
    form = forms.Why(request.POST, prefix="withdraw")
    return _done(
        request, number, form, "withdraw_form",
        lambda: origination.withdraw(
            actor=request.actor, application_id=number, reason=form.cleaned_data["reason"]  # type: ignore[attr-defined]
        ),
        Words("已撤回。", "Withdrawn."),
    )  # fmt: skip


@require_POST
def rating(request: HttpRequest, number: str) -> HttpResponse:
    """Record the bank's rating of the household."""
    form = forms.Rated(request.POST)

    def rate() -> None:
        actor = request.actor  # type: ignore[attr-defined]
        view = origination.application(actor=actor, application_id=number)
        origination.rate(actor=actor, household_id=view.household_id, **form.cleaned_data)

    return _done(
        request, number, form, "rating_form", rate, Words("已记录评级授信。", "The rating is on record.")
    )


@require_POST
def ask(request: HttpRequest, number: str) -> HttpResponse:
    """Ask for an exception."""
    form = forms.Ground(request.POST)
    return _done(
        request, number, form, "ground_form",
        lambda: origination.ask_exception(
            actor=request.actor, application_id=number, **form.cleaned_data  # type: ignore[attr-defined]
        ),
        Words("已提出例外申请。", "The exception is asked for."),
    )  # fmt: skip


@require_POST
def decide(request: HttpRequest, number: str, request_id: UUID) -> HttpResponse:
    """Approve or refuse an exception."""
    form = forms.Granted(request.POST)
    return _done(
        request, number, form, "granted_form",
        lambda: origination.decide_exception(
            actor=request.actor, application_id=number, request_id=request_id,  # type: ignore[attr-defined]
            **form.cleaned_data,
        ),
        Words("已办理。", "Done."),
    )  # fmt: skip


@require_POST
def own(request: HttpRequest, number: str) -> HttpResponse:
    """Declare the household as one's own, and step aside."""
    actor = request.actor  # type: ignore[attr-defined]
    view = origination.application(actor=actor, application_id=number)
    origination.declare_own_household(actor=actor, household_id=view.household_id)
    tell(request, "ok", Words("已登记回避，请由他人办理。", "You step aside: somebody else does it."))
    return HttpResponseRedirect(reverse("application", args=(number,)))


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, number: str, field: str) -> HttpResponse:
    """A number in full, for a reason that is kept."""
    actor = request.actor  # type: ignore[attr-defined]
    view = origination.application(actor=actor, application_id=number)
    datum = view.numbers.get(field)
    if datum is None:
        raise Refused("not_in_scope")
    form, value = forms.Why(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        try:
            value = people.reveal(
                actor=actor, table_name="application", row_id=number, field=field, datum_id=datum,
                reason=form.cleaned_data["reason"], scope_area=view.village,
            )  # fmt: skip
        except Refused as refused:
            if refused.code in _OWN_PAGE:
                raise
            forms.put(form, refused)
    context = {"form": form, "view": view, "label": origination.LABELS[field], "value": value, "field": field}
    template = "origination/show_part.html" if getattr(request, "htmx", False) else "origination/show.html"
    return render(request, template, context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def print_in_full(request: HttpRequest, number: str) -> HttpResponse:
    """The A4 form with numbers in full, for signing and sealing: for a reason that is kept."""
    actor = request.actor  # type: ignore[attr-defined]
    form = forms.Why(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            content = origination.filled_form(
                actor=actor, application_id=number, reason=form.cleaned_data["reason"]
            )
        except Refused as refused:
            if refused.code in _OWN_PAGE:
                raise
            forms.put(form, refused)
        else:
            return attached(content, name=f"贷款申请审批表 {number}.pdf", media_type="application/pdf")
    view = origination.application(actor=actor, application_id=number)
    status = 422 if form.errors else 200
    return render(request, "origination/print.html", {"form": form, "view": view}, status=status)

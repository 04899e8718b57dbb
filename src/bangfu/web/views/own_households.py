"""The households declared as an account holder's own: seen, added and ended by an administrator, with a reason."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from bangfu.casework.database.refusals import Refused
from bangfu.casework.origination import api as origination
from bangfu.casework.people import api as people
from bangfu.casework.words import Words, said
from bangfu.web.marks import tell
from bangfu.web.views.accounts import Reasoned
from bangfu.web.views.people import own_table, put

__all__ = ["end", "own_households"]


class Declaring(Reasoned):
    """A household that is the account holder's own."""

    household_id = forms.CharField(
        label=said("户编号", "Household"), max_length=64,
        help_text=said("农户页面上方的编号。", "The number at the top of the household's page."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    field_order = ("household_id", "why")


@require_http_methods(["GET", "HEAD", "POST"])
def own_households(request: HttpRequest, account_id: int) -> HttpResponse:
    """The declarations of an account, and the form for one more."""
    actor = request.actor  # type: ignore[attr-defined]
    found = people.account_of(actor=actor, account_id=account_id)
    form = Declaring(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            origination.declare_own_household(actor=actor, account_id=account_id, **form.cleaned_data)
        except Refused as refused:
            put(form, refused)
        else:
            tell(request, "ok", Words("已登记回避。", "Declared: they step aside."))
            return HttpResponseRedirect(reverse("account-own", args=(account_id,)))
    declared = origination.own_households(actor=actor, account_id=account_id)
    ends = account_id != actor.account_id
    context = {
        "one": found,
        "form": form,
        "table": own_table(declared, account_id=account_id if ends else None),
    }
    return render(request, "people/own_households.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, account_id: int, household_id: str) -> HttpResponse:
    """End a declaration, such as after a divorce; nobody ends their own."""
    actor = request.actor  # type: ignore[attr-defined]
    found = people.account_of(actor=actor, account_id=account_id)
    people.require_other(actor, account_id)
    declared = origination.own_households(actor=actor, account_id=account_id)
    if household_id not in {one.household_id for one in declared}:
        raise Refused("not_in_scope")
    back = reverse("account-own", args=(account_id,))
    form = Reasoned(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            origination.withdraw_declaration(
                actor=actor, account_id=account_id, household_id=household_id, why=form.cleaned_data["why"]
            )
        except Refused as refused:
            put(form, refused)
        else:
            tell(request, "ok", Words("已解除回避。", "They need not step aside any more."))
            return HttpResponseRedirect(back)
    title = Words(
        f"解除回避：{found.name}，农户 {household_id}",
        f"No longer their own: {found.name}, household {household_id}",
    )
    context = {"form": form, "title": title, "back": back}
    return render(request, "people/form.html", context, status=422 if form.errors else 200)

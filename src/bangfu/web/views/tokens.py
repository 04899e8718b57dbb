"""Keys to the API: issued (shown once), listed, revoked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from bangfu.casework.database.refusals import Refused
from bangfu.casework.people import api as people
from bangfu.casework.words import Words, said
from bangfu.web.marks import tell
from bangfu.web.parts import Chip, Column, Table
from bangfu.web.views.people import put

_STATES = {
    "valid": Chip("ok", Words("有效", "valid")),
    "expired": Chip("off", Words("已过期", "expired")),
    "revoked": Chip("bad", Words("已撤销", "revoked")),
}


@require_safe
def tokens(request: HttpRequest) -> HttpResponse:
    """One's own tokens; all of them for an administrator."""
    actor = request.actor  # type: ignore[attr-defined]
    columns = (
        Column("label", Words("用途", "For")),
        Column("role", Words("岗位", "Role")),
        Column("may", Words("可办理", "May")),
        Column("issued", Words("签发", "Issued"), kind="moment", narrow=True),
        Column("expires", Words("到期", "Expires"), kind="moment", narrow=True),
        Column("state", Words("状态", "State"), kind="chip"),
        Column("act", Words("操作", "Action"), link="url"),
    )
    rows = []
    for one in people.tokens(actor=actor):
        state = one.state(actor.now)
        valid = state == "valid"
        rows.append(
            {
                "label": one.label,
                "role": f"{people.ROLES[one.role].words} {one.place}",
                "may": "、".join(str(people.may_words(act)) for act in one.may),
                "issued": one.issued_at,
                "expires": one.expires_at,
                "state": _STATES[state],
                "act": str(Words("撤销", "Revoke")) if valid else "",
                "url": reverse("token-revoke", args=(one.token_id,)) if valid else "",
            }
        )
    table = Table(Words("接口令牌", "API tokens"), columns, rows)
    return render(request, "people/tokens.html", {"table": table})


class Issuing(forms.Form):
    """A new token."""

    label = forms.CharField(label=said("用途", "For"), max_length=64)
    may = forms.MultipleChoiceField(
        label=said("可办理", "May"),
        widget=forms.CheckboxSelectMultiple,
        help_text=said("只勾需要的。", "Only what is needed."),
    )
    days = forms.IntegerField(
        label=said("有效天数", "Days"), min_value=1, max_value=people.LONGEST_DAYS, initial=90,
        widget=forms.NumberInput(attrs={"width": "short"}),
    )  # fmt: skip


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def issue(request: HttpRequest) -> HttpResponse:
    """Issue a token in the role acted in; it is shown once, on the answer."""
    actor = request.actor  # type: ignore[attr-defined]
    people.require(actor, "token.write")
    form = Issuing(request.POST or None)
    acts = [(act, str(people.may_words(act))) for act in people.grantable(actor.role)]
    form.fields["may"].choices = acts  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        told: dict[str, Any] = form.cleaned_data
        try:
            _, raw = people.issue_token(actor=actor, **told)
        except Refused as refused:
            put(form, refused)
        else:
            return render(request, "people/token_issued.html", {"token": raw, "label": told["label"]})
    title = Words("签发接口令牌", "Issue an API token")
    context = {"form": form, "title": title, "back": reverse("tokens")}
    return render(request, "people/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """Revoke a token: asked once more, then void at once."""
    actor = request.actor  # type: ignore[attr-defined]
    found = next((one for one in people.tokens(actor=actor) if one.token_id == token_id), None)
    if found is None:
        raise Refused("not_in_scope")
    if request.method == "POST":
        people.revoke_token(actor=actor, token_id=token_id)
        tell(request, "ok", Words("令牌已撤销。", "The token is void."))
        return HttpResponseRedirect(reverse("tokens"))
    return render(request, "people/token_revoke.html", {"one": found})

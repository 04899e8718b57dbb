"""Accounts for administrators: opened, given roles, closed; what gives power is asked of a second one."""

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
from bangfu.casework.requests import api as requests
from bangfu.casework.words import Words, said
from bangfu.web.fields import DayField
from bangfu.web.marks import tell
from bangfu.web.parts import Chip, Column, Fact, Pager, Table
from bangfu.web.views.people import put, sign_in_table
from bangfu.web.views.registry_shown import page_of
from bangfu.web.views.trail import before_of

SIZE = 50
ASKED = Words("已提交，等待另一名管理员批准。", "Asked for; another administrator has to approve it.")
DONE = Words("已办理。", "Done.")
_STATES = {
    "now": Chip("ok", Words("在任", "now")),
    "past": Chip("off", Words("已结束", "past")),
    "future": Chip("wait", Words("未开始", "to come")),
}
_KINDS = {
    "county": Words("县", "County"),
    "township": Words("乡镇", "Townships"),
    "village": Words("村", "Villages"),
    "bank": Words("银行", "Banks"),
    "branch": Words("信用社", "Branches"),
}


class Find(forms.Form):
    """The filter of the list."""

    find = forms.CharField(label=said("姓名或用户名", "Name or user name"), required=False, max_length=64)
    closed = forms.BooleanField(label=said("已停用的", "Closed ones"), required=False)


@require_safe
def accounts(request: HttpRequest) -> HttpResponse:
    """All accounts, by user name, with the roles of today."""
    form = Find(request.GET)
    form.is_valid()
    page = page_of(request)
    rows, total = people.accounts(
        actor=request.actor,  # type: ignore[attr-defined]
        find=form.cleaned_data.get("find", ""),
        closed=form.cleaned_data.get("closed", False),
        first=(page - 1) * SIZE,
        at_most=SIZE,
    )
    columns = (
        Column("username", Words("用户名", "User name"), link="url"),
        Column("name", Words("姓名", "Name")),
        Column("roles", Words("今天的岗位", "Roles today")),
        Column("last_login", Words("最近登录", "Last signed in"), kind="moment", narrow=True),
        Column("factor", Words("验证器", "Authenticator"), kind="yes", narrow=True),
    )
    told = [
        {
            "username": row.username,
            "name": row.name,
            "url": reverse("account", args=(row.account_id,)),
            "roles": "；".join(_role(role, name or place) for role, place, name in row.roles),
            "last_login": row.last_login,
            "factor": row.second_factor,
        }
        for row in rows
    ]
    pager = Pager(page, max(1, -(-total // SIZE)), total)
    table = Table(Words("账户", "Accounts"), columns, told, pager=pager)
    return render(request, "people/accounts.html", {"form": form, "table": table})


def _role(code: str, place: str) -> str:
    found = people.ROLES.get(code)
    return f"{found.words if found else code} {place}".strip()


class Opening(forms.Form):
    """A new account."""

    username = forms.CharField(
        label=said("用户名", "User name"), max_length=32,
        help_text=said("3到32个小写字母、数字或 . _ -", "3 to 32 small letters, digits or . _ -"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )  # fmt: skip
    name = forms.CharField(label=said("姓名", "Name"), max_length=64)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def open_account(request: HttpRequest) -> HttpResponse:
    """Open an account; its first password is shown once, on the answer."""
    actor = request.actor  # type: ignore[attr-defined]
    people.require(actor, "account.write")
    form = Opening(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            account_id, first = people.open_account(actor=actor, **form.cleaned_data)
        except Refused as refused:
            put(form, refused)
        else:
            context = {"password": first, "account_id": account_id, "username": form.cleaned_data["username"]}
            return render(request, "people/first_password.html", context)
    return _form(request, form, Words("开立账户", "Open an account"), reverse("accounts"))


@require_safe
def account(request: HttpRequest, account_id: int) -> HttpResponse:
    """One account: its roles by place and time, what may be done with it, its sign-ins."""
    actor = request.actor  # type: ignore[attr-defined]
    found = people.account_of(actor=actor, account_id=account_id)
    opened = found.closed_at is None
    context = {
        "one": found,
        "mine": account_id == actor.account_id,
        "subject": f"account:{account_id}",
        "open": opened,
        "facts": [
            Fact(Words("用户名", "User name"), found.username),
            Fact(Words("姓名", "Name"), found.name),
            Fact(Words("开立", "Opened"), found.opened_at, "moment"),
            Fact(Words("停用", "Closed"), found.closed_at, "moment"),
            Fact(Words("最近登录", "Last signed in"), found.last_login, "moment"),
            Fact(Words("须换密码", "Must change the password"), found.must_change_password, "yes"),
            Fact(Words("验证器已设置", "Authenticator set"), found.second_factor, "yes"),
        ],
        "grants": _grants(actor, account_id),
        "signed": sign_in_table(people.sign_ins(actor=actor, account_id=account_id, at_most=20)),
    }
    return render(request, "people/account.html", context)


def _grants(actor: Any, account_id: int) -> Table:
    columns = (
        Column("role", Words("岗位", "Role")),
        Column("place", Words("地点或机构", "Place or institution")),
        Column("start", Words("自", "From"), kind="day", narrow=True),
        Column("until", Words("至（不含）", "Until"), kind="day", narrow=True),
        Column("state", Words("状态", "State"), kind="chip"),
        Column("why", Words("依据", "Ground")),
        Column("by", Words("办理人", "Given by")),
        Column("end", Words("操作", "Action"), link="url"),
    )
    rows = []
    for row in people.grants_of(account_id):
        state = row.state(actor.on)
        rows.append(
            {
                "role": _role(row.role, ""),
                "place": row.place_name,
                "start": row.valid_from,
                "until": row.valid_until,
                "state": _STATES[state],
                "why": row.why,
                "by": row.recorded_by,
                "end": "" if state == "past" else str(Words("终止", "End")),
                "url": ""
                if state == "past"
                else reverse("account-role-end", args=(account_id, row.grant_id)),
            }
        )
    return Table(Words("岗位", "Roles"), columns, rows)


class Reasoned(forms.Form):
    """A reason."""

    why = forms.CharField(
        label=said("理由", "Reason"), max_length=500, min_length=2, widget=forms.Textarea(attrs={"rows": 3})
    )


class Granting(Reasoned):
    """A role in a place for a time."""

    role = forms.ChoiceField(label=said("岗位", "Role"))
    place = forms.ChoiceField(
        label=said("地点或机构", "Place or institution"), required=False,
        help_text=said("系统管理员不选。", "None for an administrator."),
    )  # fmt: skip
    valid_from = DayField(
        label=said("自", "From"), required=False, help_text=said("不填为今天。", "Today if empty.")
    )
    valid_until = DayField(
        label=said("至（不含）", "Until (not included)"),
        required=False,
        help_text=said("不填为长期。", "Open if empty."),
    )
    field_order = ("role", "place", "valid_from", "valid_until", "why")

    def __init__(self, *args: Any, places: list[people.PlaceChoice], **options: Any) -> None:
        super().__init__(*args, **options)
        groups: dict[str, list[tuple[str, str]]] = {}
        for one in places:
            groups.setdefault(one.kind, []).append((one.place, f"{one.name}（{one.place}）"))
        grouped = [(str(_KINDS[kind]), choices) for kind, choices in groups.items()]
        self.fields["place"].choices = [("", "—"), *grouped]  # type: ignore[attr-defined]
        self.fields["role"].choices = [  # type: ignore[attr-defined]
            (code, str(one.words)) for code, one in people.ROLES.items()
        ]


@require_http_methods(["GET", "HEAD", "POST"])
def give_role(request: HttpRequest, account_id: int) -> HttpResponse:
    """Give a role: at once by a lone administrator, else as a request to another."""
    actor = request.actor  # type: ignore[attr-defined]
    found = people.account_of(actor=actor, account_id=account_id)
    form = Granting(request.POST or None, places=people.places(on=actor.on))
    if request.method == "POST" and form.is_valid():
        told = dict(form.cleaned_data)
        why = told.pop("why")
        try:
            people.check_grant(actor=actor, account_id=account_id, **told)
            if people.second_needed(actor):
                plain = {"role": told["role"], "place": told["place"], "account_id": account_id}
                plain |= {
                    key: told[key].isoformat() if told[key] else "" for key in ("valid_from", "valid_until")
                }
                plain["valid_from"] = plain["valid_from"] or actor.on.isoformat()
                _ask(actor, "account.grant", account_id, plain, why)
                words = ASKED
            else:
                people.grant_role(actor=actor, account_id=account_id, why=why, **told)
                words = DONE
        except Refused as refused:
            put(form, refused)
        else:
            return _back(request, account_id, words)
    return _form(
        request, form, Words(f"授予岗位：{found.name}", f"Give a role: {found.name}"), _url(account_id)
    )


@require_http_methods(["GET", "HEAD", "POST"])
def end_role(request: HttpRequest, account_id: int, grant_id: int) -> HttpResponse:
    """End a role: at once, but for another administrator's, which a second one must approve."""

    def act(actor: Any, why: str) -> Words:
        try:
            people.end_role(actor=actor, grant_id=grant_id, why=why)
        except Refused as refused:
            if refused.code != "second_person_needed":
                raise
            details = {"account_id": account_id, "grant_id": grant_id}
            _ask(actor, "account.end_role", account_id, details, why)
            return ASKED
        return DONE

    return _reasoned(request, account_id, Words("终止岗位", "End a role"), act)


@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest, account_id: int) -> HttpResponse:
    """Close an account: at once."""

    def act(actor: Any, why: str) -> Words:
        people.close_account(actor=actor, account_id=account_id, why=why)
        return Words("账户已停用。", "The account is closed.")

    return _reasoned(request, account_id, Words("停用账户", "Close the account"), act)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reset_password(request: HttpRequest, account_id: int) -> HttpResponse:
    """A new first password, shown once on the answer."""
    actor = request.actor  # type: ignore[attr-defined]
    found = people.account_of(actor=actor, account_id=account_id)
    form = Reasoned(request.POST or None)
    if request.method == "POST" and form.is_valid():
        first = people.reset_password(actor=actor, account_id=account_id, why=form.cleaned_data["why"])
        context = {"password": first, "account_id": account_id, "username": found.username}
        return render(request, "people/first_password.html", context)
    words = Words(f"重设密码：{found.name}", f"Reset the password: {found.name}")
    return _form(request, form, words, _url(account_id))


@require_http_methods(["GET", "HEAD", "POST"])
def lost_factor(request: HttpRequest, account_id: int) -> HttpResponse:
    """A lost phone: void the authenticator, by two administrators where there are two."""

    def act(actor: Any, why: str) -> Words:
        people.require_other(actor, account_id)
        if people.second_needed(actor):
            _ask(actor, "account.second_factor_lost", account_id, {"account_id": account_id}, why)
            return ASKED
        people.second_factor_lost(actor=actor, account_id=account_id, why=why)
        return DONE

    return _reasoned(request, account_id, Words("验证器遗失", "Authenticator lost"), act)


class HandingOver(Reasoned):
    """To whom."""

    to_id = forms.TypedChoiceField(label=said("接收人", "To"), coerce=int)
    field_order = ("to_id", "why")


@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: HttpRequest, account_id: int) -> HttpResponse:
    """Hand all work of an officer to another: always a request, with what would move shown to who decides."""
    actor = request.actor  # type: ignore[attr-defined]
    found = people.account_of(actor=actor, account_id=account_id)
    others, _ = people.accounts(actor=actor, at_most=1000)
    form = HandingOver(request.POST or None)
    form.fields["to_id"].choices = [  # type: ignore[attr-defined]
        (one.account_id, f"{one.name}（{one.username}）") for one in others if one.account_id != account_id
    ]
    if request.method == "POST" and form.is_valid():
        details = {"from_id": account_id, "to_id": form.cleaned_data["to_id"]}
        try:
            _ask(actor, "account.hand_over", account_id, details, form.cleaned_data["why"])
        except Refused as refused:
            put(form, refused)
        else:
            return _back(request, account_id, ASKED)
    words = Words(f"工作交接：{found.name}", f"Hand over the work of {found.name}")
    return _form(request, form, words, _url(account_id))


class Holding(forms.Form):
    """The filter of who holds what."""

    on = DayField(label=said("截至日期", "As of"), required=False)
    role = forms.ChoiceField(label=said("岗位", "Role"), required=False)
    place = forms.CharField(
        label=said("区划代码或机构号", "Place or institution"), required=False, max_length=64
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        roles = [(code, str(one.words)) for code, one in people.ROLES.items()]
        self.fields["role"].choices = [("", str(Words("全部", "All"))), *roles]  # type: ignore[attr-defined]


@require_safe
def holders(request: HttpRequest) -> HttpResponse:
    """Who holds which role where, as of a day."""
    actor = request.actor  # type: ignore[attr-defined]
    form = Holding(request.GET)
    form.is_valid()
    told = form.cleaned_data
    rows = people.holders(
        actor=actor, on=told.get("on") or actor.on, role=told.get("role", ""), place=told.get("place", "")
    )  # fmt: skip
    columns = (
        Column("role", Words("岗位", "Role")),
        Column("place", Words("地点或机构", "Place or institution")),
        Column("code", Words("代码", "Code"), narrow=True),
        Column("name", Words("姓名", "Name"), link="url"),
        Column("start", Words("自", "From"), kind="day", narrow=True),
        Column("until", Words("至（不含）", "Until"), kind="day", narrow=True),
    )
    listed = [
        {"role": _role(one.role, ""), "place": one.place_name, "code": one.place, "name": one.name,
         "url": _url(one.account_id), "start": one.valid_from, "until": one.valid_until}
        for one in rows
    ]  # fmt: skip
    table = Table(Words("岗位一览", "Who holds which role"), columns, listed)
    return render(request, "people/holders.html", {"form": form, "table": table})


@require_safe
def sign_ins(request: HttpRequest) -> HttpResponse:
    """The sign-in log, newest first."""
    actor = request.actor  # type: ignore[attr-defined]
    people.require(actor, "account.write")
    rows = people.sign_ins(actor=actor, before_row=before_of(request), at_most=SIZE + 1)
    older = rows[SIZE - 1].row_id if len(rows) > SIZE else None
    table = sign_in_table(rows[:SIZE], caption=Words("登录记录", "Sign-ins"))
    return render(request, "people/sign_ins.html", {"table": table, "older": older})


def _ask(actor: Any, kind: str, account_id: int, details: dict[str, Any], why: str) -> None:
    requests.ask(actor=actor, kind=kind, subject=("account", account_id), details=details, why=why)


def _reasoned(request: HttpRequest, account_id: int, title: Words, act: Any) -> HttpResponse:
    """An act that needs a reason, on its own page."""
    actor = request.actor  # type: ignore[attr-defined]
    found = people.account_of(actor=actor, account_id=account_id)
    form = Reasoned(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            words = act(actor, form.cleaned_data["why"])
        except Refused as refused:
            put(form, refused)
        else:
            return _back(request, account_id, words)
    return _form(
        request, form, Words(f"{title.zh}：{found.name}", f"{title.en}: {found.name}"), _url(account_id)
    )


def _form(request: HttpRequest, form: forms.Form, title: Words, back: str) -> HttpResponse:
    context = {"form": form, "title": title, "back": back}
    return render(request, "people/form.html", context, status=422 if form.errors else 200)


def _url(account_id: int) -> str:
    return reverse("account", args=(account_id,))


def _back(request: HttpRequest, account_id: int, words: Words) -> HttpResponse:
    tell(request, "ok", words)
    return HttpResponseRedirect(_url(account_id))

"""The door and one's own account: sign-in, sign-out, the choice of role, password and second factor."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from bangfu.casework.database.refusals import REFUSALS, Refused
from bangfu.casework.database.session import Scope, entered
from bangfu.casework.origination import api as origination
from bangfu.casework.people import api as people
from bangfu.casework.people.api import demo_accounts, known, noted
from bangfu.casework.words import Words, said
from bangfu.web import sessions
from bangfu.web.marks import first_step, on_its_own, own_transactions, tell
from bangfu.web.parts import Chip, Column, Fact, Table
from bangfu.web.pictures import qr_of
from bangfu.web.sources import site

_ENDED = {
    "idle": Words(
        "30分钟没有操作，已自动退出，请重新登录。", "Signed out after 30 minutes without activity."
    ),
    "longest": Words("登录已满8小时，请重新登录。", "Signed out after 8 hours."),
    "changed": Words(
        "密码或岗位已变动，请重新登录。", "Your password or roles changed: please sign in again."
    ),
    "out": Words("已退出。", "You are signed out."),
}


_OUTCOMES = {
    "ok": Chip("ok", Words("登录成功", "signed in")),
    "wrong_password": Chip("bad", Words("密码错误", "wrong password")),
    "wrong_code": Chip("bad", Words("验证码错误", "wrong code")),
    "unknown": Chip("bad", Words("没有此用户", "no such user")),
    "closed": Chip("bad", Words("账户已停用", "account closed")),
    "locked": Chip("bad", Words("锁定中", "locked")),
    "signed_out": Chip("off", Words("退出", "signed out")),
}


class SignInForm(forms.Form):
    """What is asked at the door."""

    username = forms.CharField(
        label=said("用户名", "User name"),
        max_length=64,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    password = forms.CharField(
        label=said("密码", "Password"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    code = forms.CharField(
        label=said("六位验证码", "Six-digit code"),
        required=False,
        max_length=12,
        help_text=said(
            "手机验证器上的六位数字；第一次登录还没有，留空。",
            "From your phone; leave empty at the first sign-in.",
        ),
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "width": "short"}
        ),
    )


@sensitive_post_parameters("password", "code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@on_its_own
def sign_in(request: HttpRequest) -> HttpResponse:
    """The door for staff. Transactions are its own: a failure must stay written."""
    if request.method == "GET" and sessions.ACCOUNT in request.session and "why" not in request.GET:
        return HttpResponseRedirect(reverse("front"))
    form = SignInForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            answer = _let_in(request, form)
            if answer is not None:
                return answer
            status = 429 if getattr(request, "axes_locked_out", False) else 422
    demo = demo_accounts(now=timezone.now()) if site().demo else ()
    context = {
        "form": form,
        "ended": _ENDED.get(request.GET.get("why", "")),
        "next": request.POST.get("next", request.GET.get("next", "")),
        "demo_accounts": demo,
        "demo_password": demo[0].password if demo else "",
    }
    return render(request, "people/sign_in.html", context, status=status)


def _let_in(request: HttpRequest, form: SignInForm) -> HttpResponse | None:
    """Sign in; None where the door stays shut, with the reason on the form (the same whatever was wrong)."""
    now, told, address = timezone.now(), form.cleaned_data, sessions.address_of(request)
    # As the lock counts: “Village ” is no other name than “village”.
    username = people.folded(told["username"])
    account = authenticate(
        request, username=username, password=told["password"], code=told["code"], now=now, address=address
    )  # fmt: skip
    if account is None:
        locked = getattr(request, "axes_locked_out", False)
        if locked:
            noted(username=username, outcome="locked", now=now, address=address)
        words = REFUSALS["locked_out" if locked else "wrong_sign_in"]
        form.add_error(None, forms.ValidationError(said(words.zh, words.en)))
        return None
    with entered(Scope(account_id=account.pk)):
        user_logged_in.send(sender=type(account), request=request, user=account)
        person = known(account_id=account.pk, now=now)
    if person is None:
        return None
    sessions.begin(request, person, now=now)
    rotate_token(request)
    after = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(after, allowed_hosts=None):
        after = "/"
    return HttpResponseRedirect(after)


def locked_out(request: HttpRequest, response: HttpResponse, credentials: Any) -> HttpResponse:  # noqa: ARG001
    """What django-axes answers where the door is locked: our own page, as the view made it."""
    return response


@require_POST
@first_step
@own_transactions
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out, and say so in the log."""
    actor = request.actor  # type: ignore[attr-defined]
    username = request.account.username  # type: ignore[attr-defined]
    noted(username=username, outcome="signed_out", now=actor.now, address=actor.address)
    sessions.end(request)
    return HttpResponseRedirect(reverse("sign-in") + "?why=out")


@require_http_methods(["GET", "HEAD", "POST"])
@first_step
def choose_role(request: HttpRequest) -> HttpResponse:
    """In which role to act: one at a time."""
    account = request.account  # type: ignore[attr-defined]
    if request.method == "POST":
        asked = request.POST.get("grant", "")
        held = next((one for one in account.grants if str(one.grant_id) == asked), None)
        if held is None:
            raise Refused("not_in_scope")
        sessions.went_on(request, request.person, grant_id=held.grant_id)  # type: ignore[attr-defined]
        return HttpResponseRedirect(reverse("front"))
    held_roles = [(one, people.ROLES[one.role].words) for one in account.grants if one.role in people.ROLES]
    return render(request, "people/choose_role.html", {"held_roles": held_roles})


@require_http_methods(["GET", "HEAD"])
def my_account(request: HttpRequest) -> HttpResponse:
    """One's own account: roles, password, second factor, the latest sign-ins."""
    actor, account = request.actor, request.account  # type: ignore[attr-defined]
    rows = people.sign_ins(actor=actor, account_id=actor.account_id, at_most=20)
    factor = Words("已设置", "set") if account.second_factor else Words("未设置", "not set")
    context = {
        "facts": [
            Fact(Words("用户名", "User name"), account.username),
            Fact(Words("姓名", "Name"), account.name),
            Fact(Words("当前岗位", "Acting as"), account.role_words),
            Fact(Words("地点或机构", "Place or institution"), account.scope_words),
            Fact(Words("验证器", "Authenticator"), factor),
        ],
        "table": sign_in_table(rows),
        "own": own_table(origination.own_households(actor=actor, account_id=actor.account_id)),
    }
    return render(request, "people/my_account.html", context)


def sign_in_table(rows: list[people.SignInRow], *, caption: Words | None = None) -> Table:
    """The sign-in log as a table."""
    columns = (
        Column("at", Words("时间", "Time"), kind="moment", narrow=True),
        Column("username", Words("用户名", "User name")),
        Column("outcome", Words("结果", "Outcome"), kind="chip"),
        Column("address", Words("来源地址", "From")),
    )
    told = [
        {
            "at": row.at,
            "username": row.username,
            "outcome": _OUTCOMES.get(row.outcome),
            "address": row.address,
        }
        for row in rows
    ]
    return Table(caption or Words("最近登录", "Latest sign-ins"), columns, told)


def own_table(declared: tuple[origination.Declared, ...], *, account_id: int | None = None) -> Table:
    """The declarations; with an account's id each can be ended."""
    rows = [
        {
            "household": one.household_id,
            "since": one.since,
            "by": one.by,
            "end": str(Words("解除", "End")),
            "url": reverse("account-own-end", args=(account_id, one.household_id)) if account_id else "",
        }
        for one in declared
    ]
    columns = (
        Column("household", Words("户编号", "Household"), narrow=True),
        Column("since", Words("申报时间", "Declared"), kind="moment", narrow=True),
        Column("by", Words("申报人", "Declared by")),
    )
    words = Words("没有申报过本人家庭", "No household is declared as their own")
    act = (Column("end", Words("操作", "Action"), link="url"),) if account_id else ()
    return Table(Words("本人家庭（回避）", "Own households"), (*columns, *act), rows, empty=words)


class PasswordForm(forms.Form):
    """A new password."""

    old = forms.CharField(
        label=said("现在的密码", "Present password"), max_length=256, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )  # fmt: skip
    new = forms.CharField(
        label=said("新密码", "New password"), max_length=256, strip=False,
        help_text=said("至少10位，不能全是数字，不能是常见密码，不能与姓名、用户名相似。",
                       "At least 10 characters, not all digits, no common one, unlike your name."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
    again = forms.CharField(
        label=said("再输一次", "Once more"), max_length=256, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Twice the same."""
        told: dict[str, Any] = super().clean() or {}
        if told.get("new") and told.get("again") and told["new"] != told["again"]:
            self.add_error("again", forms.ValidationError(said("两次输入不一样。", "The two differ.")))
        return told


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@first_step
def password(request: HttpRequest) -> HttpResponse:
    """Choose a new password; every other session of the account ends."""
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actor = request.actor  # type: ignore[attr-defined]
        told = form.cleaned_data
        try:
            people.change_password(actor=actor, old=told["old"], new=told["new"])
        except Refused as refused:
            put(form, refused)
        else:
            return _renewed(
                request, Words("密码已更换，其他登录已退出。", "Password changed; other sessions ended.")
            )
    first = request.account.must_change_password  # type: ignore[attr-defined]
    status = 422 if form.errors else 200
    return render(request, "people/password.html", {"form": form, "first": first}, status=status)


class CodeForm(forms.Form):
    """The first six digits."""

    code = forms.CharField(
        label=said("验证器上的六位数字", "Six digits on the phone"), max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "width": "short"}),
    )  # fmt: skip


_SECRET = "new_factor"  # noqa: S105 - the name of a key of the session


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@first_step
def second_factor(request: HttpRequest) -> HttpResponse:
    """Set up the second factor: the secret on the phone, a first code back."""
    account = request.account  # type: ignore[attr-defined]
    if account.second_factor:
        return HttpResponseRedirect(reverse("my-account"))
    secret = request.session.get(_SECRET) or people.fresh_secret()
    request.session[_SECRET] = secret
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            people.second_factor_set(
                actor=request.actor, secret=secret, code=form.cleaned_data["code"]  # type: ignore[attr-defined]
            )  # fmt: skip
        except Refused as refused:
            put(form, refused)
        else:
            del request.session[_SECRET]
            return _renewed(
                request, Words("验证器已设置，以后每次登录都要用。", "Set: asked for at every sign-in.")
            )
    here = site()
    told = people.address(secret=secret, username=account.username, issuer=here.name_en)
    context = {"form": form, "grouped": people.grouped(secret), "picture": qr_of(told), "address": told}
    return render(request, "people/second_factor.html", context, status=422 if form.errors else 200)


def put(form: forms.Form, refused: Refused) -> None:
    """A refusal at the field it is about; one of another kind goes on to its own page."""
    if refused.field not in form.fields:
        raise refused
    for reason in refused.facts.get("reasons") or [refused.words]:
        form.add_error(refused.field, forms.ValidationError(said(reason.zh, reason.en)))


def _renewed(request: HttpRequest, words: Words) -> HttpResponse:
    """This session goes on under a new key; all others of the account have the old stamp and end."""
    actor = request.actor  # type: ignore[attr-defined]
    person = known(account_id=actor.account_id, now=actor.now)
    if person is not None:
        sessions.went_on(request, person)
    tell(request, "ok", words)
    return HttpResponseRedirect(reverse("front"))

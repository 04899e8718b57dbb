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

from bangfu.casework.database.refusals import REFUSALS
from bangfu.casework.database.session import Scope, entered
from bangfu.casework.people.api import demo_accounts, known, noted
from bangfu.casework.words import Words
from bangfu.web import sessions
from bangfu.web.marks import first_step, for_everybody, on_its_own, own_transactions
from bangfu.web.sources import site

_ENDED = {
    "idle": Words("30分钟没有操作，已自动退出，请重新登录。", "Signed out after 30 minutes without activity."),
    "longest": Words("登录已满8小时，请重新登录。", "Signed out after 8 hours."),
    "changed": Words("密码或岗位已变动，请重新登录。", "Your password or roles changed: please sign in again."),
    "out": Words("已退出。", "You are signed out."),
}


class SignInForm(forms.Form):
    """What is asked at the door."""

    username = forms.CharField(
        label=Words("用户名", "User name"),
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label=Words("密码", "Password"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    code = forms.CharField(
        label=Words("六位验证码", "Six-digit code"),
        required=False,
        max_length=12,
        help_text=Words("手机验证器上的六位数字；第一次登录还没有，留空。", "From your phone; leave empty at the first sign-in."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "width": "short"}),
    )


@sensitive_post_parameters("password", "code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@on_its_own
def sign_in(request: HttpRequest) -> HttpResponse:
    """The door for staff. Transactions are its own: a failure must stay written."""
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
    account = authenticate(
        request, username=told["username"], password=told["password"], code=told["code"], now=now, address=address
    )  # fmt: skip
    if account is None:
        locked = getattr(request, "axes_locked_out", False)
        if locked:
            noted(username=told["username"], outcome="locked", now=now, address=address)
        form.add_error(None, forms.ValidationError(REFUSALS["locked_out" if locked else "wrong_sign_in"]))
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

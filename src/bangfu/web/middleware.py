"""Around every request: measured, protected by headers, in the reader's language, by a known person."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers

from bangfu.web.logs import REQUEST_ID
from bangfu.web.measures import observed
from bangfu.web.sessions import answered

Answer = Callable[[HttpRequest], HttpResponse]
LANGUAGE_COOKIE = "language"
CHINESE, ENGLISH = "zh-hans", "en"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_QUIET = frozenset({"healthz", "metrics"})
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)
_PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()"

log = logging.getLogger("bangfu.web.access")


class Measured:
    """Counts and times requests, gives each an id, and writes one line of log without path or query."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, measured."""
        request_id = uuid.uuid4().hex[:12]
        request.request_id = request_id  # type: ignore[attr-defined]
        held = REQUEST_ID.set(request_id)
        began = time.perf_counter()
        try:
            response = self.answer(request)
            seconds = time.perf_counter() - began
            response["X-Request-ID"] = request_id
            _told(request, response, seconds)
        finally:
            REQUEST_ID.reset(held)
        return response


def _told(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    match = request.resolver_match
    view = (match.view_name or "unnamed") if match else ("static" if response.status_code < 400 else "none")  # noqa: PLR2004
    method = request.method if request.method in _METHODS else "other"
    observed(view=view, method=method or "other", status=response.status_code, seconds=seconds)
    if view not in _QUIET:
        extra = {
            "view": view,
            "route": match.route if match else "",
            "method": method,
            "status": response.status_code,
            "ms": round(seconds * 1000),
        }
        log.info("answered", extra=extra)


class Headers:
    """What browsers may do with our pages; nothing is kept by caches unless a view says it may."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with headers."""
        response = self.answer(request)
        response.headers.setdefault("Content-Security-Policy", _POLICY)
        response.headers.setdefault("Permissions-Policy", _PERMISSIONS)
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["X-Frame-Options"] = "DENY"
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if "Cache-Control" not in response.headers or getattr(request, "account", None) is not None:
            response.headers["Cache-Control"] = "no-store"
        return response


class Language:
    """Chinese, or English where the reader chose it (a cookie that ``/language`` sets)."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the reader's language."""
        chosen = ENGLISH if request.COOKIES.get(LANGUAGE_COOKIE) == ENGLISH else CHINESE
        request.LANGUAGE_CODE = chosen
        with translation.override(chosen):
            response = self.answer(request)
        response.headers.setdefault("Content-Language", "en" if chosen == ENGLISH else "zh-CN")
        patch_vary_headers(response, ("Cookie",))
        return response


class SignedIn:
    """Knows who asks, and answers inside one transaction in their scope (``bangfu.web.sessions``)."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a known person."""
        return self.answer(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponse],
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
    ) -> HttpResponse | None:
        """The view's answer, given here so that its transaction ends before anything is sent."""
        return answered(request, view, args, kwargs, now=timezone.now())

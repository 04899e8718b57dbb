"""The API put together: its endpoints, its errors, its description, its page."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI

from bangfu.casework.database.refusals import Refused
from bangfu.web.api import applications, households, loans, policies
from bangfu.web.api.door import Door
from bangfu.web.api.errors import handled, problem
from bangfu.web.api.wire import StrictParser
from bangfu.web.marks import on_its_own

__all__ = ["api", "no_such_address", "patterns"]

api = NinjaAPI(
    title="帮扶小额信贷平台接口 · Bangfu API",
    version="1",
    description=(
        "金额一律为整数分（_fen），利率一律为整数 1e-8（_e8，3.75% 为 3750000），日期为 ISO 8601。"
        "写操作须带 Idempotency-Key。错误一律为 {code, zh, en, field, facts, clauses}。\n\n"
        "Amounts are whole fen (_fen), rates whole 1e-8 (_e8; 3.75 % is 3750000), days ISO 8601. "
        "Writes need an Idempotency-Key. Errors are {code, zh, en, field, facts, clauses}."
    ),
    openapi_url="openapi.json",
    docs_url=None,
    urls_namespace="api",
    auth=Door(),
    parser=StrictParser(),
)
handled(api)
for _router in (policies.router, households.router, applications.router, loans.router):
    api.add_router("", _router)


@on_its_own
def no_such_address(_request: HttpRequest, _rest: str = "") -> HttpResponse:
    """Nothing lies there."""
    return problem(Refused("not_in_scope"))


def patterns() -> list[URLPattern | URLResolver]:
    """The addresses of the endpoints, each answering wrong methods in the shape of errors."""
    found: list[URLPattern | URLResolver] = []
    for pattern in api.urls[0]:
        if isinstance(pattern, URLPattern):
            pattern.callback = _named(pattern.callback)
        found.append(pattern)
    return found


def _named(view: Callable[..., Any]) -> Callable[..., HttpResponse]:
    @on_its_own
    @functools.wraps(view)
    def inside(request: HttpRequest, *args: Any, **values: Any) -> HttpResponse:
        response: HttpResponse = view(request, *args, **values)
        if isinstance(response, HttpResponseNotAllowed) or response.status_code == 405:  # noqa: PLR2004
            told = problem(Refused("wrong_method"))
            told["Allow"] = response.get("Allow", "")
            return told
        return response

    return inside

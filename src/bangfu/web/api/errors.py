"""Every refusal in one shape: code, words in both languages, field, facts, clauses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from bangfu.casework.database.refusals import REFUSALS, Refused
from bangfu.casework.words import Words
from bangfu.refusals import CODES
from bangfu.refusals import Refused as CoreRefused
from bangfu.web.api.shapes import ProblemOut

__all__ = ["ANSWERS", "STATUS", "handled", "problem"]

STATUS: Mapping[str, int] = {
    "not_signed_in": 401, "not_your_role": 403, "own_step": 403, "not_in_scope": 404, "wrong_method": 405,
    "already_decided": 409, "content_changed": 409, "duplicate": 409, "key_reused": 409, "rests_on": 409,
    "wrong_stage": 409, "too_large": 413, "wrong_media_type": 415, "rate_limited": 429, "locked_out": 429,
    "bad_json": 400,
}  # fmt: skip
_UNPROCESSABLE = 422
# Of every endpoint, for its description.
ANSWERS: Mapping[Any, Any] = {frozenset({400, 401, 403, 404, 405, 409, 413, 415, 422, 429}): ProblemOut}
_MISSING, _FORBIDDEN = "missing", "extra_forbidden"


def problem(refused: Refused) -> HttpResponse:
    """The answer that a refusal makes."""
    status = STATUS.get(refused.code, _UNPROCESSABLE)
    words = refused.words
    body = {
        "code": refused.code, "zh": words.zh, "en": words.en, "field": refused.field,
        "facts": {name: _plain(value) for name, value in refused.facts.items() if name != "act"},
        "clauses": list(refused.clauses),
    }  # fmt: skip
    response = JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})
    if status == 401:  # noqa: PLR2004
        response["WWW-Authenticate"] = 'Bearer realm="bangfu"'
    if status == 429:  # noqa: PLR2004
        response["Retry-After"] = str(refused.facts.get("wait_s", 60))
    return response


def _plain(value: Any) -> Any:
    if isinstance(value, Words):
        return {"zh": value.zh, "en": value.en}
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    return value if isinstance(value, str | int | bool | None) else str(value)


def handled(api: NinjaAPI) -> None:
    """Teach an API to answer refusals so; faults of ours go on to Django, which logs them."""
    api.exception_handler(Refused)(lambda _request, refused: problem(refused))
    api.exception_handler(CoreRefused)(_of_the_core)
    api.exception_handler(ValidationError)(_of_the_shape)
    api.exception_handler(AuthenticationError)(lambda _request, _error: problem(Refused("not_signed_in")))
    api.exception_handler(HttpError)(_of_http)
    api.exception_handler(Http404)(lambda _request, _error: problem(Refused("not_in_scope")))


def _of_the_core(_request: HttpRequest, refused: CoreRefused) -> HttpResponse:
    why = refused.refusal
    words = CODES[why.code]
    told: dict[str, Any] = {"why": why.code, "why_zh": words.zh, "why_en": words.en, **why.facts}
    return problem(Refused("core_refuses", clauses=tuple(why.clauses), **told))


def _of_http(_request: HttpRequest, error: HttpError) -> HttpResponse:
    if isinstance(error.__cause__, Refused):  # what the parser refused comes wrapped
        return problem(error.__cause__)
    code = {401: "not_signed_in", 403: "not_your_role", 404: "not_in_scope", 413: "too_large"}.get(
        error.status_code, "bad_json"
    )
    return problem(Refused(code))


def _of_the_shape(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    """The first thing wrong with the shape, by its field; how many more there are."""
    found = error.errors[0] if error.errors else {}
    kind = str(found.get("type", ""))
    field = ".".join(str(part) for part in found.get("loc", ())[1:])[:128]
    code = "missing_field" if kind == _MISSING else "unknown_field" if kind == _FORBIDDEN else "bad_field"
    if code not in REFUSALS:
        code = "bad_field"
    return problem(
        Refused(code, field=field, why=str(found.get("msg", ""))[:200], more=max(0, len(error.errors) - 1))
    )

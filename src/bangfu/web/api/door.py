"""The door: a token, how often it asks, the one transaction in its scope, and a key that makes a write happen once."""

from __future__ import annotations

import functools
import hashlib
import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from ninja import Schema
from ninja.security import HttpBearer
from pydantic import BaseModel

from bangfu.casework.database.refusals import Refused
from bangfu.casework.database.session import Scope, entered
from bangfu.casework.people import api as people
from bangfu.web.api.wire import MOST_BYTES, clean

__all__ = ["MOST_A_MINUTE", "Door", "bearer_of", "needs", "tagged"]

MOST_A_MINUTE = 600
_KEY = re.compile(r"[\x21-\x7e]{8,128}")
_KEY_HEADER = "Idempotency-Key"
_LONGEST_TOKEN = 256
View = Callable[..., Any]


class Door(HttpBearer):
    """``Authorization: Bearer <token>``; every use is counted, whatever comes of it."""

    openapi_description = (
        "接口令牌，由县联社或系统管理员签发 · a token issued by the county bank or an administrator"
    )

    def authenticate(self, request: HttpRequest, token: str) -> people.Bearer | None:
        """Who comes with the token.

        Raises:
            Refused: ``too_large``, ``rate_limited``.
        """
        length = str(request.META.get("CONTENT_LENGTH") or "0")
        if not length.isdigit() or int(length) > MOST_BYTES:
            raise Refused("too_large", most_bytes=MOST_BYTES)
        if len(token) > _LONGEST_TOKEN or not token.isascii():
            return None
        address = str(request.META.get("REMOTE_ADDR", ""))
        bearer = people.actor_of_token(token, timezone.now(), address=address)
        if bearer is None:
            return None
        with entered(Scope(account_id=bearer.actor.account_id)):
            times = people.counted(actor=bearer.actor, token_id=bearer.token_id)
        people.over(times=times, most=MOST_A_MINUTE, now=bearer.actor.now)
        return bearer


def bearer_of(request: HttpRequest) -> people.Bearer:
    """Who asks."""
    found: people.Bearer = request.auth  # type: ignore[attr-defined]
    return found


def needs(act: str, *, once: bool = False, status: int = 200) -> Callable[[View], View]:
    """An endpoint that asks for an act, runs in one transaction in the token's scope, and knows its own fields.

    Args:
        act: The act the token must be issued for; empty for those every token may ask.
        once: A write: it needs an ``Idempotency-Key``, and the same key is answered the same, done once.
        status: Of its answer.
    """

    def wrap(view: View) -> View:
        signature = inspect.signature(view, eval_str=True)
        known = _query_names(signature)

        @functools.wraps(view)
        def inside(request: HttpRequest, **values: Any) -> Any:
            bearer = bearer_of(request)
            for name in request.GET:
                if name not in known:
                    raise Refused("unknown_field", field=name[:64])
            clean([value for value in values.values() if isinstance(value, str)])
            with entered(bearer.actor.scope):
                if act:
                    bearer.require(act)
                if not once:
                    return view(request, **values)
                return _once(request, bearer, view, values, status)

        del inside.__wrapped__
        inside.__signature__ = signature  # type: ignore[attr-defined]
        return inside

    return wrap


def _query_names(signature: inspect.Signature) -> frozenset[str]:
    names: set[str] = set()
    for name, parameter in signature.parameters.items():
        kind = parameter.annotation
        kind = getattr(kind, "__origin__", kind)
        if inspect.isclass(kind) and issubclass(kind, BaseModel):
            names.update(kind.model_fields)
        else:
            names.add(name)
    return frozenset(names)


def _once(
    request: HttpRequest, bearer: people.Bearer, view: View, values: Mapping[str, Any], status: int
) -> HttpResponse:
    key = request.headers.get(_KEY_HEADER, "")
    if not key:
        raise Refused("missing_field", field=_KEY_HEADER)
    if not _KEY.fullmatch(key):
        raise Refused("bad_field", field=_KEY_HEADER)
    asked = b"\n".join(
        (str(request.method).encode(), request.path.encode("utf-8", "surrogatepass"), request.body)
    )
    before = people.answered_before(actor=bearer.actor, key=key, asked=asked)
    if before is not None:
        response = JsonResponse(before.body, status=before.status, json_dumps_params={"ensure_ascii": False})
        response["Idempotency-Replayed"] = "true"
        return response
    result: Schema = view(request, **values)
    body = result.model_dump(mode="json")
    people.keep_answer(actor=bearer.actor, key=key, asked=asked, status=status, body=body)
    return JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})


def tagged(request: HttpRequest, body: Schema) -> HttpResponse:
    """An answer with its ETag; 304 where the asker has it already."""
    content = body.model_dump_json().encode()
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    return HttpResponse(content, content_type="application/json", headers={"ETag": tag})

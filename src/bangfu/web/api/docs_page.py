"""The API described on one page, made from its OpenAPI document: no script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bangfu.casework.database.refusals import REFUSALS
from bangfu.casework.words import Words
from bangfu.web.api.errors import STATUS
from bangfu.web.api.service import api
from bangfu.web.marks import for_everybody

__all__ = ["docs_page"]

_START = "/api/v1/"


@dataclass(frozen=True)
class Argument:
    """A field of a question: its name, where it stands, its type, whether it is needed."""

    name: str
    where: str
    kind: str
    needed: bool


@dataclass(frozen=True)
class Endpoint:
    """An address with its method, what it does and what it takes."""

    method: str
    path: str
    summary: str
    text: str
    once: bool
    arguments: tuple[Argument, ...]
    anchor: str


@for_everybody
def docs_page(request: HttpRequest) -> HttpResponse:
    """The page."""
    codes = [(code, STATUS.get(code, 422), words) for code, words in REFUSALS.items()]
    return render(
        request,
        "lending/api.html",
        {"endpoints": _endpoints(), "codes": codes, "title": Words("接口", "API")},
    )


@cache
def _endpoints() -> tuple[Endpoint, ...]:
    document = api.get_openapi_schema(path_prefix=_START)
    shapes = document["components"]["schemas"]
    return tuple(
        Endpoint(
            method.upper(), path, said.get("summary", ""), said.get("description", ""),
            method == "post" and "search" not in path and "decide" not in path, tuple(_arguments(said, shapes)),
            said["operationId"],
        )
        for path, methods in document["paths"].items()
        for method, said in methods.items()
    )  # fmt: skip


def _arguments(said: Mapping[str, Any], shapes: Mapping[str, Any]) -> Iterator[Argument]:
    for one in said.get("parameters", ()):
        yield Argument(one["name"], one["in"], _kind(one["schema"]), bool(one.get("required")))
    content = said.get("requestBody", {}).get("content", {})
    for media in content.values():
        shape = shapes.get(media["schema"].get("$ref", "").rpartition("/")[2], media["schema"])
        for name, field in shape.get("properties", {}).items():
            yield Argument(name, "body", _kind(field), name in shape.get("required", ()))


def _kind(field: Mapping[str, Any]) -> str:
    if "anyOf" in field:
        return " | ".join(_kind(one) for one in field["anyOf"])
    if "$ref" in field:
        return str(field["$ref"]).rpartition("/")[2]
    if field.get("type") == "array":
        return f"[{_kind(field.get('items', {}))}]"
    return str(field.get("format") or field.get("type") or "any")

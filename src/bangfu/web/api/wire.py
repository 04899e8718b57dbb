"""What comes over the wire, looked at before anything reads it: JSON without tricks, text without odd characters."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NoReturn

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja.parser import Parser

from bangfu.casework.database.refusals import Refused

__all__ = ["MOST_BYTES", "StrictParser", "clean"]

MOST_BYTES = 5 * 1024 * 1024
MOST_DIGITS = 18
_MOST_DEPTH, _MOST_TEXT = 12, 100_000
_JSON = "application/json"


class StrictParser(Parser):
    """JSON and nothing else; NaN, repeated names, giant numbers, surrogates and NUL are refused by name."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The body as plain values.

        Raises:
            Refused: ``wrong_media_type``, ``too_large``, ``bad_json``, ``bad_text``.
        """
        if request.content_type != _JSON:
            raise Refused("wrong_media_type", media_type=str(request.content_type)[:64])
        try:
            if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
                raise Refused("too_large", most_bytes=MOST_BYTES)
            body = request.body
        except RequestDataTooBig:
            raise Refused("too_large", most_bytes=MOST_BYTES) from None
        except ValueError:
            raise Refused("bad_json", why="content length") from None
        told = _parsed(body)
        clean(told)
        return told

    def parse_querydict(
        self, data: MultiValueDict[str, str], list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        """Query, path and header values; none may come twice."""
        for name in data:
            values = data.getlist(name)
            if len(values) > 1 and name not in list_fields:
                raise Refused("bad_field", field=name[:64], why="given twice")
            clean(values)
        return super().parse_querydict(data, list_fields, request)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(
            body.decode("utf-8"), parse_constant=_no_number, parse_int=_whole, parse_float=_no_fraction,
            object_pairs_hook=_once,
        )  # fmt: skip
    except UnicodeDecodeError:
        raise Refused("bad_json", why="not UTF-8") from None
    except RecursionError:
        raise Refused("bad_json", why="too deep") from None
    except json.JSONDecodeError as wrong:
        raise Refused("bad_json", line=wrong.lineno, column=wrong.colno) from None


def _no_number(text: str) -> NoReturn:
    raise Refused("bad_json", why=f"{text} is not a number")


def _no_fraction(text: str) -> NoReturn:
    raise Refused(
        "bad_json", why="amounts are whole fen and rates whole 1e-8: no fractions", number=text[:32]
    )


def _whole(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise Refused("bad_json", why="the number is too large", digits=len(text))
    return int(text)


def _once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name, value in pairs:
        if name in told:
            raise Refused("bad_json", why="a name comes twice", field=name[:64])
        told[name] = value
    return told


def clean(value: Any, *, depth: int = 0) -> None:
    """Refuse text that no table takes (NUL, lone surrogates, control characters), and what is nested too deep."""
    if depth > _MOST_DEPTH:
        raise Refused("bad_json", why="too deep")
    if isinstance(value, str):
        _clean_text(value)
    elif isinstance(value, dict):
        for name, inner in value.items():
            _clean_text(name)
            clean(inner, depth=depth + 1)
    elif isinstance(value, list | tuple):
        for inner in value:
            clean(inner, depth=depth + 1)


def _clean_text(text: str) -> None:
    if len(text) > _MOST_TEXT:
        raise Refused("too_large", why="text", most_characters=_MOST_TEXT)
    for sign in text:
        number = ord(sign)
        if (number < 0x20 and sign not in "\t\n\r") or 0x7F <= number < 0xA0 or 0xD800 <= number <= 0xDFFF:  # noqa: PLR2004
            raise Refused("bad_text", character=f"U+{number:04X}")

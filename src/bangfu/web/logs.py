"""Logs as lines of JSON, without personal data: no query strings, no bodies, no values of exceptions."""

from __future__ import annotations

import json
import logging
import re
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")

# The last wall: identity cards, bank cards (15 to 19 digits, also written in groups) and mobile numbers.
_NUMBERS = re.compile(
    r"(?<!\d)(?:\d{6} ?\d{8} ?\d{3}[\dXxＸ]|\d{15,19}|\d{4}(?: \d{4}){3}(?: \d{1,3})?)(?!\d)"
)
_PHONES = re.compile(r"(?<!\d)1[3-9]\d(?:[ -]?\d{4}){2}(?!\d)")
_QUERY = re.compile(r"\?[^\s\"']*")
_FIELDS = ("view", "route", "method", "status", "ms", "job", "task", "rows", "account_id")


def redacted(text: str) -> str:
    """A text without numbers of people and without query strings."""
    return _QUERY.sub("?…", _PHONES.sub("[phone]", _NUMBERS.sub("[number]", text)))


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, request, and the fields a caller may give as ``extra``.

    Django's own messages carry paths, so only their wording is kept. Of an exception its class and where it arose are
    kept, not its text, which may quote a person's data.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        told: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
        }
        if REQUEST_ID.get():
            told["request"] = REQUEST_ID.get()
        for name in _FIELDS:
            value = getattr(record, name, None)
            if value is not None:
                told[name] = redacted(value) if isinstance(value, str) else value
        if record.exc_info and record.exc_info[0] is not None:
            told["error"] = record.exc_info[0].__name__
            told["at"] = _places(record)
        return json.dumps(told, ensure_ascii=False, default=str)


def _message(record: logging.LogRecord) -> str:
    if record.name == "django" or record.name.startswith("django."):
        status = getattr(record, "status_code", None)
        wording = str(record.msg).replace("%s", "").strip(" :()")
        return redacted(wording or (f"answered with {status}" if status else "said without words"))
    return redacted(record.getMessage())


def _places(record: logging.LogRecord) -> list[str]:
    """Where an exception passed, innermost last: file, line, function."""
    trace = record.exc_info[2] if record.exc_info else None
    frames = traceback.extract_tb(trace)
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]


def _short(path: str) -> str:
    """The path below the folder of packages: nothing of the machine."""
    for mark in ("site-packages/", "src/"):
        if mark in path:
            return path.rpartition(mark)[2]
    return path.rpartition("/")[2]

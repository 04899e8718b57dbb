"""Two languages, side by side at the place where they are said: no catalogue to compile, nothing forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.functional import lazystr
from django.utils.translation import get_language

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


def english() -> bool:
    """Whether the reader asked for English; Chinese otherwise."""
    return (get_language() or "zh").startswith("en")


@dataclass(frozen=True)
class Words:
    """A text in Chinese and English; as text it is in the reader's language."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.en if english() else self.zh


def said(zh: str, en: str) -> _StrPromise:
    """Words as Django's forms take a label, a help or a message: decided when it is shown."""
    return lazystr(Words(zh, en))

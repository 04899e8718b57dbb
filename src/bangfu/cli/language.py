"""Which language the command line speaks: --lang, else BANGFU_LANG, else the system's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LANGUAGES = ("zh", "en")
_SYSTEM = ("LC_ALL", "LC_MESSAGES", "LANG")


@dataclass
class _Speech:
    language: str = "en"


_SPEECH = _Speech()


def settle(arguments: Sequence[str], environment: Mapping[str, str]) -> None:
    """Choose the language before anything is printed: an option, then BANGFU_LANG, then LC_ALL, LC_MESSAGES, LANG.

    Of the system's settings one that begins with ``zh`` means Chinese, everything else English. A word that is neither
    is left for the option's own complaint.
    """
    _SPEECH.language = _from_arguments(arguments) or _from_environment(environment)


def _from_arguments(arguments: Sequence[str]) -> str | None:
    for place, word in enumerate(arguments):
        if word == "--":
            return None
        name, joined, value = word.partition("=")
        if name == "--lang":
            given = value if joined else next(iter(arguments[place + 1 :]), "")
            return given if given in LANGUAGES else None
    return None


def _from_environment(environment: Mapping[str, str]) -> str:
    ours = environment.get("BANGFU_LANG", "")
    if ours in LANGUAGES:
        return ours
    system = next((environment[name] for name in _SYSTEM if environment.get(name)), "")
    return "zh" if system.lower().startswith("zh") else "en"


def spoken() -> str:
    """``zh`` or ``en``."""
    return _SPEECH.language


def say(zh: str, en: str) -> str:
    """The one of two wordings that is spoken."""
    return zh if _SPEECH.language == "zh" else en

"""The policy book of this site: the installed packs with the site's own, read once in the life of a process."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from bangfu.policy import PolicyBook, load_book


def site_book() -> PolicyBook:
    """The book every decision of this site is made by."""
    return _book(tuple(settings.SITE.packs))


@lru_cache(maxsize=4)
def _book(packs: tuple[str, ...]) -> PolicyBook:
    return load_book([Path(folder) for folder in packs])

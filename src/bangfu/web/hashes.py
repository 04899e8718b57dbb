"""Hashes as people compare them: in groups, and short where they only tell one thing from another."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString

__all__ = ["grouped", "hash_code"]

_GROUP = 8  # signs that stand together


def grouped(digest: str) -> str:
    """A hash in groups that people can compare."""
    return " ".join(digest[at : at + _GROUP] for at in range(0, len(digest), _GROUP))


def hash_code(digest: str) -> SafeString:
    """A whole hash in a cell, in groups, that breaks between them."""
    return format_html('<code class="hash">{}</code>', grouped(digest))

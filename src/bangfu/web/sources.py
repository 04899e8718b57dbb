"""What the pages rest on besides casework: the site and its policy book, read once in the life of a process."""

from __future__ import annotations

from django.conf import settings

from bangfu.casework.as_facts.book import site_book
from bangfu.policy import Clause, Pack, PolicyBook
from bangfu.web.site import Site


def site() -> Site:
    """The site of this process."""
    found: Site = settings.SITE
    return found


def book() -> PolicyBook:
    """The installed packs with the site's own: the one casework decides by."""
    return site_book()


def cited(citation: str) -> tuple[Pack, Clause] | None:
    """The document and the clause of a citation (``LD2021-2.2b``), or None."""
    pack = book().packs.get(citation.partition("-")[0])
    clause = book().clause(citation)
    return None if pack is None or clause is None else (pack, clause)

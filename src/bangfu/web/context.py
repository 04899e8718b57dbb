"""What every page knows: the site, the reader's language, who is signed in, the ways to go."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from bangfu.casework.words import Words, english
from bangfu.web.parts import Link
from bangfu.web.sources import site

STYLESHEETS = (
    "css/ground.css",
    "css/frame.css",
    "css/tables.css",
    "css/forms.css",
    "css/parts.css",
    "css/subsidies.css",
    "css/payments.css",
    "css/narrow.css",
)
# Sheets that only their own pages load.
APART = ("css/notices.css",)


def everywhere(request: HttpRequest) -> dict[str, Any]:
    """The context of every page.

    ``account`` (None when signed out) has ``name``, ``role_words`` and ``scope_words``; ``navigation`` is a sequence of
    ``parts.Group``. Both are put on the request by the middleware ``SignedIn``.
    """
    here = site()
    return {
        "site": here,
        "site_name": here.name_en if english() else here.name_zh,
        "english": english(),
        "other_language": "中文,English",
        "account": getattr(request, "account", None),
        "navigation": getattr(request, "navigation", ()),
        "current_url": current_url(request),
        "messages_shown": getattr(request, "messages_shown", ()),
        "request_id": getattr(request, "request_id", ""),
        "stylesheets": STYLESHEETS,
        "doors": doors(),
    }


def current_url(request: HttpRequest) -> str:
    """The entry of the navigation the page belongs to: its own, else the nearest above it; the page itself else."""
    path: str = getattr(request, "current_url", request.path)
    entries = [link.url for group in getattr(request, "navigation", ()) for link in group.links]
    above = [url for url in entries if url != "/" and path.startswith(url)]
    return max(above, key=len, default=path)


def doors() -> tuple[Link, ...]:
    """The public pages."""
    return (
        Link(Words("政策", "Policy"), reverse("policy"), "law"),
        Link(Words("能不能借", "May I borrow?"), reverse("may-i-borrow"), "ask"),
        Link(Words("计算器", "Calculator"), reverse("calculator"), "count"),
        Link(Words("贴息公示", "Notices"), reverse("notices"), "paper"),
        Link(Words("防骗提示", "Beware of fraud"), reverse("fraud"), "shield"),
        Link(Words("联系", "Contact"), reverse("help"), "help"),
    )

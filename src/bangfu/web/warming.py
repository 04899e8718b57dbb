"""What a worker would else do while its first visitor waits: read the book, the addresses, the templates; decide once.

Only ever called in a worker, after the fork: Polars keeps threads that a fork leaves behind.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.template.loader import get_template
from django.urls import get_resolver

from bangfu.web import plain_policy
from bangfu.web.sources import book
from bangfu.web.views.may_i_borrow import answered
from bangfu.web.views.policy import site_place

__all__ = ["warmed"]

log = logging.getLogger("bangfu.web.warming")
_FIRST_PAGES = ("public/front.html", "people/sign_in.html", "home/queue.html")
_ASKED: Mapping[str, Any] = {
    "category": "monitored", "age": 40, "labour": "yes", "purpose": "livestock", "amount": 1_000_000, "months": 12,
    "owing": None,
}  # fmt: skip


def warmed(*, on: date) -> bool:
    """Do it all once; whether it went well. What fails is left to the page that needs it: a worker starts anyway.

    Args:
        on: The day of the front page and of the small decision.
    """
    try:
        policy, place = book(), site_place()
        _ = get_resolver().url_patterns
        for name in _FIRST_PAGES:
            get_template(name)
        for one in plain_policy.regimes(policy, place=place, on=on):
            if one.stack is not None:
                plain_policy.at_a_glance(one.stack, on=on)
        answered(policy, _ASKED, place=place, on=on)
    except Exception:
        log.exception("the worker starts cold")
        return False
    return True

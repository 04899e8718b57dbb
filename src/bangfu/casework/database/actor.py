"""Who acts: an account in one of its roles, at a moment that was passed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bangfu.casework.database.session import Scope

__all__ = ["SHANGHAI", "Actor", "day_of"]

SHANGHAI = ZoneInfo("Asia/Shanghai")


def day_of(moment: datetime) -> date:
    """The day of a moment in Shanghai (design §10, 25): it begins at midnight there."""
    return moment.astimezone(SHANGHAI).date()


@dataclass(frozen=True)
class Actor:
    """Who acts.

    Attributes:
        account_id: The account; 0 for the site itself.
        name: The person's name, as the trail keeps it.
        role: The code of the role acted in.
        place: The area code or the institution's id the role holds.
        scope: What may be seen.
        now: The moment, aware.
        via: How it came: web, api, job, command.
        address: The network address, where there is one.
    """

    account_id: int
    name: str
    role: str
    place: str
    scope: Scope
    now: datetime
    via: str = "web"
    address: str = ""

    @property
    def on(self) -> date:
        """The day in Shanghai."""
        return day_of(self.now)

    @classmethod
    def site(cls, *, now: datetime, via: str = "command") -> Actor:
        """The site itself: set-up, imports from a shell, jobs without a person."""
        return cls(0, "Bangfu", "site", "", Scope(everything=True), now, via)

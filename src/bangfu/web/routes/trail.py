"""The audit trail."""

from __future__ import annotations

from datetime import date

from django.urls import path, register_converter

from bangfu.web.views import trail


class DayConverter:
    """A day in an address: 2026-03-01."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        """The day."""
        return date.fromisoformat(value)

    def to_url(self, value: date | str) -> str:
        """The address."""
        return str(value)


register_converter(DayConverter, "day")

urlpatterns = [
    path("trail/", trail.acts, name="trail"),
    path("trail/export/", trail.export, name="trail-export"),
    path("trail/verify/", trail.verify, name="trail-verify"),
    path("trail/anchor/", trail.anchor, name="trail-anchor"),
    path("trail/anchor/<day:day>/", trail.anchor_sheet, name="trail-anchor-sheet"),
    path("trail/<str:subject>/", trail.history, name="trail-subject"),
]

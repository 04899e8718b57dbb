"""The app as Django knows it."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig

_GUARDING = ("bangfu.casework.notices.api", "bangfu.casework.payments.api")


class Casework(AppConfig):
    """All tables of the platform stand in this one app (docs/decisions/0041)."""

    name = "bangfu.casework"
    label = "casework"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let the folders that guard lists register, whichever of them is asked first (``subsidies.listening``)."""
        for name in _GUARDING:
            import_module(name)

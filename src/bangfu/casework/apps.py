"""The app as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class Casework(AppConfig):
    """All tables of the platform stand in this one app (docs/decisions/0041)."""

    name = "bangfu.casework"
    label = "casework"
    default_auto_field = "django.db.models.BigAutoField"

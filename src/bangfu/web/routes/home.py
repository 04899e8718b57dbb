"""Home and the duties."""

from __future__ import annotations

from django.urls import path

from bangfu.web.views import home

urlpatterns = [
    path("", home.home, name="front"),
    path("duties/", home.duties, name="duties"),
]

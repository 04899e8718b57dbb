"""For those who run the site."""

from __future__ import annotations

from django.urls import path

from bangfu.web.views import operations

urlpatterns = [
    path("healthz", operations.healthz, name="healthz"),
    path("metrics", operations.metrics, name="metrics"),
]

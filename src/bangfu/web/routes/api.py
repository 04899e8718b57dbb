"""Addresses of the API: its endpoints, its description, its page; whatever else lies below it is answered by name."""

from __future__ import annotations

from django.urls import include, path, re_path

from bangfu.web.api.docs_page import docs_page
from bangfu.web.api.service import no_such_address, patterns

urlpatterns = [
    path("api/v1/docs", docs_page, name="api-docs"),
    path("api/v1/", include((patterns(), "api"))),
    re_path(r"^api/(.*)$", no_such_address, name="api-nothing"),
]

"""Requests: asked, shown, decided."""

from __future__ import annotations

from django.urls import path

from bangfu.web.views import requests

urlpatterns = [
    path("requests/", requests.listing, name="requests"),
    path("requests/<uuid:request_id>/", requests.detail, name="request"),
    path("requests/<uuid:request_id>/decide/", requests.decide, name="request-decide"),
    path("requests/<uuid:request_id>/withdraw/", requests.withdraw, name="request-withdraw"),
    path("households/<str:household_id>/ask/<str:kind>/", requests.ask_household, name="household-ask"),
    path("areas/ask/<str:kind>/", requests.ask_area, name="area-ask"),
]

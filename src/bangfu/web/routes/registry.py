"""Households, places, institutions, rosters, deliveries."""

from __future__ import annotations

from django.urls import path

from bangfu.web.views import registry, rosters

urlpatterns = [
    path("households/", registry.households, name="households"),
    path("households/export/", registry.households_export, name="households-export"),
    path("households/<str:household_id>/", registry.household, name="household"),
    path("members/<str:member_id>/show/<slug:field>/", registry.reveal, name="member-reveal"),
    path("areas/", registry.areas, name="areas"),
    path("institutions/", registry.institutions, name="institutions"),
    path("institutions/export/<slug:what>/", registry.institutions_export, name="institutions-export"),
    path("coverage/", registry.coverage, name="coverage"),
    path("coverage/export/", registry.coverage_export, name="coverage-export"),
    path("rosters/", rosters.rosters, name="rosters"),
    path("rosters/export/", rosters.rosters_export, name="rosters-export"),
    path("rosters/difference/", rosters.difference, name="roster-difference"),
    path("deliveries/", rosters.deliveries, name="deliveries"),
    path("deliveries/make/", rosters.deliver, name="deliver"),
    path("deliveries/<uuid:delivery_id>/", rosters.delivery, name="delivery"),
    path("deliveries/<uuid:delivery_id>/acknowledge/", rosters.acknowledge, name="delivery-acknowledge"),
]

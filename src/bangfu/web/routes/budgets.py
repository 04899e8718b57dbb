"""The subsidy's money: balances, ledger, allotments, forecast, lateness."""

from __future__ import annotations

from django.urls import path

from bangfu.web.views import budgets, forecasts, lateness

urlpatterns = [
    path("budgets/", budgets.balances, name="budgets"),
    path("budgets/ledger/", budgets.ledger, name="budget-ledger"),
    path("budgets/ledger/export/", budgets.export, name="budget-export"),
    path("budgets/allot/", budgets.allot, name="budget-allot"),
    path("budgets/forecast/", forecasts.forecast, name="budget-forecast"),
    path("budgets/lateness/", lateness.lateness, name="lateness"),
]

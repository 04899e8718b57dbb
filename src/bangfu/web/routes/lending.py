"""Loans and their ledger."""

from __future__ import annotations

from django.urls import path

from bangfu.web.views import breaker, lending

urlpatterns = [
    path("loans/", lending.loans, name="loans"),
    path("loans/export", lending.export, name="loans-export"),
    path("loans/breaker/", breaker.breaker, name="breaker"),
    path("loans/bank-file/", lending.bank_file, name="bank-file"),
    path("loans/subsidy/", lending.subsidy, name="loans-subsidy"),
    path("loans/sign/<str:application_id>/", lending.sign, name="loan-sign"),
    path("loans/of/<str:loan_id>/", lending.loan, name="loan"),
    path("loans/of/<str:loan_id>/interest/", lending.interest, name="loan-interest"),
    path("loans/of/<str:loan_id>/findings/", lending.findings, name="loan-findings"),
    path("loans/of/<str:loan_id>/pay/", lending.disburse, name="loan-disburse"),
    path("loans/of/<str:loan_id>/event/", lending.event, name="loan-event"),
    path("loans/of/<str:loan_id>/event/<int:event_id>/correct/", lending.correct, name="loan-event-correct"),
]

"""Payments: cycles, batches, results; accounts of households; the file's format; proofs and recoveries."""

from __future__ import annotations

from django.urls import path

from bangfu.web.views import card_formats, payees, payments, proofs

urlpatterns = [
    path("subsidies/cycles/<uuid:cycle_id>/payments/", payments.of_cycle, name="cycle-payments"),
    path("subsidies/cycles/<uuid:cycle_id>/payments/finish/", payments.finish, name="cycle-paid"),
    path("payments/", payments.batches, name="payments"),
    path("payments/<uuid:payment_id>/", payments.opened, name="payment"),
    path("payments/<uuid:payment_id>/decide/", payments.decide, name="payment-decide"),
    path("payments/<uuid:payment_id>/control.pdf", payments.control, name="payment-control"),
    path("payments/<uuid:payment_id>/results/", payments.results, name="payment-results"),
    path("payments/<uuid:payment_id>/<int:item>/returned/", payments.came_back, name="payment-return"),
    path("payees/", payees.listing, name="payees"),
    path("payees/file/", payees.bank_file, name="payees-file"),
    path("payees/<str:household_id>/show/", payees.reveal, name="payee-show"),
    path("formats/", card_formats.shown, name="card-format"),
    path("formats/set/", card_formats.change, name="card-format-set"),
    path("proofs/", proofs.missing, name="proofs"),
    path("proofs/<uuid:line_id>/", proofs.prove, name="proof"),
    path("recoveries/", proofs.recoveries, name="recoveries"),
    path("recoveries/<uuid:line_id>/", proofs.receipt, name="recovery"),
]

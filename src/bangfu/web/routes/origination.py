"""Applications, from the first draft to the filings."""

from __future__ import annotations

from django.urls import path

from bangfu.web.views import filings, origination, origination_acts

urlpatterns = [
    path("applications/", origination.applications, name="applications"),
    path("applications/export", origination.export, name="applications-export"),
    path("applications/new/", origination.new, name="application-new"),
    path("applications/form.pdf", origination.blank, name="application-blank"),
    path("applications/<str:number>/", origination.application, name="application"),
    path("applications/<str:number>/edit/", origination.edit, name="application-edit"),
    path("applications/<str:number>/form.pdf", origination.form_pdf, name="application-form"),
    path("applications/<str:number>/print/", origination_acts.print_in_full, name="application-print"),
    path("applications/<str:number>/show/<slug:field>/", origination_acts.show, name="application-show"),
    path("applications/<str:number>/papers/", origination_acts.papers, name="application-papers"),
    path("applications/<str:number>/submit/", origination_acts.submit, name="application-submit"),
    path("applications/<str:number>/review/", origination.review, name="application-review"),
    path("applications/<str:number>/withdraw/", origination_acts.withdraw, name="application-withdraw"),
    path("applications/<str:number>/rating/", origination_acts.rating, name="application-rating"),
    path("applications/<str:number>/exception/", origination_acts.ask, name="application-exception"),
    path(
        "applications/<str:number>/exception/<uuid:request_id>/",
        origination_acts.decide,
        name="application-exception-decide",
    ),
    path("applications/<str:number>/own/", origination_acts.own, name="application-own"),
    path("filings/", filings.filings, name="filings"),
    path("filings/month/", filings.make_filing, name="filing-make"),
    path("filings/lists/", filings.make_lists, name="lists-make"),
]

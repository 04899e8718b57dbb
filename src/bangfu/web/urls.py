"""Every address of the site."""

from __future__ import annotations

from django.urls import include, path

from bangfu.web.views import may_i_borrow, policy, public, styleguide

urlpatterns = [
    path("", include("bangfu.web.routes.home")),
    path("policy/", policy.policy, name="policy"),
    path("policy/clauses/", policy.clauses, name="clauses"),
    path("may-i-borrow/", may_i_borrow.may_i_borrow, name="may-i-borrow"),
    path("calculator/", public.calculator, name="calculator"),
    path("fraud/", public.fraud, name="fraud"),
    path("help/", public.contacts, name="help"),
    path("language", public.language, name="language"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("styleguide/<slug:page>/", styleguide.styleguide, name="styleguide-page"),
    path("", include("bangfu.web.routes.people")),
    path("", include("bangfu.web.routes.search")),
    path("", include("bangfu.web.routes.requests")),
    path("", include("bangfu.web.routes.registry")),
    path("", include("bangfu.web.routes.trail")),
    path("", include("bangfu.web.routes.operations")),
    path("", include("bangfu.web.routes.imports")),
    path("", include("bangfu.web.routes.origination")),
    path("", include("bangfu.web.routes.documents")),
    path("", include("bangfu.web.routes.lending")),
    path("", include("bangfu.web.routes.notices")),
    path("", include("bangfu.web.routes.subsidies")),
    path("", include("bangfu.web.routes.budgets")),
    path("", include("bangfu.web.routes.payments")),
    path("", include("bangfu.web.routes.archive")),
    path("", include("bangfu.web.routes.api")),
]

handler400 = "bangfu.web.views.errors.bad_request"
handler403 = "bangfu.web.views.errors.forbidden"
handler404 = "bangfu.web.views.errors.not_found"
handler500 = "bangfu.web.views.errors.broken"

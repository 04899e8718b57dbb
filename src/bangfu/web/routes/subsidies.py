"""The desk pages of the subsidy cycle: cycles, lists, lines and what is done with them."""

from __future__ import annotations

from django.urls import path

from bangfu.web.views import (
    subsidies,
    subsidy_again,
    subsidy_colleagues,
    subsidy_lines,
    subsidy_lists,
    subsidy_steps,
)

urlpatterns = [
    path("subsidies/", subsidies.cycles, name="cycles"),
    path("subsidies/late/", subsidies.late, name="subsidy-late"),
    path("subsidies/open/", subsidies.open_cycle, name="cycle-open"),
    path("subsidies/cycles/<uuid:cycle_id>/", subsidies.cycle, name="cycle"),
    path("subsidies/cycles/<uuid:cycle_id>/compute/", subsidies.compute, name="cycle-compute"),
    path("subsidies/cycles/<uuid:cycle_id>/claims/", subsidies.claims, name="cycle-claims"),
    path("subsidies/lists/<uuid:list_id>/", subsidy_lists.opened, name="subsidy-list"),
    path("subsidies/lists/<uuid:list_id>/export/", subsidy_lists.export, name="subsidy-list-export"),
    path("subsidies/lists/<uuid:list_id>/compute/", subsidy_lists.compute, name="subsidy-list-compute"),
    path("subsidies/lists/<uuid:list_id>/submit/", subsidy_steps.submit_list, name="subsidy-list-submit"),
    path("subsidies/lists/<uuid:list_id>/review/", subsidy_steps.review, name="subsidy-list-review"),
    path("subsidies/lists/<uuid:list_id>/sign/", subsidy_steps.sign, name="subsidy-list-sign"),
    path("subsidies/lists/<uuid:list_id>/confirm/", subsidy_steps.confirm, name="subsidy-list-confirm"),
    path("subsidies/lists/<uuid:list_id>/again/", subsidy_again.again, name="subsidy-list-again"),
    path("subsidies/lists/<uuid:list_id>/check/", subsidy_colleagues.check, name="subsidy-list-check"),
    path("subsidies/lines/<uuid:line_id>/", subsidy_lines.opened, name="subsidy-line"),
    path("subsidies/lines/<uuid:line_id>/<slug:doing>/", subsidy_lines.act, name="subsidy-line-act"),
]

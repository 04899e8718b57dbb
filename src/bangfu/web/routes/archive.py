"""The archive of cycles, and their reports."""

from __future__ import annotations

from django.urls import path

from bangfu.web.views import archive, cycle_reports

urlpatterns = [
    path("subsidies/cycles/<uuid:cycle_id>/archive/", archive.opened, name="cycle-archive"),
    path("subsidies/cycles/<uuid:cycle_id>/archive/fill/", archive.fill, name="cycle-archive-fill"),
    path("subsidies/cycles/<uuid:cycle_id>/archive/add/", archive.add, name="cycle-archive-add"),
    path("subsidies/cycles/<uuid:cycle_id>/archive/seal/", archive.seal, name="cycle-archive-seal"),
    path("subsidies/lists/<uuid:list_id>/file/", archive.file_list, name="subsidy-list-file"),
    path("subsidies/cycles/<uuid:cycle_id>/reports/", cycle_reports.of_cycle, name="cycle-reports"),
    path(
        "subsidies/cycles/<uuid:cycle_id>/reports/take/",
        cycle_reports.take_of_cycle,
        name="cycle-reports-take",
    ),
    path("subsidies/reports/", cycle_reports.of_year, name="subsidy-reports"),
    path("subsidies/reports/take/", cycle_reports.take_of_year, name="subsidy-reports-take"),
]

"""Imports and jobs."""

from __future__ import annotations

from django.urls import path

from bangfu.web.views import imports

urlpatterns = [
    path("imports/", imports.listed, name="imports"),
    path("imports/new/", imports.new, name="import-new"),
    path("imports/template/<slug:kind>.xlsx", imports.template, name="import-template"),
    path("imports/<uuid:batch_id>/", imports.one, name="import"),
    path("imports/<uuid:batch_id>/progress/", imports.progress, name="import-progress"),
    path("imports/<uuid:batch_id>/confirm/", imports.confirm, name="import-confirm"),
    path("imports/<uuid:batch_id>/undo/", imports.undo, name="import-undo"),
    path("imports/<uuid:batch_id>/problems.xlsx", imports.problems, name="import-problems"),
    path("jobs/", imports.jobs, name="jobs"),
    path("jobs/<int:job_id>/retry/", imports.retry, name="job-retry"),
]

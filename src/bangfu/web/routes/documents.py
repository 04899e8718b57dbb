"""Where files are fetched."""

from __future__ import annotations

from django.urls import path

from bangfu.web.views import documents

urlpatterns = [path("files/<uuid:file_id>/", documents.download, name="file")]

"""A kept file, given back as an attachment, never shown by the browser in our name."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from bangfu.casework.documents import api as documents

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# The types that are kept; whatever a row says, nothing else is ever sent.
_SENT = frozenset(
    {
        "application/pdf",
        "image/png",
        "image/jpeg",
        XLSX,
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    }
)


@require_safe
def download(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """One file in scope; opening a personal paper is written into the trail."""
    view, content = documents.content_of(actor=request.actor, file_id=file_id)  # type: ignore[attr-defined]
    return attached(content, name=view.name, media_type=view.media_type)


def attached(content: bytes, *, name: str, media_type: str) -> HttpResponse:
    """A response the browser saves."""
    response = HttpResponse(
        content, content_type=media_type if media_type in _SENT else "application/octet-stream"
    )
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response

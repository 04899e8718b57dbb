"""Pages for everybody: they know nobody, keep nothing, and may be kept by caches for a while."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse

from bangfu.web.marks import for_everybody

View = Callable[..., HttpResponse]
_SECONDS = 300


def public_page(view: View) -> View:
    """Let caches keep the page for five minutes, by language; not one that was shown to a signed-in person."""

    @wraps(view)
    def shown(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = view(request, *args, **kwargs)
        known = getattr(request, "account", None) is not None
        if not known and request.method in ("GET", "HEAD") and response.status_code < 400:  # noqa: PLR2004
            response.headers.setdefault("Cache-Control", f"public, max-age={_SECONDS}")
        return response

    return for_everybody(shown)

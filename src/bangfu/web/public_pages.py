"""Pages for everybody: they know nobody, keep nothing, and may be kept by caches for a while."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse

from bangfu.casework.database.refusals import Refused
from bangfu.casework.database.session import Scope, entered
from bangfu.web.marks import for_everybody
from bangfu.web.sessions import refusal_page

__all__ = ["public_door", "public_page"]

View = Callable[..., HttpResponse]
_SECONDS = 300
_BAD = 400


def public_page(view: View) -> View:
    """Let caches keep the page for five minutes, by language; not one that was shown to a signed-in person."""

    @wraps(view)
    def shown(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = view(request, *args, **kwargs)
        known = getattr(request, "account", None) is not None
        if not known and request.method in ("GET", "HEAD") and response.status_code < _BAD:
            response.headers.setdefault("Cache-Control", f"public, max-age={_SECONDS}")
        return response

    return for_everybody(shown)


def public_door(view: View) -> View:
    """A page for everybody that asks the database: signed out, in a transaction in which only public rows are seen.

    What is not there is not there, whoever asks. Who is signed in has a transaction in their scope already.
    """

    @wraps(view)
    def shown(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            if getattr(request, "actor", None) is not None:
                return view(request, *args, **kwargs)
            with entered(Scope()):
                response = view(request, *args, **kwargs)
                if response.status_code >= _BAD:
                    transaction.set_rollback(True)
                return response
        except Refused as refused:
            if refused.code == "not_in_scope":
                raise Http404 from None
            return refusal_page(request, refused)

    return for_everybody(shown)

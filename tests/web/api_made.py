"""Tokens and requests for the tests of the API."""

from __future__ import annotations

import json
from typing import Any

from tests.site import NOW


def token(actor, *acts: str) -> str:
    """A token of a person's own role, for some acts or all of the role's."""
    from django.db import connection

    from bangfu.casework.database.session import Scope, entered
    from bangfu.casework.people import api as people

    may = acts or tuple(sorted(people.ROLES[actor.role].may))
    with entered(Scope(everything=True)):
        issuer = people.ROLES["county_bank"]
        assert "token.write" in issuer.may
        import hashlib
        import secrets
        from datetime import UTC, datetime, timedelta

        from bangfu.casework.database.models import from_now
        from bangfu.casework.people.models import Token

        raw = "bf_" + secrets.token_urlsafe(32)
        now = datetime.now(tz=UTC)
        Token.objects.create(
            token_hash=hashlib.sha256(raw.encode()).digest(), label="test", account_id=actor.account_id,
            role=actor.role, place=actor.place, may=sorted(may), expires_at=now + timedelta(days=30),
            recorded=from_now(NOW), recorded_by=0,
        )  # fmt: skip
    assert connection
    return raw


class Caller:
    """Asks the API as a token's holder."""

    def __init__(self, raw: str = "") -> None:
        from django.test import Client

        self.client = Client(raise_request_exception=True, HTTP_HOST="127.0.0.1")
        self.headers = {"authorization": f"Bearer {raw}"} if raw else {}

    def get(self, path: str, **query: Any):
        return self.client.get(f"/api/v1{path}", query, headers=self.headers)

    def post(self, path: str, body: Any, *, key: str = "", kind: str = "application/json"):
        headers = self.headers | ({"idempotency-key": key} if key else {})
        data = body if isinstance(body, bytes) else json.dumps(body)
        return self.client.generic("POST", f"/api/v1{path}", data, content_type=kind, headers=headers)

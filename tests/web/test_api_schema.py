"""schemathesis over the API's own description: whatever it sends, no fault of ours comes back."""

from __future__ import annotations

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from tests.web.api_made import token

EXAMPLES = 12
_KEYED = {"Idempotency-Key": "schemathesis-key"}


def test_whatever_is_sent_no_server_error_comes_back(in_county, as_role):
    from bangfu.web.wsgi import application

    schema = schemathesis.openapi.from_wsgi(
        "/api/v1/openapi.json", application, headers={"Host": "127.0.0.1"}
    )
    seen: set[int] = set()
    for role in ("branch_officer", "bureau"):
        headers = {"Authorization": f"Bearer {token(as_role(role))}", "Host": "127.0.0.1", **_KEYED}
        for operation in schema.get_all_operations():
            _asked_all(operation.ok(), headers, seen)
    assert 200 in seen
    assert max(seen) < 500


def _asked_all(operation, headers: dict[str, str], seen: set[int]) -> None:
    @settings(
        max_examples=EXAMPLES, derandomize=True, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy())
    def ask(case):
        response = case.call(headers=headers)
        seen.add(response.status_code)
        case.validate_response(response, checks=(not_a_server_error,))

    ask()

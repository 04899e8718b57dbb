"""Every example of the API's guide, in both languages, run by curl against a live server."""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from tests.casework.lending_made import paid
from tests.web.api_made import Caller, token

GUIDES = Path(__file__).parents[2] / "docs" / "guides"
# Each example begins with what it is answered: the status, and of a refusal its code.
EXAMPLE = re.compile(r"```sh\n# → (\d{3})(?: (\w+))?\n(.*?)```", re.DOTALL)
CURL = 'curl() { command curl -s -o "$OUT" -w "%{http_code}" "$@"; }\n'


class Threaded(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def live(in_county):
    from django.db import connections

    from bangfu.web.wsgi import application

    def answered(environ, start):
        try:
            return list(application(environ, start))
        finally:
            connections.close_all()

    server = make_server("127.0.0.1", 0, answered, server_class=Threaded, handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/api/v1"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("guide", ["api.md", "api.zh-CN.md"])
def test_every_example_works(live, as_role, monkeypatch, tmp_path, guide):
    assert shutil.which("curl"), "curl is needed"
    officer = as_role("branch_officer")
    loan = paid(as_role("branch_manager"), officer, monkeypatch)
    raw = token(officer)
    seen = Caller(raw).get("/households", limit=1).json()["items"][0]["household_id"]
    out = tmp_path / "answer.json"
    told = {
        "PATH": "/usr/bin:/bin", "BANGFU": live, "TOKEN": raw, "LOAN": loan.loan_id, "OUT": str(out),
        "HOUSEHOLD": seen, "HASH": loan.content_hash, "LC_ALL": "C.UTF-8",
    }  # fmt: skip
    examples = EXAMPLE.findall((GUIDES / guide).read_text("utf-8"))
    assert len(examples) >= 14
    for status, code, command in examples:
        ran = subprocess.run(
            ["bash", "-euc", CURL + command],
            env=told,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ran.stdout == status, (command, ran.stderr, out.read_text("utf-8"))
        if code:
            assert f'"code": "{code}"' in out.read_text("utf-8")


def test_both_languages_have_the_same_examples():
    texts = [(GUIDES / name).read_text("utf-8") for name in ("api.md", "api.zh-CN.md")]
    assert EXAMPLE.findall(texts[0]) == EXAMPLE.findall(texts[1])

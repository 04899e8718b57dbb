"""The pages that everybody sees: both languages, no database, light, protected."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import RequestFactory
from tests.web.face import CHINESE, LANGUAGES, PUBLIC, bare_chinese, reader

MOST_BYTES = 150 * 1024


@pytest.fixture(autouse=True)
def no_database(monkeypatch):
    def refused(self):
        raise AssertionError("a public page asked the database")

    monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", refused)


@pytest.fixture
def demo(monkeypatch):
    monkeypatch.setattr(settings, "SITE", dataclasses.replace(settings.SITE, demo=True))


@pytest.fixture
def rf():
    return RequestFactory()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("address", PUBLIC)
def test_each_page_answers_in_both_languages(address, language):
    answer = reader(language).get(address)
    assert answer.status_code == 200
    assert ('lang="en"' if language == "en" else 'lang="zh-CN"') in answer.content.decode()[:60]
    assert answer["Content-Language"] == ("en" if language == "en" else "zh-CN")


@pytest.mark.parametrize("address", PUBLIC)
def test_an_english_page_has_no_bare_chinese(address):
    assert bare_chinese(reader("en").get(address).content.decode()) == []


def test_bare_chinese_is_seen():
    assert bare_chinese('<html lang="en"><p>Rate <b>利率</b></p><span lang="zh-CN">文件</span></html>') == [
        "利率"
    ]


@pytest.mark.parametrize("page", ["", "queue/", "sign-in/", "errors/"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_style_guide_shows_every_component(demo, page, language):
    text = reader(language).get(f"/styleguide/{page}").content.decode()
    assert "演示县" in text or "Demonstration county" in text
    if language == "en":
        made_up = [one for one in bare_chinese(text) if "示范" not in one and one != "五万"]
        assert made_up == []


def test_the_style_guide_is_for_demonstrations_only():
    assert reader().get("/styleguide/").status_code == 404


@pytest.mark.parametrize("address", [*PUBLIC, "/styleguide/", "/styleguide/queue/", "/styleguide/sign-in/"])
def test_a_first_view_is_light(demo, address):
    page = reader().get(address).content
    assets = re.findall(r'(?:href|src)="/static/([^"?]+)', page.decode())
    assert "css/ground.css" in assets
    weight = len(page) + sum(Path(finders.find(path)).stat().st_size for path in set(assets))
    assert weight < MOST_BYTES


@pytest.mark.parametrize("address", PUBLIC)
def test_headers_protect_and_caches_may_keep(address):
    answer = reader().get(address)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]
    assert answer["Cache-Control"] == "public, max-age=300"
    assert "Cookie" in answer["Vary"]
    assert not answer.cookies


@pytest.mark.parametrize("address", PUBLIC)
def test_nothing_runs_or_paints_inline(address):
    text = reader().get(address).content.decode()
    assert re.findall(r"<script(?![^>]*src=)", text) == []
    assert re.findall(r"<style|\sstyle=|\son\w+=", text) == []


def test_a_page_kept_by_nobody_unless_it_says_so():
    assert reader().get("/no-such-page/")["Cache-Control"] == "no-store"
    assert reader().post("/may-i-borrow/", {})["Cache-Control"] == "no-store"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_missing_page_keeps_the_look(language):
    answer = reader(language).get("/no-such-page/")
    text = answer.content.decode()
    assert answer.status_code == 404
    assert ("没有这一页" if language != "en" else "No such page") in text
    assert answer["X-Request-ID"] in text


def test_a_failure_names_the_request(rf):
    from bangfu.web.views.errors import broken

    request = rf.get("/")
    request.request_id = "a1b2c3"
    answer = broken(request)
    assert answer.status_code == 500
    assert "a1b2c3" in answer.content.decode()


@pytest.mark.parametrize("name", ["bad_request", "forbidden", "not_found", "form_too_old", "broken"])
def test_each_error_page_is_said_in_english_too(rf, name):
    from django.utils import translation

    from bangfu.web.views import errors

    with translation.override("en"):
        assert bare_chinese(getattr(errors, name)(rf.get("/")).content.decode()) == []


def test_the_language_is_kept_in_a_cookie_and_leads_back():
    client = reader()
    answer = client.get("/language", {"to": "en", "next": "/policy/?day=2026-03-01"})
    assert answer["Location"] == "/policy/?day=2026-03-01"
    assert client.cookies["language"].value == "en"
    assert not CHINESE.search(client.get("/help/").content.decode().partition("</title>")[0])


@pytest.mark.parametrize(
    "after", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", "\\\\x.example"]
)
def test_the_language_switch_leads_nowhere_else(after):
    assert reader().get("/language", {"to": "en", "next": after})["Location"] == "/"


def test_measures_are_for_this_machine():
    client = reader()
    client.get("/fraud/")
    text = client.get("/metrics").content.decode()
    assert 'bangfu_requests_total{method="GET",status="2xx",view="fraud"}' in text
    assert "bangfu_request_seconds_bucket" in text
    assert client.get("/metrics", REMOTE_ADDR="10.1.2.3").status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "10.1.2.3"}).status_code == 404


def test_a_form_without_its_token_is_told_so():
    assert settings.CSRF_FAILURE_VIEW == "bangfu.web.views.errors.form_too_old"
    answer = reader(enforce_csrf_checks=True).post("/help/", {})
    assert answer.status_code == 403
    assert "页面放太久了" in answer.content.decode()

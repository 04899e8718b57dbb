"""The look and the words: style sheets, templates, codes, logs."""

from __future__ import annotations

import json
import logging
import re
import sys
from pathlib import Path

import pytest
from django.template import Context, Engine
from django.utils import translation
from tests.web.face import CHINESE

import bangfu.web
from bangfu.casework.words import Words
from bangfu.web import code_words
from bangfu.web.context import APART, STYLESHEETS
from bangfu.web.logs import JsonLines, redacted
from bangfu.web.templatetags import bangfu as tags

WEB = Path(bangfu.web.__file__).parent
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
_TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
_SAYS = re.compile(
    r"""\{%\s*(?:t|panel|details|fieldset|submit|crumb|chip\s+\S+)\s+(".*?"|'.*?')(?:\s+(".*?"|'.*?'))?[^%]*%\}"""
)


def unspoken(template: str) -> list[str]:
    """Chinese outside the tags, and texts that stand in one language only."""
    bare = [one.strip() for one in _TAG.sub("\n", template).splitlines() if CHINESE.search(one)]
    half = [
        found.group()
        for found in _SAYS.finditer(template)
        if CHINESE.search(found.group(1)) and (not found.group(2) or CHINESE.search(found.group(2)))
    ]
    return bare + half


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_speak_both_languages(path):
    assert unspoken(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "template", ["<p>利率</p>", '{% t "利率" %}', '{% t "利率" "利率" %}', '{% panel "利率" %}{% endpanel %}']
)
def test_a_text_in_one_language_is_seen(template):
    assert unspoken(template)


def test_every_code_has_a_word_in_both_languages():
    for which in code_words.SETS - {"policy"}:
        assert code_words._CHINESE[which].keys() == code_words._ENGLISH[which].keys(), which


def test_the_style_sheets_are_small_and_stand_alone():
    sheets = [(WEB / "static" / path).read_text("utf-8") for path in STYLESHEETS]
    assert sum(len(sheet.encode()) for sheet in sheets) < 48_000
    assert [sheet for sheet in sheets if "@import" in sheet or "http" in sheet] == []
    assert {f"css/{path.name}" for path in (WEB / "static" / "css").iterdir()} == {*STYLESHEETS, *APART}


def contrast(one: str, two: str) -> tuple[int, int]:
    """The ratio of two colours as a fraction, WCAG 2."""

    def light(colour: str):
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(one), light(two)))
    return (high + 0.05) / (low + 0.05)


def test_text_stands_out_from_its_ground():
    ground = (WEB / "static" / "css" / "ground.css").read_text("utf-8")
    colours = {
        name: "#" + "".join(part * 2 for part in code) if len(code) == 3 else f"#{code}"
        for name, code in re.findall(r"--([a-z-]+): #([0-9a-f]{3,6})", ground)
    }
    pairs = [("ink", "ground"), ("soft", "ground"), ("soft", "paper"), ("link", "ground"), ("paper", "main")]
    pairs += [(tone, f"{tone}-ground") for tone in ("ok", "warn", "bad", "info", "wait", "off")]
    assert {
        pair: contrast(*(colours[name] for name in pair))
        for pair in pairs
        if contrast(*(colours[n] for n in pair)) < 4.5
    } == {}


def test_every_component_is_described():
    folder = WEB / "templates" / "components"
    told = (folder / "README.md").read_text("utf-8")
    others = "".join(path.read_text("utf-8") for path in [*TEMPLATES, *(WEB / "templatetags").glob("*.py")])
    for path in folder.glob("*.html"):
        assert f"`{path.name}`" in told or f"components/{path.name}" in others, path.name


def rendered(template: str, **context) -> str:
    engine = Engine(builtins=["bangfu.web.templatetags.bangfu"], dirs=[WEB / "templates"])
    return engine.from_string(template).render(Context(context))


@pytest.mark.parametrize(
    ("template", "value", "zh", "en"),
    [
        ("{{ x|yuan }}", 1_234_567, "12,345.67", "12,345.67"),
        ("{{ x|yuan }}", -5, "-0.05", "-0.05"),
        ("{{ x|yuan_unit }}", 100, "1.00 元", "1.00 yuan"),
        ("{{ x|wan }}", 5_000_000, "5", "5"),
        ("{{ x|wan }}", 1, "0.000001", "0.000001"),
        ("{{ x|percent }}", 2_555_000, "2.555%", "2.555%"),
        ("{{ x|number }}", 12345, "12,345", "12,345"),
        ("{{ x|yuan }}", None, "—", "—"),
        ('{{ x|word:"purpose" }}', "livestock", "养殖", "livestock"),
        ('{{ x|word:"category" }}', "strange", "strange", "strange"),
        ('{% t "共{n}笔" "{n} loans" n=x %}', "<b>", "共&lt;b&gt;笔", "&lt;b&gt; loans"),
        ("{{ x }}", Words("村", "village"), "村", "village"),
        ('{% chip "ok" x %}', Words("<好>", "<good>"), "&lt;好&gt;", "&lt;good&gt;"),
    ],
)
def test_values_are_said_exactly(template, value, zh, en):
    for language, said in (("zh-hans", zh), ("en", en)):
        with translation.override(language):
            assert said in rendered(template, x=value)


def test_a_citation_leads_to_its_clause():
    with translation.override("zh-hans"):
        link = tags.clause("LD2021-2.2b")
    assert 'href="/policy/clauses/#LD2021-2.2b"' in link
    assert "一户多贷" in link
    assert "<a" not in tags.clause("LD2021-99")
    assert "&lt;" in tags.clause("<script>")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("borrower 522728198001019850 asked", "borrower [number] asked"),
        ("证件52272819800101985X已录", "证件[number]已录"),
        ("522728 19800101 985x", "[number]"),
        ("old 522728800101985", "old [number]"),
        ("card 6217001234567890123", "card [number]"),
        ("6217 0012 3456 7890 123", "[number]"),
        ("电话13812345678", "电话[phone]"),
        ("138-1234-5678", "[phone]"),
        ("５２２７２８１９８００１０１９８５０", "[number]"),
        ("village 522728101200 loan 12345", "village 522728101200 loan 12345"),
        ("/search/?q=王五 failed", "/search/?… failed"),
    ],
)
def test_numbers_of_people_do_not_reach_the_log(text, kept):
    assert redacted(text) == kept


def line(**given) -> dict:
    record = logging.LogRecord(
        "bangfu.web", logging.INFO, __file__, 1, given.pop("msg", "said"), given.pop("args", ()), None
    )
    for name, value in given.items():
        setattr(record, name, value)
    return json.loads(JsonLines().format(record))


def test_a_line_of_log_is_json_with_what_helps():
    told = line(route="loans/<int:id>/", status=200, ms=12, method="GET", body="secret")
    assert told["route"] == "loans/<int:id>/"
    assert (told["status"], told["ms"], told["level"]) == (200, 12, "info")
    assert "secret" not in json.dumps(told)


def test_an_exception_is_logged_without_its_text():
    try:
        int("王五 522728198001019850")
    except ValueError:
        told = line(exc_info=sys.exc_info())
    assert told["error"] == "ValueError"
    assert any("test_face.py" in place for place in told["at"])
    assert "王五" not in json.dumps(told, ensure_ascii=False)


def test_paths_of_django_stay_out_of_the_log(caplog):
    from tests.web.face import reader

    with caplog.at_level(logging.INFO):
        reader().get("/nowhere/522728198001019850/?q=王五")
    lines = [JsonLines().format(record) for record in caplog.records]
    assert lines
    assert [one for one in lines if "5227" in one or "王五" in one or "nowhere" in one] == []

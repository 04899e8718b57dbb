"""Tags and filters of every template: two languages, exact values, citations, components (see components/README.md)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from django import template
from django.contrib.staticfiles import finders
from django.forms import BaseForm, BoundField
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from bangfu.casework.words import english
from bangfu.money.fen import FEN_PER_YUAN, YUAN_PER_WAN, format_yuan
from bangfu.money.rates import format_percent
from bangfu.web import code_words, places
from bangfu.web.parts import ICONS, Column, Fact, Figure
from bangfu.web.sources import cited

register = template.Library()

TONES = ("ok", "warn", "bad", "info", "wait", "off")
NOTHING = "—"
_NONE = SafeString(f'<span class="none">{NOTHING}</span>')  # in a table; left out on the phone
_FEN_PER_WAN = FEN_PER_YUAN * YUAN_PER_WAN
_WAN_DECIMALS = 6
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


# Texts.
@register.simple_tag(name="t")
def say(zh: object, en: object, **values: object) -> SafeString:
    """A text in the reader's language; ``{name}`` in it is filled with the value of that name."""
    spoken = _text(en if english() else zh)
    return format_html(spoken, **values) if values else spoken


def _text(value: object) -> SafeString:
    """Escaped, unless it is safe already."""
    return value if isinstance(value, SafeString) else conditional_escape(str(value))


@register.filter
def word(code: object, which: str) -> str:
    """The word of a code of the facts."""
    return code_words.word(code, which)


@register.filter
def place(code: str) -> str:
    """The words of a jurisdiction's code."""
    return places.name_of(code)


# Values: all exact, none passes through a float.
@register.filter
def yuan(fen: int | None) -> str:
    """12,345.67 from fen."""
    return NOTHING if fen is None else format_yuan(fen, grouped=True)


@register.filter
def yuan_unit(fen: int | None) -> str:
    """12,345.67 元 from fen."""
    return NOTHING if fen is None else f"{yuan(fen)} {'yuan' if english() else '元'}"


@register.filter
def wan(fen: int | None) -> str:
    """万元 from fen, exact: 5000000 is 5, 1234567 is 1.234567."""
    if fen is None:
        return NOTHING
    whole, part = divmod(abs(fen), _FEN_PER_WAN)
    digits = str(part).rjust(_WAN_DECIMALS, "0").rstrip("0")
    return f"{'-' if fen < 0 else ''}{whole:,}{'.' + digits if digits else ''}"


@register.filter
def percent(rate_e8: int | None) -> str:
    """3.75% from 1e-8."""
    return NOTHING if rate_e8 is None else f"{format_percent(rate_e8)}%"


@register.filter
def number(count: int | None) -> str:
    """12,345."""
    return NOTHING if count is None else f"{count:,}"


@register.filter
def day(on: date | str | None) -> str:
    """2026-03-01."""
    if on is None or on == "":
        return NOTHING
    return on[:10] if isinstance(on, str) else on.strftime("%Y-%m-%d")


@register.filter
def day_words(on: date | None) -> str:
    """2026年3月1日, or 1 March 2026."""
    if on is None:
        return NOTHING
    if english():
        return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"
    return f"{on.year}年{on.month}月{on.day}日"


@register.filter
def moment(at: datetime | None) -> str:
    """2026-03-01 15:04, in Chinese time."""
    return NOTHING if at is None else timezone.localtime(at).strftime("%Y-%m-%d %H:%M")


# Citations.
@register.simple_tag
def clause(citation: str) -> SafeString:
    """A citation: a link to the clause, its words as a tooltip."""
    found = cited(citation)
    if found is None:
        return format_html('<span class="clause">{}</span>', citation)
    pack, said = found
    words = said.text if english() or not said.zh else said.zh
    told = f"{pack.number or pack.title} · {words}"
    where = f"{reverse('clauses')}#{citation}"
    return format_html('<a class="clause" href="{}" title="{}">{}</a>', where, told, citation)


@register.simple_tag
def clauses(citations: Iterable[str] | None) -> SafeString:
    """Several citations."""
    links = format_html_join(" ", "{}", ((clause(one),) for one in citations or ()))
    return format_html('<span class="clauses">{}</span>', links) if links else SafeString("")


@register.inclusion_tag("components/clause.html")
def clause_open(citation: str) -> dict[str, Any]:
    """A citation that opens on the spot to its words and document."""
    found = cited(citation)
    pack, said = found or (None, None)
    return {"citation": citation, "pack": pack, "clause": said, "english": english()}


# Small things.
@register.simple_tag
def icon(name: str) -> SafeString:
    """A small picture that says nothing by itself: a word always stands beside it."""
    drawing = ICONS.get(name)
    if drawing is None:
        return SafeString("")
    return mark_safe(  # noqa: S308 - our own drawing
        f'<svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">{drawing}</svg>'
    )


@register.simple_tag
def chip(tone: str, zh: object = "", en: object = "") -> SafeString:
    """A state: colour, shape and word."""
    known = tone if tone in TONES else "off"
    label = say(zh, en) if en else conditional_escape(str(zh))
    return format_html('<span class="chip {}">{}{}</span>', known, icon(known), label)


@register.simple_tag
def asset(path: str) -> str:
    """The address of a static file with a mark of its content, so that browsers keep it until it changes."""
    return f"{static(path)}?v={_mark(path)}"


@cache
def _mark(path: str) -> str:
    found = finders.find(path)
    if not isinstance(found, str):
        return "0"
    return hashlib.sha256(Path(found).read_bytes()).hexdigest()[:10]


@register.simple_tag
def crumb(zh: object, en: object, url: str = "") -> SafeString:
    """One step of the breadcrumb; without an address it is this page."""
    if url:
        return format_html('<li><a href="{}">{}</a></li>', url, say(zh, en))
    return format_html('<li aria-current="page">{}</li>', say(zh, en))


@register.simple_tag
def submit(zh: object, en: object, *, tone: str = "primary", name: str = "", value: str = "") -> SafeString:
    """The button of a form."""
    named = format_html(' name="{}" value="{}"', name, value) if name else ""
    return format_html('<button class="button {}" type="submit"{}>{}</button>', tone, named, say(zh, en))


# Blocks.
def _title(zh: object, en: object) -> SafeString:
    """Two texts, or one that is already in the reader's language."""
    return say(zh, en or zh)


@register.simple_block_tag
def panel(
    content: SafeString, zh: object = "", en: object = "", *, tone: str = "", **named: str
) -> SafeString:
    """A white box with a heading."""
    context = {"content": content, "title": _title(zh, en), "tone": tone, "id": named.get("id", "")}
    return render_to_string("components/panel.html", context)


@register.simple_block_tag
def notice(content: SafeString, tone: str = "info", *, zh: object = "", en: object = "") -> SafeString:
    """A notice; errors and warnings are announced."""
    context = {"content": content, "title": _title(zh, en), "tone": tone}
    return render_to_string("components/notice.html", context)


@register.simple_block_tag
def details(content: SafeString, zh: object, en: object, *, open: bool = False) -> SafeString:  # noqa: A002
    """A disclosure."""
    opened = SafeString(" open") if open else ""
    return format_html(
        '<details class="more"{}><summary>{}</summary><div>{}</div></details>', opened, say(zh, en), content
    )


@register.simple_block_tag
def fieldset(content: SafeString, zh: object, en: object) -> SafeString:
    """Fields that belong together."""
    return format_html('<fieldset class="fieldset"><legend>{}</legend>{}</fieldset>', say(zh, en), content)


# Forms.
@register.simple_tag
def field(bound: BoundField, *, unit: object = "", width: str = "") -> SafeString:
    """A field with its label, help, errors, required mark and unit."""
    attrs = bound.field.widget.attrs
    many = bound.use_fieldset
    input_type = getattr(bound.field.widget, "input_type", "")
    described = [f"{bound.id_for_label or bound.auto_id}_help"] if bound.help_text else []
    described += [f"{bound.auto_id}_error"] if bound.errors else []
    own = {"aria-describedby": " ".join(described)} if described and not many else {}
    own |= {"aria-invalid": "true"} if bound.errors and not many else {}
    context = {
        "field": bound,
        "input": bound.as_widget(attrs={**attrs, **own}) if own else str(bound),
        "unit": str(unit or attrs.get("unit", "")),
        "width": width or attrs.get("width", ""),
        "many": many,
        "tick": input_type == "checkbox" and not many,
        "help_id": f"{bound.id_for_label or bound.auto_id}_help",
        "error_id": f"{bound.auto_id}_error",
    }
    return render_to_string("components/field.html", context)


@register.inclusion_tag("components/form_errors.html")
def form_errors(form: BaseForm) -> dict[str, Any]:
    """All errors of a form on top of it, each with a link to its field."""
    return {"form": form, "english": english()}


@register.inclusion_tag("components/masked.html")
def masked(value: str, url: str = "") -> dict[str, Any]:
    """A masked value; its button leads to the page that asks for the reason."""
    return {"value": value, "url": url, "english": english()}


# Values of tables, facts and figures by their kind.
_WORDED: Mapping[str, Callable[[Any], Any]] = {
    "yuan": yuan,
    "wan": wan,
    "percent": percent,
    "number": number,
    "day": day,
    "moment": moment,
    "clauses": clauses,
    "html": mark_safe,
    "figure": mark_safe,  # an amount with a word below it
}


def worded(value: Any, kind: str, words: str = "") -> Any:
    """A value in words by its kind."""
    if value is None or value == "":
        return NOTHING
    if kind == "word":
        return code_words.word(value, words)
    if kind == "chip":
        return chip(value.tone, value.label)
    if kind == "yes":
        return say("是", "yes") if value else say("否", "no")
    return _WORDED[kind](value) if kind in _WORDED else str(value)


def _of(row: Any, name: str) -> Any:
    return row.get(name) if isinstance(row, Mapping) else getattr(row, name, None)


@register.simple_tag
def cell(column: Column, row: Any) -> SafeString:
    """A cell of a table."""
    value = worded(_of(row, column.name), column.kind, column.words)
    told = _NONE if value == NOTHING else conditional_escape(value)
    where = _of(row, column.link) if column.link else ""
    return format_html('<a href="{}">{}</a>', where, told) if where else told


@register.filter
def shown(one: Fact | Figure) -> Any:
    """The value of a fact or figure in words."""
    return worded(one.value, one.kind, getattr(one, "words", ""))


@register.filter
def get(mapping: Mapping[str, Any], key: str) -> Any:
    """A value of a mapping."""
    return mapping.get(key)


@register.simple_tag
def total(table: Any, column: Column) -> Any:
    """A cell of the last row of sums."""
    value = table.totals.get(column.name)
    return "" if value is None else worded(value, column.kind, column.words)


@register.filter
def sort_next(column: Column, sorted_by: str) -> str:
    """The value of ``?sort=`` behind a heading: rising first, then falling."""
    return f"-{column.sort}" if sorted_by == column.sort else column.sort


@register.filter
def sort_state(column: Column, sorted_by: str) -> str:
    """What a heading says of the order: ascending, descending or none."""
    if not column.sort or sorted_by.removeprefix("-") != column.sort:
        return "none"
    return "descending" if sorted_by.startswith("-") else "ascending"

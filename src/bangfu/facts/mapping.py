"""Mapping files: how a wide ledger, one row a loan, is split into the tables.

A mapping is YAML; one for the county ledger (台账) is shipped, and serves as the example. It says which headers feed
which field, which fields are made from others, and which columns of which tables a row fills. It is read strictly:
an unknown key, field, table or column is a problem that names it.
"""

from __future__ import annotations

from datetime import date
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bangfu.facts.headers import suggest
from bangfu.facts.problems import BadFacts, problem
from bangfu.facts.schema import Kind
from bangfu.facts.tables import TABLES

_COUNTY = r"^(?:\d{6})?$"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class FieldSpec(_Strict):
    """A field: the headers it is read from; the unit where this file declares one; words that mean none."""

    headers: Annotated[tuple[str, ...], Field(min_length=1)]
    kind: Kind = "text"
    unit: Annotated[str, Field(pattern="^(?:|yuan|wan|percent)$")] = ""
    none: tuple[str, ...] = ()
    contains: dict[str, str] = {}


class DatedWord(_Strict):
    """A value up to a day, that day included; the last has none."""

    to: date | None = None
    value: str


class Making(_Strict):
    """One way to fill a computed field: exactly one of ``field``, ``made``, ``area``, ``by_day``."""

    field: str = ""
    made: str = ""
    of: Annotated[tuple[str, ...], Field(alias="from")] = ()
    area: tuple[str, ...] = ()
    by_day: str = ""
    values: tuple[DatedWord, ...] = ()


class Constant(_Strict):
    """The same value in every row."""

    value: str


class Filling(_Strict):
    """Rows of one table made from the rows of the ledger."""

    columns: dict[str, str | Constant]
    when: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    once: str = ""
    distinct: bool = False


class Balance(_Strict):
    """What the ledger states and must be lent less repaid."""

    stated: str
    lent: str
    less: str


class Mapping(_Strict):
    """A mapping file."""

    name: str
    zh: str = ""
    about: str = ""
    county: Annotated[str, Field(pattern=_COUNTY)] = ""
    areas: dict[str, Annotated[str, Field(pattern=r"^\d{12}$")]] = {}
    fields: dict[str, FieldSpec]
    not_placed: dict[str, str] = {}
    computed: dict[str, tuple[Making, ...]] = {}
    tables: dict[str, tuple[Filling, ...]]
    balance: Balance | None = None


def load_mapping(named: Path | str) -> Mapping:
    """A mapping by path, or by the name of one that is shipped; ``ledger@522728`` sets its county.

    Raises:
        BadFacts: bad_mapping, with what is wrong and where.
    """
    text = str(named)
    path = Path(text)
    if _is_file(path):
        return _parsed(path.read_bytes(), path.name)
    bare, _, county = text.partition("@")
    if _is_file(Path(bare)):
        found = _parsed(Path(bare).read_bytes(), Path(bare).name)
    else:
        shipped = {name: mapping for mapping in _shipped() for name in (mapping.name, mapping.zh)}
        if bare not in shipped:
            raise _bad(text, _both("没有这个映射", "There is no such mapping", suggest(bare, shipped)))
        found = shipped[bare]
    if not county:
        return found
    try:
        return Mapping.model_validate({**found.model_dump(by_alias=True), "county": county})
    except ValidationError as error:
        raise _bad(text, ("县代码应为6位数字", "a county has six digits")) from error


def shipped_names() -> tuple[str, ...]:
    """The names of the mappings that are shipped."""
    return tuple(mapping.name for mapping in _shipped())


def shipped_text(name: str) -> str:
    """The text of a shipped mapping, to be copied and changed.

    Raises:
        KeyError: There is none of this name.
    """
    for file in _shipped_files():
        text = file.read_text(encoding="utf-8")
        mapping = _parsed(text.encode(), file.name)
        if name in (mapping.name, mapping.zh):
            return text
    raise KeyError(name)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _shipped_files() -> list[Traversable]:
    folder = resources.files("bangfu.facts") / "mappings"
    return [file for file in folder.iterdir() if file.name.endswith(".yaml")]


def _shipped() -> list[Mapping]:
    return [_parsed(file.read_bytes(), file.name) for file in _shipped_files()]


def _parsed(data: bytes, name: str) -> Mapping:
    try:
        content: Any = yaml.load(data.decode("utf-8-sig"), Loader=yaml.BaseLoader)  # noqa: S506 - it makes only text
        mapping = Mapping.model_validate(content)
    except UnicodeDecodeError as error:
        raise _bad(name, ("应为 UTF-8", "UTF-8 is needed")) from error
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 0
        raise _bad(name, (f"第{line}行不是 YAML", f"line {line} is not YAML")) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise _bad(name, (f"{where}：{first['msg']}", f"{where}: {first['msg']}")) from error
    _check(mapping, name)
    return mapping


def _check(mapping: Mapping, name: str) -> None:
    """Refuse names that are nowhere."""
    known = {*mapping.fields}
    for computed, makings in mapping.computed.items():
        for making in makings:
            ways = [bool(making.field), bool(making.made), bool(making.area), bool(making.by_day)]
            if ways.count(True) != 1 or bool(making.made) != bool(making.of):
                raise _bad(name, (f"{computed}：应只有一种做法", f"{computed}: one way is needed"))
            used = (making.field, *making.of, *making.area, making.by_day)
            _known(name, computed, {one for one in used if one}, known)
        known.add(computed)
    for table, fillings in mapping.tables.items():
        _known(name, "tables", {table}, set(TABLES))
        for filling in fillings:
            columns = {column.name for column in TABLES[table].columns}
            _known(name, table, set(filling.columns), columns)
            fields = {value for value in filling.columns.values() if isinstance(value, str)}
            _known(
                name,
                table,
                fields | {*filling.when, *filling.needs} | ({filling.once} if filling.once else set()),
                known,
            )
    if mapping.balance:
        _known(name, "balance", set(mapping.balance.model_dump().values()), known)


def _known(name: str, place: str, used: set[str], known: set[str]) -> None:
    for one in sorted(used - known):
        zh, en = suggest(one, known)
        raise _bad(name, (f"{place}：没有“{one}”{zh}", f"{place}: there is no {one}{en}"))


def _both(zh: str, en: str, more: tuple[str, str]) -> tuple[str, str]:
    return zh + more[0], en + more[1]


def _bad(name: str, detail: tuple[str, str]) -> BadFacts:
    return BadFacts((problem("bad_mapping", file=Path(name).name, detail=detail),))

"""YAML with its lines: a scalar is the text that was written, and every value knows where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

MOST_BYTES = 1_000_000
PLAIN_TAGS = frozenset(("str", "int", "float", "bool", "null", "timestamp", "merge", "value", "map", "seq"))
Place = tuple[str | int, ...]


class PackError(Exception):
    """A pack that cannot be taken: file, line, code, what is wrong; ``others`` holds what else was found."""

    def __init__(self, *, file: str, line: int, code: str, message: str) -> None:
        super().__init__(f"{file}:{line}: {code}: {message}")
        self.file = file
        self.line = line
        self.code = code
        self.message = message
        self.others: tuple[PackError, ...] = ()


@dataclass(frozen=True, slots=True)
class Marked:
    """A YAML file as plain mappings, lists and text, with the line of each place in it."""

    file: str
    data: Any
    lines: Mapping[Place, int]

    def line(self, place: Place) -> int:
        """The line of a place, or of the nearest place above it that the file has."""
        while place not in self.lines and place:
            place = place[:-1]
        return self.lines.get(place, 1)

    def error(self, place: Place, code: str, message: str) -> PackError:
        """An error at a place."""
        return PackError(file=self.file, line=self.line(place), code=code, message=message)


def read_marked(path: Path) -> Marked:
    """Read one YAML file.

    Raises:
        PackError: Not readable, not UTF-8, not YAML, a key twice, an alias or a tag.
    """
    file = str(path)
    try:
        raw = path.read_bytes()
        if len(raw) > MOST_BYTES:
            raise PackError(file=file, line=1, code="not_yaml", message="larger than a pack can be")
        text = raw.decode("utf-8-sig")
    except OSError as why:
        raise PackError(file=file, line=1, code="not_found", message=why.strerror or "not readable") from why
    except UnicodeDecodeError as why:
        raise PackError(file=file, line=1, code="not_yaml", message="not UTF-8 text") from why
    loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
    try:
        node = yaml.compose(text, Loader=loader)  # nodes only: nothing is constructed
        if node is None:
            raise PackError(file=file, line=1, code="not_yaml", message="an empty file")
        lines: dict[Place, int] = {}
        data = _plain(node, (), _Walk(file, lines, set()))
    except yaml.MarkedYAMLError as why:
        line = why.problem_mark.line + 1 if why.problem_mark else 1
        raise PackError(file=file, line=line, code="not_yaml", message=why.problem or "not YAML") from why
    except (yaml.YAMLError, RecursionError) as why:
        raise PackError(file=file, line=1, code="not_yaml", message="not YAML") from why
    return Marked(file, data, lines)


@dataclass(frozen=True, slots=True)
class _Walk:
    file: str
    lines: dict[Place, int]
    seen: set[int]

    def stop(self, node: yaml.Node, code: str, message: str) -> PackError:
        return PackError(file=self.file, line=node.start_mark.line + 1, code=code, message=message)


def _plain(node: yaml.Node, place: Place, walk: _Walk) -> Any:
    if id(node) in walk.seen:
        raise walk.stop(node, "not_yaml", "an alias; write the value out")
    walk.seen.add(id(node))
    walk.lines.setdefault(place, node.start_mark.line + 1)
    if node.tag.removeprefix("tag:yaml.org,2002:") not in PLAIN_TAGS:
        raise walk.stop(node, "not_yaml", f"a tag: {node.tag}")
    if isinstance(node, yaml.ScalarNode):
        # An empty plain scalar is the one way to leave a key empty; "null" and "~" are text like any other.
        return node.value if node.value or node.style in ("'", '"') else None
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*place, index), walk) for index, item in enumerate(node.value)]
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise walk.stop(key_node, "not_yaml", "a key that is not text")
        key = key_node.value
        if key in found:
            raise walk.stop(key_node, "duplicate_key", f"{key} stands twice")
        walk.lines[(*place, key)] = key_node.start_mark.line + 1
        found[key] = _plain(value_node, (*place, key), walk)
    return found

"""A sealed bundle: files in a ZIP of fixed order and times, under a manifest of their hashes; read again and judged.

The same files give the same bytes. A bundle is judged without any database or site (``bangfu verify-bundle``).
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["FAULTS", "FORMAT", "MANIFEST", "Bundle", "Fault", "NoBundle", "opened", "packed"]

MANIFEST = "manifest.json"
FORMAT = "bangfu-bundle-1"
_MOMENT = (1980, 1, 1, 0, 0, 0)  # the earliest a ZIP knows: no clock goes in
_UNIX, _PLAIN_FILE = 3, 0o100644 << 16

# Code → (Chinese, English): what may be wrong with a bundle.
FAULTS: Mapping[str, tuple[str, str]] = {
    "file_changed": ("文件内容被改动", "a file was changed"),
    "file_swapped": ("文件被调换", "a file holds the content of another"),
    "file_missing": ("缺少文件", "a file is missing"),
    "file_added": ("多出文件", "a file was added"),
    "file_twice": ("同名文件出现两次", "two files have one name"),
    "manifest_changed": ("目录与接收单上的校验值不符", "the manifest is not the one on the slip"),
    "unreadable": ("内容无法读取", "what lies in it cannot be read"),
    "facts_differ": ("事实与计算时的校验值不符", "the facts are not those the list was computed from"),
    "packs_differ": ("政策包与计算时的不符", "the packs are not those the list was computed under"),
    "line_hash_differs": ("明细与其校验值不符", "a line is not what its hash says"),
    "lines_hash_differs": ("清册明细与校验值不符", "the lines of a list are not what its hash says"),
    "line_differs": ("重新计算的结果不同", "computed again, a line is another"),
    "line_missing": ("重新计算多出一笔，清册中没有", "computed again, a loan has a line that the list lacks"),
    "line_extra": ("清册中有一笔，重新计算没有", "computed again, a loan of the list has no line"),
    "correction_differs": (
        "更正后的净额与重新计算不符",
        "computed again, a correction comes to something else",
    ),
    "carried_differs": (
        "结转明细与其来源或重新计算不符",
        "a line that was carried over is not what it took over, or that is another computed again",
    ),
    "carried_unproved": ("结转明细的来源不在包内", "what a carried line took over is not in the bundle"),
    "total_differs": ("合计与明细不符", "a total is not the sum of its lines"),
}


class NoBundle(ValueError):  # noqa: N818 - it says what it is
    """What was given is no bundle at all."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """A difference: its code (``FAULTS``), the file, list or loan it is in, and what differs."""

    code: str
    where: str
    detail: str = ""

    @property
    def zh(self) -> str:
        """In Chinese."""
        return FAULTS[self.code][0]

    @property
    def en(self) -> str:
        """In English."""
        return FAULTS[self.code][1]


@dataclass(frozen=True)
class Bundle:
    """A bundle that was read.

    Attributes:
        head: What the manifest says beside the files.
        files: Path → content, without the manifest.
        manifest_hash: SHA-256 of the manifest, hexadecimal.
        faults: What is wrong with the files themselves.
    """

    head: Mapping[str, Any]
    files: Mapping[str, bytes]
    manifest_hash: str
    faults: tuple[Fault, ...]


def packed(files: Mapping[str, bytes], head: Mapping[str, Any]) -> tuple[bytes, str]:
    """The ZIP, stored, in the order of paths, and the hash of its manifest in hex.

    Args:
        files: Path → content.
        head: What the manifest says beside them: cycle, place, trail.
    """
    told = {
        "format": FORMAT,
        **head,
        "files": [
            {"path": path, "size": len(files[path]), "sha256": hashlib.sha256(files[path]).hexdigest()}
            for path in sorted(files)
        ],
    }
    manifest = json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as door:
        for path, content in ((MANIFEST, manifest), *sorted(files.items())):
            entry = zipfile.ZipInfo(path, date_time=_MOMENT)
            entry.create_system, entry.external_attr = _UNIX, _PLAIN_FILE
            door.writestr(entry, content)
    return out.getvalue(), hashlib.sha256(manifest).hexdigest()


def opened(content: bytes, *, manifest_hash: str = "") -> Bundle:
    """Read a bundle and compare every file with the manifest.

    Args:
        content: The ZIP.
        manifest_hash: As it stands on the slip; empty compares none.

    Raises:
        NoBundle: It is no ZIP, or there is no manifest of ours in it.
    """
    found, faults = _entries(content)
    manifest = found.pop(MANIFEST, None)
    if manifest is None:
        raise NoBundle("no manifest.json")
    try:
        told = json.loads(manifest)
        listed = {str(one["path"]): (int(one["size"]), str(one["sha256"])) for one in told.pop("files")}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NoBundle("manifest.json cannot be read") from error
    if told.get("format") != FORMAT:
        raise NoBundle(f"not of the format {FORMAT}")
    digest = hashlib.sha256(manifest).hexdigest()
    if manifest_hash and digest != manifest_hash.replace(" ", "").lower():
        faults.append(Fault("manifest_changed", MANIFEST, digest))
    faults += [Fault("file_missing", path) for path in listed.keys() - found.keys()]
    faults += [Fault("file_added", path) for path in found.keys() - listed.keys()]
    owner = {digest: path for path, (_, digest) in listed.items()}
    for path in listed.keys() & found.keys():
        size, wanted = listed[path]
        has = hashlib.sha256(found[path]).hexdigest()
        if has == wanted and len(found[path]) == size:
            continue
        other = owner.get(has)
        faults.append(
            Fault("file_swapped", path, other) if other and other != path else Fault("file_changed", path)
        )
    return Bundle(told, found, digest, tuple(sorted(faults)))


def _entries(content: bytes) -> tuple[dict[str, bytes], list[Fault]]:
    """Every entry by its path. One that is damaged has no content; of two with one name the first stands."""
    faults: list[Fault] = []
    found: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as door:
            for entry in door.infolist():
                if entry.is_dir():
                    continue
                if entry.filename in found:
                    faults.append(Fault("file_twice", entry.filename))
                    continue
                try:
                    found[entry.filename] = door.read(entry)
                except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError):
                    found[entry.filename] = b""
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise NoBundle("no ZIP") from error
    return found, faults

"""Which signs a face can show: its cmap, read from the file. Typst says nothing when it has no glyph."""

from __future__ import annotations

import struct
from pathlib import Path

_FORMAT_OF_GROUPS = 12  # the one that covers all planes; both Noto faces carry it


class NoGlyphTable(ValueError):  # noqa: N818 - it says what is not there
    """The file is no OpenType face with a cmap of format 12."""


def glyphs_of(face: Path) -> frozenset[int]:
    """The code points that a face has a glyph for.

    Raises:
        NoGlyphTable: No cmap of format 12 in the file.
    """
    data = face.read_bytes()
    tables = {
        data[at : at + 4]: struct.unpack_from(">I", data, at + 8)[0]
        for at in range(12, 12 + 16 * struct.unpack_from(">H", data, 4)[0], 16)
    }
    start = tables.get(b"cmap")
    if start is None:
        raise NoGlyphTable(face.name)
    for number in range(struct.unpack_from(">H", data, start + 2)[0]):
        table = start + struct.unpack_from(">I", data, start + 4 + 8 * number + 4)[0]
        if struct.unpack_from(">H", data, table)[0] == _FORMAT_OF_GROUPS:
            count = struct.unpack_from(">I", data, table + 12)[0]
            groups = struct.iter_unpack(">III", data[table + 16 : table + 16 + 12 * count])
            return frozenset(point for first, last, _ in groups for point in range(first, last + 1))
    raise NoGlyphTable(face.name)

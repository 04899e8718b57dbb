"""What may be uploaded: a workbook, a CSV or Parquet file, or a zip of them; judged by content, refused by name."""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path, PurePosixPath

from bangfu.casework.database.refusals import Refused
from bangfu.casework.words import Words

__all__ = ["LARGEST", "looked_through", "packed", "unpacked"]

LARGEST = 100 * 1024 * 1024
_MOST_UNPACKED = 500 * 1024 * 1024
_MOST_TIMES = 200  # a part that unpacks to more than so many times its size is a bomb, however small
_SMALL = 1024 * 1024
_MOST_PARTS = 2_000
_ZIP, _OLE, _PARQUET = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PAR1"
_TABLES = (".csv", ".parquet", ".xlsx")
_UTF8 = 0x800
_ENCRYPTED = 0x1

EMPTY = Words("文件是空的", "the file is empty")
TYPE = Words(
    "只接受 XLSX、CSV、Parquet，或由它们组成的 ZIP",
    "only XLSX, CSV and Parquet, or a ZIP of them, are taken",
)
OLD = Words(
    "这是旧版 XLS 文件，请用 Excel 或 WPS 另存为 XLSX",
    "this is an old XLS workbook; save it as XLSX",
)
PASSWORD = Words("文件设有密码，请取消密码后上传", "the file has a password; remove it and upload again")
BOMB = Words("压缩包解开后过大", "the archive unpacks to too much")
PATHS = Words("压缩包内的文件名不安全（含上级目录、绝对路径或链接）",
              "names in the archive lead out of it (a parent folder, an absolute path, a link)")  # fmt: skip
TWICE = Words("压缩包内有同名文件", "two files in the archive have the same name")
DAMAGED = Words("文件已损坏或不完整", "the file is damaged or cut off")
NOT_TEXT = Words("不是文本文件", "it is no text")


def _bad(why: Words) -> Refused:
    return Refused("bad_file", field="file", why=why)


def packed(path: Path) -> tuple[str, bytes]:
    """A file, or a folder's tables as one zip: its name and its bytes.

    Raises:
        Refused: ``bad_file``, ``too_large``.
    """
    if path.is_file():
        if path.stat().st_size > LARGEST:
            raise Refused("too_large", field="file", most_mb=LARGEST // 1024 // 1024)
        return path.name, path.read_bytes()
    if not path.is_dir():
        raise _bad(TYPE)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for one in sorted(path.iterdir()):
            if one.is_file() and one.suffix.lower() in _TABLES and not one.name.startswith((".", "_", "~$")):
                fixed = zipfile.ZipInfo(
                    one.name
                )  # the same files are the same bytes, whenever they were packed
                archive.writestr(fixed, one.read_bytes())
    return f"{path.name}.zip", out.getvalue()


def looked_through(name: str, content: bytes) -> str:
    """What an upload is: ``xlsx``, ``csv``, ``parquet`` or ``zip``.

    Args:
        name: As the browser sent it; only its ending is asked, and only of a text.
        content: The bytes.

    Raises:
        Refused: ``bad_file`` with ``why``; ``too_large``.
    """
    if not content.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise _bad(EMPTY)
    if len(content) > LARGEST:
        raise Refused("too_large", field="file", most_mb=LARGEST // 1024 // 1024)
    if content.startswith(_OLE):
        raise _bad(PASSWORD if "EncryptedPackage".encode("utf-16-le") in content else OLD)
    if content.startswith(_ZIP):
        return _archive(content)
    if content.startswith(_PARQUET) and content.endswith(_PARQUET) and len(content) > 2 * len(_PARQUET):
        return "parquet"
    if not name.lower().endswith((".csv", ".txt")):
        raise _bad(TYPE)
    if b"\0" in content[:4096] and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _bad(NOT_TEXT)
    return "csv"


def _archive(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            _sized(parts)
            names = {part.filename for part in parts}
            if "xl/workbook.xml" in names and "[Content_Types].xml" in names:
                return "xlsx"
            tables = [part for part in parts if _is_table(part)]
            if not tables:
                raise _bad(TYPE)
            _named(parts)
            if archive.testzip() is not None:
                raise _bad(DAMAGED)
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as damaged:
        raise _bad(DAMAGED) from damaged
    return "zip"


def _sized(parts: list[zipfile.ZipInfo]) -> None:
    """No bombs, no passwords."""
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_UNPACKED:
        raise _bad(BOMB)
    for part in parts:
        if part.flag_bits & _ENCRYPTED:
            raise _bad(PASSWORD)
        if part.file_size > _SMALL and part.file_size > _MOST_TIMES * max(part.compress_size, 1):
            raise _bad(BOMB)


def _named(parts: list[zipfile.ZipInfo]) -> None:
    """No name leads out of the folder it is unpacked to, and no two come out as one."""
    seen: set[str] = set()
    for part in parts:
        name = _name(part)
        path = PurePosixPath(name)
        if (
            path.is_absolute()
            or ".." in path.parts
            or "\\" in name
            or ":" in name
            or stat.S_ISLNK(part.external_attr >> 16)
        ):
            raise _bad(PATHS)
        if _is_table(part):
            if path.name.lower() in seen:
                raise _bad(TWICE)
            seen.add(path.name.lower())


def _name(part: zipfile.ZipInfo) -> str:
    """The name of a part; Chinese Windows writes GBK and does not say so."""
    if part.flag_bits & _UTF8:
        return part.filename
    try:
        return part.orig_filename.encode("cp437").decode("gb18030")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return part.filename


def _is_table(part: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(_name(part))
    hidden = path.name.startswith((".", "_", "~$")) or "__MACOSX" in path.parts
    return not part.is_dir() and not hidden and path.suffix.lower() in _TABLES


def unpacked(name: str, content: bytes, folder: Path) -> Path:
    """Lay an upload that was looked through into a folder: the folder, or the workbook in it."""
    kind = looked_through(name, content)
    stem = PurePosixPath(name.replace("\\", "/")).stem or "table"
    folder /= stem[:60]  # problems name the file or folder as it was called
    folder.mkdir()
    if kind in {"xlsx", "csv", "parquet"}:
        place = folder / f"{stem[:60]}.{kind}"
        place.write_bytes(content)
        return place if kind == "xlsx" else folder
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        left = _MOST_UNPACKED
        for part in archive.infolist():
            if not _is_table(part):
                continue
            with archive.open(part) as door:
                data = door.read(left + 1)
            left -= len(data)
            if left < 0:
                raise _bad(BOMB)
            (folder / PurePosixPath(_name(part)).name).write_bytes(data)
    return folder

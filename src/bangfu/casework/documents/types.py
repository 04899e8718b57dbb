"""What a file is, by its content alone: PDF, PNG, JPEG, XLSX, DOCX; whole, and without programs in it."""

from __future__ import annotations

import io
import warnings
import zipfile
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from bangfu.casework.database.refusals import Refused
from bangfu.casework.words import Words

LARGEST = 10 * 1024 * 1024
_MOST_PIXELS = 40_000_000
_MOST_UNPACKED = 100 * 1024 * 1024
_MOST_PARTS = 5_000
_TAIL = 2_048
_PDF_PROGRAMS = (b"/JavaScript", b"/Launch", b"/EmbeddedFile")
_OFFICE_PROGRAMS = ("vbaproject.bin", ".exe", ".dll", ".js", ".vbs")


@dataclass(frozen=True)
class FileType:
    """A type that is taken."""

    media_type: str
    ending: str


PDF = FileType("application/pdf", ".pdf")
PNG = FileType("image/png", ".png")
JPEG = FileType("image/jpeg", ".jpg")
XLSX = FileType("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx")
DOCX = FileType("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx")
TEXT = FileType("text/plain", ".txt")
ZIP = FileType("application/zip", ".zip")  # what the site itself packs; none is taken from anybody
_OFFICE = {"xl/workbook.xml": XLSX, "word/document.xml": DOCX}

EMPTY = Words("文件是空的", "the file is empty")
UNKNOWN = Words(
    "只接受 PDF、PNG、JPG、XLSX、DOCX，且以内容为准",
    "only PDF, PNG, JPG, XLSX and DOCX are taken, by their content",
)
DAMAGED = Words("文件已损坏或不完整", "the file is damaged or cut off")
TOO_MANY_PIXELS = Words("图片像素过大，请缩小后上传", "the picture has too many pixels; make it smaller")
UNPACKS_TOO_LARGE = Words("文件解开后过大", "the file unpacks to too much")
PROGRAM_INSIDE = Words("文件内含宏或脚本", "the file holds a macro or script")


def bad(why: Words) -> Refused:
    """The refusal of a file, with its reason in words."""
    return Refused("bad_file", field="file", why=why)


def type_of(content: bytes) -> FileType:
    """The type of a file, after it was looked through.

    Raises:
        Refused: ``too_large`` over 10 MB; ``bad_file`` with ``why``.
    """
    if not content:
        raise bad(EMPTY)
    if len(content) > LARGEST:
        raise Refused("too_large", field="file", most_mb=LARGEST // 1024 // 1024)
    if content.startswith(b"%PDF-"):
        return _pdf(content)
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return _picture(content, PNG, "PNG")
    if content.startswith(b"\xff\xd8\xff"):
        return _picture(content, JPEG, "JPEG")
    if content.startswith(b"PK\x03\x04"):
        return _office(content)
    raise bad(UNKNOWN)


def text_of(content: bytes) -> FileType:
    """Plain text, as the systems of banks exchange it: UTF-8 or GB18030, without signs of other files in it.

    Raises:
        Refused: ``too_large``; ``bad_file`` with ``why``.
    """
    if not content:
        raise bad(EMPTY)
    if len(content) > LARGEST:
        raise Refused("too_large", field="file", most_mb=LARGEST // 1024 // 1024)
    if b"\x00" in content:
        raise bad(UNKNOWN)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return TEXT
    raise bad(UNKNOWN)


def _pdf(content: bytes) -> FileType:
    if b"%%EOF" not in content[-_TAIL:]:
        raise bad(DAMAGED)
    if any(mark in content for mark in _PDF_PROGRAMS):
        raise bad(PROGRAM_INSIDE)
    return PDF


def _picture(content: bytes, kind: FileType, name: str) -> FileType:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(content), formats=[name]) as picture:
                if picture.width * picture.height > _MOST_PIXELS:
                    raise bad(TOO_MANY_PIXELS)
                picture.load()  # a cut-off or forged picture shows itself only when it is decoded
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise bad(TOO_MANY_PIXELS) from bomb
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Warning) as damaged:
        raise bad(DAMAGED) from damaged
    return kind


def _office(content: bytes) -> FileType:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_UNPACKED:
                raise bad(UNPACKS_TOO_LARGE)
            names = {part.filename for part in parts}
            if any(part.flag_bits & 1 for part in parts):
                raise bad(UNKNOWN)
            if any(name.lower().endswith(_OFFICE_PROGRAMS) for name in names):
                raise bad(PROGRAM_INSIDE)
            found = [kind for part, kind in _OFFICE.items() if part in names]
            if "[Content_Types].xml" not in names or len(found) != 1:
                raise bad(UNKNOWN)
            # Reading checks each part's sum.
            if any(len(archive.read(part)) != part.file_size for part in parts):
                raise bad(DAMAGED)
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as damaged:
        raise bad(DAMAGED) from damaged
    return found[0]

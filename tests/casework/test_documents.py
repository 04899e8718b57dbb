"""Papers: what is taken, how it is named, that it lies encrypted and comes back as it came."""

from __future__ import annotations

import io
import sys
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest
from PIL import Image
from tests.site import NOW

AREA, OTHER = "522728101200", "522728102200"


def png(size=(8, 8)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "white").save(out, "PNG")
    return out.getvalue()


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (16, 16), "red").save(out, "JPEG")
    return out.getvalue()


def office(part: str, **more: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(part, "<a/>")
        for name, content in more.items():
            archive.writestr(name, content)
    return out.getvalue()


OFFICE = "application/vnd.openxmlformats-officedocument."
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def clerk(area=AREA, role="village", now=NOW):
    from bangfu.casework.database.actor import Actor
    from bangfu.casework.database.session import Scope

    return Actor(7, "王五", role, area, Scope(account_id=7, areas=(area,)), now)


def kept(content, *, name="a.pdf", kind="id_card", actor=None):
    from bangfu.casework.documents import api

    return api.keep(
        actor=actor or clerk(),
        subject=("application", "A1"),
        kind=kind,
        name=name,
        content=content,
        scope_area=AREA,
    )


@pytest.fixture
def inside(db):
    from bangfu.casework.database.session import narrowed_to

    narrowed_to(clerk().scope)


@pytest.mark.parametrize(
    ("content", "media_type", "ending"),
    [
        (PDF, "application/pdf", ".pdf"),
        (png(), "image/png", ".png"),
        (jpeg(), "image/jpeg", ".jpg"),
        (office("xl/workbook.xml"), OFFICE + "spreadsheetml.sheet", ".xlsx"),
        (office("word/document.xml"), OFFICE + "wordprocessingml.document", ".docx"),
    ],
)  # fmt: skip
def test_a_paper_comes_back_as_it_came_and_lies_encrypted(inside, site, content, media_type, ending):
    from bangfu.casework.documents import api

    view = kept(content, name="身份证.exe")
    assert (view.media_type, view.name, view.size) == (media_type, "身份证.exe" + ending, len(content))
    assert api.content_of(actor=clerk(), file_id=view.id) == (view, content)
    assert [one.id for one in api.files_of(subject=("application", "A1"))] == [view.id]
    (on_disk,) = site.files.glob(f"*/{view.id}")
    assert content[:20] not in on_disk.read_bytes()
    assert on_disk.stat().st_mode & 0o077 == 0


def bomb_of_pixels() -> bytes:
    """A few hundred bytes that would unfold to 30,000 by 30,000 points."""
    import struct
    import zlib

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 99))
        + chunk(b"IEND", b"")
    )


def locked_archive() -> bytes:
    """An archive whose directory says its parts are locked with a password."""
    content = bytearray(office("xl/workbook.xml"))
    at = content.find(b"PK\x01\x02")
    while at != -1:
        content[at + 8] |= 1
        at = content.find(b"PK\x01\x02", at + 1)
    return bytes(content)


def broken_sum() -> bytes:
    content = bytearray(office("xl/workbook.xml", **{"xl/a.bin": bytes(range(256))}))
    at = content.find(bytes(range(100, 130)))
    if at == -1:
        at = content.find(b"xl/a.bin") + len("xl/a.bin") + 40
    content[at] ^= 0xFF
    return bytes(content)


REFUSED = {
    "empty": (b"", "bad_file", "空"),
    "a_web_page": (b"<html><script>alert(1)</script>", "bad_file", "只接受"),
    "a_picture_with_a_program": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "bad_file", "只接受"),
    "a_program": (b"MZ" + b"\0" * 100, "bad_file", "只接受"),
    "an_old_workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "bad_file", "只接受"),
    "a_gif": (b"GIF89a" + b"\0" * 40, "bad_file", "只接受"),
    "a_cut_picture": (png((400, 400))[:-40], "bad_file", "损坏"),
    "a_picture_in_name_alone": (b"\x89PNG\r\n\x1a\n" + b"not a picture", "bad_file", "损坏"),
    "a_bomb_of_pixels": (bomb_of_pixels(), "bad_file", "像素"),
    "a_cut_pdf": (b"%PDF-1.7\n1 0 obj", "bad_file", "损坏"),
    "a_pdf_with_a_script": (PDF.replace(b"<<>>", b"<</S /JavaScript /JS (x)>>", 1), "bad_file", "脚本"),
    "an_archive": (office("a.txt"), "bad_file", "只接受"),
    "a_workbook_that_is_a_letter_too": (office("xl/workbook.xml", **{"word/document.xml": b"x"}), "bad_file", "只接受"),
    "a_workbook_with_macros": (office("xl/workbook.xml", **{"xl/vbaProject.bin": b"x"}), "bad_file", "宏"),
    "a_bomb_of_zeros": (office("xl/workbook.xml", **{"xl/big": b"\0" * (120 << 20)}), "bad_file", "过大"),
    "a_locked_workbook": (locked_archive(), "bad_file", "只接受"),
    "a_cut_workbook": (office("xl/workbook.xml")[:-30], "bad_file", "损坏"),
    "a_workbook_with_a_wrong_sum": (broken_sum(), "bad_file", "损坏"),
    "eleven_megabytes": (PDF + b"\0" * (11 << 20), "too_large", ""),
}  # fmt: skip


@pytest.mark.parametrize("which", REFUSED)
def test_what_is_no_paper_is_refused_by_name(inside, site, which):
    from bangfu.casework.database.refusals import Refused

    content, code, word = REFUSED[which]
    before = set(site.files.glob("*/*"))
    with pytest.raises(Refused) as refused:
        kept(content)
    assert refused.value.code == code
    assert word in str(refused.value.facts.get("why", ""))
    assert set(site.files.glob("*/*")) == before


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        (r"C:\Users\王\户口簿.PDF", "户口簿.pdf"),
        ("正\u202efdp.exe", "正fdp.exe.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie x.pdf"),
        ("\0\x07.pdf", "文件.pdf"),
        ("CON", "文件.pdf"),
        ("   ...pdf", "文件.pdf"),
        ("长" * 400 + ".pdf", "长" * 120 + ".pdf"),
        ("e\u0301tat.pdf", "état.pdf"),
        ('a"; filename="b.html', "a; filename=b.html.pdf"),
    ],
)
def test_names_lose_what_misleads(given, shown):
    from bangfu.casework.documents.names import cleaned

    assert cleaned(given, ending=".pdf") == shown


def test_nobody_outside_the_scope_gets_it_and_who_opened_it_is_written_down(inside):
    from bangfu.casework.audit_trail import api as trail
    from bangfu.casework.database.refusals import Refused
    from bangfu.casework.database.session import narrowed_to
    from bangfu.casework.documents import api

    view = kept(PDF)
    api.content_of(actor=clerk(), file_id=view.id)
    acts = [entry.act for entry in trail.history(("application", "A1"))]
    assert acts == ["file.kept", "file.opened"]
    with pytest.raises(Refused, match="not_your_role"):
        api.content_of(actor=replace(clerk(), role="finance"), file_id=view.id)
    for wrong in ("x", "../a", str(view.id)[:-1] + "0"):
        if wrong != str(view.id):
            with pytest.raises(Refused, match="not_in_scope"):
                api.content_of(actor=clerk(), file_id=wrong)
    narrowed_to(clerk(OTHER).scope)
    with pytest.raises(Refused, match="not_in_scope"):
        api.content_of(actor=clerk(OTHER), file_id=view.id)
    assert api.files_of(subject=("application", "A1")) == []


def test_a_content_changed_or_exchanged_on_the_disk_does_not_open(inside, site):
    from bangfu.casework.documents import api

    first, second = kept(PDF), kept(png())
    paths = [next(site.files.glob(f"*/{one.id}")) for one in (first, second)]
    paths[0].write_bytes(paths[1].read_bytes())
    with pytest.raises(api.FileDamaged):
        api.content_of(actor=clerk(), file_id=first.id)
    for rest in (paths[1].read_bytes()[:12], b""):  # cut off in the middle of its head, or emptied
        paths[1].write_bytes(rest)
        with pytest.raises(api.FileDamaged):
            api.content_of(actor=clerk(), file_id=second.id)
    paths[1].unlink()
    with pytest.raises(api.FileDamaged):
        api.content_of(actor=clerk(), file_id=second.id)


def test_contents_of_undone_transactions_are_swept_and_no_others(committed, site):
    from bangfu.casework.database.session import entered
    from bangfu.casework.documents import api
    from bangfu.casework.imports import jobs

    with entered(clerk().scope):
        stays = kept(PDF)
    gone = None
    with pytest.raises(RuntimeError), entered(clerk().scope):
        gone = kept(png())
        raise RuntimeError
    now = NOW.now(NOW.tzinfo)
    assert api.swept(now=now) == 0  # a transaction may still be open
    assert jobs.sweep_papers(now + timedelta(hours=3))  # what the worker does once a day
    assert not list(site.files.glob(f"*/{gone.id}"))
    assert list(site.files.glob(f"*/{stays.id}"))


def test_rotation_encrypts_contents_again(inside, site):
    from bangfu.casework.database.keys import KeyFile, key_file
    from bangfu.casework.documents import api

    view, before = kept(PDF), key_file()
    try:
        before.with_new_data_key("SM4-GCM").write(site.keys)
        assert api.rotated(key_file()) >= 1
        assert api.rotated(key_file()) == 0
        key_file().without_old_data_keys().write(site.keys)
        assert api.content_of(actor=clerk(), file_id=view.id)[1] == PDF
    finally:
        KeyFile({**key_file().data, **before.data}, before.blind, before.trail).write(site.keys)


def test_the_scanner_of_the_site_has_the_last_word(inside, site, settings):
    from bangfu.casework.database.refusals import Refused

    asks = "import sys; sys.exit(b'EICAR' in sys.stdin.buffer.read())"
    settings.SITE = replace(site, scanner=(sys.executable, "-c", asks))
    kept(PDF)
    with pytest.raises(Refused, match="bad_file"):
        kept(PDF + b"EICAR\n%%EOF")
    settings.SITE = replace(site, scanner=("no-such-scanner",))
    with pytest.raises(Refused, match="bad_file") as refused:
        kept(PDF)
    assert "无法运行" in refused.value.facts["why"].zh

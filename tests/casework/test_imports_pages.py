"""The pages of an import, from the upload to its undoing; bad uploads are refused by name and nothing is lost."""

from __future__ import annotations

import io
import re
import zipfile

from tests.casework.test_imports import counted


def upload(browser, name, content, kind="county", **more):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return browser.post("/imports/new/", {"kind": kind, "file": SimpleUploadedFile(name, content), **more})


def zipped(folder, names=("households", "members", "roster")):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.write(folder / f"{name}.csv", f"{name}.csv")
    return out.getvalue()


def seen_hash(page):
    return re.search(r'name="seen_hash" value="([0-9a-f]{64})"', text(page)).group(1)


def text(answer):
    return answer.content.decode()


def test_from_the_upload_to_its_undoing(client_of, county_folder):
    from bangfu.casework.imports import jobs

    bureau = client_of("bureau")
    assert "上传文件" in text(bureau.get("/imports/"))
    assert bureau.get("/imports/new/").status_code == 200
    names = (county_folder / "households.csv").read_text("utf-8-sig").splitlines()
    head = names[1].split(",")
    head[2] = "=cmd|' /C calc'!A0"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("households.csv", "\n".join([names[0], ",".join(head), *names[2:]]))
    answer = upload(bureau, "农户.zip", out.getvalue(), "roster")
    assert answer.status_code == 302, text(answer)
    page = bureau.get(answer.url)
    assert "确认导入" in text(page)
    assert "=cmd" in text(page)
    assert counted("casework_household", "not upper_inf(recorded)") == 0
    seen = seen_hash(page)
    assert bureau.post(f"{answer.url}confirm/", {"seen_hash": "0" * 64}).status_code == 409
    assert bureau.post(f"{answer.url}confirm/", {"seen_hash": seen}).status_code == 302
    assert "等待导入" in text(bureau.get(answer.url))
    assert "等待导入" in text(bureau.get(f"{answer.url}progress/", headers={"HX-Request": "true"}))
    jobs.work_once()
    assert (
        bureau.get(f"{answer.url}progress/", headers={"HX-Request": "true"}).headers["HX-Redirect"]
        == answer.url
    )
    page = text(bureau.get(answer.url))
    assert "已导入" in page
    assert "撤销导入" in page
    assert "导入文件" in text(bureau.get("/jobs/"))
    assert bureau.post(f"{answer.url}undo/", {"reason": ""}).status_code == 422
    assert bureau.post(f"{answer.url}undo/", {"reason": "文件拿错了"}).status_code == 302
    assert "已撤销" in text(bureau.get(answer.url))
    assert "已撤销" in text(bureau.get("/imports/"))
    english = client_of("bureau")
    english.cookies["language"] = "en"
    assert "undone" in text(english.get(answer.url))


def test_a_township_asks_and_the_bureau_decides(client_of, as_role, county_folder):
    from bangfu.casework.database.session import entered
    from bangfu.casework.imports import api as imports
    from bangfu.casework.requests import api as requests

    township, place = client_of("township"), as_role("township").place
    lines = (county_folder / "households.csv").read_text("utf-8-sig").splitlines()
    mine = [line for line in lines if f",{place}" in line]
    cells = mine[0].split(",")
    cells[2] = "改名人"
    content = "\n".join([lines[0], ",".join(cells), *mine[1:]]).encode()
    answer = upload(township, "households.csv", content, "roster")
    assert answer.status_code == 302, text(answer)
    page = township.get(answer.url)
    assert "提交申请" in text(page)
    seen = seen_hash(page)
    assert township.post(f"{answer.url}confirm/", {"seen_hash": seen, "why": ""}).status_code == 422
    assert (
        township.post(f"{answer.url}confirm/", {"seen_hash": seen, "why": "户主更名，有户口簿"}).status_code
        == 302
    )
    assert "已提交申请" in text(township.get(answer.url))
    bureau = as_role("bureau")
    from datetime import timedelta

    bureau = as_role("bureau", now=bureau.now + timedelta(days=2))
    with entered(bureau.scope):
        (waiting,) = requests.open_for(actor=bureau)
        shown = requests.get(actor=bureau, request_id=waiting.id)
        requests.decide(actor=bureau, request_id=waiting.id, outcome="approved", seen_hash=shown.seen_hash)
        batch = imports.batch_of(answer.url.split("/")[2])
    assert batch.state == "done"
    assert counted("casework_household", "head_name = '改名人' and upper_inf(recorded)") == 1
    outside = upload(township, "households.csv", "\n".join(lines).encode(), "roster")
    assert "不在您的管辖范围内" in text(township.get(outside.url))


def test_bad_rows_are_listed_and_taken_away(client_of, county_folder):
    import openpyxl

    bureau = client_of("bureau")
    content = (county_folder / "households.csv").read_bytes().replace(b"522728100200", b"52272810020X", 1)
    answer = upload(bureau, "households.csv", content, "roster")
    page = text(bureau.get(answer.url))
    assert "下载问题清单" in page
    taken = bureau.get(f"{answer.url}problems.xlsx")
    rows = list(openpyxl.load_workbook(io.BytesIO(taken.content)).active.values)
    assert "莫永福" in rows[0][0]
    assert rows[2][2] == "2"
    assert counted("casework_trail_row", "act = 'export.taken'") == 1


def names_of(folder):
    return (folder / "households.csv").read_bytes()


def archive(name, content=b"household_id,area_code\nH1,522728100200\n", **options):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(name, content, **options)
    return out.getvalue()


LINK = zipfile.ZipInfo("households.csv")
LINK.external_attr = 0o120777 << 16


BAD_UPLOADS = [
    ("a.csv", b"", "空"),
    ("a.csv", b"\xef\xbb\xbf  \r\n", "空"),
    ("a.pdf", b"%PDF-1.7 ...", "只接受"),
    ("a.xlsx", b"%PDF-1.7 ...", "只接受"),
    ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "另存为 XLSX"),
    ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "密码"),
    ("a.xlsx", archive("xl/other.xml"), "只接受"),
    ("a.zip", archive("../../households.csv"), "不安全"),
    ("a.zip", archive("/etc/households.csv"), "不安全"),
    ("a.zip", archive("c:\\x\\households.csv"), "不安全"),
    ("a.zip", archive(LINK, b"/etc/passwd"), "不安全"),
    ("a.zip", archive("households.csv", b"0" * 30_000_000), "解开后过大"),
    ("a.zip", archive("readme.txt"), "只接受"),
    ("a.zip", archive("households.csv")[:-30], "损坏"),
    ("a.zip", b"PK\x03\x04" + b"\xff" * 100, "损坏"),
    ("a.csv", b"PNG\0\0\0" * 20, "不是文本"),
    ("a.parquet", b"PAR1", "只接受"),
]


def test_bad_uploads_are_refused_by_name(client_of):
    bureau = client_of("bureau")
    for name, content, words in BAD_UPLOADS:
        answer = upload(bureau, name, content)
        assert answer.status_code == 422, (name, content[:40])
        assert words in text(answer), (name, content[:40])
    assert counted("casework_import_batch") == 0


BAD_CONTENTS = [
    ("households.csv", "户编号,行政区划代码\nH1,522728100200\n".encode("utf-16-be")[1:]),
    ("households.csv", b"household_id,area_code\nH1," + b"9" * 2_000_000 + b"\n"),
    (
        "households.csv",
        b"household_id,area_code,head_name\nH9,522728100200," + "名".encode() * 70 + b"\n",
    ),
    ("households.csv", b'household_id,area_code\n"H1,522728100200\n'),
    ("what.csv", b"a,b\n1,2\n"),
    ("households.xlsx", archive("xl/workbook.xml", b"<workbook/>")),
]


def test_bad_contents_are_told_and_nothing_is_changed(client_of):
    bureau = client_of("bureau")
    before = counted("casework_household")
    for name, content in BAD_CONTENTS:
        answer = upload(bureau, name, content, "roster")
        if answer.status_code == 302:
            page = bureau.get(answer.url)
            assert "没有任何数据被改动" in text(page)
            assert len(page.content) < 150_000
        else:
            assert answer.status_code == 422, (name, content[:40])
    assert counted("casework_household") == before


def test_places_come_by_file_and_a_new_name_closes_the_old(client_of):
    import openpyxl

    from bangfu.casework.imports import jobs

    bureau = client_of("bureau")
    answer = bureau.get("/imports/template/areas.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    sheet = book.active
    sheet.append(["522728100200", "云岭镇", "新民社区", "", ""])
    sheet.append(["522728199200", "新设镇", "头村", "新设信用社", "示范县农村信用合作联社"])
    out = io.BytesIO()
    book.save(out)
    answer = upload(bureau, "places.xlsx", out.getvalue(), "areas")
    page = bureau.get(answer.url)
    assert "新民社区" in text(page)
    bureau.post(f"{answer.url}confirm/", {"seen_hash": seen_hash(page)})
    jobs.work_once()
    assert "已导入" in text(bureau.get(answer.url))
    assert counted("casework_area", "name = '新民社区' and upper_inf(recorded)") == 1
    assert counted("casework_institution", "name = '新设信用社' and parent_id = 'B01'") == 1
    assert bureau.get("/imports/template/county.xlsx").content[:2] == b"PK"


def test_others_see_neither_the_import_nor_its_jobs(client_of, county_folder):
    bureau = client_of("bureau")
    answer = upload(bureau, "a.zip", zipped(county_folder), "roster")
    for role, number in (("township", 1), ("village", 2), ("county_bank", 2), ("branch_officer", 1)):
        other = client_of(role, number)
        assert other.get(answer.url).status_code == 404
        assert other.get(f"{answer.url}problems.xlsx").status_code == 404
        assert "a.zip" not in text(other.get("/imports/"))
        assert other.post(f"{answer.url}confirm/", {"seen_hash": "x"}).status_code == 404
    assert client_of("finance").get("/imports/new/").status_code == 403
    assert client_of().get("/imports/").status_code == 302

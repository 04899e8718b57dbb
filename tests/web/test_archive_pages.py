"""The archive of a cycle and its reports on screen: what is missing, papers brought, lists filed, bundles, figures."""

from __future__ import annotations

import io
import re
import zipfile

import openpyxl
import pytest
from tests.casework.archive_made import all_brought, announced, scan
from tests.casework.subsidies_made import everything, office  # noqa: F401 - a fixture
from tests.web.test_payments_pages import errors_of, file, hidden, queries, text


@pytest.fixture
def base(office):  # noqa: F811
    return f"/subsidies/cycles/{office.cycle_id}"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_pages_open_for_each_role(client_of, office, base, language):  # noqa: F811
    pages = [f"{base}/archive/", f"{base}/reports/", f"{base}/reports/?kind=list&row=0&page=3", "/subsidies/reports/",
             "/subsidies/reports/?year=2022&kind=place&row=1"]  # fmt: skip
    pages += [
        f"{base}/reports/?kind={kind}" for kind in ("payer", "regime", "differences", "refunds", "nonsense")
    ]
    for role in ("village", "township", "branch_officer", "county_bank", "bureau", "finance", "auditor"):
        client = client_of(role)
        client.cookies["language"] = language
        for page in pages:
            answer = client.get(page)
            assert answer.status_code == 200, (role, page, text(answer)[:800])
            assert not re.search(r"\d{17}[\dX]", re.sub(r"[0-9a-f]{32,}|[0-9a-f-]{36}", "", text(answer)))
    assert client_of("bureau").get(f"{base}/archive/?place=522728999").status_code == 404
    assert client_of().get(f"{base}/archive/").status_code == 302


def test_a_paper_is_brought_by_who_should_bring_it(client_of, office, base):  # noqa: F811
    page = text(client_of("finance").get(f"{base}/archive/"))
    assert "资金文件" in page
    (url,) = [one for one in re.findall(r'href="([^"]+/archive/add/[^"]+)"', page) if "fund_document" in one]
    url = url.replace("&amp;", "&")
    finance = client_of("finance")
    assert errors_of(finance.post(url, {})) == {"file"}
    assert errors_of(finance.post(url, {"file": file(b"nothing", "a.pdf")})) == {"file"}
    assert finance.post(url, {"file": file(scan("资金文件"), "省文件.pdf")}).status_code == 302
    assert "省文件.pdf" in text(finance.get(f"{base}/archive/"))
    assert "替换" in text(finance.get(url))
    assert client_of("branch_officer").get(url).status_code == 403
    assert finance.get(f"{base}/archive/add/?part=fund_document&place=999999").status_code == 404
    assert finance.get(f"{base}/archive/add/?part=gold").status_code == 404


def test_why_a_list_was_filed_without_its_papers_is_said(client_of, office, base):  # noqa: F811
    announced(office)
    township, url = client_of("township"), f"/subsidies/lists/{office.list_id}/file/"
    assert "归档时还缺材料" not in text(township.get(f"{base}/archive/"))
    told = {"seen_hash": hidden(text(township.get(url)), "seen_hash"), "reason": "照片无人留存"}
    assert township.post(url, told).status_code == 302
    page = text(client_of("auditor").get(f"{base}/archive/"))
    assert "1 份清册归档时还缺材料，归档人写明：“照片无人留存”" in page


def test_a_list_is_filed_and_the_bundle_sealed(client_of, office, base):  # noqa: F811
    announced(office)
    township, bureau = client_of("township"), client_of("bureau")
    town = office.view().township
    url = f"/subsidies/lists/{office.list_id}/file/"
    page = text(township.get(url))
    assert "缺 " in page
    seen = hidden(page, "seen_hash")
    assert errors_of(township.post(url, {"seen_hash": seen})) == {"reason"}
    all_brought(office)
    assert township.post(f"{base}/archive/fill/", {"place": town}).status_code == 302
    page = text(township.get(f"{base}/archive/?place={town}"))
    assert "省" not in re.findall(r"缺 (\d+) 件", page)
    page = text(township.get(url))
    assert re.findall(r"缺 (\d+) 件", page) == ["1"]
    assert "年度总结" in page
    told = {"seen_hash": hidden(page, "seen_hash"), "reason": "年度总结年底由县局提供"}
    assert township.post(url, told).status_code == 302
    assert township.get(url).status_code in (409, 422)
    assert township.get(f"{base}/archive/seal/").status_code == 403
    seal = f"{base}/archive/seal/?place={town}"
    assert bureau.get(seal).status_code == 200
    answer = bureau.post(seal, {"reason": "照片以后补"})
    assert answer.status_code == 302, text(answer)[:800]
    page = text(bureau.get(f"{base}/archive/?place={town}"))
    assert re.search(r'<code class="hash">([0-9a-f]{8} ?){8}</code>', page)
    (bundle,) = re.findall(r'<a href="(/files/[0-9a-f-]{36}/)">下载</a>', page)
    with zipfile.ZipFile(io.BytesIO(bureau.get(bundle).content)) as held:
        assert any(name.endswith("manifest.json") for name in held.namelist())
    assert "bangfu verify-bundle" in page


def test_what_comes_after_a_seal_is_said_and_sealed_again(client_of, office, base):  # noqa: F811
    announced(office)
    all_brought(office)
    bureau, finance = client_of("bureau"), client_of("finance")
    town = office.view().township
    page, seal = f"{base}/archive/?place={town}", f"{base}/archive/seal/?place={town}"
    assert "补充封存" not in text(bureau.get(page))
    assert bureau.post(seal, {"reason": "照片以后补"}).status_code == 302
    first = text(bureau.get(page))
    assert "以后没有新的材料" in first
    assert "封存后" not in first
    assert "再封一次只是多一个相同的包" in text(bureau.get(seal))
    add = f"{base}/archive/add/?part=fund_document&place={office.view().cycle.county}"
    assert finance.post(add, {"file": file(scan("迟来的"), "迟来的.pdf")}).status_code == 302
    later = text(bureau.get(page))
    assert "第 1 次封存" in later
    assert "新归入 1 件材料" in later
    assert "封存以后归入的 1 件" in later
    assert "封存后" in later
    assert "补充封存档案（第 2 次）" in text(bureau.get(seal))
    assert bureau.post(seal, {"reason": "照片以后补"}).status_code == 302
    again = text(bureau.get(page))
    assert "第 2 次封存" in again
    assert "以后没有新的材料" in again
    assert len(re.findall(r">下载</a>", again)) == 2, "both are kept"


def test_each_figure_opens_its_lines(client_of, office, base):  # noqa: F811
    client = client_of("bureau")
    page = text(client.get(f"{base}/reports/?kind=place"))
    assert "新政策合计" in page
    links = re.findall(r'href="(\?kind=place&amp;row=\d+#lines)">(\d+) 笔', page)
    assert links
    link, count = max(links, key=lambda one: int(one[1]))
    shown = text(client.get(f"{base}/reports/{link.replace('&amp;', '&').removesuffix('#lines')}"))
    table = shown[shown.index('id="lines"') :]
    assert table.count("/subsidies/lines/") == min(50, int(count))


def test_reports_are_taken_away_with_a_purpose(client_of, office, base):  # noqa: F811
    client = client_of("bureau")
    assert client.post(f"{base}/reports/take/?kind=place", {"purpose": ""}).status_code == 422
    taken = client.post(f"{base}/reports/take/?kind=place", {"purpose": "季度会议"})
    sheet = openpyxl.load_workbook(io.BytesIO(taken.content)).active
    assert any(
        "季度会议" in str(cell.value) for row in sheet.iter_rows(max_row=4) for cell in row if cell.value
    )
    paper = client.post(f"{base}/reports/take/?kind=payer", {"purpose": "季度会议", "form": "pdf"})
    assert paper.content.startswith(b"%PDF-")
    year = client.post("/subsidies/reports/take/?year=2022&kind=yearly", {"purpose": "年度总结"})
    assert year.content.startswith(b"PK")
    assert client.post("/subsidies/reports/take/?year=x", {"purpose": "年度总结"}).status_code == 422


def test_the_number_of_questions_is_fixed(client_of, office, base):  # noqa: F811
    client = client_of("bureau")
    client.get(f"{base}/archive/")
    town = office.view().township
    few = queries(lambda: client.get(f"{base}/archive/?place={town}"))
    assert queries(lambda: client.get(f"{base}/archive/")) <= few + 1
    one = queries(lambda: client.get(f"{base}/reports/?kind=place"))
    assert queries(lambda: client.get(f"{base}/reports/?kind=list")) == one

"""The registry's pages: seen by who may, never by the next township; a fixed number of questions."""

from __future__ import annotations

import io
import re

import pytest
from tests.casework.registry_made import lent_to, sql

READERS = (
    "village",
    "township",
    "branch_officer",
    "county_bank",
    "bureau",
    "finance",
    "regulator",
    "auditor",
)
LISTS = ("/households/", "/areas/", "/institutions/", "/coverage/", "/rosters/", "/deliveries/", "/requests/",
         "/search/", "/rosters/difference/?earlier=2024-01-01&later=2026-01-01")  # fmt: skip


def text(answer) -> str:
    return answer.content.decode()


@pytest.fixture
def home(as_role) -> str:
    return lent_to(as_role("township"))[0]


@pytest.mark.parametrize("role", READERS)
def test_every_list_opens_in_both_languages(client_of, role):
    client = client_of(role)
    for url in LISTS:
        answer = client.get(url)
        assert answer.status_code == 200, (url, text(answer)[:500])
    client.cookies["language"] = "en"
    for url in LISTS:
        assert client.get(url).status_code == 200, url


def test_the_file_of_a_household_opens_and_shows_no_number(client_of, home):
    numbers = [
        row[0] for row in sql("select masked from casework_personal_datum where household_id = %s", [home])
    ]
    page = text(client_of("township").get(f"/households/{home}/"))
    assert "一户一档" in page
    assert any(number in page for number in numbers)
    assert not re.search(r"\d{17}[\dX]", page)
    assert "按当时所知" in text(
        client_of("bureau").get(f"/households/{home}/?on=2022-01-01&known=2026-11-21T00:00")
    )
    assert (
        client_of("bureau").get(f"/households/{home}/?known=2001-01-01").status_code == 404
    )  # nothing was known then


def test_the_next_township_finds_nothing(client_of, as_role, home):
    name = sql("select head_name from casework_household where household_id = %s", [home])[0][0]
    client = client_of("township", 2)
    assert client.get(f"/households/{home}/").status_code == 404
    assert home not in text(client.get("/households/", {"name": name}))
    assert home not in text(client.post("/search/", {"q": name}, follow=True))
    assert f"/households/{home}/" not in text(client.post("/search/", {"q": home}, follow=True))
    assert client.get(f"/households/{home}/ask/roster.leave/").status_code == 404
    member = sql("select member_id from casework_member where household_id = %s", [home])[0][0]
    assert client.get(f"/members/{member}/show/id_number/").status_code == 404
    assert client.post(f"/members/{member}/show/id_number/", {"reason": "核对身份"}).status_code == 404
    found = client.post("/households/export/", {"purpose": "核对"})
    assert home not in cells(found)
    # Counts and drop-downs as well.
    mine = as_role("township", 2).place
    total = sql(
        "select count(*) from casework_household where upper_inf(recorded) and left(scope_area, 9) = %s",
        [mine],
    )
    assert f"共 {total[0][0]}" in text(client.get("/households/")).replace(",", "")
    assert as_role("township").place not in text(client.get("/households/"))


def cells(answer) -> str:
    import openpyxl

    assert answer.status_code == 200, text(answer)
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    return "\n".join(str(cell.value) for row in book.active.iter_rows() for cell in row)


def test_what_is_taken_says_who_took_it(client_of, as_role, home):
    client = client_of("bureau")
    assert client.post("/households/export/", {"purpose": ""}).status_code == 422
    told = cells(client.post("/households/export/?category=out_of_poverty", {"purpose": "季度核对"}))
    assert as_role("bureau").name in told.splitlines()[0]
    assert "季度核对" in told.splitlines()[0]
    for url in ("/rosters/export/", "/coverage/export/", "/institutions/export/lead-banks/",
                "/institutions/export/institutions/"):  # fmt: skip
        assert "核对" in cells(client.post(url, {"purpose": "核对"}))
    assert len(sql("select 1 from casework_trail_row where act = 'list.taken'")) == 5


def test_a_number_is_shown_once_with_a_reason_and_written_down(client_of, home):
    member = sql(
        "select member_id from casework_member where household_id = %s and id_number_id is not null", [home]
    )[0][0]
    client, url = client_of("township"), f"/members/{member}/show/id_number/"
    assert client.get(url).status_code == 200
    assert not re.search(r"\d{17}[\dX]", text(client.post(url, {"reason": "x"})))
    shown = text(client.post(url, {"reason": "核对申请人身份"}))
    (number,) = re.findall(r"\d{17}[\dX]", shown)
    told = str(sql("select content::text from casework_trail_row where act = 'personal.revealed'"))
    assert "核对申请人身份" in told
    assert number not in told
    assert client_of("village").post(url, {"reason": "核对申请人身份"}).status_code in {403, 404}


def test_a_number_is_looked_for_by_post_and_stands_in_no_address(client_of, home):
    client = client_of("township")
    member = sql(
        "select member_id from casework_member where household_id = %s and id_number_id is not null", [home]
    )[0][0]
    (number,) = re.findall(
        r"\d{17}[\dX]", text(client.post(f"/members/{member}/show/id_number/", {"reason": "核对申请人身份"}))
    )
    answer = client.post("/search/", {"q": number})
    assert answer.status_code == 200
    assert home in text(answer)
    assert number not in text(answer)
    assert f"/households/{home}/" not in text(client.get("/search/", {"q": number}))
    assert client.post("/search/", {"q": home})["Location"] == f"/search/?q={home}"
    assert home not in text(client_of("township", 2).post("/search/", {"q": number}))


def test_a_request_goes_its_way_through_the_pages(client_of, home):
    category = sql(
        "select category from casework_roster_entry where household_id = %s and upper_inf(valid)", [home]
    )[0][0]
    township, bureau = client_of("township"), client_of("bureau")
    form = f"/households/{home}/ask/roster.leave/"
    assert township.get(form).status_code == 200
    told = {"category": category, "on": "2026-11-20", "reason": "bad_faith", "why": ""}
    assert township.post(form, told).status_code == 422
    answer = township.post(form, told | {"why": "核查发现隐瞒收入"})
    assert answer.status_code == 302, text(answer)
    url = answer["Location"]
    seen = text(township.get(url))
    assert "CN2021-3.4" in seen
    assert "批准并执行" not in seen
    assert township.post(f"{url}decide/", {"outcome": "approved", "seen_hash": ""}).status_code == 403
    page = text(bureau.get(url))
    (hash_seen,) = re.findall(r'name="seen_hash" value="([0-9a-f]{64})"', page)
    assert bureau.post(f"{url}decide/", {"outcome": "refused", "seen_hash": hash_seen}).status_code == 422
    assert bureau.post(f"{url}decide/", {"outcome": "approved", "seen_hash": "0"}).status_code == 422
    done = bureau.post(f"{url}decide/", {"outcome": "approved", "seen_hash": hash_seen})
    assert done.status_code == 302, text(done)
    assert "已批准" in text(bureau.get(url))
    assert bureau.post(f"{url}decide/", {"outcome": "approved", "seen_hash": hash_seen}).status_code == 409
    assert client_of("township", 2).get(url).status_code == 404


@pytest.mark.parametrize(
    "kind", ["roster.enter", "roster.leave", "roster.correct", "life.birth", "life.enters", "life.leaves", "life.death",
             "life.correct_person", "life.split", "life.merge", "life.move"],
)  # fmt: skip
def test_every_form_opens(client_of, home, kind):
    assert client_of("township").get(f"/households/{home}/ask/{kind}/").status_code == 200
    assert client_of("branch_officer").get(f"/households/{home}/ask/{kind}/").status_code in {403, 404}


@pytest.mark.parametrize("kind", ["area.rename", "area.merge", "lead_bank.assign"])
def test_every_form_about_places_opens(client_of, kind):
    assert client_of("bureau").get(f"/areas/ask/{kind}/").status_code == 200
    assert client_of("township").get(f"/areas/ask/{kind}/").status_code == 403


def test_rosters_are_delivered_and_acknowledged(client_of):
    bureau = client_of("bureau")
    page = text(bureau.get("/deliveries/"))
    bank = re.findall(r'name="institution_id" value="([^"]+)"', page)[0]
    made = bureau.post("/deliveries/make/", {"institution_id": bank})
    assert made.status_code == 302, text(made)
    url = made["Location"]
    assert bureau.post(f"{url}acknowledge/").status_code == 403
    assert client_of("county_bank", 2).get(url).status_code == 404
    client = client_of("county_bank")
    seen = text(client.get(url))
    files = re.findall(r'href="(/files/[^"]+)"', seen)
    assert len(files) == 2
    for file in files:
        assert client.get(file).status_code == 200
    assert client.post(f"{url}acknowledge/").status_code == 302
    assert client.post(f"{url}acknowledge/").status_code == 409
    assert "已签收" in text(client.get(url))


@pytest.mark.parametrize("url", ["/households/", "/rosters/", "/requests/", "/coverage/", "/deliveries/"])
def test_the_number_of_questions_does_not_grow_with_the_rows(client_of, as_role, url):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def asked(role: str) -> int:
        client = client_of(role)
        client.get(url)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(url).status_code == 200
        return len(seen)

    few, many = asked("village"), asked("bureau")
    assert many == few, (url, few, many)


def test_the_file_of_a_household_asks_the_same_for_every_household(client_of, as_role):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client, counts = client_of("bureau"), {}
    for (home,) in sql("select household_id from casework_household order by 1 limit 12"):
        with CaptureQueriesContext(connection) as seen:
            assert client.get(f"/households/{home}/").status_code == 200
        counts[home] = len(seen)
    assert max(counts.values()) - min(counts.values()) <= 3, counts  # empty sets of names are not asked for

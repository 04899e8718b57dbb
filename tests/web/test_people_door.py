"""The door: who comes in, who does not, and when a session ends."""

from __future__ import annotations

import pytest
from tests.web.people_world import PASSWORD, code, forget_codes, sign_in


def test_a_person_signs_in_and_finds_their_work(world):
    client = world.client("village")
    page = client.get("/")
    assert page.status_code == 200
    assert "我的待办" in page.content.decode()
    assert "大坪村" in page.content.decode()


def test_signed_out_people_are_led_to_the_door_and_back(world):
    client = world.client()
    answer = client.get("/my-account/")
    assert answer.status_code == 302
    assert answer["Location"] == "/sign-in/?next=%2Fmy-account%2F"
    assert sign_in(client, "village", next="/my-account/")["Location"] == "/my-account/"
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("after", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_the_door_leads_nowhere_else(world, after):
    assert sign_in(world.client(), "village", next=after)["Location"] == "/"

"""Applications for the tests, made on the generated county by its people."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from tests.casework.lending_made import everything
from tests.casework.test_documents import PDF
from tests.site import NOW

YUAN = 100
ENTERED: dict[str, Any] = {
    "kind": "new",
    "borrower_marital_status": "married",
    "family_size": 4,
    "borrower_phone": "13800000001",
    "address": "龙井村三组",
    "spouse_name": "王小花",
    "amount_fen": 50_000 * YUAN,
    "purpose": "livestock",
    "purpose_text": "买六头牛犊，自家圈养",
    "term_months": 24,
}


def id_number(born: date, sequence: int) -> str:
    from bangfu.facts.identity import check_digit_of

    first = f"522728{born:%Y%m%d}{sequence:03d}"
    return first + check_digit_of(first)


def household(
    village: str,
    *,
    nth: int = 0,
    born: date = date(1985, 3, 7),
    category: str = "monitored",
    labour: bool = True,
) -> tuple[str, str]:
    """A listed family of two in a village: the ids of the household and of its head."""
    from django.db.backends.postgresql.psycopg_any import DateRange

    from bangfu.casework.database.models import from_now
    from bangfu.casework.personal_data import api as vault
    from bangfu.casework.registry.models import Household, Member, RosterEntry

    home = f"HT{village[-6:]}{nth:03d}"
    same = {
        "recorded": from_now(NOW - timedelta(days=400)),
        "recorded_by": 0,
        "household_id": home,
        "scope_area": village,
    }
    always = DateRange(None, None)
    with everything():
        Household.objects.create(
            head_name="岑大山",
            pinyin="cen da shan",
            labour_count=int(labour),
            valid=always,
            address="",
            **same,
        )
        people = (("岑大山", "head", born), ("王小花", "spouse", date(1990, 3, 7)))
        for place, (name, relation, day) in enumerate(people):
            member = f"{home}-{place}"
            (number,) = vault.kept(
                [
                    vault.Plain(
                        "casework_member",
                        member,
                        "id_number",
                        id_number(day, 101 + 2 * nth + place),
                        village,
                        None,
                        home,
                    )
                ]
            )
            Member.objects.create(
                member_id=member, name=name, id_number_id=number, relation=relation, labour=labour, born_on=day,
                marital_status="", valid=always, **same,
            )  # fmt: skip
        if category:
            RosterEntry.objects.create(category=category, valid=DateRange(date(2023, 1, 1), None), **same)
    return home, f"{home}-0"


class Desk:
    """All people of the first township, each at their desk; time goes on by a minute with every act."""

    def __init__(self, as_role) -> None:
        self.as_role = as_role
        self.minutes = 0

    def __call__(self, role: str, number: int = 1):
        self.minutes += 1
        actor = self.as_role(role, number)
        return replace(actor, now=actor.now + timedelta(minutes=self.minutes))

    def does(self, what, role: str, number: int = 1, **given: Any):
        """An act of a person in a transaction of their scope."""
        from bangfu.casework.database.session import entered

        actor = self(role, number)
        with entered(actor.scope):
            return what(actor=actor, **given)

    def refused(self, what, role: str, number: int = 1, **given: Any):
        """The refusal of an act, which is undone."""
        import pytest

        from bangfu.casework.database.refusals import Refused
        from bangfu.casework.database.session import entered

        actor = self(role, number)
        with pytest.raises(Refused) as caught, entered(actor.scope):
            what(actor=actor, **given)
        return caught.value

    def village(self) -> str:
        return self.as_role("village").place

    def opened(self, *, nth: int = 0, entered=None, papers=True, **found: Any) -> str:
        """An application of a household of the village, written and with its papers."""
        from bangfu.casework.origination import api

        household_id, member_id = household(self.village(), nth=nth, **found)
        made = self.does(
            api.open_application, "branch_officer", household_id=household_id, member_id=member_id
        )
        fields = api.Entered(borrower_member_id=member_id, **(ENTERED | (entered or {})))
        self.does(api.save_version, "branch_officer", application_id=made, entered=fields, seen_number=1)
        if papers:
            for kind in ("signed_form", "id_card", "household_register", "marriage_paper", "bank_card"):
                self.paper(made, kind)
        return made

    def paper(self, application_id: str, kind: str) -> None:
        from bangfu.casework.origination import api

        self.does(
            api.add_paper,
            "branch_officer",
            application_id=application_id,
            kind=kind,
            name=f"{kind}.pdf",
            content=PDF,
        )

    def submitted(self, **given: Any) -> str:
        from bangfu.casework.origination import api

        made = self.opened(**given)
        self.does(api.submit, "branch_officer", application_id=made)
        return made

    def view(self, application_id: str, role: str, number: int = 1):
        from bangfu.casework.origination import api

        return self.does(api.application, role, number, application_id=application_id)

    def said(self, view, outcome: str = "approve", opinion: str = "情况属实，同意", **more: Any):
        from bangfu.casework.origination import api

        attested = {point["condition"]: True for point in view.points}
        return api.Said(outcome, opinion, attested=attested, not_own=view.must_state_not_own, **more)

    def reviews(
        self, application_id: str, role: str, number: int = 1, *, outcome: str = "approve", **more: Any
    ) -> str:
        """Look, then say so."""
        from bangfu.casework.origination import api

        view = self.view(application_id, role, number)
        if view.state == "branch_examination" and outcome == "approve":
            more = {"proposal": self.proposal(), **more}
        return self.does(
            api.review, role, number, application_id=application_id, step=view.state,
            said=self.said(view, outcome, **more), seen=view.seen,
        )  # fmt: skip

    def proposal(self, **changes: Any):
        from bangfu.casework.origination import api

        told = {
            "amount_fen": 50_000 * YUAN, "term_months": 24, "rate_e8": 3_000_000, "interest_method": "daily_360",
            "funding": "own",
        }  # fmt: skip
        return api.Proposal(**(told | changes))

    def rated(self, application_id: str, *, limit_fen: int = 50_000 * YUAN, role="branch_officer") -> None:
        from bangfu.casework.origination import api

        household_id = self.view(application_id, role).household_id
        self.does(
            api.rate,
            role,
            household_id=household_id,
            grade="AA",
            limit_fen=limit_fen,
            reasons="经营正常，无不良记录",
        )

    def through(self, application_id: str, *, until: str = "approved") -> str:
        """Everybody agrees, up to a state."""
        state = self.view(application_id, "branch_officer").state
        if state == "village_review" and until != state:
            self.rated(application_id)
        while state != until:
            role = {
                "village_review": "village", "township_review": "township", "station_opinion": "station",
                "branch_examination": "branch_officer", "bank_decision": "branch_manager",
            }[state]  # fmt: skip
            state = self.reviews(application_id, role)
        return state

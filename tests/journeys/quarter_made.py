"""Those of a subsidy quarter who act by the apis, beside those in a browser."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bangfu.money.fen import format_yuan

OVER, LATER = datetime(2026, 12, 3, 2, tzinfo=UTC), datetime(2026, 12, 28, 2, tzinfo=UTC)
OTHER_TOWN = "522728101"
CONTACT = "云岭镇人民政府 0854-7600100"


def yuan(fen: int) -> str:
    return format_yuan(fen, grouped=True)


def words(page) -> str:
    return page.locator("main").inner_text()


def send(page, within: str = "main") -> None:
    """The main button of the form, and no refusal."""
    with page.expect_navigation():
        page.locator(f"{within} form .buttons button.primary").first.click()
    assert page.locator("main form [role=alert]").count() == 0, words(page)


class Desk:
    """What is done by the apis, and looks behind the pages."""

    def __init__(self, as_role) -> None:
        self.as_role = as_role

    def actor(self, role: str, number: int = 1, *, place: str = ""):
        """A person now; or as one who sits in another place."""
        from django.utils import timezone

        found = self.as_role(role, number, now=timezone.now())
        if not place:
            return found
        scope = replace(found.scope, **{"areas" if place.isdigit() else "institutions": (place,)})
        return replace(found, place=place, scope=scope)

    def does(self, actor, call, **given):
        from bangfu.casework.database.session import entered

        with entered(actor.scope):
            return call(actor=actor, **given)

    def everything(self):
        from bangfu.casework.database.session import Scope, entered

        return entered(Scope(everything=True))

    def lists(self, cycle_id):
        """Township → its list."""
        from bangfu.casework.subsidies import api as subsidies

        with self.everything():
            return {one.township: one for one in subsidies.lists_of(cycle_id=cycle_id, on=OVER.date())}

    def lines(self, list_id):
        from bangfu.casework.subsidies import api as subsidies

        with self.everything():
            return subsidies.lines_of([list_id], on=LATER.date())

    def seen(self, list_id) -> str:
        from bangfu.casework.subsidies import api as subsidies

        with self.everything():
            return subsidies.content_hash(subsidies.list_of(list_id, on=OVER.date()))


def beside(desk: Desk, view, *, until: str) -> None:
    """The second township's list, by the apis."""
    from bangfu.casework.notices import api as notices
    from bangfu.casework.subsidies import api as subsidies

    officer, manager = desk.actor("branch_officer", 2), desk.actor("branch_manager", 2)
    township, second = desk.actor("township", 2), desk.actor("township", 3, place=OTHER_TOWN)
    told = {"list_id": view.id, "not_own": True}
    if until == "posted":
        desk.does(officer, subsidies.compute, list_id=view.id)
        desk.does(manager, subsidies.submit_list, seen_hash=desk.seen(view.id), **told)
        desk.does(township, subsidies.review, outcome="forward", seen_hash=desk.seen(view.id), opinion="",
                  failed={}, **told)  # fmt: skip
        desk.does(township, notices.post, list_id=view.id, kind="before", contact=CONTACT)
        return
    desk.does(township, notices.close, list_id=view.id, seen_hash=desk.seen(view.id))
    desk.does(second, subsidies.submit, seen_hash=desk.seen(view.id), signed=subsidies.Signed("赵书记", "钱镇长"),
              **told)  # fmt: skip
    desk.does(desk.actor("bureau"), subsidies.confirm, seen_hash=desk.seen(view.id), **told)

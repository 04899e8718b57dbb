"""Lists of the registry: what is found, in which order, by how many questions, and never of the next township."""

from __future__ import annotations


def test_a_page_is_sorted_by_pinyin_and_filtered(as_role):
    from bangfu.casework.database.session import entered
    from bangfu.casework.registry import api as registry

    actor = as_role("bureau")
    with entered(actor.scope):
        page = registry.households(actor=actor, wanted=registry.Wanted())
        assert len(page.rows) == 50 < page.total
        keys = [row.pinyin for row in page.rows]
        assert keys == sorted(keys)
        first = page.rows[0]
        by_name = registry.households(actor=actor, wanted=registry.Wanted(name=first.head_name))
        assert first.household_id in {row.household_id for row in by_name.rows}

"""A list says what became of its payments and leads to notices, payments and archive; reports leave out zeros."""

from __future__ import annotations

import re
from collections import Counter

from tests.casework.payments_made import cycle, file_of, money, paying, results, sent  # noqa: F401


def text(answer) -> str:
    assert answer.status_code == 200, answer.content[:500]
    return answer.content.decode()


def test_a_lists_lines_say_what_became_of_their_payment(client_of, paying, money):  # noqa: F811
    from bangfu.casework.payments import api as payments

    batch = sent(money, paying.id)
    rows = money.did(payments.items, batch_id=batch.id).rows
    (most, _), *_ = Counter(one.list_id for one in rows).most_common()
    first = next(one for one in rows if one.list_id == most)
    reader, where = client_of("finance"), f"/subsidies/lists/{first.list_id}/"
    page = text(reader.get(where))
    assert "处理中</span>" in page
    assert "待发放</span>" not in page
    later, failed = money.at(2023, 10, 18), {first.number: {"状态": "失败", "原因": "系统超时"}}
    later.did(payments.take_results, batch_id=batch.id, name="r.csv",
              content=results(file_of(money, batch), changed=failed))  # fmt: skip
    page = text(reader.get(where))
    assert "失败</span>" in page
    assert "已发放</span>" in page
    assert "失败</span>" in text(reader.get(f"/subsidies/lines/{first.line_id}/"))
    assert "失败</span>" in text(reader.get(f"/loans/of/{first.loan_id}/"))
    for link in (f"{where}notices/", f"/subsidies/cycles/{paying.id}/payments/",
                 f"/subsidies/cycles/{paying.id}/archive/?place="):  # fmt: skip
        assert f'href="{link}' in page, link


def test_columns_of_zeros_are_left_out_on_the_screen(client_of, paying):  # noqa: F811
    page = text(client_of("finance").get(f"/subsidies/cycles/{paying.id}/reports/?kind=place"))
    heads = re.findall(r"<th scope=\"col\"[^>]*>([^<]+)</th>", page)
    assert "本期发放" in heads
    assert "剔除" not in heads
    assert "全为零的列这里不列" in page
    widths = {len(re.findall(r"<td", row)) for row in re.findall(r"<tr class=\"[^\"]*\">(.*?)</tr>", page)}
    assert widths == {len(heads)}


def test_a_village_is_told_whose_the_lists_are(client_of, paying):  # noqa: F811
    assert paying.id
    assert "清册由乡镇办理" in text(client_of("village").get("/subsidies/"))
    assert "清册由乡镇办理" not in text(client_of("township").get("/subsidies/"))

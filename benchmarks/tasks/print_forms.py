"""Print two hundred application forms, each with values of its own, after the first is made.

Run it alone with ``python -m benchmarks.tasks.print_forms``.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date
from statistics import median

from bangfu.reports.papers import ApplicationForm, Imprint, Opinion, Person, application_form

CALLS = 200
FORM = ApplicationForm(
    county="罗甸县",
    product="脱贫人口小额信贷",
    township="龙坪镇",
    village="五星村",
    registration_no="5227280300104567",
    applied_on=date(2021, 9, 1),
    applicant=Person(
        name="韦国强",
        sex="男",
        born=date(1979, 5, 4),
        marital_status="已婚",
        id_number="52272819790504121X",
        phone="13800001234",
        address="罗甸县龙坪镇五星村三组27号",
    ),
    household_size=5,
    spouse=Person(name="罗秀英", born=date(1981, 11, 2), id_number="522728198111020022", phone="13900005678"),
    term="36个月",
    village_opinion=Opinion(text="情况属实，同意上报。", person="陈永福", signed_on=date(2021, 9, 2)),
    imprint=Imprint(printed_by="王小芳"),
)


def run() -> dict[str, object]:
    """Milliseconds a form: the first of the process, the median warm, the slowest of a hundred."""
    lasted = []
    for number in range(CALLS + 1):
        form = replace(
            FORM, amount_fen=1_000_000 + number * 101, purpose=f"养殖能繁母牛{number}头。" * (1 + number % 9)
        )
        start = time.perf_counter()
        application_form(form)
        lasted.append((time.perf_counter() - start) * 1000)
    warm = sorted(lasted[1:])
    return {
        "first_ms": lasted[0],
        "median_ms": median(warm),
        "slowest_of_100_ms": warm[-max(len(warm) // 100, 1)],
        "forms": len(warm),
    }


if __name__ == "__main__":
    for name, value in run().items():
        print(f"{name}: {value:.1f}" if isinstance(value, float) else f"{name}: {value}")

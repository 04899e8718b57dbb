"""A county in the spring of 2026 with every case of the change of regimes, as files: what they are is said beside each.

The generated county's loans, and: transition loans renewed in the gap, extended before and after the notice of 2026,
an assistance loan that renews one, large needs with and without approval, a second loan beside an older one; four
payers side by side; other subsidies on the same days, one to be coordinated, one refused.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl

PACKS = {
    "TEST2026": """
id: TEST2026
number: 示范〔2026〕11号
title: 示范县帮扶小额信贷各级贴息办法（测试用，虚构）
issuers: [示范县财政局]
jurisdiction: "522728"
product: assistance
issued: 2026-02-24
contracts: {from: 2026-02-24}
builds_on: CN2026
clauses:
  "1":
    kind: P C
    text: Beside the centre the province pays 10% of the rate, the city 5%, the county 0.20 points.
    zh: 省级按利率10%、市级按5%、县级0.20个百分点贴息。
terms:
  subsidy.payers:
    value:
      - {payer: central, share_of_rate: 70%, max_points: "2.50"}
      - {payer: province, share_of_rate: 10%}
      - {payer: city, share_of_rate: 5%}
      - {payer: county, points: "0.20"}
    clause: "1"
""",
    "TEST2021": """
id: TEST2021
number: 示范〔2021〕11号
title: 示范县贴息不得重复享受的通知（测试用，虚构）
issuers: [示范县财政局]
jurisdiction: "522728"
product: transition
issued: 2021-03-15
contracts: {from: 2021-03-10, to: 2025-12-31}
builds_on: LD2021
clauses:
  "1":
    kind: P R
    text: A loan is subsidised once; another subsidy for the same days is refused.
    zh: 同一期间不得重复享受贴息。
terms:
  subsidy.overlap: {value: refuse, clause: "1"}
""",
}
BEFORE, AFTER = "L00000151", "L00000249"  # extended on 2025-12-10 and on 2026-04-18
IN_GAP, NEW = "R00000001", "R00000002"  # renewals: of L00000112 on 2026-01-17, of L00000251 on 2026-05-18
APPROVED, PLAIN, FULL, SECOND = "A00000001", "A00000002", "A00000003", "A00000004"
REFUSED = "L00000248"  # a transition loan with another subsidy on the same days
# Loan, whose place and branch it takes, product, parent, contract, maturity, principal, rate, approved ceiling.
_NEW = (
    (IN_GAP, "L00000112", "transition", True, "2026-01-17", "2028-01-17", "40000.00", "3.00", None),
    (NEW, "L00000251", "assistance", True, "2026-05-18", "2028-05-18", "40000.00", "3.20", None),
    (APPROVED, "L00000109", "assistance", False, "2026-03-30", "2028-03-30", "80000.00", "3.60", "80000.00"),
    (PLAIN, "L00000110", "assistance", False, "2026-03-30", "2028-03-30", "80000.00", "3.60", None),
    (FULL, "L00000111", "assistance", False, "2026-04-02", "2028-04-02", "100000.00", "3.60", "100000.00"),
    (SECOND, "L00000252", "assistance", False, "2026-04-07", "2028-04-07", "60000.00", "3.60", None),
)  # fmt: skip


def regimes_county(generated: Path, folder: Path) -> Path:
    """The county's files in a folder of their own, its packs beside them."""
    shutil.copytree(generated, folder)
    shutil.rmtree(folder / "packs")
    (folder / "packs").mkdir()
    for name, text in PACKS.items():
        (folder / "packs" / f"{name}.yaml").write_text(text, encoding="utf-8")
    _loans(folder / "loans.csv")
    _events(folder / "events.csv")
    _others(folder / "other_subsidies.csv")
    return folder


def _read(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, infer_schema=False)


def _appended(path: Path, rows: list[dict[str, str | None]]) -> None:
    before = _read(path)
    pl.concat([before, pl.DataFrame(rows, schema=before.schema)]).write_csv(path)


def _loans(path: Path) -> None:
    known = {row["loan_id"]: row for row in _read(path).iter_rows(named=True)}
    rows = []
    for loan, like, product, renews, signed, matures, principal, rate, ceiling in _NEW:
        rows.append(
            known[like]
            | {
                "loan_id": loan, "product": product, "kind": "renewal" if renews else "new",
                "parent_loan_id": like if renews else None, "applied_on": signed, "contract_on": signed,
                "matures_on": matures, "principal": principal, "rate": rate, "subsidy_ceiling": ceiling,
                "interest_method": "daily_360",
            }
        )  # fmt: skip
    _appended(path, rows)


def _events(path: Path) -> None:
    """Interest is collected on the day of settlement, so that what is collected first is subsidised after."""
    kept = _read(path).filter(~(pl.col("loan_id").is_in([BEFORE, AFTER]) & (pl.col("on") > "2026-03-20")))
    kept.write_csv(path)

    def row(loan: str, on: str, kind: str, amount: str | None = None, value: str | None = None):
        return {"loan_id": loan, "on": on, "kind": kind, "amount": amount, "value": value, "recorded_on": on}

    rows = [row(BEFORE, "2025-12-10", "extended", value="2027-04-13")]
    rows += [row(AFTER, "2026-04-18", "extended", value="2027-04-20")]
    for loan, like, _, renews, signed, _, principal, *_ in _NEW:
        if renews and like == "L00000251":
            rows.append(row(like, signed, "repaid", "40000.00"))
        rows.append(row(loan, signed, "disbursed", principal))
    rows += [row(loan, "2026-06-20", "interest_collected", "900.00") for loan in (BEFORE, AFTER, IN_GAP)]
    _appended(path, rows)


def _others(path: Path) -> None:
    twice = {
        "programme": "县级产业贷款贴息（示范）", "period_start": "2026-03-21", "period_end": "2026-06-21",
        "amount": "100.00",
    }  # fmt: skip
    _appended(path, [twice | {"loan_id": REFUSED}, twice | {"loan_id": PLAIN}])

"""The wide ledger of domain.md §4.2, split by the shipped mapping; and mapping files that are wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
import yaml

from bangfu.facts import BadFacts, read_facts
from bangfu.facts.mapping import load_mapping, shipped_names, shipped_text

LAYOUT = """序号 乡镇 行政村 组别 户主姓名 身份证号 家庭人口数 贷款人姓名 贷款人身份证 与户主关系 脱贫属性
原有余额 原有贷款是否逾期 原有逾期金额 原有逾期时间 原有欠息金额 原有欠息时间
信用等级评定 授信额度 授信金融机构 授信时间 贷款金额 贷款期限 放款日期 到期日期 贷款利率 贷款金融机构
累计贴息金额（元） 偿还贷款金额 还款时间 贷款余额（万元） 逾期贷款金额 贷款逾期时间 欠息金额（元） 欠息时间
应贷未贷识别 贷款用途 备注 操作 操作人 操作时间 审核状态 审核人 审核时间 原因""".split()  # noqa: SIM905
UNITS = {"贷款金额": "贷款金额（万元）", "偿还贷款金额": "偿还贷款金额（万元）"}
ID_1, ID_2 = "11010519491231002X", "522728198503152212"

ROWS: list[dict[str, object]] = [
    {
        "序号": 1, "乡镇": "甲镇", "行政村": "一村", "户主姓名": "张某", "身份证号": ID_1,
        "贷款人姓名": "张某", "贷款人身份证": ID_1, "与户主关系": "本人", "脱贫属性": "脱贫户",
        "贷款金额": 5, "贷款期限": "3年", "放款日期": date(2022, 3, 1), "到期日期": date(2025, 3, 1),
        "贷款利率": 3.85, "贷款金融机构": "信用社", "偿还贷款金额": 1.5, "还款时间": date(2023, 3, 1),
        "贷款余额（万元）": 3.5, "贷款用途": "养牛",
    },
    {
        "序号": 2, "乡镇": "甲镇", "行政村": "二村", "户主姓名": "李某", "身份证号": ID_2,
        "贷款人姓名": "李小某", "贷款人身份证": "522728200001010011", "与户主关系": "长子", "脱贫属性": "一般户",
        "贷款金额": 3.33333, "放款日期": "2019.3.1", "到期日期": "2022年3月1日",
        "贷款利率": "4.75%", "贷款金融机构": "信用社", "偿还贷款金额": 0,
        "贷款余额（万元）": 3.33333, "贷款用途": "种植",
    },
    {
        "序号": 3, "乡镇": "甲镇", "行政村": "一村", "户主姓名": "张某", "身份证号": ID_1,
        "贷款人姓名": "张某", "贷款人身份证": ID_1, "与户主关系": "户主", "脱贫属性": "脱贫户",
        "贷款金额": 2, "放款日期": date(2026, 3, 1), "到期日期": date(2027, 3, 1),
        "贷款利率": 3, "贷款金融机构": "信用社", "偿还贷款金额": "",
        "贷款余额（万元）": 2, "贷款用途": "看看",
    },
    {"序号": "合计", "贷款金额": 10.33333},
]  # fmt: skip


def ledger(
    path: Path, rows: list[dict[str, object]], headers: list[str] | None = None, *, title: bool = True
) -> Path:
    shown = headers or [UNITS.get(header, header) for header in LAYOUT]
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("台账")
        if title:
            sheet.write_string(0, 0, "某县脱贫人口小额信贷台账")
        for place, header in enumerate(shown):
            sheet.write_string(int(title), place, header)
        for below, row in enumerate(rows, int(title) + 1):
            for place, header in enumerate(LAYOUT):
                if header in row:
                    sheet.write(below, place, row[header])
    return path


@pytest.fixture
def sheet(tmp_path) -> Path:
    return ledger(tmp_path / "台账.xlsx", ROWS)


def test_the_ledger_becomes_tables(sheet):
    facts = read_facts(sheet, mapping="ledger@522728")
    assert facts.households.select("household_id", "area_code", "head_name").rows() == [
        ("H00001", "522728901901", "张某"),
        ("H00002", "522728901902", "李某"),
    ]
    assert facts.members.select("member_id", "household_id", "name", "relation").rows() == [
        ("M00001", "H00001", "张某", "head"),
        ("M00002", "H00002", "李某", "head"),
        ("M00003", "H00002", "李小某", "child"),
    ]
    assert facts.roster.select("household_id", "category", "listed_on").rows() == [
        ("H00001", "out_of_poverty", date(2022, 3, 1)),
        ("H00001", "out_of_poverty", date(2026, 3, 1)),
    ]
    assert facts.loans.select(
        "loan_id", "household_id", "product", "principal_fen", "rate_e8", "purpose"
    ).rows() == [
        ("L00001", "H00001", "transition", 5_000_000, 3_850_000, "livestock"),
        ("L00002", "H00002", "poverty", 3_333_330, 4_750_000, "crops"),
        ("L00003", "H00001", "assistance", 2_000_000, 3_000_000, None),
    ]
    assert facts.loans["matures_on"].to_list() == [date(2025, 3, 1), date(2022, 3, 1), date(2027, 3, 1)]
    assert facts.events.select("loan_id", "on", "kind", "amount_fen").rows() == [
        ("L00001", date(2022, 3, 1), "disbursed", 5_000_000),
        ("L00002", date(2019, 3, 1), "disbursed", 3_333_330),
        ("L00003", date(2026, 3, 1), "disbursed", 2_000_000),
        ("L00001", date(2023, 3, 1), "repaid", 1_500_000),
    ]
    assert facts.missing >= {"subsidies", "transfers", "insurance", "fund"}


def test_what_is_not_placed_and_what_is_made_up_is_listed(sheet):
    warnings = read_facts(sheet, mapping="ledger@522728").warnings
    not_placed = {warning.column for warning in warnings if warning.code == "not_placed"}
    used = """乡镇 行政村 户主姓名 身份证号 贷款人姓名 贷款人身份证 与户主关系 脱贫属性 贷款金额 放款日期
    到期日期 贷款利率 贷款金融机构 偿还贷款金额 还款时间 贷款余额（万元） 贷款用途""".split()  # noqa: SIM905
    assert not_placed == set(LAYOUT) - set(used)
    made = {warning.en for warning in warnings if warning.code == "made_up"}
    assert any("household_id" in one for one in made)
    assert any("loans.interest_method = daily_360" in one for one in made)
    assert [(warning.row, warning.value) for warning in warnings if warning.code == "value_not_placed"] == [
        (5, "看看")
    ]
    assert [warning.row for warning in warnings if warning.code == "total_row_skipped"] == [6]
    assert "balance_differs" not in {warning.code for warning in warnings}


def test_the_layout_as_published_states_no_unit_and_is_refused(tmp_path, refused):
    path = ledger(tmp_path / "l.xlsx", ROWS, LAYOUT)
    assert refused(path, mapping="ledger@522728") == ["unit_unclear", "unit_unclear"]


def test_without_division_codes_the_county_must_be_named(sheet, refused):
    assert refused(sheet, mapping="ledger") == ["area_unknown"]
    assert refused(sheet, mapping="台账@52") == ["bad_mapping"]


def test_without_a_mapping_the_ledger_is_no_table(sheet, refused):
    assert "unknown_sheet" in refused(sheet)


def test_bad_cells_are_told_once_under_the_ledgers_own_header(tmp_path):
    rows = [
        {**ROWS[0], "贷款人身份证": 11010519491231002, "放款日期": "2022-02-30", "身份证号": "1"},
        *ROWS[1:3],
    ]
    with pytest.raises(BadFacts) as bad:
        read_facts(ledger(tmp_path / "l.xlsx", rows), mapping="ledger@522728")
    found = {(problem.row, problem.column, problem.code) for problem in bad.value.problems}
    assert found == {
        (3, "贷款人身份证", "id_number_as_number"),
        (3, "放款日期", "bad_date"),
        (3, "身份证号", "id_number_wrong_shape"),
    }
    assert len(bad.value.problems) == len(found)
    facts = read_facts(ledger(tmp_path / "l.xlsx", rows), mapping="ledger@522728", leave_out_bad_rows=True)
    assert facts.loans["loan_id"].to_list() == ["L00002", "L00003"]
    assert facts.left_out


def test_a_loan_that_stands_twice_is_refused(tmp_path, refused):
    assert refused(ledger(tmp_path / "l.xlsx", [*ROWS[:2], ROWS[0]]), mapping="ledger@522728") == [
        "duplicate_key"
    ]


def test_a_balance_that_does_not_agree_and_a_household_told_twice_are_said(tmp_path):
    rows = [{**ROWS[0], "贷款余额（万元）": 3.4}, ROWS[1], {**ROWS[2], "户主姓名": "章某"}]
    warnings = read_facts(ledger(tmp_path / "l.xlsx", rows), mapping="ledger@522728").warnings
    said = [(warning.code, warning.row) for warning in warnings]
    assert ("balance_differs", 3) in said
    assert ("merged_differs", 5) in said


def test_repaid_without_a_day_or_a_day_without_amount(tmp_path, refused):
    rows = [{**ROWS[0], "还款时间": ""}, {**ROWS[1], "还款时间": date(2020, 1, 1)}]
    assert refused(ledger(tmp_path / "l.xlsx", rows), mapping="ledger@522728") == [
        "empty_required",
        "amount_missing",
    ]


def test_unknown_headers_get_suggestions(tmp_path):
    headers = [
        {"贷款用途": "贷款的用途", "备注": ""}.get(header, UNITS.get(header, header)) for header in LAYOUT
    ]
    facts = read_facts(ledger(tmp_path / "l.xlsx", ROWS, headers), mapping="ledger@522728")
    said = {warning.column: warning.zh for warning in facts.warnings if warning.code == "not_placed"}
    assert "贷款用途" in said["贷款的用途"]
    assert facts.loans["purpose"].null_count() == 3


def test_a_sheet_a_township_is_one_ledger(tmp_path):
    path = tmp_path / "l.xlsx"
    shown = [UNITS.get(header, header) for header in LAYOUT]
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        for township, rows in (
            ("甲镇", ROWS[:1]),
            ("乙镇", [{**ROWS[1], "乡镇": "乙镇"}, {**ROWS[2], "户主姓名": "章某"}]),
        ):
            sheet = book.add_worksheet(township)
            sheet.write_row(0, 0, shown)
            for below, row in enumerate(rows, 1):
                for place, header in enumerate(LAYOUT):
                    if header in row:
                        sheet.write(below, place, row[header])
    facts = read_facts(path, mapping="ledger@522728")
    assert facts.loans.select("loan_id", "household_id", "area_code").rows() == [
        ("L00001", "H00001", "522728902901"),
        ("L00002", "H00002", "522728901901"),
        ("L00003", "H00001", "522728902901"),
    ]
    assert facts.households["household_id"].to_list() == ["H00001", "H00002"]
    assert facts.members["member_id"].to_list() == ["M00001", "M00002", "M00003"]
    said = [(warning.sheet, warning.row) for warning in facts.warnings if warning.code == "merged_differs"]
    assert said == [("乙镇", 3)]
    with pytest.raises(BadFacts) as bad:
        read_facts(ledger_of_two(tmp_path, {**ROWS[2], "放款日期": "x"}), mapping="ledger@522728")
    assert [(problem.sheet, problem.row, problem.code) for problem in bad.value.problems] == [
        ("二", 2, "bad_date")
    ]


def ledger_of_two(tmp_path: Path, second: dict[str, object]) -> Path:
    path = tmp_path / "two.xlsx"
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        for name, row in (("一", ROWS[0]), ("二", second)):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, [UNITS.get(header, header) for header in LAYOUT])
            sheet.write_row(1, 0, [row.get(header, "") for header in LAYOUT])
    return path


def test_headers_of_two_levels(tmp_path):
    path = tmp_path / "l.xlsx"
    groups = {
        "乡镇": "乡镇",
        "行政村": "行政村",
        "户主姓名": "户主姓名",
        "贷款金额": "贷款情况",
        "身份证号": "身份证号",
    }
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("台账")
        sheet.write_string(0, 0, "某县台账")
        for place, header in enumerate(LAYOUT):
            sheet.write_string(1, place, groups.get(header, ""))
            sheet.write_string(2, place, "" if groups.get(header) == header else UNITS.get(header, header))
            for below, row in enumerate(ROWS[:3], 3):
                if header in row:
                    sheet.write(below, place, row[header])
    facts = read_facts(path, mapping="ledger@522728")
    assert facts.households["head_name"].to_list() == ["张某", "李某"]
    assert facts.loans["principal_fen"].sum() == 10_333_330


def test_a_household_without_a_loan_fills_no_loan(tmp_path):
    blank = dict.fromkeys(
        ("贷款金额", "放款日期", "到期日期", "贷款利率", "偿还贷款金额", "还款时间", "贷款余额（万元）"), ""
    )
    facts = read_facts(ledger(tmp_path / "l.xlsx", [{**ROWS[0], **blank}, ROWS[1]]), mapping="ledger@522728")
    assert facts.households.height == 2
    assert facts.loans["household_id"].to_list() == ["H00002"]
    assert facts.roster.is_empty()
    assert ("value_not_placed", 3, "脱贫属性") in {(one.code, one.row, one.column) for one in facts.warnings}


def test_two_columns_for_one_field(tmp_path, refused):
    headers = ["放款金额（万元）" if header == "备注" else UNITS.get(header, header) for header in LAYOUT]
    assert refused(ledger(tmp_path / "l.xlsx", ROWS, headers), mapping="ledger@522728") == ["column_twice"]


def test_a_ledger_as_csv_with_codes_and_numbers_of_its_own(tmp_path):
    path = tmp_path / "台账.csv"
    path.write_text(
        "借据号,户编号,行政区划代码,户主姓名,身份证号,贷款人身份证,贷款金额（元）,放款日期,到期日期,贷款利率,贷款金融机构\n"
        f"JJ1,H7,522728101201,张某,{ID_1},{ID_1},50000,2022-03-01,2025-03-01,3.85,信用社\n"
    )
    facts = read_facts(path, mapping="ledger")
    assert facts.loans.select("loan_id", "household_id", "area_code").rows() == [
        ("JJ1", "H7", "522728101201")
    ]


def test_a_changed_copy_of_the_mapping(tmp_path):
    content = yaml.load(shipped_text("ledger"), Loader=yaml.BaseLoader)  # noqa: S506
    content["areas"] = {"甲镇/一村": "522728101201"}
    content["county"] = "522728"
    content["fields"]["principal"]["unit"] = "wan"
    content["fields"]["repaid"]["unit"] = "wan"
    copy = tmp_path / "mine.yaml"
    copy.write_text(yaml.safe_dump(content, allow_unicode=True))
    facts = read_facts(ledger(tmp_path / "l.xlsx", ROWS, LAYOUT), mapping=copy)
    assert facts.households["area_code"].to_list() == ["522728101201", "522728901902"]
    assert facts.loans["principal_fen"].to_list()[0] == 5_000_000


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda m: m.update(colour="red"), "colour"),
        (lambda m: m["tables"].update(lons=[]), "loans"),
        (lambda m: m["tables"]["loans"][0]["columns"].update(principl="principal"), "principal"),
        (lambda m: m["tables"]["loans"][0]["columns"].update(principal="princpal"), "principal"),
        (lambda m: m["computed"].update(x=[{"made": "L"}]), "x"),
        (lambda m: m["computed"].update(x=[{"field": "nothing"}]), "nothing"),
        (lambda m: m["fields"]["rate"].update(unit="permille"), "unit"),
        (lambda m: m.update(balance={"stated": "balance", "lent": "lent", "less": "repaid"}), "lent"),
    ],
)
def test_a_mapping_that_is_wrong_says_where(tmp_path, spoil, said):
    content = load_mapping("ledger").model_dump(by_alias=True, mode="json", exclude_defaults=True)
    spoil(content)
    path = tmp_path / "m.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True))
    with pytest.raises(BadFacts) as bad:
        load_mapping(path)
    assert [problem.code for problem in bad.value.problems] == ["bad_mapping"]
    assert said in bad.value.problems[0].en


@pytest.mark.parametrize("text", ["a: [", "- 1", "", "\xff\xfe", "a: &a [*a]", "{" * 3000])
def test_what_is_no_mapping_is_refused(tmp_path, text):
    path = tmp_path / "m.yaml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(BadFacts) as bad:
        load_mapping(path)
    assert [problem.code for problem in bad.value.problems] == ["bad_mapping"]


def test_names_of_mappings():
    assert shipped_names() == ("ledger",)
    with pytest.raises(BadFacts) as bad:
        load_mapping("leger")
    assert "ledger" in bad.value.problems[0].en

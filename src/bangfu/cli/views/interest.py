"""The interest of one principal: typed text in, JSON or a table out."""

from __future__ import annotations

from datetime import date

from bangfu.cli.language import say, spoken
from bangfu.cli.output import BadInput, print_json, say_out, table
from bangfu.engine.interest import BadInterest, InterestResult, interest
from bangfu.money.fen import format_yuan, parse_yuan
from bangfu.money.rates import format_percent, parse_contract_rate


def show(*, principal: str, rate: str, start: date, end: date, method: str, as_json: bool) -> None:
    """Compute and print.

    Raises:
        BadInput: The principal, the rate, the method or the period cannot be.
    """
    try:
        principal_fen, rate_e8 = parse_yuan(principal), parse_contract_rate(rate)
        result = interest(principal_fen=principal_fen, rate_e8=rate_e8, start=start, end=end, method=method)
    except BadInterest as wrong:
        raise BadInput(str(wrong)) from None
    except ValueError as wrong:
        raise BadInput(say(f"本金或利率无法识别：{wrong}", f"principal or rate: {wrong}")) from None
    if as_json:
        print_json(_document(result))
        return
    say_out(
        say("本金", "Principal") + f" {format_yuan(principal_fen, grouped=True)}  "
        + say("年利率", "rate") + f" {format_percent(rate_e8)} %  {start} → {end}  {method}",
    )  # fmt: skip
    rows = [
        (
            step.zh if spoken() == "zh" else step.en,
            step.name,
            f"{step.value:,}",
            step.unit,
            ", ".join(step.clauses),
        )
        for step in result.steps
    ]
    headers = (
        say("步骤", "step"),
        say("名称", "name"),
        say("数值", "value"),
        say("单位", "unit"),
        say("依据", "clauses"),
    )
    table(headers, rows, right=(2,))
    say_out(
        say(
            f"利息 {format_yuan(result.interest_fen, grouped=True)} 元，{result.days} 天，"
            f"实际年利率 {result.effective_annual_rate_percent} %",
            f"interest {format_yuan(result.interest_fen, grouped=True)} yuan, {result.days} days, "
            f"effective annual rate {result.effective_annual_rate_percent} %",
        )
    )


def _document(result: InterestResult) -> dict[str, object]:
    return {
        "interest_fen": result.interest_fen,
        "days": result.days,
        "method": result.method,
        "effective_annual_rate_percent": result.effective_annual_rate_percent,
        "steps": [
            {"name": step.name, "value": step.value, "unit": step.unit, "zh": step.zh, "en": step.en,
             "clauses": list(step.clauses)}
            for step in result.steps
        ],
    }  # fmt: skip

"""Runs the worked examples of every rule at this site."""

from __future__ import annotations

from bangfu.cli.language import say
from bangfu.cli.output import print_json, say_out, step, tell_some
from bangfu.rules.cases import selftest


def run(*, as_json: bool) -> bool:
    """Run and print; whether all came out as written."""
    with step("自检", "Running the worked examples"):
        result = selftest()
    if as_json:
        shortfalls = [str(one) for one in result.shortfalls]
        print_json({"passed": result.passed, "cases": result.cases, "shortfalls": shortfalls})
        return result.passed
    tell_some([str(one) for one in result.shortfalls])
    say_out(
        say(f"自检通过：{result.cases} 个算例", f"Passed: {result.cases} worked examples")
        if result.passed
        else say(f"自检未通过：{len(result.shortfalls)} 处不符", f"Failed: {len(result.shortfalls)} differ")
    )
    return result.passed

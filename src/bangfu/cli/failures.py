"""What went wrong, said so that the user can mend it; a traceback reaches nobody."""

from __future__ import annotations

from typing import Any

from bangfu import __version__
from bangfu.cli.language import say, spoken
from bangfu.cli.output import BAD_INPUT, FOUND, OUR_FAULT, BadInput, print_json, tell, tell_some
from bangfu.facts import BadFacts, Problem
from bangfu.policy import PackError
from bangfu.refusals import Refusal, Refused
from bangfu.reports.paper import TooManyRows

INTERRUPTED = 130
OUR_PACKAGE = "bangfu"


def report(error: BaseException, *, as_json: bool) -> int:
    """Say what went wrong on standard error, and as one document where JSON was asked for; give the exit code."""
    if isinstance(error, BadFacts):
        count = len(error.problems)
        heading = say(
            f"资料有 {count} 处错误，未导入任何数据：", f"{count} problem(s); nothing was imported:"
        )
        lines = [problem.sentence(spoken()) for problem in error.problems]
        return _bad([problem_json(problem) for problem in error.problems], [heading, *lines], as_json=as_json)
    if isinstance(error, PackError):
        errors = (error, *error.others)
        return _bad([pack_error_json(one) for one in errors], [str(one) for one in errors], as_json=as_json)
    if isinstance(error, Refused):
        return _refused(error.refusal, as_json=as_json)
    words = _wrong_with_input(error)
    if words:
        return _bad([{"code": "bad_input", "message": words}], [words], as_json=as_json)
    if isinstance(error, KeyboardInterrupt):
        tell(say("已中断，没有写出任何文件", "Interrupted; nothing was written"))
        return INTERRUPTED
    return _our_fault(error)


def _bad(problems: list[dict[str, Any]], lines: list[str], *, as_json: bool) -> int:
    if as_json:
        print_json({"problems": problems})
    tell_some(lines)
    return BAD_INPUT


def _wrong_with_input(error: BaseException) -> str:
    """What the user gave that cannot be; empty where it is not the user's."""
    if isinstance(error, BadInput):
        return str(error)
    if isinstance(error, TooManyRows):
        return say(
            "清册超过一张表的行数，请写出 .csv 或 .parquet",
            "The list is longer than a sheet: write .csv or .parquet",
        )
    if isinstance(error, OSError):
        name = f"{error.filename}: " if error.filename else ""
        return f"{name}{error.strerror or type(error).__name__}"
    return ""


def _refused(refusal: Refusal, *, as_json: bool) -> int:
    """The whole of what was asked is refused; a place or product that cannot be is bad input."""
    if as_json:
        told = {"code": refusal.code, "clauses": list(refusal.clauses), "facts": dict(refusal.facts)}
        print_json({"refusals": [told]})
    tell(refusal.sentence(spoken()))
    return BAD_INPUT if "missing" in refusal.facts else FOUND


def problem_json(problem: Problem) -> dict[str, Any]:
    """A problem of a file for JSON."""
    names = ("file", "sheet", "row", "column", "value", "code", "zh", "en")
    return {name: getattr(problem, name) for name in names}


def pack_error_json(error: PackError) -> dict[str, Any]:
    """What is wrong with a pack for JSON."""
    return {"file": error.file, "line": error.line, "code": error.code, "message": error.message}


def _our_fault(error: BaseException) -> int:
    """The place in the code and the kind of error: no values, which may be personal."""
    trace = error.__traceback__
    place = ""
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        if module.partition(".")[0] == OUR_PACKAGE:
            place = f"{module}:{trace.tb_lineno}"
        trace = trace.tb_next
    what = f"{type(error).__name__} {place} bangfu {__version__}"
    tell(
        say(
            f"程序内部错误（{what}）。没有写出结果。请把这一行和所用命令报给维护者，不要附带个人资料。",
            f"An error of the program itself ({what}). No result was written. Report this line and the command "
            "to the maintainers; do not attach personal data.",
        )
    )
    return OUR_FAULT

